//! Recordings contain the requests, and no secrets.

mod canary;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::LazyLock;

use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::fixtures::Fixture;
use standin::fixtures::read::Loaded;
use standin::fixtures::verify::{Outcome, Play};
use standin::pipeline::Session;
use standin::quirks::Selection;
use standin::recorder::{Recorder, RecordingContext};
use standin::request::{Clock, Request};
use standin::scenarios::{
    Credentials, InProcess, PlainRequest, PlainResponse, Received, Remote, Scenario, Start, Transport, Upstream,
    Workflows, credentials,
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
    let (fixtures, scenario) = recorder.finish("mine", &context()).expect("no value is left");
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

/// An HTTP server that responds to each path with a status, headers and a body. The function gets the path and the URL of the
/// server.
pub(crate) fn serving(respond: impl Fn(&str, &str) -> (&'static str, String, String) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let own = url.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut sent = [0; 16_384];
            let length = stream.read(&mut sent).unwrap_or_default();
            let sent = String::from_utf8_lossy(&sent[..length]).into_owned();
            let (status, head, body) = respond(sent.split([' ', '?']).nth(1).unwrap_or_default(), &own);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{head}\r\n{body}"
            );
        }
    });
    url
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

/// What is known about an upstream of which nothing is known.
fn context() -> RecordingContext<'static> {
    let credentials = Credentials::default();
    RecordingContext { engine: &ENGINE, credentials, scenario: None, now: noon(), keep: Vec::new() }
}

/// Fixtures and scenario of a recording.
fn finished(recorder: &Recorder) -> (Vec<Fixture>, String) {
    let (fixtures, scenario) = recorder.finish("mine", &context()).expect("no value is left");
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
    assert_eq!(request.body_bytes(), b"user%5Bpassword%5D=hidden-1xxx&remember=yes");
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

#[test]
fn redirects_of_an_upstream_to_itself_lead_to_the_proxy() {
    let url = serving(|path, url| {
        let target = match path {
            "/base/absolute" => format!("{url}/base/v1/orders?page=2"),
            "/base/path" => "/base/v1/orders".to_owned(),
            "/base/relative" => "orders".to_owned(),
            "/base/above" => "/other".to_owned(),
            _ => "https://login.example.com/base/v1".to_owned(),
        };
        ("302 Found", format!("location: {target}\r\n"), String::new())
    });
    let recorder = recorder_to(&format!("{url}/base"));
    let location = |path: &str| {
        let mut request = get(path);
        request.headers.insert("host", HeaderValue::from_static("127.0.0.1:4020"));
        let response = recorder.forward(&request);
        let (_, value) = response.headers.into_iter().find(|(name, _)| name == "location").expect("a location");
        value.to_str().expect("text").to_owned()
    };
    assert_eq!(location("/apigw/absolute"), "http://127.0.0.1:4020/apigw/v1/orders?page=2");
    assert_eq!(location("/apigw/path"), "/apigw/v1/orders");
    assert_eq!(location("/apigw/relative"), "orders");
    assert_eq!(location("/apigw/above"), "/other", "it is not below the base URL");
    assert_eq!(location("/apigw/elsewhere"), "https://login.example.com/base/v1");
}

#[test]
fn a_recording_with_unknown_tokens_and_records_is_replayed_by_the_mock() {
    let recorder = recorder_to(&upstream());
    assert_eq!(recorder.forward(&request("Bearer of-the-real-api-1")).status, 200);
    let text = Scenario::embedded("music-school").expect("it is embedded");
    let school = Scenario::read(&text).expect("a scenario");
    let flags = ENGINE.quirks().flags(&Selection::default()).expect("the default profile");
    let start = || Start { clock: Clock::Frozen(noon()), now: noon(), flags: flags.clone(), seed: None };
    let state = school.seed(&ENGINE, start()).expect("a state");
    let context = RecordingContext {
        credentials: credentials(&ENGINE, &state, &school),
        scenario: Some(("music-school".to_owned(), Session::new(state))),
        ..context()
    };
    let (_, scenario) = recorder.finish("mine", &context).expect("no value is left");
    assert!(scenario.contains("token: \"recorded_1\""), "{scenario}");
    let file = SourceFile::new("mine.yaml", scenario);
    let read = Scenario::read(&file).expect("a scenario");
    let state = read.seed(&ENGINE, start()).expect("a state");
    let credentials = credentials(&ENGINE, &state, &read);
    read.check_tokens(&credentials).expect("the tokens are declared");
    let workflows = Workflows::read(std::slice::from_ref(&file)).expect("a scenario");
    let mut mock = InProcess { engine: &ENGINE, session: Session::new(state).into(), now: noon(), usage: None };
    let report = workflows.replay(&workflows.list[0], &mut mock, &credentials, noon(), 0);
    assert!(matches!(report.outcome, standin::scenarios::Outcome::Passed), "{:?}", report.steps);
}
