//! Packages, the catalogue entries: `/platform/v1/payment/packages`.
//!
//! Source: seed-002, seed-003; catalogue-sales, section A2.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::behaviours::{list, money};
use crate::exchange::{Exchange, Payload, Refusal, RefusalKind, View};
use crate::store::{Datum, Fields, Record};

/// What is sent and kept under the same name.
const KEPT: [&str; 11] = [
    "name",
    "description",
    "price",
    "currency",
    "expiration",
    "expiration_unit",
    "discount_amount",
    "discount_unit",
    "image_path",
    "online_payment_enabled",
    "active",
];

/// `GET /platform/v1/payment/packages`: inactive ones too, unless `active_only`; items only with `include_items`.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let asks = |name: &str| exchange.query.get(name) == Some("true");
    let (active_only, include_items) = (asks("active_only"), asks("include_items"));
    let own = exchange.world.store.all("package").filter(|package| exchange.is_own(package));
    let mut wanted: Vec<_> = own.filter(|package| !active_only || is_active(package)).collect();
    wanted.sort_by_key(|package| package.get("order").as_integer());
    let views =
        wanted.into_iter().map(|package| if include_items { view(package) } else { view(package).without("items") });
    // All of them, where no page is asked for: the contract knows no pages here (row `pkg-list-params-ignored`).
    let by_pages = ["page", "per_page"].iter().any(|name| exchange.query.get(name).is_some());
    let views = match by_pages {
        true => list::select(views, exchange.query, &[]),
        false => list::sorted(views, exchange.query, &[]),
    };
    Ok(Payload::many("packages", views))
}

/// `GET /platform/v1/payment/packages/{package_id}`.
pub fn read(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let package = own(exchange)?;
    Ok(Payload::one("package", view(&package)))
}

/// `GET /client/payments/v1/packages`: what a client can buy; inactive ones too, unless `active_only`.
pub fn list_of_client(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let active_only = exchange.query.get("active_only") == Some("true");
    let own = exchange.world.store.all("package").filter(|package| exchange.is_own(package));
    let mut wanted: Vec<_> = own.filter(|package| !active_only || is_active(package)).collect();
    wanted.sort_by_key(|package| package.get("order").as_integer());
    let views = wanted.into_iter().map(view_of_client);
    Ok(Payload::many("packages", list::select(views, exchange.query, &[])))
}

/// `GET /client/payments/v1/packages/{package_id}`.
pub fn read_of_client(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let package = exchange.own("package", &exchange.path[0]);
    let package = package.ok_or_else(|| Refusal::not_found("Package").field("package_id"))?;
    Ok(Payload::one("package", view_of_client(&package)))
}

/// `POST /platform/v1/payment/packages`.
pub fn create(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let business = exchange.business()?;
    let fields = sent(exchange, exchange.body)?;
    let last = exchange.world.store.all("package").filter(|package| exchange.is_own(package));
    let order = last.filter_map(|package| package.get("order").as_integer()).max().map_or(0, |order| order + 1);
    let now = exchange.world.now_text();
    let fields =
        fields.with("business_uid", business).with("order", order).with("created_at", &now).with("updated_at", &now);
    let id = exchange.world.ids.uid();
    let package = exchange.keep("package", id, fields);
    Ok(Payload::one("package", view(&package)))
}

/// `PUT /platform/v1/payment/packages/{package_id}`: what is sent replaces what was known, items as a whole set. Client
/// packages made before keep what they copied (row `pkg-update-not-retroactive`).
pub fn update(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    let package = own(exchange)?;
    let mut changed = Record::clone(&package);
    for (name, value) in sent(exchange, exchange.sent(&["package"]))?.iter() {
        changed.fields.set(name, value.clone());
    }
    changed.fields.set("updated_at", exchange.world.now_text());
    let package = exchange.world.store.put(changed);
    Ok(Payload::one("package", view(&package)))
}

