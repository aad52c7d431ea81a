//! Fixtures: what is made, that it is the same everywhere, and that it holds.

mod drift;
mod programs;

use std::sync::LazyLock;

use standin::engine::Session;
use standin::exchange::Clock;
use standin::fixtures::formats::{self, File};
use standin::fixtures::{About, Case, Fixture, Fixtures, Source, Wanted};
use standin::quirks::Selection;
use standin::scenarios::{NOW, Scenario, Start, Stories, credentials};

use crate::vocabulary::ENGINE;

/// The fixtures of an API's operations in the world of the default scenario.
fn made(operations: &[&str], seed: Option<u64>, stories: &Stories) -> Fixtures<'static> {
    let engine = &*ENGINE;
    let text = Scenario::embedded(Scenario::DEFAULT).expect("the default is embedded");
    let scenario = Scenario::read(&text).expect("a scenario");
    let switches = engine.quirks().switches(&Selection::default()).expect("the default profile");
    let start = Start { clock: Clock::Frozen(NOW), now: NOW, switches, seed };
    let world = scenario.seed(engine.contract(), start).expect("a world");
    let credentials = credentials(&world, &scenario);
    let about = About { scenario: scenario.name, seed, now: NOW, quirks: None, quirk: Vec::new() };
    let world = Session::new(world);
    let source = Source { engine, world: &world, credentials: &credentials, stories, about };
    let operations = operations.iter().map(|pattern| (*pattern).to_owned()).collect();
    Fixtures::make(&source, &Wanted { operations, statuses: Vec::new() }, &|| {})
}

/// Those of all operations, made once for all tests.
static ALL: LazyLock<Fixtures<'static>> = LazyLock::new(|| made(&[], None, &Stories::default()));

fn written(fixtures: &Fixtures<'_>, format: &str) -> Vec<File> {
    formats::named(format).expect("a format").write(fixtures)
}

fn of<'f>(fixtures: &'f Fixtures<'_>, key: &str, is: impl Fn(&Case) -> bool) -> Vec<&'f Fixture> {
    let wanted = |fixture: &&Fixture| fixture.point.operation.as_deref() == Some(key) && is(&fixture.case);
    fixtures.list.iter().filter(wanted).collect()
}

#[test]
fn fixtures_are_the_same_on_one_thread_and_on_eight_and_differ_by_seed() {
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let fixtures =
            pool.install(|| made(&["*/payment/client_packages*", "*/v1/clients*"], Some(seed), &Stories::default()));
        formats::ALL.iter().flat_map(|format| format.write(&fixtures)).collect::<Vec<File>>()
    };
    let one = on(1, 7);
    assert!(one.len() > 100, "{} files", one.len());
    assert!(one == on(8, 7), "the number of threads is not to be seen");
    assert!(one != on(1, 8), "another seed has other ids");
}

#[test]
fn every_operation_has_a_success_but_for_what_only_partners_may() {
    let has = |key: &str| {
        !of(&ALL, key, |case| !matches!(case, Case::Proof { .. }))
            .iter()
            .all(|fixture| fixture.point.response.status >= 400)
    };
    let without: Vec<&str> =
        ENGINE.contract().operations.iter().map(|operation| operation.key.as_str()).filter(|key| !has(key)).collect();
    assert_eq!(without, ["GET /v1/partners/accounts/{business_uid}/change_addons"]);
}

#[test]
fn a_refusal_breaks_one_thing_of_a_request_that_succeeds() {
    let key = "POST /platform/v1/payment/client_packages";
    let success = of(&ALL, key, |case| *case == Case::Success);
    let [success] = success.as_slice() else { panic!("one success") };
    assert_eq!(success.point.response.status, 201);
    let missing = of(&ALL, key, |case| matches!(case, Case::Missing { at } if at == "/body/package_id"));
    let [missing] = missing.as_slice() else { panic!("one without its package") };
    assert_eq!(missing.point.response.status, 422);
    let mut sent = success.point.request.clone();
    sent.body.as_mut().and_then(serde_json::Value::as_object_mut).expect("a body").shift_remove("package_id");
    assert_eq!(sent, missing.point.request, "only the package is missing");
    let gateway = of(&ALL, key, |case| *case == Case::WrongGateway);
    assert_eq!(gateway[0].point.quirks, ["gateway-refuses-platform-packages"]);
}

#[test]
fn what_a_fixture_names_is_given_or_captured_before() {
    for fixture in &ALL.list {
        let given = fixture.given.iter().flat_map(|given| given.params.keys().cloned());
        let mut known: Vec<String> = given.collect();
        for interaction in fixture.before.iter().chain([&fixture.point]) {
            for reference in &interaction.references {
                assert!(known.contains(&reference.variable), "{}: {reference:?}", fixture.id);
            }
            known.extend(interaction.captures.iter().map(|capture| capture.variable.clone()));
        }
    }
}

#[test]
fn json_fixtures_are_read_as_they_were_written() {
    for fixture in &ALL.list {
        let text = serde_json::to_string(fixture).expect("JSON");
        assert_eq!(&serde_json::from_str::<Fixture>(&text).expect("a fixture"), fixture);
    }
    let files = written(&ALL, "json");
    assert_eq!(formats::Recipe::read(&files[0].text).expect("an index").files.len(), ALL.list.len());
}
