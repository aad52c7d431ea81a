//! Errors of arguments and files, and of output.

use std::process::Command;

use super::{all, run_in_folder, standin, stderr};

#[test]
fn misspelt_names_are_reported_with_the_nearest_known_name() {
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
fn invalid_scenario_is_reported_with_its_line_and_exit_code_5() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "scenario: mine\nrecords:\n  businesses:\n    - {id: b, name: B, curency: EUR}\n")
        .expect("written");
    let output = standin(&["serve", "--port", "0", "--scenario", &file.display().to_string()]);
    assert_eq!(output.status.code(), Some(5));
    insta::assert_snapshot!(stderr(&output).replace(&folder.path().display().to_string(), "FOLDER"));
}

#[test]
fn all_errors_of_all_files_are_reported() {
    let output = run_in_folder(
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
    insta::assert_snapshot!(output);
}

#[test]
fn numbers_out_of_range_are_reported_with_the_valid_range() {
    let output = run_in_folder(
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
    insta::assert_snapshot!(output);
}

#[test]
fn files_cannot_send_tokens_to_another_host() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    other.set_nonblocking(true).expect("it does not wait");
    let host = format!("@{}", other.local_addr().expect("an address"));
    let pact = serde_json::json!({
        "consumer": {"name": "app"},
        "interactions": [{"description": "x", "request": {"method": "GET", "path": format!("{host}/health")}, "response": {"status": 200}}],
    });
    let har = serde_json::json!({"log": {"entries": [{"request": {"method": "GET", "url": format!("{host}/health")}, "response": {"status": 200}}]}});
    let servers = ["--gateway", "http://user", "--fallback", "http://user", "--tokens", "tokens.json"];
    let output = run_in_folder(
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
    assert!(other.accept().is_err(), "no request reached the other host");
    insta::assert_snapshot!(output.replace(&host, "@HOST"));
}

#[test]
fn closed_stdout_pipe_is_no_error() {
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
fn full_stdout_is_an_error_and_full_stderr_is_none() {
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
