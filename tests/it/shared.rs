//! Tests on the reference material in `../shared`. They are ignored unless asked for: `cargo test -- --ignored`.

use std::path::PathBuf;

use standin::openapi::{ApiFolder, Severity, load};
use standin::pipeline::{Engine, Session};
use standin::quirks::Selection;
use standin::request::{Clock, Request};
use standin::scenarios::{InProcess, Outcome, Scenario, Start, WorkflowReport, Workflows, credentials, report};

use crate::vocabulary::{ENGINE, MUSIC_SCHOOL};

/// A file or folder in `../shared`.
pub(crate) fn shared(path: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    assert!(path.exists(), "{} does not exist", path.display());
    path
}

#[test]
#[ignore = "needs ../shared"]
fn the_workflow_documents_among_the_seeds_replay_as_they_are() {
    let seeds = shared("seeds");
    let files = load::files_below(&seeds).expect("files");
    let texts: Vec<_> = files.iter().map(|file| load::read(file).expect("text")).collect();
    let workflows = Workflows::read(&texts).expect("right");
    assert_eq!((workflows.list.len(), workflows.ignored_files.len()), (2, 3));
    let mut reports = Vec::new();
    for workflow in &workflows.list {
        let now = workflow.now.expect("verifiedAt");
        let flags = ENGINE.quirks().flags(&Default::default()).expect("known");
        let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
        let state = MUSIC_SCHOOL.seed(&ENGINE, start).expect("right");
        let credentials = credentials(&ENGINE, &state, &MUSIC_SCHOOL);
        let mut transport = InProcess { engine: &ENGINE, session: Session::new(state).into(), now, usage: None };
        reports.push(workflows.replay(workflow, &mut transport, &credentials, now, 0));
    }
    assert!(reports.iter().all(|report| report.outcome == Outcome::Passed), "{}", report::text(&reports));
}

#[test]
#[ignore = "needs ../shared"]
fn the_apis_own_files_load_without_losing_an_operation() {
    let hub = shared("reference/developers-hub/swagger");
    let folder = ApiFolder::from_paths(&[hub]).expect("contracts are there");
    let engine = Engine::new(&folder).expect("no complaints");
    let own_files = |file: &str| folder.contracts.iter().any(|contract| contract.name == file);
    assert_eq!(engine.contract().operations.iter().filter(|operation| own_files(&operation.file)).count(), 500);
    assert_eq!(engine.contract().operations.len(), 523, "the embedded contracts add what these files lack");
    let lost = engine.contract().notes.iter().filter(|note| note.code.explanation().severity == Severity::Error);
    assert_eq!(lost.count(), 0);
    let own: Vec<String> = ENGINE.contract().operations.iter().map(|operation| bare(&operation.key)).collect();
    for operation in &engine.contract().operations {
        assert!(own.contains(&bare(&operation.key)), "{} is not among the embedded ones", operation.key);
    }
}

/// A key without the names of its parameters.
fn bare(key: &str) -> String {
    key.split('/').map(|part| if part.starts_with('{') { "*" } else { part }).collect::<Vec<_>>().join("/")
}

#[test]
#[ignore = "needs ../shared"]
fn contracts_of_other_apis_are_read_and_answer() {
    let specs = shared("reference/specs");
    let mut operations = 0;
    for file in load::files_below(&specs).expect("files") {
        let Ok(folder) = ApiFolder::from_paths(std::slice::from_ref(&file)) else { continue };
        let engine = Engine::new(&folder).expect("no complaints");
        let scenario =
            Scenario::read(engine.scenarios().find(Scenario::EMPTY).expect("every API has it")).expect("right");
        let now = crate::vocabulary::noon();
        let start = Start { clock: Clock::Frozen(now), now, flags: Default::default(), seed: None };
        let session = Session::new(scenario.seed(&engine, start).expect("right"));
        // The first of each file: answering all of the large ones would compile every schema there is.
        for operation in engine.contract().operations.iter().take(12) {
            let path = operation.path.replace(['{', '}'], "");
            let call = Request {
                method: operation.method.clone(),
                path: path.as_str().into(),
                query: None,
                headers: Default::default(),
                body: Default::default(),
                at: now,
            };
            let status = engine.answer(&session, &call).status.as_u16();
            assert!(
                status < 500 || operation.responses.contains(status),
                "{}: {} {status}",
                file.display(),
                operation.key
            );
            operations += 1;
        }
    }
    assert!(operations > 500, "{operations}");
}

/// The reports on the documents with one of these statuses that a test wants, each replayed under a profile.
fn reports(profile: &str, statuses: &[&str], wanted: impl Fn(&str) -> bool) -> Vec<WorkflowReport> {
    let folder = shared("reference/developers-hub/workflows");
    let texts: Vec<_> =
        load::files_below(&folder).expect("files").iter().map(|file| load::read(file).expect("text")).collect();
    let workflows = Workflows { with_skipped: true, ..Workflows::read(&texts).expect("right") };
    let hub = Scenario::read(&Scenario::embedded("developers-hub").expect("embedded")).expect("right");
    let selection = Selection::of_profile(profile).expect("a profile");
    let mut reports = Vec::new();
    for (workflow, text) in workflows.list.iter().zip(&texts) {
        let status =
            text.text.lines().find_map(|line| line.strip_prefix("status:")).unwrap_or_default().trim().to_owned();
        if !statuses.contains(&status.as_str()) || !wanted(&text.text) {
            continue;
        }
        let now = workflow.now.unwrap_or_else(crate::vocabulary::noon);
        let flags = ENGINE.quirks().flags(&selection).expect("known");
        let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
        let state = hub.seed(&ENGINE, start).expect("right");
        let credentials = credentials(&ENGINE, &state, &hub);
        let mut transport = InProcess { engine: &ENGINE, session: Session::new(state).into(), now, usage: None };
        reports.push(workflows.replay(workflow, &mut transport, &credentials, now, 0));
    }
    reports
}

