//! Payment requests, which are payment statuses: one record, one UID, two names (row `ps-equals-pr`).

use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::apis::intandem::clients::matter;
use crate::apis::intandem::money;
use crate::handlers::list;
use crate::model::{FieldValue, Record};
use crate::request::{ApiError, Context, RecordView, Reply, State};

/// What lists are asked for under other names (row `pr-list-params`).
const ALIASES: list::Aliases = &[("entity_type", "payable_type"), ("entity_uid", "payable_uid"), ("state", "labels")];

/// `GET /business/payments/v1/payment_requests`. `status`, which nobody documents and callers send, is `unpaid` or a
/// state; `pending` means unpaid too, for a request that is due is still pending underneath.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let wanted = |request: &Record| match ctx.query.get("status") {
        None => true,
        Some("unpaid" | "pending") => request.text("state") == "pending",
        Some(status) => current_state(ctx.state, request) == status,
    };
    Ok(Reply::many("payment_requests", page(ctx, wanted)))
}

/// `GET /client/payments/v1/payment_requests`: what the client owes, of one matter where `matter_uid` names it (row
/// `client-lists-lenient-matter`).
pub fn list_of_client(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let (client, matter) = (ctx.caller.client.as_deref(), ctx.query.get("matter_uid"));
    let wanted = |request: &Record| {
        client.is_none_or(|client| request.text("client_uid") == client)
            && matter.is_none_or(|matter| matter.is_empty() || request.text("matter_uid") == matter)
    };
    Ok(Reply::many("payment_requests", page(ctx, wanted)))
}

/// The page that the query asks for of those requests. Only what is on it asks how its state is shown.
fn page(ctx: &Context<'_>, wanted: impl Fn(&Record) -> bool) -> Vec<RecordView> {
    let state = &*ctx.state;
    let own = state.store.all("payment_request").filter(|request| ctx.is_own(request) && wanted(request));
    // Only where it is asked for: a sort by state goes by the one state that is shown.
    let by_state = ctx.query.iter().any(|(name, _)| name.starts_with("filter[state]"));
    let views = own.map(|request| {
        let view = RecordView::of(request).with("state", current_state(state, request));
        if by_state { view.with("labels", labels(state, request)) } else { view }
    });
    let page = list::select(views, ctx.query, ALIASES).into_iter();
    page.map(|view| {
        let shown = FieldValue::from(shown_state(state, view.record()));
        view.with("state", shown)
    })
    .collect()
}

/// `GET /business/payments/v1/payment_requests/{payment_request_uid}`.
pub fn read(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment request").field("payment_request_uid"))?;
    Ok(Reply::one("payment_request", view(ctx.state, &request)))
}

/// `PUT /business/payments/v1/payment_requests/{payment_request_uid}`: the price goes by other names here than in answers
/// (the body of the operation in its contract).
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    ctx.business()?;
    let request = ctx.owned_record("payment_request", &ctx.path[0]);
    let request = request.ok_or_else(|| ApiError::not_found("Payment request").field("payment_request_uid"))?;
    let said = |name: &str| ctx.body_field(&["payment_request", name]);
    let mut changed = Record::clone(&request);
    for (name, known) in
        [("price", "amount"), ("net_price", "net_amount"), ("price_before_coupon", "amount_before_coupon")]
    {
        if let Some(price) = FieldValue::from(said(name)).as_decimal() {
            changed.fields.set(known, price.round_dp(2));
        }
    }
    if let Some(currency) = said("currency").as_str().filter(|currency| !currency.is_empty()) {
        changed.fields.set("currency", currency);
    }
    if !said("tax_uids").is_null() {
        changed.fields.set("taxes", money::taxes(ctx, said("tax_uids"))?);
    }

    changed.fields.set("updated_at", ctx.state.now_text());
    let request = ctx.state.store.put(changed);
    Ok(Reply::one("payment_request", view(ctx.state, &request)))
}

/// What is owed, for what, by whom.
pub struct Due<'a> {
    /// The class of what is paid for: `ClientBookingPackage`.
    pub payable_type: &'static str,
    /// Its UID.
    pub payable_uid: &'a CompactString,
    /// The name under which it is sold.
    pub sellable_name: FieldValue,
    /// Who owes.
    pub client: &'a Record,
    /// The matter it belongs to.
    pub matter: Option<CompactString>,
    /// Who sold it.
    pub staff: Option<CompactString>,
    /// Without taxes.
    pub net: Decimal,
    /// With taxes.
    pub amount: Decimal,
    /// The taxes as `{id, name, rate}`.
    pub taxes: FieldValue,
    /// ISO 4217.
    pub currency: FieldValue,
    /// When it is due, a day of the business.
    pub due: Date,
}

/// A new payment request, pending.
pub fn create(ctx: &mut Context<'_>, due: Due<'_>) -> Arc<Record> {
    let now = ctx.state.now_text();
    let fields: [(&str, FieldValue); 15] = [
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
        ("created_at", (&now).into()),
        ("updated_at", (&now).into()),
    ];
    let id = ctx.state.ids.uid();
    ctx.insert("payment_request", id, fields)
}

