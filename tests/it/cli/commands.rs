//! `standin quirks`, `tokens`, `routes`, `check` and `explain`.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use super::{all, standin, stderr, stdout};

#[test]
fn quirks_show_prints_rule_evidence_and_proof() {
    insta::assert_snapshot!("show_rule", all(&["quirks", "show", "client-package-refuses-app"]));
    insta::assert_snapshot!("show_behaviour", all(&["quirks", "show", "client-package-auto-conversation"]));
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&standin(&["quirks", "show", "packages-feature-gate", "--json"]))).expect("JSON");
    assert_eq!(json["evidence"][0]["source"], "seed-002");
}

#[test]
fn quirks_prove_reports_each_proof() {
    insta::assert_snapshot!(all(&["quirks", "prove", "client-package-refuses-app", "packages-feature-gate"]));
}

#[test]
fn tokens_prints_a_table_or_json() {
    insta::assert_snapshot!(all(&["tokens"]));
    let json: serde_json::Value = serde_json::from_str(&stdout(&standin(&["tokens", "--json"]))).expect("JSON");
    assert_eq!(json["params"]["client_uid"], "k4w9zr2tq7mh1xpe");
    assert_eq!(json["tokens"]["staff"], "staff-harmony-7c1e94d0");
    let later: serde_json::Value =
        serde_json::from_str(&stdout(&standin(&["tokens", "--json", "--seed", "9", "--now", "2031-01-01T00:00:00Z"])))
            .expect("JSON");
    assert_eq!(json["tokens"], later["tokens"], "tokens can be written down");
}

/// A folder of contracts with one of each problem that a user can fix.
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
fn check_lists_problems_with_line_and_assumption() {
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
fn explain_describes_every_code_once() {
    insta::assert_snapshot!(all(&["explain"]));
    insta::assert_snapshot!("explain_one", all(&["explain", "ref-dangling"]));
    insta::assert_snapshot!("explain_unknown", all(&["explain", "ref-danling"]));
    for explanation in standin::openapi::CODES {
        assert_eq!(explanation.code.explanation().name, explanation.name, "each code is there once");
    }
}

fn json(arguments: &[&str]) -> serde_json::Value {
    serde_json::from_str(&stdout(&standin(arguments))).expect("JSON")
}

/// The values of a field of all elements of a list.
fn field<'v>(list: &'v serde_json::Value, name: &str) -> Vec<&'v str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|element| element[name].as_str().unwrap_or_default()).collect()
}

#[test]
fn quirks_lists_state_id_and_description_by_file() {
    insta::assert_snapshot!(all(&["quirks", "--search", "packages-feature-gate"]));
}

#[test]
fn quirks_are_on_by_the_profile_and_single_flags() {
    let observed = json(&["quirks", "--json"]);
    let quirks = observed["quirks"].as_array().expect("a list");
    let is_default = |quirk: &serde_json::Value| {
        quirk["area"] != "server-bug" && quirk["default"] == "on" && quirk["since"].is_null()
    };
    assert!(quirks.len() > 300 && quirks.iter().all(|quirk| quirk["is_on"] == is_default(quirk)));
    let documented = json(&["quirks", "--json", "--quirks", "documented", "--quirk", "+client-email-conflict"]);
    let on: serde_json::Value = documented["quirks"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|quirk| quirk["is_on"] == true)
        .cloned()
        .collect();
    assert_eq!(field(&on, "id"), ["client-email-conflict"]);
}

#[test]
fn quirks_can_be_filtered_by_area_path_and_text() {
    let all = json(&["quirks", "--json"]);
    let count = all["quirks"].as_array().expect("a list").len();
    let filtered = |filter: &[&str]| json(&[&["quirks", "--json"], filter].concat())["quirks"].clone();
    let access = filtered(&["--area", "access"]);
    assert!(field(&access, "area").iter().all(|area| *area == "access"));
    let both = filtered(&["--area", "access", "--area", "form"]);
    let (one, two) = (field(&access, "id").len(), field(&both, "id").len());
    assert!(0 < one && one < two && two < count, "{one} {two} {count}");
    let gates = filtered(&["--search", "FEATURE-GATE"]);
    assert!(field(&gates, "id").contains(&"packages-feature-gate"));
    let by_path = filtered(&["--path", "/business/payments/v1/client_packages/x"]);
    assert!(field(&by_path, "id").contains(&"gateway-refuses-business-payments"));
    assert!(!field(&by_path, "id").contains(&"packages-feature-gate"));
    assert_eq!(standin(&["quirks", "--search", "no such text"]).status.code(), Some(4));
    assert_eq!(standin(&["quirks", "--area", "nowhere"]).status.code(), Some(2));
}

