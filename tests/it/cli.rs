//! Each command and each complaint once, as a person sees it.

use std::process::{Command, Output};

fn standin(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_standin")).args(arguments).env("NO_COLOR", "1").output().expect("it runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Exit code, stdout and stderr in one text.
fn all(arguments: &[&str]) -> String {
    let output = standin(arguments);
    format!(
        "exit {:?}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap_or(-1),
        stdout(&output),
        stderr(&output)
    )
}

#[test]
fn the_help_of_every_command() {
    let commands: [&[&str]; 13] = [
        &[],
        &["serve"],
        &["tokens"],
        &["quirks"],
        &["replay"],
        &["routes"],
        &["check"],
        &["explain"],
        &["fixtures"],
        &["verify"],
        &["record"],
        &["contract"],
        &["completions"],
    ];
    let help: Vec<String> = commands
        .iter()
        .map(|command| {
            let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
            format!("$ standin {}\n{}", arguments.join(" "), stdout(&standin(&arguments)))
        })
        .collect();
    insta::assert_snapshot!(help.join("\n"));
}

#[test]
fn the_list_of_quirks() {
    insta::assert_snapshot!(all(&["quirks"]));
    let json: serde_json::Value = serde_json::from_str(&stdout(&standin(&["quirks", "--json"]))).expect("JSON");
    assert!(json["quirks"].as_array().is_some_and(|quirks| {
        quirks.iter().all(|quirk| quirk["is_on"] == (quirk["area"] != "server-bug" && quirk["default"] == "on"))
    }));
    let off: serde_json::Value = serde_json::from_str(&stdout(&standin(&[
        "quirks",
        "--json",
        "--quirks",
        "documented",
        "--quirk",
        "+client-email-conflict",
    ])))
    .expect("JSON");
    let on: Vec<&str> = off["quirks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|quirk| quirk["is_on"] == true)
        .filter_map(|quirk| quirk["id"].as_str())
        .collect();
    assert_eq!(on, ["client-email-conflict"]);
}

#[test]
fn everything_about_one_quirk() {
    insta::assert_snapshot!("show_rule", all(&["quirks", "show", "client-package-refuses-app"]));
    insta::assert_snapshot!("show_behaviour", all(&["quirks", "show", "client-package-auto-conversation"]));
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&standin(&["quirks", "show", "packages-feature-gate", "--json"]))).expect("JSON");
    assert_eq!(json["evidence"][0]["source"], "002_bd31180918abaa57.txt");
}

#[test]
fn proofs_can_be_run() {
    insta::assert_snapshot!(all(&["quirks", "prove", "client-package-refuses-app", "packages-feature-gate"]));
}

#[test]
fn the_tokens_are_a_table_and_json() {
    insta::assert_snapshot!(all(&["tokens"]));
    let json: serde_json::Value = serde_json::from_str(&stdout(&standin(&["tokens", "--json"]))).expect("JSON");
    assert_eq!(json["params"]["client_uid"], "k4w9zr2tq7mh1xpe");
    assert_eq!(json["tokens"]["staff"], "staff-harmony-7c1e94d0");
    let later: serde_json::Value =
        serde_json::from_str(&stdout(&standin(&["tokens", "--json", "--seed", "9", "--now", "2031-01-01T00:00:00Z"])))
            .expect("JSON");
    assert_eq!(json["tokens"], later["tokens"], "tokens can be written down");
}

#[test]
fn what_is_named_wrongly_is_told_with_the_nearest_right_name() {
    insta::assert_snapshot!(
        [
            all(&["quirks", "show", "gateway-refuses-business"]),
            all(&["serve", "--quirk", "+no-such-quirk"]),
            all(&["serve", "--quirk", "packages-feature-gate"]),
            all(&["serve", "--quirks", "observe"]),
            all(&["tokens", "--scenario", "music-schol"]),
            all(&["tokens", "--swagger", "no/such/folder"]),
            all(&["replay", "no/such/file.md"]),
        ]
        .join("\n")
    );
    assert_eq!(standin(&["srve"]).status.code(), Some(2));
}

