//! From a scenario to a world: records, generated people, tokens; every reference is checked.

use std::collections::HashSet;
use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;

use super::read::Scenario;
use super::seed_token::seed_token;
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, Key, Span, YamlNode};
use crate::handlers::seed_examples;
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::{Contract, FieldType, Resource, Resources, singular};
use crate::pipeline::Engine;
use crate::request::{Clock, QuirkFlags, State, time_text};

/// A scenario could not be seeded: every mistake in it.
pub type SeedError = Diagnostics;

/// How a world starts.
pub struct Start {
    /// Its clock.
    pub clock: Clock,
    /// What time it is at the start: relative dates of the scenario count from here.
    pub now: Timestamp,
    /// The quirks that are on.
    pub flags: QuirkFlags,
    /// The seed, where it is not that of the scenario.
    pub seed: Option<u64>,
}

/// A reference to a record, checked when all records are seeded.
pub(super) struct Reference {
    /// Where it is written.
    pub(super) span: Span,
    /// The kind of the record.
    pub(super) kind: String,
    /// The id of the record.
    pub(super) id: CompactString,
}

impl Scenario {
    /// The world in which this scenario begins.
    ///
    /// # Errors
    /// Unknown plurals and fields, wrong types, references to what is not there.
    pub fn seed(&self, engine: &Engine, start: Start) -> Result<State, SeedError> {
        let mut state = self.build_state(engine, start)?;
        if self.examples {
            seed_examples(engine.contract(), &mut state);
        }
        Ok(state)
    }

    fn build_state(&self, engine: &Engine, start: Start) -> Result<State, SeedError> {
        let contract = engine.contract();
        let resources = &contract.resources;
        let now = start.now;
        let mut state = match &self.base {
            Some(base) => base.build_state(engine, start)?,
            None => State::new(
                start.seed.unwrap_or(self.seed),
                start.clock,
                start.flags,
                Arc::clone(&engine.api().ownership),
            ),
        };
        state.settings = self.settings;
        let mut seeder = Seeder {
            engine,
            contract,
            resources,
            now,
            references: Vec::new(),
            diagnostics: Collector::default(),
            broken: HashSet::new(),
        };
        for (key, list) in &self.records {
            seeder.records(&mut state, key, list);
        }
        for (key, count) in &self.generate {
            let resource = seeder.resource(key.span, &key.name);
            // What generated records need may be missing only because it could not be read.
            if let Some(resource) = seeder.diagnostics.collect(resource)
                && seeder.diagnostics.count() == 0
            {
                let filled = seeder.fill_up(&mut state, resource, *count);
                seeder.diagnostics.collect(filled.map_err(|message| Diagnostic::new(key.span, message)));
            }
        }
        for token in &self.tokens {
            let unresolved = seeder.diagnostics.collect(seed_token(engine, &mut state, token));
            seeder.references.extend(unresolved.flatten());
        }
        seeder.check_references(&state);
        seeder.diagnostics.all(&self.source, Some(state))
    }
}

struct Seeder<'a> {
    engine: &'a Engine,
    contract: &'a Contract,
    resources: &'a Resources,
    now: Timestamp,
    references: Vec<Reference>,
    diagnostics: Collector,
    /// The ids of records that could not be read. Whoever refers to them makes no second mistake.
    broken: HashSet<String>,
}

impl<'a> Seeder<'a> {
    /// The records under a plural.
    fn records(&mut self, state: &mut State, key: &Key, list: &[YamlNode]) {
        let resource = match (self.resource(key.span, &key.name), self.kind(&key.name)) {
            (Ok(resource), _) => resource,
            (Err(_), Some(kind)) => return self.untyped_records(state, &kind, list),
            (Err(diagnostic), None) => {
                self.diagnostics.add(diagnostic);
                return self.broken.extend(list.iter().filter_map(id_of));
            }
        };
        if resource.fields.is_empty() {
            return self.untyped_records(state, &resource.kind, list);
        }
        for tree in list {
            if self.record(state, resource, tree).is_none() {
                self.broken.extend(id_of(tree));
            }
        }
    }

