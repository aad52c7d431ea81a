//! Payment requests, also called payment statuses: one record, one UID, two names. Source: catalogue-sales, row
//! ps-equals-pr.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::apis::intandem::clients::matter;
use crate::apis::intandem::money;
use crate::handlers::query::{Aliases, ListQuery};
use crate::model::{FieldValue, Record};
use crate::request::{ApiError, Context, RecordView, Reply};

/// Names of query parameters that differ from those of fields. Source: catalogue-sales, row pr-list-params.
const ALIASES: Aliases = &[("entity_type", "payable_type"), ("entity_uid", "payable_uid"), ("state", "labels")];

/// `GET /business/payments/v1/payment_requests`. `status` is undocumented but used by callers: `unpaid`, `pending` (the
/// same, since due requests are stored as pending) or a state.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let matches = |request: &Record| match ctx.query.get("status") {
        None => true,
        Some("unpaid" | "pending") => request.text("state") == "pending",
        Some(status) => peek_displayed_state(ctx, request) == status,
    };
    Ok(Reply::many("payment_requests", page(ctx, matches)?))
}

/// `GET /client/payments/v1/payment_requests`: the payment requests of the client, or of one matter of it. Source:
/// catalogue-sales, row client-lists-lenient-matter.
pub fn list_for_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let (client, matter) = (ctx.caller.subject_id("client"), ctx.query.get("matter_uid"));
    let matches = |request: &Record| {
        client.is_none_or(|client| request.text("client_uid") == client)
            && matter.is_none_or(|matter| matter.is_empty() || request.text("matter_uid") == matter)
    };
    Ok(Reply::many("payment_requests", page(ctx, matches)?))
}

/// The page of the matching requests. The displayed state is computed only for requests on the page.
fn page(ctx: &Context<'_>, matches: impl Fn(&Record) -> bool) -> Result<Vec<RecordView>, ApiError> {
    let requests = ctx.state.store.all("payment_request").filter(|request| ctx.is_own(request) && matches(request));
    // The labels replace the state only for filters: a sort uses the one displayed state.
    let filters_by_state = ctx.query.iter().any(|(name, _)| name.starts_with("filter[state]"));
    let views = requests.map(|request| {
        let view = RecordView::of(request).with("state", peek_displayed_state(ctx, request));
        if filters_by_state { view.with("labels", labels(ctx, request)) } else { view }
    });
    let page = ListQuery::new(ctx.query, ALIASES).page(views)?.views.into_iter();
    let views = page.map(|view| {
        let displayed = FieldValue::from(displayed_state(ctx, view.record()));
        view.with("state", displayed)
    });
    Ok(views.collect())
}

/// `GET /business/payments/v1/payment_requests/{payment_request_uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment request").field("payment_request_uid"))?;
    Ok(Reply::one("payment_request", view(ctx, &request)))
}

/// `PUT /business/payments/v1/payment_requests/{payment_request_uid}`: the body has other names for prices than
/// responses, as documented in the contract.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.owner()?;
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment request").field("payment_request_uid"))?;
    let sent = |name: &str| ctx.body_field(&["payment_request", name]);
    let mut changed = Record::clone(&request);
    for (name, field) in
        [("price", "amount"), ("net_price", "net_amount"), ("price_before_coupon", "amount_before_coupon")]
    {
        if let Some(price) = FieldValue::from(sent(name)).as_decimal() {
            changed.fields.set(field, price.round_dp(2));
        }
    }
    if let Some(currency) = sent("currency").as_str().filter(|currency| !currency.is_empty()) {
        changed.fields.set("currency", currency);
    }
    if !sent("tax_uids").is_null() {
        changed.fields.set("taxes", money::taxes(ctx, sent("tax_uids"))?);
    }

    changed.fields.set("updated_at", ctx.state.now_text());
    let request = ctx.state.store.put(changed);
    Ok(Reply::one("payment_request", view(ctx, &request)))
}

/// What a new payment request is for, its debtor and its amounts.
pub struct Due<'a> {
    /// Class of the item that is paid for: `ClientBookingPackage`.
    pub payable_type: &'static str,
    /// UID of that item.
    pub payable_uid: &'a CompactString,
    /// Name under which it is sold.
    pub sellable_name: FieldValue,
    /// The client who owes the amount.
    pub client: &'a Record,
    /// The matter of the item.
    pub matter: Option<CompactString>,
    /// The staff member who sold it.
    pub staff: Option<CompactString>,
    /// Amount without taxes.
    pub net: Decimal,
    /// Amount with taxes.
    pub amount: Decimal,
    /// The taxes as `{id, name, rate}`.
    pub taxes: FieldValue,
    /// Currency, ISO 4217.
    pub currency: FieldValue,
    /// The products that are redeemed with the item; `null` if it has none.
    pub redeemed_products: FieldValue,
    /// Due date in the time zone of the business.
    pub due: Date,
}

