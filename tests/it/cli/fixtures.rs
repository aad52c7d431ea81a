//! `standin fixtures`, `verify` and `record`.

use std::process::Command;

use super::{run_in_folder, standin, stderr, stdout};

/// An index of one operation with another value at a JSON pointer.
fn index(name: &str, value: &str) -> String {
    let mut index = serde_json::json!({
        "schema": "standin-fixtures/1",
        "format": "json",
        "about": {"scenario": "music-school", "now": "2026-02-08T10:00:00Z"},
        "wanted": {"operations": ["GET /platform/v1/clients"], "statuses": ["2xx"]},
        "files": [],
    });
    *index.pointer_mut(name).expect("it is there") = value.into();
    index.to_string()
}

#[test]
fn fixtures_reports_wrong_options_and_indexes() {
    let clients = "GET /platform/v1/clients";
    let output = run_in_folder(
        &[
            ("a-file", "nothing"),
            ("broken/index.json", "nothing"),
            ("newer/index.json", &index("/schema", "standin-fixtures/9")),
            ("format/index.json", &index("/format", "pact")),
            ("scenario/index.json", &index("/about/scenario", "mine")),
        ],
        &[
            &["fixtures", "--operation", clients],
            &["fixtures", "--operation", "GET /platform/v1/clientz", "--out", "new"],
            &["fixtures", "--operation", "*/no/such/*", "--out", "new"],
            &["fixtures", "--operation", clients, "--out", "a-file"],
            &["fixtures", "--operation", clients, "--status", "2xx", "--out", "new", "a-file"],
            &["fixtures", "--format", "soap"],
            &["fixtures", "--status", "4x"],
            &["fixtures", "--now", "yesterday"],
            &["fixtures", "--seed", "x"],
            &["fixtures", "--check", "nowhere"],
            &["fixtures", "--check", "broken"],
            &["fixtures", "--check", "newer"],
            &["fixtures", "--check", "format"],
            &["fixtures", "--check", "scenario"],
            &["fixtures", "--check", "broken", "--format", "har"],
            &["contract", "--swagger", "broken/index.json", "--as", "documented"],
        ],
    );
    insta::assert_snapshot!(output);
}

#[test]
fn fixtures_of_one_operation_exclude_quirks_of_other_paths() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let made = standin(&["fixtures", "--operation", "*/payment/client_packages*", "--out", &out]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let index = std::fs::read_to_string(folder.path().join("index.json")).expect("an index");
    assert!(!index.contains("carts-have-no-list"), "a quirk about another path");
    let nowhere = standin(&["fixtures", "--operation", "GET /v3/license/business_carts", "--out", &out, "--force"]);
    assert!(stdout(&nowhere).contains("\n1 fixtures: 1 proof\n"), "{}", stdout(&nowhere));
}

#[test]
fn verify_reports_wrong_files_and_urls() {
    let url = "http://127.0.0.1:1";
    let verify = |path: &'static str, gateway: &'static str, tokens: &'static str| {
        ["verify", path, "--gateway", gateway, "--fallback", url, "--tokens", tokens]
    };
    let output = run_in_folder(
        &[
            ("tokens.json", r#"{"tokens": {"staff": "x"}}"#),
            ("broken.json", "nothing"),
            ("newer.json", r#"{"schema": "standin-fixture/9"}"#),
            ("half.json", r#"{"schema": "standin-fixture/1"}"#),
            ("folder/notes.md", "nothing"),
        ],
        &[
            &verify("nowhere", url, "tokens.json"),
            &verify("broken.json", url, "tokens.json"),
            &verify("newer.json", url, "tokens.json"),
            &verify("half.json", url, "tokens.json"),
            &verify("folder", url, "tokens.json"),
            &verify("folder", url, "broken.json"),
            &verify("folder", "localhost:4010", "tokens.json"),
            &[&verify("folder", url, "tokens.json")[..], &["--control", url]].concat(),
        ],
    );
    insta::assert_snapshot!(output);
}

#[test]
fn record_rejects_outputs_and_upstreams_before_it_starts() {
    let record = |transport: &'static str, out: &'static str| ["record", "--upstream", transport, "--out", out];
    let url = "http://127.0.0.1:1";
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let output = run_in_folder(
        &[("folder.yaml/notes.md", "nothing")],
        &[
            &record("http://", "new.yaml"),
            &record(url, "no/such/folder/new.yaml"),
            &record(url, "folder.yaml"),
            &record(url, "new"),
            &[&record(url, "new.yaml")[..], &["--port", &port]].concat(),
            &[&record(url, "new.yaml")[..], &["--upstream", "partner=http://127.0.0.1:1"]].concat(),
            &[&record(url, "new.yaml")[..], &["--upstream", "http://127.0.0.1:2"]].concat(),
            &[&record(url, "new.yaml")[..], &["--upstream", "partners=127.0.0.1:2"]].concat(),
        ],
    );
    let output = output.replace(&port, "PORT");
    insta::assert_snapshot!(output);
}

#[cfg(unix)]
#[test]
fn record_without_requests_writes_nothing() {
    use std::io::Read as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["record", "--upstream", "http://127.0.0.1:1", "--out", "new.yaml", "--port", "0"])
        .current_dir(folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    // It prints a line as soon as it listens.
    child.stdout.as_mut().expect("piped").read_exact(&mut [0]).expect("a line");
    let stopped = Command::new("kill").args(["-TERM", &child.id().to_string()]).status().expect("kill is there");
    assert!(stopped.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(4), "nothing recorded: http://127.0.0.1:1 answered no request\n")
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
