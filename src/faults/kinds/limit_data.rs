use super::{FaultKind, FaultedCall, JsonFields};
use crate::faults::Ending;

/// The connection closes after a part of the body.
#[derive(Debug)]
struct LimitData {
    bytes: usize,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let advice = "write the number of bytes of the body that are sent, such as 100";
    Box::new(LimitData { bytes: settings.required_integer("bytes", 0..=1 << 30, advice) as usize })
}

impl FaultKind for LimitData {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        call.effect.delivery.ending = Ending::Truncated(self.bytes);
        true
    }
}
