use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::Engine;
use super::cache::ResponseCache;
use super::journal::Journal;
use crate::request::{State, time_text};

/// One world, its journal, and the answers that hold as long as the world does not change, of one engine. One lock, held
/// for the length of one call, never across an await.
pub struct Session {
    held: Mutex<Inner>,
}

struct Inner {
    start: State,
    now: Live,
}

/// What a call finds.
pub(super) struct Live {
    pub(super) state: State,
    pub(super) journal: Journal,
    pub(super) cache: ResponseCache,
}

impl Live {
    fn begin(state: State) -> Self {
        Self { state, journal: Journal::default(), cache: ResponseCache::default() }
    }
}

impl Session {
    /// A session that begins in that world, and returns to it on reset.
    pub fn new(start: State) -> Self {
        Self { held: Mutex::new(Inner { now: Live::begin(start.clone()), start }) }
    }

    /// The world as it is now: a fork, which goes on by itself.
    pub fn state(&self) -> State {
        self.with(|now| now.state.clone())
    }

    /// Forgets everything since the start.
    pub fn reset(&self) {
        let mut held = self.held.lock();
        held.now = Live::begin(held.start.clone());
    }

    /// Everything that is remembered, and the last calls, as JSON. `kind` restricts it to one kind of record.
    pub fn state_json(&self, engine: &Engine, kind: Option<&str>) -> Value {
        let (state, journal) = self.with(|now| (now.state.clone(), now.journal.clone()));
        let mut records = Map::new();
        for (name, _) in state.store.kinds().filter(|(name, _)| kind.is_none_or(|kind| kind == *name)) {
            let list = state.store.all(name).map(|record| {
                let mut object = Map::from_iter([("id".to_owned(), Value::from(record.id.as_str()))]);
                let fields = record.fields.iter().filter(|(name, _)| *name != "id");
                object.extend(
                    fields.map(|(name, value)| (name.to_owned(), serde_json::to_value(value).unwrap_or_default())),
                );
                Value::Object(object)
            });
            records.insert(name.to_owned(), list.collect());
        }
        let calls = journal.iter().map(|entry| {
            json!({
                "at": time_text(entry.at).as_str(),
                "method": entry.method.as_str(),
                "path": entry.path.as_str(),
                "operation": entry.operation.map(|index| engine.contract().operations[index].key.as_str()),
                "status": entry.status,
                "quirks": entry.applied_quirks.iter().map(|index| engine.quirks().at(*index).id.as_str()).collect::<Vec<_>>(),
            })
        });
        json!({"now": time_text(state.now()).as_str(), "records": records, "calls": calls.collect::<Vec<_>>()})
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Live) -> T) -> T {
        work(&mut self.held.lock().now)
    }
}
