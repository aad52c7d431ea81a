//! `/sessions/{session}/clock`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Answer, Context, ok};
use crate::diagnostics::JsonFields;
use crate::model::TimeSpan;
use crate::request::{Clock, Problem, time_text};
use crate::session::Session;

/// The fastest clock: a year in less than ten seconds.
const MAX_SPEED: f64 = 3_600_000.0;

/// What to write where a time is expected.
pub(super) const TIME_ADVICE: &str = "write a time with its zone, such as 2026-02-08T10:00:00Z";
const SPAN_ADVICE: &str = "write a span of time such as 3d: an integer with ms, s, min, h, d, w, m (months) or y";

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    ok(&clock_json(&*ctx.session()?, ctx.request.at))
}

pub(super) fn put(ctx: &Context<'_>) -> Answer {
    let mut body = JsonFields::read(&ctx.request.body, &["now", "advance", "frozen", "speed"])?;
    let now = body.parsed::<Timestamp>("now", TIME_ADVICE);
    let advance = body.parsed::<TimeSpan>("advance", SPAN_ADVICE);
    let frozen = body.flag("frozen");
    let speed = body.number("speed", 0.0..=MAX_SPEED);
    if now.is_some() && advance.is_some() {
        body.reject("advance", "write either now or advance");
    }
    body.finish()?;
    let session = ctx.session_or_new()?;
    let at = ctx.request.at;
    session.set_clock(&ctx.engine.contract().resources, |clock| {
        let shown = clock.time_at(at);
        let to = match (now, advance) {
            (Some(now), _) => now,
            (None, Some(span)) => {
                span.after(shown).ok_or_else(|| Problem::at("/advance", "that is beyond the calendar"))?
            }
            (None, None) => shown,
        };
        let speed = speed.unwrap_or_else(|| clock.speed());
        Ok::<_, Problem>(match frozen.unwrap_or_else(|| clock.is_frozen()) {
            true => Clock::Frozen(to),
            false => Clock::Set { from: to, since: at, speed },
        })
    })?;
    ok(&clock_json(&session, at))
}

/// The clock of a session as it is shown.
pub(super) fn clock_json(session: &Session, at: Timestamp) -> Value {
    let clock = session.state().clock();
    json!({"now": time_text(clock.time_at(at)).as_str(), "frozen": clock.is_frozen(), "speed": clock.speed()})
}
