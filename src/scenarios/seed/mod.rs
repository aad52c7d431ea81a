//! Builds the initial state of a session from a scenario: records, generated records, tokens. Every reference is checked.

mod single;
pub(super) mod tokens;
pub(super) mod untyped;
pub(super) mod values;

use std::collections::HashSet;
use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;

pub use single::put_record;
pub use tokens::credentials;

use super::read::{Scenario, add_field_errors};
use super::snapshot::{OtherFields, OtherRecords, Snapshot};
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, Key, Span, YamlNode, YamlValue};
use crate::handlers::seed_examples;
use crate::model::{FieldValue, Fields};
use crate::openapi::{Contract, Resource, Resources};
use crate::pipeline::Engine;
use crate::request::{Clock, QuirkFlags, State, time_text};

/// Every mistake in a scenario that cannot be seeded.
pub type SeedError = Diagnostics;

/// How a session starts.
pub struct Start {
    /// The clock of the session.
    pub clock: Clock,
    /// The time at the start: relative dates of the scenario count from here.
    pub now: Timestamp,
    /// The quirks that are on.
    pub flags: QuirkFlags,
    /// Replaces the seed of the scenario.
    pub seed: Option<u64>,
}

/// A reference to a record. It is checked when all records exist.
struct Reference {
    span: Span,
    kind: String,
    id: CompactString,
}

impl Scenario {
    /// The initial state of this scenario.
    ///
    /// # Errors
    /// Unknown plurals and fields, wrong types, references to unknown records.
    pub fn seed(&self, engine: &Engine, start: Start) -> Result<State, SeedError> {
        let mut state = self.build_state(engine, start)?;
        state.store.set_indexes(engine.indexes());
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
        let snapshot = self.snapshot.as_deref();
        let mut seeder = Seeder {
            engine,
            contract,
            resources,
            now,
            snapshot,
            others: snapshot.map(Snapshot::other_records).unwrap_or_default(),
            more: snapshot.map(Snapshot::other_fields).unwrap_or_default(),
            references: Vec::new(),
            diagnostics: Collector::default(),
            broken: HashSet::new(),
        };
        for (tree, fault) in &self.faults {
            if let Err(errors) = engine.check_fault(fault) {
                add_field_errors(tree, errors, &mut seeder.diagnostics);
            }
            state.faults.insert(Arc::clone(fault));
        }
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
        // Tokens stand for records.
        seeder.place_all_others(&mut state, |kind| kind != TOKEN);
        for token in &self.tokens {
            seeder.place_others(&mut state, TOKEN);
            let result = seeder.token(&mut state, token);
            seeder.diagnostics.collect(result);
        }
        seeder.place_all_others(&mut state, |_| true);
        seeder.check_references(&state);
        if let Some(snapshot) = snapshot {
            snapshot.restore(engine, &mut state, &mut seeder.diagnostics);
        }
        seeder.diagnostics.all(&self.source, Some(state))
    }
}

/// The kind of the records that are tokens.
const TOKEN: &str = "token";

struct Seeder<'a> {
    engine: &'a Engine,
    contract: &'a Contract,
    resources: &'a Resources,
    now: Timestamp,
    /// What the scenario has besides records, if it is a snapshot: its records are complete.
    snapshot: Option<&'a Snapshot>,
    /// Records of the snapshot that are still to be placed among those of their kind.
    others: OtherRecords<'a>,
    /// Further fields of the records of the scenario.
    more: OtherFields<'a>,
    references: Vec<Reference>,
    diagnostics: Collector,
    /// The ids of records that could not be read. References to them are not reported again.
    broken: HashSet<String>,
}

impl<'a> Seeder<'a> {
    /// The records under a plural.
    fn records(&mut self, state: &mut State, key: &Key, list: &[YamlNode]) {
        let resource = match (self.resource(key.span, &key.name), self.undescribed_kind(&key.name)) {
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
            self.place_others(state, &resource.kind);
            if self.record(state, resource, tree).is_none() {
                self.broken.extend(id_of(tree));
            }
        }
    }

