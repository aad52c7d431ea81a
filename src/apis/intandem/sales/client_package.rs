//! Client packages: what a client got of a package, with credits, a payment request and a conversation.
//!
//! Facts: seeds 000, 001 and 004, section A3 and contradictions C-6 to C-10 of the sales and clients catalogue.

use std::sync::{Arc, LazyLock};

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;

use super::package;
use super::payment_request::{self, Due};
use crate::apis::intandem::clients::matter;
use crate::apis::intandem::money;
use crate::handlers::list;
use crate::model::{FieldNames, FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply, State};

/// `POST /platform/v1/payment/client_packages`.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.business()?;
    let client_id = ctx.body_text("client_id").unwrap_or_default();
    let client =
        ctx.owned_record("client", client_id).ok_or_else(|| ApiError::invalid("client_id", "Client not found"))?;
    let package = chosen_package(ctx)?;
    let matter = chosen_matter(ctx, &client)?;
    let price = price(ctx, &package)?;
    let taxes = match ctx.body_field(&["tax_uids"]) {
        Value::Null => package.get("taxes").clone(),
        uids => money::taxes(ctx, uids)?,
    };
    let valid_from = match sent_date(ctx.body_field(&["valid_from"]), "valid_from")? {
        Some(day) => day,
        None if ctx.state.apply_quirk("client-package-valid-from-today") => ctx.state.today(&business),
        None => return Err(ApiError::missing("valid_from")),
    };
    let valid_until =
        match sent_date(ctx.body_field(&["valid_until"]), "valid_until")? {
            Some(day) => Some(day),
            None if ctx.state.apply_quirk("client-package-valid-until-from-expiration") => {
                let until = expiration(&package, valid_from);
                Some(until.ok_or_else(|| {
                    ApiError::invalid("valid_until", "The package's expiration is beyond the calendar")
                })?)
            }
            None => None,
        };
    if let Some(valid_until) = valid_until {
        refuse_before_valid_from(ctx, valid_from, valid_until)?;
    }

    // Nothing is refused from here on, and so nothing is changed before.
    let matter = match matter {
        Some(matter) => Some(matter),
        None if ctx.state.apply_quirk("client-package-auto-conversation") => Some(default_matter(ctx, &client)),
        None => None,
    };
    let staff = ctx.caller.staff.clone().or_else(|| client.get("staff_id").as_text().map(Into::into));
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
        // A client package is due when it is made (row `due-on-receipt`).
        due: ctx.state.today(&business),
    };
    let request = payment_request::create(ctx, due);
    let credits = credits(ctx, &package);
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
        ("products", package.get("products").clone()),
        ("image_path", package.get("image_path").clone()),
        ("created_at", (&now).into()),
        ("updated_at", (&now).into()),
    ];
    let record = ctx.insert("client_package", id, fields);
    Ok(Reply::one("client_package", view(ctx.state, &record)))
}

/// `GET /business/payments/v1/client_packages/{uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let record = own(ctx)?;
    Ok(Reply::one("client_package", view(ctx.state, &record)))
}

/// `GET /client/payments/v1/client_packages`: those of a matter of the caller's. `filter[state][eq]` is `ACTIVE` while a
/// credit can be used, else `INACTIVE` (row `cp-client-list-matter`).
pub fn list_of_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let client = ctx.caller.client.as_deref();
    let matter = ctx.owned_record("matter", ctx.query.get("matter_uid").unwrap_or_default());
    let matter = matter.filter(|matter| client.is_none_or(|client| matter.text("client_uid") == client));
    let matter = matter.ok_or_else(|| ApiError::unauthorized().unknown())?;
    let state = &*ctx.state;
    let all = state.store.all("client_package").filter(|package| package.text("conversation_id") == matter.id);
    let views = all.map(|package| {
        let is_active = is_valid(state, package) && package.get("booking_credits").as_list().iter().any(is_left);
        let price = package.get("amount");
        view(state, package)
            .with("state", if is_active { "ACTIVE" } else { "INACTIVE" })
            .with("price", price.clone())
            .with("net_price", price.clone())
    });
    Ok(Reply::many("client_packages", list::select(views, ctx.query, &[])))
}

/// Whether a package is active and valid today.
pub(super) fn is_valid(state: &State, package: &Record) -> bool {
    let day = |name: &str| package.text(name).parse::<Date>().ok();
    let today = state.today(package.text("business_id"));
    package.get("active").is_true()
        && day("valid_from").is_none_or(|from| from <= today)
        && day("valid_until").is_none_or(|until| today <= until)
}

