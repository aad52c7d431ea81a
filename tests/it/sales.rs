//! Workflows over several resources: products, bookings, payment requests, payments and redemptions.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::vocabulary::{
    BUSINESS, CLIENT, CLIENT_PACKAGE, MATTER, Mock, PACKAGE, SERVICE, Seen, mock_with_running_clock, noon, observed,
};

/// Books a lesson as the client; returns the ids of the booking and of its payment request.
fn book_lesson(mock: &Mock) -> (String, String) {
    let booking = json!({"business_id": BUSINESS, "client_id": CLIENT, "service_id": SERVICE, "start_time": "2026-02-09T21:00:00.000Z"});
    let created = mock.call("client", "POST", "/platform/v1/scheduling/bookings", booking).expect(201);
    let id = created.text("/data/booking/id");
    let appointment = mock.get(&format!("/platform/v1/scheduling/appointments/{id}")).expect(200);
    assert_eq!(appointment.text("/data/appointment/conversation_id"), MATTER);
    (id, appointment.text("/data/appointment/payment_status/uid"))
}

fn usage(mock: &Mock, package: &str) -> String {
    let path = format!("/business/payments/v1/client_packages/{package}");
    mock.get(&path).expect(200).text("/data/client_package/bookings_usage")
}

fn request(mock: &Mock, uid: &str) -> (String, String) {
    let seen = mock.get(&format!("/business/payments/v1/payment_requests/{uid}")).expect(200);
    (seen.text("/data/payment_request/state"), seen.text("/data/payment_request/amount"))
}

const REDEEM: &str = "/platform/v1/payment/client_packages/update_usage";
const CANCEL: &str = "/platform/v1/payment/client_packages/cancel_redemption";

#[test]
fn credit_is_redeemed_for_a_booking_and_restored_by_cancelling() {
    let mock = observed();
    let (_, request_uid) = book_lesson(&mock);
    assert_eq!(request(&mock, &request_uid), ("pending".into(), "15.0".into()));
    let validate = format!("/platform/v1/clients/payment/client_packages/validate?payment_status_id={request_uid}");
    assert_eq!(mock.call("client", "GET", &validate, Value::Null).expect(200).at("/data/has_package"), true);

    let redeemed =
        mock.staff("POST", REDEEM, json!({"payment_status_uid": request_uid, "matter_uid": MATTER})).expect(200);
    assert_eq!(redeemed.body, json!({"status": "OK", "data": {"package_name": "10 Music Lessons"}}));
    assert_eq!(request(&mock, &request_uid), ("paid".into(), "0.0".into()));
    assert_eq!(usage(&mock, crate::vocabulary::CLIENT_PACKAGE), "4");
    let again = mock.staff("POST", REDEEM, json!({"payment_status_id": request_uid})).expect(422);
    assert_eq!(again.text("/error"), "Payment status is already paid");
    mock.call("client", "GET", &validate, Value::Null).expect(422);

    let cancelled = mock.staff("PUT", CANCEL, json!({"payment_status_id": request_uid})).expect(200);
    assert_eq!(
        (cancelled.text("/data/payment_status_uid"), cancelled.text("/data/client_uid")),
        (request_uid.clone(), CLIENT.into())
    );
    assert_eq!(request(&mock, &request_uid), ("pending".into(), "15.0".into()));
    assert_eq!(usage(&mock, crate::vocabulary::CLIENT_PACKAGE), "3");
    let twice = mock.staff("PUT", CANCEL, json!({"payment_status_id": request_uid})).expect(422);
    assert_eq!(twice.text("/error"), "There is no booking redemption for given payment status");
    mock.call(
        "client",
        "POST",
        "/platform/v1/clients/payment/client_packages/update_usage",
        json!({"payment_status_id": request_uid}),
    )
    .expect(200);
}

#[test]
fn redeeming_and_cancelling_update_the_payment_request() {
    let mock = mock_with_running_clock();
    let (_, request_uid) = book_lesson(&mock);
    let send = |minutes: i64, method: &str, path: &str, body: Value| {
        let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
        let at = noon() + SignedDuration::from_mins(minutes);
        let path = format!("/api2{path}");
        mock.send_at(at, method, &path, &[("authorization", &token)], &body.to_string()).expect(200)
    };
    let path = format!("/business/payments/v1/payment_requests/{request_uid}");
    let times = |minutes: i64| {
        let seen = send(minutes, "GET", &path, Value::Null);
        ["updated_at", "paid_at"].map(|name| seen.at(&format!("/data/payment_request/{name}")).clone())
    };
    send(10, "POST", REDEEM, json!({"payment_status_uid": request_uid}));
    let redeemed = json!("2026-02-08T12:10:00.000+00:00");
    assert_eq!(times(11), [redeemed.clone(), redeemed]);
    send(20, "PUT", CANCEL, json!({"payment_status_id": request_uid}));
    assert_eq!(times(21), [json!("2026-02-08T12:20:00.000+00:00"), Value::Null]);
}