    fn check_references(&mut self, state: &State) {
        for other in self.more.iter().filter(|other| state.store.get(&other.record.kind, &other.record.id).is_none()) {
            let record = &other.record;
            self.references.push(Reference { span: other.span, kind: record.kind.to_string(), id: record.id.clone() });
        }
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

    /// Adds a record of a kind whose fields a resources file describes; `None` if anything in it is invalid.
    fn record(&mut self, state: &mut State, resource: &Resource, tree: &YamlNode) -> Option<()> {
        let what = format!("a {}", resource.kind);
        let mut entries = self.diagnostics.collect(tree.entries(&what))?;
        let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
        let (span, id) = match id {
            Some(id) => (id.span, self.diagnostics.collect(id.text()).map(CompactString::from)),
            None => (tree.span, Some(state.ids.uid())),
        };
        let (mut given, mut missing, mut is_whole) = (Fields::new(), None, true);
        let (is_complete, mut nulls) = (self.snapshot.is_some(), Vec::new());
        let more = id.as_ref().and_then(|id| self.more.of(&resource.kind, id));
        for field in &resource.fields {
            let value = entries.take_present(&field.name);
            match value.filter(|tree| tree.node != YamlValue::Null) {
                Some(tree) => match self.value(&field.kind, tree) {
                    Some(value) => given.set(&field.name, value),
                    None => is_whole = false,
                },
                None if more.is_some_and(|more| more.get(&field.name).is_some()) => {}
                None if field.required => missing = missing.or(Some(&field.name)),
                None if is_complete => nulls.extend(value.filter(|_| !field.default.is_null()).map(|_| &field.name)),
                None if matches!(field.name.as_str(), "created_at" | "updated_at") => {
                    given.set(&field.name, time_text(self.now));
                }
                None => {}
            }
        }
        // A misspelt name is reported instead of the field that is missing because of it.
        let known = self.diagnostics.count();
        entries.finish_with(&mut self.diagnostics);
        let is_misspelt = self.diagnostics.count() > known;
        if let Some(name) = missing.filter(|_| !is_misspelt) {
            return self.diagnostics.collect(Err(Diagnostic::missing(tree.span, &what, name)));
        }
        let id = id.filter(|_| is_whole && !is_misspelt)?;
        if state.store.get(&resource.kind, &id).is_some() {
            let message = format!("there are two records of kind {} with the id `{id}`", resource.kind);
            return self.diagnostics.collect(Err(Diagnostic::new(span, message)));
        }
        let mut record = resource.record(id, given);
        nulls.into_iter().for_each(|name| record.fields.set(name, FieldValue::Null));
        for (name, value) in more.into_iter().flat_map(Fields::iter) {
            record.fields.set(name, value.clone());
        }
        state.store.put(record);
        Some(())
    }

    /// Adds the records of a snapshot whose place is behind the last record of their kind.
    fn place_others(&mut self, state: &mut State, kind: &str) {
        while let Some(other) = self.others.next_at(kind, state.store.count(kind)) {
            if state.store.get(kind, &other.record.id).is_some() {
                let message = format!("there are two records of kind {kind} with the id `{}`", other.record.id);
                self.diagnostics.add(Diagnostic::new(other.span, message));
            } else {
                state.store.put(other.record.clone());
            }
        }
    }

    /// Adds all records of a snapshot that are left of some kinds.
    fn place_all_others(&mut self, state: &mut State, is_wanted: impl Fn(&str) -> bool) {
        for kind in self.others.kinds().filter(|kind| is_wanted(kind)).collect::<Vec<_>>() {
            self.others.close_gaps(kind);
            self.place_others(state, kind);
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

/// The id of a record, if it has a valid one.
fn id_of(tree: &YamlNode) -> Option<String> {
    let mut entries = tree.entries("a record").ok()?;
    let id = entries.take_nullable("id").or_else(|| entries.take_nullable("uid"));
    id.and_then(|id| id.text().ok()).map(str::to_owned)
}
