//! Common parts of invoices and estimates: items, totals, and addressee under the names of all dialects. All paths show
//! the same record, so it has the fields of each of them. Source: catalogue-sales, row inv-three-apis.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::Value;

use super::payment_request::{Debtor, body_value};
use crate::apis::intandem::clients::matter;
use crate::apis::intandem::money;
use crate::handlers::query::ListQuery;
use crate::model::{FieldValue, Fields, Record};
use crate::request::{ApiError, Context, RecordView};

/// The items of a bill, including those of its sections, and their totals.
pub(super) struct Items {
    /// Items without a section.
    pub(super) items: Vec<FieldValue>,
    /// Sections with items of their own.
    pub(super) sections: Vec<FieldValue>,
    /// Total without taxes.
    pub(super) net: Decimal,
    /// Total with taxes.
    pub(super) total: Decimal,
}

/// The items of the request, under the names of any dialect.
pub(super) fn read_items(ctx: &mut Context<'_>, kind: &str) -> Items {
    let mut all = Items { items: Vec::new(), sections: Vec::new(), net: Decimal::ZERO, total: Decimal::ZERO };
    let body = ctx.body.get(kind).filter(|inner| inner.is_object()).unwrap_or(ctx.body);
    let currency = FieldValue::from(body_value(ctx, kind, "currency"));
    for sent in elements(body, ["items", "line_items"]) {
        let item = read_item(ctx, sent, &currency, &mut all);
        all.items.push(item);
    }
    for sent in elements(body, ["sections", "line_item_groups"]) {
        let before = all.net;
        let elements_of_section = elements(sent, ["items", "line_items"]).iter();
        let items: Vec<_> = elements_of_section.map(|sent| read_item(ctx, sent, &currency, &mut all)).collect();
        let get = |name: &str| FieldValue::from(sent.get(name).unwrap_or(&Value::Null));
        let section = Fields::new()
            .with("uid", ctx.state.ids.uid())
            .with("name", get("name"))
            .with("section_index", get("section_index"))
            .with("items", items)
            .with("total_amount", all.net.saturating_sub(before));
        all.sections.push(section.into());
    }
    all
}

/// The list under one of two names.
fn elements<'v>(value: &'v Value, names: [&str; 2]) -> &'v [Value] {
    names.iter().find_map(|name| value.get(name)?.as_array()).map(Vec::as_slice).unwrap_or_default()
}

/// An item under the names of all dialects; its amounts are added to `sums`.
fn read_item(ctx: &mut Context<'_>, sent: &Value, currency: &FieldValue, sums: &mut Items) -> FieldValue {
    let get = |name: &str| sent.get(name).unwrap_or(&Value::Null);
    let first = |names: &[&str]| {
        names.iter().map(|name| FieldValue::from(get(name))).find(|value| !value.is_null()).unwrap_or_default()
    };
    let price = first(&["unit_amount", "amount", "unit_price"]).as_decimal().unwrap_or_default();
    let quantity = first(&["quantity"]);
    let gross = price.saturating_mul(quantity.as_decimal().unwrap_or(Decimal::ONE));
    let discount = get("discount");
    let part = |name: &str| FieldValue::from(discount.get(name).unwrap_or(&Value::Null)).as_decimal();
    let discount_amount = match (part("percent"), part("amount").or_else(|| FieldValue::from(discount).as_decimal())) {
        (Some(percent), _) => gross.saturating_mul(percent) / Decimal::ONE_HUNDRED,
        (None, amount) => amount.unwrap_or_default(),
    };
    let net = gross.saturating_sub(discount_amount).max(Decimal::ZERO).normalize();
    let taxes = match sent.get("tax_uids") {
        Some(uids) => money::taxes(ctx, uids).unwrap_or_else(|_| Vec::new().into()),
        None => first(&["taxes"]),
    };
    let total = money::with_taxes(net, &taxes);
    sums.net = sums.net.saturating_add(net);
    sums.total = sums.total.saturating_add(total);
    let name = first(&["name", "title"]);
    Fields::with_capacity(20)
        .with("uid", ctx.state.ids.uid())
        .with("name", name.clone())
        .with("title", name)
        .with("description", first(&["description"]))
        .with("quantity", if quantity.is_null() { FieldValue::Integer(1) } else { quantity })
        .with("unit_amount", price)
        .with("amount", price)
        .with("currency", currency.clone())
        .with("discount", discount_fields(discount, discount_amount))
        .with("taxes", taxes.as_list().to_vec())
        .with("orig_taxes", Vec::new())
        .with("partial_payments_amount", Decimal::ZERO)
        .with("sub_total", net)
        .with("grand_total", total)
        .with("item_index", first(&["item_index", "line_item_index"]))
        .with("entity_type", first(&["entity_type"]))
        .with("entity_uid", first(&["entity_uid"]))
        .into()
}

/// A discount as it was sent, with the amount if it is a percentage. Source: catalogue-sales, row
/// inv-discount-exclusive.
fn discount_fields(sent: &Value, amount: Decimal) -> FieldValue {
    let number = |name: &str| FieldValue::from(sent.get(name).unwrap_or(&Value::Null)).as_decimal();
    match sent.is_object() {
        true => Fields::new().with("percent", number("percent")).with("amount", amount.normalize()).into(),
        false => sent.into(),
    }
}

