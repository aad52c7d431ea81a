//! In Rust with the client packages that create them.
//!
//! Payment requests, also called payment statuses, for handlers that create or show them with something else. What operations on
//! them do is in the resources files. Source: catalogue-sales, row ps-equals-pr.

use std::sync::Arc;

use compact_str::CompactString;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::model::{FieldValue, Record};
use crate::request::Context;

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

/// The displayed state. A stored request is pending until it is paid or cancelled; that of a client package is
/// displayed as overdue from the day it is due. Source: seed-001, section Notes; catalogue-sales, contradiction C-9.
pub fn displayed_state<'r>(ctx: &Context<'_>, request: &'r Record) -> &'r str {
    match is_due_client_package(ctx, request) && ctx.state.apply_quirk("client-package-payment-request-overdue") {
        true => "overdue",
        false => request.text("state"),
    }
}

/// Whether a request is for a client package, pending and due.
fn is_due_client_package(ctx: &Context<'_>, request: &Record) -> bool {
    let due = || {
        let day = request.text("due_date").parse::<Date>();
        day.is_ok_and(|day| day <= ctx.state.today(request.text("business_uid")))
    };
    request.text("state") == "pending" && request.text("payable_type") == "ClientBookingPackage" && due()
}
