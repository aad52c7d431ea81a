use std::sync::Arc;

use compact_str::ToCompactString as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use super::json_sink::{JsonBytes, JsonSink, JsonTree};
use super::{AddedField, RecordView, Reply, ReplyPart, is_id_field};
use crate::model::{FieldValue, decimal_text};
use crate::openapi::{Member, Shape};

/// Writes a reply in the shape of the documented response: its names, their order, its JSON types.
///
/// Values that the shape does not have are left out; names of the shape without a value are `null`.
pub struct ShapedWriter<'a, S> {
    sink: S,
    zone: &'a TimeZone,
}

impl<'a> ShapedWriter<'a, JsonBytes<'a>> {
    /// Appends a reply as JSON text to `out`. Time stamps with an offset are written in `zone`.
    pub fn write(out: &'a mut Vec<u8>, shape: &Shape, reply: &Reply, zone: &'a TimeZone) {
        ShapedWriter { sink: JsonBytes::new(out), zone }.reply(shape, reply);
    }
}

impl ShapedWriter<'_, JsonTree> {
    /// Builds the value whose JSON text [`ShapedWriter::write`] writes.
    pub fn build(shape: &Shape, reply: &Reply, zone: &TimeZone) -> Value {
        let mut writer = ShapedWriter { sink: JsonTree::default(), zone };
        writer.reply(shape, reply);
        writer.sink.into_value()
    }

    /// Whether a documented field of a view is written as a value without a shape is.
    pub fn shows(member: &Member, view: &RecordView, value: &FieldValue, zone: &TimeZone) -> bool {
        if view.member(member).is_some_and(|known| is_same(known, value)) {
            return is_plain(&member.shape, value, zone);
        }
        let mut documented = ShapedWriter { sink: JsonTree::default(), zone };
        documented.documented_field(member, view);
        let mut plain = ShapedWriter { sink: JsonTree::default(), zone };
        plain.value(&Shape::Any, value);
        documented.sink.into_value() == plain.sink.into_value()
    }
}

