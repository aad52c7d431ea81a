//! Gives a state what the key `snapshot` has.

use std::sync::Arc;

use super::{KnownResponse, Snapshot};
use crate::diagnostics::{Collector, Diagnostic};
use crate::faults::RANDOM_STREAM;
use crate::pipeline::Engine;
use crate::request::{IdempotencyKeys, State};

impl Snapshot {
    /// Restores everything except the clock, and the records that are placed among those of the scenario. Names that the API
    /// does not have are collected as errors.
    pub(in crate::scenarios) fn restore(&self, engine: &Engine, state: &mut State, diagnostics: &mut Collector) {
        for (kind, highest) in &self.numbers {
            state.store.use_numbers(kind, *highest);
        }
        for deleted in &self.deleted {
            state.store.add_deleted(deleted.place, deleted.record.clone());
        }
        if let Some(position) = self.random {
            state.ids.set_position(position.into());
        }
        self.restore_faults(state, diagnostics);
        let mut keys = IdempotencyKeys::default();
        for known in &self.idempotency {
            known.restore(engine, &mut keys, diagnostics);
        }
        state.idempotency = Arc::new(keys);
    }

    fn restore_faults(&self, state: &mut State, diagnostics: &mut Collector) {
        let random = self.faults.random.map(|position| {
            let mut random = state.ids.stream(RANDOM_STREAM);
            random.set_word_pos(position.into());
            random
        });
        state.faults.set_progress(self.faults.last_number, random);
        for (key, usage) in &self.faults.usage {
            if !state.faults.set_usage(&key.name, usage.clone()) {
                let known: Vec<&str> = state.faults.usages().map(|(id, _)| id.as_str()).collect();
                diagnostics.add(Diagnostic::unknown(key.span, "fault", &key.name, &known));
            }
        }
    }
}

impl KnownResponse {
    fn restore(&self, engine: &Engine, keys: &mut IdempotencyKeys, diagnostics: &mut Collector) {
        let mut response = self.response.clone();
        if let Some(key) = &self.operation {
            let mut operations = engine.contract().operations.iter();
            response.meta.operation = operations.position(|operation| *operation.key == *key.name);
            if response.meta.operation.is_none() {
                let known: Vec<&str> = engine.contract().operations.iter().map(|known| &*known.key).collect();
                let diagnostic = Diagnostic::unknown(key.span, "operation", &key.name, &known);
                diagnostics.add(diagnostic.help("`standin routes` lists them"));
            }
        }
        for key in &self.quirks {
            match engine.quirks().iter().position(|quirk| quirk.id == key.name) {
                Some(index) => response.meta.quirks.push(index),
                None => diagnostics.add(
                    Diagnostic::new(key.span, format!("unknown quirk `{}`", key.name))
                        .help("`standin quirks` lists them"),
                ),
            }
        }
        keys.store(&self.key, &self.body.clone().into(), &response);
    }
}
