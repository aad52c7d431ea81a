//! Values of records: references, dates and times relative to the start of the session.

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::{Reference, Seeder};
use crate::diagnostics::{Diagnostic, YamlNode};
use crate::model::{FieldValue, Fields, exact_number};
use crate::openapi::FieldType;
use crate::request::time_text;

impl Seeder<'_> {
    /// The value of a field; `None` if anything in it is invalid.
    pub(super) fn value(&mut self, kind: &FieldType, tree: &YamlNode) -> Option<FieldValue> {
        let value = match kind {
            FieldType::Text => tree.text().map(FieldValue::from),
            FieldType::Boolean => tree.boolean().map(FieldValue::from),
            FieldType::Integer => match FieldValue::from(&exact_json(tree)) {
                whole @ FieldValue::Integer(_) => Ok(whole),
                _ => Err(tree.expected("a whole number")),
            },
            FieldType::Decimal => {
                let value = FieldValue::from(&exact_json(tree));
                match value.as_decimal().ok_or_else(|| tree.expected("a number")) {
                    // A default can be an integer.
                    Ok(_) if self.snapshot.is_some() && matches!(value, FieldValue::Integer(_)) => Ok(value),
                    number => number.map(FieldValue::from),
                }
            }
            FieldType::Date => self.date(tree).map(|date| self.as_written(tree, date.to_string().into())),
            FieldType::Time => self.time(tree).map(|time| self.as_written(tree, time)),
            FieldType::Any => Ok(FieldValue::from(&exact_json(tree))),
            FieldType::Ref(kind) => tree.text().map(|id| {
                let id = CompactString::from(id);
                self.references.push(Reference { span: tree.span, kind: kind.clone(), id: id.clone() });
                id.into()
            }),
            FieldType::List(element) => {
                let list = self.diagnostics.collect(tree.list())?;
                let values: Vec<Option<FieldValue>> = list.iter().map(|tree| self.value(element, tree)).collect();
                return values.into_iter().collect::<Option<Vec<FieldValue>>>().map(FieldValue::from);
            }
            FieldType::Object(parts) => {
                let mut entries = self.diagnostics.collect(tree.entries("an element"))?;
                let known = self.diagnostics.count();
                let mut fields = Fields::new();
                for (name, kind) in parts {
                    let value = entries.take_nullable(name).and_then(|tree| self.value(kind, tree));
                    fields.set(name, value);
                }
                entries.finish_with(&mut self.diagnostics);
                return (self.diagnostics.count() == known).then(|| fields.into());
            }
        };
        self.diagnostics.collect(value)
    }

    /// A date or time in the form of records; a snapshot keeps the form in which it is written.
    fn as_written(&self, tree: &YamlNode, value: CompactString) -> FieldValue {
        match tree.text() {
            Ok(text) if self.snapshot.is_some() && !text.starts_with("today") => text.into(),
            _ => value.into(),
        }
    }

    /// A date: `2026-02-08`, `today`, `today+10d`, `today-3m`.
    pub(super) fn date(&self, tree: &YamlNode) -> Result<Date, Diagnostic> {
        let text = tree.text()?;
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = match text.strip_prefix("today") {
            None => text.parse().ok(),
            Some("") => Some(today),
            Some(offset) => span_of(offset).and_then(|span| today.checked_add(span).ok()),
        };
        let advice = "write 2026-02-08, today, or today+10d (d, w, m or y)";
        date.ok_or_else(|| Diagnostic::new(tree.span, format!("`{text}` is not a date")).help(advice))
    }

    /// A time (`2026-02-08T10:00:00Z`), or midnight of a date as in [`Seeder::date`].
    pub(super) fn time(&self, tree: &YamlNode) -> Result<CompactString, Diagnostic> {
        match tree.text()?.parse::<Timestamp>() {
            Ok(time) => Ok(time_text(time)),
            Err(_) => self.date(tree).map(|day| compact_str::format_compact!("{day}T00:00:00.000Z")),
        }
    }
}

/// A value with all digits of its numbers.
pub(in crate::scenarios) fn exact_json(tree: &YamlNode) -> Value {
    tree.to_json_with(&|text, number| exact_number::number(text).unwrap_or_else(|| Value::Number(number.clone())))
}

/// The time span of `+10d`, `-3m`: days, weeks, months or years.
fn span_of(offset: &str) -> Option<jiff::Span> {
    let (number, unit) = offset.split_at_checked(offset.len().checked_sub(1)?)?;
    let number: i64 = number.strip_prefix('+').unwrap_or(number).parse().ok()?;
    match unit {
        "d" => jiff::Span::new().try_days(number).ok(),
        "w" => jiff::Span::new().try_weeks(number).ok(),
        "m" => jiff::Span::new().try_months(number).ok(),
        "y" => jiff::Span::new().try_years(number).ok(),
        _ => None,
    }
}
