//! Prices and taxes. In Rust for the handlers that stay in Rust.

use rust_decimal::Decimal;

use crate::model::{FieldValue, Fields};
use crate::request::{ApiError, Context};

/// The taxes with these UIDs as `{id, name, rate}`.
///
/// # Errors
/// Invalid, when the business has no tax with one of the UIDs.
pub(super) fn taxes(ctx: &Context<'_>, uids: &serde_json::Value) -> Result<FieldValue, ApiError> {
    let mut taxes = Vec::new();
    for uid in uids.as_array().into_iter().flatten() {
        let tax = ctx.owned_record("tax", uid.as_str().unwrap_or_default());
        let tax = tax.ok_or_else(|| ApiError::invalid("tax_uids", "Tax not found").unknown())?;
        let fields = Fields::new().with("id", &tax.id).with("name", tax.get("name").clone());
        taxes.push(fields.with("rate", tax.get("rate").clone()).into());
    }
    Ok(taxes.into())
}

/// A net price plus taxes, rounded to cents.
pub(super) fn with_taxes(net: Decimal, taxes: &FieldValue) -> Decimal {
    let rates = taxes.as_list().iter().filter_map(|tax| tax.get("rate").as_decimal());
    let rate = rates.fold(Decimal::ZERO, Decimal::saturating_add);
    net.saturating_add(net.saturating_mul(rate) / Decimal::ONE_HUNDRED).round_dp(2).normalize()
}

/// An amount as text for people: `$8.00 USD`. The sign of other currencies is unknown: the source shows only USD.
pub(super) fn format_amount(amount: Decimal, currency: &str) -> String {
    let sign = if currency == "USD" { "$" } else { "" };
    format!("{sign}{amount:.2} {currency}")
}
