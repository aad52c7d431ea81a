//! Single records outside of a scenario.

use std::collections::HashSet;
use std::sync::Arc;

use super::{OtherFields, OtherRecords, Seeder, id_of};
use crate::diagnostics::{Collector, Diagnostics, SourceFile, YamlNode};
use crate::model::Record;
use crate::pipeline::Engine;
use crate::request::State;

/// Adds a record of a kind that the engine knows, or replaces the one with its id. It is checked as the records of a scenario
/// are. Its id is `id` or `uid`, or else a new one.
///
/// # Errors
/// Unknown fields, wrong types, references to unknown records. The state is then unchanged.
pub fn put_record(
    engine: &Engine,
    state: &mut State,
    kind: &str,
    source: &SourceFile,
) -> Result<Arc<Record>, Diagnostics> {
    let tree = YamlNode::read(source)?;
    let contract = engine.contract();
    let mut seeder = Seeder {
        engine,
        contract,
        resources: &contract.resources,
        now: state.now(),
        snapshot: None,
        others: OtherRecords::default(),
        more: OtherFields::default(),
        references: Vec::new(),
        diagnostics: Collector::default(),
        broken: HashSet::new(),
    };
    let mut changed = state.clone();
    // A scenario has each record once, so the one that is replaced must not be there.
    if let Some(id) = id_of(&tree) {
        changed.store.remove(kind, &id);
    }
    changed.store.start_log();
    match contract.resources.get(kind).filter(|resource| !resource.fields.is_empty()) {
        Some(resource) => {
            seeder.record(&mut changed, resource, &tree);
        }
        None => seeder.untyped_records(&mut changed, kind, std::slice::from_ref(&tree)),
    }
    seeder.check_references(&changed);
    let record = changed.store.take_log().into_iter().filter_map(|change| change.after).next_back();
    let record = seeder.diagnostics.all(source, record)?;
    state.ids = changed.ids;
    // It keeps its place in lists.
    Ok(state.store.put(Record::clone(&record)))
}
