//! Mocks for tests in Rust: `Mock::builder()`.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use standin::Mock;
use standin::faults::{Delivery, Ending};
use standin::testing::{MockServer, MockService, MockSession, called};
use tower_service::Service as _;

/// A shop with orders.
const SHOP: &str = r#"
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /v1/orders:
    get:
      responses: {"200": {description: orders, content: {application/json: {example: [{id: o1, item: tea}]}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses: {"201": {description: created, content: {application/json: {example: {id: o1, item: tea}}}}}
"#;

fn shop() -> MockServer {
    Mock::builder().contract("shop.yaml", SHOP).start()
}

/// Sends a request over a socket: status and JSON body, or the error of the connection.
fn send(method: &str, url: &str, body: &Value) -> std::io::Result<(u16, Value)> {
    let address = url.strip_prefix("http://").expect("a URL");
    let (host, path) = address.split_once('/').map_or((address, ""), |(host, path)| (host, path));
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(host)?;
    let head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
    Ok((status, serde_json::from_str(body).unwrap_or_default()))
}

fn get(url: &str) -> (u16, Value) {
    send("GET", url, &Value::Null).expect("a response")
}

fn order(url: &str, item: &str) {
    assert_eq!(send("POST", &format!("{url}/v1/orders"), &json!({"item": item})).expect("a response").0, 201);
}

/// The message with which a test that does this fails.
fn failure(work: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).expect_err("a panic");
    payload.downcast_ref::<String>().expect("a message").clone()
}

/// The response of a mock without a socket.
fn call(mock: &mut MockService, method: &str, path: &str, body: &Value) -> (http::response::Parts, Value) {
    let request = http::Request::builder().method(method).uri(path).header("content-type", "application/json");
    let mut response = Box::pin(mock.call(request.body(body.to_string()).expect("a request")));
    let Poll::Ready(response) = response.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the response does not wait for anything");
    };
    let (parts, body) = response.expect("never an error").into_parts();
    let Poll::Ready(Ok(body)) = Box::pin(body.collect()).as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("the body is whole");
    };
    (parts, serde_json::from_slice(&body.to_bytes()).unwrap_or_default())
}

#[test]
fn mocks_of_one_process_are_isolated_and_share_their_engine() {
    let (one, other) = (shop(), shop());
    order(&one.url(), "cup");
    assert_eq!(get(&format!("{}/v1/orders", one.url())).1.as_array().map(Vec::len), Some(2));
    assert_eq!(get(&format!("{}/v1/orders", other.url())).1.as_array().map(Vec::len), Some(1));
}

#[test]
fn second_mock_starts_without_compiling_the_engine_again() {
    let begun = Instant::now();
    drop(Mock::builder().seed(4).start());
    let first = begun.elapsed();
    let fastest = (0..20).map(|_| {
        let begun = Instant::now();
        let mock = Mock::builder().seed(4).start();
        let elapsed = begun.elapsed();
        assert_eq!(mock.records("client").len(), 40);
        elapsed
    });
    let fastest = fastest.min().expect("twenty");
    assert!(fastest < first / 10 && fastest < Duration::from_millis(10), "first {first:?}, then {fastest:?}");
}

