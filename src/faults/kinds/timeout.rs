use std::time::Duration;

use super::{FaultKind, FaultedCall, JsonFields, MAX_MS};
use crate::faults::Ending;

/// No response: the connection closes after a time, or stays open until the client closes it.
#[derive(Debug)]
struct Timeout {
    after: Option<Duration>,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    Box::new(Timeout { after: settings.integer("ms", 0..=MAX_MS).map(Duration::from_millis) })
}

impl FaultKind for Timeout {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        call.effect.delivery.ending = Ending::Silent(self.after);
        true
    }
}
