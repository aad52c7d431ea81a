//! The server over real sockets: HTTP, limits, CORS, signals, and the recording proxy.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, serving on free ports; killed when dropped.
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
            .expect("the program starts");
        let mut output = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
        let mut find = |words: &[&str]| {
            let is_wanted = |line: &String| words.iter().any(|word| line.starts_with(word)) && line.contains("http://");
            let line = output.find(is_wanted).expect("the banner has the address");
            let address = line.split("http://").nth(1).expect("an address");
            address.split('/').next().expect("host and port").to_owned()
        };
        let (api, control) = (find(&["main gateway", "API"]), find(&["control"]));
        Self { child, api, control }
    }

    #[cfg(unix)]
    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.api).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    }

    /// Sends bytes and reads until the server closes the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        Self::raw_on(self.connect(), bytes)
    }

    fn raw_on(mut stream: TcpStream, bytes: &[u8]) -> String {
        // A server may respond and close before it has read everything.
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
fn http_response_equals_the_in_process_response() {
    let server = Running::start(&[]);
    let answer = server.ask("GET /api2/platform/v1/clients?per_page=1", STAFF, "");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let body = answer.split("\r\n\r\n").nth(1).expect("a body");
    let there = crate::vocabulary::observed().get("/platform/v1/clients?per_page=1");
    let seen: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!(seen["data"]["clients"][0]["id"], there.body["data"]["clients"][0]["id"]);
}

#[test]
fn pages_of_other_origins_can_read_responses_and_errors() {
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
fn scripts_can_read_every_documented_header_and_no_cors_header_is_sent_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let contract = r#"
openapi: 3.0.3
paths:
  /me:
    get:
      responses:
        "200":
          headers:
            Access-Control-Allow-Origin: {schema: {type: string, example: "*"}}
            Access-Control-Expose-Headers: {schema: {type: string, example: X-Other}}
            Cache-Control: {schema: {type: string, example: no-store}}
            X-Rate: {schema: {type: integer, example: 7}}
            X-Page: {schema: {type: integer, example: 1}}
"#;
    let file = folder.path().join("api.yaml");
    std::fs::write(&file, contract).expect("a file");
    let server = Running::start(&["--swagger", &file.display().to_string()]);
    let answer = server.ask("GET /me", "Origin: http://app.example\r\n", "");
    let values = |name: &str| answer.lines().filter_map(|line| line.strip_prefix(name)).collect::<Vec<_>>();
    assert_eq!(values("access-control-allow-origin: "), ["http://app.example"]);
    let exposed = "x-standin-quirks, x-standin-refused, x-standin-nearest, x-standin-faults, x-standin-session, allow, x-rate, x-page";
    assert_eq!(values("access-control-expose-headers: "), [exposed]);
    let answer = server.ask("GET /me", "", "");
    assert!(answer.contains("access-control-allow-origin: *\r\n"), "{answer}");
}

#[test]
fn head_response_has_no_body_and_the_length_of_get() {
    let server = Running::start(&[]);
    let answer = server.ask("HEAD /api2/platform/v1/clients?per_page=1", STAFF, "");
    let (head, body) = answer.split_once("\r\n\r\n").expect("headers");
    assert!(body.is_empty() && !head.contains("content-length: 0") && head.contains("content-length: "), "{answer}");
}

#[test]
fn exactly_one_host_header_is_required() {
    let server = Running::start(&[]);
    let none = server.raw(b"GET /api2/platform/v1/clients HTTP/1.1\r\nConnection: close\r\n\r\n");
    let two = server.raw(b"GET /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n");
    assert!(none.starts_with("HTTP/1.1 400") && two.starts_with("HTTP/1.1 400"), "{none}{two}");
    let old = server.raw(b"GET /nowhere HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 404"), "{old}");
}

#[test]
fn oversized_targets_headers_and_bodies_have_their_own_status() {
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
        "other connections are served"
    );
}

#[test]
fn clients_that_send_the_whole_body_first_still_receive_413() {
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
    assert!(answer.starts_with("HTTP/1.1 413"), "no 100 Continue for a body that is too large: {answer}");
}

