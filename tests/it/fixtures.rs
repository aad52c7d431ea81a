//! Fixtures are complete, reproducible, and valid in each format.

mod drift;
mod programs;

use std::collections::{BTreeSet, HashSet};
use std::sync::LazyLock;

use pact_models::PactSpecification;
use pact_models::bodies::OptionalBody;
use pact_models::pact::load_pact_from_json;
use serde_json::Value;
use standin::fixtures::formats::{self, File};
use standin::fixtures::{About, Case, Fixture, Fixtures, Matcher, Source, Wanted};
use standin::pipeline::Session;
use standin::quirks::Selection;
use standin::request::Clock;
use standin::scenarios::{NOW, Scenario, Start, Workflows, credentials, unescaped};

use crate::vocabulary::ENGINE;

/// The fixtures of selected operations in the default scenario.
fn made(operations: &[&str], seed: Option<u64>, workflows: &Workflows) -> Fixtures<'static> {
    let engine = &*ENGINE;
    let text = Scenario::embedded("music-school").expect("the default is embedded");
    let scenario = Scenario::read(&text).expect("a scenario");
    let flags = engine.quirks().flags(&Selection::default()).expect("the default profile");
    let start = Start { clock: Clock::Frozen(NOW), now: NOW, flags, seed };
    let state = scenario.seed(engine, start).expect("a state");
    let credentials = credentials(engine, &state, &scenario);
    let about = About { scenario: scenario.name, seed, now: NOW, quirks: None, quirk: Vec::new() };
    let state = Session::new(state);
    let source = Source { engine, state: &state, credentials: &credentials, workflows, about };
    let operations = operations.iter().map(|pattern| (*pattern).to_owned()).collect();
    Fixtures::make(&source, &Wanted { operations, ..Wanted::default() }, &|| {})
}

/// The fixtures of all operations, made once for all tests.
static ALL: LazyLock<Fixtures<'static>> = LazyLock::new(|| made(&[], None, &Workflows::default()));

fn written(fixtures: &Fixtures<'_>, format: &str) -> Vec<File> {
    formats::folder(fixtures, formats::named(format).expect("a format"))
}

fn of<'f>(fixtures: &'f Fixtures<'_>, key: &str, is: impl Fn(&Case) -> bool) -> Vec<&'f Fixture> {
    let wanted = |fixture: &&Fixture| fixture.point.operation.as_deref() == Some(key) && is(&fixture.case);
    fixtures.list.iter().filter(wanted).collect()
}

#[test]
fn fixtures_depend_on_the_seed_and_not_on_the_number_of_threads() {
    let on = |threads: usize, seed: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let fixtures =
            pool.install(|| made(&["*/payment/client_packages*", "*/v1/clients*"], Some(seed), &Workflows::default()));
        formats::ALL.iter().flat_map(|format| formats::folder(&fixtures, *format)).collect::<Vec<File>>()
    };
    let one = on(1, 7);
    assert!(one.len() > 100, "{} files", one.len());
    assert!(one == on(8, 7), "the number of threads has no influence");
    assert!(one != on(1, 8), "another seed creates other ids");
}

#[test]
fn every_operation_has_a_success() {
    let has = |key: &str| {
        !of(&ALL, key, |case| !matches!(case, Case::Proof { .. }))
            .iter()
            .all(|fixture| fixture.point.response.status >= 400)
    };
    let without: Vec<&str> =
        ENGINE.contract().operations.iter().map(|operation| &*operation.key).filter(|key| !has(key)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn every_documented_status_has_a_fixture() {
    let has =
        |key: &str, status: u16| !of(&ALL, key, |_| true).iter().all(|fixture| fixture.point.response.status != status);
    let documented = ENGINE
        .contract()
        .operations
        .iter()
        .flat_map(|operation| operation.responses.statuses().map(move |status| (&*operation.key, status)));
    let without: Vec<_> = documented.filter(|(key, status)| !has(key, *status)).collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn error_fixtures_differ_from_the_success_in_one_value() {
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
fn references_are_given_or_captured_before_their_use() {
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
fn json_fixtures_survive_a_round_trip() {
    for fixture in &ALL.list {
        let text = serde_json::to_string(fixture).expect("JSON");
        assert_eq!(&serde_json::from_str::<Fixture>(&text).expect("a fixture"), fixture);
    }
    let files = written(&ALL, "json");
    let listed = formats::Recipe::read(&files[0].text).expect("an index").files;
    assert_eq!(listed.len(), ALL.list.len() + 1, "a file for each, and their schema");
}

#[test]
fn json_fixtures_match_their_json_schema() {
    let files = written(&ALL, "json");
    let schema = files.iter().find(|file| file.path == "fixture.schema.json").expect("the schema");
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema.text).expect("JSON")).expect("a schema");
    for fixture in &ALL.list {
        let fixture = serde_json::to_value(fixture).expect("JSON");
        assert!(schema.is_valid(&fixture), "{}", fixture["id"]);
    }
    assert!(!schema.is_valid(&serde_json::json!({"schema": "standin-fixture/2"})));
}

/// The values of a body at the location of a matcher.
fn values<'v>(body: &'v Value, at: &str) -> Vec<&'v Value> {
    at.split('/').skip(1).fold(vec![body], |found, step| {
        let below = |value: &'v Value| match (value, step) {
            (Value::Array(list), "*") => list.iter().collect::<Vec<_>>(),
            (value, step) => value.get(unescaped(step)).into_iter().collect(),
        };
        found.into_iter().flat_map(below).collect()
    })
}