/// Creates a pending payment request.
pub fn create(ctx: &mut Context<'_>, due: Due<'_>) -> Arc<Record> {
    let now = ctx.state.now_text();
    let fields: [(&str, FieldValue); 16] = [
        ("business_uid", due.client.get("business_uid").clone()),
        ("client_uid", (&due.client.id).into()),
        ("matter_uid", due.matter.into()),
        ("staff_uid", due.staff.into()),
        ("payable_type", due.payable_type.into()),
        ("payable_uid", due.payable_uid.into()),
        ("sellable_name", due.sellable_name),
        ("state", "pending".into()),
        ("amount", due.amount.into()),
        ("net_amount", due.net.into()),
        ("taxes", due.taxes),
        ("currency", due.currency),
        ("due_date", due.due.into()),
        ("redeemed_products", due.redeemed_products),
        ("created_at", (&now).into()),
        ("updated_at", (&now).into()),
    ];
    let id = ctx.state.ids.uid();
    ctx.insert("payment_request", id, fields)
}

/// The client who owes an amount, and the matter.
pub struct Debtor {
    /// The client.
    pub client: Arc<Record>,
    /// The matter of the request, else the client's default one.
    pub matter: Option<CompactString>,
}

/// The debtor that the body names: client and matter under either of their names. A missing client is taken from the
/// matter or the caller, a missing matter from the client. `None` when there is no client.
pub fn debtor(ctx: &Context<'_>, kind: &str) -> Option<Debtor> {
    let sent = |names: [&str; 2]| names.into_iter().find_map(|name| body_value(ctx, kind, name).as_str());
    let matter = sent(["matter_uid", "conversation_id"]).and_then(|id| ctx.owned_record("matter", id));
    let client = sent(["client_id", "client_uid"]).and_then(|id| ctx.owned_record("client", id));
    let of_matter = || ctx.owned_record("client", matter.as_ref()?.text("client_uid"));
    let caller = || ctx.owned_record("client", ctx.caller.subject_id("client")?);
    let client = client.or_else(of_matter).or_else(caller)?;
    let matter = matter.filter(|matter| matter.text("client_uid") == client.id).map(|matter| matter.id.clone());
    let default = || matter::of_client(ctx.state, &client.id).next().map(|matter| matter.id.clone());
    let matter = matter.or_else(default);
    Some(Debtor { client, matter })
}

/// A value of the body, inside or outside an envelope with the name of the kind.
pub fn body_value<'e>(ctx: &Context<'e>, kind: &str, name: &str) -> &'e Value {
    let body = ctx.body;
    body.get(kind).filter(|inner| inner.is_object()).unwrap_or(body).get(name).unwrap_or(&Value::Null)
}

/// Sets debtor and payment request in a record, under those names for them that the record has.
pub fn set_debtor(record: &mut Record, debtor: &Debtor, request: Option<&Record>) {
    let mut set = |names: &[&str], value: FieldValue| {
        for name in names {
            if record.fields.get(name).is_some() {
                record.fields.set(name, value.clone());
            }
        }
    };
    set(&["client_id", "client_uid"], (&debtor.client.id).into());
    set(&["matter_uid", "conversation_id"], debtor.matter.clone().into());
    let request = request.map(|request| &request.id);
    set(&["payment_request_id", "payment_request_uid", "payment_status_uid"], request.into());
}

/// Adds an amount to what is paid of a request. The request becomes paid when the amount is reached.
pub fn pay(ctx: &mut Context<'_>, request: &Record, amount: Decimal) -> Arc<Record> {
    let mut changed = request.clone();
    let owed = request.get("amount").as_decimal().unwrap_or_default();
    let paid = request.get("amount_paid").as_decimal().unwrap_or_default().saturating_add(amount);
    changed.fields.set("amount_paid", paid);
    if paid >= owed {
        return set_state(ctx, changed, PaymentState::Paid);
    }
    changed.fields.set("updated_at", ctx.state.now_text());
    ctx.state.store.put(changed)
}

