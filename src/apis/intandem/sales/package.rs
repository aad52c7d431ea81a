//! Packages, the catalogue entries: `/platform/v1/payment/packages`.
//!
//! Facts: section A2 of the sales and clients catalogue and seeds 002 and 003.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::apis::intandem::money;
use crate::handlers::list;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply};

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
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let asks = |name: &str| ctx.query.get(name) == Some("true");
    let (active_only, include_items) = (asks("active_only"), asks("include_items"));
    let own = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let mut wanted: Vec<_> = own.filter(|package| !active_only || is_active(package)).collect();
    wanted.sort_by_key(|package| package.get("order").as_integer());
    let views =
        wanted.into_iter().map(|package| if include_items { view(package) } else { view(package).without("items") });
    // All of them, where no page is asked for: the contract knows no pages here (row `pkg-list-params-ignored`).
    let by_pages = ["page", "per_page"].iter().any(|name| ctx.query.get(name).is_some());
    let views = match by_pages {
        true => list::select(views, ctx.query, &[]),
        false => list::sorted(views, ctx.query, &[]),
    };
    Ok(Reply::many("packages", views))
}

/// `GET /platform/v1/payment/packages/{package_id}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = own(ctx)?;
    Ok(Reply::one("package", view(&package)))
}

/// `GET /client/payments/v1/packages`: what a client can buy; inactive ones too, unless `active_only`.
pub fn list_of_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let active_only = ctx.query.get("active_only") == Some("true");
    let own = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let mut wanted: Vec<_> = own.filter(|package| !active_only || is_active(package)).collect();
    wanted.sort_by_key(|package| package.get("order").as_integer());
    let views = wanted.into_iter().map(view_of_client);
    Ok(Reply::many("packages", list::select(views, ctx.query, &[])))
}

/// `GET /client/payments/v1/packages/{package_id}`.
pub fn read_of_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = ctx.owned_record("package", &ctx.path[0]);
    let package = package.ok_or_else(|| ApiError::not_found("Package").field("package_id"))?;
    Ok(Reply::one("package", view_of_client(&package)))
}

/// `POST /platform/v1/payment/packages`.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.business()?;
    let fields = sent(ctx, ctx.body)?;
    let last = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let order = last.filter_map(|package| package.get("order").as_integer()).max().map_or(0, |order| order + 1);
    let now = ctx.state.now_text();
    let fields =
        fields.with("business_uid", business).with("order", order).with("created_at", &now).with("updated_at", &now);
    let id = ctx.state.ids.uid();
    let package = ctx.insert("package", id, fields);
    Ok(Reply::one("package", view(&package)))
}

/// `PUT /platform/v1/payment/packages/{package_id}`: what is sent replaces what was known, items as a whole set. Client
/// packages made before keep what they copied (row `pkg-update-not-retroactive`).
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = own(ctx)?;
    let mut changed = Record::clone(&package);
    for (name, value) in sent(ctx, ctx.body_field(&["package"]))?.iter() {
        changed.fields.set(name, value.clone());
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let package = ctx.state.store.put(changed);
    Ok(Reply::one("package", view(&package)))
}

/// `PUT /business/payments/v1/packages/reorder`: the packages that are listed get another place in the list, the others
/// keep theirs (row `pkg-reorder`).
pub fn reorder(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let body = ctx.body;
    for sent in body.get("packages").and_then(Value::as_array).into_iter().flatten() {
        let package = ctx.owned_record("package", sent.get("id").and_then(Value::as_str).unwrap_or_default());
        let order = sent.get("order").map(FieldValue::from).and_then(|order| order.as_integer());
        if let (Some(package), Some(order)) = (package, order) {
            let mut changed = Record::clone(&package);
            changed.fields.set("order", order);
            ctx.state.store.put(changed);
        }
    }
    Ok(Reply::empty())
}

/// Whether a package can be given to a client.
pub fn is_active(package: &Record) -> bool {
    package.get("active").is_true() && package.get("deleted_at").is_null()
}

fn own(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.business()?;
    ctx.owned_record("package", &ctx.path[0]).ok_or_else(|| match ctx.state.apply_quirk("package-unknown-is-422") {
        true => ApiError::new(ErrorKind::Invalid, "Package not found"),
        false => ApiError::not_found("Package"),
    })
}

/// What the body says about a package, as it is kept.
fn sent(ctx: &Context<'_>, body: &Value) -> Result<Fields, ApiError> {
    let mut fields = Fields::new();
    let resource = ctx.resources.get("package");
    for name in KEPT {
        if let Some(value) = body.get(name) {
            let kind = resource.and_then(|resource| resource.field(name)).map(|field| &field.kind);
            fields.set(name, kind.map_or_else(|| value.into(), |kind| kind.keep(value)));
        }
    }
    for name in ["expiration_unit", "discount_unit"] {
        // RequestCondition in capitals, shown in small letters (row `pkg-unit-lowercased`).
        if let Some(FieldValue::Text(unit)) = fields.get(name) {
            let unit = unit.to_lowercase();
            fields.set(name, unit);
        }
    }
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        fields.set("items", items.iter().map(|item| item_of(ctx, item)).collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(products) = body.get("products").and_then(Value::as_array) {
        fields.set("products", products.iter().map(|product| product_of(ctx, product)).collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(uids) = body.get("tax_uids") {
        fields.set("taxes", money::taxes(ctx, uids)?);
    }
    Ok(fields)
}

fn item_of(ctx: &Context<'_>, item: &Value) -> Result<FieldValue, ApiError> {
    let mut services = Vec::new();
    for service in item.get("services").and_then(Value::as_array).into_iter().flatten() {
        let service = ctx.owned_record("service", service.get("id").and_then(Value::as_str).unwrap_or_default());
        let service = service.ok_or_else(|| ApiError::invalid("items", "Service not found"))?;
        services.push(Fields::new().with("id", &service.id).with("name", service.get("name").clone()).into());
    }
    let total = FieldValue::from(item.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
    Ok(Fields::new().with("total_bookings", total).with("services", services).into())
}

fn product_of(ctx: &Context<'_>, sent: &Value) -> Result<FieldValue, ApiError> {
    let product = ctx.owned_record("product", sent.get("id").and_then(Value::as_str).unwrap_or_default());
    let product = product.ok_or_else(|| ApiError::invalid("products", "Product not found"))?;
    let quantity = sent.get("quantity").map_or(FieldValue::Integer(1), FieldValue::from);
    Ok(Fields::new()
        .with("id", &product.id)
        .with("name", product.get("name").clone())
        .with("quantity", quantity)
        .into())
}

fn view(package: &Arc<Record>) -> RecordView {
    let price = package.get("price").as_decimal().unwrap_or(Decimal::ZERO);
    let total: i64 = package
        .get("items")
        .as_list()
        .iter()
        .filter_map(|item| item.get("total_bookings").as_integer())
        .fold(0, i64::saturating_add);
    RecordView::of(package)
        .with("total_price", money::with_taxes(price, package.get("taxes")))
        .with("total_bookings", total)
}

/// The discount is only for show (B3, package), and no source says which of the two prices has it.
fn view_of_client(package: &Arc<Record>) -> RecordView {
    view(package).with("original_price", package.get("price").clone())
}
