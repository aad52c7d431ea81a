//! Properties that hold for all contracts, paths, schemas and requests.

use std::sync::LazyLock;

use http::Method;
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::Index;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use standin::api::{RouteMatch, Routes};
use standin::diagnostics::SourceFile;

use standin::openapi::{ApiFolder, Contract, Operation};
use standin::pipeline::Engine;

use crate::mutation::{mutate, mutate_text};
use crate::property_values::value;
use crate::request_gen::{body, target};
use crate::vocabulary::{ENGINE, Mock, mock_with_running_clock, noon, observed};

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// The loader.

/// The small contracts of the embedded API: they have all features of the large ones, and load ten times faster.
static SMALL: LazyLock<ApiFolder> = LazyLock::new(|| {
    let mut folder = ApiFolder { quirks: Vec::new(), ..ApiFolder::embedded() };
    folder.contracts.retain(|file| file.text.len() < 9_000);
    folder
});

fn load(text: String) {
    let folder = ApiFolder { contracts: vec![SourceFile::new("mutated.json", text)], ..SMALL.clone() };
    assert!(Engine::new(&folder).is_ok(), "an invalid contract only leaves notes");
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn contracts_with_mutated_nodes_are_read_as_far_as_possible(
        file in any::<Index>(), mutations in 1..12_usize, seed in any::<u64>(), is_yaml in any::<bool>(),
    ) {
        let mut document: Value = serde_json::from_str(&file.get(&SMALL.contracts).text).expect("JSON");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..mutations {
            mutate(&mut document, &mut random);
        }
        // JSON after this line is read as YAML.
        load(format!("{}{document}", if is_yaml { "---\n" } else { "" }));
    }

    #[test]
    fn contracts_with_damaged_text_are_read_or_skipped(
        file in any::<Index>(), mutations in 1..4_usize, seed in any::<u64>(), is_yaml in any::<bool>(),
    ) {
        let mut text = file.get(&SMALL.contracts).text.clone();
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..mutations {
            text = mutate_text(&text, &mut random);
        }
        load(format!("{}{text}", if is_yaml { "---\n" } else { "" }));
    }
}

// The router.

static ROUTES: LazyLock<Routes> = LazyLock::new(|| Routes::new(&ENGINE.contract().operations, &mut Vec::new()));

/// Routes of few operations: the search for the most similar path is slow for all.
static FEW_ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let contract = Contract::read(&SMALL, "").expect("the embedded files are valid");
    Routes::new(&contract.operations, &mut Vec::new())
});

fn method() -> impl Strategy<Value = Method> {
    const KNOWN: [&str; 9] = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "QUERY", "BREW"];
    prop::sample::select(&KNOWN[..]).prop_map(|name| Method::from_bytes(name.as_bytes()).expect("a method"))
}

fn allows_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// Whether a template matches a path, and the values of its parameters if it does.
fn values(template: &str, path: &str) -> Option<Vec<String>> {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    let pairs = || template.iter().zip(&path);
    let matches = template.len() == path.len()
        && pairs().all(|(known, sent)| if allows_parameter(known) { !sent.is_empty() } else { known == sent });
    let decoded = |sent: &&str| percent_decode_str(sent).decode_utf8_lossy().into_owned();
    matches.then(|| pairs().filter(|(known, _)| allows_parameter(known)).map(|(_, sent)| decoded(sent)).collect())
}

/// The expected operation of a path: of the matching templates, the one whose first differing segment is literal.
fn expected<'o>(operations: &'o [Operation], method: &Method, path: &str) -> Option<&'o Operation> {
    let of_method = operations.iter().filter(|operation| operation.method == *method);
    let matching = of_method.filter(|operation| values(&operation.path, path).is_some());
    matching.min_by_key(|operation| operation.path.split('/').map(allows_parameter).collect::<Vec<_>>())
}

fn assert_expected_operation(routes: &Routes, operations: &[Operation], method: &Method, path: &str) {
    let expected = expected(operations, method, path);
    match routes.find(method, path) {
        RouteMatch::Operation(place, found) => {
            let expected = expected.unwrap_or_else(|| panic!("{path} is routed to {}", operations[place].key));
            assert_eq!(operations[place].key, expected.key, "{path}");
            assert_eq!(Some(found.iter().map(ToString::to_string).collect()), values(&expected.path, path));
        }
        other => assert!(expected.is_none(), "{method} {path}: {other:?}"),
    }
}

