//! What `GET /metrics` shows of the sessions that move.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Parking;
use super::rejection::Rejection;
use super::take_up::Origin;
use crate::admin::{Metric, MetricSource};

/// What has happened since the start of the server.
#[derive(Default)]
pub(super) struct Counters {
    parked: AtomicU64,
    resumed: AtomicU64,
    recovered: AtomicU64,
    elsewhere: AtomicU64,
    lost: AtomicU64,
    unavailable: AtomicU64,
    store_errors: AtomicU64,
}

impl Counters {
    pub(super) fn count_parked(&self) {
        self.parked.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_arrival(&self, origin: Origin) {
        match origin {
            Origin::Here | Origin::New => {}
            Origin::Resumed => _ = self.resumed.fetch_add(1, Ordering::Relaxed),
            Origin::Recovered => _ = self.recovered.fetch_add(1, Ordering::Relaxed),
        }
    }

    pub(super) fn count_rejection(&self, rejection: &Rejection) {
        let counter = match rejection {
            Rejection::Elsewhere(_) => &self.elsewhere,
            Rejection::Lost(_) => &self.lost,
            Rejection::Unavailable(_) => &self.unavailable,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_store_error(&self) {
        self.store_errors.fetch_add(1, Ordering::Relaxed);
    }
}

impl MetricSource for Parking {
    fn metrics(&self) -> Vec<Metric> {
        let metric = |name, help, counter: &AtomicU64| Metric { name, help, value: counter.load(Ordering::Relaxed) };
        let counters = &self.counters;
        vec![
            Metric {
                name: "standin_parking_claims",
                help: "Sessions that this replica has claimed.",
                value: self.held.lock().len() as u64,
            },
            Metric {
                name: "standin_parking_lease_valid",
                help: "1 while this replica may use its sessions, 0 after it has lost its lease.",
                value: u64::from(self.lease.is_valid()),
            },
            metric("standin_parking_parked_total", "Sessions that were parked.", &counters.parked),
            metric("standin_parking_resumed_total", "Parked sessions that were taken up.", &counters.resumed),
            metric(
                "standin_parking_recovered_total",
                "Sessions that were taken up from a lost replica, without their last changes.",
                &counters.recovered,
            ),
            metric(
                "standin_parking_misdirected_total",
                "Requests whose session is at another replica (421).",
                &counters.elsewhere,
            ),
            metric("standin_parking_lost_total", "Requests whose session is lost (410).", &counters.lost),
            metric(
                "standin_parking_unavailable_total",
                "Requests whose session could not be taken up (503).",
                &counters.unavailable,
            ),
            metric(
                "standin_parking_store_errors_total",
                "Errors of the store in work of its own, such as parking.",
                &counters.store_errors,
            ),
        ]
    }
}