#[test]
fn routes_lists_operations_with_their_roles() {
    insta::assert_snapshot!(all(&["routes", "--swagger", "swagger/reviews/business_reviews_settings.json"]));
    assert!(field(&json(&["routes", "--json"])["operations"], "path").len() >= 500);
}

#[test]
fn routes_can_be_filtered_by_method_path_and_resource() {
    let filtered = |filter: &[&str]| json(&[&["routes", "--json"], filter].concat())["operations"].clone();
    let deletes = filtered(&["--method", "delete", "--path", "/platform/v1/*"]);
    assert!(!field(&deletes, "path").is_empty());
    assert!(field(&deletes, "method").iter().all(|method| *method == "DELETE"));
    assert!(field(&deletes, "path").iter().all(|path| path.starts_with("/platform/v1/")));
    let clients = filtered(&["--resource", "client"]);
    assert!(!field(&clients, "path").is_empty());
    assert!(field(&clients, "resource").iter().all(|resource| *resource == "client"));
    let none = standin(&["routes", "--resource", "unicorn"]);
    assert_eq!((none.status.code(), stderr(&none).as_str()), (Some(4), "no operation matches\n"));
}

#[test]
fn another_api_needs_only_files_beside_its_contracts() {
    let root = env!("CARGO_MANIFEST_DIR");
    let (api, scenarios) = (format!("{root}/examples/library"), format!("{root}/examples/library/scenarios"));
    assert!(stdout(&standin(&["check", &api])).contains("7 operations: 0 errors, 0 warnings"));
    assert!(stdout(&standin(&["routes", "--swagger", &api])).contains("create    book generic"));
    assert!(stdout(&standin(&["quirks", "prove", "--swagger", &api])).contains("1 of 1 proofs hold"));
    assert!(stdout(&standin(&["replay", &scenarios, "--swagger", &api])).contains("1 passed, 0 failed, 0 skipped"));
    let out = tempfile::tempdir().expect("a folder");
    let out = out.path().display().to_string();
    let fixtures =
        standin(&["fixtures", "--swagger", &api, "--operation", "POST /v1/loans", "--format", "har", "--out", &out]);
    assert_eq!(fixtures.status.code(), Some(0), "{}", stderr(&fixtures));
    let files = std::fs::read_dir(&out).expect("written").map(|file| file.expect("a file").path());
    let texts: Vec<String> = files.filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    assert!(texts.iter().any(|text| text.contains("Bearer reader-ada") && text.contains("/v1/loans")));
    assert!(!texts.iter().any(|text| text.contains("staff")), "no token of the embedded API");
}

#[test]
fn serve_stops_when_its_stdin_is_closed_and_has_printed_tokens_as_headers() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_standin"))
        .args(["serve", "--port", "0", "--ready-json", "--stop-on-eof"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("a line");
    let ready: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(ready["authorizations"]["staff"], "Bearer staff-harmony-7c1e94d0");
    assert_eq!(ready["authorizations"]["admin"], "Admin admin-standin");
    assert_eq!(ready["params"]["client_uid"], "k4w9zr2tq7mh1xpe");
    assert!(child.try_wait().expect("a child").is_none(), "it serves as long as stdin is open");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn check_prints_sarif_with_a_rule_for_each_result() {
    let folder = odd_contracts();
    let output = standin(&["check", &folder.path().display().to_string(), "--sarif"]);
    let sarif: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("a list");
    let results = run["results"].as_array().expect("a list");
    assert!(results.len() > 3, "{results:#?}");
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["region"]["startLine"].as_u64() >= Some(1), "{result}");
        let file = place["artifactLocation"]["uri"].as_str().expect("a path");
        assert!(std::path::Path::new(file).exists(), "{file}");
    }
    let json = standin(&["check", &folder.path().display().to_string(), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&stdout(&json)).expect("JSON");
    assert_eq!(json["notes"].as_array().map(Vec::len), Some(results.len()));
}
