//! The kinds of faults, one file each, and [`KINDS`].

mod bandwidth;
mod latency;
mod limit_data;
mod rate_limit;
mod reset_peer;
mod slicer;
mod status;
mod timeout;

use std::fmt::Debug;

use super::list::FaultedCall;
use crate::diagnostics::JsonFields;

/// A kind of fault with its settings.
pub(super) trait FaultKind: Debug + Send + Sync {
    /// Changes the response to a request that matches; `false` if it has no effect on this one.
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool;
}

/// The name of a kind and how its settings are read.
struct Kind {
    name: &'static str,
    settings: &'static [&'static str],
    /// Reads the settings. Errors are collected by the fields; the kind is then not used.
    read: fn(&mut JsonFields) -> Box<dyn FaultKind>,
}

/// All kinds. A new one is one file and one row.
const KINDS: [Kind; 8] = [
    Kind { name: "latency", settings: &["ms", "jitter", "distribution"], read: latency::read },
    Kind { name: "bandwidth", settings: &["kb_per_second"], read: bandwidth::read },
    Kind { name: "timeout", settings: &["ms"], read: timeout::read },
    Kind { name: "reset_peer", settings: &[], read: reset_peer::read },
    Kind { name: "limit_data", settings: &["bytes"], read: limit_data::read },
    Kind { name: "slicer", settings: &["bytes", "delay_ms"], read: slicer::read },
    Kind { name: "status", settings: &["code", "body", "message", "retry_after"], read: status::read },
    Kind { name: "rate_limit", settings: &["requests", "per"], read: rate_limit::read },
];

/// The names of all kinds.
pub const KIND_NAMES: [&str; KINDS.len()] = {
    let mut names = [""; KINDS.len()];
    let mut index = 0;
    while index < KINDS.len() {
        names[index] = KINDS[index].name;
        index += 1;
    }
    names
};

/// Reads the one kind of a fault.
pub(super) fn read(fields: &mut JsonFields) -> Option<(&'static str, Box<dyn FaultKind>)> {
    let given: Vec<&Kind> = KINDS.iter().filter(|kind| fields.names().any(|name| name == kind.name)).collect();
    let [kind] = given.as_slice() else {
        let all = KIND_NAMES.join(", ");
        let (name, detail) = match given.get(1) {
            None => ("", format!("the fault has no kind: write one of {all} with its settings")),
            Some(second) => (second.name, "a fault has one kind: add another fault for the second one".to_owned()),
        };
        fields.reject(name, detail);
        return None;
    };
    let mut settings = fields.object(kind.name, kind.settings)?;
    let read = (kind.read)(&mut settings);
    fields.adopt(kind.name, settings);
    Some((kind.name, read))
}

/// The bound of all times in milliseconds: ten minutes.
const MAX_MS: u64 = 600_000;
