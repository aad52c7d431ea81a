//! `serve --state FILE`: the session `default` is kept in a file.

mod kills;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sessions::ORDERS;

/// A folder with a contract and a place for the state.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("api")).expect("made");
        std::fs::create_dir(folder.path().join("state")).expect("made");
        std::fs::write(folder.path().join("api/orders.yaml"), ORDERS).expect("written");
        Self(folder)
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state/default.json")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(["serve", "--port", "0", "--ready-json", "--swagger"]).arg(self.0.path().join("api"));
        command.arg("--state").arg(self.state()).args(arguments).env("NO_COLOR", "1");
        command
    }

    fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(arguments))
    }

    /// The result of a server that does not start.
    fn fail(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The document in the file.
    fn document(&self) -> Value {
        let text = std::fs::read_to_string(self.state()).expect("the file");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {} bytes", text.len()))
    }
}

/// The program while it serves; killed when dropped.
struct Running {
    child: Child,
    api: String,
    control: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            let mut errors = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut errors);
            panic!("the server does not start: {errors}");
        };
        let address = |name: &str| ready[name].as_str().expect("a URL").trim_start_matches("http://").to_owned();
        Self { api: address("url"), control: address("control_url"), child }
    }

    fn api(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        send(&self.api, method, path, body).expect("a response")
    }

    fn control(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        send(&self.control, method, path, body).expect("a response")
    }

    fn orders(&self) -> usize {
        self.api("GET", "/orders", &Value::Null).1.as_array().expect("a list").len()
    }

    /// Sends SIGTERM and waits for the end.
    fn stop(mut self) -> Output {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill");
        let status = self.child.wait().expect("it ends");
        let mut stderr = Vec::new();
        self.child.stderr.take().expect("piped").read_to_end(&mut stderr).expect("read");
        Output { status, stdout: Vec::new(), stderr }
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ends");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a request on a connection of its own; `None` if the server does not respond.
fn send(address: &str, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + &body).as_bytes()).ok()?;
    let mut response = String::new();
    stream.read_to_string(&mut response).ok()?;
    let (head, body) = response.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, serde_json::from_str(body).unwrap_or_default()))
}

/// Waits until a condition holds.
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < Duration::from_secs(20), "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_state_is_written_on_exit_and_loaded_at_the_next_start() {
    let folder = Folder::new();
    let server = folder.start(&["--seed", "7"]);
    assert!(!folder.state().exists());
    let (status, order) = server.api("POST", "/orders", &json!({"item": "tea"}));
    assert_eq!(status, 201);
    server.control("PUT", "/sessions/default/clock", &json!({"now": "2030-01-01T00:00:00Z", "frozen": true}));
    let output = server.stop();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(folder.document()["records"]["orders"][0]["item"], "tea");
    let server = folder.start(&["--seed", "7"]);
    let id = order["id"].as_str().expect("an id").to_owned();
    assert_eq!(server.api("GET", &format!("/orders/{id}"), &Value::Null), (200, order));
    let clock = server.control("GET", "/sessions/default/clock", &Value::Null).1;
    assert_eq!(clock["now"], "2030-01-01T00:00:00.000Z");
    let (_, second) = server.api("POST", "/orders", &json!({"item": "milk"}));
    assert_ne!(second["id"], id, "the random stream goes on");
    assert_eq!(send(&server.api, "GET", "/s/other/orders", &Value::Null).expect("a response").1, json!([]));
    server.control("POST", "/reset", &Value::Null);
    assert_eq!(server.orders(), 0, "a reset restores the scenario");
    assert_eq!(server.stop().status.code(), Some(0));
    assert_eq!(folder.start(&[]).orders(), 0);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    folder.start(&[]).stop();
    let mode = std::fs::metadata(folder.state()).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_changed_state_is_written_while_the_server_runs_and_an_unchanged_one_is_not() {
    let folder = Folder::new();
    let server = folder.start(&["--state-interval", "0.02"]);
    let count = || folder.document()["records"]["orders"].as_array().map_or(0, Vec::len);
    wait_until("the first state is written", || folder.state().exists());
    server.api("POST", "/orders", &json!({"item": "tea"}));
    wait_until("the order is written", || count() == 1);
    let written = || std::fs::metadata(folder.state()).and_then(|file| file.modified()).expect("a time");
    let before = written();
    server.orders();
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(written(), before, "a read changes nothing");
    for (path, body) in [
        ("/sessions/default/clock", json!({"now": "2030-01-01T00:00:00Z"})),
        ("/sessions/default/snapshot", json!({"scenario": "x"})),
    ] {
        let before = written();
        server.control("PUT", path, &body);
        wait_until(path, || written() != before);
    }
    server.kill();
    assert_eq!(count(), 0);
}

