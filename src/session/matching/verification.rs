use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;

use super::{Difference, RequestMatch};
use crate::session::{Entry, Session};

/// How many of the nearest requests are listed, and among how many of the last ones they are looked for.
const MAX_NEAREST: usize = 3;
const MAX_COMPARED: usize = 1000;

/// A claim about the requests of a session.
#[derive(Clone, Debug)]
pub struct Verification {
    /// Which requests are counted.
    pub matches: RequestMatch,
    /// How many there must be.
    pub count: CountRange,
}

/// A number of requests, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountRange {
    /// At least so many.
    pub min: usize,
    /// At most so many.
    pub max: usize,
}

/// Whether a claim is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Passed,
    /// It is not.
    Failed,
    /// The journal has dropped entries that may decide it.
    Inconclusive,
}

/// The result of a verification.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerificationResult {
    /// The number of requests that match.
    pub matched: usize,
    /// Whether the claim is true.
    pub verdict: Verdict,
    /// The number of entries of the session that the journal has dropped.
    pub evicted: u64,
    /// If the verdict is not `passed`, the requests that do not match but nearly do, the nearest first.
    pub nearest: Vec<NearMiss>,
}

/// A request that does not match.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NearMiss {
    /// Its number.
    pub seq: u64,
    /// Its method and path.
    pub request: String,
    /// In what it differs.
    pub differences: Vec<Difference>,
}

impl Verification {
    /// Counts the requests of a session.
    pub fn run(&self, session: &Session) -> VerificationResult {
        let log = session.log();
        let entries = session.journal().entries(&log, 0);
        let evicted = log.evicted();
        let matched = entries.iter().filter(|entry| self.is_match(entry)).count();
        let CountRange { min, max } = self.count;
        let verdict = match matched {
            matched if matched > max => Verdict::Failed,
            _ if evicted > 0 && (matched < min || max < usize::MAX) => Verdict::Inconclusive,
            matched if matched < min => Verdict::Failed,
            _ => Verdict::Passed,
        };
        let nearest = if verdict == Verdict::Passed { Vec::new() } else { self.near_misses(&entries) };
        VerificationResult { matched, verdict, evicted, nearest }
    }

    fn is_match(&self, entry: &Entry) -> bool {
        self.matches.compare(&entry.call).is_empty()
    }

    fn near_misses(&self, entries: &[Arc<Entry>]) -> Vec<NearMiss> {
        let last = entries.iter().rev().take(MAX_COMPARED).map(|entry| (entry, &entry.call));
        let mut misses: Vec<(usize, NearMiss)> = last
            .filter_map(|(entry, call)| {
                let differences = self.matches.compare(call);
                let request = format!("{} {}", call.method, call.local_path());
                let near_miss = NearMiss { seq: entry.seq, request, differences };
                (!near_miss.differences.is_empty()).then(|| (self.matches.closeness(call), near_miss))
            })
            .collect();
        misses.sort_by_key(|(closeness, miss)| (Reverse(*closeness), miss.differences.len(), Reverse(miss.seq)));
        misses.into_iter().map(|(_, miss)| miss).take(MAX_NEAREST).collect()
    }
}