#[test]
fn redemption_uses_the_valid_package_of_the_matter_that_ends_first() {
    let mock = observed();
    let assign = |until: &str, from: &str, matter: &str| {
        let body = json!({"client_id": CLIENT, "package_id": PACKAGE, "valid_from": from, "valid_until": until, "matter_uid": matter});
        mock.staff("POST", "/platform/v1/payment/client_packages", body).expect(201).text("/data/client_package/id")
    };
    let soon = assign("2026-02-20", "2026-02-01", MATTER);
    let elsewhere = assign("2026-02-10", "2026-02-01", "8uv484e80mcytwdz");
    let not_yet = assign("2026-02-15", "2026-02-14", MATTER);
    let (_, request_uid) = book_lesson(&mock);
    mock.staff("POST", REDEEM, json!({"payment_status_uid": request_uid})).expect(200);
    assert_eq!([soon, elsewhere, not_yet].map(|package| usage(&mock, &package)), ["1", "0", "0"]);

    // An invoice has no service.
    let none = mock.staff("POST", REDEEM, json!({"payment_status_uid": "fvik8vrd3u47x5c9"})).expect(422);
    assert_eq!(none.text("/error"), "There is no package to use");
    mock.staff("POST", REDEEM, json!({"payment_status_uid": "n0such0request00"})).expect(404);
}

#[test]
fn free_booking_has_no_payment_request() {
    let mock = observed();
    let booking = json!({"business_id": BUSINESS, "client_id": CLIENT, "service_id": "ss3fs2gju3yz3kcu", "start_time": "2026-02-09T21:00:00.000Z"});
    let created = mock.call("client", "POST", "/platform/v1/scheduling/bookings", booking).expect(201);
    let path = format!("/platform/v1/scheduling/appointments/{}", created.text("/data/booking/id"));
    assert_eq!(mock.get(&path).expect(200).at("/data/appointment/payment_status"), &Value::Null);
}

#[test]
fn order_is_due_at_once_and_settled_by_a_matching_payment() {
    let mock = observed();
    let order = json!({"product_order": {"client_id": CLIENT, "product_id": "akfsx7kt5mola6fi"}});
    let order = mock.staff("POST", "/business/payments/v1/product_orders", order).expect(201);
    assert_eq!(order.text("/data/product_order/name"), "Metronome");
    assert_eq!(order.text("/data/product_order/total_price"), "40.95");
    let request_uid = order.text("/data/product_order/payment_request_id");
    assert_eq!(request(&mock, &request_uid), ("pending".into(), "40.95".into()));
    let checkout = format!("/platform/v1/payment/checkout/{request_uid}");
    assert_eq!(mock.get(&checkout).expect(201).at("/data/amount"), 40.95);

    let pay = |amount: f64, currency: &str| {
        let body = json!({"client_id": CLIENT, "payment_method": "Cash", "currency": currency, "amount": amount, "title": "At the desk"});
        mock.staff("POST", "/platform/v1/payments", body).expect(201).text("/data/payment/payment_id")
    };
    let matched = |payment: &str, matter: &str| {
        let body = json!({"matter_uid": matter, "payment_status_uid": request_uid});
        mock.staff("POST", &format!("/platform/v1/payments/{payment}/match"), body)
    };
    matched(&pay(41.0, "USD"), MATTER).expect(422);
    matched(&pay(40.0, "EUR"), MATTER).expect(422);
    let payment = pay(40.95, "USD");
    matched(&payment, "8uv484e80mcytwdz").expect(422);
    assert_eq!(request(&mock, &request_uid).0, "pending");
    matched(&payment, MATTER).expect(201);
    assert_eq!(request(&mock, &request_uid).0, "paid");
    assert_eq!(mock.get(&checkout).expect(422).text("/error"), "Already_paid");
    matched(&payment, MATTER).expect(422);

    let refund = json!({"refund": {"payment_uid": payment}});
    let refund = mock.staff("POST", "/business/payments/v1/refunds", refund).expect(201);
    assert_eq!(refund.text("/data/refund/amount"), "40.95");
    let read = mock.get(&format!("/business/payments/v1/payments/{payment}")).expect(200);
    assert_eq!(read.text("/data/payment/state"), "refunded");
}