/// Whether something of a credit is left.
pub(super) fn is_left(credit: &FieldValue) -> bool {
    credit.get("total_bookings").as_integer() > credit.get("bookings_usage").as_integer()
}

/// `PUT /business/payments/v1/client_packages/{uid}`: totals of credits and the last day, nothing else.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let record = own(ctx)?;
    let mut changed = Record::clone(&record);
    let credits = changed_credits(ctx, &record)?;
    changed.fields.set("booking_credits", credits);
    let until = sent_date(ctx.body_field(&["client_package", "valid_until"]), "valid_until")?;
    if let Some(until) = until {
        if until < ctx.state.today(record.text("business_id"))
            && ctx.state.apply_quirk("client-package-valid-until-past")
        {
            return Err(ApiError::invalid("valid_until", "Valid until must be in the future"));
        }
        if let Ok(from) = record.text("valid_from").parse::<Date>() {
            refuse_before_valid_from(ctx, from, until)?;
        }
        changed.fields.set("valid_until", until);
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let record = ctx.state.store.put(changed);
    Ok(Reply::one("client_package", view(ctx.state, &record)))
}

fn own(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.business()?;
    ctx.owned_record("client_package", &ctx.path[0]).ok_or_else(|| {
        // Seed 004 says 404, the contract knows only 422 (contradiction C-10).
        match ctx.state.apply_quirk("client-package-unknown-is-404") {
            true => ApiError::new(ErrorKind::Absent, "Not Found"),
            false => ApiError::new(ErrorKind::NotFound, "Not Found").field("client_package_uid"),
        }
    })
}

/// The package that is assigned: it must exist, belong to the business and be active (seed 001, Notes).
fn chosen_package(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    let state = &*ctx.state;
    let refuse = |message: &str| Err(ApiError::invalid("package_id", message));
    let Some(package) = state.store.get("package", ctx.body_text("package_id").unwrap_or_default()) else {
        return match state.apply_quirk("client-package-unknown-package") {
            true => refuse("Package not found"),
            false => Err(ApiError::not_found("Package").field("package_id")),
        };
    };
    if !ctx.is_own(package) && state.apply_quirk("client-package-foreign-package") {
        return refuse("Package not found");
    }
    if !package::is_active(package) && state.apply_quirk("client-package-inactive-package") {
        return refuse("Package is not active");
    }
    Ok(Arc::clone(package))
}

/// The matter that was named. `conversation_id` is the documented name, `matter_uid` the one that works at the real
/// API (contradiction C-7); both are taken.
fn chosen_matter(ctx: &Context<'_>, client: &Record) -> Result<Option<CompactString>, ApiError> {
    let named = ["matter_uid", "conversation_id"].into_iter().find_map(|name| Some((name, ctx.body_text(name)?)));
    let Some((name, id)) = named else { return Ok(None) };
    match ctx.owned_record("matter", id) {
        Some(matter) if matter.text("client_uid") == client.id => Ok(Some(matter.id.clone())),
        _ => Err(ApiError::invalid(name, "Matter doesn't belong to client")),
    }
}

/// The client's default conversation: the first there is, else a new one (seed 001, learning 5).
fn default_matter(ctx: &mut Context<'_>, client: &Record) -> CompactString {
    let known = matter::of_client(ctx.state, &client.id).next().map(|matter| matter.id.clone());
    known.unwrap_or_else(|| matter::create(ctx, client).id.clone())
}

/// The price: the one that was sent, else that of the catalogue (seed 001, learning 4).
fn price(ctx: &Context<'_>, package: &Record) -> Result<Decimal, ApiError> {
    let catalogue = package.get("price").as_decimal().unwrap_or(Decimal::ZERO);
    let sent = match ctx.body_field(&["price"]) {
        Value::Null => return Ok(catalogue),
        sent => FieldValue::from(sent).as_decimal().map(|price| price.round_dp(2)),
    };
    let sent = sent.ok_or_else(|| ApiError::invalid("price", "Price is not a number"))?;
    let differs = sent != catalogue;
    Ok(if differs && ctx.state.apply_quirk("client-package-price-override") { sent } else { catalogue })
}

/// The last day: so many days, weeks, months or years after the first (seed 002, `expiration`).
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

/// The names of a pool of credits and of what it pays for: every client package has some.
static CREDIT: LazyLock<Arc<FieldNames>> =
    LazyLock::new(|| FieldNames::new(["id", "total_bookings", "bookings_usage", "credit_items"].map(without_default)));
