//! Transitions that happen when time passes.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;

use super::behaviour::MAX_REQUEST_STEPS;
use super::{BehaviourRunner, Notification, State};
use crate::diagnostics::Span;
use crate::model::{Change, Record, merge_changes};
use crate::openapi::{Lifecycle, Resources, TimedTransition};

/// A transition that happened because time passed.
#[derive(Clone, Debug)]
pub struct TimeEvent {
    /// When it happened, by the clock of the session.
    pub at: Timestamp,
    /// Its name: `expired`.
    pub name: String,
    /// The kind of the record.
    pub kind: CompactString,
    /// The id of the record.
    pub id: CompactString,
    /// What it changed, the record first; empty if it only appears in the journal.
    pub changes: Vec<Change>,
    /// What it sends to other servers.
    pub notifications: Vec<Notification>,
    /// Why what it causes could not happen.
    pub error: Option<String>,
}

/// Until when nothing happens.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum NextEvent {
    /// It is not known: the records have to be searched.
    #[default]
    Unknown,
    /// Nothing happens before this time.
    At(Timestamp),
    /// Nothing happens at all.
    Never,
}

impl NextEvent {
    fn is_before(self, time: Timestamp) -> bool {
        match self {
            Self::Unknown => true,
            Self::At(next) => next <= time,
            Self::Never => false,
        }
    }

    fn earliest(self, time: Timestamp) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::At(next) => Self::At(next.min(time)),
            Self::Never => Self::At(time),
        }
    }
}

/// The length of a day as text: `2026-02-08`.
const DAY_LENGTH: usize = 10;

/// A transition that is going to happen to a record.
struct Due<'r> {
    at: Timestamp,
    kind: &'r str,
    id: CompactString,
    lifecycle: &'r Lifecycle,
    row: usize,
}

/// The transitions that are due, in the order of their times; those of one time in the order in which they were found.
#[derive(Default)]
struct Agenda<'r> {
    due: BTreeMap<(Timestamp, usize), Due<'r>>,
    /// Kind, id and row of those that are or were among them.
    known: HashSet<(&'r str, CompactString, usize)>,
    next: Option<Timestamp>,
}

impl<'r> Agenda<'r> {
    fn add(&mut self, due: Due<'r>, now: Timestamp) {
        if due.at > now {
            self.next = Some(self.next.map_or(due.at, |next| next.min(due.at)));
        } else if self.known.insert((due.kind, due.id.clone(), due.row)) {
            self.due.insert((due.at, self.known.len()), due);
        }
    }
}

impl State {
    /// Applies the transitions that were due since the last call, in the order of their times.
    pub fn pass_time(&mut self, resources: &Resources) -> Vec<TimeEvent> {
        let (until, now) = (self.events_until, self.now);
        // Requests that are received at the same time can arrive here in another order.
        self.events_until = until.max(now);
        if now < until || !self.next_event.is_before(now) {
            return Vec::new();
        }
        let mut agenda = Agenda::default();
        for (resource, lifecycle) in resources.timed() {
            for record in self.store.all(&resource.kind) {
                self.add_due(&mut agenda, record, (&resource.kind, lifecycle), until);
            }
        }
        let mut events = Vec::new();
        while let Some((_, due)) = agenda.due.pop_first() {
            let at = due.at;
            let Some(event) = self.happen(due, resources) else { continue };
            // The new states can make other transitions due.
            for record in event.changes.iter().filter_map(|change| change.after.as_deref()) {
                if let Some(resource) = resources.get(&record.kind)
                    && let Some(lifecycle) = &resource.lifecycle
                {
                    self.add_due(&mut agenda, record, (&resource.kind, lifecycle), at);
                }
            }
            events.push(event);
        }
        self.next_event = agenda.next.map_or(NextEvent::Never, NextEvent::At);
        self.steps_left = MAX_REQUEST_STEPS;
        events
    }