/// A contract with these operations and nothing else.
fn contract_of(templates: &[(Method, String)]) -> Contract {
    let mut paths = Map::new();
    for (method, template) in templates {
        let item = paths.entry(template.clone()).or_insert_with(|| json!({}));
        item[method.as_str().to_ascii_lowercase()] = json!({"responses": {}});
    }
    let text = json!({"openapi": "3.0.3", "paths": paths}).to_string();
    Contract::read(&ApiFolder { contracts: vec![SourceFile::new("made.json", text)], ..ApiFolder::default() }, "")
        .expect("the contract is valid")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn routing_any_path_does_not_panic(method in method(), path in prop_oneof![".{0,40}", "[a-z0-9/%{}*:.]{0,40}"]) {
        FEW_ROUTES.find(&method, &path);
        FEW_ROUTES.find(&method, &format!("/{path}/"));
    }

    #[test]
    fn path_filled_from_a_template_is_routed_to_it_with_its_values(
        operation in any::<Index>(), sent in prop::collection::vec(".{1,12}", 8), slashes in 0..3_usize,
    ) {
        let operations = &ENGINE.contract().operations;
        let operation = operation.get(operations);
        let mut sent = sent.iter();
        let fill = |segment: &str| match allows_parameter(segment) {
            true => utf8_percent_encode(sent.next().expect("enough"), NON_ALPHANUMERIC).to_string(),
            false => segment.to_owned(),
        };
        let path = operation.path.split('/').map(fill).collect::<Vec<_>>().join("/");
        assert_expected_operation(&ROUTES, operations, &operation.method, &path);
        let other = ROUTES.find(&operation.method, &format!("{path}{}", "/".repeat(slashes)));
        prop_assert_eq!(other, ROUTES.find(&operation.method, &path), "slashes at the end are ignored");
    }

    #[test]
    fn template_with_the_first_literal_segment_wins(
        templates in prop::collection::vec((prop_oneof![Just(Method::GET), Just(Method::PUT)], "(/(a|b|c|\\{x\\})){1,4}"), 1..12),
        paths in prop::collection::vec("(/(a|b|c|d|%61)){1,4}", 12),
    ) {
        // Parameter names are unique within a path.
        let named = |template: &str| {
            let segments = template.split('/').enumerate();
            let segments = segments.map(|(place, part)| if allows_parameter(part) { format!("{{x{place}}}") } else { part.to_owned() });
            segments.collect::<Vec<_>>().join("/")
        };
        let templates: Vec<_> = templates.into_iter().map(|(method, template)| (method, named(&template))).collect();
        let contract = contract_of(&templates);
        let routes = Routes::new(&contract.operations, &mut Vec::new());
        for path in &paths {
            assert_expected_operation(&routes, &contract.operations, &Method::GET, path);
        }
    }
}

// Requests.

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn responses_of_type_json_are_valid_json(
        operation in any::<Index>(), method in method(), own_method in any::<bool>(), id in "[a-z0-9%]{1,16}",
        kind in prop::sample::select(vec!["", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]),
        prefer in prop::sample::select(vec!["", "code=404", "example=none", "dynamic=true", "code=20, dynamic"]),
        accept in prop::sample::select(vec!["", "*/*", "application/json", "text/html;q=0.1, text/*", "image/png"]),
        query in "[a-z_=&%\\[\\]0-9]{0,30}",
        body in prop_oneof![
            value().prop_map(|value| value.to_string()),
            "[a-z_=&%\\[\\]]{0,40}",
            "(--x\r\ncontent-disposition: form-data; name=\"[a-z\\[\\]]{0,6}\"\r\n\r\n.{0,6}\r\n){0,3}--x--",
            ".{0,20}",
        ],
    ) {
        let mock = observed();
        let operation = operation.get(&ENGINE.contract().operations);
        let method = if own_method { &operation.method } else { &method };
        let mut path = operation.path.to_string();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            path.replace_range(start..=end, &id);
        }
        let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
        let headers = [("authorization", token.as_str()), ("content-type", kind), ("prefer", prefer), ("accept", accept)];
        let seen = mock.send(method.as_str(), &format!("/api2{path}?{query}"), &headers, &body);
        prop_assert!(seen.status < 500 || prefer.contains("code"), "{} {}: {}", method, path, seen.body);
        if seen.header("content-type").contains("json") && !seen.bytes.is_empty() {
            let parsed = serde_json::from_slice::<Value>(&seen.bytes);
            prop_assert!(parsed.is_ok(), "{} {}: {}", method, path, String::from_utf8_lossy(&seen.bytes));
        }
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn cached_responses_equal_fresh_ones(
        workflow in prop::collection::vec((any::<Index>(), any::<bool>(), -20..20_i64), 1..10),
    ) {
        let mock = mock_with_running_clock();
        let token = format!("Bearer {}", mock.credentials.token("staff").expect("a token"));
        let headers = [("authorization", token.as_str())];
        let operations = &ENGINE.contract().operations;
        let reads: Vec<&Operation> = operations.iter().filter(|operation| operation.method == Method::GET).collect();
        let about_packages: Vec<&Operation> =
            reads.iter().copied().filter(|operation| operation.path.contains("payment")).collect();
        let mut at = noon();
        for (which, is_any, hours) in &workflow {
            at += SignedDuration::from_hours(*hours);
            // One operation that can change records, and reads that mostly depend on them.
            let first = which.get(operations);
            let read = if *is_any { which.get(&reads) } else { which.get(&about_packages) };
            for operation in [*read, *read, first, *read, *read] {
                let (target, body) = (target(operation), body(operation));
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let send = |mock: &Mock| {
                    mock.send_at(at, operation.method.as_str(), &format!("/api2{target}"), &headers, &body)
                };
                let (afresh, seen) = (send(&mock.fork()), send(&mock));
                prop_assert_eq!(seen.status, afresh.status, "{}", operation.key);
                prop_assert_eq!(&seen.headers, &afresh.headers, "{}", operation.key);
                prop_assert_eq!(&seen.bytes, &afresh.bytes, "{}", operation.key);
                at += SignedDuration::from_millis(1);
            }
        }
    }
}