#[test]
fn invalid_utf8_in_a_form_is_replaced() {
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
fn options_of_the_server_lists_its_methods() {
    let answer = Running::start(&[]).ask("OPTIONS *", "", "");
    assert!(answer.starts_with("HTTP/1.1 204") && answer.contains("allow: DELETE, GET, HEAD"), "{answer}");
}

#[test]
fn vary_is_sent_without_an_origin_too() {
    let server = Running::start(&[]);
    let answer = server.ask("GET /nowhere", "", "");
    assert!(answer.contains("vary: origin"), "{answer}");
    assert!(!answer.contains("x-standin-nearest"), "nothing is near: {answer}");
}

#[test]
fn closed_stderr_does_not_stop_a_verbose_server() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", "0", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stderr.take());
    let mut output = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
    let line = output.find(|line| line.starts_with("main gateway")).expect("the banner has the address");
    let api = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    let server = Running { child, api, control: String::new() };
    for _ in 0..3 {
        assert!(server.ask("GET /api2/platform/v1/clients", STAFF, "").starts_with("HTTP/1.1 200"));
    }
}

#[test]
fn malformed_requests_close_their_own_connection_only() {
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
fn slow_clients_time_out_and_idle_ones_do_not() {
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
fn server_exits_cleanly_on_signals_with_an_unfinished_request() {
    for signal in ["TERM", "INT"] {
        let mut server = Running::start(&[]);
        let mut half = server.connect();
        half.write_all(b"POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{")
            .expect("sent");
        std::thread::sleep(Duration::from_millis(200));
        let since = Instant::now();
        server.signal(signal);
        let status = server.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
        assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    }
}

#[cfg(unix)]
#[test]
fn idle_connections_close_in_an_orderly_way_when_the_server_stops() {
    let mut server = Running::start(&[]);
    let mut connections = [server.connect(), server.connect(), TcpStream::connect(&server.control).expect("connected")];
    let (silent, used) = connections.split_first_mut().expect("three");
    for connection in used.iter_mut() {
        connection.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").expect("sent");
        assert!(connection.read(&mut [0; 4096]).expect("a response") > 0);
    }
    let since = Instant::now();
    server.signal("TERM");
    for connection in std::iter::once(silent).chain(used) {
        connection.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
        assert_eq!(connection.read(&mut [0; 4096]).expect("no reset"), 0, "the end of the stream");
    }
    assert!(server.child.wait().expect("it ends").success());
    assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
}

#[test]
fn port_in_use_is_an_error_with_advice_and_exit_code_3() {
    let server = Running::start(&[]);
    let port = server.api.rsplit(':').next().expect("a port");
    let second = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", port, "--control-port", "0"])
        .output()
        .expect("it runs");
    let stderr = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains(&server.api) && stderr.contains("--port"), "{stderr}");
}

#[test]
fn control_api_reports_state_and_resets_over_http() {
    let server = Running::start(&["--verbose"]);
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(&server.control).expect("a connection");
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
    assert!(ask("POST http://evil.example/reset").starts_with("HTTP/1.1 403"), "the host of the target counts");
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
        .expect("the program starts");
    let mut output = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut output).expect("text");
    let address = output.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("an address");
    Running { child, api: address.to_owned(), control: String::new() }
}

#[cfg(unix)]
#[test]
fn recording_contains_no_secrets_and_can_be_replayed() {
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
    assert_eq!(made["data"]["client"]["email"], "greta@private.example", "the app receives the original data");
    let body = format!(r#"{{"client_id": "{client}", "package_id": "r5xq81kfhz2wno7t"}}"#);
    let sold = json(&recorder.ask("POST /api2/platform/v1/payment/client_packages", &typed, &body));
    let package = sold["data"]["client_package"]["id"].as_str().expect("an id").to_owned();
    let read = format!("GET /business/payments/v1/client_packages/{package}");
    assert!(recorder.ask(&read, STAFF, "").starts_with("HTTP/1.1 401"), "an error of the main gateway");
    // Redirects to other hosts are not followed.
    let elsewhere =
        recorder.ask("GET /app/oauth/authorize?response_type=code&client_id=unknown&redirect_uri=x", "", "");
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
    // The scenario needs to define the recorded tokens before it can be replayed.
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
fn absent_upstream_is_502_with_the_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut mock = Running::start(&[]);
    let _ = mock.child.kill();
    let _ = mock.child.wait();
    let recorder = recorder(&mock, &folder.path().join("x.yaml"));
    let answer = recorder.ask("GET /platform/v1/clients", "", "");
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("no response from http://"), "{answer}");
}

