//! What holds for every contract, path, schema and call, not only for those that somebody thought of.

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use http::Method;
use jiff::SignedDuration;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};
use standin::api::{RouteMatch, Routes};
use standin::diagnostics::SourceFile;

use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::{ApiFolder, Contract, Operation, Schema};
use standin::pipeline::Engine;
use standin::quirks::Draft;

use crate::mutation::{mutate, mutate_text};
use crate::request_gen::{body, target};
use crate::vocabulary::{ENGINE, Mock, mock_with_running_clock, noon, observed};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

// The loader.

/// The small contracts of the embedded API: they have every feature of the large ones at a tenth of the cost.
static SMALL: LazyLock<ApiFolder> = LazyLock::new(|| {
    let mut folder = ApiFolder { quirks: Vec::new(), families: Vec::new(), ..ApiFolder::embedded() };
    folder.contracts.retain(|file| file.text.len() < 9_000);
    folder
});

fn load(text: String) {
    let folder = ApiFolder { contracts: vec![SourceFile::new("mutated.json", text)], ..SMALL.clone() };
    assert!(Engine::new(&folder).is_ok(), "a contract that is wrong leaves notes");
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_contract_whose_nodes_are_jumbled_is_read_as_far_as_it_goes(
        file in any::<Index>(), mutations in 1..12_usize, seed in any::<u64>(), is_yaml in any::<bool>(),
    ) {
        let mut document: Value = serde_json::from_str(&file.get(&SMALL.contracts).text).expect("JSON");
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..mutations {
            mutate(&mut document, &mut random);
        }
        // JSON is YAML; behind this line it is read as such.
        load(format!("{}{document}", if is_yaml { "---\n" } else { "" }));
    }

    #[test]
    fn a_contract_whose_text_is_damaged_is_read_or_left_out(
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

/// The nearest of all operations is looked for at length; that of few is found sooner, by the same way.
static FEW_ROUTES: LazyLock<Routes> = LazyLock::new(|| {
    let contract = Contract::read(&SMALL, &|_| true).expect("the embedded files are right");
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

/// The operation that a path is for: of the templates that match it, the one whose first segment that differs is fixed.
fn expected<'o>(operations: &'o [Operation], method: &Method, path: &str) -> Option<&'o Operation> {
    let of_method = operations.iter().filter(|operation| operation.method == *method);
    let matching = of_method.filter(|operation| values(&operation.path, path).is_some());
    matching.min_by_key(|operation| operation.path.split('/').map(allows_parameter).collect::<Vec<_>>())
}

fn leads_to_the_expected_operation(routes: &Routes, operations: &[Operation], method: &Method, path: &str) {
    let expected = expected(operations, method, path);
    match routes.find(method, path) {
        RouteMatch::Operation(place, found) => {
            let expected = expected.unwrap_or_else(|| panic!("{path} leads to {}", operations[place].key));
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
    Contract::read(&ApiFolder { contracts: vec![SourceFile::new("made.json", text)], ..ApiFolder::default() }, &|_| {
        true
    })
    .expect("right")
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn any_path_leads_somewhere_or_nowhere(method in method(), path in prop_oneof![".{0,40}", "[a-z0-9/%{}*:.]{0,40}"]) {
        FEW_ROUTES.find(&method, &path);
        FEW_ROUTES.find(&method, &format!("/{path}/"));
    }

    #[test]
    fn a_path_made_from_a_template_leads_to_it_and_its_values_come_back(
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
        leads_to_the_expected_operation(&ROUTES, operations, &operation.method, &path);
        let other = ROUTES.find(&operation.method, &format!("{path}{}", "/".repeat(slashes)));
        prop_assert_eq!(other, ROUTES.find(&operation.method, &path), "a slash at the end changes nothing");
    }

    #[test]
    fn of_templates_that_match_the_one_with_the_first_fixed_segment_wins(
        templates in prop::collection::vec((prop_oneof![Just(Method::GET), Just(Method::PUT)], "(/(a|b|c|\\{x\\})){1,4}"), 1..12),
        paths in prop::collection::vec("(/(a|b|c|d|%61)){1,4}", 12),
    ) {
        // A name stands once in a path.
        let named = |template: &str| {
            let segments = template.split('/').enumerate();
            let segments = segments.map(|(place, part)| if allows_parameter(part) { format!("{{x{place}}}") } else { part.to_owned() });
            segments.collect::<Vec<_>>().join("/")
        };
        let templates: Vec<_> = templates.into_iter().map(|(method, template)| (method, named(&template))).collect();
        let contract = contract_of(&templates);
        let routes = Routes::new(&contract.operations, &mut Vec::new());
        for path in &paths {
            leads_to_the_expected_operation(&routes, &contract.operations, &Method::GET, path);
        }
    }
}

// Values from schemas.

/// Names of properties: those that a guess is made for, and those that are keywords of schemas elsewhere.
const NAMES: [&str; 16] = [
    "id",
    "owner_uid",
    "email",
    "created_at",
    "name",
    "phone",
    "currency",
    "example",
    "required",
    "nullable",
    "type",
    "enum",
    "default",
    "properties",
    "items",
    "größe",
];

fn with(mut schema: Value, more: Value) -> Value {
    let more = more.as_object().cloned().unwrap_or_default();
    schema.as_object_mut().expect("an object").extend(more.into_iter().filter(|(_, value)| !value.is_null()));
    schema
}

/// Text, and nothing else.
fn text_schema() -> impl Strategy<Value = Value> {
    const PATTERNS: [&str; 8] = [
        "^[a-z]{3}$",
        "^\\d{4}-\\d{2}$",
        "^(red|green)$",
        "[A-F0-9]{8}",
        "^\\+?[0-9 ]{5,}$",
        "^x",
        "é+",
        "^\\w+@\\w+$",
    ];
    const FORMATS: [&str; 10] =
        ["date-time", "date", "email", "uuid", "uri", "ipv4", "hostname", "byte", "password", "unheard-of"];
    let keywords = prop_oneof![
        Just(json!({})),
        (0..30_u64, 0..30_u64, any::<[bool; 2]>()).prop_map(|(least, more, [has_least, has_most])| {
            json!({"minLength": has_least.then_some(least), "maxLength": has_most.then_some(least + more)})
        }),
        prop::sample::select(&PATTERNS[..]).prop_map(|pattern| json!({"pattern": pattern})),
        prop::sample::select(&FORMATS[..]).prop_map(|format| json!({"format": format})),
        Just(json!({"enum": ["a", "B", ""]})),
        Just(json!({"const": "only"})),
        "[a-z]{1,8}".prop_map(|example| json!({"example": example})),
    ];
    keywords.prop_map(|keywords| with(json!({"type": "string"}), keywords))
}

fn number_schema() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["integer", "number"]);
    let step = prop::option::of(prop::sample::select(vec![1, 2, 5, 10, 100]));
    // Wide enough for a step between the bounds, which may be excluded.
    (kind, -1_000..1_000_i64, 201..1_000_i64, step, 0..3_u8, 0..3_u8).prop_map(
        |(kind, low, width, step, lower, upper)| {
            let lower = match lower {
                0 => json!({}),
                1 => json!({"minimum": low}),
                _ => json!({"minimum": low, "exclusiveMinimum": true}),
            };
            let upper = match upper {
                0 => json!({}),
                1 => json!({"maximum": low + width}),
                _ => json!({"exclusiveMaximum": low + width}),
            };
            with(with(json!({"type": kind}), json!({"multipleOf": step})), with(lower, upper))
        },
    )
}

fn scalar_schema() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        text_schema(),
        number_schema(),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": ["null", "integer"]})),
        Just(json!({"enum": ["a", 1, null]})),
        Just(json!({})),
    ];
    (scalar, any::<bool>()).prop_map(|(schema, nullable)| match schema.get("type") {
        Some(Value::String(_)) if nullable => with(schema, json!({"nullable": true})),
        _ => schema,
    })
}