/// The names of the documents that failed.
fn failing(reports: &[WorkflowReport]) -> Vec<String> {
    let failed = reports.iter().filter(|report| report.outcome == Outcome::Failed);
    failed.map(|report| report.file.split("workflows/").nth(1).expect("a document").to_owned()).collect()
}

/// The documents that are known not to pass under a profile, and why not is written beside each.
fn exceptions(profile: &str) -> Vec<String> {
    let text =
        std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/exceptions.tsv")).expect("text");
    let rows = text.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    rows.filter(|row| row[0] == profile && !row[2].is_empty()).map(|row| row[1].to_owned()).collect()
}

#[test]
#[ignore = "needs ../shared"]
fn every_verified_document_passes_where_everything_is_let_through_but_for_the_listed_exceptions() {
    let failing = failing(&reports("permissive", &["verified", "success", "pass"], |_| true));
    assert_eq!(failing, exceptions("permissive"));
    assert!(failing.len() <= 12);
}

#[test]
#[ignore = "needs ../shared"]
fn at_least_222_of_all_documents_pass_where_everything_is_let_through() {
    let statuses = ["verified", "success", "pass", "pending", "skipped", "skip", "deprecated"];
    let reports = reports("permissive", &statuses, |_| true);
    let passed = reports.iter().filter(|report| report.outcome == Outcome::Passed).count();
    assert_eq!(reports.len(), 268);
    assert!(passed >= 222, "{passed} passed, without {:?}", failing(&reports));
}

#[test]
#[ignore = "needs ../shared"]
fn every_document_that_goes_through_the_fallback_passes_as_observed_but_for_the_listed_exceptions() {
    let flagged = |text: &str| text.lines().any(|line| line.contains("useFallback") && line.contains("true"));
    let statuses = ["verified", "success", "pass", "pending"];
    let failing = failing(&reports("observed", &statuses, flagged));
    assert_eq!(failing, exceptions("observed"));
}

/// `METHOD /path/{parameter}` of a document, and whether its front matter has `useFallbackApi: true`.
fn endpoint(text: &str) -> (String, bool) {
    let head = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---")).expect("front matter").0;
    let value = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_default().trim().trim_matches('"').to_owned()
    };
    (value("endpoint:"), value("useFallbackApi:") == "true")
}

/// A path with the same text in place of each parameter.
fn filled(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "any-id" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn is_about_gateways(id: &str) -> bool {
    ENGINE.quirks().get(id).is_some_and(|quirk| quirk.when.gateway.is_some())
}

#[test]
#[ignore = "needs ../shared"]
fn no_document_fails_because_of_the_gateway_since_march_2026() {
    let reports = reports("observed@2026-03", &["verified", "success", "pass", "pending"], |_| true);
    let mut refused = Vec::new();
    for report in reports.iter().filter(|report| report.outcome == Outcome::Failed) {
        let replies = report.steps.iter().filter_map(|step| step.reply.as_ref());
        if replies.flat_map(|reply| &reply.quirks).any(|id| is_about_gateways(id)) {
            refused.push(report.clone());
        }
    }
    assert!(reports.len() > 200);
    // It asks for nothing, and the other document about the same operation asks for the fallback.
    assert_eq!(failing(&refused), ["sales/post_business_payments_v1_payment_requests_payment_request_id_send_link.md"]);
}

#[test]
#[ignore = "needs ../shared"]
fn documents_that_ask_for_the_fallback_need_it_since_march_2026_and_no_others() {
    let folder = shared("reference/developers-hub/workflows");
    let mut documents = Vec::new();
    for file in load::files_below(&folder).expect("files") {
        let (endpoint, asks) = endpoint(&load::read(&file).expect("text").text);
        let (method, path) = endpoint.split_once(' ').expect("a method and a path");
        documents.push((format!("{method} {}", filled(path)), asks));
    }
    assert_eq!((documents.len(), documents.iter().filter(|(_, asks)| *asks).count()), (268, 44));
    let mock = crate::vocabulary::mock_with(&Selection::of_profile("observed@2026-03").expect("a profile"), None);
    let is_refused = |prefix: &str, endpoint: &str| {
        let (method, path) = endpoint.split_once(' ').expect("a method and a path");
        let seen = mock.call("staff", method, &format!("{prefix}{path}"), serde_json::Value::Null);
        seen.quirks().split(", ").any(is_about_gateways)
    };
    for (endpoint, _) in &documents {
        // Two documents about one operation disagree: one names the parameter in its path wrongly and asks for nothing.
        let asks = documents.iter().any(|(other, asks)| other == endpoint && *asks);
        assert_eq!(is_refused("/apigw", endpoint), asks, "{endpoint} through the main gateway");
        assert!(!is_refused("/api2", endpoint), "{endpoint} through the fallback");
    }
}
