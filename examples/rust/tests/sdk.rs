//! The SDK against the mock: each test starts its own, and all share one compiled engine.

use std::time::Duration;

use intandem_sdk::{Error, InTandem};
use serde_json::{Value, json};
use standin::Mock;
use standin::testing::{MockServer, called};

fn mock() -> MockServer {
    Mock::builder().now("2026-02-08T10:00:00Z".parse().unwrap()).start()
}

fn sdk(mock: &MockServer, token: &str) -> InTandem {
    InTandem::new(&mock.gateway_url("fallback"), &mock.authorization(token), |_| {})
}

/// Books a lesson as the client; returns the id of its payment request.
fn book(mock: &MockServer) -> String {
    let client = mock.param("client_id");
    let (business, service) = (mock.param("business_id"), mock.param("service_id"));
    let lesson = json!({"business_id": business, "service_id": service, "client_id": client, "start_time": "2026-02-09T21:00:00.000Z"});
    sdk(mock, "client").book(lesson).unwrap()
}

fn sell_and_redeem() {
    let mock = mock();
    let staff = sdk(&mock, "staff");
    let packages = staff.packages().unwrap();
    let lessons = packages.as_array().unwrap().iter().find(|package| package["name"] == "10 Music Lessons").unwrap();
    staff.sell(mock.param("client_id"), lessons["id"].as_str().unwrap(), 120).unwrap();
    let due = book(&mock);
    assert_eq!(staff.state(&due).unwrap(), "pending");
    assert_eq!(staff.redeem(&due).unwrap(), "10 Music Lessons");
    assert_eq!(staff.state(&due).unwrap(), "paid");
    assert!(matches!(staff.redeem(&due), Err(Error::Api(422, message)) if message.contains("already paid")));
    mock.verify(called("POST /platform/v1/payment/client_packages").body(json!({"price": 120})).times(1));
}

/// Fifty tests that cargo runs at the same time.
macro_rules! rounds {
    ($($name:ident)*) => { $(#[test] fn $name() { sell_and_redeem(); })* };
}
rounds! {
    sale_1 sale_2 sale_3 sale_4 sale_5 sale_6 sale_7 sale_8 sale_9 sale_10 sale_11 sale_12 sale_13 sale_14 sale_15 sale_16 sale_17
    sale_18 sale_19 sale_20 sale_21 sale_22 sale_23 sale_24 sale_25 sale_26 sale_27 sale_28 sale_29 sale_30 sale_31 sale_32 sale_33
    sale_34 sale_35 sale_36 sale_37 sale_38 sale_39 sale_40 sale_41 sale_42 sale_43 sale_44 sale_45 sale_46 sale_47 sale_48 sale_49
    sale_50
}

#[test]
fn paid_lesson_is_paid() {
    let mock = mock();
    let due = book(&mock);
    sdk(&mock, "staff").pay(&due, 15).unwrap();
    assert_eq!(sdk(&mock, "staff").state(&due).unwrap(), "paid");
}

#[test]
fn sdk_retries_after_429() {
    let mock = mock();
    mock.faults()
        .add(json!({"operation": "GET /platform/v1/clients", "status": {"code": 429, "retry_after": 7}, "count": 1}));
    let wait = |time| assert_eq!(time, Duration::from_secs(7));
    InTandem::new(&mock.gateway_url("fallback"), &mock.authorization("staff"), wait).clients().unwrap();
    mock.verify(called("GET /platform/v1/clients").times(2));
}

#[test]
fn reset_connection_is_no_second_create() {
    let mock = mock();
    mock.faults().add(json!({"operation": "POST /platform/v1/clients", "reset_peer": {}, "count": 1}));
    assert!(matches!(sdk(&mock, "staff").create_client("Ada"), Err(Error::Connection(_))));
    mock.verify(called("POST /platform/v1/clients").times(1));
    assert_eq!(mock.records("client").iter().filter(|client| client["first_name"] == "Ada").count(), 1);
}

#[test]
fn credits_expire_as_time_passes() {
    let mock = mock();
    let due = book(&mock);
    mock.clock().advance("2y");
    assert!(matches!(sdk(&mock, "staff").redeem(&due), Err(Error::Api(422, _))));
}

#[tokio::test]
async fn mock_is_started_and_dropped_in_asynchronous_tests() {
    let mock = mock();
    let staff = sdk(&mock, "staff");
    tokio::task::spawn_blocking(move || staff.create_client("Ada").unwrap()).await.unwrap();
    mock.verify(called("POST /platform/v1/clients").times(1));
}

#[tokio::test]
async fn mock_without_a_socket_is_a_service_of_an_axum_router() {
    use tower::ServiceExt as _;
    let mock = Mock::builder().service();
    let router = axum::Router::new().fallback_service(mock.clone());
    let request =
        http::Request::get("/platform/v1/clients?per_page=1").header("authorization", mock.authorization("staff"));
    let response = router.oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
    let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["data"]["clients"].as_array().unwrap().len(), 1);
    mock.verify(called("GET /platform/v1/clients").status(200).times(1));
}
