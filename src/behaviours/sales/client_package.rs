//! Client packages: what a client got of a package, with credits, a payment request and a conversation.
//!
//! Source: seed-000, seed-001, seed-004; catalogue-sales, section A3 and contradictions C-6 to C-10.

use std::sync::{Arc, LazyLock};

use compact_str::CompactString;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use rust_decimal::Decimal;
use serde_json::Value;

use super::package;
use super::payment_request::{self, Due};
use crate::behaviours::clients::matter;
use crate::behaviours::{list, money};
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, View, World};
use crate::store::{Datum, FieldNames, Fields, Record};

/// `POST /platform/v1/payment/client_packages`.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    let client_id = exchange.sent_text("client_id").unwrap_or_default();
    let client = exchange.own("client", client_id).ok_or_else(|| Refusal::invalid("client_id", "Client not found"))?;
    let package = chosen_package(exchange)?;
    let matter = chosen_matter(exchange, &client)?;
    let price = price(exchange, &package)?;
    let taxes = match exchange.sent(&["tax_uids"]) {
        Value::Null => package.get("taxes").clone(),
        uids => money::taxes(exchange, uids)?,
    };
    let valid_from = match sent_date(exchange.sent(&["valid_from"]), "valid_from")? {
        Some(day) => day,
        None if exchange.world.quirk("client-package-valid-from-today") => exchange.world.today(&business),
        None => return Err(Refusal::missing("valid_from")),
    };
    let valid_until =
        match sent_date(exchange.sent(&["valid_until"]), "valid_until")? {
            Some(day) => Some(day),
            None if exchange.world.quirk("client-package-valid-until-from-expiration") => {
                let until = expiration(&package, valid_from);
                Some(until.ok_or_else(|| {
                    Refusal::invalid("valid_until", "The package's expiration is beyond the calendar")
                })?)
            }
            None => None,
        };
    if let Some(valid_until) = valid_until {
        refuse_before_valid_from(exchange, valid_from, valid_until)?;
    }

    // Nothing is refused from here on, and so nothing is changed before.
    let matter = match matter {
        Some(matter) => Some(matter),
        None if exchange.world.quirk("client-package-auto-conversation") => Some(default_matter(exchange, &client)),
        None => None,
    };
    let staff = exchange.caller.staff.clone().or_else(|| client.get("staff_id").as_text().map(Into::into));
    let id = exchange.world.ids.uid();
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
        due: exchange.world.today(&business),
    };
    let request = payment_request::create(exchange, due);
    let credits = credits(exchange, &package);
    let now = exchange.world.now_text();
    let fields: [(&str, Datum); 16] = [
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
    let record = exchange.keep("client_package", id, fields);
    Ok(Payload::one("client_package", view(exchange.world, &record)))
}

/// `GET /business/payments/v1/client_packages/{uid}`.
pub fn read(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let record = own(exchange)?;
    Ok(Payload::one("client_package", view(exchange.world, &record)))
}

/// `GET /client/payments/v1/client_packages`: those of a matter of the caller's. `filter[state][eq]` is `ACTIVE` while a
/// credit can be used, else `INACTIVE` (row `cp-client-list-matter`).
pub fn list_of_client(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let client = exchange.caller.client.as_deref();
    let matter = exchange.own("matter", exchange.query.get("matter_uid").unwrap_or_default());
    let matter = matter.filter(|matter| client.is_none_or(|client| matter.text("client_uid") == client));
    let matter = matter.ok_or_else(|| Refusal::unauthorized().unknown())?;
    let world = &*exchange.world;
    let all = world.store.all("client_package").filter(|package| package.text("conversation_id") == matter.id);
    let views = all.map(|package| {
        let is_active = is_valid(world, package) && package.get("booking_credits").as_list().iter().any(is_left);
        let price = package.get("amount");
        view(world, package)
            .with("state", if is_active { "ACTIVE" } else { "INACTIVE" })
            .with("price", price.clone())
            .with("net_price", price.clone())
    });
    Ok(Payload::many("client_packages", list::select(views, exchange.query, &[])))
}

