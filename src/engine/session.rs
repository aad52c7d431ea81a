use parking_lot::Mutex;
use serde_json::{Map, Value, json};

use super::Engine;
use super::journal::Journal;
use crate::exchange::{World, time_text};

/// One world and its journal. One lock, held for the length of one call, never across an await.
pub struct Session {
    held: Mutex<Held>,
}

struct Held {
    start: World,
    world: World,
    journal: Journal,
}

impl Session {
    /// A session that begins in that world, and returns to it on reset.
    pub fn new(start: World) -> Self {
        Self { held: Mutex::new(Held { world: start.clone(), start, journal: Journal::default() }) }
    }

    /// The world as it is now: a fork, which goes on by itself.
    pub fn world(&self) -> World {
        self.with(|world, _| world.clone())
    }

    /// Forgets everything since the start.
    pub fn reset(&self) {
        let mut held = self.held.lock();
        held.world = held.start.clone();
        held.journal = Journal::default();
    }

    /// Everything that is remembered, and the last calls, as JSON. `kind` restricts it to one kind of record.
    pub fn state(&self, engine: &Engine, kind: Option<&str>) -> Value {
        let (world, journal) = self.with(|world, journal| (world.clone(), journal.clone()));
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

    pub(super) fn with<T>(&self, work: impl FnOnce(&mut World, &mut Journal) -> T) -> T {
        let held = &mut *self.held.lock();
        work(&mut held.world, &mut held.journal)
    }
}
