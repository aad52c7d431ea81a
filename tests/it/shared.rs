//! The documents the project came from, where they are at hand; the project does not need them.

use std::path::PathBuf;

use standin::contract::{Library, Severity, load};
use standin::engine::{Engine, Session};
use standin::exchange::{Call, Clock};
use standin::scenarios::{InProcess, Outcome, Scenario, Start, Stories, credentials, report};

use crate::vocabulary::{ENGINE, MUSIC_SCHOOL};

/// A file or folder beside the project; `None` and a word when it is not there.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not here", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn the_workflow_documents_among_the_seeds_replay_as_they_are() {
    let Some(seeds) = shared("seeds") else { return };
    let files = load::files_below(&seeds).expect("files");
    let texts: Vec<_> = files.iter().map(|file| load::read(file).expect("text")).collect();
    let stories = Stories::read(&texts).expect("right");
    assert_eq!((stories.list.len(), stories.passed_over.len()), (2, 3));
    let mut reports = Vec::new();
    for story in &stories.list {
        let now = story.now.expect("verifiedAt");
        let switches = ENGINE.quirks().switches(&Default::default()).expect("known");
        let start = Start { clock: Clock::Frozen(now), now, switches, seed: None };
        let world = MUSIC_SCHOOL.seed(ENGINE.contract(), start).expect("right");
        let credentials = credentials(&world, &MUSIC_SCHOOL);
        let mut upstream = InProcess { engine: &ENGINE, session: Session::new(world), now };
        reports.push(stories.replay(story, &mut upstream, &credentials, now, 0));
    }
    assert!(reports.iter().all(|report| report.outcome == Outcome::Passed), "{}", report::text(&reports));
}

#[test]
fn every_piece_of_evidence_names_a_document_that_exists() {
    let (Some(seeds), Some(reference)) = (shared("seeds"), shared("reference")) else { return };
    for quirk in ENGINE.quirks().iter() {
        for evidence in &quirk.evidence {
            let known = seeds.join(&evidence.source).exists() || reference.join(&evidence.source).exists();
            assert!(known, "{}: {} is not there", quirk.id, evidence.source);
        }
    }
}

#[test]
fn the_apis_own_files_load_without_losing_an_operation() {
    let Some(hub) = shared("reference/developers-hub/swagger") else { return };
    let library = Library::from_paths(&[hub]).expect("contracts are there");
    let engine = Engine::new(&library).expect("no complaints");
    assert_eq!(engine.contract().operations.len(), 500);
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
fn contracts_of_other_apis_are_read_and_answer() {
    let Some(specs) = shared("reference/specs") else { return };
    let mut operations = 0;
    for file in load::files_below(&specs).expect("files") {
        let Ok(library) = Library::from_paths(std::slice::from_ref(&file)) else { continue };
        let engine = Engine::new(&library).expect("no complaints");
        let scenario = Scenario::read(&Scenario::embedded(Scenario::EMPTY).expect("embedded")).expect("right");
        let now = crate::vocabulary::noon();
        let start = Start { clock: Clock::Frozen(now), now, switches: Default::default(), seed: None };
        let session = Session::new(scenario.seed(engine.contract(), start).expect("right"));
        // The first of each file: answering all of the large ones would compile every schema there is.
        for operation in engine.contract().operations.iter().take(12) {
            let path = operation.path.replace(['{', '}'], "");
            let call = Call {
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
