use std::cell::{OnceCell, RefCell};

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use smallvec::SmallVec;

use super::{Ids, Settings, Switches};
use crate::store::Store;

/// Where a world's time comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// It stands still.
    Frozen(Timestamp),
    /// It is the time that each call brings.
    Running,
}

/// Everything a behaviour can know and change: records, ids, time and the quirks that are on.
///
/// A clone is a fork: it goes on by itself from the same state, to the same ids.
#[derive(Clone)]
pub struct World {
    /// What is remembered.
    pub store: Store,
    /// New ids and all randomness.
    pub ids: Ids,
    /// How calls are dealt with, apart from quirks.
    pub settings: Settings,
    clock: Clock,
    now: Timestamp,
    now_text: OnceCell<CompactString>,
    switches: Switches,
    took_part: RefCell<SmallVec<[usize; 8]>>,
}

impl World {
    /// An empty world.
    pub fn new(seed: u64, clock: Clock, switches: Switches) -> Self {
        let now = match clock {
            Clock::Frozen(now) => now,
            Clock::Running => Timestamp::UNIX_EPOCH,
        };
        Self {
            store: Store::default(),
            ids: Ids::new(seed),
            settings: Settings::default(),
            clock,
            now,
            now_text: OnceCell::new(),
            switches,
            took_part: RefCell::default(),
        }
    }

    /// A call begins at that time of the caller's clock.
    pub fn begin(&mut self, at: Timestamp) {
        if self.clock == Clock::Running && self.now != at {
            self.now = at;
            self.now_text.take();
        }
        self.took_part.get_mut().clear();
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What time it is, as records keep it.
    pub fn now_text(&self) -> CompactString {
        self.now_text.get_or_init(|| time_text(self.now)).clone()
    }

    /// What day it is for a business.
    pub fn today(&self, business: &str) -> Date {
        self.now.to_zoned(self.zone(business)).date()
    }

    /// The time zone of a business; UTC when it names none.
    pub fn zone(&self, business: &str) -> TimeZone {
        let name = self.store.get("business", business).map_or("", |business| business.text("time_zone"));
        match name {
            "" | "UTC" => TimeZone::UTC,
            name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
        }
    }

    /// Whether a quirk is on. To be asked only where the answer differs: a quirk that is on and was asked for
    /// has changed the answer and is named in it.
    pub fn quirk(&self, id: &str) -> bool {
        match self.switches.find(id) {
            Some((place, true)) => {
                self.took_part(place);
                true
            }
            _ => false,
        }
    }

    /// The switches, for rules.
    pub fn switches(&self) -> &Switches {
        &self.switches
    }

    /// Replaces the switches.
    pub fn set_switches(&mut self, switches: Switches) {
        self.switches = switches;
    }

    /// Says that a quirk changed the answer.
    pub fn took_part(&self, place: usize) {
        let mut took_part = self.took_part.borrow_mut();
        if !took_part.contains(&place) {
            took_part.push(place);
        }
    }

    /// The quirks that changed the answer, by their place in the list of all.
    pub fn changed_by(&self) -> SmallVec<[usize; 8]> {
        SmallVec::from_slice(&self.took_part.borrow())
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
