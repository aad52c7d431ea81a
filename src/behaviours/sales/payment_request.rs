//! Payment requests, which are payment statuses: one record, one UID, two names (row `ps-equals-pr`).

use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::behaviours::list;
use crate::exchange::{Exchange, Payload, Refusal, View, World};
use crate::store::{Datum, Fields, Record};

/// What lists are asked for under other names (row `pr-list-params`).
const ALIASES: list::Aliases = &[("entity_type", "payable_type"), ("entity_uid", "payable_uid"), ("state", "labels")];

/// `GET /business/payments/v1/payment_requests`. `status`, which nobody documents and callers send, is `unpaid` or a
/// state; `pending` means unpaid too, for a request that is due is still pending underneath.
pub fn list(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let world = &*exchange.world;
    let own = world.store.all("payment_request").filter(|request| exchange.is_own(request));
    let wanted = own.filter(|request| match exchange.query.get("status") {
        None => true,
        Some("unpaid" | "pending") => request.text("state") == "pending",
        Some(status) => state(world, request) == status,
    });
    // Only where it is asked for: a sort by state goes by the one state that is shown.
    let by_state = exchange.query.iter().any(|(name, _)| name.starts_with("filter[state]"));
    let views = wanted.map(|request| match by_state {
        true => view(world, request).with("labels", labels(world, request)),
        false => view(world, request),
    });
    Ok(Payload::many("payment_requests", list::select(views, exchange.query, ALIASES)))
}

/// `GET /business/payments/v1/payment_requests/{payment_request_uid}`.
pub fn read(exchange: &mut Exchange<'_>) -> Result<Payload, Refusal> {
    exchange.business()?;
    let request = exchange.own("payment_request", &exchange.path[0]);
    let request = request.ok_or_else(|| Refusal::not_found("Payment request").field("payment_request_uid"))?;
    Ok(Payload::one("payment_request", view(exchange.world, &request)))
}

/// What is owed, for what, by whom.
pub struct Due<'a> {
    /// The class of what is paid for: `ClientBookingPackage`.
    pub payable_type: &'static str,
    /// Its UID.
    pub payable_uid: &'a CompactString,
    /// The name under which it is sold.
    pub sellable_name: Datum,
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
    pub taxes: Datum,
    /// ISO 4217.
    pub currency: Datum,
    /// When it is due, a day of the business.
    pub due: Date,
}

/// A new payment request, pending.
pub fn create(exchange: &mut Exchange<'_>, due: Due<'_>) -> Arc<Record> {
    let now = exchange.world.now_text();
    let fields = Fields::with_room(20)
        .with("business_uid", due.client.get("business_uid").clone())
        .with("client_uid", &due.client.id)
        .with("matter_uid", due.matter)
        .with("staff_uid", due.staff)
        .with("payable_type", due.payable_type)
        .with("payable_uid", due.payable_uid)
        .with("sellable_name", due.sellable_name)
        .with("state", "pending")
        .with("amount", due.amount)
        .with("net_amount", due.net)
        .with("taxes", due.taxes)
        .with("currency", due.currency)
        .with("due_date", due.due.to_string())
        .with("created_at", &now)
        .with("updated_at", &now);
    let id = exchange.world.ids.uid();
    exchange.keep("payment_request", id, fields)
}

/// The state as it is shown. Underneath a request is pending until it is paid or cancelled; that of a client package,
/// due on the day it is made, shows as overdue (seed 001, Notes; contradiction C-9).
pub fn state<'r>(world: &World, request: &'r Record) -> &'r str {
    let state = request.text("state");
    let due = || {
        let day = request.text("due_date").parse::<Date>();
        day.is_ok_and(|day| day <= world.today(request.text("business_uid")))
    };
    let is_package = request.text("payable_type") == "ClientBookingPackage";
    if state == "pending" && is_package && due() && world.quirk("client-package-payment-request-overdue") {
        return "overdue";
    }
    state
}

/// The states by which a list can be filtered, in small letters and in capitals: `PAID`, `PENDING`, and of what is
/// pending `OVERDUE`, `DUE` or `NOT_YET_DUE` by its day.
fn labels(world: &World, request: &Record) -> Vec<Datum> {
    let today = world.today(request.text("business_uid"));
    let due = match request.text("due_date").parse::<Date>() {
        Ok(day) if request.text("state") == "pending" => match day.cmp(&today) {
            std::cmp::Ordering::Less => "overdue",
            std::cmp::Ordering::Equal => "due",
            std::cmp::Ordering::Greater => "not_yet_due",
        },
        _ => "",
    };
    let labels = [request.text("state"), state(world, request), due];
    labels.iter().flat_map(|label| [Datum::from(*label), label.to_uppercase().into()]).collect()
}

fn view(world: &World, request: &Arc<Record>) -> View {
    View::of(request).with("state", state(world, request))
}
