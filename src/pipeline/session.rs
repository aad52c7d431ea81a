use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::Engine;
use crate::request::{Journal, ResponseCache, State, time_text};

/// The state of one isolated user of an engine, with its journal and its cached responses. One lock, held for one request,
/// never across an await.
pub struct Session {
    inner: Mutex<Inner>,
}

struct Inner {
    start: State,
    live: Live,
}

/// What requests read and change.
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
    /// A session that begins with a state and returns to it on reset.
    pub fn new(start: State) -> Self {
        Self { inner: Mutex::new(Inner { live: Live::begin(start.clone()), start }) }
    }

    /// A fork of the current state.
    pub fn state(&self) -> State {
        self.with(|live| live.state.clone())
    }

    /// Returns to the initial state, with an empty journal.
    pub fn reset(&self) {
        let mut inner = self.inner.lock();
        inner.live = Live::begin(inner.start.clone());
    }

    /// The records and the last requests as JSON. `kind` restricts it to one kind of record.
    pub fn state_json(&self, engine: &Engine, kind: Option<&str>) -> Value {
        let (state, journal) = self.with(|live| (live.state.clone(), live.journal.clone()));
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
                "quirks": entry.quirks.iter().map(|index| engine.quirks().at(*index).id.as_str()).collect::<Vec<_>>(),
            })
        });
        json!({"now": time_text(state.now()).as_str(), "records": records, "calls": calls.collect::<Vec<_>>()})
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Live) -> T) -> T {
        work(&mut self.inner.lock().live)
    }
}
