//! The documents the project came from, where they are at hand; the project does not need them.

use std::path::PathBuf;

use standin::contract::load;
use standin::engine::Session;
use standin::exchange::Clock;
use standin::scenarios::{InProcess, Outcome, Start, Stories, credentials, report};

use crate::vocabulary::{ENGINE, MUSIC_SCHOOL};

/// A file or folder beside the project; `None` and a word when it is not there.
fn shared(path: &str) -> Option<PathBuf> {
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
