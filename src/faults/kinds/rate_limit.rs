use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue};
use jiff::Timestamp;

use super::{FaultKind, FaultedCall, JsonFields, status};
use crate::faults::StatusFault;
use crate::model::TimeSpan;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// 429 for all but the first requests of each period. Time is that of the session's clock.
#[derive(Debug)]
struct RateLimit {
    requests: u64,
    per: TimeSpan,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let advice = "write the number of requests in a period, such as 100";
    let requests = settings.required_integer("requests", 0..=1_000_000_000, advice);
    let per = settings.text("per").unwrap_or_else(|| "1min".to_owned());
    let per = per.parse().unwrap_or_else(|error: crate::model::TimeSpanError| {
        settings.reject("per", error.to_string());
        TimeSpan::MINUTE
    });
    Box::new(RateLimit { requests, per })
}

impl FaultKind for RateLimit {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        let end = |begun: Timestamp| self.per.after(begun).unwrap_or(Timestamp::MAX);
        let (begun, used) = match call.usage.window {
            Some((begun, used)) if begun <= call.now && call.now < end(begun) => (begun, used),
            _ => (call.now, 0),
        };
        let is_over = used >= self.requests;
        let used = used + u64::from(!is_over);
        call.usage.window = Some((begun, used));
        let seconds = end(begun).duration_since(call.now).as_secs_f64().ceil().max(0.0) as u64;
        let headers = &mut call.effect.headers;
        headers.push((LIMIT, HeaderValue::from(self.requests)));
        headers.push((REMAINING, HeaderValue::from(self.requests.saturating_sub(used))));
        headers.push((RESET, HeaderValue::from(seconds)));
        if is_over {
            headers.push((RETRY_AFTER, HeaderValue::from(seconds)));
            let message = status::reason(429);
            call.effect.status = Some(StatusFault { code: 429, body: None, message });
        }
        true
    }
}
