use super::{FaultKind, FaultedCall, JsonFields};
use crate::faults::Ending;

/// No response: the connection is reset.
#[derive(Debug)]
struct ResetPeer;

pub(super) fn read(_: &mut JsonFields) -> Box<dyn FaultKind> {
    Box::new(ResetPeer)
}

impl FaultKind for ResetPeer {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        call.effect.delivery.ending = Ending::Reset;
        true
    }
}