/// Who owes: a client, and the matter in which.
pub struct Debtor {
    /// The client.
    pub client: Arc<Record>,
    /// The matter that was named, else the client's default one.
    pub matter: Option<CompactString>,
}

/// Who owes for what a request makes: the client and the matter that its body names, under either of their names, each
/// told by the other where only one is there. Nobody, when neither is known.
pub fn debtor(ctx: &Context<'_>, kind: &str) -> Option<Debtor> {
    let named = |names: [&str; 2]| names.into_iter().find_map(|name| said(ctx, kind, name).as_str());
    let matter = named(["matter_uid", "conversation_id"]).and_then(|id| ctx.owned_record("matter", id));
    let client = named(["client_id", "client_uid"]).and_then(|id| ctx.owned_record("client", id));
    let of_matter = || ctx.owned_record("client", matter.as_ref()?.text("client_uid"));
    let caller = || ctx.owned_record("client", ctx.caller.client.as_deref()?);
    let client = client.or_else(of_matter).or_else(caller)?;
    let matter = matter.filter(|matter| matter.text("client_uid") == client.id).map(|matter| matter.id.clone());
    let default = || matter::of_client(ctx.state, &client.id).next().map(|matter| matter.id.clone());
    let matter = matter.or_else(default);
    Some(Debtor { client, matter })
}

/// A value of the body, in an envelope of the record's name or without one.
pub fn said<'e>(ctx: &Context<'e>, kind: &str, name: &str) -> &'e Value {
    let body = ctx.body;
    body.get(kind).filter(|inner| inner.is_object()).unwrap_or(body).get(name).unwrap_or(&Value::Null)
}

/// Says in a record who owes for it and which payment request says so, under those of the names that it has.
pub fn note(record: &mut Record, debtor: &Debtor, request: Option<&Record>) {
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

/// Puts money on a request: it is paid when there is as much as it asks for.
pub fn pay(ctx: &mut Context<'_>, request: &Record, amount: Decimal) -> Arc<Record> {
    let mut changed = request.clone();
    let owed = request.get("amount").as_decimal().unwrap_or_default();
    let paid = request.get("amount_paid").as_decimal().unwrap_or_default().saturating_add(amount);
    let now = ctx.state.now_text();
    changed.fields.set("amount_paid", paid);
    if paid >= owed {
        changed.fields.set("state", "paid");
        changed.fields.set("paid_at", &now);
        changed.fields.set("pait_at", &now);
    }
    changed.fields.set("updated_at", &now);
    ctx.state.store.put(changed)
}

/// The request in another state.
pub fn turn(ctx: &mut Context<'_>, id: &str, state: &str) {
    if let Some(request) = ctx.owned_record("payment_request", id) {
        let mut changed = Record::clone(&request);
        changed.fields.set("state", state);
        ctx.state.store.put(changed);
    }
}

/// The quirk that shows the request of a client package, which is due on the day of its creation, as overdue.
const OVERDUE_QUIRK: &str = "client-package-payment-request-overdue";

/// The state as responses show it. A stored request is pending until it is paid or cancelled (seed 001, Notes;
/// contradiction C-9).
pub fn shown_state<'r>(state: &State, request: &'r Record) -> &'r str {
    match is_due_package(state, request) && state.apply_quirk(OVERDUE_QUIRK) {
        true => "overdue",
        false => request.text("state"),
    }
}

/// The same state for a filter or a sort, which does not apply the quirk: a request that is not on the page has not changed
/// the response.
fn current_state<'r>(state: &State, request: &'r Record) -> &'r str {
    match is_due_package(state, request) && state.quirk_is_on(OVERDUE_QUIRK) {
        true => "overdue",
        false => request.text("state"),
    }
}

/// Whether it is what is owed for a client package, pending and due.
fn is_due_package(state: &State, request: &Record) -> bool {
    let due = || {
        let day = request.text("due_date").parse::<Date>();
        day.is_ok_and(|day| day <= state.today(request.text("business_uid")))
    };
    request.text("state") == "pending" && request.text("payable_type") == "ClientBookingPackage" && due()
}

/// The states by which a list can be filtered, in small letters and in capitals: `PAID`, `PENDING`, and of what is
/// pending `OVERDUE`, `DUE` or `NOT_YET_DUE` by its day.
fn labels(state: &State, request: &Record) -> Vec<FieldValue> {
    let today = state.today(request.text("business_uid"));
    let due = match request.text("due_date").parse::<Date>() {
        Ok(day) if request.text("state") == "pending" => match day.cmp(&today) {
            std::cmp::Ordering::Less => "overdue",
            std::cmp::Ordering::Equal => "due",
            std::cmp::Ordering::Greater => "not_yet_due",
        },
        _ => "",
    };
    let labels = [request.text("state"), current_state(state, request), due];
    labels.iter().flat_map(|label| [FieldValue::from(*label), label.to_uppercase().into()]).collect()
}

fn view(state: &State, request: &Arc<Record>) -> RecordView {
    RecordView::of(request).with("state", shown_state(state, request))
}
