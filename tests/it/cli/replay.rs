//! `standin replay`.

use super::{standin, stdout};

#[test]
fn replay_exit_code_tells_passed_failed_and_nothing_to_run() {
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
    let replay = |arguments: &[&str]| {
        let output = standin(&[&["replay"], arguments].concat());
        (output.status.code(), stdout(&output).replace(&folder.path().display().to_string(), "FOLDER"))
    };
    let (code, text) = replay(&[&good]);
    assert_eq!(
        (code, text.as_str()),
        (Some(0), "ok    FOLDER/good.yaml  story (1 steps)\n1 passed, 0 failed, 0 skipped\n")
    );
    assert_eq!(replay(&[&good, &bad]).0, Some(1));
    assert_eq!(replay(&[&none]).0, Some(4));
    assert!(replay(&[&good, "--report", "tap"]).1.starts_with("TAP version 14\n1..1\nok 1 - "));
    assert!(replay(&[&good, "--report", "junit"]).1.starts_with("<?xml"));
    assert!(replay(&[&good, "--report", "json"]).1.contains("\"passed\": 1"));
    let tokens = standin(&["replay", &good, "--tokens", "tokens.json"]);
    assert_eq!(tokens.status.code(), Some(2), "they are those of a server");
}

#[test]
fn replay_against_an_absent_server_fails_with_its_address() {
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
    let message = "there is no token `stafff`; did you mean `staff`?";
    assert!(
        stdout(&output).contains(message),
        "the tokens of a server are unknown until it is called: {}",
        stdout(&output)
    );
}

#[test]
fn scenarios_extend_those_of_the_api_that_is_served() {
    let contract = r#"{"openapi": "3.0.3", "info": {"title": "Orders", "version": "1"}, "paths": {"/orders": {"get": {
        "responses": {"200": {"description": "all", "content": {"application/json": {"schema": {"type": "array", "items": {
            "type": "object", "properties": {"id": {"type": "string"}}}}}}}}}}}}"#;
    let base = "scenario: base\nrecords: {orders: [{id: first}]}\n";
    let story = "scenario: story\nextends: base\nsteps:\n  - {method: GET, path: /orders, expect: {body: {\"$[0].id\": first}}}\n";
    let output = super::run_in_folder(
        &[("shop/orders.json", contract), ("shop/scenarios/base.yaml", base), ("story.yaml", story)],
        &[&["replay", "story.yaml", "--swagger", "shop"], &["replay", "story.yaml"]],
    );
    assert!(output.contains("1 passed, 0 failed, 0 skipped\nexit 0"), "{output}");
    assert!(output.contains("unknown scenario to extend `base`"), "the built-in API has no such scenario: {output}");
}

#[test]
fn a_variable_that_nothing_sets_is_reported_before_the_first_request() {
    let steps = "[{id: create, method: POST, path: /orders, token: none, extract: {order: $.id}, expect: {status: [404, 200]}},\
                 {id: read, method: GET, path: '/orders/{{ordr}}', token: none}]";
    let story = format!("scenario: story\nsteps: {steps}\n");
    let replay = ["replay", "story.yaml", "--gateway", "http://127.0.0.1:1"];
    let output = super::run_in_folder(&[("story.yaml", &story)], &[&replay]);
    assert!(output.contains("`{{ordr}}` is never set; did you mean `order`?"), "{output}");
    assert!(!output.contains("no response"), "a request was sent: {output}");
}

#[test]
fn params_of_a_scenario_are_known_when_it_is_replayed_against_a_server() {
    let steps = "[{method: GET, path: '/orders/{{order}}', token: none}]";
    let story = format!("scenario: story\nparams: {{order: o-17}}\nsteps: {steps}\n");
    let replay = ["replay", "story.yaml", "--gateway", "http://127.0.0.1:1"];
    let output = super::run_in_folder(&[("story.yaml", &story)], &[&replay]);
    assert!(output.contains("no response from http://127.0.0.1:1/orders/o-17"), "{output}");
}
