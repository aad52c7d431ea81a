use super::{FaultKind, FaultedCall, JsonFields};

/// The body is sent slowly.
#[derive(Debug)]
struct Bandwidth {
    bytes_per_second: u64,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let advice = "write the number of kilobytes that are sent in a second, such as 64";
    let kilobytes = settings.required_integer("kb_per_second", 1..=1_000_000, advice);
    Box::new(Bandwidth { bytes_per_second: kilobytes * 1000 })
}

impl FaultKind for Bandwidth {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        let slowest = call.effect.delivery.bytes_per_second.get_or_insert(self.bytes_per_second);
        *slowest = self.bytes_per_second.min(*slowest);
        true
    }
}
