//! `GET /metrics`: the server in the text format of Prometheus, version 0.0.4.

use std::fmt::{Display, Write as _};

use http::{HeaderValue, StatusCode};

use super::{Answer, Context};
use crate::pipeline::DURATION_BOUNDS;
use crate::request::Response;

/// One figure of `GET /metrics`.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Its name, which ends in `_total` if it only grows.
    pub name: &'static str,
    /// A sentence for people.
    pub help: &'static str,
    /// Its value now.
    pub value: u64,
}

/// A part of the server around the mock that has metrics of its own.
pub trait MetricSource: Send + Sync {
    /// The metrics in the order in which they are shown.
    fn metrics(&self) -> Vec<Metric>;
}

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let mut text = String::new();
    header(&mut text, "standin_info", "gauge", "Version of the server and name of the API.");
    sample(&mut text, "standin_info", &[("version", env!("CARGO_PKG_VERSION")), ("api", &ctx.engine.api().name)], 1);
    add_requests(&mut text, ctx);
    add_durations(&mut text, ctx);
    let sessions = ctx.mock.sessions();
    let (entries, bytes) = sessions.journal().usage();
    for (name, help, value) in [
        ("standin_sessions", "Sessions that exist.", sessions.count() as u64),
        ("standin_sessions_evicted_total", "Sessions that were evicted.", sessions.evicted()),
        ("standin_records_bytes", "Size of the records of all sessions.", sessions.meter().used() as u64),
        ("standin_journal_entries", "Requests and events in the journal.", entries as u64),
        ("standin_journal_bytes", "Size of the journal.", bytes as u64),
        ("standin_journal_dropped_total", "Entries that left the full journal.", sessions.journal().dropped()),
    ] {
        add(&mut text, &Metric { name, help, value });
    }
    for metric in ctx.admin.more_metrics.iter().flat_map(|source| source.metrics()) {
        add(&mut text, &metric);
    }
    Ok(Response::with_type(StatusCode::OK, CONTENT_TYPE, text))
}

fn add_requests(text: &mut String, ctx: &Context<'_>) {
    let name = "standin_requests_total";
    header(text, name, "counter", "Requests to the API by operation and status; without an operation it is empty.");
    let usage = ctx.mock.usage();
    let operations = ctx.engine.contract().operations.iter().map(|operation| &*operation.key);
    for (key, counts) in operations.zip(usage.operations()).chain([("", usage.others())]) {
        for (status, count) in counts {
            sample(text, name, &[("operation", key), ("status", status.as_str())], count);
        }
    }
}

fn add_durations(text: &mut String, ctx: &Context<'_>) {
    header(text, "standin_request_duration_seconds", "histogram", "How long it took to make the responses.");
    let durations = ctx.mock.usage().durations();
    let bounds = DURATION_BOUNDS.iter().map(|bound| (*bound as f64 / 1e6).to_string());
    let counts = durations.up_to.into_iter().chain([durations.count]);
    for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(counts) {
        sample(text, "standin_request_duration_seconds_bucket", &[("le", &bound)], count);
    }
    sample(text, "standin_request_duration_seconds_sum", &[], durations.sum.as_secs_f64());
    sample(text, "standin_request_duration_seconds_count", &[], durations.count);
}

fn add(text: &mut String, Metric { name, help, value }: &Metric) {
    header(text, name, if name.ends_with("_total") { "counter" } else { "gauge" }, help);
    sample(text, name, &[], value);
}

fn header(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl Display) {
    let escaped = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    let _ = match labels.as_slice() {
        [] => writeln!(text, "{name} {value}"),
        labels => writeln!(text, "{name}{{{}}} {value}", labels.join(",")),
    };
}
