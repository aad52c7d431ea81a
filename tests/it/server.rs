//! Over a real socket: what HTTP says, and what a bad client cannot do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, serving on free ports.
struct Running {
    child: Child,
    api: String,
    control: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(["serve", "--port", "0", "--now", "2026-02-08T10:00:00Z"])
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut said = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
        let mut find = |word: &str| {
            let line = said.find(|line| line.starts_with(word)).expect("it says where it listens");
            let address = line.split("http://").nth(1).expect("an address");
            address.split('/').next().expect("host and port").to_owned()
        };
        let (api, control) = (find("main gateway"), find("control"));
        Self { child, api, control }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.api).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    /// Sends bytes and reads until the other side closes.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // A server may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn ask(&self, request_line: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let text = format!(
            "{request_line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        self.raw(text.as_bytes())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const STAFF: &str = "Authorization: Bearer staff-harmony-7c1e94d0\r\n";

#[test]
fn a_call_over_http_is_answered_as_in_process() {
    let server = Running::start(&[]);
    let answer = server.ask("GET /api2/platform/v1/clients?per_page=1", STAFF, "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let there = crate::vocabulary::observed().get("/platform/v1/clients?per_page=1");
    let seen: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(seen["data"]["clients"][0]["id"], there.body["data"]["clients"][0]["id"]);
}

#[test]
fn a_browser_on_another_origin_may_call_and_read_errors_too() {
    let server = Running::start(&[]);
    let origin = "Origin: http://app.example:3000\r\n";
    let preflight = format!(
        "{origin}Access-Control-Request-Method: PUT\r\nAccess-Control-Request-Headers: authorization, x-on-behalf-of\r\nAccess-Control-Request-Private-Network: true\r\n"
    );
    let answer = server.ask("OPTIONS /api2/platform/v1/clients/x", &preflight, "").to_lowercase();
    for wanted in [
        "http/1.1 204",
        "access-control-allow-origin: http://app.example:3000",
        "access-control-allow-methods: put",
        "access-control-allow-headers: authorization, x-on-behalf-of",
        "access-control-allow-credentials: true",
        "access-control-allow-private-network: true",
        "vary: origin",
    ] {
        assert!(answer.contains(wanted), "{wanted} is not in {answer}");
    }
    for (line, status) in
        [("GET /api2/platform/v1/clients", "401"), ("GET /nowhere", "404"), ("DELETE /api2/platform/v1/clients", "405")]
    {
        let answer = server.ask(line, origin, "").to_lowercase();
        assert!(
            answer.contains(status) && answer.contains("access-control-allow-origin: http://app.example:3000"),
            "{answer}"
        );
        assert!(answer.contains("access-control-expose-headers: x-standin-quirks"), "{answer}");
    }
    assert!(!server.ask("GET /nowhere", "", "").contains("access-control"));
}

#[test]
fn head_has_no_body_and_the_length_of_get() {
    let server = Running::start(&[]);
    let answer = server.ask("HEAD /api2/platform/v1/clients?per_page=1", STAFF, "");
    let (head, body) = answer.split_once("\r\n\r\n").expect("headers");
    assert!(body.is_empty() && !head.contains("content-length: 0") && head.contains("content-length: "), "{answer}");
}

#[test]
fn one_host_header_is_wanted() {
    let server = Running::start(&[]);
    let none = server.raw(b"GET /api2/platform/v1/clients HTTP/1.1\r\nConnection: close\r\n\r\n");
    let two = server.raw(b"GET /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n");
    assert!(none.starts_with("HTTP/1.1 400") && two.starts_with("HTTP/1.1 400"), "{none}{two}");
    let old = server.raw(b"GET /nowhere HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 404"), "{old}");
}

#[test]
fn what_is_too_large_is_refused_with_its_own_status() {
    let server = Running::start(&[]);
    let long = "x".repeat(9_000);
    assert!(server.ask(&format!("GET /{long}"), STAFF, "").starts_with("HTTP/1.1 414"));
    let header = format!("X-Long: {}\r\n", "x".repeat(70_000));
    assert!(server.ask("GET /", &header, "").starts_with("HTTP/1.1 431"));
    let many: String = (0..200).map(|number| format!("X-{number}: 1\r\n")).collect();
    assert!(server.ask("GET /", &many, "").starts_with("HTTP/1.1 431"));
    let announced = format!(
        "POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{STAFF}Content-Length: 99999999999\r\n\r\n"
    );
    assert!(server.raw(announced.as_bytes()).starts_with("HTTP/1.1 413"));
    let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20)).repeat(9);
    let chunked = format!(
        "POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{STAFF}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
    );
    let mut stream = server.connect();
    let _ = stream.write_all(chunked.as_bytes());
    let mut first = [0; 12];
    if stream.read_exact(&mut first).is_ok() {
        assert_eq!(&first, b"HTTP/1.1 413");
    }
    assert!(
        server.ask("GET /api2/platform/v1/clients", STAFF, "").starts_with("HTTP/1.1 200"),
        "others are served all the same"
    );
}

