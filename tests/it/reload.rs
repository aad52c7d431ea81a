//! `serve --watch` and SIGHUP: the program reloads its files while it serves.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a test waits for what must happen at last.
const LIMIT: Duration = Duration::from_secs(60);

/// The program, serving files of a temporary folder; killed when dropped.
struct Serving {
    folder: tempfile::TempDir,
    child: Child,
    api: String,
    /// The lines on stderr so far.
    errors: Arc<Mutex<Vec<String>>>,
}

/// A connection that stays open between requests.
struct Connection(BufReader<TcpStream>);

impl Serving {
    fn start(files: &[(&str, &str)], arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            write(&folder.path().join(name), text);
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(["serve", "--port", "0", "--ready-json", "--quiet"])
            .args(arguments)
            .current_dir(folder.path())
            .env("NO_COLOR", "1")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let errors = Arc::new(Mutex::new(Vec::new()));
        let (lines, stderr) = (Arc::clone(&errors), child.stderr.take().expect("piped"));
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                lines.lock().expect("whole").push(line);
            }
        });
        let mut ready = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut ready).expect("a line");
        let ready: Value = serde_json::from_str(&ready).unwrap_or_else(|_| panic!("not ready: {:?}", errors.lock()));
        let api = ready["url"].as_str().expect("a URL").trim_start_matches("http://").to_owned();
        Self { folder, child, api, errors }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        write(&self.path(name), text);
    }

    /// Writes a file as many editors do: another one, which then gets its name.
    fn write_by_rename(&self, name: &str, text: &str) {
        let other = self.path(&format!("{name}~"));
        write(&other, text);
        std::fs::rename(other, self.path(name)).expect("renamed");
    }

    fn connect(&self) -> Connection {
        let stream = TcpStream::connect(&self.api).expect("a connection");
        stream.set_read_timeout(Some(LIMIT)).expect("a timeout");
        Connection(BufReader::new(stream))
    }

    fn get(&self, path: &str) -> (u16, Value) {
        self.connect().send("GET", path, "")
    }

    /// Waits until a field of the response has a value.
    fn wait_for(&self, path: &str, field: &str, value: &str) {
        self.wait_until(&format!("{path} has {field}: {value}"), || self.get(path).1[field] == value);
    }

    fn wait_until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < LIMIT, "{what}; stderr: {:#?}", self.errors());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn errors(&self) -> Vec<String> {
        self.errors.lock().expect("whole").clone()
    }

    /// How many lines on stderr contain a text.
    fn count(&self, text: &str) -> usize {
        self.errors().iter().filter(|line| line.contains(text)).count()
    }

    #[cfg(unix)]
    fn hang_up(&self) {
        let sent = Command::new("kill").args(["-HUP", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Connection {
    fn send(&mut self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        self.0.get_mut().write_all(request.as_bytes()).expect("sent");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).expect("a response") > 0, "closed after {head:?}");
        }
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        self.0.read_exact(&mut body).expect("a body");
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    std::fs::write(path, text).expect("written");
}

/// A contract whose version can be read, with a collection.
fn contract(version: u64) -> String {
    format!(
        r##"
openapi: 3.0.3
info: {{title: shop, version: "1"}}
paths:
  /version: {{get: {{responses: {{"200": {{description: ok, content: {{application/json: {{example: {{v: "{version}", again: "{version}"}}}}}}}}}}}}}}
  /orders:
    get: {{responses: {{"200": {{description: ok, content: {{application/json: {{schema: {{type: array, items: {{$ref: "#/components/schemas/Order"}}}}}}}}}}}}}}
    post:
      requestBody: {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/Order"}}}}}}}}
      responses: {{"201": {{description: made, content: {{application/json: {{schema: {{$ref: "#/components/schemas/Order"}}}}}}}}}}
  /orders/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
    get: {{responses: {{"200": {{description: ok, content: {{application/json: {{schema: {{$ref: "#/components/schemas/Order"}}}}}}}}}}}}
components:
  schemas:
    Order: {{type: object, properties: {{id: {{type: string}}, item: {{type: string}}}}}}
"##
    )
}

#[test]
fn seven_edits_of_a_contract_under_load_fail_no_request_and_lose_no_record() {
    let serving =
        Serving::start(&[("api/shop.yaml", &contract(0))], &["--swagger", "api", "--watch", "--threads", "2"]);
    let (is_over, written, served) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        let client = || {
            let (mut connection, mut made) = (serving.connect(), Vec::new());
            while !is_over.load(Ordering::SeqCst) {
                let oldest = served.load(Ordering::SeqCst);
                let (status, body) = connection.send("GET", "/version", "");
                let newest = written.load(Ordering::SeqCst);
                let version: u64 = body["v"].as_str().and_then(|v| v.parse().ok()).expect("a version");
                assert_eq!((status, &body["v"]), (200, &body["again"]));
                assert!((oldest..=newest).contains(&version), "{version} is not from {oldest} to {newest}");
                let (status, order) = connection.send("POST", "/orders", r#"{"item": "tea"}"#);
                assert_eq!(status, 201);
                let path = format!("/orders/{}", order["id"].as_str().expect("an id"));
                assert_eq!(connection.send("GET", &path, "").1["item"], "tea");
                made.push(path);
            }
            assert!(made.iter().all(|path| connection.send("GET", path, "").0 == 200), "all records are there");
            made.len()
        };
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(client)).collect();
        for version in 1..=7 {
            written.store(version, Ordering::SeqCst);
            match version % 2 {
                0 => serving.write("api/shop.yaml", &contract(version)),
                _ => serving.write_by_rename("api/shop.yaml", &contract(version)),
            }
            serving.wait_for("/version", "v", &version.to_string());
            served.store(version, Ordering::SeqCst);
        }
        is_over.store(true, Ordering::SeqCst);
        let made: Vec<usize> = clients.into_iter().map(|client| client.join().expect("no request failed")).collect();
        assert!(made.iter().all(|made| *made > 0), "{made:?}");
    });
    serving.wait_until("all are reported", || {
        serving.count("reloaded: 4 operations, 0 quirks (api/shop.yaml changed)") == 7
    });
    assert_eq!(serving.errors().len(), 7, "{:#?}", serving.errors());
}