#[test]
fn a_wrong_scenario_file_is_shown_with_its_line_and_exit_code_5() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "scenario: mine\nrecords:\n  businesses:\n    - {id: b, name: B, curency: EUR}\n")
        .expect("written");
    let output = standin(&["serve", "--port", "0", "--scenario", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(5));
    insta::assert_snapshot!(stderr(&output).replace(&folder.path().display().to_string(), "FOLDER"));
}

#[test]
fn replay_tells_passed_failed_and_nothing_by_its_exit_code() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).expect("written");
        file.display().to_string()
    };
    let workflow = |status: u16| {
        format!(
            "scenario: story\nsteps:\n  - {{method: GET, path: /nowhere, token: none, expect: {{status: {status}}}}}\n"
        )
    };
    let (good, bad, none) =
        (write("good.yaml", &workflow(404)), write("bad.yaml", &workflow(200)), write("none.txt", "nothing"));
    let told = |arguments: &[&str]| {
        let output = standin(&[&["replay"], arguments].concat());
        (output.status.code(), stdout(&output).replace(&folder.path().display().to_string(), "FOLDER"))
    };
    let (code, text) = told(&[&good]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "ok    FOLDER/good.yaml  story (1 steps)\n1 passed, 0 failed, 0 skipped\n")
    );
    assert_eq!(told(&[&good, &bad]).0, Some(1));
    assert_eq!(told(&[&none]).0, Some(4));
    assert!(told(&[&good, "--report", "tap"]).1.starts_with("TAP version 14\n1..1\nok 1 - "));
    assert!(told(&[&good, "--report", "junit"]).1.starts_with("<?xml"));
    assert!(told(&[&good, "--report", "json"]).1.contains("\"passed\": 1"));
    assert_eq!(
        standin(&["replay", &good, "--gateway", "http://127.0.0.1:1"]).status.code(),
        Some(2),
        "the others are needed too"
    );
}

#[test]
fn replay_against_a_server_that_is_not_there_fails_with_its_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workflow, tokens) = (folder.path().join("story.yaml"), folder.path().join("tokens.json"));
    let steps = "[{method: GET, path: /a, onFail: continue}, {method: GET, path: /a, token: stafff}]";
    std::fs::write(&workflow, format!("scenario: s\nsteps: {steps}\n")).expect("written");
    std::fs::write(&tokens, r#"{"tokens": {"staff": "x"}}"#).expect("written");
    let (workflow, tokens) = (workflow.display().to_string(), tokens.display().to_string());
    let url = "http://127.0.0.1:1/api2";
    let output = standin(&["replay", &workflow, "--gateway", url, "--fallback", url, "--tokens", &tokens]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("no response from http://127.0.0.1:1/api2/a"), "{}", stdout(&output));
    let said = "there is no token `stafff`; did you mean `staff`?";
    assert!(stdout(&output).contains(said), "whose tokens they are is known only there: {}", stdout(&output));
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(stdout(&standin(&["completions", shell])).contains("standin"), "{shell}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["quirks", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error_and_talk_that_cannot_is_none() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").expect("it is there");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(arguments);
        command
    };
    let output = run(&["tokens", "--json"]).stdout(full()).output().expect("it runs");
    assert_eq!(output.status.code(), Some(6));
    let help = run(&["--help"]).stdout(full()).output().expect("it runs");
    assert_eq!(help.status.code(), Some(6));
    insta::assert_snapshot!(stderr(&output), @"error: cannot write to stdout: No space left on device (os error 28)");
    let status = run(&["tokens", "--scenario", "nowhere"]).stderr(full()).status().expect("it runs");
    assert_eq!(status.code(), Some(2));
}