/// Panics on every request of one port.
struct Panicking(standin::server::Port);

impl standin::server::Backend for Panicking {
    fn respond(&self, port: standin::server::Port, _: standin::request::Request) -> standin::server::Reply {
        if port == self.0 {
            panic!("a bug in a handler");
        }
        standin::request::Response::json(200, "{}").into()
    }
}

#[test]
fn panic_on_either_port_is_500_and_the_server_goes_on() {
    use standin::server::{Limits, Port, Server};
    for panicking in [Port::Control, Port::Api] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let local = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
            let server = Server::bind(local(0), Some(local(0))).await.expect("free ports");
            let (api, control) = server.addresses().expect("addresses");
            let control = control.expect("a control port");
            let client = tokio::task::spawn_blocking(move || {
                let get = |address| {
                    let mut stream = TcpStream::connect(address).expect("a connection");
                    stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("sent");
                    let mut response = String::new();
                    stream.read_to_string(&mut response).expect("text");
                    response
                };
                [get(control), get(api), get(control)]
            });
            let responses = std::sync::Mutex::new(None);
            let done = async { *responses.lock().expect("whole") = Some(client.await.expect("responses")) };
            server.run(Panicking(panicking), Limits::default(), None, done).await;
            let responses = responses.lock().expect("whole").take().expect("responses");
            let expected = |port| if port == panicking { "HTTP/1.1 500" } else { "HTTP/1.1 200" };
            for (response, port) in responses.iter().zip([Port::Control, Port::Api, Port::Control]) {
                assert!(response.starts_with(expected(port)), "{port:?}: {response}");
            }
        });
    }
}

/// Posts a client with an encoded body and returns the response.
fn post_encoded(server: &Running, coding: &str, body: &[u8]) -> String {
    let head = format!(
        "POST /api2/platform/v1/clients HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{STAFF}Content-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    server.raw(&[head.as_bytes(), body].concat())
}

pub(crate) fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).expect("in memory");
    encoder.finish().expect("in memory")
}

/// One uncompressed metablock (RFC 7932, section 9.2) and an empty last one.
pub(crate) fn brotli(body: &[u8]) -> Vec<u8> {
    let head = ((body.len() as u32 - 1) << 4) | (1 << 20);
    [&head.to_le_bytes()[..3], body, &[3]].concat()
}

#[test]
fn compressed_bodies_are_decoded() {
    let server = Running::start(&[]);
    let body = br#"{"first_name":"Packed"}"#;
    let zlib = {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body).expect("in memory");
        encoder.finish().expect("in memory")
    };
    let raw_deflate = zlib[2..zlib.len() - 4].to_vec();
    let zstd = ruzstd::encoding::compress_to_vec(&body[..], ruzstd::encoding::CompressionLevel::Fastest);
    for (coding, encoded) in [
        ("gzip", gzip(body)),
        ("X-GZIP", gzip(body)),
        ("deflate", zlib),
        ("deflate", raw_deflate),
        ("br", brotli(body)),
        ("zstd", zstd),
        ("identity", body.to_vec()),
        ("gzip, br", brotli(&gzip(body))),
    ] {
        let response = post_encoded(&server, coding, &encoded);
        assert!(response.starts_with("HTTP/1.1 201") && response.contains("Packed"), "{coding}: {response}");
    }
}

#[test]
fn encoded_bodies_that_are_unknown_corrupt_or_too_large_are_rejected() {
    let server = Running::start(&["--max-body", "5000"]);
    let unknown = post_encoded(&server, "compress", b"x");
    assert!(
        unknown.starts_with("HTTP/1.1 415") && unknown.contains("accept-encoding: gzip, deflate, br, zstd"),
        "{unknown}"
    );
    assert!(post_encoded(&server, "gzip, gzip, gzip, gzip, gzip", b"x").starts_with("HTTP/1.1 415"));
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let corrupt = post_encoded(&server, coding, b"\xff\xffnot compressed");
        assert!(corrupt.starts_with("HTTP/1.1 400") && corrupt.contains(coding), "{corrupt}");
    }
    let bomb = post_encoded(&server, "gzip", &gzip(&vec![b' '; 100_000]));
    assert!(bomb.starts_with("HTTP/1.1 413"), "{bomb}");
}

