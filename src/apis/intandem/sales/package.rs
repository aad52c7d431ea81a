//! Packages that a business sells: `/platform/v1/payment/packages`.
//!
//! Source: catalogue-sales, section A2; seed-002 and seed-003.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::apis::intandem::money;
use crate::handlers::query::ListQuery;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply};

/// Request fields that are stored under the same name.
const SAME_NAME: [&str; 11] = [
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

/// `GET /platform/v1/payment/packages`: includes inactive packages unless `active_only`, and items only with
/// `include_items`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let is_true = |name: &str| ctx.query.get(name) == Some("true");
    let (active_only, include_items) = (is_true("active_only"), is_true("include_items"));
    let all = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let mut packages: Vec<_> = all.filter(|package| !active_only || is_active(package)).collect();
    packages.sort_by_key(|package| package.get("order").as_integer());
    let views =
        packages.into_iter().map(|package| if include_items { view(package) } else { view(package).without("items") });
    // All packages, unless the query asks for a page: the contract documents no pages here. Source: catalogue-sales,
    // row pkg-list-params-ignored.
    let is_paged = ["page", "per_page"].iter().any(|name| ctx.query.get(name).is_some());
    let views = match is_paged {
        true => ListQuery::new(ctx.query, &[]).page(views)?.views,
        false => ListQuery::new(ctx.query, &[]).select(views),
    };
    Ok(Reply::many("packages", views))
}

/// `GET /platform/v1/payment/packages/{package_id}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = find(ctx)?;
    Ok(Reply::one("package", view(&package)))
}

/// `GET /client/payments/v1/packages`: packages that a client can buy; includes inactive ones unless `active_only`.
pub fn list_for_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let active_only = ctx.query.get("active_only") == Some("true");
    let all = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let mut packages: Vec<_> = all.filter(|package| !active_only || is_active(package)).collect();
    packages.sort_by_key(|package| package.get("order").as_integer());
    let views = packages.into_iter().map(client_view);
    Ok(Reply::many("packages", ListQuery::new(ctx.query, &[]).page(views)?.views))
}

/// `GET /client/payments/v1/packages/{package_id}`.
pub fn read_for_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = ctx.owned_record("package", &ctx.path[0]);
    let package = package.ok_or_else(|| ApiError::not_found("Package").field("package_id"))?;
    Ok(Reply::one("package", client_view(&package)))
}

/// `POST /platform/v1/payment/packages`.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let fields = read_fields(ctx, ctx.body)?;
    let packages = ctx.state.store.all("package").filter(|package| ctx.is_own(package));
    let order = packages.filter_map(|package| package.get("order").as_integer()).max().map_or(0, |order| order + 1);
    let now = ctx.state.now_text();
    let fields =
        fields.with("business_uid", business).with("order", order).with("created_at", &now).with("updated_at", &now);
    let id = ctx.state.ids.uid();
    let package = ctx.insert("package", id, fields);
    Ok(Reply::one("package", view(&package)))
}

/// `PUT /platform/v1/payment/packages/{package_id}`: changes the fields of the request; items are replaced as a whole.
/// Existing client packages keep their copy. Source: catalogue-sales, row pkg-update-not-retroactive.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let package = find(ctx)?;
    let mut changed = Record::clone(&package);
    for (name, value) in read_fields(ctx, ctx.body_field(&["package"]))?.iter() {
        changed.fields.set(name, value.clone());
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    let package = ctx.state.store.put(changed);
    Ok(Reply::one("package", view(&package)))
}

/// `PUT /business/payments/v1/packages/reorder`: sets the position of the listed packages. Source: catalogue-sales, row
/// pkg-reorder.
pub fn reorder(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
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

/// Whether a package can be sold.
pub fn is_active(package: &Record) -> bool {
    package.get("active").is_true() && package.get("deleted_at").is_null()
}

fn find(ctx: &Context<'_>) -> Result<Arc<Record>, ApiError> {
    ctx.owner()?;
    ctx.owned_record("package", &ctx.path[0]).ok_or_else(|| match ctx.state.apply_quirk("package-unknown-is-422") {
        true => ApiError::new(ErrorKind::Invalid, "Package not found"),
        false => ApiError::not_found("Package"),
    })
}

/// The fields of the request as they are stored.
fn read_fields(ctx: &Context<'_>, body: &Value) -> Result<Fields, ApiError> {
    let mut fields = Fields::new();
    let resource = ctx.resources.get("package");
    for name in SAME_NAME {
        if let Some(value) = body.get(name) {
            let kind = resource.and_then(|resource| resource.field(name)).map(|field| &field.kind);
            fields.set(name, kind.map_or_else(|| value.into(), |kind| kind.convert(value)));
        }
    }
    for name in ["expiration_unit", "discount_unit"] {
        // Requests send units in capitals, responses show small letters. Source: catalogue-sales, row
        // pkg-unit-lowercased.
        if let Some(FieldValue::Text(unit)) = fields.get(name) {
            let unit = unit.to_lowercase();
            fields.set(name, unit);
        }
    }
    if let Some(items) = body.get("items").and_then(Value::as_array) {
        fields.set("items", items.iter().map(|item| read_item(ctx, item)).collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(products) = body.get("products").and_then(Value::as_array) {
        fields
            .set("products", products.iter().map(|product| read_product(ctx, product)).collect::<Result<Vec<_>, _>>()?);
    }
    if let Some(uids) = body.get("tax_uids") {
        fields.set("taxes", money::taxes(ctx, uids)?);
    }
    Ok(fields)
}

fn read_item(ctx: &Context<'_>, item: &Value) -> Result<FieldValue, ApiError> {
    let mut services = Vec::new();
    for service in item.get("services").and_then(Value::as_array).into_iter().flatten() {
        let service = ctx.owned_record("service", service.get("id").and_then(Value::as_str).unwrap_or_default());
        let service = service.ok_or_else(|| ApiError::invalid("items", "Service not found"))?;
        services.push(Fields::new().with("id", &service.id).with("name", service.get("name").clone()).into());
    }
    let total = FieldValue::from(item.get("total_bookings").unwrap_or(&Value::Null)).as_integer();
    Ok(Fields::new().with("total_bookings", total).with("services", services).into())
}

fn read_product(ctx: &Context<'_>, sent: &Value) -> Result<FieldValue, ApiError> {
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

/// A package as clients see it. No source says whether `original_price` is before or after the discount, which is only
/// displayed. Source: catalogue-sales, section B3, entry package.
fn client_view(package: &Arc<Record>) -> RecordView {
    view(package).with("original_price", package.get("price").clone())
}