/// A reference to one of the components.
fn reference() -> impl Strategy<Value = Value> {
    (0..COMPONENTS).prop_map(|number| json!({"$ref": format!("#/components/schemas/S{number}")}))
}

const COMPONENTS: usize = 3;

/// An object of properties with these names. What refers to a component is never required: such an object need not end.
fn object_schema(
    names: Vec<&'static str>,
    inner: impl Strategy<Value = Value> + Clone + 'static,
) -> impl Strategy<Value = Value> {
    let count = names.len();
    let properties = (subsequence(names, 0..=count.min(4)), prop::collection::vec(inner, 4));
    (properties, any::<[bool; 4]>(), prop::option::of((0..4_usize, reference()))).prop_map(
        |((names, schemas), required, reference)| {
            let mut properties: Map<String, Value> = names.iter().map(|name| (*name).to_owned()).zip(schemas).collect();
            let mut required: Vec<&str> =
                names.iter().zip(required).filter(|(_, on)| *on).map(|(name, _)| *name).collect();
            if let Some((place, reference)) = reference
                && let Some(name) = names.get(place)
            {
                required.retain(|required| required != name);
                properties.insert((*name).to_owned(), reference);
            }
            json!({"type": "object", "properties": properties, "required": required})
        },
    )
}

fn schema() -> impl Strategy<Value = Value> {
    scalar_schema().prop_recursive(3, 24, 4, |inner| {
        let object = object_schema(NAMES.to_vec(), inner.clone()).boxed();
        let closed = (object.clone(), prop::option::of(inner.clone())).prop_map(|(object, rest)| {
            with(object, json!({"additionalProperties": rest.unwrap_or(Value::Bool(false))}))
        });
        let list = (prop_oneof![inner.clone(), reference()], 0..4_u64, 0..3_u64).prop_map(|(element, least, more)| {
            // A list of what refers to lists may be empty: else it need not end.
            let least = if element.get("$ref").is_some() { 0 } else { least };
            json!({"type": "array", "items": element, "minItems": least, "maxItems": least + more})
        });
        let (one, other) = NAMES.split_at(NAMES.len() / 2);
        let whole = (object_schema(one.to_vec(), inner.clone()), object_schema(other.to_vec(), inner.clone()))
            .prop_map(|(one, other)| json!({"allOf": [one, other]}));
        let object_or = (object.clone(), text_schema(), any::<bool>()).prop_map(|(object, text, text_first)| {
            let choices = if text_first { [text, object] } else { [object, text] };
            json!({"oneOf": choices})
        });
        let told_apart = (object_schema(one.to_vec(), inner.clone()), object_schema(one.to_vec(), inner.clone()))
            .prop_map(|(a, b)| {
                let tagged = |mut object: Value, tag: &str| {
                    object["properties"]["kind"] = json!({"enum": [tag]});
                    object["required"].as_array_mut().expect("a list").push("kind".into());
                    object
                };
                json!({"oneOf": [tagged(a, "a"), tagged(b, "b")]})
            });
        let any = prop::collection::vec(inner, 1..3).prop_map(|choices| json!({"anyOf": choices}));
        prop_oneof![3 => object, 2 => closed, 2 => list, 1 => whole, 1 => object_or, 1 => told_apart, 1 => any]
    })
}