#[test]
fn a_second_process_with_the_same_file_does_not_start() {
    let folder = Folder::new();
    let server = folder.start(&[]);
    let (code, errors) = folder.fail(&[]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("another process uses this file"), "{errors}");
    server.kill();
    folder.start(&[]).stop();
}

#[test]
fn an_invalid_file_is_an_error_with_its_line_and_is_not_overwritten() {
    let folder = Folder::new();
    let text = "{\"scenario\": \"default\",\n\"records\": {\"orders\": [{\"id\": \"1\", \"itm\": \"tea\"}]},\n\"snapshot\": {\"version\": 9}}";
    std::fs::write(folder.state(), text).expect("written");
    let (code, errors) = folder.fail(&[]);
    assert_eq!(code, Some(5), "{errors}");
    for part in ["default.json:2:", "unknown field `itm`", "default.json:3:", "version 9"] {
        assert!(errors.contains(part), "{part}: {errors}");
    }
    assert_eq!(std::fs::read_to_string(folder.state()).expect("the file"), text);
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_once_and_at_the_end() {
    let folder = Folder::new();
    assert_eq!(folder.fail(&["--state-interval", "0"]).0, Some(2));
    let server = folder.start(&["--state-interval", "0.02"]);
    wait_until("the first state is written", || folder.state().exists());
    let (inside, moved) = (folder.0.path().join("state"), folder.0.path().join("moved"));
    std::fs::rename(&inside, &moved).expect("moved");
    server.api("POST", "/orders", &json!({"item": "tea"}));
    std::thread::sleep(Duration::from_millis(200));
    let output = server.stop();
    let errors = stderr(&output);
    assert_eq!(output.status.code(), Some(6), "{errors}");
    assert_eq!(errors.matches("the next attempts are not reported").count(), 1, "{errors}");
    assert!(errors.contains("error: cannot write the state to "), "{errors}");
    std::fs::rename(&moved, &inside).expect("moved back");
    assert_eq!(folder.document()["records"], Value::Null, "the former state is whole");
}

#[test]
fn the_file_is_a_scenario_that_can_be_served_and_checked() {
    let folder = Folder::new();
    let server = folder.start(&[]);
    server.api("POST", "/orders", &json!({"item": "tea"}));
    assert_eq!(server.stop().status.code(), Some(0));
    let api = folder.0.path().join("api");
    std::fs::copy(folder.state(), api.join("exported.json")).expect("copied");
    let by_name = Path::new("exported").to_owned();
    for scenario in [folder.state(), by_name] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(["serve", "--port", "0", "--ready-json", "--swagger"]).arg(&api).arg("--scenario").arg(scenario);
        assert_eq!(Running::start(command).orders(), 1);
    }
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_standin")).args(arguments).arg(&api).output().expect("it runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        (output.status.code(), text)
    };
    assert_eq!(run(&["check"]).0, Some(0), "{}", run(&["check"]).1);
}

#[test]
fn credentials_are_in_the_file_only_with_secrets() {
    let folder = Folder::new();
    let mint = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(["serve", "--port", "0", "--ready-json", "--state"]).arg(folder.state()).args(arguments);
        let server = Running::start(command);
        let app = json!({"client_id": "3e7a9c1d5f824b60c4e91a7d2f3b8560", "client_secret": "8d2f4b6a1c3e5d7f90b2a4c6e8f01357", "grant_type": "client_credentials"});
        let (status, token) = server.api("POST", "/api2/oauth/token", &app);
        assert_eq!(server.stop().status.code(), Some(0));
        (status, token["access_token"].as_str().map(str::to_owned))
    };
    let text = || std::fs::read_to_string(folder.state()).expect("the file");
    let (_, token) = mint(&["--with-secrets"]);
    let token = token.expect("a token");
    assert!(text().contains(&token) && text().contains("8d2f4b6a1c3e5d7f90b2a4c6e8f01357"));
    let (status, token) = mint(&[]);
    assert_eq!(status, 200, "the secret was kept");
    let token = token.expect("a token");
    assert!(!text().contains(&token) && !text().contains("8d2f4b6a1c3e5d7f90b2a4c6e8f01357"));
}
