use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use super::behaviour::MAX_REQUEST_STEPS;
use super::time_events::NextEvent;
use super::{AppliedQuirks, Clock, IdempotencyKeys, Ids, Notification, QuirkFlags, Settings};
use crate::faults::Faults;
use crate::model::{Ownership, Store, time_text};

/// A version of a state: while it stays the same, the records are the same, and the next ids are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revision {
    records: u64,
    ids: u128,
}

/// A range of time, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidRange {
    from: Timestamp,
    until: Timestamp,
}

/// A day in a time zone.
#[derive(Clone, Debug)]
struct Day {
    zone: CompactString,
    date: Date,
    first: Timestamp,
    last: Timestamp,
}

/// What a request reads and changes: records, ids, time and the quirks that are on.
///
/// A clone is a fork, independent from then on: it has the same records and generates the same ids.
///
/// # Time and cached responses
///
/// A response can be served again while everything that it was made from is the same, the time included. So the state
/// records how precisely the time was read since [`State::begin`]: [`State::now`] and [`State::now_text`] make the
/// response valid for that very moment only, [`State::today`] until the end of the day, and a response that read no time
/// is valid at any time. [`State::valid_range`] returns the result. Nothing else gives access to the time.
///
/// # Quirks
///
/// [`State::quirk_is_on`] only reads a flag. [`State::apply_quirk`] reads it and, if it is on, marks the quirk as applied:
/// the response names it. Call it only where the response differs.
#[derive(Clone)]
pub struct State {
    /// The records.
    pub store: Store,
    /// The source of new ids and of all randomness.
    pub ids: Ids,
    /// How requests are served, apart from quirks.
    pub settings: Settings,
    /// Which records own others.
    pub ownership: Arc<Ownership>,
    /// The faults of responses.
    pub faults: Faults,
    /// What the current request, or what time has caused, sends to other servers.
    pub notifications: Vec<Notification>,
    /// The responses to requests with an idempotency key.
    pub idempotency: Arc<IdempotencyKeys>,
    clock: Clock,
    pub(super) now: Timestamp,
    /// Until when transitions that time causes have been applied.
    pub(super) events_until: Timestamp,
    pub(super) next_event: NextEvent,
    /// How many steps the expressions of the current request have left.
    pub(super) steps_left: u32,
    now_text: OnceCell<CompactString>,
    /// The day that was computed last.
    day: RefCell<Option<Day>>,
    /// Until when all times that were read since the request began stay the same; `None` if none was read.
    valid_until: Cell<Option<Timestamp>>,
    flags: QuirkFlags,
    applied: RefCell<AppliedQuirks>,
}

impl State {
    /// A state without records.
    pub fn new(seed: u64, clock: Clock, flags: QuirkFlags, ownership: Arc<Ownership>) -> Self {
        let now = clock.start();
        Self {
            store: Store::default(),
            ids: Ids::new(seed),
            settings: Settings::default(),
            ownership,
            faults: Faults::default(),
            notifications: Vec::new(),
            idempotency: Arc::default(),
            clock,
            now,
            events_until: now,
            next_event: NextEvent::default(),
            steps_left: MAX_REQUEST_STEPS,
            now_text: OnceCell::new(),
            day: RefCell::default(),
            valid_until: Cell::default(),
            flags,
            applied: RefCell::default(),
        }
    }

    /// Begins a request, at a time by the clock of requests.
    pub fn begin(&mut self, at: Timestamp) {
        self.set_now(self.clock.time_at(at));
        self.valid_until.take();
        self.notifications.clear();
        self.steps_left = MAX_REQUEST_STEPS;
        self.applied.get_mut().clear();
    }

    /// The clock.
    pub fn clock(&self) -> Clock {
        self.clock
    }

    /// Replaces the clock, which then shows the time at which it starts.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
        self.set_now(clock.start());
        if self.now < self.events_until {
            // What happened after that time can happen again.
            self.events_until = self.now;
            self.expect_any_event();
        }
    }

    /// Sets the time until the next request begins.
    pub fn set_now(&mut self, now: Timestamp) {
        if self.now != now {
            self.now = now;
            self.now_text.take();
        }
    }

    /// The time. The response is then valid for this moment only.
    pub fn now(&self) -> Timestamp {
        self.valid_until.set(Some(self.now));
        self.now
    }

    /// The range in which a response to the current request stays the same; `None` if it does not depend on the time.
    pub fn valid_range(&self) -> Option<ValidRange> {
        self.valid_until.get().map(|until| ValidRange { from: self.now, until })
    }

    /// Whether the time is in a range; always in `None`.
    pub fn is_in(&self, range: Option<ValidRange>) -> bool {
        range.is_none_or(|range| range.from <= self.now && self.now <= range.until)
    }

    /// The version of records and ids.
    pub fn revision(&self) -> Revision {
        Revision { records: self.store.changes(), ids: self.ids.position() }
    }

    /// The time in the form of records: UTC with milliseconds. The response is then valid for this moment only.
    pub fn now_text(&self) -> CompactString {
        self.valid_until.set(Some(self.now));
        self.now_text.get_or_init(|| time_text(self.now)).clone()
    }

    /// The date in the time zone of an owner. The response is then valid until the end of that day at most.
    pub fn today(&self, owner: &str) -> Date {
        let name = self.zone_name(owner);
        let mut known = self.day.borrow_mut();
        let is_today = |day: &Day| day.zone == name && day.first <= self.now && self.now <= day.last;
        let day = match known.take().filter(is_today) {
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

    /// Whether a quirk is on.
    pub fn quirk_is_on(&self, id: &str) -> bool {
        self.flags.find(id).is_some_and(|(_, is_on)| is_on)
    }

    /// Whether a quirk is on; marks it as applied if it is.
    pub fn apply_quirk(&self, id: &str) -> bool {
        match self.flags.find(id) {
            Some((index, true)) => {
                self.mark_applied(index);
                true
            }
            _ => false,
        }
    }

    /// The flags of all quirks.
    pub fn flags(&self) -> &QuirkFlags {
        &self.flags
    }

    /// Replaces the flags of all quirks.
    pub fn set_quirk_flags(&mut self, flags: QuirkFlags) {
        self.flags = flags;
    }

    /// Marks a quirk, by its index in the list of all, as applied to the current request.
    pub fn mark_applied(&self, index: usize) {
        let mut applied = self.applied.borrow_mut();
        if !applied.contains(&index) {
            applied.push(index);
        }
    }

    /// Sets the quirks that were applied to the current request back to those of before.
    pub fn restore_applied(&self, before: &AppliedQuirks) {
        let mut applied = self.applied.borrow_mut();
        applied.retain(|index| before.contains(index));
    }

    /// The quirks that were applied to the current request.
    pub fn applied_quirks(&self) -> AppliedQuirks {
        AppliedQuirks::from_slice(&self.applied.borrow())
    }
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
        // The first and the last day of the calendar have no such ends.
        let or_now = |end: Result<Zoned, jiff::Error>| end.map_or(now.timestamp(), |end| end.timestamp());
        Self { zone: zone.into(), date: now.date(), first: or_now(first), last: or_now(last) }
    }
}
