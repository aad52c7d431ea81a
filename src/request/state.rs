use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use smallvec::SmallVec;

use super::{Ids, QuirkFlags, Settings};
use crate::model::{Ownership, Store};

/// Where a world's time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It stands still.
    Frozen(Timestamp),
    /// It is the time of each request, and before the first request the time of the start.
    Running(Timestamp),
}

/// How far a world has come: two moments of one world with the same revision hold the same records, and the same ids come
/// next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    records: u64,
    ids: u128,
}

/// A day of a time zone, from its first moment to its last.
#[derive(Clone, Debug)]
struct Day {
    zone: CompactString,
    date: Date,
    first: Timestamp,
    last: Timestamp,
}

/// Everything a behaviour can know and change: records, ids, time and the quirks that are on.
///
/// A clone is a fork: it goes on by itself from the same state, to the same ids.
#[derive(Clone)]
pub struct State {
    /// What is remembered.
    pub store: Store,
    /// New ids and all randomness.
    pub ids: Ids,
    /// How calls are dealt with, apart from quirks.
    pub settings: Settings,
    /// Which records own others.
    pub ownership: Arc<Ownership>,
    clock: Clock,
    now: Timestamp,
    now_text: OnceCell<CompactString>,
    /// The day it was when somebody asked last.
    day: RefCell<Option<Day>>,
    /// The last moment at which all is as it was for whoever looked at the time since the call began.
    valid_until: Cell<Option<Timestamp>>,
    flags: QuirkFlags,
    mark_applied: RefCell<SmallVec<[usize; 8]>>,
}

impl State {
    /// An empty world.
    pub fn new(seed: u64, clock: Clock, flags: QuirkFlags, ownership: Arc<Ownership>) -> Self {
        let now = match clock {
            Clock::Frozen(now) => now,
            Clock::Running(start) => start,
        };
        Self {
            store: Store::default(),
            ids: Ids::new(seed),
            settings: Settings::default(),
            ownership,
            clock,
            now,
            now_text: OnceCell::new(),
            day: RefCell::default(),
            valid_until: Cell::default(),
            flags,
            mark_applied: RefCell::default(),
        }
    }

    /// A call begins at that time of the caller's clock.
    pub fn begin(&mut self, at: Timestamp) {
        if matches!(self.clock, Clock::Running(_)) && self.now != at {
            self.now = at;
            self.now_text.take();
        }
        self.valid_until.take();
        self.mark_applied.get_mut().clear();
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.valid_until.set(Some(self.now));
        self.now
    }

    /// From now up to the last moment at which everybody who looked at the time since the call began would see the same;
    /// `None` when nobody has.
    pub fn valid_range(&self) -> Option<(Timestamp, Timestamp)> {
        self.valid_until.get().map(|until| (self.now, until))
    }

    /// Whether it is such a time now.
    pub fn is_valid_in(&self, times: Option<(Timestamp, Timestamp)>) -> bool {
        times.is_none_or(|(from, until)| from <= self.now && self.now <= until)
    }

    /// How far it has come.
    pub fn revision(&self) -> Revision {
        Revision { records: self.store.changes(), ids: self.ids.drawn() }
    }

    /// What time it is, as records keep it.
    pub fn now_text(&self) -> CompactString {
        self.valid_until.set(Some(self.now));
        self.now_text.get_or_init(|| time_text(self.now)).clone()
    }

    /// The date in the time zone of an owner.
    pub fn today(&self, owner: &str) -> Date {
        let name = self.zone_name(owner);
        let mut known = self.day.borrow_mut();
        let is_still = |day: &Day| day.zone == name && day.first <= self.now && self.now <= day.last;
        let day = match known.take().filter(is_still) {
            Some(day) => known.insert(day),
            None => known.insert(Day::at(self.now, name)),
        };
        let until = self.valid_until.get().map_or(day.last, |until| until.min(day.last));
        self.valid_until.set(Some(until));
        day.date
    }

    /// The time zone of an owner; UTC if it has none.
    pub fn zone(&self, owner: &str) -> TimeZone {
        zone_named(self.zone_name(owner))
    }

    fn zone_name(&self, owner: &str) -> &str {
        let Some(field) = &self.ownership.time_zone else { return "" };
        self.ownership.owner(&self.store, owner).map_or("", |owner| owner.text(field))
    }

    /// Whether a quirk is on. To be asked only where the answer differs: a quirk that is on and was asked for
    /// has changed the answer and is named in it.
    pub fn quirk(&self, id: &str) -> bool {
        match self.flags.find(id) {
            Some((index, true)) => {
                self.mark_applied(index);
                true
            }
            _ => false,
        }
    }

    /// The switches, for rules.
    pub fn flags(&self) -> &QuirkFlags {
        &self.flags
    }

    /// Replaces the switches.
    pub fn set_quirk_flags(&mut self, flags: QuirkFlags) {
        self.flags = flags;
    }

    /// Says that a quirk changed the answer.
    pub fn mark_applied(&self, index: usize) {
        let mut mark_applied = self.mark_applied.borrow_mut();
        if !mark_applied.contains(&index) {
            mark_applied.push(index);
        }
    }

    /// The quirks that changed the answer, by their place in the list of all.
    pub fn applied_quirks(&self) -> SmallVec<[usize; 8]> {
        SmallVec::from_slice(&self.mark_applied.borrow())
    }
}

/// A point in time as records keep it: UTC with milliseconds.
pub fn time_text(time: Timestamp) -> CompactString {
    let time = time.to_zoned(TimeZone::UTC);
    compact_str::format_compact!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    )
}

fn zone_named(name: &str) -> TimeZone {
    match name {
        "" | "UTC" => TimeZone::UTC,
        name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
    }
}

impl Day {
    fn at(now: Timestamp, zone: &str) -> Self {
        let now = now.to_zoned(zone_named(zone));
        let (first, last) = (now.start_of_day(), now.end_of_day());
        // At the very ends of time a day has no ends.
        let or_now = |end: Result<Zoned, jiff::Error>| end.map_or(now.timestamp(), |end| end.timestamp());
        Self { zone: zone.into(), date: now.date(), first: or_now(first), last: or_now(last) }
    }
}