#[test]
fn payment_requests_of_invoices_and_carts_have_the_sum_of_their_items() {
    let mock = observed();
    let items = json!([
        {"name": "Lesson", "quantity": 2, "unit_amount": 50, "tax_uids": ["z6la8mcp3rfn5ubi"]},
        {"name": "Strings", "quantity": 1, "unit_amount": 20, "discount": {"percent": 50}},
    ]);
    let body = json!({"invoice": {"matter_uid": MATTER, "issue_date": "2026-02-08", "due_date": "2026-03-08", "currency": "USD",
        "billing_address": "14 Harbour Lane", "items": items, "status": "issued"}});
    let invoice = mock.staff("POST", "/business/payments/v1/invoices", body).expect(201);
    assert_eq!(invoice.at("/data/invoice/total"), 118.5);
    assert_eq!(invoice.text("/data/invoice/status"), "ISSUED");
    let request_uid = invoice.text("/data/invoice/payment_status_uid");
    assert_eq!(request(&mock, &request_uid), ("pending".into(), "118.5".into()));
    let session = format!("/client/payments/v1/payment_requests/{request_uid}/checkout");
    let session = mock.call("client", "GET", &session, Value::Null).expect(200);
    assert_eq!(session.at("/data/checkout_session/amount_left_to_pay"), 118.5);
    let cancel = format!("/business/payments/v1/invoices/{}/cancel", invoice.text("/data/invoice/uid"));
    mock.staff("PUT", &cancel, json!({})).expect(200);
    assert_eq!(request(&mock, &request_uid).0, "cancelled");

    let item = json!({"entity_type": "Service", "entity_uid": SERVICE, "entity_name": "Music Lesson"});
    let cart = json!({"is_sale": true, "cart": {"currency": "USD", "matter_uid": MATTER, "items": [item]}});
    let cart = mock.staff("POST", "/business/payments/v1/carts", cart).expect(201);
    assert_eq!(cart.text("/data/cart/total_price"), "15.0");
    let request_uid = cart.text("/data/cart/payment_request_uid");
    let path = format!("/business/payments/v1/carts/{}/cancel", cart.text("/data/cart/uid"));
    let cancelled = mock.staff("PUT", &path, json!({"cancel_payment_statuses_items": true})).expect(200);
    assert_eq!(cancelled.at("/data/cart/payment_request_uid"), &Value::Null);
    assert_eq!(request(&mock, &request_uid).0, "cancelled");
}

#[test]
fn coupon_reduces_a_payment_request_until_it_is_removed() {
    let mock = observed();
    let body = json!({"name": "Autumn term", "coupon_type": "percent", "amount": 10, "starts_at": "2026-02-08", "expires_at": "2026-02-20T00:00:00Z"});
    let coupon = mock.staff("POST", "/v2/coupons", body).expect(200).text("/uid");
    let entity = json!({"entity_type": "payment_status", "entity_id": "7sczqaskf86pylcx"});
    mock.staff("POST", &format!("/v2/coupons/{coupon}/apply"), entity.clone()).expect(200);
    assert_eq!(request(&mock, "7sczqaskf86pylcx").1, "36.86");
    for _ in 0..2 {
        mock.staff("POST", "/v2/coupons/remove", entity.clone()).expect(200);
        assert_eq!(request(&mock, "7sczqaskf86pylcx").1, "40.95");
    }
    for (action, state) in [("disable", "disabled"), ("enable", "active"), ("expire", "expired")] {
        let path = format!("/v2/coupons/{coupon}/{action}");
        assert_eq!(mock.staff("POST", &path, Value::Null).expect(200).text("/state"), state);
    }
}

#[test]
fn sums_do_not_overflow() {
    let mock = observed();
    let huge = "79228162514264337593543950335";
    let item = json!({"name": "Lesson", "quantity": 9e27, "unit_amount": 7e28, "discount": {"percent": 7e28}, "taxes": [{"name": "t", "rate": huge}, {"name": "u", "rate": huge}]});
    let body = json!({"client_id": CLIENT, "due_date": "2026-03-08", "issued_at": "2026-02-08", "currency": "USD", "address": "x",
        "items": [{"title": "a", "amount": 7e28, "quantity": 7e28, "taxes": [{"name": "t", "rate": 7e28}]}, {"title": "b", "amount": 7e28, "quantity": 1}]});
    mock.staff("POST", "/platform/v1/invoices", body).expect(201);
    let body = json!({"invoice": {"matter_uid": MATTER, "issue_date": "2026-02-08", "due_date": "2026-03-08", "currency": "USD", "billing_address": "x", "items": [item]}});
    mock.staff("POST", "/business/payments/v1/invoices", body).expect(201);
    let items = json!([{"entity_type": "Service", "entity_uid": SERVICE, "entity_name": "a", "amount": 7e28}, {"entity_type": "Service", "entity_uid": SERVICE, "entity_name": "a", "amount": 7e28}]);
    mock.staff(
        "POST",
        "/business/payments/v1/carts",
        json!({"is_sale": true, "cart": {"currency": "USD", "matter_uid": MATTER, "items": items}}),
    )
    .expect(201);
}

