//! Recordings contain the requests, and no secrets.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::recorder::{Recorder, RecordingContext};
use standin::request::Request;
use standin::scenarios::{Credentials, Scenario, Upstream};

use crate::vocabulary::{CLIENT, ENGINE, noon};

/// An HTTP server that responds with a client to every request.
fn upstream() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 8192]);
            let body = json!({"data": {"client": {"id": CLIENT, "first_name": "Nora", "email": "nora@school.org"}}});
            let body = body.to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
        }
    });
    url
}

fn request(authorization: &'static str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static(authorization));
    Request {
        method: Method::GET,
        path: format!("/apigw/platform/v1/clients/{CLIENT}").into(),
        query: None,
        headers,
        body: Vec::new().into(),
        at: noon(),
    }
}

#[test]
fn recordings_contain_neither_tokens_of_any_scheme_nor_personal_data() {
    let recorder = recorder_to(&upstream());
    let schemes = ["Bearer bearer-secret-1", "Admin admin-secret-2", "Basic basic-secret-3", "bare-secret-4"];
    for authorization in schemes {
        assert_eq!(recorder.forward(&request(authorization)).status, 200);
    }
    assert_eq!(recorder.count(), schemes.len());
    let context =
        RecordingContext { engine: &ENGINE, credentials: Credentials::default(), scenario: None, now: noon() };
    let (fixtures, scenario) = recorder.finish("mine", &context);
    let json: Value = serde_json::to_value(&fixtures.list).expect("JSON");
    for text in [json.to_string(), scenario.clone()] {
        for secret in ["secret", "Nora", "nora@"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let tokens: Vec<Option<&str>> =
        fixtures.list.iter().map(|fixture| fixture.point.request.token.as_deref()).collect();
    assert_eq!(tokens, [Some("recorded_1"), Some("recorded_2"), None, None], "{scenario}");
    let read = Scenario::read(&SourceFile::new("mine.yaml", scenario)).expect("a scenario");
    assert_eq!(read.steps.len(), schemes.len());
}

#[test]
fn requests_to_a_missing_upstream_get_502_and_are_not_recorded() {
    let recorder = recorder_to("http://127.0.0.1:1");
    let mut request = request("Bearer x");
    assert_eq!(recorder.forward(&request).status, 502);
    request.path = "/api2/platform/v1/clients".into();
    assert_eq!(recorder.forward(&request).status, 502);
    assert_eq!(recorder.count(), 0);
}

/// A recorder whose main gateway is that server.
fn recorder_to(upstream: &str) -> Recorder {
    let main = ENGINE.api().gateways.default_gateway().name.to_string();
    Recorder::new(std::sync::Arc::clone(ENGINE.api()), [(main, Upstream::new(upstream))].into())
}