    fn untyped_records(&mut self, state: &mut State, kind: &str, list: &[YamlNode]) {
        for tree in list {
            let sown = self.untyped_record(state, kind, tree);
            self.diagnostics.collect(sown);
        }
    }

    fn check_references(&mut self, state: &State) {
        let unknown = |reference: &&Reference| {
            state.store.get(&reference.kind, &reference.id).is_none() && !self.broken.contains(reference.id.as_str())
        };
        for reference in self.references.iter().filter(unknown) {
            let ids: Vec<&str> = state.store.all(&reference.kind).map(|record| record.id.as_str()).collect();
            let diagnostic = Diagnostic::unknown(reference.span, &reference.kind, &reference.id, &ids);
            let long = diagnostic.help.as_ref().is_some_and(|help| help.len() > 120);
            self.diagnostics.add(if long { Diagnostic { help: None, ..diagnostic } } else { diagnostic });
        }
    }

    fn resource(&self, span: Span, plural: &str) -> Result<&'a Resource, Diagnostic> {
        self.resources.plural(plural).ok_or_else(|| {
            let known: Vec<&str> = self.resources.iter().map(|resource| resource.plural.as_str()).collect();
            Diagnostic::unknown(span, "kind of record", plural, &known)
        })
    }

    /// A kind that no resources file describes, but that a contract has under that plural.
    fn kind(&self, plural: &str) -> Option<String> {
        let kind = singular(plural);
        if self.resources.get(&kind).is_some() {
            return None;
        }
        let mut operations = self.contract.operations.iter();
        operations.any(|operation| operation.role.resource.as_deref() == Some(&kind)).then_some(kind)
    }

    /// A record of a kind whose fields nobody described: it says what it says, and relative days are days in it too.
    fn untyped_record(&mut self, state: &mut State, kind: &str, tree: &YamlNode) -> Result<(), Diagnostic> {
        let what = format!("a {kind}");
        let mut entries = tree.entries(&what)?;
        let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
        let (span, id) = match id {
            Some(id) => (id.span, CompactString::from(id.text()?)),
            None => (tree.span, state.ids.uid()),
        };
        let mut fields = Fields::new();
        for (key, tree) in entries.rest() {
            fields.set(&key.name, self.untyped_value(&key.name, tree)?);
        }
        if state.store.get(kind, &id).is_some() {
            return Err(Diagnostic::new(span, format!("there are two records of kind {kind} with the id `{id}`")));
        }
        state.store.put(Record { kind: kind.into(), id, fields });
        Ok(())
    }

    /// What a field is called says whether it is a time (`created_at`, `payment_time`) or a day (`due_date`), where it has a
    /// relative one; anything else stays as it is written.
    fn untyped_value(&self, name: &str, tree: &YamlNode) -> Result<FieldValue, Diagnostic> {
        let is_relative = tree.text().is_ok_and(|text| text.starts_with("today"));
        Ok(match name.rsplit('_').next() {
            Some("at" | "time") if is_relative => self.time(tree)?.into(),
            Some("date" | "on") if is_relative => self.date(tree)?.to_string().into(),
            _ => FieldValue::from(&tree.to_json()),
        })
    }

    /// A record of a kind whose fields are known; nothing, when anything in it is wrong.
    fn record(&mut self, state: &mut State, resource: &Resource, tree: &YamlNode) -> Option<()> {
        let what = format!("a {}", resource.kind);
        let mut entries = self.diagnostics.collect(tree.entries(&what))?;
        let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
        let (span, id) = match id {
            Some(id) => (id.span, self.diagnostics.collect(id.text()).map(CompactString::from)),
            None => (tree.span, Some(state.ids.uid())),
        };
        let (mut given, mut missing, mut is_whole) = (Fields::new(), None, true);
        for field in &resource.fields {
            match entries.take_nullable(&field.name) {
                Some(tree) => match self.value(&field.kind, tree) {
                    Some(value) => given.set(&field.name, value),
                    None => is_whole = false,
                },
                None if field.required => missing = missing.or(Some(&field.name)),
                None if matches!(field.name.as_str(), "created_at" | "updated_at") => {
                    given.set(&field.name, time_text(self.now));
                }
                None => {}
            }
        }
        // A mistyped name is told in place of the one that is missing because of it.
        let known = self.diagnostics.count();
        entries.finish_with(&mut self.diagnostics);
        let is_mistyped = self.diagnostics.count() > known;
        if let Some(name) = missing.filter(|_| !is_mistyped) {
            return self.diagnostics.collect(Err(Diagnostic::missing(tree.span, &what, name)));
        }
        let id = id.filter(|_| is_whole && !is_mistyped)?;
        if state.store.get(&resource.kind, &id).is_some() {
            let message = format!("there are two records of kind {} with the id `{id}`", resource.kind);
            return self.diagnostics.collect(Err(Diagnostic::new(span, message)));
        }
        state.store.put(resource.record(id, given));
        Some(())
    }

    /// The value of a field; nothing, when anything in it is wrong.
    fn value(&mut self, kind: &FieldType, tree: &YamlNode) -> Option<FieldValue> {
        let value = match kind {
            FieldType::Text => tree.text().map(FieldValue::from),
            FieldType::Boolean => tree.boolean().map(FieldValue::from),
            FieldType::Integer => match FieldValue::from(&tree.to_json()) {
                whole @ FieldValue::Integer(_) => Ok(whole),
                _ => Err(tree.expected("a whole number")),
            },
            FieldType::Decimal => {
                let number = FieldValue::from(&tree.to_json()).as_decimal();
                number.map(FieldValue::from).ok_or_else(|| tree.expected("a number"))
            }
            FieldType::Date => self.date(tree).map(|date| date.to_string().into()),
            FieldType::Time => self.time(tree).map(FieldValue::from),
            FieldType::Any => Ok(FieldValue::from(&tree.to_json())),
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

    /// `2026-02-08`, `today`, `today+10d`, `today-3m`.
    fn date(&self, tree: &YamlNode) -> Result<Date, Diagnostic> {
        let text = tree.text()?;
        let today = self.now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let date = match text.strip_prefix("today") {
            None => text.parse().ok(),
            Some("") => Some(today),
            Some(offset) => span_of(offset).and_then(|span| today.checked_add(span).ok()),
        };
        let advice = "write 2026-02-08, today, or today+10d (d, w, m or y)";
        date.ok_or_else(|| Diagnostic::new(tree.span, format!("`{text}` is no date")).help(advice))
    }

    /// `2026-02-08T10:00:00Z`, or a day as [`Seeder::date`] takes it, at midnight.
    fn time(&self, tree: &YamlNode) -> Result<CompactString, Diagnostic> {
        match tree.text()?.parse::<Timestamp>() {
            Ok(time) => Ok(time_text(time)),
            Err(_) => self.date(tree).map(|day| compact_str::format_compact!("{day}T00:00:00.000Z")),
        }
    }

    /// Adds records of a kind until there are that many.
    fn fill_up(&self, state: &mut State, resource: &Resource, count: usize) -> Result<(), String> {
        match self.engine.handlers().and_then(|handlers| handlers.generator(&resource.kind)) {
            Some(generate) => generate(state, self.resources, resource, count, self.now),
            None => Err(format!("{} cannot be generated", resource.plural)),
        }
    }
}

/// The id that a record gives itself, whatever else it says.
fn id_of(tree: &YamlNode) -> Option<String> {
    let mut entries = tree.entries("a record").ok()?;
    let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
    id.and_then(|id| id.text().ok()).map(str::to_owned)
}

/// `+10d`, `-3m`: so many days, weeks, months or years.
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