#[test]
fn paying_a_payment_request_creates_a_payment() {
    let mock = observed();
    let sale = json!({"client_id": CLIENT, "package_id": PACKAGE, "price": 80});
    let sold = mock.staff("POST", "/platform/v1/payment/client_packages", sale).expect(201);
    let request_uid = sold.text("/data/client_package/payment_status_uid");
    let cash = json!({"payment_method": "Cash", "amount": sold.at("/data/client_package/amount")});
    let paid = mock.staff("PUT", &format!("/platform/v1/payments/{request_uid}"), cash).expect(200);
    assert_eq!((paid.text("/data/payment/client_id").as_str(), paid.at("/data/payment/amount")), (CLIENT, &json!(80)));
    assert_eq!(
        (paid.text("/data/payment/state").as_str(), paid.text("/data/payment/payment_method").as_str()),
        ("paid", "Cash")
    );
    let payment = paid.text("/data/payment/payment_id");
    let read = mock.get(&format!("/business/payments/v1/payments/{payment}")).expect(200);
    assert_eq!(read.text("/data/payment/payment_request_uid"), request_uid);
}

#[test]
fn client_lists_packages_of_own_matter_with_their_state() {
    let mock = observed();
    let past = json!({"client_id": CLIENT, "package_id": PACKAGE, "matter_uid": MATTER, "valid_from": "2025-01-01", "valid_until": "2025-12-31"});
    let past = mock.staff("POST", "/platform/v1/payment/client_packages", past).expect(201);
    let list = |token: &str, more: &str| {
        let seen = mock.call(token, "GET", &format!("/api2/client/payments/v1/client_packages?{more}"), Value::Null);
        let all = seen.body.pointer("/data/client_packages").and_then(Value::as_array).cloned().unwrap_or_default();
        (seen.status, all)
    };
    let own = |more: &str| list("client", &format!("matter_uid={MATTER}&{more}")).1;
    let (all, active, inactive) = (own(""), own("filter[state][eq]=ACTIVE"), own("filter[state][eq]=INACTIVE"));
    assert!(!active.is_empty());
    assert!(inactive.iter().any(|one| one["id"] == *past.at("/data/client_package/id")));
    assert_eq!(all.len(), active.len() + inactive.len());
    assert!(all.iter().all(|one| one["client_id"] == CLIENT && one["conversation_id"] == MATTER));
    let known = all.iter().find(|one| one["id"] == CLIENT_PACKAGE).expect("the client's package");
    let staffs = mock.get(&format!("/business/payments/v1/client_packages/{CLIENT_PACKAGE}")).expect(200);
    for name in ["total_bookings", "bookings_usage", "payment_request_id", "payment_request_state", "valid_until"] {
        assert_eq!(known[name], *staffs.at(&format!("/data/client_package/{name}")), "{name}");
    }
    assert_eq!(list("client", "matter_uid=fy3iwpbpalv3692p").0, 401);
    assert_eq!(list("staff", "matter_uid=fy3iwpbpalv3692p").0, 200);
}

#[test]
fn client_cannot_see_or_redeem_payment_requests_of_other_clients() {
    let mock = observed();
    let target = "/api2/client/payments/v1/payment_requests";
    let of = |seen: &Seen| seen.at("/data/payment_requests").as_array().expect("a list").clone();
    let own = of(&mock.call("client", "GET", target, Value::Null).expect(200));
    let staffs = of(&mock.get("/business/payments/v1/payment_requests?per_page=100").expect(200));
    let named = |list: &[Value]| list.iter().filter(|one| one["matter_uid"] == MATTER).count();
    assert!(named(&own) > 0 && named(&own) == named(&staffs));
    let another =
        staffs.iter().find(|one| one["state"] == "pending" && !own.iter().any(|mine| mine["uid"] == one["uid"]));
    let body = json!({"payment_status_id": another.expect("another client's")["uid"]});
    let rejected = mock.call("client", "POST", "/api2/platform/v1/clients/payment/client_packages/update_usage", body);
    assert_eq!(rejected.expect(404).text("/error"), "Payment status not found");
}