#[test]
fn texts_match_the_pattern_of_their_format() {
    let mut seen = BTreeSet::new();
    for fixture in &ALL.list {
        for rule in &fixture.point.matching {
            let Matcher::Format { format } = &rule.by else { continue };
            for example in values(&fixture.point.response.body, &rule.at) {
                let pattern = serde_json::json!({"pattern": format.pattern()});
                assert!(jsonschema::is_valid(&pattern, example), "{}: {example} is not a {format:?}", fixture.id);
            }
            seen.insert(format.pattern());
        }
    }
    assert!(seen.len() >= 6, "{seen:?}");
}

#[test]
fn pact_models_reads_every_interaction_with_states_and_matchers() {
    let files = written(&ALL, "pact");
    let [index, file] = files.as_slice() else { panic!("an index and one file") };
    assert_eq!(formats::Recipe::read(&index.text).expect("an index").files, [file.path.as_str()]);
    let json = serde_json::from_str(&file.text).expect("JSON");
    let pact = load_pact_from_json(&file.path, &json).expect("a pact");
    assert_eq!(pact.specification_version(), PactSpecification::V4);
    assert_eq!((pact.consumer().name.as_str(), pact.provider().name.as_str()), ("standin-fixtures", "music-school"));
    let interactions = pact.interactions();
    assert_eq!(interactions.len(), ALL.list.len());
    let mut descriptions = HashSet::new();
    for (interaction, fixture) in interactions.iter().zip(&ALL.list) {
        let id = &fixture.id;
        let read = interaction.as_v4_http().expect("synchronous HTTP");
        assert!(descriptions.insert(read.description.clone()), "{id}: repeated description");
        assert_eq!(read.provider_states.len(), fixture.given.len() + fixture.before.len(), "{id}");
        assert_eq!(
            (&read.request.method, read.response.status),
            (&fixture.point.request.method, fixture.point.response.status)
        );
        assert!(
            !fixture.point.response.body.is_null() || fixture.point.matching.is_empty(),
            "{id}: matchers without a body"
        );
        let rules = read.response.matching_rules.rules_for_category("body").map_or(0, |rules| rules.rules.len());
        assert_eq!(rules, fixture.point.matching.len(), "{id}");
        let body = match &read.response.body {
            OptionalBody::Present(bytes, ..) => decode_body(bytes),
            _ => Value::Null,
        };
        assert_eq!(body, fixture.point.response.body, "{id}");
    }
}

#[test]
fn numeric_field_names_are_not_array_indexes() {
    let of = |format: &str, end: &str| {
        let files = written(&ALL, format);
        files.into_iter().find(|file| file.path.ends_with(end)).expect("a file").text
    };
    let id = "get_v3_business_administration_directories/200-success";
    let hurl = of("hurl", &format!("{id}.hurl"));
    assert!(hurl.contains(r#"jsonpath "$.data[0].features_info['649']" isString"#), "{hurl}");
    assert!(of("pact", "music-school.json").contains(r#""$.data[*].features_info['649']""#));
}

/// A body as in fixtures: text if it is not JSON.
fn decode_body(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into())
}

#[test]
fn hurl_files_reset_the_mock_and_define_their_variables() {
    let files = written(&ALL, "hurl");
    assert_eq!(
        formats::Recipe::read(&files[0].text).expect("an index").files.len(),
        ALL.list.len() + 1,
        "a file for each, and the variables"
    );
    let file = |path: &str| files.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    let variables = file("variables.env").expect("the variables");
    for name in ["gateway", "fallback", "control", "staff_token"] {
        assert!(variables.lines().any(|line| line.starts_with(&format!("{name}="))), "{name}");
    }
    for fixture in &ALL.list {
        let id = &fixture.id;
        let text = file(&format!("{id}.hurl")).unwrap_or_else(|| panic!("{id}"));
        let first = text.lines().find(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(first, Some("POST {{control}}/reset"), "{id}");
        assert_eq!(text.matches("\nHTTP ").count(), fixture.before.len() + 2, "{id}");
        for interaction in fixture.before.iter().chain([&fixture.point]) {
            for reference in &interaction.references {
                let name = &reference.variable;
                assert!(text.contains(&format!("{{{{{name}}}}}")), "{id}: {name}");
                let is_known = variables.contains(&format!("\n{name}="))
                    || text.contains(&format!("\nvariable: {name}="))
                    || text.contains(&format!("\n{name}: jsonpath "));
                assert!(is_known, "{id}: {name} is undefined");
            }
        }
    }
}
