//! Snapshots: the whole state of a session as a scenario file.
//!
//! A snapshot has the keys of a scenario and one more, `snapshot`, for what a scenario cannot say: the place in the random
//! stream, a clock that runs, how faults were used, idempotency keys, deleted records, and records and fields that the rules of
//! scenarios do not allow, such as tokens made at run time. The session that begins with it responds as the original one would.
//!
//! | file | what it does |
//! |---|---|
//! | `write` | makes the document of a state |
//! | `records` | which records and fields a scenario can say, and how |
//! | `extras` | the value of `snapshot` |
//! | `secrets` | a state without credentials |
//! | `layout` | the document as JSON or YAML with a line for each record |
//! | `read` | reads the value of `snapshot` |
//! | `load` | the state of a document, or all its errors |
//! | `restore` | gives a state what `snapshot` has |

mod extras;
mod layout;
mod load;
mod read;
mod records;
mod restore;
mod secrets;
mod write;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use jiff::Timestamp;

pub use layout::SnapshotText;
pub use load::load_state;
pub(super) use read::read_snapshot;
pub use write::{SnapshotFormat, write_snapshot};

use crate::diagnostics::{Key, Span};
use crate::faults::FaultUsage;
use crate::model::{Fields, Record};
use crate::request::{Clock, Response};

/// The version of the key `snapshot` that is written and read.
const VERSION: u64 = 1;

/// The key `snapshot` of a scenario: what other keys cannot say.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The clock.
    clock: Option<SnapshotClock>,
    /// The place in the random stream.
    random: Option<u64>,
    faults: FaultProgress,
    idempotency: Vec<KnownResponse>,
    /// Records that the rules of scenarios do not allow.
    records: Vec<OtherRecord>,
    /// Fields that the rules of scenarios do not allow, of records that the scenario has.
    fields: Vec<OtherRecord>,
    /// Deleted records that are still known, in the order of their deletion.
    deleted: Vec<OtherRecord>,
    /// By kind the ids of the records that do not have their id as a field too.
    hidden_ids: Vec<(String, HashSet<String>)>,
    /// By kind the highest numeric id that was used.
    numbers: Vec<(String, u64)>,
}

/// A clock at the time of the snapshot.
#[derive(Clone, Copy, Debug)]
struct SnapshotClock {
    now: Timestamp,
    frozen: bool,
    speed: f64,
    /// Whether it has been set, and does not show the time of the server.
    set: bool,
}

/// How the faults were used.
#[derive(Clone, Debug, Default)]
struct FaultProgress {
    last_number: u64,
    random: Option<u64>,
    usage: Vec<(Key, FaultUsage)>,
}

/// The response to a request with an idempotency key.
#[derive(Clone, Debug)]
struct KnownResponse {
    key: Vec<u8>,
    body: Vec<u8>,
    /// Without operation and quirks.
    response: Response,
    operation: Option<Key>,
    quirks: Vec<Key>,
}

/// A record that is read as it is, without the rules of scenarios.
#[derive(Clone, Debug)]
pub(super) struct OtherRecord {
    /// The number of records of the kind that are before it.
    place: usize,
    pub(super) span: Span,
    pub(super) record: Record,
}

/// Records as they are placed among those of their kind.
#[derive(Default)]
pub(super) struct OtherRecords<'s>(BTreeMap<&'s str, Others<'s>>);

/// Fields by the kind and the id of their record.
#[derive(Default)]
pub(super) struct OtherFields<'s>(HashMap<(&'s str, &'s str), &'s OtherRecord>);

#[derive(Default)]
struct Others<'s> {
    left: VecDeque<&'s OtherRecord>,
    /// Whether all are placed, also if records before them are missing.
    is_closed: bool,
}

impl SnapshotClock {
    /// The clock of a session that continues at a time by the clock of requests.
    fn restored_at(self, at: Timestamp) -> Clock {
        match self {
            Self { now, frozen: true, .. } => Clock::Frozen(now),
            Self { now, set: true, speed, .. } => Clock::Set { from: now, since: at, speed },
            Self { .. } => Clock::Running(at),
        }
    }
}

impl Snapshot {
    /// The clock of a session that begins with the snapshot, at a time by the clock of requests.
    pub fn clock(&self, at: Timestamp) -> Option<Clock> {
        self.clock.map(|clock| clock.restored_at(at))
    }

    /// The time of the clock, if it is frozen.
    pub(super) fn frozen_at(&self) -> Option<Timestamp> {
        self.clock.filter(|clock| clock.frozen).map(|clock| clock.now)
    }

    /// Whether a record does not have its id as a field.
    pub(super) fn hides_id(&self, kind: &str, id: &str) -> bool {
        self.hidden_ids.iter().any(|(known, ids)| known == kind && ids.contains(id))
    }

    /// The fields that the rules of scenarios do not allow.
    pub(super) fn other_fields(&self) -> OtherFields<'_> {
        let fields = self.fields.iter();
        OtherFields(fields.map(|other| ((other.record.kind.as_str(), other.record.id.as_str()), other)).collect())
    }

    /// The records that the rules of scenarios do not allow.
    pub(super) fn other_records(&self) -> OtherRecords<'_> {
        let mut others = OtherRecords::default();
        for other in &self.records {
            others.0.entry(&other.record.kind).or_default().left.push_back(other);
        }
        for kind in others.0.values_mut() {
            kind.left.make_contiguous().sort_by_key(|other| other.place);
        }
        others
    }
}

impl<'s> OtherFields<'s> {
    /// The further fields of a record.
    pub(super) fn of(&self, kind: &str, id: &str) -> Option<&'s Fields> {
        self.0.get(&(kind, id)).map(|other| &other.record.fields)
    }

    /// The records that have further fields.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'s OtherRecord> {
        self.0.values().copied()
    }
}

impl<'s> OtherRecords<'s> {
    /// The kinds with records.
    pub(super) fn kinds(&self) -> impl Iterator<Item = &'s str> {
        self.0.keys().copied()
    }

    /// Takes the next record of a kind, if its place is behind this number of records.
    pub(super) fn next_at(&mut self, kind: &str, count: usize) -> Option<&'s OtherRecord> {
        let others = self.0.get_mut(kind)?;
        let is_next = others.left.front().is_some_and(|other| others.is_closed || other.place <= count);
        if is_next { others.left.pop_front() } else { None }
    }

    /// No more records of a kind come before the ones that are left.
    pub(super) fn close_gaps(&mut self, kind: &str) {
        if let Some(others) = self.0.get_mut(kind) {
            others.is_closed = true;
        }
    }
}