#[test]
fn payment_request_of_client_package_is_overdue_on_every_path() {
    let mock = observed();
    let sale = json!({"client_id": CLIENT, "package_id": PACKAGE, "matter_uid": MATTER});
    let sold = mock.staff("POST", "/platform/v1/payment/client_packages", sale).expect(201);
    let request_uid = sold.text("/data/client_package/payment_status_uid");
    let list = |more: &str| {
        let path = format!("/api2/client/payments/v1/payment_requests?matter_uid={MATTER}{more}");
        let seen = mock.call("client", "GET", &path, Value::Null).expect(200);
        let all = seen.at("/data/payment_requests").as_array().expect("a list").clone();
        all.into_iter().find(|one| one["uid"] == *request_uid).map(|one| one["state"].clone())
    };
    assert_eq!((list(""), list("&filter[state][in]=OVERDUE")), (Some("overdue".into()), Some("overdue".into())));
    assert_eq!(list("&filter[state][in]=PAID"), None);
    let path = format!("/business/payments/v1/payment_requests/{request_uid}");
    let same = mock.staff("PUT", &path, json!({"payment_request": {}})).expect(200);
    assert_eq!(same.text("/data/payment_request/state"), "overdue");
}

#[test]
fn payment_request_is_updated_by_the_field_names_of_its_body() {
    let mock = observed();
    let (_, request_uid) = book_lesson(&mock);
    let path = format!("/business/payments/v1/payment_requests/{request_uid}");
    let change = |body: Value| mock.staff("PUT", &path, json!({"payment_request": body}));
    let body = json!({"price": 107, "net_price": 100, "price_before_coupon": "120.5", "currency": "EUR", "tax_uids": ["z6la8mcp3rfn5ubi"]});
    let changed = change(body).expect(200);
    let of = |seen: &Seen, name: &str| seen.at(&format!("/data/payment_request/{name}")).clone();
    for seen in [&changed, &mock.get(&path).expect(200)] {
        let shown = ["amount", "net_amount", "amount_before_coupon", "currency"].map(|name| of(seen, name));
        assert_eq!(shown, [json!("107.0"), json!("100.0"), json!(120.5), json!("EUR")]);
        assert_eq!(of(seen, "taxes")[0]["id"], "z6la8mcp3rfn5ubi");
    }
    let unknown = change(json!({"price": 1, "tax_uids": ["n0such0tax000000"]})).expect(422);
    assert_eq!(unknown.text("/errors/0/field"), "tax_uids");
    assert_eq!(request(&mock, &request_uid).1, "107.0");
}

#[test]
fn quirk_that_changes_nothing_is_not_reported() {
    let mock = observed();
    let requests = "/business/payments/v1/payment_requests";
    let overdue = "client-package-payment-request-overdue";
    for (query, is_named) in
        [("?filter[state][in]=PAID", false), ("?filter[entity_type][in]=Invoice", false), ("", true)]
    {
        let seen = mock.get(&format!("{requests}{query}")).expect(200);
        assert_eq!(seen.quirks().contains(overdue), is_named, "{query}: {}", seen.quirks());
    }
    for (price, is_named) in [(160.0, false), (80.0, true)] {
        let sale = json!({"client_id": CLIENT, "package_id": PACKAGE, "price": price});
        let sold = mock.staff("POST", "/platform/v1/payment/client_packages", sale).expect(201);
        assert_eq!(sold.quirks().contains("client-package-price-override"), is_named, "{price}");
    }
}

#[test]
fn coupon_code_is_validated_and_applied() {
    let mock = observed();
    let (_, request_uid) = book_lesson(&mock);
    let body = json!({"name": "Autumn term", "code": "AUTUMN20", "coupon_type": "percent", "amount": 20, "starts_at": "2026-02-08", "expires_at": "2026-02-20T00:00:00Z"});
    mock.staff("POST", "/v2/coupons", body).expect(200);
    let path = format!("/platform/v1/payment_statuses/{request_uid}");
    let asked = mock.get(&format!("{path}/validate_coupon?coupon_code=AUTUMN20")).expect(200);
    let shown = json!({"amount_to_pay_h": "$12.00 USD", "balance_h": "$12.00 USD", "currency": "USD", "id": request_uid,
        "price": "12.0", "price_before_coupon": "15", "state": "pending"});
    assert_eq!(asked.at("/data/payment_status"), &shown);
    assert_eq!(request(&mock, &request_uid).1, "15.0", "validating does not apply the coupon");
    let applied = mock.staff("PUT", &format!("{path}/apply_coupon"), json!({"coupon_code": "AUTUMN20"})).expect(200);
    assert_eq!(applied.at("/data/payment_status"), &shown);
    assert_eq!(request(&mock, &request_uid).1, "12.0");
    mock.get("/platform/v1/payment_statuses/n0such0request00/validate_coupon?coupon_code=AUTUMN20").expect(404);
}