#[test]
fn the_mistakes_of_all_files_and_of_each_whole_file_are_told() {
    let said = said_in_a_folder(
        &[
            ("one.yaml", "scenario: one\nsteps:\n  - {method: GET, path: a, token: staff}\n  - {method: GET}\n"),
            ("two.yaml", "scenario: two\nabuot: it\n"),
            (
                "three.yaml",
                "scenario: three\nrecords: {taxes: [{name: A, rte: 3}]}\nsteps: [{method: GET, path: /a}]\n",
            ),
            ("four.yaml", "scenario: four\nextends: music-school\nsteps: [{method: GET, path: /a, token: stafff}]\n"),
            (
                "five.yaml",
                "scenario: five\nquirks: {switches: [-packages-feature-gat]}\nsteps: [{method: GET, path: /a, token: none}]\n",
            ),
            ("good.yaml", "scenario: good\nsteps: [{method: GET, path: /a, token: none, expect: {status: 404}}]\n"),
            ("bad.json", "{\n  \"openapi\":\n"),
        ],
        &[
            &["replay", "one.yaml", "good.yaml", "two.yaml", "four.yaml"],
            &["replay", "three.yaml", "four.yaml", "five.yaml", "good.yaml"],
            &["serve", "--swagger", "bad.json"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn numbers_that_cannot_be_meant_are_told_with_those_that_can() {
    let said = said_in_a_folder(
        &[],
        &[
            &["serve", "--idle-timeout", "18446744073709551615"],
            &["serve", "--header-timeout", "0"],
            &["serve", "--port", "-1"],
            &["serve", "--seed", "-1"],
            &["serve", "--port", "4618", "--control-port", "4618"],
            &["serve", "--port", "4011"],
        ],
    );
    insta::assert_snapshot!(said);
}

#[test]
fn no_file_carries_tokens_to_a_host_that_nobody_named() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    other.set_nonblocking(true).expect("it does not wait");
    let host = format!("@{}", other.local_addr().expect("an address"));
    let pact = serde_json::json!({
        "consumer": {"name": "app"},
        "interactions": [{"description": "x", "request": {"method": "GET", "path": format!("{host}/health")}, "response": {"status": 200}}],
    });
    let har = serde_json::json!({"log": {"entries": [{"request": {"method": "GET", "url": format!("{host}/health")}, "response": {"status": 200}}]}});
    let servers = ["--gateway", "http://user", "--fallback", "http://user", "--tokens", "tokens.json"];
    let said = said_in_a_folder(
        &[
            ("tokens.json", r#"{"tokens": {"staff": "secret"}}"#),
            ("written.yaml", &format!("scenario: s\nsteps: [{{method: GET, path: '{host}/health'}}]\n")),
            ("filled.yaml", "scenario: s\nsteps: [{method: GET, path: '{{where}}/health'}]\n"),
            ("where.json", &format!(r#"{{"tokens": {{"staff": "secret"}}, "params": {{"where": "{host}"}}}}"#)),
            ("pact.json", &pact.to_string()),
            ("archive.har", &har.to_string()),
        ],
        &[
            &[&["replay", "written.yaml"], &servers[..]].concat(),
            &[&["replay", "filled.yaml"], &servers[..5], &["where.json"]].concat(),
            &[&["verify", "pact.json"], &servers[..]].concat(),
            &[&["verify", "archive.har"], &servers[..]].concat(),
        ],
    );
    assert!(other.accept().is_err(), "nobody called it");
    insta::assert_snapshot!(said.replace(&host, "@HOST"));
}

/// A folder of contracts with one of each oddity that a user can mend.
fn odd_contracts() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("a-broken.json", "{\n  \"openapi\": \"3.0.0\",\n");
    write("b-old.json", r#"{"swaggerVersion": "1.2"}"#);
    write(
        "c-no-version.yaml",
        "basePath: /v1\npaths:\n  /pets:\n    get:\n      responses: {'200': {description: ok}}\n",
    );
    write(
        "d-odd.yaml",
        r##"openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /pets:
    get: nothing
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [pet], properties: {name: {type: strin}}}
      responses:
        '201':
          description: ok
          content:
            application/json:
              schema: {type: object, properties: {id: {type: integer}}}
              example: {id: none}
  /pets/{id}:
    get:
      parameters:
        - {in: query, schema: {type: string}}
        - {$ref: '#/components/parameters/none'}
      responses: {}
  /pets/{other}:
    get:
      responses: {'200': {description: ok}}
"##,
    );
    folder
}

#[test]
fn what_is_odd_in_contracts_is_told_with_its_line_and_what_is_assumed() {
    let folder = odd_contracts();
    let path = folder.path().to_str().expect("text");
    insta::assert_snapshot!(all(&["check", path]).replace(path, "contracts"));
    let json: serde_json::Value = serde_json::from_str(&stdout(&standin(&["check", "--json", path]))).expect("JSON");
    assert_eq!(json["summary"]["errors"], 4, "{json:#}");
    let clean = standin(&["check", "swagger/sales/legacy/payments.json"]);
    assert_eq!(clean.status.code(), Some(0), "{}", stdout(&clean));
    assert_eq!(standin(&["check", "nowhere"]).status.code(), Some(2));
}

#[test]
fn every_code_is_explained() {
    insta::assert_snapshot!(all(&["explain"]));
    insta::assert_snapshot!("explain_one", all(&["explain", "ref-dangling"]));
    insta::assert_snapshot!("explain_unknown", all(&["explain", "ref-danling"]));
    for explanation in standin::openapi::CODES {
        assert_eq!(explanation.code.explanation().name, explanation.name, "each code is there once");
    }
}

#[test]
fn the_routes_are_listed_with_their_roles() {
    let text = stdout(&standin(&["routes", "--swagger", "swagger/reviews/business_reviews_settings.json"]));
    insta::assert_snapshot!(text);
    let json: serde_json::Value = serde_json::from_str(&stdout(&standin(&["routes", "--json"]))).expect("JSON");
    assert!(json["operations"].as_array().is_some_and(|all| all.len() >= 500));
}

/// A temporary folder with these files, and what commands that are run in it say, one after the other.
fn said_in_a_folder(files: &[(&str, &str)], commands: &[&[&str]]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let said = commands.iter().map(|arguments| {
        let output = Command::new(env!("CARGO_BIN_EXE_standin"))
            .args(*arguments)
            .env("NO_COLOR", "1")
            .current_dir(folder.path())
            .output()
            .expect("it runs");
        let code = output.status.code().unwrap_or(-1);
        format!("$ standin {}\n{}{}exit {code}\n", arguments.join(" "), stdout(&output), stderr(&output))
    });
    said.collect::<Vec<_>>().join("\n")
}

/// An index of one fixture, with one thing said otherwise.
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
fn whoever_makes_fixtures_wrongly_is_told_what_to_do() {
    let clients = "GET /platform/v1/clients";
    let said = said_in_a_folder(
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
    insta::assert_snapshot!(said);
}

#[test]
fn fixtures_of_one_operation_leave_out_other_paths_and_replace_other_fixtures_only_with_force() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let made = standin(&["fixtures", "--operation", "*/payment/client_packages*", "--out", &out]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let index = std::fs::read_to_string(folder.path().join("index.json")).expect("an index");
    assert!(!index.contains("carts-have-no-list"), "a quirk about another path");
    let other = ["fixtures", "--operation", "GET /v3/license/business_carts", "--out", &out];
    let refused = standin(&other);
    assert_eq!(refused.status.code(), Some(2), "{}", stdout(&refused));
    assert!(stderr(&refused).contains("made with other options"), "{}", stderr(&refused));
    assert_eq!(std::fs::read_to_string(folder.path().join("index.json")).expect("an index"), index);
    let nowhere = standin(&[&other[..], &["--force"]].concat());
    assert!(stderr(&nowhere).contains("files of an earlier run"), "{}", stderr(&nowhere));
    assert!(stdout(&nowhere).contains("\n1 fixtures: 1 proof\n"), "{}", stdout(&nowhere));
}

#[test]
fn whoever_verifies_wrongly_is_told_what_to_do() {
    let url = "http://127.0.0.1:1";
    let verify = |path: &'static str, gateway: &'static str, tokens: &'static str| {
        ["verify", path, "--gateway", gateway, "--fallback", url, "--tokens", tokens]
    };
    let said = said_in_a_folder(
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
    insta::assert_snapshot!(said);
}

#[test]
fn whoever_records_to_where_nothing_can_be_written_is_told_before() {
    let record = |transport: &'static str, out: &'static str| ["record", "--upstream", transport, "--out", out];
    let url = "http://127.0.0.1:1";
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let said = said_in_a_folder(
        &[("folder.yaml/notes.md", "nothing")],
        &[
            &record("http://", "new.yaml"),
            &record(url, "no/such/folder/new.yaml"),
            &record(url, "folder.yaml"),
            &record(url, "new"),
            &[&record(url, "new.yaml")[..], &["--port", &port]].concat(),
        ],
    );
    let said = said.replace(&port, "PORT");
    insta::assert_snapshot!(said);
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
        (Some(4), "nothing is written: no call came that http://127.0.0.1:1 answered\n")
    );
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 0);
}
