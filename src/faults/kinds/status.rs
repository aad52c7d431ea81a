use super::{FaultKind, FaultedCall, JsonFields};
use crate::faults::StatusFault;
use http::HeaderValue;
use http::header::RETRY_AFTER;

/// An error instead of the operation's response.
#[derive(Debug)]
struct Status {
    fault: StatusFault,
    retry_after: Option<u64>,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let code = settings.required_integer("code", 400..=599, "write a status from 400 to 599, such as 503") as u16;
    let (body, message) = (settings.take("body"), settings.text("message"));
    let fault = StatusFault { code, body, message: message.unwrap_or_else(|| reason(code)) };
    Box::new(Status { fault, retry_after: settings.integer("retry_after", 0..=u64::from(u32::MAX)) })
}

impl FaultKind for Status {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        call.effect.status = Some(self.fault.clone());
        call.effect.headers.extend(self.retry_after.map(|seconds| (RETRY_AFTER, HeaderValue::from(seconds))));
        true
    }
}

/// The standard reason of a status.
pub(super) fn reason(code: u16) -> String {
    let reason = http::StatusCode::from_u16(code).ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("Error").to_owned()
}