#[test]
fn a_client_that_sends_everything_before_it_looks_sees_that_it_was_too_much() {
    let server = Running::start(&[]);
    let body = vec![b'x'; 20 << 20];
    for length in [format!("Content-Length: {}", body.len()), "Transfer-Encoding: chunked".to_owned()] {
        let mut stream = server.connect();
        let head = format!("POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\n{STAFF}{length}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        if length.starts_with("Transfer") {
            stream.write_all(format!("{:x}\r\n", body.len()).as_bytes()).expect("sent");
        }
        stream.write_all(&body).expect("all of it is taken");
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 413", "{length}");
    }
    let asks = format!(
        "POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\n{STAFF}Expect: 100-continue\r\nContent-Length: 20000000\r\n\r\n"
    );
    let answer = server.raw(asks.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 413"), "whoever asks first is not told to go on: {answer}");
}

#[test]
fn bytes_of_a_form_that_are_no_text_cost_no_more_than_themselves() {
    let server = Running::start(&[]);
    let form = b"first_name=Ada&last_name=L\xff";
    let head = format!(
        "POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{STAFF}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
        form.len()
    );
    let answer = server.raw(&[head.as_bytes(), form].concat());
    assert!(answer.starts_with("HTTP/1.1 201") && answer.contains("\"last_name\":\"L\u{fffd}\""), "{answer}");
}

#[test]
fn whoever_asks_about_the_server_is_told_its_methods() {
    let answer = Running::start(&[]).ask("OPTIONS *", "", "");
    assert!(answer.starts_with("HTTP/1.1 204") && answer.contains("allow: DELETE, GET, HEAD"), "{answer}");
}

#[test]
fn a_cache_is_told_that_the_origin_matters_even_where_there_was_none() {
    let server = Running::start(&[]);
    let answer = server.ask("GET /nowhere", "", "");
    assert!(answer.contains("vary: origin"), "{answer}");
    assert!(!answer.contains("x-standin-nearest"), "nothing is near: {answer}");
}

#[test]
fn whoever_hears_the_calls_may_go_away() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", "0", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stderr.take());
    let mut said = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
    let line = said.find(|line| line.starts_with("main gateway")).expect("it says where it listens");
    let api = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    let server = Running { child, api, control: String::new() };
    for _ in 0..3 {
        assert!(server.ask("GET /api2/platform/v1/clients", STAFF, "").starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn garbage_costs_its_own_connection_only() {
    let server = Running::start(&[]);
    for garbage in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ] {
        let mut stream = server.connect();
        stream.write_all(garbage).expect("sent");
        drop(stream);
    }
    assert!(server.ask("GET /api2/platform/v1/clients", STAFF, "").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_client_that_dawdles_is_cut_off_and_an_idle_one_is_not() {
    let server = Running::start(&["--header-timeout", "2", "--body-timeout", "1", "--max-body", "1000"]);
    let mut idle = server.connect();
    let request = format!("GET /api2/platform/v1/clients?per_page=1 HTTP/1.1\r\nHost: a\r\n{STAFF}\r\n");
    let ask = |stream: &mut TcpStream| {
        stream.write_all(request.as_bytes()).expect("sent");
        let mut start = [0; 12];
        stream.read_exact(&mut start).expect("an answer");
        assert_eq!(&start, b"HTTP/1.1 200");
        let mut rest = vec![0; 64 << 10];
        let _ = stream.read(&mut rest).expect("the rest");
    };
    ask(&mut idle);
    let (mut silent, mut half) = (server.connect(), server.connect());
    half.write_all(b"GET / HTTP/1.1\r\nHost: ").expect("sent");
    let since = Instant::now();
    for stream in [&mut silent, &mut half] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        let waited = since.elapsed();
        assert!(waited > Duration::from_secs(1) && waited < Duration::from_secs(15), "cut off after {waited:?}");
    }
    let post = format!("POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{STAFF}");
    let slow = server.raw(format!("{post}Content-Length: 500\r\n\r\n{{").as_bytes());
    assert!(slow.starts_with("HTTP/1.1 408"), "{slow}");
    let large = server.raw(format!("{post}Content-Length: 1001\r\n\r\n").as_bytes());
    assert!(large.starts_with("HTTP/1.1 413"), "{large}");
    ask(&mut idle);
}

#[cfg(unix)]
#[test]
fn it_ends_well_when_told_to_even_with_half_a_request_open() {
    for signal in ["TERM", "INT"] {
        let mut server = Running::start(&[]);
        let mut half = server.connect();
        half.write_all(b"POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            .expect("sent");
        std::thread::sleep(Duration::from_millis(200));
        let since = Instant::now();
        let killed = Command::new("kill").args([&format!("-{signal}"), &server.child.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let status = server.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    }
}

#[test]
fn a_used_port_is_an_error_with_a_remedy_and_exit_code_3() {
    let server = Running::start(&[]);
    let port = server.api.rsplit(':').next().expect("a port");
    let second = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", port, "--control-port", "0"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(3), "{said}");
    assert!(said.contains(&server.api) && said.contains("--port"), "{said}");
}

#[test]
fn the_control_port_answers_and_resets_over_http() {
    let server = Running::start(&["--verbose"]);
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(&server.control).expect("it listens");
        stream
            .write_all(
                format!("{request} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.control).as_bytes(),
            )
            .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("text");
        answer
    };
    assert!(ask("GET /health").ends_with(r#"{"status":"ok"}"#));
    assert!(ask(&format!("GET http://{}/health", server.control)).starts_with("HTTP/1.1 200"));
    assert!(ask("POST http://evil.example/reset").starts_with("HTTP/1.1 403"), "the target says another host");
    let made = server.ask(
        "POST /api2/platform/v1/clients",
        &format!("{STAFF}Content-Type: application/json\r\n"),
        r#"{"first_name":"Ada"}"#,
    );
    assert!(made.starts_with("HTTP/1.1 201"), "{made}");
    assert!(ask("GET /state?kind=client").contains(r#""first_name":"Ada""#));
    assert!(ask("POST /reset").starts_with("HTTP/1.1 200"));
    assert!(!ask("GET /state?kind=client").contains(r#""first_name":"Ada""#));
}

/// A recorder in front of a mock: the process, and where it listens.
fn recorder(mock: &Running, out: &Path) -> Running {
    let (main, fallback) = (format!("http://{}/apigw", mock.api), format!("http://{}/api2", mock.api));
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["record", "--port", "0", "--now", "2026-02-08T10:00:00Z", "--scenario", "music-school"])
        .args(["--upstream", &main, "--fallback-upstream", &fallback, "--out"])
        .arg(out)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut said).expect("text");
    let address = said.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("an address");
    Running { child, api: address.to_owned(), control: String::new() }
}

#[cfg(unix)]
#[test]
fn what_an_app_and_an_api_say_is_recorded_without_secrets_and_can_be_replayed() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("sale.yaml");
    let mock = Running::start(&[]);
    let mut recorder = recorder(&mock, &out);
    let json = |answer: &str| -> serde_json::Value {
        serde_json::from_str(answer.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON")
    };
    let typed = format!("{STAFF}Content-Type: application/json\r\n");
    let body = r#"{"first_name": "Greta", "last_name": "Olafsdottir", "email": "greta@private.example"}"#;
    let made = json(&recorder.ask("POST /api2/platform/v1/clients", &typed, body));
    let client = made["data"]["client"]["id"].as_str().expect("an id").to_owned();
    assert_eq!(made["data"]["client"]["email"], "greta@private.example", "the app sees what is said");
    let body = format!(r#"{{"client_id": "{client}", "package_id": "r5xq81kfhz2wno7t"}}"#);
    let sold = json(&recorder.ask("POST /api2/platform/v1/payment/client_packages", &typed, &body));
    let package = sold["data"]["client_package"]["id"].as_str().expect("an id").to_owned();
    let read = format!("GET /business/payments/v1/client_packages/{package}");
    assert!(recorder.ask(&read, STAFF, "").starts_with("HTTP/1.1 401"), "the main gateway's own refusal");
    // Another host is not followed to.
    let elsewhere = recorder.ask("GET /app/oauth/authorize?response_type=code&client_id=nobody&redirect_uri=x", "", "");
    assert!(elsewhere.starts_with("HTTP/1.1 4"), "{elsewhere}");
    Command::new("kill").args(["-TERM", &recorder.child.id().to_string()]).status().expect("kill");
    assert!(recorder.child.wait().expect("it ends").success());
    let scenario = std::fs::read_to_string(&out).expect("a scenario");
    for secret in ["Greta", "Olafsdottir", "private.example", "staff-harmony"] {
        assert!(!scenario.contains(secret), "{secret} in\n{scenario}");
    }
    assert!(scenario.contains(r#""client_id":"{{client_id_2}}""#) || scenario.contains("{{client_id}}"), "{scenario}");
    assert!(scenario.contains("person1@example.com"), "{scenario}");
    let fixtures = folder.path().join("sale");
    assert!(fixtures.join("index.json").is_file() && fixtures.join("fixture.schema.json").is_file());
    // Whoever replays it says who the recorded tokens are.
    let with_token = format!("{scenario}tokens:\n  recorded_1: {{kind: staff, staff: 3f90b6a1e7d2c458}}\n");
    std::fs::write(&out, with_token).expect("written");
    let replayed = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["replay", "--now", "2026-02-08T10:00:00Z"])
        .arg(&out)
        .output()
        .expect("it runs");
    assert!(replayed.status.success(), "{}", String::from_utf8_lossy(&replayed.stdout));
}

#[test]
fn an_upstream_that_is_not_there_is_a_bad_gateway_and_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut mock = Running::start(&[]);
    let _ = mock.child.kill();
    let _ = mock.child.wait();
    let recorder = recorder(&mock, &folder.path().join("x.yaml"));
    let answer = recorder.ask("GET /platform/v1/clients", "", "");
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("no response from http://"), "{answer}");
}