/// `PUT /business/payments/v1/packages/reorder`: the packages that are listed get another place in the list, the others
/// keep theirs (row `pkg-reorder`).
pub fn reorder(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let body = exchange.body;
    for sent in body.get("packages").and_then(Value::as_array).into_iter().flatten() {
        let package = exchange.own("package", sent.get("id").and_then(Value::as_str).unwrap_or_default());
        let order = sent.get("order").map(Datum::from).and_then(|order| order.as_integer());
        if let (Some(package), Some(order)) = (package, order) {
            let mut changed = Record::clone(&package);
            changed.fields.set("order", order);
            exchange.world.store.put(changed);
        }
    }
    Ok(Payload::empty())
}

/// Whether a package can be given to a client.
pub fn is_active(package: &Record) -> bool {
    package.get("active").is_true() && package.get("deleted_at").is_null()
}

fn own(exchange: &Exchange<'_>) -> Result<Arc<Record>, Refusal> {
    exchange.business()?;
    exchange.own("package", &exchange.path[0]).ok_or_else(|| match exchange.world.quirk("package-unknown-is-422") {
        true => Refusal::new(RefusalKind::Invalid, "Package not found"),
        false => Refusal::not_found("Package"),
    })
}

/// What the body says about a package, as it is kept.
fn sent(exchange: &Exchange<'_>, body: &Value) -> Result<Fields, Refusal> {
    let mut fields = Fields::new();
    let resource = exchange.resources.get("package");
    for name in KEPT {
        if let Some(value) = body.get(name) {
            let kind = resource.and_then(|resource| resource.field(name)).map(|field| &field.kind);
            fields.set(name, kind.map_or_else(|| value.into(), |kind| kind.keep(value)));
        }
    }
    for name in ["expiration_unit", "discount_unit"] {
        // Sent in capitals, shown in small letters (row `pkg-unit-lowercased`).
        if let Some(Datum::Text(unit)) = fields.get(name) {
            let unit = unit.to_lowercase();
            fields.set(name, unit);
        }
    }
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        fields.set("items", items.iter().map(|item| item_of(exchange, item)).collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(products) = body.get("products").and_then(Value::as_array) {
        fields.set(
            "products",
            products.iter().map(|product| product_of(exchange, product)).collect::<Result<Vec<_>, _>>()?,
        );
    }
    if let Some(uids) = body.get("tax_uids") {
        fields.set("taxes", money::taxes(exchange, uids)?);
    }
    Ok(fields)
}

fn item_of(exchange: &Exchange<'_>, item: &Value) -> Result<Datum, Refusal> {
    let mut services = Vec::new();
    for service in item.get("services").and_then(Value::as_array).into_iter().flatten() {
        let service = exchange.own("service", service.get("id").and_then(Value::as_str).unwrap_or_default());
        let service = service.ok_or_else(|| Refusal::invalid("items", "Service not found"))?;
        services.push(Fields::new().with("id", &service.id).with("name", service.get("name").clone()).into());
    }
    let total = Datum::from(item.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
    Ok(Fields::new().with("total_bookings", total).with("services", services).into())
}

fn product_of(exchange: &Exchange<'_>, sent: &Value) -> Result<Datum, Refusal> {
    let product = exchange.own("product", sent.get("id").and_then(Value::as_str).unwrap_or_default());
    let product = product.ok_or_else(|| Refusal::invalid("products", "Product not found"))?;
    let quantity = sent.get("quantity").map_or(Datum::Integer(1), Datum::from);
    Ok(Fields::new()
        .with("id", &product.id)
        .with("name", product.get("name").clone())
        .with("quantity", quantity)
        .into())
}

fn view(package: &Arc<Record>) -> View {
    let price = package.get("price").as_decimal().unwrap_or(Decimal::ZERO);
    let total: i64 = package
        .get("items")
        .as_list()
        .iter()
        .filter_map(|item| item.get("total_bookings").as_integer())
        .fold(0, i64::saturating_add);
    View::of(package).with("total_price", money::with_taxes(price, package.get("taxes"))).with("total_bookings", total)
}

/// The discount is only for show (B3, package), and no source says which of the two prices has it.
fn view_of_client(package: &Arc<Record>) -> View {
    view(package).with("original_price", package.get("price").clone())
}
