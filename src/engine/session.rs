use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::Engine;
use super::journal::Journal;
use super::memo::Memo;
use crate::exchange::{World, time_text};

/// One world, its journal, and the answers that hold as long as the world does not change, of one engine. One lock, held
/// for the length of one call, never across an await.
pub struct Session {
    held: Mutex<Held>,
}

struct Held {
    start: World,
    now: Now,
}

/// What a call finds.
pub(super) struct Now {
    pub(super) world: World,
    pub(super) journal: Journal,
    pub(super) memo: Memo,
}

impl Now {
    fn begin(world: World) -> Self {
        Self { world, journal: Journal::default(), memo: Memo::default() }
    }
}

impl Session {
    /// A session that begins in that world, and returns to it on reset.
    pub fn new(start: World) -> Self {
        Self { held: Mutex::new(Held { now: Now::begin(start.clone()), start }) }
    }

    /// The world as it is now: a fork, which goes on by itself.
    pub fn world(&self) -> World {
        self.with(|now| now.world.clone())
    }

    /// Forgets everything since the start.
    pub fn reset(&self) {
        let mut held = self.held.lock();
        held.now = Now::begin(held.start.clone());
    }

    /// Everything that is remembered, and the last calls, as JSON. `kind` restricts it to one kind of record.
    pub fn state(&self, engine: &Engine, kind: Option<&str>) -> Value {
        let (world, journal) = self.with(|now| (now.world.clone(), now.journal.clone()));
        let mut records = Map::new();
        for (name, _) in world.store.kinds().filter(|(name, _)| kind.is_none_or(|kind| kind == *name)) {
            let list = world.store.all(name).map(|record| {
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
                "operation": entry.operation.map(|place| engine.contract().operations[place].key.as_str()),
                "status": entry.status,
                "quirks": entry.changed_by.iter().map(|place| engine.quirks().at(*place).id.as_str()).collect::<Vec<_>>(),
            })
        });
        json!({"now": time_text(world.now()).as_str(), "records": records, "calls": calls.collect::<Vec<_>>()})
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Now) -> T) -> T {
        work(&mut self.held.lock().now)
    }
}