    /// Takes note of records that were written since [`State::pass_time`].
    pub fn expect_events(&mut self, resources: &Resources, changes: &[Change]) {
        for record in changes.iter().filter_map(|change| change.after.as_deref()) {
            let lifecycle = resources.get(&record.kind).and_then(|resource| resource.lifecycle.as_ref());
            let Some(lifecycle) = lifecycle else { continue };
            for row in &lifecycle.timed {
                if let Some(at) = self.due_time(record, lifecycle, row, self.events_until) {
                    self.next_event = self.next_event.earliest(at);
                }
            }
        }
    }

    /// Takes note that any record may have been written since [`State::pass_time`].
    pub fn expect_any_event(&mut self) {
        self.next_event = NextEvent::Unknown;
    }

    /// Adds what is going to happen to a record after `since`.
    fn add_due<'r>(
        &self,
        agenda: &mut Agenda<'r>,
        record: &Record,
        (kind, lifecycle): (&'r str, &'r Lifecycle),
        since: Timestamp,
    ) {
        for (row, transition) in lifecycle.timed.iter().enumerate() {
            if let Some(at) = self.due_time(record, lifecycle, transition, since) {
                // What was due before happens now.
                let at = at.max(since);
                agenda.add(Due { at, kind, id: record.id.clone(), lifecycle, row }, self.now);
            }
        }
    }

    /// When a transition of a record happens, if it is going to after `since`. One that changes the record is due as long as
    /// it has not happened.
    fn due_time(
        &self,
        record: &Record,
        lifecycle: &Lifecycle,
        row: &TimedTransition,
        since: Timestamp,
    ) -> Option<Timestamp> {
        let text = record.text(&row.since);
        if text.is_empty() || !row.applies_to(record, &lifecycle.field) {
            return None;
        }
        // Only a day is so short. A failed attempt to parse it as a time would take most of the time of this function.
        let time = (text.len() > DAY_LENGTH).then(|| text.parse::<Timestamp>().ok()).flatten();
        let at = match time {
            Some(time) => row.after.after(time)?,
            None => {
                let owner = self.ownership.of(record).unwrap_or_default();
                let day = row.after.after_day(text.parse::<Date>().ok()?)?;
                day.to_zoned(self.zone(owner)).ok()?.timestamp()
            }
        };
        (row.to.is_some() || at > since).then_some(at)
    }

    /// Applies a transition with what it causes. If that fails, only the transition happens.
    fn happen(&mut self, due: Due<'_>, resources: &Resources) -> Option<TimeEvent> {
        let Due { at, kind, id, lifecycle, row } = due;
        let row = &lifecycle.timed[row];
        let record = self.store.get(kind, &id)?.clone();
        // Another transition may have changed it since.
        if !row.applies_to(&record, &lifecycle.field) {
            return None;
        }
        let name = row.event.clone();
        let event = |changes, notifications, error| {
            let kind = kind.into();
            TimeEvent { at, name, kind, id, changes, notifications, error }
        };
        let (Some(to), Some(resource)) = (&row.to, resources.get(kind)) else {
            return Some(event(Vec::new(), Vec::new(), None));
        };
        let (now, before) = (self.now, self.notifications.len());
        self.set_now(at);
        self.store.start_log();
        let mark = self.mark();
        let mut runner = BehaviourRunner::new(self, resources, None);
        let to = Some((lifecycle.field.as_str(), to.as_str()));
        let result = runner.changed((resource, Span::default()), &record, to, &row.set).and_then(|changed| {
            let changed = runner.put(changed);
            runner.state_changed(Arc::clone(&record), changed)
        });
        self.set_now(now);
        let Err(error) = result else {
            let notifications = self.notifications.split_off(before);
            return Some(event(merge_changes(self.store.take_log()), notifications, None));
        };
        self.undo(mark);
        let mut changed = Record::clone(&record);
        if let Some((field, state)) = to {
            changed.fields.set(field, state);
        }
        let change = Change { before: Some(record), after: Some(self.store.put(changed)) };
        Some(event(vec![change], Vec::new(), Some(error.message)))
    }
}