#[test]
fn coupon_gets_a_code_and_labels() {
    let mock = observed();
    let make = |name: &str, kind: &str, amount: i32| {
        let body = json!({"name": name, "coupon_type": kind, "amount": amount, "starts_at": "2026-02-08T00:00:00Z", "expires_at": "2026-02-20T00:00:00Z"});
        mock.staff("POST", "/v2/coupons", body).expect(200)
    };
    let (first, second) = (make("Autumn term", "percent", 15), make("Winter term", "fixed", 5));
    assert_ne!(first.text("/code"), second.text("/code"));
    let is_code = |code: &str| (5..=15).contains(&code.len()) && code.chars().all(|one| one.is_ascii_alphanumeric());
    assert!(is_code(&first.text("/code")) && is_code(&second.text("/code")));
    assert_eq!((first.text("/discount_h"), second.text("/discount_h")), ("15%".into(), "$5.00 USD".into()));
    assert_eq!(
        (first.text("/starts_at_h"), first.text("/expires_at_h")),
        ("Feb 8, 2026".into(), "Feb 20, 2026".into())
    );
    let path = format!("/v2/coupons/{}", first.text("/uid"));
    assert_eq!(mock.staff("PUT", &path, json!({"amount": 25})).expect(200).text("/discount_h"), "25%");
    let expired = mock.staff("POST", &format!("{path}/expire"), Value::Null).expect(200);
    assert_eq!(expired.text("/expires_at"), "2026-02-08T12:00:00Z");
    assert_eq!(mock.get(&path).expect(200).text("/code"), first.text("/code"));
}

#[test]
fn package_list_without_paging_parameters_is_complete() {
    let mock = observed();
    let listed = |more: &str| {
        let seen = mock.get(&format!("/platform/v1/payment/packages{more}")).expect(200);
        seen.at("/data/packages").as_array().expect("a list").len()
    };
    let before = listed("");
    for place in 0..30 {
        let body = json!({"name": format!("Course {place}"), "price": 10, "currency": "USD", "expiration": 1, "expiration_unit": "M",
            "items": [{"total_bookings": 1, "services": [{"id": SERVICE}]}], "products": []});
        mock.staff("POST", "/platform/v1/payment/packages", body).expect(201);
    }
    assert_eq!((listed(""), listed("?per_page=5")), (before + 30, 5));
}

#[test]
fn packages_with_a_price_that_no_decimal_holds_are_shown() {
    let mock = observed();
    let mut paths = vec!["/platform/v1/payment/packages".to_owned(), "/client/payments/v1/packages".to_owned()];
    for (price, bookings) in [("1e300", "9223372036854775807"), ("-1e300", "1"), ("1e-40", "1")] {
        let body = format!(
            r#"{{"name": "Course", "price": {price}, "currency": "USD", "expiration": 1, "expiration_unit": "M", "products": [],
                "items": [{{"total_bookings": {bookings}, "services": [{{"id": "{SERVICE}"}}]}},
                    {{"total_bookings": {bookings}, "services": [{{"id": "{SERVICE}"}}]}}]}}"#
        );
        let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let created = mock.send("POST", "/api2/platform/v1/payment/packages", &headers, &body);
        assert!(created.status < 500, "{created:?}");
        if created.status == 201 {
            paths.push(format!("/platform/v1/payment/packages/{}", created.text("/data/package/id")));
        }
    }
    assert!(paths.len() > 2, "no package was created");
    for path in paths {
        assert!(mock.get(&path).status < 500, "{path}");
    }
}

#[test]
fn client_sees_price_and_credits_of_a_package() {
    let mock = observed();
    let path = "/api2/client/payments/v1/packages";
    let one = mock.call("client", "GET", &format!("{path}/{PACKAGE}"), Value::Null).expect(200);
    let list = mock.call("client", "GET", &format!("{path}?business_id={BUSINESS}"), Value::Null).expect(200);
    assert_eq!(one.at("/data/package"), list.at("/data/packages/0"));
    let shown =
        ["price", "original_price", "total_bookings"].map(|name| one.at(&format!("/data/package/{name}")).clone());
    assert_eq!(shown, [json!("160.0"), json!("160.0"), json!(14)]);
    let foreign = mock.call("client", "GET", &format!("{path}/f0re1gnpackage00"), Value::Null).expect(422);
    assert_eq!(foreign.text("/errors/0/field"), "package_id");
}

