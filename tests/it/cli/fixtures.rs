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

#[cfg(unix)]
#[test]
fn fixtures_removes_and_writes_only_inside_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let (out, outside) = (folder.path().join("out"), folder.path().join("outside"));
    for path in [&out, &outside] {
        std::fs::create_dir(path).expect("made");
    }
    std::fs::write(outside.join("mine.json"), "mine").expect("written");
    std::os::unix::fs::symlink(&outside, out.join("old")).expect("linked");
    let mut listed: serde_json::Value = serde_json::from_str(&index("/format", "json")).expect("JSON");
    listed["files"] = serde_json::json!(["old/mine.json"]);
    std::fs::write(out.join("index.json"), listed.to_string()).expect("written");
    let make = || {
        let out = out.display().to_string();
        standin(&["fixtures", "--operation", "GET /platform/v1/clients", "--status", "2xx", "--out", &out, "--force"])
    };
    let made = make();
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    assert!(!stderr(&made).contains("removed"), "{}", stderr(&made));
    assert_eq!(std::fs::read_to_string(outside.join("mine.json")).expect("it is there"), "mine");
    // A folder of the fixtures that leads elsewhere is not written to.
    std::fs::remove_dir_all(out.join("clients")).expect("it was written");
    std::os::unix::fs::symlink(&outside, out.join("clients")).expect("linked");
    let made = make();
    assert_eq!(made.status.code(), Some(2));
    assert!(stderr(&made).contains("leads out of"), "{}", stderr(&made));
    assert_eq!(std::fs::read_dir(&outside).expect("a folder").count(), 1);
}

#[test]
fn a_truncated_index_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().display().to_string();
    let make = |more: &[&str]| {
        let operation = "GET /platform/v1/clients";
        standin(&[&["fixtures", "--operation", operation, "--status", "2xx", "--out", &out], more].concat())
    };
    assert_eq!(make(&[]).status.code(), Some(0));
    let path = folder.path().join("index.json");
    let whole = std::fs::read_to_string(&path).expect("an index");
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    let check = standin(&["fixtures", "--check", &out]);
    assert_eq!(check.status.code(), Some(2));
    assert!(stderr(&check).contains("index.json: the index is truncated: "), "{}", stderr(&check));
    assert!(stderr(&make(&[])).contains("the index is truncated"), "{}", stderr(&make(&[])));
    assert_eq!(make(&["--force"]).status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(&path).expect("an index"), whole);
    let mut names = std::fs::read_dir(folder.path()).expect("a folder").flatten().map(|entry| entry.file_name());
    assert!(names.all(|name| !name.to_string_lossy().ends_with(".part")));
}

/// A contract of orders, whose total has a type.
fn orders(total: &str) -> String {
    let content = |schema: &str| format!("{{application/json: {{schema: {schema}}}}}");
    let order = content("{$ref: '#/components/schemas/Order'}");
    let list = content(
        "{type: object, properties: {orders: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Order'}}}}",
    );
    let error = content("{type: object, properties: {error: {type: string}}}");
    format!(
        "openapi: 3.0.3
info: {{title: Shop, version: '1'}}
paths:
  /orders:
    get: {{responses: {{'200': {{description: all, content: {list}}}}}}}
    post:
      requestBody: {{content: {order}}}
      responses: {{'201': {{description: made, content: {order}}}, '422': {{description: invalid, content: {error}}}}}
  /orders/{{id}}:
    parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
    get: {{responses: {{'200': {{description: one, content: {order}}}, '404': {{description: none, content: {error}}}}}}}
    put:
      requestBody: {{content: {order}}}
      responses: {{'200': {{description: one, content: {order}}}}}
    delete: {{responses: {{'204': {{description: gone}}}}}}
components:
  schemas:
    Order:
      type: object
      required: [item, total]
      properties: {{id: {{type: string}}, item: {{type: string}}, total: {total}}}
"
    )
}

#[test]
fn check_tells_a_comment_from_a_change_and_groups_changes_by_their_cause() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
        command.args(arguments).current_dir(folder.path()).output().expect("it runs")
    };
    let write = |text: &str| std::fs::write(folder.path().join("shop.yaml"), text).expect("written");
    let number = orders("{type: number, minimum: 0}");
    write(&number);
    let formats = ["json", "hurl", "pact", "postman", "wiremock", "har"];
    for format in formats {
        let made = run(&["fixtures", "--swagger", "shop.yaml", "--format", format, "--out", format]);
        assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    }
    write(&format!("# a comment\n{number}"));
    for format in formats {
        let check = run(&["fixtures", "--swagger", "shop.yaml", "--check", format]);
        assert_eq!(
            (check.status.code(), stdout(&check).as_str()),
            (Some(0), "0 added, 0 gone, 0 changed\n"),
            "{format}"
        );
    }
    write(&orders("{type: string}"));
    let check = stdout(&run(&["fixtures", "--swagger", "shop.yaml", "--check", "json"]));
    let findings: Vec<&str> = check.lines().filter(|line| line.starts_with('`')).collect();
    assert_eq!(findings, ["`orders[].total`: number → string, 4 operations"], "{check}");
    let operations = "  GET /orders\n  GET /orders/{id}\n  POST /orders\n  PUT /orders/{id}\n";
    assert!(check.contains(operations), "{check}");
    let json = stdout(&run(&["fixtures", "--swagger", "shop.yaml", "--check", "json", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1));
    assert!(json["changes"].as_array().is_some_and(|changes| changes.len() > 3));
}