/// A schema with components, which refer to one another in circles.
fn schema_with_components() -> impl Strategy<Value = Schema> {
    (schema(), prop::collection::vec(schema(), COMPONENTS)).prop_map(|(schema, components)| {
        let named = components.into_iter().enumerate().map(|(number, schema)| (format!("S{number}"), schema));
        Schema::new(schema, Arc::new(json!({"schemas": named.collect::<Map<_, _>>()})))
    })
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-zA-Z0-9é]{0,8}".prop_map(Value::from),
        Just(json!("7")),
    ];
    scalar.prop_recursive(4, 24, 4, |inner| {
        let names = prop::sample::select(&NAMES[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..4).prop_map(|pairs| pairs.into_iter().collect()),
        ]
    })
}

fn broken(schema: &Schema, value: &Value) -> Vec<standin::openapi::Violation> {
    assert_eq!(standin::openapi::schema::problem(schema.raw()), None, "{schema:?}");
    schema.violations(value).into_iter().filter(|violation| violation.rule != "format").collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_value_made_from_a_schema_is_allowed_by_it(schema in schema_with_components(), seed in any::<u64>()) {
        let made = generate(&schema, &mut stream(seed, ""));
        prop_assert_eq!(broken(&schema, &made), [], "{} from {:?}", made, schema);
    }

    #[test]
    fn a_value_bent_towards_a_schema_is_allowed_by_it(schema in schema_with_components(), value in value()) {
        let bent = repair(&schema, value.clone(), &mut stream(0, ""));
        prop_assert_eq!(broken(&schema, &bent), [], "{} from {} by {:?}", bent, value, schema);
        // What is allowed stays as it is.
        prop_assert_eq!(repair(&schema, bent.clone(), &mut stream(1, "")), bent);
    }

    #[test]
    fn a_value_is_made_soon_however_a_schema_is_jumbled(
        schema in schema_with_components(), mutations in 1..12_usize, seed in any::<u64>(), value in value(),
    ) {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut document = json!({"schema": schema.raw(), "components": {"schemas": {"A": schema.raw()}}});
        for _ in 0..mutations {
            mutate(&mut document, &mut random);
        }
        let mut take = |name: &str| document.get_mut(name).map(Value::take).unwrap_or_default();
        let schema = Schema::new(take("schema"), Arc::new(take("components")));
        let begun = Instant::now();
        schema.violations(&generate(&schema, &mut random));
        schema.violations(&repair(&schema, value, &mut random));
        prop_assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", schema);
    }
}