#[test]
fn dropped_mock_closes_its_port_at_once() {
    let mock = shop();
    mock.faults().add(json!({"path": "/v1/**", "timeout": {}}));
    let url = mock.url();
    let stuck = TcpStream::connect(url.strip_prefix("http://").expect("a URL")).expect("a connection");
    (&stuck).write_all(b"GET /v1/orders HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let begun = Instant::now();
    drop(mock);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert!(send("GET", &format!("{url}/v1/orders"), &Value::Null).is_err());
}

#[test]
fn sessions_of_a_mock_have_urls_records_and_requests_of_their_own() {
    let mock = shop();
    let (one, other) = (mock.session("one"), mock.session("other"));
    one.seed("order", json!({"id": "o7", "item": "cup"}));
    let urls: [&MockSession; 3] = [&mock, &one, &other];
    let counts = urls.map(|session| get(&format!("{}/v1/orders", session.url())).1.as_array().map(Vec::len));
    assert_eq!(counts, [Some(1), Some(2), Some(1)]);
    assert_eq!(one.record("order", "o7")["item"], "cup");
    one.verify(called("GET /v1/orders").times(1));
    let fork = one.fork();
    assert_eq!((fork.records("order").len(), fork.requests().len()), (2, 0));
    one.reset();
    assert_eq!((one.records("order").len(), one.requests().len()), (1, 0));
}

#[test]
fn failed_verification_shows_what_was_received_and_the_nearest_request() {
    let mock = shop();
    order(&mock.url(), "cup");
    let message =
        failure(|| mock.verify(called("POST /v1/orders").body(json!({"item": "tea"})).header("x-trace", "7").times(2)));
    let expected = r#"expected exactly 2 requests that match {"operation":"POST /v1/orders","body":{"item":"tea"},"headers":{"x-trace":"7"}}, received 0 in the session default

nearest:
  #1 POST /v1/orders
      header x-trace: expected "7", received null
      body/item: expected "tea", received "cup"

received:
  #1 POST /v1/orders → 201"#;
    assert_eq!(message, expected);
    mock.verify(called("POST /v1/orders").body(json!({"item": "cup"})).status("2xx").at_most(1));
    mock.verify(called("GET /v1/orders").never());
    assert!(failure(|| mock.verify(called("POST /v1/orders").never())).starts_with("expected exactly 0 requests"));
}

#[test]
fn mistakes_in_tests_are_panics_that_say_what_to_write() {
    let mock = shop();
    assert!(
        failure(|| {
            mock.seed("ordre", json!({}));
        })
        .contains("did you mean `order`?")
    );
    assert!(failure(|| drop(mock.session("a b"))).contains("an id has 1 to 64 letters"));
    assert!(
        failure(|| {
            mock.clock().advance("3 days");
        })
        .contains("write a span of time such as 3d")
    );
    assert!(
        failure(|| {
            mock.faults().add(json!({"path": "/v1/**"}));
        })
        .contains("latency")
    );
    assert!(
        failure(|| {
            mock.token("staff");
        })
        .starts_with("there is no token `staff`")
    );
    assert!(
        failure(|| drop(Mock::builder().scenario("musik-school").start())).contains("did you mean `music-school`?")
    );
    assert!(failure(|| drop(Mock::builder().quirk("+missing").start())).contains("missing"));
    let missing = Mock::builder().api("no/such/folder").try_start().map(drop).expect_err("no such folder");
    assert!(missing.to_string().starts_with("no/such/folder: "));
}

#[test]
fn faults_and_clock_of_a_mock_act_on_its_responses() {
    let mock = Mock::builder().contract("shop.yaml", SHOP).now("2026-02-08T10:00:00Z".parse().expect("a time")).start();
    let orders = format!("{}/v1/orders", mock.url());
    let limit = mock
        .faults()
        .add(json!({"operation": "GET /v1/orders", "status": {"code": 429, "retry_after": 7}, "count": 1}));
    assert_eq!((get(&orders).0, get(&orders).0), (429, 200));
    assert_eq!(mock.faults().list()[0]["applied"], 1);
    mock.faults().remove(&limit);
    mock.faults().add(json!({"path": "/v1/**", "reset_peer": {}}));
    let reset = send("GET", &orders, &Value::Null).expect_err("a reset");
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    mock.faults().clear();
    assert_eq!(mock.clock().now().to_string(), "2026-02-08T10:00:00Z");
    assert_eq!(mock.clock().advance("3d").to_string(), "2026-02-11T10:00:00Z");
}

#[test]
fn tokens_and_gateways_of_the_built_in_api_are_found_by_name() {
    let mock = Mock::builder().scenario("music-school").start();
    assert_eq!(mock.authorization("staff"), format!("Bearer {}", mock.token("staff")));
    assert_eq!(mock.session("a").gateway_url("fallback"), format!("{}/s/a/api2", mock.url()));
    assert_eq!(mock.param("client_id"), crate::vocabulary::CLIENT);
    assert!(failure(|| drop(mock.gateway_url("other"))).starts_with("there is no gateway `other`; there are main"));
}

#[test]
fn fifty_mocks_at_once_are_served_with_one_engine() {
    std::thread::scope(|scope| {
        let tests: Vec<_> = (0..50)
            .map(|number| {
                scope.spawn(move || {
                    let mock = shop();
                    order(&mock.url(), &format!("cup {number}"));
                    mock.verify(called("POST /v1/orders").body(json!({"item": format!("cup {number}")})).times(1));
                    mock.verify(called("* /v1/orders").times(1));
                })
            })
            .collect();
        for test in tests {
            test.join().expect("isolated");
        }
    });
}

#[test]
fn service_answers_as_the_server_does_and_selects_sessions() {
    let mut mock = Mock::builder().contract("shop.yaml", SHOP).service();
    let (parts, body) = call(&mut mock, "POST", "/s/a/v1/orders", &json!({"item": "cup"}));
    assert_eq!((parts.status.as_u16(), &body["item"]), (201, &json!("cup")));
    assert_eq!(parts.headers["x-standin-session"], "a");
    assert_eq!((mock.records("order").len(), mock.session("a").records("order").len()), (1, 2));
    let large = json!({"item": "x".repeat(9 << 20)});
    assert_eq!(call(&mut mock, "POST", "/v1/orders", &large).0.status.as_u16(), 413);
}

#[test]
fn service_carries_faults_of_the_connection_in_the_extensions() {
    let mut mock = Mock::builder().contract("shop.yaml", SHOP).service();
    mock.faults().add(json!({"path": "/v1/**", "latency": {"ms": 60_000}}));
    mock.faults().add(json!({"path": "/v1/**", "reset_peer": {}, "count": 1}));
    let (parts, _) = call(&mut mock, "GET", "/v1/orders", &Value::Null);
    let delivery = parts.extensions.get::<Delivery>().expect("a delivery");
    assert_eq!((delivery.delay, delivery.ending), (Duration::from_secs(60), Ending::Reset));
}