#[test]
fn fixtures_hold_only_errors_that_the_contract_allows() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shop.yaml");
    std::fs::write(&path, orders("{type: number, minimum: 0}")).expect("written");
    let (contract, out) = (path.display().to_string(), folder.path().join("out").display().to_string());
    let made = standin(&["fixtures", "--swagger", &contract, "--out", &out]);
    assert_eq!(made.status.code(), Some(0), "{}", stderr(&made));
    let index = std::fs::read_to_string(folder.path().join("out/index.json")).expect("an index");
    let index: serde_json::Value = serde_json::from_str(&index).expect("JSON");
    let fixtures = index["fixtures"].as_array().expect("fixtures");
    let statuses = |operation: &str| -> std::collections::BTreeSet<u64> {
        let of = fixtures.iter().filter(|one| one["operation"] == operation);
        of.filter_map(|one| one["status"].as_u64()).collect()
    };
    assert_eq!(statuses("POST /orders"), [201, 422].into());
    assert_eq!(statuses("GET /orders/{id}"), [200, 404].into());
    assert_eq!(statuses("PUT /orders/{id}"), [200].into(), "the contract documents no error");
    assert_eq!(statuses("DELETE /orders/{id}"), [204].into());
}

#[test]
fn shards_together_make_all_fixtures_and_are_checked_as_they_were_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, shard: &[&str]| -> Vec<String> {
        let out = folder.path().join(name).display().to_string();
        let options = ["fixtures", "--swagger", "examples/library", "--out", &out];
        assert!(standin(&[&options, shard].concat()).status.success());
        let index = std::fs::read_to_string(folder.path().join(name).join("index.json")).expect("an index");
        let index: serde_json::Value = serde_json::from_str(&index).expect("JSON");
        index["files"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|file| file.as_str().expect("a path").to_owned())
            .collect()
    };
    let mut all = make("all", &[]);
    let parts = ["1/3", "2/3", "3/3"].map(|shard| make(&shard.replace('/', "-"), &["--shard", shard]));
    assert!(parts.iter().all(|part| part.len() < all.len()));
    let mut together = parts.concat();
    together.sort();
    all.sort();
    together.dedup_by(|one, other| one == other && one == "fixture.schema.json");
    assert_eq!(together, all);
    let checked = standin(&[
        "fixtures",
        "--swagger",
        "examples/library",
        "--check",
        &folder.path().join("2-3").display().to_string(),
    ]);
    assert_eq!(checked.status.code(), Some(0), "{}", stdout(&checked));
}

/// A contract with an operation that succeeds, and a status for which no request is known.
const MARKED_UP: &str = r#"
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /v1/<b>/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200": {description: an order, content: {application/json: {example: {id: o1}}}}
        "404": {description: missing, content: {application/json: {example: {message: no}}}}
"#;

#[test]
fn coverage_is_one_page_with_the_statuses_of_each_operation() {
    let folder = tempfile::tempdir().expect("a folder");
    let (contract, page) = (folder.path().join("shop.yaml"), folder.path().join("coverage.html"));
    std::fs::write(&contract, MARKED_UP).expect("written");
    let (contract, path) = (contract.display().to_string(), page.display().to_string());
    let output = standin(&["fixtures", "--swagger", &contract, "--coverage", &path]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""), "{}", super::stderr(&output));
    let page = std::fs::read_to_string(page).expect("written");
    assert!(page.starts_with("<!doctype html>") && page.contains("1 of 1 operations succeed"), "{page}");
    assert!(page.contains(">GET /v1/&lt;b&gt;/{id}</code>") && !page.contains("<b>/{id}"), "{page}");
    assert!(page.contains("<b class=\"passed\">200 <small>by a request</small></b>"), "{page}");
    assert!(page.contains("<b class=\"passed\">404 <small>by a request</small></b>"), "{page}");
    assert!(page.contains("<tr><th>404</th><td>1</td><td>1</td><td>1</td><td>0</td></tr>"), "{page}");
    assert!(!page.contains("http://") && !page.contains("<script"), "the page needs no other file");
}

#[test]
fn coverage_page_shows_statuses_without_a_fixture() {
    let folder = tempfile::tempdir().expect("a folder");
    let (contract, page) = (folder.path().join("shop.yaml"), folder.path().join("coverage.html"));
    std::fs::write(&contract, MARKED_UP).expect("written");
    let (contract, path) = (contract.display().to_string(), page.display().to_string());
    let output = standin(&["fixtures", "--swagger", &contract, "--status", "404", "--coverage", &path]);
    assert!(output.status.success());
    let page = std::fs::read_to_string(page).expect("written");
    assert!(page.contains("0 of 1 operations succeed"), "{page}");
    assert!(page.contains("<b class=\"failed\">200 <small>no fixture</small></b>"), "{page}");
}
