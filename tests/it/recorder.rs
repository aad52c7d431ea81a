//! Recordings contain the requests, and no secrets.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::fixtures::Fixture;
use standin::fixtures::read::Loaded;
use standin::fixtures::verify::{Outcome, Play};
use standin::recorder::{Recorder, RecordingContext};
use standin::request::Request;
use standin::scenarios::{
    Credentials, PlainRequest, PlainResponse, Received, Remote, Scenario, Transport, Upstream, Workflows,
};

use crate::server::{brotli, gzip};
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

/// An HTTP server that responds to each path with headers and a body.
fn responding(responses: &'static [(&'static str, &'static str, Vec<u8>)]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut sent = [0; 8192];
            let length = stream.read(&mut sent).unwrap_or_default();
            let sent = String::from_utf8_lossy(&sent[..length]).into_owned();
            let path = sent.split([' ', '?']).nth(1).unwrap_or_default();
            let (_, head, body) = responses.iter().find(|(known, ..)| *known == path).expect("a known path");
            let _ =
                write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n{head}\r\n", body.len());
            let _ = stream.write_all(body);
        }
    });
    url
}

fn get(path: &str) -> Request {
    let headers = HeaderMap::new();
    Request { method: Method::GET, path: path.into(), query: None, headers, body: Vec::new().into(), at: noon() }
}

/// Fixtures and scenario of a recording.
fn finished(recorder: &Recorder) -> (Vec<Fixture>, String) {
    let context =
        RecordingContext { engine: &ENGINE, credentials: Credentials::default(), scenario: None, now: noon() };
    let (fixtures, scenario) = recorder.finish("mine", &context);
    (fixtures.list, scenario)
}

static PACKED: LazyLock<Vec<(&str, &str, Vec<u8>)>> = LazyLock::new(|| {
    let body = br#"{"name":"packed"}"#;
    let json = |coding: &'static str| {
        format!("content-type: application/json\r\ncontent-encoding: {coding}\r\n").leak() as &str
    };
    let zstd = ruzstd::encoding::compress_to_vec(&body[..], ruzstd::encoding::CompressionLevel::Fastest);
    vec![
        ("/gzip", json("gzip"), gzip(body)),
        ("/twice", json("br, gzip"), gzip(&brotli(body))),
        ("/br", json("br"), brotli(body)),
        ("/zstd", json("zstd"), zstd),
        ("/unknown", json("dcb"), body.to_vec()),
    ]
});

#[test]
fn packed_responses_are_passed_on_as_they_are_and_recorded_unpacked() {
    let url = responding(&PACKED);
    let recorder = recorder_to(&url);
    for (path, _, body) in PACKED.iter() {
        let response = recorder.forward(&get(&format!("/apigw{path}")));
        assert_eq!(response.body, body.as_slice(), "{path}");
        assert!(response.headers.iter().any(|(name, _)| name == "content-encoding"), "{path}");
    }
    let (fixtures, _) = finished(&recorder);
    for fixture in &fixtures {
        assert_eq!(fixture.point.response.body, json!({"name": "packed"}), "{}", fixture.id);
    }
    verify(&fixtures, &url);
}

/// Asserts that what was recorded holds against the server.
fn verify(fixtures: &[Fixture], url: &str) {
    let main = ENGINE.api().gateways.default_gateway().name.to_string();
    let mut remote = Remote::new([(main, Upstream::new(url))].into());
    let mut play = Play { credentials: &Credentials::default(), writes: true, prepare: None };
    for fixture in fixtures.iter().filter(|fixture| !fixture.id.contains("unknown")) {
        let loaded = Loaded { fixture: fixture.clone(), allows_new: false };
        let verdict = play.play(&loaded, &mut remote);
        assert!(matches!(verdict.outcome, Outcome::Held), "{verdict:?}");
    }
}

static PLAIN: LazyLock<Vec<(&str, &str, Vec<u8>)>> = LazyLock::new(|| {
    vec![
        ("/text", "content-type: text/plain\r\n", b"just words".to_vec()),
        ("/digits", "content-type: text/plain\r\n", b"1.50".to_vec()),
        ("/picture", "content-type: image/png\r\n", b"\x89PNG\r\n".to_vec()),
        ("/login", "set-cookie: a=1\r\nset-cookie: b=!2; HttpOnly\r\n", Vec::new()),
    ]
});