impl<S: JsonSink> ShapedWriter<'_, S> {
    fn reply(&mut self, shape: &Shape, reply: &Reply) {
        match shape {
            Shape::Object(members) => {
                self.members(members, |writer, member| {
                    match reply.parts.iter().find(|(name, _)| *name == member.name) {
                        Some((_, part)) => writer.part(&member.shape, part),
                        None => writer.sink.null(),
                    }
                });
            }
            _ => {
                let parts = reply.parts.iter().map(|(name, part)| (name.as_str(), part));
                self.entries(parts, |writer, part| writer.part(&Shape::Any, part));
            }
        }
    }

    fn part(&mut self, shape: &Shape, part: &ReplyPart) {
        match (shape, part) {
            (_, ReplyPart::RecordView(view)) => self.view(shape, view),
            (_, ReplyPart::FieldValue(value)) => self.value(shape, value),
            (Shape::List(element), ReplyPart::Views(views)) => {
                self.list(views, |writer, view| writer.view(element, view));
            }
            (_, ReplyPart::Views(views)) => self.list(views, |writer, view| writer.view(&Shape::Any, view)),
        }
    }

    fn view(&mut self, shape: &Shape, view: &RecordView) {
        let Shape::Object(members) = shape else {
            let id = FieldValue::from(view.id());
            let fields = std::iter::once(("id", &id)).chain(view.iter());
            return self.entries(fields, |writer, value| writer.value(&Shape::Any, value));
        };
        let shown = members.iter().filter(|member| !view.hides(&member.name));
        self.sink.begin_object();
        let mut is_first = true;
        for member in shown {
            self.sink.member(member, std::mem::take(&mut is_first));
            match view.added_field(&member.name) {
                Some(field) => self.added_field(shape, view, field),
                None => self.documented_field(member, view),
            }
        }
        for (name, field) in view.added().iter().filter(|(name, _)| shape.get(name).is_none()) {
            self.sink.name(name, std::mem::take(&mut is_first));
            self.added_field(shape, view, field);
        }
        self.sink.end_object();
    }

    fn added_field(&mut self, shape: &Shape, view: &RecordView, field: &AddedField) {
        match field {
            AddedField::Value(value) => self.value(&Shape::Any, value),
            AddedField::CopyOf(name) => match shape.member(name) {
                Some(member) => self.documented_field(member, view),
                None => self.sink.null(),
            },
        }
    }

    fn documented_field(&mut self, member: &Member, view: &RecordView) {
        match view.member(member) {
            Some(value) => self.value(&member.shape, value),
            None if is_id_field(&member.name) => self.sink.text(view.id()),
            None => self.sink.null(),
        }
    }

    fn value(&mut self, shape: &Shape, value: &FieldValue) {
        match (shape, value) {
            (Shape::Object(members), FieldValue::Object(fields)) => {
                self.members(members, |writer, member| match fields.get_hinted(&member.name, &member.hint) {
                    Some(value) => writer.value(&member.shape, value),
                    None => writer.sink.null(),
                });
            }
            (Shape::List(element), FieldValue::List(list)) => {
                self.list(&**list, |writer, value| writer.value(element, value));
            }
            (Shape::List(_), FieldValue::Null) => self.list(&[], |_, _: &()| {}),
            (Shape::Text, FieldValue::Decimal(number)) => self.sink.text(&decimal_text(*number)),
            (Shape::Text, FieldValue::Integer(number)) => self.sink.text(&number.to_compact_string()),
            (Shape::Text, FieldValue::Bool(truth)) => self.sink.text(if *truth { "true" } else { "false" }),
            (Shape::Number, FieldValue::Text(text)) => match text.parse() {
                Ok(number) => self.sink.value(&FieldValue::Decimal(number)),
                Err(_) => self.sink.text(text),
            },
            (Shape::Bool, FieldValue::Text(_)) => self.sink.value(&FieldValue::Bool(value.is_true())),
            (Shape::Time { millis, offset }, FieldValue::Text(text)) => {
                match reformat_time_text(text, *millis, *offset, self.zone) {
                    Some(text) => self.sink.text(&text),
                    None => self.sink.text(text),
                }
            }
            (_, FieldValue::Text(text)) => self.sink.text(text),
            (_, FieldValue::Null) => self.sink.null(),
            (_, value) => self.sink.value(value),
        }
    }

    /// An object with the names of a shape.
    fn members<'m>(
        &mut self,
        members: impl IntoIterator<Item = &'m Member>,
        mut write: impl FnMut(&mut Self, &'m Member),
    ) {
        self.sink.begin_object();
        for (index, member) in members.into_iter().enumerate() {
            self.sink.member(member, index == 0);
            write(self, member);
        }
        self.sink.end_object();
    }

    /// An object with names that no shape has.
    fn entries<'p, T: 'p>(
        &mut self,
        entries: impl Iterator<Item = (&'p str, &'p T)>,
        mut write: impl FnMut(&mut Self, &'p T),
    ) {
        self.sink.begin_object();
        for (index, (name, value)) in entries.enumerate() {
            self.sink.name(name, index == 0);
            write(self, value);
        }
        self.sink.end_object();
    }

    fn list<'e, T: 'e>(&mut self, elements: impl IntoIterator<Item = &'e T>, mut write: impl FnMut(&mut Self, &'e T)) {
        self.sink.begin_list();
        for (index, element) in elements.into_iter().enumerate() {
            self.sink.element(index == 0);
            write(self, element);
        }
        self.sink.end_list();
    }
}

/// Whether two values are the same one. `false` says nothing about lists and objects.
fn is_same(value: &FieldValue, other: &FieldValue) -> bool {
    match (value, other) {
        (FieldValue::List(list), FieldValue::List(other)) => Arc::ptr_eq(list, other),
        (FieldValue::Object(fields), FieldValue::Object(other)) => Arc::ptr_eq(fields, other),
        (FieldValue::List(_) | FieldValue::Object(_), _) => false,
        _ => value == other,
    }
}