/// Sets the amounts, without and with taxes, of a request of the caller's business while it is pending.
pub fn set_amounts(ctx: &mut Context<'_>, id: &str, (net, total): (Decimal, Decimal), taxes: FieldValue) {
    let request = ctx.owned_record("payment_request", id).filter(|request| request.text("state") == "pending");
    let Some(request) = request else { return };
    let mut changed = Record::clone(&request);
    changed.fields.set("amount", total);
    changed.fields.set("net_amount", net);
    changed.fields.set("taxes", taxes);
    changed.fields.set("updated_at", ctx.state.now_text());
    ctx.state.store.put(changed);
}

/// Cancels a request of the caller's business, if it exists.
pub fn cancel(ctx: &mut Context<'_>, id: &str) {
    if let Some(request) = ctx.owned_record("payment_request", id) {
        set_state(ctx, Record::clone(&request), PaymentState::Cancelled);
    }
}

/// A payment request that the caller may see: clients see only their own.
pub(super) fn find_visible(ctx: &Context<'_>, id: &str) -> Option<Arc<Record>> {
    let client = ctx.caller.subject_id("client");
    let request = ctx.owned_record("payment_request", id);
    request.filter(|request| client.is_none_or(|client| request.text("client_uid") == client))
}

/// The amount that is left to pay.
pub(super) fn amount_left(request: &Record) -> Decimal {
    let number = |name: &str| request.get(name).as_decimal().unwrap_or_default();
    number("amount").saturating_sub(number("amount_paid")).max(Decimal::ZERO)
}

/// The stored states of a payment request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PaymentState {
    /// Not paid.
    Pending,
    /// Paid with money or with a credit.
    Paid,
    /// No longer owed.
    Cancelled,
}

/// Stores a request in another state, with the time of payment (`pait_at` is a typo of the API) and of the change.
pub(super) fn set_state(ctx: &mut Context<'_>, mut request: Record, to: PaymentState) -> Arc<Record> {
    let now = ctx.state.now_text();
    let (name, paid_at) = match to {
        PaymentState::Pending => ("pending", Some(FieldValue::Null)),
        PaymentState::Paid => ("paid", Some(FieldValue::from(&now))),
        PaymentState::Cancelled => ("cancelled", None),
    };
    request.fields.set("state", name);
    for field in ["paid_at", "pait_at"] {
        if let Some(paid_at) = &paid_at {
            request.fields.set(field, paid_at.clone());
        }
    }
    request.fields.set("updated_at", &now);
    ctx.state.store.put(request)
}

/// The displayed state. A stored request is pending until it is paid or cancelled; that of a client package is
/// displayed as overdue from the day it is due. Source: seed-001, section Notes; catalogue-sales, contradiction C-9.
pub fn displayed_state<'r>(ctx: &Context<'_>, request: &'r Record) -> &'r str {
    match is_due_client_package(ctx, request) && ctx.state.apply_quirk("client-package-payment-request-overdue") {
        true => "overdue",
        false => request.text("state"),
    }
}

/// The displayed state, without recording the quirk as applied: the request may not be on the page.
fn peek_displayed_state<'r>(ctx: &Context<'_>, request: &'r Record) -> &'r str {
    let is_on = || ctx.state.quirk_is_on("client-package-payment-request-overdue");
    if is_due_client_package(ctx, request) && is_on() { "overdue" } else { request.text("state") }
}

/// Whether a request is for a client package, pending and due.
fn is_due_client_package(ctx: &Context<'_>, request: &Record) -> bool {
    let due = || {
        let day = request.text("due_date").parse::<Date>();
        day.is_ok_and(|day| day <= ctx.state.today(request.text("business_uid")))
    };
    request.text("state") == "pending" && request.text("payable_type") == "ClientBookingPackage" && due()
}

/// The states by which a list can be filtered, in small letters and in capitals: `PAID`, `PENDING`, and for pending
/// requests `OVERDUE`, `DUE` or `NOT_YET_DUE`.
fn labels(ctx: &Context<'_>, request: &Record) -> Vec<FieldValue> {
    let today = ctx.state.today(request.text("business_uid"));
    let due = match request.text("due_date").parse::<Date>() {
        Ok(day) if request.text("state") == "pending" => match day.cmp(&today) {
            std::cmp::Ordering::Less => "overdue",
            std::cmp::Ordering::Equal => "due",
            std::cmp::Ordering::Greater => "not_yet_due",
        },
        _ => "",
    };
    let labels = [request.text("state"), peek_displayed_state(ctx, request), due];
    labels.iter().flat_map(|label| [FieldValue::from(*label), label.to_uppercase().into()]).collect()
}

fn view(ctx: &Context<'_>, request: &Arc<Record>) -> RecordView {
    RecordView::of(request).with("state", displayed_state(ctx, request))
}
