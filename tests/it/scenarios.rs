//! Scenarios are read strictly, seeded reproducibly, and replayed step by step.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use standin::diagnostics::SourceFile;
use standin::pipeline::Session;
use standin::request::{Clock, QuirkFlags};
use standin::scenarios::{
    Credentials, InProcess, Outcome, PlainRequest, PlainResponse, Received, Scenario, Start, Transport, WorkflowReport,
    Workflows, credentials, report,
};

use crate::vocabulary::{BUSINESS, ENGINE, MUSIC_SCHOOL, noon, observed};

fn start(now: Timestamp) -> Start {
    let flags = ENGINE.quirks().flags(&Default::default()).expect("known");
    Start { clock: Clock::Frozen(now), now, flags, seed: None }
}

/// The diagnostics of a scenario that is read and seeded.
fn diagnostic(yaml: &str) -> String {
    let text = SourceFile::new("mine.yaml", yaml);
    let seeded = Scenario::read(&text).and_then(|scenario| {
        let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags: QuirkFlags::default(), seed: None };
        scenario.seed(&ENGINE, start).map(|_| ())
    });
    seeded.expect_err("it is wrong").to_string()
}

#[test]
fn scenario_reader_rejects_invalid_entries() {
    insta::assert_snapshot!(diagnostic("scenario: x\nrecord: {}\n"), @"mine.yaml:2:1: unknown entry of a scenario `record` (did you mean `records`?)");
    insta::assert_snapshot!(diagnostic("about: y\n"), @"mine.yaml:1:1: a scenario has no `scenario` (add `scenario: …`)");
    insta::assert_snapshot!(diagnostic("scenario: x\nseed: many\n"), @"mine.yaml:2:7: expected a whole number, found the text `many`");
    insta::assert_snapshot!(diagnostic("scenario: x\nnow: yesterday\n"), @"mine.yaml:2:6: `yesterday` is no point in time (write a point in time as 2026-02-08T10:00:00Z)");
    insta::assert_snapshot!(diagnostic("scenario: x\nquirks: {profile: observd}\n"), @"mine.yaml:2:19: unknown profile `observd` (did you mean `observed`?)");
    insta::assert_snapshot!(diagnostic("scenario: x\nquirks: {switches: [gateway]}\n"), @"mine.yaml:2:21: a switch has a sign (write `+gateway` to switch it on or `-gateway` to switch it off)");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords: {client: []}\n"), @"mine.yaml:2:11: unknown kind of record `client` (did you mean `clients`?)");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  taxes:\n    - {name: A, rte: 3}\n"), @"mine.yaml:4:17: unknown entry of a tax `rte` (did you mean `rate`?)");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  businesses:\n    - {id: b, name: B, features: coupons}\n"), @"mine.yaml:4:34: expected a list, found the text `coupons`");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  businesses:\n    - {id: b, name: 7}\n"), @"mine.yaml:4:21: expected text, found the number `7` (write '7' in quotes)");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  businesses:\n    - {id: abcd, name: B}\n    - {id: abcd, name: C}\n  taxes:\n    - {business_uid: abce, name: A, rate: 3}\n"), @"
    mine.yaml:5:12: there are two records of kind business with the id `abcd`
    mine.yaml:7:22: unknown business `abce` (did you mean `abcd`?)
    ");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  businesses: [{id: b, name: B}]\ngenerate: {services: 3}\n"), @"mine.yaml:4:12: services cannot be generated");
    insta::assert_snapshot!(diagnostic("scenario: x\ngenerate: {clients: 3}\n"), @"mine.yaml:2:12: there is no business for generated clients; add one under `records: businesses`");
    insta::assert_snapshot!(diagnostic("scenario: x\ntokens:\n  staff: {kind: stuff}\n"), @"mine.yaml:3:17: unknown kind of token `stuff` (did you mean `staff`?)");
    insta::assert_snapshot!(diagnostic("scenario: x\ntokens:\n  staff: {kind: staff, staff: nobody}\n"), @"mine.yaml:3:31: unknown staff `nobody`");
    insta::assert_snapshot!(diagnostic("scenario: x\ntokens:\n  a: {kind: admin, value: x}\n  b: {kind: operator, value: x}\n"), @"mine.yaml:4:3: the tokens `a` and `b` have the same value");
    insta::assert_snapshot!(diagnostic("scenario: x\ntokens:\n  a: {kind: admin, value: 'a b'}\n"), @"mine.yaml:3:3: the value of the token `a` is not valid in a header (use ASCII letters without spaces)");
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: GET}\n"), @"mine.yaml:3:5: a step has no `path` (add `path: …`)");
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: GET, path: /a, expct: 200}\n"), @"mine.yaml:3:29: unknown entry of a step `expct` (did you mean `expect`?)");
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: GET, path: /a, extract: {a: '$.[['}}\n"), @"mine.yaml:3:42: `$.[[` is not a JSONPath: at position 2, in dot member name, must start with lowercase alpha or '_'");
    insta::assert_snapshot!(diagnostic("scenario: x\nscenario: y\n"), @"mine.yaml:2:1: duplicate mapping key: scenario");
}