#[test]
fn a_broken_file_is_reported_once_while_the_api_is_served_as_before() {
    let serving = Serving::start(
        &[
            ("api/shop.yaml", &contract(0)),
            ("api/other.yaml", &contract(0).replace("/orders", "/bills").replace("/version", "/ping")),
        ],
        &["--swagger", "api", "--watch"],
    );
    let broken = format!("{}  unclosed: [\n", contract(1));
    serving.write("api/shop.yaml", &broken);
    serving.wait_until("it is reported", || serving.count("not reloaded") == 1);
    assert_eq!(serving.count("error[file-malformed]"), 1, "{:#?}", serving.errors());
    // Events without another content.
    serving.write("api/shop.yaml", &broken);
    serving.write_by_rename("api/shop.yaml", &broken);
    std::thread::sleep(Duration::from_millis(400));
    assert_eq!((serving.get("/version").1["v"].as_str(), serving.get("/orders").0), (Some("0"), 200));
    serving.write("api/shop.yaml", &contract(2));
    serving.wait_for("/version", "v", "2");
    serving.wait_until("it is reported", || serving.count("reloaded: 8 operations") == 1);
    assert_eq!((serving.count("not reloaded"), serving.count("error[file-malformed]")), (1, 1));
    serving.write("api/shop.quirks.yaml", "quirks:\n  - id: x\n    onn: y\n");
    serving.wait_until("it is reported", || serving.count("not reloaded") == 2);
    assert!(serving.count("unknown") > 0 && serving.get("/version").1["v"] == "2", "{:#?}", serving.errors());
}

#[test]
fn files_that_contracts_refer_to_are_watched_in_every_folder() {
    let part =
        |name: &str| format!("Part: {{type: object, required: [name], properties: {{name: {{enum: [{name}]}}}}}}\n");
    let path = |name: &str, target: &str| {
        format!(
            "  /{name}: {{get: {{responses: {{\"200\": {{description: ok, content: {{application/json: {{schema: {{$ref: \"{target}#/Part\"}}}}}}}}}}}}}}\n"
        )
    };
    let paths = |inside: &str| {
        let mapped = path("mapped", "https://parts.example/mapped.yaml");
        format!("openapi: 3.0.3\ninfo: {{title: r, version: \"1\"}}\npaths:\n{}{mapped}", path("inside", inside))
    };
    let serving = Serving::start(
        &[
            ("api/shop.yaml", &paths("parts/one.yaml")),
            ("api/parts/one.yaml", &part("a")),
            ("elsewhere/mapped.yaml", &part("a")),
        ],
        &["--swagger", "api/shop.yaml", "--ref-map", "https://parts.example=elsewhere", "--watch"],
    );
    assert_eq!(
        (serving.get("/inside").1["name"].as_str(), serving.get("/mapped").1["name"].as_str()),
        (Some("a"), Some("a"))
    );
    serving.write("api/parts/one.yaml", &part("b"));
    serving.wait_for("/inside", "name", "b");
    serving.write_by_rename("elsewhere/mapped.yaml", &part("b"));
    serving.wait_for("/mapped", "name", "b");
    // A target that does not exist yet, and then does.
    serving.write("api/shop.yaml", &paths("parts/two.yaml"));
    serving.wait_until("it is reported", || serving.count("warning[ref-dangling]") == 1);
    assert_eq!(serving.get("/inside").1["name"], "b");
    serving.write("api/parts/two.yaml", &part("c"));
    serving.wait_for("/inside", "name", "c");
    serving.write("api/parts/two.yaml", &part("d"));
    serving.wait_for("/inside", "name", "d");
    serving.write("api/parts/one.yaml", &part("unused"));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(serving.count("one.yaml"), 1, "it is no longer referred to: {:#?}", serving.errors());
}