/// Whether a value is written in a shape as without one, apart from the order of members.
fn is_plain(shape: &Shape, value: &FieldValue, zone: &TimeZone) -> bool {
    match (shape, value) {
        (Shape::Object(members), FieldValue::Object(fields)) => {
            members.len() == fields.iter().count()
                && members.iter().all(|member| {
                    let value = fields.get_hinted(&member.name, &member.hint);
                    value.is_some_and(|value| is_plain(&member.shape, value, zone))
                })
        }
        (Shape::List(element), FieldValue::List(list)) => list.iter().all(|value| is_plain(element, value, zone)),
        (Shape::List(_), FieldValue::Null)
        | (Shape::Text, FieldValue::Decimal(_) | FieldValue::Integer(_) | FieldValue::Bool(_))
        | (Shape::Bool, FieldValue::Text(_)) => false,
        (Shape::Number, FieldValue::Text(text)) => text.parse::<Decimal>().is_err(),
        (Shape::Time { millis, offset }, FieldValue::Text(text)) => {
            reformat_time_text(text, *millis, *offset, zone).is_none_or(|written| written == text)
        }
        _ => true,
    }
}

/// A stored time stamp or date in the form of a documented one; `None` if it has that form, or none is documented.
pub fn reformat_time(text: &str, shape: &Shape, zone: &TimeZone) -> Option<String> {
    match shape {
        Shape::Time { millis, offset } => reformat_time_text(text, *millis, *offset, zone),
        _ => None,
    }
}

/// A stored time stamp (`2026-02-08T10:00:00.000Z`) or date in a documented form; `None` if it has that form.
fn reformat_time_text(text: &str, millis: bool, offset: bool, zone: &TimeZone) -> Option<String> {
    if !offset && text.ends_with('Z') {
        let seconds = if millis { None } else { text.split_once('.') };
        return seconds.map(|(seconds, _)| format!("{seconds}Z"));
    }
    if offset && *zone == TimeZone::UTC && text.len() == 24 && text.ends_with('Z') {
        // The form of records, apart from the name of the offset.
        let end = if millis { 23 } else { 19 };
        return Some(format!("{}+00:00", text.get(..end)?));
    }
    let zone = if offset { zone.clone() } else { TimeZone::UTC };
    let zoned = match text.parse::<Timestamp>() {
        Ok(time) => time.to_zoned(zone),
        Err(_) => text.parse::<Date>().ok()?.to_zoned(zone).ok()?,
    };
    let form = match (millis, offset) {
        (true, true) => "%Y-%m-%dT%H:%M:%S%.3f%:z",
        (false, true) => "%Y-%m-%dT%H:%M:%S%:z",
        (true, false) => "%Y-%m-%dT%H:%M:%S%.3fZ",
        (false, false) => "%Y-%m-%dT%H:%M:%SZ",
    };
    Some(zoned.strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn written(shape: &Shape, value: &FieldValue, zone: &TimeZone) -> Value {
        let mut writer = ShapedWriter { sink: JsonTree::default(), zone };
        writer.value(shape, value);
        writer.sink.into_value()
    }

    #[test]
    fn a_value_is_plain_where_its_shape_changes_nothing() {
        let zone = TimeZone::get("America/New_York").expect("a time zone");
        let scalars = [
            json!(null),
            json!(true),
            json!(7),
            json!(1.5),
            json!("text"),
            json!("12.50"),
            json!("true"),
            json!("2026-02-08"),
            json!("2026-02-08T10:00:00.000Z"),
            json!("2026-02-08T10:00:00Z"),
            json!("2026-02-08T10:00:00.000+02:00"),
            json!("2026-02-08T10:00:00-05:00"),
        ];
        let mut values: Vec<Value> = scalars.to_vec();
        values.push(json!([]));
        values.push(json!({}));
        for scalar in scalars {
            values.push(json!([scalar]));
            values.push(json!({"a": scalar}));
            values.push(json!([{"b": 1, "a": scalar}]));
        }
        let (mut plain, mut changed) = (0, 0);
        for shape in values.iter().map(Shape::of) {
            for value in values.iter().map(FieldValue::from) {
                let is_same = written(&shape, &value, &zone) == written(&Shape::Any, &value, &zone);
                assert_eq!(is_plain(&shape, &value, &zone), is_same, "{value:?} in {shape:?}");
                if is_same { plain += 1 } else { changed += 1 }
            }
        }
        assert!(plain > 100 && changed > 100, "{plain} and {changed}");
    }
}
