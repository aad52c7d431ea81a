//! In Rust for speed: the request that callers send most.
//!
//! Client packages: packages that clients have, with credits, a payment request and a conversation.
//!
//! Source: seed-000, seed-001 and seed-004; catalogue-sales, section A3 and contradictions C-6 to C-10.

use std::sync::{Arc, LazyLock};

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;

use super::credit;
use super::payment_request::{self, Due};
use crate::apis::intandem::clients::matter;
use crate::apis::intandem::money;
use crate::model::{FieldNames, FieldValue, Fields, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// `POST /platform/v1/payment/client_packages`.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let client_id = ctx.body_text("client_id").unwrap_or_default();
    let client =
        ctx.owned_record("client", client_id).ok_or_else(|| ApiError::invalid("client_id", "Client not found"))?;
    let package = chosen_package(ctx)?;
    let matter = chosen_matter(ctx, &client)?;
    let price = price(ctx, &package)?;
    let taxes = taxes(ctx, &package)?;
    let (valid_from, valid_until) = read_validity(ctx, &business, &package)?;

    // All checks are above this line; all writes are below.
    let matter = match matter {
        Some(matter) => Some(matter),
        None if ctx.state.apply_quirk("client-package-auto-conversation") => Some(default_matter(ctx, &client)),
        None => None,
    };
    let staff = ctx.caller.subject("staff").cloned().or_else(|| client.get("staff_id").as_text().map(Into::into));
    let products = redeem_products(ctx, &package);
    let id = ctx.state.ids.uid();
    let due = Due {
        payable_type: "ClientBookingPackage",
        payable_uid: &id,
        sellable_name: package.get("name").clone(),
        client: &client,
        matter: matter.clone(),
        staff: staff.clone(),
        net: price,
        amount: money::with_taxes(price, &taxes),
        taxes,
        currency: package.get("currency").clone(),
        redeemed_products: if products.as_list().is_empty() { FieldValue::Null } else { products.clone() },
        // A client package is due on the day it is created. Source: catalogue-sales, row due-on-receipt.
        due: ctx.state.today(&business),
    };
    let request = payment_request::create(ctx, due);
    let credits = credit::create_credits(ctx, &package);
    let now = ctx.state.now_text();
    let fields: [(&str, FieldValue); 16] = [
        ("business_id", business.into()),
        ("client_id", (&client.id).into()),
        ("package_id", (&package.id).into()),
        ("conversation_id", matter.into()),
        ("staff_id", staff.into()),
        ("payment_request_uid", (&request.id).into()),
        ("name", package.get("name").clone()),
        ("amount", price.into()),
        ("currency", package.get("currency").clone()),
        ("valid_from", valid_from.into()),
        ("valid_until", valid_until.into()),
        ("booking_credits", credits),
        ("products", products),
        ("image_path", package.get("image_path").clone()),
        ("created_at", (&now).into()),
        ("updated_at", (&now).into()),
    ];
    let record = ctx.insert("client_package", id, fields);
    Ok(Reply::one("client_package", view(ctx, &record)))
}

/// The taxes that the request names, else those of the package.
fn taxes(ctx: &Context<'_>, package: &Record) -> Result<FieldValue, ApiError> {
    match ctx.body_field(&["tax_uids"]) {
        Value::Null => Ok(package.get("taxes").clone()),
        uids => money::taxes(ctx, uids),
    }
}

/// Names of the members of a redeemed product, shared by all client packages.
static REDEEMED_PRODUCT: LazyLock<Arc<FieldNames>> = LazyLock::new(|| {
    FieldNames::new(["id", "name", "quantity", "redeemed_quantity", "redeemed_at"].map(|name| (name, FieldValue::Null)))
});

/// The products of a package as they are redeemed at its purchase, unlike credits; the payment request has them too. No
/// source says how the API shows that. Source: seed-002, field products.
fn redeem_products(ctx: &Context<'_>, package: &Record) -> FieldValue {
    let products = package.get("products").as_list();
    if products.is_empty() {
        return Vec::new().into();
    }
    let now = ctx.state.now_text();
    let redeemed = products.iter().map(|product| {
        let field = |name: &str| product.get(name).clone();
        let quantity = field("quantity");
        let values = vec![field("id"), field("name"), quantity.clone(), quantity, (&now).into()];
        FieldValue::from(Fields::shared(&REDEEMED_PRODUCT, values))
    });
    FieldValue::List(redeemed.collect())
}

/// The first and the last day of a new client package.
fn read_validity(ctx: &Context<'_>, business: &str, package: &Record) -> Result<(Date, Option<Date>), ApiError> {
    let from = match read_date(ctx.body_field(&["valid_from"]), "valid_from")? {
        Some(date) => date,
        None if ctx.state.apply_quirk("client-package-valid-from-today") => ctx.state.today(business),
        None => return Err(ApiError::missing("valid_from")),
    };
    let until = match read_date(ctx.body_field(&["valid_until"]), "valid_until")? {
        Some(date) => Some(date),
        None if ctx.state.apply_quirk("client-package-valid-until-from-expiration") => {
            let until = expiration(package, from);
            let too_late = || ApiError::invalid("valid_until", "The package's expiration is beyond the calendar");
            Some(until.ok_or_else(too_late)?)
        }
        None => None,
    };
    if let Some(until) = until {
        check_order_of_dates(ctx, from, until)?;
    }
    Ok((from, until))
}