#[test]
fn text_and_bytes_are_recorded_and_cookies_stay_separate() {
    let url = responding(&PLAIN);
    let recorder = recorder_to(&url);
    for (path, _, body) in PLAIN.iter() {
        let response = recorder.forward(&get(&format!("/apigw{path}")));
        assert_eq!(response.body, body.as_slice(), "{path}");
        let cookies = response.headers.iter().filter(|(name, _)| name == "set-cookie").count();
        assert_eq!(cookies, if *path == "/login" { 2 } else { 0 });
    }
    let (fixtures, _) = finished(&recorder);
    let bodies: Vec<&Value> = fixtures.iter().map(|fixture| &fixture.point.response.body).collect();
    assert_eq!(bodies, [&json!("just words"), &json!("1.50"), &json!("data:;base64,iVBORw0K"), &Value::Null]);
    assert_eq!(fixtures[2].point.response.body_bytes(), b"\x89PNG\r\n");
    verify(&fixtures, &url);
}

#[test]
fn forms_are_recorded_without_secrets_and_sent_again_as_forms() {
    let url = responding(&PLAIN);
    let recorder = recorder_to(&url);
    let mut login = Request { method: Method::POST, ..get("/apigw/login") };
    login.headers.insert("content-type", HeaderValue::from_static("application/x-www-form-urlencoded"));
    login.query = Some("tag=a%20b&tag=c".to_owned());
    login.body = "user%5Bpassword%5D=open+sesame&remember=yes".into();
    assert_eq!(recorder.forward(&login).status, 200);
    let (fixtures, scenario) = finished(&recorder);
    let request = &fixtures[0].point.request;
    assert_eq!(request.body_bytes(), b"user%5Bpassword%5D=hidden-1&remember=yes");
    assert!(!scenario.contains("sesame"), "{scenario}");
    // The scenario sends the same form.
    let file = SourceFile::new("mine.yaml", scenario);
    let workflows = Workflows::read(std::slice::from_ref(&file)).expect("a scenario");
    let mut seen = Seen::default();
    let credentials = Credentials::default().for_api(&ENGINE);
    workflows.replay(&workflows.list[0], &mut seen, &credentials, noon(), 0);
    let sent = &seen.0[0];
    assert_eq!(sent.target(), "/login?tag=a%20b&tag=c");
    assert_eq!(
        (sent.body_bytes(), sent.header("content-type")),
        (request.body_bytes(), request.header("content-type"))
    );
}

#[test]
fn each_gateway_and_separate_host_is_forwarded_to_its_own_upstream() {
    let own = |name: &str| (name.to_owned(), Upstream::new(&responding_with(name)));
    let gateways = &ENGINE.api().gateways;
    let (main, fallback) = (gateways.default_gateway().name.as_str(), gateways.fallback().name.as_str());
    let recorder =
        Recorder::new(std::sync::Arc::clone(ENGINE.api()), [own(main), own(fallback), own("partners")].into());
    let upstream_of = |path: &str| String::from_utf8_lossy(&recorder.forward(&get(path)).body).into_owned();
    assert_eq!(upstream_of("/apigw/platform/v1/clients"), main);
    assert_eq!(upstream_of("/api2/platform/v1/clients"), fallback);
    assert_eq!(upstream_of("/apigw/v1/partners/accounts"), "partners");
}

/// An HTTP server that responds with a text to every request.
fn responding_with(text: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let response = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{text}", text.len());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let _ = stream.read(&mut [0; 8192]);
            let _ = stream.write_all(response.as_bytes());
        }
    });
    url
}

/// A server that responds with nothing, and the requests that it was sent.
#[derive(Default)]
struct Seen(Vec<PlainRequest>);

impl Transport for Seen {
    fn send(&mut self, request: &PlainRequest, _: &Credentials) -> Result<Received, String> {
        self.0.push(request.clone());
        Ok(Received { response: PlainResponse::new(200, Vec::new(), b""), quirks: Vec::new(), conforms: None })
    }
}

/// A recorder whose main gateway is that server.
fn recorder_to(upstream: &str) -> Recorder {
    let main = ENGINE.api().gateways.default_gateway().name.to_string();
    Recorder::new(std::sync::Arc::clone(ENGINE.api()), [(main, Upstream::new(upstream))].into())
}
