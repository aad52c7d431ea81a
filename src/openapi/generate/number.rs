//! Numbers within bounds.

use rand::Rng;
use rand::RngExt as _;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value};

use super::Maker;

/// Width of the range of a number with one bound or none.
const DEFAULT_WIDTH: i64 = 99;

/// The bounds of a number schema. Decimals, because multiples of `0.01` are not exact in binary.
#[derive(Clone, Copy)]
struct Bounds {
    low: Option<(Decimal, bool)>,
    high: Option<(Decimal, bool)>,
    /// The number is a multiple of this.
    step: Option<Decimal>,
}

impl Bounds {
    /// `None` if a bound is beyond the range of decimals.
    fn of(schema: &Value, is_integer: bool) -> Option<Self> {
        let keywords = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf"];
        let mut numbers = keywords.iter().filter_map(|key| schema.get(*key)).filter(|value| value.is_number());
        if numbers.any(|value| to_decimal(value).is_none()) {
            return None;
        }
        let decimal = |key: &str| schema.get(key).filter(|value| value.is_number()).and_then(to_decimal);
        // `exclusiveMinimum: true` is the style of drafts up to 4.
        let flag = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        let stricter =
            |inclusive: Option<Decimal>, exclusive: Option<Decimal>, is_stricter: &dyn Fn(Decimal, Decimal) -> bool| {
                match (inclusive, exclusive) {
                    (Some(inclusive), Some(exclusive)) if is_stricter(inclusive, exclusive) => Some((inclusive, false)),
                    (_, Some(exclusive)) => Some((exclusive, true)),
                    (Some(inclusive), None) => Some((inclusive, false)),
                    (None, None) => None,
                }
            };
        let low = match flag("exclusiveMinimum") {
            true => decimal("minimum").map(|bound| (bound, true)),
            false => stricter(decimal("minimum"), decimal("exclusiveMinimum"), &|a, b| a > b),
        };
        let high = match flag("exclusiveMaximum") {
            true => decimal("maximum").map(|bound| (bound, true)),
            false => stricter(decimal("maximum"), decimal("exclusiveMaximum"), &|a, b| a < b),
        };
        let step = decimal("multipleOf").filter(|step| *step > Decimal::ZERO);
        // A multiple of 0.5 that is an integer is a multiple of 1.
        let whole = |step: Decimal| {
            (1..=1_000_i64)
                .map(|times| step.checked_mul(times.into()))
                .find_map(|step| step.filter(Decimal::is_integer))
        };
        let step = if is_integer { Some(step.and_then(whole).unwrap_or(Decimal::ONE)) } else { step };
        Some(Self { low, high, step })
    }

    fn allows(&self, value: Decimal) -> bool {
        self.low.is_none_or(|(low, open)| value > low || value == low && !open)
            && self.high.is_none_or(|(high, open)| value < high || value == high && !open)
    }

    /// The smallest multiple of a step that the lower bound allows.
    fn first_multiple(&self, step: Decimal) -> Option<Decimal> {
        let (low, open) = self.low?;
        let first = low.checked_div(step)?.ceil().checked_mul(step)?;
        if open && first == low { first.checked_add(step) } else { Some(first) }
    }

    /// The largest multiple of a step that the upper bound allows.
    fn last_multiple(&self, step: Decimal) -> Option<Decimal> {
        let (high, open) = self.high?;
        let last = high.checked_div(step)?.floor().checked_mul(step)?;
        if open && last == high { last.checked_sub(step) } else { Some(last) }
    }

    /// A number in the middle, where no whole number is between the bounds.
    fn middle(&self) -> Option<Decimal> {
        let (low, high) = (self.low?.0, self.high?.0);
        let middle = low.checked_add(high)?.checked_div(2.into())?;
        self.allows(middle).then_some(middle)
    }
}

fn to_decimal(value: &Value) -> Option<Decimal> {
    let text = value.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}

/// A number in JSON: an integer, or with a fraction.
fn to_json(value: Decimal, is_integer: bool) -> Value {
    match value.to_i64().filter(|_| is_integer) {
        Some(whole) => whole.into(),
        None => {
            let text = value.normalize().to_string();
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            number.map_or(Value::Null, Value::Number)
        }
    }
}

impl<R: Rng> Maker<'_, R> {
    /// A number for a schema.
    pub(super) fn make_number(&mut self, schema: &Value, is_integer: bool) -> Value {
        let bounds = Bounds::of(schema, is_integer);
        let drawn = self.random.random::<f64>();
        let number = bounds.and_then(|bounds| bounds.draw(drawn, self.variant));
        number.map_or_else(|| huge(schema, is_integer), |value| to_json(value, is_integer))
    }

    /// Whether a number is within the bounds of a schema.
    pub(super) fn is_number_allowed(schema: &Value, value: &Value) -> bool {
        let Some(bounds) = Bounds::of(schema, super::kind_of(schema) == Some("integer")) else { return true };
        to_decimal(value).is_none_or(|value| {
            let is_multiple = |step| value.checked_rem(step).is_none_or(|rest: Decimal| rest.is_zero());
            bounds.allows(value) && bounds.step.is_none_or(is_multiple)
        })
    }
}

impl Bounds {
    /// The number at a fraction of the range; further variants are the numbers from the lower bound upwards, then downwards if
    /// there is no lower bound. `None` if the arithmetic overflows.
    fn draw(&self, fraction: f64, variant: usize) -> Option<Decimal> {
        let width = self.step.unwrap_or(Decimal::ONE);
        let first = self.first_multiple(width);
        let last = self.last_multiple(width);
        if self.step.is_none() && first.zip(last).is_some_and(|(first, last)| first > last) {
            return self.middle();
        }
        let low = match self.low {
            Some((low, false)) => low,
            Some(_) => first?,
            None => last.map_or(Decimal::ONE, |last| last.min(Decimal::ONE)),
        };
        let high = match self.high {
            Some((high, false)) => high,
            Some(_) => last?,
            None => low.checked_add(DEFAULT_WIDTH.into())?.max(first.unwrap_or(low)),
        };
        let mut value = match variant {
            0 => {
                let range = high.checked_sub(low)?.to_f64()?;
                let offset = Decimal::try_from(fraction * range).ok()?;
                low.checked_add(offset)?.floor()
            }
            variant => low.checked_add(width.checked_mul(Decimal::from(variant - 1))?)?,
        };
        if value > high && self.low.is_none() && variant > 0 {
            // Nothing bounds the numbers below.
            value = low.checked_sub(width.checked_mul(Decimal::from(variant))?)?;
        } else if value < low {
            value = low;
        }
        if self.high.is_none() && variant > 0 {
            // Every further variant is another number.
        } else if value > high {
            value = high;
        }
        let Some(step) = self.step else { return Some(value) };
        let up = value.checked_div(step)?.ceil().checked_mul(step)?;
        Some(if up > high && self.high.is_some() { high.checked_div(step)?.floor().checked_mul(step)? } else { up })
    }
}

/// A bound of a schema that is beyond the range of decimals.
fn huge(schema: &Value, is_integer: bool) -> Value {
    let bounds = ["minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"];
    let bound = bounds.iter().find_map(|key| schema.get(*key).and_then(Value::as_f64)).unwrap_or(1.0);
    if is_integer { Value::from(bound as i64) } else { Number::from_f64(bound).map_or(Value::Null, Value::Number) }
}