// Answers that rules change.

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// The ways to all places of a value.
fn ways(value: &Value) -> Vec<Vec<String>> {
    let parts: Vec<(String, &Value)> = match value {
        Value::Object(map) => map.iter().map(|(name, part)| (name.clone(), part)).collect(),
        Value::Array(list) => list.iter().enumerate().map(|(place, part)| (place.to_string(), part)).collect(),
        _ => Vec::new(),
    };
    let below = parts.into_iter().flat_map(|(step, part)| {
        ways(part).into_iter().map(move |field_path| std::iter::once(step.clone()).chain(field_path).collect())
    });
    std::iter::once(Vec::new()).chain(below).collect()
}

/// Some of the ways into a value, and one that leads nowhere.
fn some_ways(value: &Value, which: &[Index]) -> Vec<Vec<String>> {
    let all = ways(value);
    which.iter().map(|which| which.get(&all).clone()).chain([vec!["nowhere".to_owned()]]).collect()
}

fn borrowed(ways: &[Vec<String>]) -> Vec<&[String]> {
    ways.iter().map(Vec::as_slice).collect()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_draft_is_written_as_it_was_read_however_it_was_taken_apart(
        value in value(), which in prop::collection::vec(any::<Index>(), 0..4), is_spaced in any::<bool>(),
        later in any::<Index>(),
    ) {
        let text = if is_spaced { format!("{value:#}") } else { value.to_string() };
        let ways = some_ways(&value, &which);
        let mut draft = Draft::read(&text, &borrowed(&ways)).expect("JSON");
        assert_eq!(parsed(&draft.text()), value);
        assert!(is_spaced || draft.text() == text);
        // Names that are numbers are elements of lists in a pointer.
        let later = later.get(&self::ways(&value)).clone();
        let pointer: String = later.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect();
        if let Some(found) = draft.at(&later) {
            assert_eq!(Some(&parsed(&found.text())), value.pointer(&pointer));
        }
        assert_eq!(parsed(&draft.text()), value);
    }

    #[test]
    fn a_draft_of_damaged_json_does_no_harm(
        value in value(), cut in any::<Index>(), which in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let text = value.to_string();
        let ways = some_ways(&value, &which);
        let ways = borrowed(&ways);
        let cut = (0..=cut.index(text.len())).rev().find(|at| text.is_char_boundary(*at)).expect("the start");
        if let Some(draft) = Draft::read(&text[..cut], &ways) {
            assert_eq!(draft.text(), text[..cut]);
        }
        if let Some(mut draft) = Draft::read(&text[cut..], &ways) {
            let _ = draft.at(ways[0]);
            draft.put(ways[0], (&value).into());
        }
    }

    #[test]
    fn what_is_put_into_a_draft_stands_there(
        mut value in value(), name in ".{1,4}|[0-2]", own_name in any::<Index>(), is_own in any::<bool>(), put in value(),
        is_expected in any::<bool>(),
    ) {
        let text = value.to_string();
        let names: Vec<String> = value.as_object().into_iter().flat_map(Map::keys).cloned().collect();
        let name = if is_own && !names.is_empty() { own_name.get(&names).clone() } else { name };
        let field_path = [name.clone()];
        let ways: &[&[String]] = if is_expected { &[&field_path] } else { &[] };
        let mut draft = Draft::read(&text, ways).expect("JSON");
        let changed = draft.put(std::slice::from_ref(&name), (&put).into());
        let element = name.parse::<usize>().ok();
        match &mut value {
            Value::Object(map) => {
                let before = map.insert(name, put.clone());
                assert_eq!(changed, before.unwrap_or_default() != put);
            }
            Value::Array(list) if element.is_some_and(|element| element < list.len()) => {
                let before = std::mem::replace(&mut list[element.unwrap_or_default()], put.clone());
                assert_eq!(changed, before != put);
            }
            _ => assert!(!changed),
        }
        assert_eq!(draft.text(), value.to_string());
    }
}

// Calls.

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn an_answer_that_says_it_is_json_is_json_whatever_was_sent(
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
        let mut path = operation.path.clone();
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
    fn what_was_answered_before_is_answered_as_by_a_world_that_answers_for_the_first_time(
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
            // One that may change something, and reads of which most look at what it may have changed.
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
