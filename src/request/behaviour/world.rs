use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::BehaviourRunner;
use super::view::caller_value;
use crate::expressions::{Value, World};
use crate::model::Record;

impl World for BehaviourRunner<'_> {
    fn find(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        self.state.store.get(kind, id).cloned()
    }

    fn next(&self, kind: &str, after: u64) -> Option<(u64, Arc<Record>)> {
        self.state.store.after(kind, after).next().map(|(index, record)| (index, Arc::clone(record)))
    }

    fn find_by(&self, kind: &str, field: &str, text: &str) -> Vec<Arc<Record>> {
        self.state.store.find_by(kind, field, text).map(|(_, record)| Arc::clone(record)).collect()
    }

    fn is_own(&self, record: &Record) -> bool {
        // What happens without a request is about the records of all owners.
        self.request.as_ref().is_none_or(|request| request.caller.owns(record, self.state, self.resources))
    }

    fn zone(&self) -> TimeZone {
        self.state.zone(&self.owner)
    }

    fn now(&self) -> Timestamp {
        self.state.now()
    }

    fn today(&self) -> Date {
        self.state.today(&self.owner)
    }

    fn quirk(&self, id: &str) -> bool {
        self.state.apply_quirk(id)
    }

    fn secret(&mut self) -> CompactString {
        compact_str::format_compact!("{:032x}{:032x}", self.state.ids.number(), self.state.ids.number())
    }

    fn next_number(&self, kind: &str) -> u64 {
        self.state.store.next_number(kind)
    }

    fn uid(&mut self) -> CompactString {
        self.state.ids.uid()
    }

    fn request(&self) -> Value {
        self.request.as_ref().map_or(Value::NULL, super::RequestView::value)
    }

    fn steps_left(&self) -> u32 {
        self.state.steps_left
    }

    fn spend_steps(&mut self, steps: u32) {
        self.state.steps_left = self.state.steps_left.saturating_sub(steps);
    }

    fn caller(&self) -> Value {
        self.request.as_ref().map_or(Value::NULL, |request| caller_value(request.caller))
    }
}
