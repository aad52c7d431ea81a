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

/// A folder with scenarios of one step each, which pass if their number is even.
fn five_scenarios() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..5 {
        let status = if number % 2 == 0 { 404 } else { 200 };
        let text = format!(
            "scenario: s{number}\nsteps:\n  - {{id: look, method: GET, path: '/<nowhere>', token: none, expect: {{status: {status}}}}}\n"
        );
        std::fs::write(folder.path().join(format!("{number}.yaml")), text).expect("written");
    }
    folder
}

#[test]
fn shards_together_run_each_workflow_once() {
    let folder = five_scenarios();
    let path = folder.path().display().to_string();
    let names = |shard: &str| -> Vec<String> {
        let output = standin(&["replay", &path, "--shard", shard, "--report", "json"]);
        let report: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let list = report["stories"].as_array().expect("a list").clone();
        list.iter().map(|workflow| workflow["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(
        (names("1/2"), names("2/2")),
        (vec!["s0".into(), "s2".into(), "s4".into()], vec!["s1".into(), "s3".into()])
    );
    let empty = standin(&["replay", &path, "--shard", "7/8"]);
    assert_eq!((empty.status.code(), stdout(&empty).as_str()), (Some(0), "0 passed, 0 failed, 0 skipped\n"));
    for wrong in ["0/2", "3/2", "1", "1/0"] {
        let output = standin(&["replay", &path, "--shard", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(super::stderr(&output).contains("such as 2/8"), "{wrong}");
    }
}

#[test]
fn github_report_has_an_error_at_the_line_of_each_failed_step() {
    let folder = five_scenarios();
    let output = standin(&["replay", &folder.path().display().to_string(), "--report", "github"]);
    let text = stdout(&output).replace(&folder.path().display().to_string(), "FOLDER");
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 2, "{text}");
    assert!(errors[0].starts_with("::error file=FOLDER/1.yaml,line=3,title=s1%3A step look::"), "{}", errors[0]);
    assert!(errors[0].contains("%0Asent  GET /<nowhere>"), "{}", errors[0]);
    assert!(text.ends_with("3 passed, 2 failed, 0 skipped\n"));
}

#[test]
fn html_report_is_one_page_that_shows_texts_literally() {
    let folder = five_scenarios();
    let output = standin(&["replay", &folder.path().display().to_string(), "--report", "html"]);
    assert_eq!(output.status.code(), Some(1));
    let page = stdout(&output);
    assert!(page.starts_with("<!doctype html>") && page.contains("<b class=\"failed\">2 failed</b>"));
    assert_eq!(page.matches("<details class=\"failed\" open>").count(), 2);
    assert!(page.contains("GET /&lt;nowhere&gt;") && !page.contains("<nowhere>"));
    assert!(!page.contains("<script") && !page.contains("http") && !page.contains("src="));
}

#[test]
fn html_report_shows_an_unexpected_body_as_a_whole_with_each_difference() {
    let folder = tempfile::tempdir().expect("a folder");
    let expected = r#"{$.state: <paid>, $.quantity: 2, $.note: new}"#;
    let api = folder.path().join("my-api").display().to_string();
    assert!(standin(&["init", &api]).status.success());
    let file = folder.path().join("steps.yaml");
    let step = format!("  - {{id: look, method: GET, path: /v1/orders/o1, expect: {{body: {expected}}}}}\n");
    std::fs::write(&file, format!("scenario: looks\nextends: first\nsteps:\n{step}")).expect("written");
    let output = standin(&["replay", "--swagger", &api, &file.display().to_string(), "--report", "html"]);
    let page = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{}", super::stderr(&output));
    assert!(page.contains("$.state is &quot;open&quot;, expected &quot;&lt;paid&gt;&quot;"), "{page}");
    assert!(
        page.contains("&quot;state&quot;: <ins>&quot;&lt;paid&gt;&quot;</ins> <del>&quot;open&quot;</del>"),
        "{page}"
    );
    assert!(page.contains("&quot;note&quot;: <ins>&quot;new&quot;</ins>"), "{page}");
    assert!(page.contains("&quot;id&quot;: &quot;o1&quot;"), "equal fields are shown too: {page}");
}
