use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// How long a request takes at least that others should not wait for.
const SLOW: Duration = Duration::from_millis(2);

/// The number of quick requests in a row after which an operation is no longer slow.
const QUICK_IN_A_ROW: u8 = 64;

/// Whether an operation has taken long lately. It is slow until it has shown that it is not.
#[derive(Default)]
pub(super) struct Pace {
    /// The number of quick requests since the last slow one.
    quick: AtomicU8,
}

impl Pace {
    /// Adds the duration of a request. A number that another thread changes at the same time may be lost, which makes the
    /// operation slow for one request more or fewer.
    pub(super) fn add(&self, elapsed: Duration) {
        let quick = self.quick.load(Ordering::Relaxed);
        if elapsed >= SLOW {
            self.quick.store(0, Ordering::Relaxed);
        } else if quick < QUICK_IN_A_ROW {
            self.quick.store(quick + 1, Ordering::Relaxed);
        }
    }

    /// Whether the next request may take long.
    pub(super) fn is_slow(&self) -> bool {
        self.quick.load(Ordering::Relaxed) < QUICK_IN_A_ROW
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_slow_until_many_requests_in_a_row_were_quick() {
        let pace = Pace::default();
        for _ in 0..QUICK_IN_A_ROW {
            assert!(pace.is_slow());
            pace.add(Duration::from_micros(10));
        }
        assert!(!pace.is_slow());
        pace.add(SLOW);
        assert!(pace.is_slow());
        (1..QUICK_IN_A_ROW).for_each(|_| pace.add(Duration::ZERO));
        assert!(pace.is_slow());
        pace.add(Duration::ZERO);
        assert!(!pace.is_slow());
    }
}
