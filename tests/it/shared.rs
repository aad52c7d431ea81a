//! Tests on the reference material in `../shared`. They are ignored unless asked for: `cargo test -- --ignored`.

use std::path::PathBuf;

use standin::openapi::{ApiFolder, Severity, load};
use standin::pipeline::{Engine, Session};
use standin::quirks::{Profile, Selection};
use standin::request::{Clock, Request};
use standin::scenarios::{InProcess, Outcome, Scenario, Start, Workflows, credentials, report};

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
        let mut transport = InProcess { engine: &ENGINE, session: Session::new(state), now };
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
    assert_eq!(engine.contract().operations.len(), 522, "the embedded contracts add what these files lack");
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
                status < 500 || operation.responses.contains_key(&status),
                "{}: {} {status}",
                file.display(),
                operation.key
            );
            operations += 1;
        }
    }
    assert!(operations > 500, "{operations}");
}

/// The documents that do not pass under a profile, of those with one of these statuses that a test wants.
fn failing(profile: Profile, statuses: &[&str], wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let folder = shared("reference/developers-hub/workflows");
    let texts: Vec<_> =
        load::files_below(&folder).expect("files").iter().map(|file| load::read(file).expect("text")).collect();
    let workflows = Workflows::read(&texts).expect("right");
    let hub = Scenario::read(&Scenario::embedded("developers-hub").expect("embedded")).expect("right");
    let mut failing = Vec::new();
    for (workflow, text) in workflows.list.iter().zip(&texts) {
        let status =
            text.text.lines().find_map(|line| line.strip_prefix("status:")).unwrap_or_default().trim().to_owned();
        if !statuses.contains(&status.as_str()) || !wanted(&text.text) {
            continue;
        }
        let now = workflow.now.unwrap_or_else(crate::vocabulary::noon);
        let flags = ENGINE.quirks().flags(&Selection { profile, changes: Vec::new() }).expect("known");
        let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
        let state = hub.seed(&ENGINE, start).expect("right");
        let credentials = credentials(&ENGINE, &state, &hub);
        let mut transport = InProcess { engine: &ENGINE, session: Session::new(state), now };
        let report = workflows.replay(workflow, &mut transport, &credentials, now, 0);
        if report.outcome == Outcome::Failed {
            let name = report.file.split("workflows/").nth(1).expect("a document").to_owned();
            failing.push(name);
        }
    }
    failing
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
    let failing = failing(Profile::Permissive, &["verified", "success", "pass"], |_| true);
    assert_eq!(failing, exceptions("permissive"));
    assert!(failing.len() <= 12);
}

#[test]
#[ignore = "needs ../shared"]
fn every_document_that_goes_through_the_fallback_passes_as_observed_but_for_the_listed_exceptions() {
    let flagged = |text: &str| text.lines().any(|line| line.contains("useFallback") && line.contains("true"));
    let statuses = ["verified", "success", "pass", "pending"];
    let failing = failing(Profile::Observed, &statuses, flagged);
    assert_eq!(failing, exceptions("observed"));
}
