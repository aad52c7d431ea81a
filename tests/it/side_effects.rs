//! Side effects of the embedded API that are described in resources files, or that once were missing.

use serde_json::{Value, json};
use standin::request::{Settings, UnknownIds};

use crate::vocabulary::{CLIENT, MATTER, mock_set, observed};

#[test]
fn message_to_an_unknown_client_is_rejected() {
    let mock = observed();
    let message =
        |client: &str| json!({"message": {"client_id": client, "text": "Hello", "direction": "business_to_client"}});
    mock.staff("POST", "/platform/v1/messages", message("nosuchclient0000")).expect(422);
    mock.staff("POST", "/platform/v1/messages", message(CLIENT)).expect(201);
    let lenient = mock_set(Settings { unknown_ids: UnknownIds::Example, ..Settings::default() });
    lenient.staff("POST", "/platform/v1/messages", message("nosuchclient0000")).expect(201);
}

#[test]
fn subscription_to_an_unknown_offering_is_rejected() {
    let mock = observed();
    let body = |offering: &str| json!({"offering_uid": offering, "purchase_currency": "USD", "payment_type": "free"});
    let rejected = mock.staff("POST", "/v3/license/subscriptions", body("b5f1c2de-0000-4000-8000-000000000000"));
    assert!((400..500).contains(&rejected.status), "{rejected:?}");
}

#[test]
fn expired_coupon_reduces_nothing() {
    let mock = observed();
    let request = "7sczqaskf86pylcx";
    let coupon = |name: &str, until: &str| {
        let body = json!({"name": name, "coupon_type": "percent", "amount": 10, "starts_at": "2026-02-01", "expires_at": until});
        mock.staff("POST", "/v2/coupons", body).expect(200).text("/uid")
    };
    let amount_with = |coupon: &str| {
        let entity = json!({"entity_type": "payment_status", "entity_id": request});
        mock.staff("POST", &format!("/v2/coupons/{coupon}/apply"), entity).expect(200);
        let state = mock.session.state();
        let stored = state.store.get("payment_request", request).expect("a payment request");
        stored.get("amount").as_decimal().expect("an amount").normalize().to_string()
    };
    assert_eq!(amount_with(&coupon("past", "2026-02-07T00:00:00Z")), "40.95");
    let expired = coupon("expired", "2026-02-20T00:00:00Z");
    mock.staff("POST", &format!("/v2/coupons/{expired}/expire"), json!({})).expect(200);
    assert_eq!(amount_with(&expired), "40.95");
    assert_eq!(amount_with(&coupon("valid", "2026-02-20T00:00:00Z")), "36.86");
}

#[test]
fn changed_items_of_an_invoice_change_its_totals_and_its_payment_request() {
    let mock = observed();
    let items = |amount: i64| json!([{"name": "Lesson", "unit_amount": amount, "quantity": 2, "item_index": 0}]);
    let body = json!({"invoice": {"matter_uid": MATTER, "issue_date": "2026-02-08", "due_date": "2026-03-08", "currency": "USD",
        "billing_address": "14 Harbour Lane", "items": items(30), "status": "issued"}});
    let uid = mock.staff("POST", "/business/payments/v1/invoices", body).expect(201).text("/data/invoice/uid");
    let path = format!("/business/payments/v1/invoices/{uid}");
    mock.staff("PUT", &path, json!({"invoice": {"items": items(50)}})).expect(200);
    let state = mock.session.state();
    let invoice = state.store.get("invoice", &uid).expect("an invoice");
    assert_eq!(invoice.get("total").as_decimal(), Some(100.into()));
    let request = state.store.get("payment_request", invoice.text("payment_status_uid")).expect("a payment request");
    assert_eq!(request.get("amount").as_decimal(), Some(100.into()));
}

#[test]
fn new_payment_plan_has_charged_nothing_and_ends_with_its_last_cycle() {
    let mock = observed();
    let plan = |frequency: &str, cycles: u32| {
        let body = json!({"name": "Lessons", "amount": 90, "currency": "USD", "cycles": cycles, "frequency_type": frequency,
            "start_date": "2026-03-01T09:00:00Z", "matter_uid": MATTER, "send_receipt": true,
            "payment_method_type": "card", "payment_method_uid": "fkl8si6zku4ka16h"});
        let response = mock.staff("POST", "/v3/sales/payment_plans", body).expect(201);
        assert_eq!(*response.at("/data/amount_paid"), 0);
        assert_eq!(*response.at("/data/cycles_count"), 0);
        assert_eq!(response.text("/data/next_payment_date"), "2026-03-01T09:00:00Z");
        response.text("/data/end_date")
    };
    assert_eq!(plan("monthly", 3), "2026-05-01T09:00:00Z");
    assert_eq!(plan("bi_weekly", 3), "2026-03-29T09:00:00Z");
    assert_eq!(plan("one_time", 1), "2026-03-01T09:00:00Z");
}

#[test]
fn payment_plan_from_any_text_as_its_start_date_is_created() {
    let mock = observed();
    let starts = [
        ("soon", Value::Null),
        ("", Value::Null),
        ("2026-03-01", json!("2026-04-01T00:00:00Z")),
        ("2026-03-01T09:00D00Z", json!("2026-04-01T00:00:00Z")),
        ("9999-12-30T09:00:00Z", json!("9999-12-30T22:00:00Z")),
    ];
    for (start, end) in starts {
        let body = json!({"name": "Lessons", "amount": 90, "currency": "USD", "cycles": 2, "frequency_type": "monthly",
            "start_date": start, "matter_uid": MATTER, "send_receipt": true,
            "payment_method_type": "card", "payment_method_uid": "fkl8si6zku4ka16h"});
        let response = mock.staff("POST", "/v3/sales/payment_plans", body).expect(201);
        assert_eq!(*response.at("/data/end_date"), end, "{start}");
    }
}

#[test]
fn message_to_invite_has_no_data_of_a_meeting() {
    let mock = observed();
    let body =
        json!({"client_uid": CLIENT, "activity_type": "invite", "activity_action": "review", "channels": ["email"]});
    let response = mock.staff("POST", "/v3/communication/activity_messages", body).expect(201);
    assert_eq!(response.at("/data").get("meeting_data"), None);
}
