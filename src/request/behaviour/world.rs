use std::sync::Arc;

use compact_str::CompactString;
use jiff::Timestamp;
use jiff::civil::Date;

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

    fn now(&self) -> Timestamp {
        self.state.now()
    }

    fn today(&self) -> Date {
        self.state.today(&self.owner)
    }

    fn quirk(&self, id: &str) -> bool {
        self.state.apply_quirk(id)
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