/// Whether a package is active and valid today.
pub(super) fn is_valid(world: &World, package: &Record) -> bool {
    let day = |name: &str| package.text(name).parse::<Date>().ok();
    let today = world.today(package.text("business_id"));
    package.get("active").is_true()
        && day("valid_from").is_none_or(|from| from <= today)
        && day("valid_until").is_none_or(|until| today <= until)
}

/// Whether something of a credit is left.
pub(super) fn is_left(credit: &Datum) -> bool {
    credit.get("total_bookings").as_integer() > credit.get("bookings_usage").as_integer()
}

/// `PUT /business/payments/v1/client_packages/{uid}`: totals of credits and the last day, nothing else.
pub fn update(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let record = own(exchange)?;
    let mut changed = Record::clone(&record);
    let credits = changed_credits(exchange, &record)?;
    changed.fields.set("booking_credits", credits);
    let until = sent_date(exchange.sent(&["client_package", "valid_until"]), "valid_until")?;
    if let Some(until) = until {
        if until < exchange.world.today(record.text("business_id"))
            && exchange.world.quirk("client-package-valid-until-past")
        {
            return Err(Refusal::invalid("valid_until", "Valid until must be in the future"));
        }
        if let Ok(from) = record.text("valid_from").parse::<Date>() {
            refuse_before_valid_from(exchange, from, until)?;
        }
        changed.fields.set("valid_until", until);
    }
    changed.fields.set("updated_at", exchange.world.now_text());
    let record = exchange.world.store.put(changed);
    Ok(Payload::one("client_package", view(exchange.world, &record)))
}

fn own(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    exchange.business()?;
    exchange.own("client_package", &exchange.path[0]).ok_or_else(|| {
        // Source: seed-004 (404) and the contract (422); catalogue-sales, contradiction C-10.
        match exchange.world.quirk("client-package-unknown-is-404") {
            true => Refusal::new(RefusalKind::Absent, "Not Found"),
            false => Refusal::new(RefusalKind::NotFound, "Not Found").field("client_package_uid"),
        }
    })
}

/// The package that is assigned: it must exist, belong to the business and be active (seed 001, Notes).
fn chosen_package(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    let world = &*exchange.world;
    let refuse = |message: &str| Err(Refusal::invalid("package_id", message));
    let Some(package) = world.store.get("package", exchange.sent_text("package_id").unwrap_or_default()) else {
        return match world.quirk("client-package-unknown-package") {
            true => refuse("Package not found"),
            false => Err(Refusal::not_found("Package").field("package_id")),
        };
    };
    if !exchange.is_own(package) && world.quirk("client-package-foreign-package") {
        return refuse("Package not found");
    }
    if !package::is_active(package) && world.quirk("client-package-inactive-package") {
        return refuse("Package is not active");
    }
    Ok(Arc::clone(package))
}

/// The matter that was named. `conversation_id` is the documented name, `matter_uid` the one that works at the real
/// API (contradiction C-7); both are taken.
fn chosen_matter(exchange: &Exchange<'_>, client: &Record) -> Result<Option<CompactString>, Refusal> {
    let named = ["matter_uid", "conversation_id"].into_iter().find_map(|name| Some((name, exchange.sent_text(name)?)));
    let Some((name, id)) = named else { return Ok(None) };
    match exchange.own("matter", id) {
        Some(matter) if matter.text("client_uid") == client.id => Ok(Some(matter.id.clone())),
        _ => Err(Refusal::invalid(name, "Matter doesn't belong to client")),
    }
}

/// The client's default conversation: the first there is, else a new one (seed 001, learning 5).
fn default_matter(exchange: &mut Exchange<'_>, client: &Record) -> CompactString {
    let known = matter::of_client(exchange.world, &client.id).next().map(|matter| matter.id.clone());
    known.unwrap_or_else(|| matter::create(exchange, client).id.clone())
}