/// The diagnostics of a scenario with a step of these entries.
fn step_diagnostic(entries: &str) -> String {
    diagnostic(&format!("scenario: x\nsteps:\n  - {{method: GET, path: /a, {entries}}}\n"))
}

#[test]
fn step_reader_rejects_invalid_entries() {
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: GET, path: '@other.example/health'}\n"), @"mine.yaml:3:25: the path `@other.example/health` must start with `/` (write the path only; the command line names the host)");
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: G T, path: /a}\n"), @"mine.yaml:3:14: `G T` is not a method (write one such as GET)");
    insta::assert_snapshot!(diagnostic("scenario: x\nsteps:\n  - {method: GET, pat: /a}\n"), @"mine.yaml:3:19: unknown entry of a step `pat` (did you mean `path`?)");
    insta::assert_snapshot!(step_diagnostic("useFallback: maybe"), @"mine.yaml:3:42: expected true or false, found the text `maybe`");
    insta::assert_snapshot!(step_diagnostic("useFallbackApi: [1]"), @"mine.yaml:3:45: expected true or false, found a list");
    insta::assert_snapshot!(step_diagnostic("x_on_behalf_of: perhaps"), @"mine.yaml:3:45: expected true or false, found the text `perhaps`");
    insta::assert_snapshot!(step_diagnostic("extract: {a: data.x}"), @"mine.yaml:3:42: `data.x` is not a JSONPath: it must start with `$`, such as `$.data.uid`");
    insta::assert_snapshot!(step_diagnostic("extract: {a: ''}"), @"mine.yaml:3:42: `` is not a JSONPath: it must start with `$`, such as `$.data.uid`");
    insta::assert_snapshot!(step_diagnostic("expect: {body: {status: OK}}"), @"mine.yaml:3:45: `status` is not a JSONPath: it must start with `$`, such as `$.data.uid`");
    insta::assert_snapshot!(step_diagnostic("expect: {body: {'$.[[': OK}}"), @"mine.yaml:3:45: `$.[[` is not a JSONPath: at position 2, in dot member name, must start with lowercase alpha or '_'");
    insta::assert_snapshot!(step_diagnostic("expect: {status: []}"), @"mine.yaml:3:46: the list of statuses is empty (write one, such as 200)");
    insta::assert_snapshot!(step_diagnostic("expect: {status: [200, 9999]}"), @"mine.yaml:3:52: expected a status from 100 to 599, found the number `9999`");
    insta::assert_snapshot!(step_diagnostic("headers: {a b: c}"), @"mine.yaml:3:39: `a b` is not a header name");
    insta::assert_snapshot!(step_diagnostic("params: {a: '{{timestamp'}"), @"mine.yaml:3:41: the variable `{{timestamp` is not closed; add `}}`");
    insta::assert_snapshot!(step_diagnostic("body: {a: [{b: '{{timestamp | upper}}'}]}"), @"mine.yaml:3:44: unknown filter `upper` of `timestamp`; write `slice: -4` for the last four characters");
}