static CREDIT_ITEM: LazyLock<Arc<FieldNames>> =
    LazyLock::new(|| FieldNames::new(["item_id", "item_type", "bookings_usage"].map(without_default)));

fn without_default(name: &str) -> (&str, FieldValue) {
    (name, FieldValue::Null)
}

/// One pool of credits for each item of the package (seed 002, Notes).
fn credits(ctx: &mut Context<'_>, package: &Record) -> FieldValue {
    let items = package.get("items").as_list();
    if items.is_empty() || !ctx.state.apply_quirk("client-package-credits-from-items") {
        return Vec::new().into();
    }
    let credits = items.iter().map(|item| {
        let services = item.get("services").as_list().iter().map(|service| {
            let values = vec![service.get("id").clone(), "SERVICE".into(), 0.into()];
            FieldValue::from(Fields::shared(&CREDIT_ITEM, values))
        });
        let services = FieldValue::List(services.collect());
        let values = vec![ctx.state.ids.uid().into(), item.get("total_bookings").clone(), 0.into(), services];
        FieldValue::from(Fields::shared(&CREDIT, values))
    });
    FieldValue::List(credits.collect())
}

/// The credits after an update: a total may be raised, or lowered to what is used.
fn changed_credits(ctx: &Context<'_>, record: &Record) -> Result<FieldValue, ApiError> {
    let mut credits: Vec<Fields> =
        record.get("booking_credits").as_list().iter().filter_map(FieldValue::as_object).cloned().collect();
    let sent = ctx.body_field(&["client_package", "booking_credits"]);
    for sent in sent.as_array().into_iter().flatten() {
        let id = sent.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = credits.iter_mut().find(|credit| credit.get("id").and_then(FieldValue::as_text) == Some(id));
        let credit = known.ok_or_else(|| ApiError::invalid("booking_credits", "Booking credit not found"))?;
        let total = FieldValue::from(sent.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
        let total = total.ok_or_else(|| ApiError::invalid("total_bookings", "Total bookings is not a number"))?;
        let used = credit.get("bookings_usage").and_then(FieldValue::as_integer).unwrap_or(0);
        if total < used && ctx.state.apply_quirk("client-package-total-below-usage") {
            let message = "Total bookings must be equal to or greater than the current usage";
            return Err(ApiError::invalid("total_bookings", message));
        }
        credit.set("total_bookings", total);
    }
    Ok(credits.into_iter().map(FieldValue::from).collect::<Vec<_>>().into())
}

fn refuse_before_valid_from(ctx: &Context<'_>, from: Date, until: Date) -> Result<(), ApiError> {
    match until < from && ctx.state.apply_quirk("client-package-valid-until-before-valid-from") {
        true => Err(ApiError::invalid("valid_until", "Valid until must be on or after valid from")),
        false => Ok(()),
    }
}

/// A day as it was sent: a date, or a point in time of which the day is taken.
fn sent_date(sent: &Value, field: &str) -> Result<Option<Date>, ApiError> {
    let text = match sent {
        Value::Null => return Ok(None),
        Value::String(text) if text.is_empty() => return Ok(None),
        Value::String(text) => text.as_str(),
        _ => "",
    };
    let day = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let whole = text.len() == 10 || text.parse::<Timestamp>().is_ok();
    match day {
        Some(day) if whole => Ok(Some(day)),
        _ => Err(ApiError::invalid(field, format!("{field} must be a date in YYYY-MM-DD format"))),
    }
}

/// Everything that any family shows of a client package.
fn view(state: &State, record: &Arc<Record>) -> RecordView {
    let sum = |name: &str| -> i64 {
        record
            .get("booking_credits")
            .as_list()
            .iter()
            .filter_map(|credit| credit.get(name).as_integer())
            .fold(0, i64::saturating_add)
    };
    let request = record.get("payment_request_uid");
    let due = request.as_text().and_then(|uid| state.store.get("payment_request", uid));
    let due_state: FieldValue = due.map(|request| payment_request::shown_state(state, request)).into();
    // The reference has three names: platform, business and client, legacy (row `cp-ps-field-name`).
    RecordView::of(record)
        .with("total_bookings", sum("total_bookings"))
        .with("bookings_usage", sum("bookings_usage"))
        .with("payment_request_id", request.clone())
        .with("payment_request_state", due_state.clone())
        .with("payment_status_uid", request.clone())
        .with("payment_status_state", due_state)
}