#[test]
fn neither_the_log_nor_the_state_shows_credentials() {
    let mut log = tempfile::NamedTempFile::new().expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", "0", "--control-port", "0", "--verbose"])
        .stdout(Stdio::piped())
        .stderr(log.reopen().expect("the file"))
        .spawn()
        .expect("the program starts");
    let mut banner = BufReader::new(child.stdout.take().expect("piped")).lines().map(|line| line.expect("text"));
    let mut address = |start: &str| {
        let line = banner.find(|line| line.starts_with(start)).expect("the banner has the address");
        line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned()
    };
    let (api, control) = (address("main gateway"), address("control"));
    let running = Running { child, api, control };
    let secrets = [
        "q-token-81fa",
        "k-22bc-91",
        "pw-Sommer31",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2ln",
        "ada@analytical.org",
    ];
    let [token, key, password, jwt, mail] = secrets;
    let target =
        format!("/v1/x/{jwt}?access_token={token}&api_key={key}&user%5Bpassword%5D={password}&to={mail}&page=2");
    running.ask(&format!("GET {target}"), STAFF, "");
    running.ask("POST /platform/v1/tokens", &format!("{STAFF}Content-Type: application/json\r\n"), "{}");
    let mut stream = TcpStream::connect(&running.control).expect("a connection");
    write!(stream, "GET /state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut state = String::new();
    stream.read_to_string(&mut state).expect("the state");
    assert!(state.contains("\"calls\":[{") && state.contains("\"token\":[{\"id\":\"<hidden>\""), "{state}");
    let mut lines = String::new();
    log.as_file_mut().read_to_string(&mut lines).expect("the log");
    assert!(lines.contains("GET /v1/x/<hidden>?access_token=<hidden>") && lines.contains("&page=2"), "{lines}");
    for secret in secrets.into_iter().chain(["staff-harmony-7c1e94d0"]) {
        assert!(!state.contains(secret) && !lines.contains(secret), "{secret} in {lines}\n{state}");
    }
}

#[cfg(unix)]
#[test]
fn events_arrive_while_the_connection_stays_open_and_end_when_the_server_stops() {
    let mut server = Running::start(&[]);
    let mut stream = TcpStream::connect(&server.control).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    let head = "GET /sessions/default/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("sent");
    let mut lines = BufReader::new(stream).lines();
    let mut find = |beginning: &str| lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with(beginning)));
    find("HTTP/1.1 200").expect("a status").expect("a line");
    find(": events").expect("a comment at once").expect("a line");
    server.ask("GET /api2/platform/v1/clients", STAFF, "");
    let data = find("data: ").expect("an event").expect("a line");
    assert!(data.contains("\"operation\":\"GET /platform/v1/clients\""), "{data}");
    server.signal("TERM");
    assert!(find("never").is_none(), "the connection ends");
    assert!(server.child.wait().expect("an end").success());
}

#[test]
fn head_with_a_bare_line_feed_and_a_malformed_host_are_400_and_close_the_connection() {
    let server = Running::start(&[]);
    let control = || {
        let stream = TcpStream::connect(&server.control).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        stream
    };
    for request in [
        "GET /health HTTP/1.1\nHost: localhost\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: user@localhost\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /health HTTP/1.1\r\n\r\n",
    ] {
        for answer in [server.raw(request.as_bytes()), Running::raw_on(control(), request.as_bytes())] {
            assert!(
                answer.starts_with("HTTP/1.1 400") && answer.contains("connection: close"),
                "{request:?}: {answer}"
            );
        }
    }
    let other_host = "GET /health HTTP/1.1\r\nHost: other.example\r\n\r\n";
    let answer = Running::raw_on(control(), other_host.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("connection: close"), "{answer}");
}