/// The package of the request, which must exist, belong to the business and be active. Source: seed-001, section Notes.
fn chosen_package(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let state = &*ctx.state;
    let reject = |message: &str| Err(ApiError::invalid("package_id", message));
    let Some(package) = state.store.get("package", ctx.body_text("package_id").unwrap_or_default()) else {
        return match state.apply_quirk("client-package-unknown-package") {
            true => reject("Package not found"),
            false => Err(ApiError::not_found("Package").field("package_id")),
        };
    };
    if !ctx.is_own(package) && state.apply_quirk("client-package-foreign-package") {
        return reject("Package not found");
    }
    if !is_active(package) && state.apply_quirk("client-package-inactive-package") {
        return reject("Package is not active");
    }
    Ok(Arc::clone(package))
}

/// Whether a package can be sold.
fn is_active(package: &Record) -> bool {
    package.get("active").is_true() && package.get("deleted_at").is_null()
}

/// The matter of the request. The contract documents `conversation_id`, the real API takes `matter_uid`; both are
/// accepted. Source: catalogue-sales, contradiction C-7.
fn chosen_matter(ctx: &Context<'_>, client: &Record) -> Result<Option<CompactString>, ApiError> {
    let requested = ["matter_uid", "conversation_id"].into_iter().find_map(|name| Some((name, ctx.body_text(name)?)));
    let Some((name, id)) = requested else { return Ok(None) };
    match ctx.owned_record("matter", id) {
        Some(matter) if matter.text("client_uid") == client.id => Ok(Some(matter.id.clone())),
        _ => Err(ApiError::invalid(name, "Matter doesn't belong to client")),
    }
}

/// The client's default conversation: its first one, else a new one. Source: seed-001, learning 5.
fn default_matter(ctx: &mut Context<'_>, client: &Record) -> CompactString {
    let existing = matter::of_client(ctx.state, &client.id).next().map(|matter| matter.id.clone());
    existing.unwrap_or_else(|| matter::create(ctx, client).id.clone())
}

/// The price of the request, else that of the package. Source: seed-001, learning 4.
fn price(ctx: &Context<'_>, package: &Record) -> Result<Decimal, ApiError> {
    let listed = package.get("price").as_decimal().unwrap_or(Decimal::ZERO);
    let sent = match ctx.body_field(&["price"]) {
        Value::Null => return Ok(listed),
        sent => FieldValue::from(sent).as_decimal().map(|price| price.round_dp(2)),
    };
    let sent = sent.ok_or_else(|| ApiError::invalid("price", "Price is not a number"))?;
    let differs = sent != listed;
    Ok(if differs && ctx.state.apply_quirk("client-package-price-override") { sent } else { listed })
}

/// The last day: a number of days, weeks, months or years after the first. Source: seed-002, field expiration.
fn expiration(package: &Record, from: Date) -> Option<Date> {
    let count = package.get("expiration").as_integer()?;
    let span = match package.text("expiration_unit") {
        "D" | "d" => Span::new().try_days(count),
        "W" | "w" => Span::new().try_weeks(count),
        "M" | "m" => Span::new().try_months(count),
        "Y" | "y" => Span::new().try_years(count),
        _ => return None,
    };
    from.checked_add(span.ok()?).ok()
}

fn check_order_of_dates(ctx: &Context<'_>, from: Date, until: Date) -> Result<(), ApiError> {
    match until < from && ctx.state.apply_quirk("client-package-valid-until-before-valid-from") {
        true => Err(ApiError::invalid("valid_until", "Valid until must be on or after valid from")),
        false => Ok(()),
    }
}

/// A date in the request: a date, or a point in time whose date is taken.
fn read_date(sent: &Value, field: &str) -> Result<Option<Date>, ApiError> {
    let text = match sent {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text.as_str(),
        _ => "",
    };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let is_complete = text.len() == 10 || text.parse::<Timestamp>().is_ok();
    match day {
        Some(day) if is_complete => Ok(Some(day)),
        _ => Err(ApiError::invalid(field, format!("{field} must be a date in YYYY-MM-DD format"))),
    }
}

/// All fields of a client package that any path shows.
fn view(ctx: &Context<'_>, record: &Arc<Record>) -> RecordView {
    let sum = |name: &str| -> i64 {
        record
            .get("booking_credits")
            .as_list()
            .iter()
            .filter_map(|credit| credit.get(name).as_integer())
            .fold(0, i64::saturating_add)
    };
    let request = record.get("payment_request_uid");
    let request_record = request.as_text().and_then(|uid| ctx.state.store.get("payment_request", uid));
    let state: FieldValue = request_record.map(|request| payment_request::displayed_state(ctx, request)).into();
    // Paths of platform, of business and client, and of v1 have different names for the payment request. Source:
    // catalogue-sales, row cp-ps-field-name.
    RecordView::of(record)
        .with("total_bookings", sum("total_bookings"))
        .with("bookings_usage", sum("bookings_usage"))
        .with("payment_request_id", request.clone())
        .with("payment_request_state", state.clone())
        .with("payment_status_uid", request.clone())
        .with("payment_status_state", state)
}