/// Sets business, client, matter, staff, address and dates of a bill, under the names of all dialects.
pub(super) fn set_addressee(ctx: &Context<'_>, bill: &mut Record, debtor: &Debtor) {
    let kind = bill.kind.clone();
    let sent = |names: &[&str]| {
        names.iter().map(|name| FieldValue::from(body_value(ctx, &kind, name))).find(|value| !value.is_null())
    };
    let business = debtor.client.text("business_uid");
    let today = ctx.state.today(business).to_string();
    let name = ctx.state.store.get("business", business).map(|business| business.get("name").clone());
    let matter = debtor.matter.as_deref().and_then(|id| ctx.state.store.get("matter", id));
    let address = sent(&["billing_address", "address"]).unwrap_or_default();
    let day = sent(&["issue_date", "issued_at"]).unwrap_or_else(|| today.into());
    let staff = sent(&["staff_id", "staff_uid"]).unwrap_or_else(|| ctx.caller.subject("staff").cloned().into());
    let fields: [(&str, FieldValue); 17] = [
        ("business_uid", business.into()),
        ("business_name", sent(&["business_name"]).or(name).unwrap_or_default()),
        ("client_id", (&debtor.client.id).into()),
        ("client_name", matter::full_name(&debtor.client).into()),
        ("client_address", debtor.client.get("address").clone()),
        ("conversation_id", debtor.matter.clone().into()),
        ("matter_uid", debtor.matter.clone().into()),
        ("matter_name", matter.map(|matter| matter.get("display_name").clone()).unwrap_or_default()),
        ("contact_details", FieldValue::Null),
        ("matter_details", FieldValue::Null),
        ("staff_id", staff),
        ("billing_address", address.clone()),
        ("address", address),
        ("issue_date", day.clone()),
        ("issued_at", day.clone()),
        ("estimate_date", day),
        ("created_at", ctx.state.now_text().into()),
    ];
    for (name, value) in fields {
        bill.fields.set(name, value);
    }
    let is_shown = |name: &str| body_value(ctx, &kind, name).as_bool().unwrap_or(true);
    let appearance = ["color", "cover", "logo_size", "template"];
    let appearance = appearance.iter().fold(Fields::new(), |fields, name| fields.with(name, FieldValue::Null));
    let metadata = Fields::new()
        .with("display_items_total", is_shown("display_items_total"))
        .with("display_sections_total", is_shown("display_sections_total"))
        .with("is_signature_required", body_value(ctx, &kind, "is_signature_required"))
        .with("pdf_customization", appearance)
        .with("tax_mode", "exclude");
    bill.fields.set("metadata", metadata);
    // Without a value in the request these are null, not the contract's example.
    for name in ["note", "purchase_order", "terms_and_conditions"] {
        bill.fields.set(name, body_value(ctx, &kind, name));
    }
}

/// Sets items and totals of a bill, under the names of all dialects.
pub(super) fn set_totals(bill: &mut Record, items: &Items) {
    bill.fields.set("items", items.items.clone());
    bill.fields.set("sections", items.sections.clone());
    for (names, value) in [
        (&["subtotal", "net_total"][..], items.net),
        (&["total", "amount", "payment_balance"], items.total),
        (&["total_tax"], items.total.saturating_sub(items.net)),
    ] {
        for name in names {
            bill.fields.set(name, value);
        }
    }
}

/// The number of the request, else the highest number of the business plus one. Source: catalogue-sales, row
/// inv-number-string.
pub(super) fn next_number(ctx: &Context<'_>, bill: &Record, name: &str) -> FieldValue {
    match body_value(ctx, &bill.kind, name) {
        Value::Null => {
            let others = ctx.state.store.all(&bill.kind).filter(|other| other.id != bill.id && ctx.is_own(other));
            let last = others.filter_map(|other| other.get(name).as_integer()).max();
            last.unwrap_or(0).saturating_add(1).into()
        }
        sent => sent.into(),
    }
}

/// A page of the bills of a business, restricted to the client of the path and to the client who calls.
///
/// # Errors
/// Not found, when the client of the path does not exist.
pub(super) fn page(
    ctx: &Context<'_>,
    kind: &str,
    view: impl Fn(&Arc<Record>) -> RecordView,
) -> Result<Vec<RecordView>, ApiError> {
    ctx.owner()?;
    let client = ctx.path.first();
    if client.is_some_and(|id| ctx.owned_record("client", id).is_none()) {
        return Err(ApiError::not_found("Client").field("client_id"));
    }
    let is_of_client = |bill: &Record| client.is_none_or(|client| bill.text("client_id") == client);
    let all = ctx.state.store.all(kind);
    let visible = all.filter(|bill| ctx.is_own(bill) && is_of_client(bill) && is_for_caller(ctx, bill));
    Ok(ListQuery::declared(ctx.query, ctx.operation).page(visible.map(view))?.views)
}

/// Whether the caller may see a bill: clients see only their own.
pub(super) fn is_for_caller(ctx: &Context<'_>, bill: &Record) -> bool {
    ctx.caller.subject_id("client").is_none_or(|client| bill.text("client_id") == client)
}

/// The bill with its state in small letters, as platform paths write it; business paths write capitals. Source:
/// catalogue-sales, rows inv-platform-draft and est-status-set.
pub(super) fn lowercase_state(bill: &Arc<Record>) -> RecordView {
    let state = bill.text("status").to_lowercase();
    RecordView::of(bill).with("state", state.as_str()).with("status", state)
}