#[test]
fn control_api_can_be_reached_while_clients_hold_all_connections_to_the_api() {
    use standin::server::{Limits, Port, Server};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let local = |port| std::net::SocketAddr::from(([127, 0, 0, 1], port));
        let server = Server::bind(local(0), Some(local(0))).await.expect("free ports");
        let (api, control) = server.addresses().expect("addresses");
        let control = control.expect("a control port");
        let client = tokio::task::spawn_blocking(move || {
            let silent: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(api).expect("a connection")).collect();
            let mut stream = TcpStream::connect(control).expect("a connection");
            stream.write_all(b"GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").expect("sent");
            let mut response = String::new();
            stream.read_to_string(&mut response).expect("a response");
            drop(silent);
            response
        });
        let limits = Limits { connections: 2, ..Limits::default() };
        let ended = async { client.await.expect("no panic") };
        let (send, response) = tokio::sync::oneshot::channel();
        let stop = async { send.send(ended.await).expect("received") };
        // Requests to the API would panic.
        server.run(Panicking(Port::Api), limits, None, stop).await;
        assert!(response.await.expect("sent").starts_with("HTTP/1.1 200"));
    });
}

#[cfg(unix)]
#[test]
fn second_signal_ends_the_program_although_a_request_has_not_ended() {
    // An upstream that accepts requests and never responds.
    let upstream = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", upstream.local_addr().expect("an address"));
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["record", "--port", "0", "--upstream", &url, "--fallback-upstream", &url, "--out"])
        .arg(folder.path().join("recorded.yaml"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut output = String::new();
    BufReader::new(child.stdout.as_mut().expect("piped")).read_line(&mut output).expect("text");
    let address = output.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("an address");
    let recorder = Running { child, api: address.to_owned(), control: String::new() };
    let mut waiting = recorder.connect();
    waiting.write_all(b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n").expect("sent");
    let (_upstream_connection, _) = upstream.accept().expect("a request");
    let mut recorder = recorder;
    recorder.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert!(recorder.child.try_wait().expect("a status").is_none(), "it waits for the request");
    recorder.signal("TERM");
    assert_eq!(recorder.child.wait().expect("a status").code(), Some(8));
}

#[test]
fn client_that_closes_its_side_after_a_request_gets_the_response() {
    let server = Running::start(&[]);
    for (address, target) in [(&server.api, "/v1/unknown"), (&server.control, "/health"), (&server.control, "/metrics")]
    {
        for round in 0..200 {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
            write!(stream, "GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("sent");
            stream.shutdown(std::net::Shutdown::Write).expect("closed");
            let response = Running::raw_on(stream, b"");
            assert!(response.starts_with("HTTP/1.1 "), "{target}, round {round}: {response}");
            let (head, body) = response.split_once("\r\n\r\n").expect("a whole head");
            let length = format!("content-length: {}", body.len());
            assert!(head.to_lowercase().contains(&length), "{target}: {head}");
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn limited_address_space_is_not_spent_on_arenas_of_threads() {
    let limit = 2 << 20;
    let command = format!("ulimit -v {limit}; exec {} serve --port 0 --ready-json", env!("CARGO_BIN_EXE_standin"));
    let mut child = Command::new("sh").args(["-c", &command]).stdout(Stdio::piped()).spawn().expect("it starts");
    let mut ready = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
    let ready: serde_json::Value = serde_json::from_str(&ready).expect("JSON");
    let control = ready["control_url"].as_str().and_then(|url| url.strip_prefix("http://")).expect("a URL");
    std::thread::scope(|scope| {
        for _ in 0..12 {
            scope.spawn(|| {
                let stream = TcpStream::connect(control).expect("a connection");
                let request = b"GET /state HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
                assert!(Running::raw_on(stream, request).starts_with("HTTP/1.1 200"));
            });
        }
    });
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
    let size = status.lines().find_map(|line| line.strip_prefix("VmSize:")).expect("a size");
    let size: u64 = size.trim().trim_end_matches(" kB").parse().expect("a number");
    child.kill().and_then(|()| child.wait()).expect("it ends");
    // The allocator of the program reserves 1 GiB.
    assert!(size < limit * 3 / 4, "{size} KiB");
}