#[test]
fn scenario_resources_quirks_and_settings_are_watched() {
    let order = |item: &str| format!("scenario: mine\nrecords:\n  orders:\n    - {{id: o1, item: {item}}}\n");
    let serving = Serving::start(
        &[("api/shop.yaml", &contract(0)), ("mine.yaml", &order("tea"))],
        &["--swagger", "api", "--scenario", "mine.yaml", "--watch"],
    );
    assert_eq!(serving.get("/orders/o1").1["item"], "tea");
    serving.write_by_rename("mine.yaml", &order("milk"));
    serving.wait_for("/orders/o1", "item", "milk");
    serving.write("mine.yaml", "scenario: mine\nrecords:\n  orderz: []\n");
    serving.wait_until("it is reported", || serving.count("not reloaded") == 1);
    assert_eq!(serving.get("/orders/o1").1["item"], "milk");
    serving.write("mine.yaml", &order("soup"));
    serving.wait_for("/orders/o1", "item", "soup");
    serving.write(
        "api/shop.quirks.yaml",
        "quirks:\n  - id: gone\n    on: GET returns 410\n    off: GET returns 200\n    evidence: [{source: a test, at: here}]\n    \
         when: {method: GET, path: /version}\n    respond: {status: 410, body: {error: gone}}\n    \
         proof: [{method: GET, path: /version, on: {status: 410}, off: {status: 200}}]\n",
    );
    serving.wait_for("/version", "error", "gone");
    serving.write("api/standin.yaml", "name: shop\ngateways: {public: {prefixes: [/public]}}\n");
    serving.wait_for("/public/version", "error", "gone");
    serving.write(
        "api/shop.resources.yaml",
        "order:\n  plural: orders\n  fields:\n    item: text\n    state: {type: text, default: open}\n",
    );
    serving.wait_until("it is reported", || serving.count("api/shop.resources.yaml changed") == 1);
}

#[cfg(unix)]
#[test]
fn sighup_reloads_without_watch_too_and_ends_nothing() {
    let serving = Serving::start(&[("api/shop.yaml", &contract(0))], &["--swagger", "api"]);
    serving.hang_up();
    serving.wait_until("it is reported", || serving.count("not reloaded: no file has changed") == 1);
    serving.write("api/shop.yaml", &contract(1));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(serving.get("/version").1["v"], "0", "nothing is watched");
    serving.hang_up();
    serving.wait_for("/version", "v", "1");
    serving.write("api/shop.yaml", "openapi: [");
    for times in 1..=2 {
        serving.hang_up();
        serving.wait_until("each request to reload is answered", || serving.count("not reloaded: the API") == times);
    }
    assert_eq!(serving.get("/version").1["v"], "1");
}

#[test]
fn an_embedded_api_has_nothing_to_watch_unless_its_scenario_is_a_file() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(["serve", "--port", "0", "--watch"]).args(arguments).output().expect("it runs")
    };
    let output = run(&[]);
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("no files to watch; name contracts with --swagger"), "{error}");
    let scenario =
        |name: &str| format!("scenario: mine\nextends: music-school\nabout: {name}\nparams: {{x: {name}}}\n");
    let serving = Serving::start(&[("mine.yaml", &scenario("a"))], &["--scenario", "mine.yaml", "--watch"]);
    serving.write("mine.yaml", &scenario("b"));
    serving.wait_until("it is reported", || serving.count("(mine.yaml changed)") == 1);
}