#[test]
fn redemption_requires_a_payment_request() {
    let none = observed().staff("POST", REDEEM, json!({"matter_uid": MATTER})).expect(422);
    assert_eq!(none.text("/error"), "Mandatory parameter payment_status_uid is missing");
}

#[test]
fn client_cannot_check_out_payment_requests_of_other_clients() {
    let mock = observed();
    let checkout = |uid: &str| {
        let path = format!("/api2/client/payments/v1/payment_requests/{uid}/checkout");
        mock.call("client", "GET", &path, Value::Null).status
    };
    assert_eq!([checkout("w2lesson8owed4xq"), checkout("fvik8vrd3u47x5c9")], [200, 404]);
}

#[test]
fn client_lists_leave_out_records_of_unknown_clients() {
    let mock = observed();
    let list = |plural: &str| {
        let path = format!("/api2/client/payments/v1/{plural}");
        mock.call("client", "GET", &path, Value::Null).expect(200).body
    };
    for plural in ["product_orders", "carts", "payments"] {
        assert_eq!(list(plural), json!({"success": true, "data": {plural: []}}));
    }
    for (plural, id) in [("invoices", "n5strings0invcd3"), ("deposits", "d2epos1tquartet5")] {
        let seen = list(plural);
        let shown = seen["data"][plural].as_array().expect("a list");
        assert_eq!((shown.len(), &shown[0]["uid"]), (1, &json!(id)), "{plural}");
    }
    let order = json!({"product_order": {"client_id": CLIENT, "product_id": "akfsx7kt5mola6fi"}});
    let order = mock.staff("POST", "/business/payments/v1/product_orders", order).expect(201);
    let own = mock.call("client", "GET", "/api2/client/payments/v1/product_orders", Value::Null).expect(200);
    assert_eq!(own.at("/data/product_orders/0/id"), order.at("/data/product_order/id"));
}

#[test]
fn packages_are_reordered_by_a_list() {
    let missing = observed().staff("PUT", "/business/payments/v1/packages/reorder", json!({})).expect(422);
    assert_eq!(missing.text("/errors/0/field"), "packages");
}

#[test]
fn new_payment_has_only_values_of_the_request() {
    let mock = observed();
    let body =
        json!({"client_id": CLIENT, "payment_method": "Cash", "currency": "USD", "amount": 40, "title": "At the desk"});
    let created = mock.staff("POST", "/platform/v1/payments", body).expect(201);
    let payment = created.at("/data/payment");
    for (name, expected) in [
        ("fees", json!([])),
        ("tips", json!([])),
        ("reference", Value::Null),
        ("other_payment_method", Value::Null),
        ("pay_key", Value::Null),
        ("payment_method", json!("Cash")),
        ("paid_at", json!("2026-02-08T12:00:00Z")),
        ("staff_id", json!("3f90b6a1e7d2c458")),
        ("conversation_id", json!(MATTER)),
        ("state", json!("paid")),
    ] {
        assert_eq!(payment[name], expected, "{name}");
    }
    let id = created.text("/data/payment/payment_id");
    let business = mock.get(&format!("/business/payments/v1/payments/{id}")).expect(200);
    for (name, expected) in [("net_total", json!(40)), ("taxes", json!([])), ("payment_request_uid", Value::Null)] {
        assert_eq!(business.at("/data/payment")[name], expected, "{name}");
    }
    let order = json!({"product_order": {"client_id": CLIENT, "product_id": "akfsx7kt5mola6fi", "price": 40}});
    let request_uid = mock.staff("POST", "/business/payments/v1/product_orders", order).expect(201);
    let request_uid = request_uid.text("/data/product_order/payment_request_id");
    let body = json!({"matter_uid": MATTER, "payment_status_uid": request_uid});
    mock.staff("POST", &format!("/platform/v1/payments/{id}/match"), body).expect(201);
    let listed = mock.get("/platform/v1/payments?per_page=100").expect(201);
    let listed = listed.at("/data/payments").as_array().expect("a list").iter().find(|one| one["id"] == *id).cloned();
    assert_eq!(listed.expect("the payment")["payment_requests"], json!([{"id": request_uid}]));
    let waits = json!({"client_id": CLIENT, "payment_method": "Bank Transfer", "currency": "USD", "amount": 5, "title": "On its way", "state": "pending"});
    assert_eq!(
        mock.staff("POST", "/platform/v1/payments", waits).expect(201).at("/data/payment/paid_at"),
        &Value::Null
    );
}