#[test]
fn all_errors_of_a_scenario_are_reported() {
    insta::assert_snapshot!(diagnostic("scenario: x\nabuot: y\nseed: many\nquirks: {profile: observd, switches: [a, b]}\ntokens: {a: {kind: stuff}, b: {kind: admin, values: x}}\nsteps:\n  - {method: GET, path: a, expct: 1}\n  - {path: /b, onFail: no}\n"), @"
    mine.yaml:2:1: unknown entry of a scenario `abuot` (did you mean `about`?)
    mine.yaml:3:7: expected a whole number, found the text `many`
    mine.yaml:4:19: unknown profile `observd` (did you mean `observed`?)
    mine.yaml:4:39: a switch has a sign (write `+a` to switch it on or `-a` to switch it off)
    mine.yaml:4:42: a switch has a sign (write `+b` to switch it on or `-b` to switch it off)
    mine.yaml:7:25: the path `a` must start with `/` (write the path only; the command line names the host)
    mine.yaml:7:28: unknown entry of a step `expct` (did you mean `expect`?)
    mine.yaml:8:5: a step has no `method` (add `method: …`)
    mine.yaml:8:24: expected abort, skip, warn or continue, found the text `no`
    ");
    insta::assert_snapshot!(diagnostic("scenario: x\nrecords:\n  busineses:\n    - {id: one, name: A}\n  businesses:\n    - {id: two, name: 7, features: coupons, curency: EUR}\n  taxes:\n    - {business_uid: one, name: A, rate: 3}\n    - {business_uid: two, name: B, rate: much}\n    - {business_uid: three, name: C, rate: 3}\ngenerate: {clients: 3}\ntokens:\n  staff: {kind: business, business: two}\n"), @"
    mine.yaml:3:3: unknown kind of record `busineses` (did you mean `businesses`?)
    mine.yaml:6:23: expected text, found the number `7` (write '7' in quotes)
    mine.yaml:6:36: expected a list, found the text `coupons`
    mine.yaml:6:45: unknown entry of a business `curency` (did you mean `currency`?)
    mine.yaml:9:42: expected a number, found the text `much`
    mine.yaml:10:22: unknown business `three`
    ");
    insta::assert_snapshot!(diagnostic("scenario: x\ntokens: {a: {kind: stuff}, b: {kind: admin, values: x}}\n"), @"
    mine.yaml:2:20: unknown kind of token `stuff` (did you mean `staff`?)
    mine.yaml:2:45: unknown entry of a token `values` (did you mean `value`?)
    ");
}

#[test]
fn unknown_quirks_and_tokens_of_a_scenario_are_reported() {
    let text = "scenario: x\nextends: music-school\nquirks: {switches: [-packages-feature-gat]}\nsteps:\n  - {method: GET, path: /a, token: stafff}\n  - {method: GET, path: /a, token: non}\n  - {method: GET, path: /a, token: admin}\n";
    let scenario =
        Scenario::read(&SourceFile::new("mine.yaml", text)).expect("it is known only to whom the quirks are");
    let wrong = scenario.check_switches(ENGINE.quirks()).expect_err("wrong").to_string();
    insta::assert_snapshot!(wrong, @"mine.yaml:3:21: unknown quirk `packages-feature-gat` (did you mean `packages-feature-gate`?)");
    let state = scenario.seed(&ENGINE, start(noon())).expect("right");
    let wrong = scenario.check_tokens(&credentials(&ENGINE, &state, &scenario)).expect_err("wrong").to_string();
    insta::assert_snapshot!(wrong, @"
    mine.yaml:5:36: unknown token `stafff` (did you mean `staff`?)
    mine.yaml:6:36: unknown token `non` (did you mean `none`?)
    ");
}

#[test]
fn relative_dates_work_in_undescribed_fields() {
    let yaml =
        "scenario: x\nrecords:\n  carts:\n    - {uid: c1, title: today, created_at: today-6d, due_date: today+1m}\n";
    let scenario = Scenario::read(&SourceFile::new("mine.yaml", yaml)).expect("it is right");
    let state = scenario.seed(&ENGINE, start(noon())).expect("it is right");
    let cart = state.store.get("cart", "c1").expect("the cart");
    let said = [cart.text("title"), cart.text("created_at"), cart.text("due_date")];
    assert_eq!(said, ["today", "2026-02-02T00:00:00.000Z", "2026-03-08"]);
    let wrong = "scenario: x\nrecords:\n  carts:\n    - {uid: c1, created_at: today-6}\n";
    assert!(diagnostic(wrong).contains("`today-6` is not a date"), "{}", diagnostic(wrong));
}

#[test]
fn diagnostics_show_the_source_line() {
    let text = SourceFile::new("mine.yaml", "scenario: x\nrecords:\n  taxes:\n    - {name: A, rte: 3}\n");
    let scenario = Scenario::read(&text).expect("only seeding sees it");
    let wrong = scenario.seed(&ENGINE, start(noon())).map(|_| ()).expect_err("wrong");
    insta::assert_snapshot!(wrong.render(false));
}

#[test]
fn yaml_alias_bombs_are_rejected() {
    let mut bomb = String::from("scenario: x\na0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for level in 1..20 {
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 9].join(", ")));
    }
    assert!(Scenario::read(&SourceFile::new("bomb.yaml", bomb)).is_err());
}

#[test]
fn embedded_scenario_has_the_records_tokens_and_params_of_the_readme() {
    let state = MUSIC_SCHOOL.seed(&ENGINE, start(noon())).expect("right");
    let kinds: std::collections::BTreeMap<&str, usize> = state.store.kinds().collect();
    assert!(
        kinds["client"] >= 30 && kinds["matter"] >= 30 && kinds["package"] >= 6 && kinds["service"] >= 3,
        "{kinds:?}"
    );
    let emails: BTreeSet<&str> = state.store.all("client").map(|client| client.text("email")).collect();
    assert_eq!(emails.len(), kinds["client"], "email addresses are unique");
    for token in ["staff", "directory", "app", "client", "business", "operator", "admin", "internal"] {
        assert!(credentials(&ENGINE, &state, &MUSIC_SCHOOL).token(token).is_some(), "{token}");
    }
    let params: BTreeSet<String> =
        credentials(&ENGINE, &state, &MUSIC_SCHOOL).params.into_iter().map(|(name, _)| name).collect();
    for name in [
        "business_id",
        "business_uid",
        "staff_id",
        "staff_uid",
        "client_id",
        "client_uid",
        "matter_uid",
        "service_id",
        "directory_id",
    ] {
        assert!(params.contains(name), "{name}");
    }
}

#[test]
fn generated_clients_are_reproducible() {
    let text = MUSIC_SCHOOL.source.text.replace("generate: {clients: 40}", "generate: {clients: 400}");
    let many = Scenario::read(&SourceFile::new("many.yaml", text)).expect("right");
    let names = || {
        let state = many.seed(&ENGINE, start(noon())).expect("right");
        state.store.all("client").map(|client| format!("{} {}", client.id, client.text("email"))).collect::<Vec<_>>()
    };
    assert_eq!(names().len(), 400);
    assert_eq!(names(), names());
}

#[test]
fn relative_dates_count_from_the_initial_time() {
    let valid_until = |now: &str| {
        let state = MUSIC_SCHOOL.seed(&ENGINE, start(now.parse().expect("a time"))).expect("right");
        state.store.get("client_package", "expiredclientpk0").expect("it is there").text("valid_until").to_owned()
    };
    assert_eq!(valid_until("2026-02-08T10:00:00Z"), "2026-02-03");
    assert_eq!(valid_until("2030-01-03T10:00:00Z"), "2029-12-29");
}

fn replay(files: &[(&str, &str)]) -> Vec<WorkflowReport> {
    replay_with(Workflows::default(), files)
}

fn replay_as_runner(files: &[(&str, &str)]) -> Vec<WorkflowReport> {
    replay_with(Workflows { as_runner: true, ..Workflows::default() }, files)
}

/// Replays files with the settings of other workflows.
fn replay_with(settings: Workflows, files: &[(&str, &str)]) -> Vec<WorkflowReport> {
    let texts: Vec<SourceFile> = files.iter().map(|(name, text)| SourceFile::new(*name, *text)).collect();
    let Workflows { list, ignored_files, .. } = Workflows::read(&texts).expect("right");
    let workflows = Workflows { list, ignored_files, ..settings };
    workflows
        .list
        .iter()
        .map(|workflow| {
            let mock = observed();
            let mut transport = InProcess {
                engine: &ENGINE,
                session: Session::new(mock.session.state()).into(),
                now: noon(),
                usage: None,
            };
            workflows.replay(workflow, &mut transport, &mock.credentials, noon(), 0)
        })
        .collect()
}

const DOCUMENT: &str = r#"---
endpoint: "GET /platform/v1/payment/packages/{package_id}"
status: verified
verifiedAt: 2026-02-08T09:00:00Z
tokens: [staff]
useFallbackApi: true
---

# Read a package

## Prerequisites

```yaml
steps:
  - id: list
    method: GET
    path: "/platform/v1/payment/packages"
    params: {business_id: "{{business_id}}"}
    unknown_key: passed over
    extract:
      package_id: "$.data.packages[?(@.active == true)].id | [0]"
      other: "$.data.nothing[0].id || 'fallback value'"
```

## Notes

```yaml
steps: [{method: GET, path: /not/run}]
```

## Test Request

```yaml
steps:
  - id: read
    method: GET
    path: "/platform/v1/payment/packages/{{package_id}}"
    expect: {status: [200, 201]}
```
"#;

#[test]
fn workflow_document_steps_run_in_order() {
    let reports = replay(&[("read.md", DOCUMENT)]);
    assert_eq!((reports[0].outcome.clone(), reports[0].steps.len()), (Outcome::Passed, 2));
    assert_eq!(reports[0].steps[1].line, 35);
    assert!(reports[0].steps[0].sent.ends_with("[fallback, staff]"), "{}", reports[0].steps[0].sent);
}

#[test]
fn step_fails_on_wrong_status_missing_extract_unset_variable_and_unknown_token() {
    for (from, to) in [
        ("[200, 201]", "[404]"),
        ("$.data.packages[?(@.active == true)].id | [0]", "$.data.no.such[0]"),
        ("packages/{{package_id}}", "packages/{{nobody_knows}}"),
        ("    id: read\n", "    token: stranger\n    id: read\n"),
        ("  - id: read\n", "  - id: read\n    token: stranger\n"),
    ] {
        if !DOCUMENT.contains(from) {
            continue;
        }
        let reports = replay(&[("read.md", &DOCUMENT.replace(from, to))]);
        assert_eq!(reports[0].outcome, Outcome::Failed, "{to}");
    }
    let reports = replay(&[("read.md", &DOCUMENT.replace("[200, 201]", "[404]"))]);
    insta::assert_snapshot!(report::text(&reports));
}

#[test]
fn failed_step_with_on_fail_skip_does_not_end_the_workflow() {
    let document = DOCUMENT.replace("    unknown_key: passed over\n", "    expect: {status: 418}\n    onFail: skip\n");
    let reports = replay(&[("read.md", &document)]);
    assert_eq!(reports[0].outcome, Outcome::Failed, "package_id is not set");
    assert!(reports[0].steps[1].problem.as_deref().expect("a problem").contains("package_id"));
}

#[test]
fn document_time_is_a_time_a_day_or_an_error() {
    let read = |time: &str| {
        let text = DOCUMENT.replace("2026-02-08T09:00:00Z", time);
        Workflows::read(&[SourceFile::new("read.md", text)])
            .map(|workflows| workflows.list[0].now.map(|now| now.to_string()))
    };
    for (written, moment) in [
        ("2026-02-08T09:00:00+02:00", Some("2026-02-08T07:00:00Z")),
        ("2026-02-08T09:00:00", Some("2026-02-08T09:00:00Z")),
        ("2026-02-08", Some("2026-02-08T00:00:00Z")),
        ("null", None),
        ("", None),
    ] {
        assert_eq!(read(written).expect("right").as_deref(), moment, "{written}");
    }
    let wrong = read("last week").expect_err("no time").diagnostics;
    insta::assert_snapshot!(wrong[0], @"read.md:4:13: `last week` is not a time (write a time such as 2026-02-08T10:00:00Z, or a day such as 2026-02-08)");
}

#[test]
fn errors_of_all_files_are_reported() {
    let broken = DOCUMENT.replace("path: \"/platform", "path: \"platform").replace("status: [200, 201]", "status: ok");
    let files = [
        SourceFile::new("broken.md", broken),
        SourceFile::new("read.md", DOCUMENT),
        SourceFile::new("one.yaml", "scenario: one\nsteps: 7\n"),
        SourceFile::new("torn.md", DOCUMENT.replace("method: GET", "method: [")),
    ];
    let files = Workflows::read(&files).expect_err("wrong");
    assert_eq!(files.rest.list.len(), 1);
    let wrong: Vec<String> = files.diagnostics.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(wrong.join("\n"), @"
    broken.md:17:11: the path `platform/v1/payment/packages` must start with `/` (write the path only; the command line names the host)
    broken.md:37:11: the path `platform/v1/payment/packages/{{package_id}}` must start with `/` (write the path only; the command line names the host)
    broken.md:38:22: expected a status from 100 to 599, found the text `ok`
    one.yaml:2:8: expected a list, found the number `7`
    torn.md:18:5: while parsing a flow mapping, did not find expected ',' or '}'
    torn.md:38:5: while parsing a flow mapping, did not find expected ',' or '}'
    ");
}

#[test]
fn paths_without_a_leading_slash_are_not_sent() {
    let scenario = "scenario: story\nsteps:\n  - {method: GET, path: '{{client_uid}}/health'}\n";
    let reports = replay(&[("story.yaml", scenario)]);
    let step = &reports[0].steps[0];
    assert!(step.reply.is_none());
    insta::assert_snapshot!(step.problem.as_deref().unwrap_or_default(), @"not sent: the path `k4w9zr2tq7mh1xpe/health` must start with `/`");
}

#[test]
fn document_with_status_skip_is_skipped() {
    let document = DOCUMENT.replace("status: verified", "status: skip");
    let reports = replay(&[("read.md", &document)]);
    assert_eq!(reports[0].outcome, Outcome::Skipped("its status is skip".into()));
    let settings = Workflows { with_skipped: true, ..Workflows::default() };
    assert_eq!(replay_with(settings, &[("read.md", &document)])[0].outcome, Outcome::Passed);
}

#[test]
fn document_sets_the_gateway_of_its_endpoint_for_all_workflows() {
    let other = DOCUMENT
        .replace("useFallbackApi: true\n", "")
        .replace("endpoint: \"GET /platform/v1/payment/packages/{package_id}\"", "endpoint: GET /elsewhere");
    assert_eq!(
        replay(&[("other.md", &other)])[0].outcome,
        Outcome::Failed,
        "alone, the request goes to the main gateway"
    );
    let list = DOCUMENT.replace("packages/{package_id}\"", "packages\"");
    let reports = replay(&[("list.txt", &list), ("read.md", DOCUMENT), ("other.md", &other)]);
    assert_eq!(reports[2].outcome, Outcome::Passed, "{}", report::text(&reports));
}

/// A document about a request whose path has no parameter.
const MAKES: &str = "---
endpoint: POST /platform/v1/payment/client_packages
status: verified
useFallbackApi: true
---
# Make a client package
## Prerequisites
```yaml
steps:
  - id: find
    method: GET
    path: /platform/v1/payment/packages
    extract: {package_id: '$.data.packages[0].id'}
```
## Test Request
```yaml
steps:
  - {id: make, method: POST, path: /platform/v1/payment/client_packages, body: {client_id: '{{client_id}}', package_id: '{{package_id}}'},
     extract: {package_id: $.data.client_package.id}, expect: {status: 201}}
```
";

#[test]
fn as_runner_prerequisites_of_a_document_run_before_its_request() {
    let ids = |reports: &[WorkflowReport], place: usize| -> Vec<String> {
        reports[place].steps.iter().map(|step| format!("{}:{}", step.file, step.id)).collect()
    };
    let files = [("make.md", MAKES)];
    assert_eq!(ids(&replay(&files), 0), ["make.md:find", "make.md:make"]);
    let reports = replay_as_runner(&files);
    assert_eq!(reports[0].outcome, Outcome::Passed, "{}", report::text(&reports));
    assert_eq!(
        ids(&reports, 0),
        ["make.md:find", "make.md:find", "make.md:make"],
        "a document is its own prerequisite too"
    );

    // A failed prerequisite fails the step, and `onFail` of the step counts.
    let broken = MAKES.replace("    path: /platform/v1/payment/packages\n", "    path: /nowhere\n");
    let workflow = |on_fail: &str| {
        format!(
            "scenario: story\nsteps:\n  - {{id: make, method: POST, path: /platform/v1/payment/client_packages, onFail: {on_fail}}}\n"
        )
    };
    for (on_fail, outcome) in [("abort", Outcome::Failed), ("skip", Outcome::Passed)] {
        let reports = replay_as_runner(&[("make.md", &broken), ("story.yaml", &workflow(on_fail))]);
        assert_eq!((&reports[1].outcome, ids(&reports, 1).len()), (&outcome, 2));
        let problem = reports[1].steps[1].problem.as_deref().expect("a problem");
        assert!(problem.starts_with("make.md:10: step find: status 404"), "{problem}");
    }
}

#[test]
fn as_runner_recursive_prerequisites_stop_at_depth_five() {
    let endless = MAKES.replace("method: GET\n    path: /platform/v1/payment/packages", "method: POST\n    path: /platform/v1/payment/client_packages\n    body: {client_id: '{{client_id}}', package_id: r5xq81kfhz2wno7t}\n    expect: {status: 201}");
    let endless = endless.replace("'$.data.packages[0].id'", "$.data.client_package.package_id");
    let reports = replay_as_runner(&[("make.md", &endless)]);
    let found = reports[0].steps.iter().filter(|step| step.id == "find").count();
    // Once per depth below each step: six for the prerequisite, five for the test.
    assert_eq!((&reports[0].outcome, found), (&Outcome::Passed, 11), "{}", report::text(&reports));
}

#[test]
fn scenario_steps_are_replayed_and_their_body_expectations_checked() {
    let scenario = |wanted: &str| {
        format!(
            "scenario: story\nsteps:\n  - id: make\n    method: POST\n    path: /platform/v1/clients\n    body: {{first_name: Ada, email: '{{{{random_email}}}}'}}\n    extract: {{id: $.data.client.id}}\n    expect: {{status: 201}}\n  - id: read\n    method: GET\n    path: /platform/v1/clients/{{{{id}}}}\n    expect: {{body: {{$.data.client.first_name: {wanted}, $.data.client.id: '{{{{id}}}}'}}}}\n"
        )
    };
    assert_eq!(replay(&[("story.yaml", &scenario("Ada"))])[0].outcome, Outcome::Passed);
    let reports = replay(&[("story.yaml", &scenario("Eve"))]);
    assert_eq!(reports[0].steps[1].problem.as_deref(), Some(r#"$.data.client.first_name is "Ada", expected "Eve""#));
}

#[test]
fn reports_are_written_as_junit_tap_and_json() {
    let skipped = DOCUMENT.replace("status: verified", "status: skip");
    let failed = DOCUMENT.replace("[200, 201]", "[404]").replace("# Read a package", "# Read <a> & \"b\"");
    let reports = replay(&[("ok.md", DOCUMENT), ("skip.md", &skipped), ("bad.md", &failed)]);
    insta::assert_snapshot!("junit", report::junit(&reports));
    insta::assert_snapshot!("tap", report::tap(&reports));
    let broken = DOCUMENT.replace("# Read a package", "# Read").replace("status: verified", "status: skip");
    let mut named = replay(&[("a.md", &broken)]);
    named[0].name = "one\nnot ok 2 - \\ two # three".to_owned();
    insta::assert_snapshot!(report::tap(&named), @r"
    TAP version 14
    1..1
    ok 1 - a.md one not ok 2 - \\ two \# three # SKIP its status is skip
    ");
    let json = report::json(&reports);
    assert_eq!((&json["passed"], &json["failed"], &json["skipped"]), (&json!(1), &json!(1), &json!(1)));
    assert_eq!(json["stories"][2]["steps"][1]["status"], 200);
}

#[test]
fn date_variables_follow_the_clock_of_the_replay() {
    let scenario = "scenario: story\nsteps:\n  - method: POST\n    path: /platform/v1/payment/client_packages\n    useFallback: true\n    body: {client_id: '{{client_id}}', package_id: r5xq81kfhz2wno7t, valid_from: '{{tomorrow_date}}', valid_until: '{{next_month_date}}'}\n    expect: {status: 201, body: {$.data.client_package.valid_from: '2026-02-09', $.data.client_package.valid_until: '2026-03-08'}}\n";
    let reports = replay(&[("story.yaml", scenario)]);
    assert_eq!(reports[0].outcome, Outcome::Passed, "{}", report::text(&reports));
}

#[test]
fn forked_states_are_independent() {
    let state = MUSIC_SCHOOL.seed(&ENGINE, start(noon())).expect("right");
    let (mock, other) = (crate::vocabulary::mock_in(state.clone()), Session::new(state));
    mock.staff("POST", "/platform/v1/clients", json!({"first_name": "Ada"})).expect(201);
    let count = |session: &Session| session.state().store.all("client").count();
    assert_eq!(count(&mock.session) - 1, count(&other));
}

/// Keeps requests and responds with 200 to each.
#[derive(Default)]
struct Sink(Vec<PlainRequest>);

impl Transport for Sink {
    fn send(&mut self, request: &PlainRequest, _: &Credentials) -> Result<Received, String> {
        self.0.push(request.clone());
        let response = PlainResponse { status: 200, headers: Vec::new(), body: json!({}) };
        Ok(Received { response, quirks: Vec::new(), conforms: None })
    }
}

/// The requests of the steps of a scenario.
fn sent_requests(yaml: &str, credentials: &Credentials) -> Vec<PlainRequest> {
    let workflows = Workflows::read(&[SourceFile::new("mine.yaml", yaml)]).expect("a scenario");
    let mut sink = Sink::default();
    let report = workflows.replay(&workflows.list[0], &mut sink, credentials, noon(), 0);
    assert_eq!(report.outcome, Outcome::Passed, "{}", report::text(std::slice::from_ref(&report)));
    sink.0
}

#[test]
fn directory_tokens_of_any_name_send_the_business() {
    let yaml = "scenario: mine\nextends: music-school\ntokens:\n  second: {kind: directory, directory: d4c7f09b2e6a8135}\nsteps:\n  - {method: GET, path: /a, token: second}\n  - {method: GET, path: /a, token: directory}\n  - {method: GET, path: /a, token: second, x_on_behalf_of: false}\n  - {method: GET, path: /a, token: staff}\n";
    let scenario = Scenario::read(&SourceFile::new("mine.yaml", yaml)).expect("a scenario");
    let state = scenario.seed(&ENGINE, start(noon())).expect("a state");
    let known = credentials(&ENGINE, &state, &scenario);
    let on_behalf = |credentials: &Credentials| -> Vec<bool> {
        let header = ("x-on-behalf-of".to_owned(), BUSINESS.to_owned());
        sent_requests(yaml, credentials).iter().map(|request| request.headers.contains(&header)).collect()
    };
    assert_eq!(on_behalf(&known), [true, true, false, false]);
    let read = Credentials::from_json(&known.to_json()).expect("credentials");
    assert_eq!((&read.tokens, &read.kinds, &read.params), (&known.tokens, &known.kinds, &known.params));
    let without_kinds = Credentials { kinds: Vec::new(), ..known };
    assert_eq!(on_behalf(&without_kinds), [false, true, false, false], "the name is the kind in files without kinds");
}

#[test]
fn steps_without_a_token_send_the_first_kind_of_token_else_the_first_else_none() {
    let yaml = "scenario: mine\nsteps: [{method: GET, path: /a}]\n";
    let token_with = |tokens: &[&str]| {
        let tokens = tokens.iter().map(|name| ((*name).to_owned(), format!("{name}-value"))).collect();
        let credentials = Credentials { tokens, ..Credentials::default() }.for_api(&ENGINE);
        sent_requests(yaml, &credentials).remove(0).token
    };
    assert_eq!(token_with(&["admin", "staff"]).as_deref(), Some("staff"));
    assert_eq!(token_with(&["reader", "writer"]).as_deref(), Some("reader"));
    assert_eq!(token_with(&[]), None);
}