/// The price: the one that was sent, else that of the catalogue (seed 001, learning 4).
fn price(exchange: &Exchange<'_>, package: &Record) -> Result<Decimal, Refusal> {
    let catalogue = package.get("price").as_decimal().unwrap_or(Decimal::ZERO);
    let sent = match exchange.sent(&["price"]) {
        Value::Null => return Ok(catalogue),
        sent => Datum::from(sent).as_decimal().map(|price| price.round_dp(2)),
    };
    let sent = sent.ok_or_else(|| Refusal::invalid("price", "Price is not a number"))?;
    let differs = sent != catalogue;
    Ok(if differs && exchange.world.quirk("client-package-price-override") { sent } else { catalogue })
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

fn without_default(name: &str) -> (&str, Datum) {
    (name, Datum::Null)
}

/// One pool of credits for each item of the package (seed 002, Notes).
fn credits(exchange: &mut Exchange<'_>, package: &Record) -> Datum {
    let items = package.get("items").as_list();
    if items.is_empty() || !exchange.world.quirk("client-package-credits-from-items") {
        return Vec::new().into();
    }
    let credits = items.iter().map(|item| {
        let services = item.get("services").as_list().iter().map(|service| {
            let values = vec![service.get("id").clone(), "SERVICE".into(), 0.into()];
            Datum::from(Fields::shared(&CREDIT_ITEM, values))
        });
        let services = Datum::List(services.collect());
        let values = vec![exchange.world.ids.uid().into(), item.get("total_bookings").clone(), 0.into(), services];
        Datum::from(Fields::shared(&CREDIT, values))
    });
    Datum::List(credits.collect())
}

/// The credits after an update: a total may be raised, or lowered to what is used.
fn changed_credits(exchange: &Exchange<'_>, record: &Record) -> Result<Datum, Refusal> {
    let mut credits: Vec<Fields> =
        record.get("booking_credits").as_list().iter().filter_map(Datum::as_object).cloned().collect();
    let sent = exchange.sent(&["client_package", "booking_credits"]);
    for sent in sent.as_array().into_iter().flatten() {
        let id = sent.get("id").and_then(Value::as_str).unwrap_or_default();
        let known = credits.iter_mut().find(|credit| credit.get("id").and_then(Datum::as_text) == Some(id));
        let credit = known.ok_or_else(|| Refusal::invalid("booking_credits", "Booking credit not found"))?;
        let total = Datum::from(sent.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
        let total = total.ok_or_else(|| Refusal::invalid("total_bookings", "Total bookings is not a number"))?;
        let used = credit.get("bookings_usage").and_then(Datum::as_integer).unwrap_or(0);
        if total < used && exchange.world.quirk("client-package-total-below-usage") {
            let message = "Total bookings must be equal to or greater than the current usage";
            return Err(Refusal::invalid("total_bookings", message));
        }
        credit.set("total_bookings", total);
    }
    Ok(credits.into_iter().map(Datum::from).collect::<Vec<_>>().into())
}

fn refuse_before_valid_from(exchange: &Exchange<'_>, from: Date, until: Date) -> Result<(), Refusal> {
    match until < from && exchange.world.quirk("client-package-valid-until-before-valid-from") {
        true => Err(Refusal::invalid("valid_until", "Valid until must be on or after valid from")),
        false => Ok(()),
    }
}

/// A day as it was sent: a date, or a point in time of which the day is taken.
fn sent_date(sent: &Value, field: &str) -> Result<Option<Date>, Refusal> {
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
        _ => Err(Refusal::invalid(field, format!("{field} must be a date in YYYY-MM-DD format"))),
    }
}

/// Everything that any family shows of a client package.
fn view(world: &World, record: &Arc<Record>) -> View {
    let sum = |name: &str| -> i64 {
        record
            .get("booking_credits")
            .as_list()
            .iter()
            .filter_map(|credit| credit.get(name).as_integer())
            .fold(0, i64::saturating_add)
    };
    let request = record.get("payment_request_uid");
    let state = request.as_text().and_then(|uid| world.store.get("payment_request", uid));
    let state: Datum = state.map(|request| payment_request::state(world, request)).into();
    // The reference has three names: platform, business and client, legacy (row `cp-ps-field-name`).
    View::of(record)
        .with("total_bookings", sum("total_bookings"))
        .with("bookings_usage", sum("bookings_usage"))
        .with("payment_request_id", request.clone())
        .with("payment_request_state", state.clone())
        .with("payment_status_uid", request.clone())
        .with("payment_status_state", state)
}
