use std::time::Duration;

use super::{FaultKind, FaultedCall, JsonFields, MAX_MS};

/// The body is sent in small pieces.
#[derive(Debug)]
struct Slicer {
    bytes: usize,
    delay: Duration,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let bytes = settings.required_integer("bytes", 1..=1 << 30, "write the size of a piece in bytes, such as 16");
    let delay = Duration::from_millis(settings.integer("delay_ms", 0..=MAX_MS).unwrap_or(0));
    Box::new(Slicer { bytes: bytes as usize, delay })
}

impl FaultKind for Slicer {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        call.effect.delivery.pieces = Some((self.bytes, self.delay));
        true
    }
}
