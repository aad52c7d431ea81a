use std::time::Duration;

use rand::RngExt as _;

use super::{FaultKind, FaultedCall, JsonFields, MAX_MS};

/// The response begins later.
#[derive(Debug)]
struct Latency {
    ms: f64,
    jitter: f64,
    distribution: Distribution,
}

#[derive(Debug)]
enum Distribution {
    /// Any time from `ms - jitter` to `ms + jitter`.
    Uniform,
    /// `ms` is the median, and `ms + jitter` is one standard deviation above it.
    Lognormal,
}

pub(super) fn read(settings: &mut JsonFields) -> Box<dyn FaultKind> {
    let ms = settings.required_integer("ms", 0..=MAX_MS, "write the time in milliseconds, such as 400");
    let jitter = settings.integer("jitter", 0..=MAX_MS).unwrap_or(0);
    let distribution = match settings.text("distribution").as_deref() {
        None | Some("uniform") => Distribution::Uniform,
        Some("lognormal") => Distribution::Lognormal,
        Some(_) => {
            settings.reject("distribution", "write uniform or lognormal");
            Distribution::Uniform
        }
    };
    Box::new(Latency { ms: ms as f64, jitter: jitter as f64, distribution })
}

impl FaultKind for Latency {
    fn apply(&self, call: &mut FaultedCall<'_>) -> bool {
        let ms = match self.distribution {
            _ if self.jitter == 0.0 => self.ms,
            Distribution::Uniform => self.ms + call.random.random_range(-self.jitter..=self.jitter),
            Distribution::Lognormal => {
                let sigma = (1.0 + self.jitter / self.ms.max(1.0)).ln();
                self.ms.max(1.0) * (sigma * normal(call)).exp()
            }
        };
        call.effect.delivery.delay += Duration::from_secs_f64(ms.clamp(0.0, MAX_MS as f64) / 1e3);
        true
    }
}

/// A number of the standard normal distribution (Box and Muller).
fn normal(call: &mut FaultedCall<'_>) -> f64 {
    let (one, other) = (call.random.random_range(f64::MIN_POSITIVE..1.0), call.random.random_range(0.0..1.0));
    let (one, other): (f64, f64) = (one, other);
    (-2.0 * one.ln()).sqrt() * (std::f64::consts::TAU * other).cos()
}