#[test]
fn invoice_is_the_same_record_on_every_path() {
    let mock = observed();
    let items = json!([{"title": "Lesson", "amount": 50, "quantity": 2, "taxes": [{"name": "City tax", "rate": 10}]}]);
    let body = json!({"client_id": CLIENT, "due_date": "2026-03-08", "issued_at": "2026-02-08", "currency": "USD",
        "address": "14 Harbour Lane", "title": "Spring lessons", "items": items});
    let created = mock.staff("POST", "/platform/v1/invoices", body).expect(201);
    let id = created.text("/data/invoice/id");
    let business = mock.get(&format!("/business/payments/v1/invoices/{id}")).expect(200);
    let invoice = business.at("/data/invoice");
    for (name, expected) in [
        ("matter_uid", json!(MATTER)),
        ("client_name", json!("Nora Lindqvist")),
        ("billing_address", json!("14 Harbour Lane")),
        ("issue_date", json!("2026-02-08")),
        ("status", json!("ISSUED")),
        ("subtotal", json!("100.0")),
        ("total", json!(110)),
        ("total_tax", json!(10)),
        ("business_name", json!("Harmony Music School")),
    ] {
        assert_eq!(invoice[name], expected, "{name}");
    }
    assert_eq!(invoice["metadata"]["display_items_total"], true);
    let item = &invoice["items"][0];
    assert_eq!(
        (&item["name"], &item["unit_amount"], &item["grand_total"]),
        (&json!("Lesson"), &json!("50.0"), &json!("110.0"))
    );

    let items = json!([{"name": "Lesson", "quantity": 2, "unit_amount": 50}]);
    let body = json!({"invoice": {"matter_uid": MATTER, "issue_date": "2026-02-08", "due_date": "2026-03-08", "currency": "USD",
        "billing_address": "14 Harbour Lane", "items": items}});
    let created = mock.staff("POST", "/business/payments/v1/invoices", body).expect(201);
    let id = created.text("/data/invoice/uid");
    let platform = mock.get(&format!("/platform/v1/invoices/{id}")).expect(201);
    let invoice = platform.at("/data/invoice");
    for (name, expected) in [
        ("client_id", json!(CLIENT)),
        ("conversation_id", json!(MATTER)),
        ("amount", json!(100)),
        ("payment_balance", json!(100)),
        ("payment_state", json!("pending")),
        ("address", json!("14 Harbour Lane")),
        ("issued_at", json!("2026-02-08")),
        ("status", json!("issued")),
    ] {
        assert_eq!(invoice[name], expected, "{name}");
    }
    assert_eq!((&invoice["items"][0]["title"], &invoice["items"][0]["amount"]), (&json!("Lesson"), &json!(50)));
}

#[test]
fn taxes_of_a_product_are_shown_and_added_to_its_price() {
    let mock = observed();
    let (city, vat) = ("z6la8mcp3rfn5ubi", "g5tepu7zacmk8bbj");
    let body = json!({"product": {"name": "Bow", "price": 100, "tax_ids": [city]}});
    let created = mock.staff("POST", "/business/payments/v1/products", body).expect(201);
    let path = format!("/business/payments/v1/products/{}", created.text("/data/product/id"));
    let prices = |seen: &Seen, of: &str| {
        let name = |name: &str| seen.at(&format!("/data/{of}/{name}")).clone();
        (name("price"), name("total_price"), seen.body["data"][of]["taxes"][0]["name"].clone())
    };
    assert_eq!(prices(&created, "product"), (json!("100.0"), json!("108.5"), json!("City tax")));
    let changed = mock.staff("PUT", &path, json!({"product": {"price": "200", "tax_ids": {"0": vat}}})).expect(200);
    assert_eq!(prices(&changed, "product"), (json!("200.0"), json!("234.0"), json!("VAT")));
    let bare = mock.staff("PUT", &path, json!({"product": {"tax_ids": []}})).expect(200);
    assert_eq!(prices(&bare, "product"), (json!("200.0"), json!("200.0"), Value::Null));
    assert_eq!(prices(&mock.get(&path).expect(200), "product"), prices(&bare, "product"));

    let order = json!({"product_order": {"client_id": CLIENT, "product_id": "akfsx7kt5mola6fi"}});
    let order = mock.staff("POST", "/business/payments/v1/product_orders", order).expect(201);
    let request_uid = order.text("/data/product_order/payment_request_id");
    let path = format!("/business/payments/v1/product_orders/{}", order.text("/data/product_order/id"));
    let changed = mock.staff("PUT", &path, json!({"product_order": {"price": 40, "tax_ids": {"0": city}}})).expect(200);
    assert_eq!(prices(&changed, "product_order"), (json!("40.0"), json!("43.4"), json!("City tax")));
    assert_eq!(request(&mock, &request_uid).1, "43.4");
}
