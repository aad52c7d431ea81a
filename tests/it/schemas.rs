//! The JSON Schemas of the files that people write: embedded files match them, and they are as strict as the readers.

use std::path::Path;
use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::Index;
use rand::{Rng, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};
use standin::api::{self, Api, ScenarioFiles};
use standin::diagnostics::{Diagnostics, SourceFile, YamlNode};
use standin::openapi::{ApiFolder, Resources, resource};
use standin::quirks::{self, Quirks};
use standin::request::ErrorKind;
use standin::scenarios::{self, Proof, Scenario};

use crate::mutation::any_node;
use crate::properties::cases;
use crate::vocabulary::ENGINE;

/// A kind of file that people write.
struct Kind {
    schema: Validator,
    /// The path of the schema in the repository.
    path: &'static str,
    embedded: Vec<SourceFile>,
    /// Files with the keys that no embedded file has.
    others: Vec<SourceFile>,
    read: fn(&SourceFile) -> Result<(), Diagnostics>,
}

fn parse_schema(text: &str) -> Value {
    serde_json::from_str(text).expect("a schema is JSON")
}

fn compile(text: &str) -> Validator {
    jsonschema::validator_for(&parse_schema(text)).expect("a valid schema")
}

static API: LazyLock<Kind> = LazyLock::new(|| Kind {
    schema: compile(api::JSON_SCHEMA),
    path: "src/api/standin.schema.json",
    embedded: ApiFolder::embedded().settings,
    others: vec![SourceFile::new(
        "standin.yaml",
        "extends: base\nhosts: api.example.com\nseparate_hosts: {files: /v1/files}\n\
         documented_headers: true\nobserved: [2026-02, 2025-12]\n\
         gateways: {public: {prefixes: /public, title: Public}}\n\
         dialects: [{name: all, paths: /**, success: {result: {data: $data}}, errors: {absent: {status: [404, 410]}}}]\n",
    )],
    read: |file| Api::read(file, &|name| (name == "base").then(|| Ok(Api::clone(ENGINE.api())))).map(drop),
});

static QUIRKS: LazyLock<Kind> = LazyLock::new(|| Kind {
    schema: compile(quirks::JSON_SCHEMA),
    path: "src/quirks/quirks.schema.json",
    embedded: ApiFolder::embedded().quirks,
    others: vec![SourceFile::new(
        "all.quirks.yaml",
        "quirks:\n  - id: all-conditions\n    on: a\n    off: b\n    default: 'off'\n    since: 2026-02\n    until: 2026-03\n    evidence: []\n    when:\n      \
         {path: [/a/*, /b/**], operation: [GET /a, PUT /b/*], except: /a/c, method: [GET, PUT], gateway: main, token: [staff], headers: {a: present},\n      \
         query: {b: [1, two, null]}, body: {c/d: {not: [x]}}, record: {state: open}, kind: order, without_feature: f}\n    \
         override: {status: 201, at: /a, value: null}\n    \
         proof: [{id: s, description: d, method: get, path: /a/1, token: staff, useFallbackApi: true, params: {a: [1]},\n      \
         extract: {x: $.a || 'none'}, expect: {status: ['201', 202]}, onFail: warn, on: {status: 201}, off: {}}]\n",
    )],
    read: |file| {
        let files = std::slice::from_ref(file);
        Proof::check(&Quirks::read(files, ENGINE.api())?, files)
    },
});

static RESOURCES: LazyLock<Kind> = LazyLock::new(|| Kind {
    schema: compile(resource::JSON_SCHEMA),
    path: "src/openapi/resource/resources.schema.json",
    embedded: ApiFolder::embedded().resources,
    others: vec![SourceFile::new("shop.resources.yaml", RESOURCES_SAMPLE)],
    read: |file| Resources::read(std::slice::from_ref(file), "").map(drop),
});

/// A resources file with all keys.
const RESOURCES_SAMPLE: &str = r#"operations: {GET /v1/status: status.read}
kinds: [note, draft]
functions: {net(line): line.price * line.count}
procedures:
  write(text):
    - {create: note, id: uid(), set: {text: text}, as: note}
    - {return: note}
order:
  plural: orders
  aliases: purchase
  paths: /v1/*/orders
  fields:
    lines: {type: {list: {object: {sku: text, count: integer}}}, required: true, default: null}
    count: {type: integer, computed: "record.lines.map(l, l.count).sum()"}
    note: {type: text, hidden: true}
    state: text
    due_on: date
  derive: {is_large: record.count > 10}
  lifecycle:
    field: state
    states: [open, paid, expired]
    transitions:
      - {on: 'POST /v1/orders/{id}/pay', from: open, when: record.count > 0, to: paid, set: {note: "'paid'", count: 3}, error: The order is not open}
      - {on: 'POST /v1/orders/{id}/reopen', from: [paid], to: open, error: {open: It is open, other: It is expired}}
      - {after: 3d, since: due_on, from: [open], to: expired}
  rules:
    - {on: [create, 'POST /v1/orders/{id}/pay'], reject: record.count < 1, error: conflict, status: 409, field: lines, message: The order is empty}
  effects:
    - on: create
      when: record.count > 1
      for_each: record.lines
      create: {kind: line, id: item.sku, set: {order_id: record.id, count: item.count}}
    - {on: delete, delete: {kind: line, where: target.order_id == record.id}}
    - {enters: [paid], update: {kind: line, id: record.note, missing: There is no line, set: {count: target.count + 1}}}
  cascade: {line: order_id}
  merge_by: {labels: key}
  operations:
    POST /v1/orders: orders.create
    GET /v1/orders:
      - {owner: optional}
      - {list: orders, of: all_own('order'), where: item.count > 1, view: item, hide: query.hide, aliases: {number: count}, declared: true, pages: has(query.page)}
    POST /v1/orders/{id}/ship:
      - {find: order, id: path.id, as: order, error: not_found, status: 410, field: id, message: There is no order, unknown: false}
      - {require: [address]}
      - {when: order.count > 9, reject: order.state != 'paid', error: absent, field: id, message: The order is not paid, unknown: true}
      - let: {lines: order.lines, last: null}
      - for_each: lines
        do: [{call: write, with: {text: item.sku}, as: last}]
      - {update: order, set: {note: last.text}, as: order}
      - {delete: all('draft')}
      - {respond: {order: order}, status: 202}
  after:
    'PUT /v1/orders/{id}/note': [{update: record, set: "{'note': body.note}"}]
line: {plural: lines}
"#;

/// A snapshot with all keys.
const SNAPSHOT: &str = r#"{
  "scenario": "default", "seed": 7, "records": {"orders": [{"id": "a", "total": 1.10}]},
  "faults": [{"id": "slow", "latency": {"ms": 1}}],
  "snapshot": {
    "version": 1,
    "clock": {"now": "2026-02-08T10:00:00Z", "frozen": false, "speed": 2.5, "set": true},
    "random": 12,
    "faults": {"last_number": 1, "random": 3, "usage": {"slow": {"matched": 2, "applied": 1, "window": {"begun": "2026-02-08T10:00:00Z", "requests": 1}}}},
    "idempotency": [{"key": {"text": "POST\n/orders\n\n\nk"}, "body": {"base64": "/w=="}, "response": {"status": 201, "headers": [["content-type", "text/plain"]], "body": {"text": "x"}, "caller": "staff", "operation": "POST /orders", "quirks": ["a"]}}],
    "records": [{"kind": "token", "place": 0, "id": "t", "fields": {"kind": "staff"}}],
    "fields": [{"kind": "order", "id": "a", "fields": {"note": null}}],
    "deleted": [{"kind": "order", "place": 1, "id": "b", "fields": {}}],
    "hidden_ids": {"order": ["a"]},
    "numbers": {"order": 9}
  }
}
"#;

static SCENARIO: LazyLock<Kind> = LazyLock::new(|| Kind {
    schema: compile(scenarios::JSON_SCHEMA),
    path: "src/scenarios/scenario.schema.json",
    embedded: {
        let files = ScenarioFiles::embedded(&[]);
        files.names().into_iter().filter_map(|name| files.find(name).cloned()).collect()
    },
    others: vec![
        SourceFile::new("snapshot.json", SNAPSHOT),
        SourceFile::new(
            "own.yaml",
            "scenario: own\nextends: empty\nabout: all keys\nseed: 7\nnow: '2026-02-08T10:00:00Z'\n\
         quirks: {profile: server-bugs, switches: [+a, -b]}\nchecking: documented\nunknown_ids: answer\nexamples: false\n\
         records: {orders: [{id: a, total: null}]}\ngenerate: {orders: 20}\n\
         tokens: {me: {kind: staff, value: abc, staff: a}}\nparams: {order_id: a}\n\
         steps: [{method: POST, path: '{{base}}/orders', headers: {Accept: text/plain}, x_on_behalf_of: false, body: null}]\n",
        ),
    ],
    read: |file| Scenario::read(file).map(drop),
});

fn kinds() -> [&'static Kind; 4] {
    [&API, &QUIRKS, &RESOURCES, &SCENARIO]
}

fn value_of(file: &SourceFile) -> Value {
    YamlNode::read(file).expect("YAML").to_json()
}

#[test]
fn embedded_files_match_their_schema() {
    for kind in kinds() {
        assert!(!kind.embedded.is_empty(), "{}", kind.path);
        for file in kind.embedded.iter().chain(&kind.others) {
            let errors: Vec<String> = kind.schema.iter_errors(&value_of(file)).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}: {errors:#?}", file.name);
            // A file alone may name kinds that other files describe.
            let read = (kind.read)(file);
            let is_of_others = |message: &str| message.starts_with("unknown kind `");
            let wrong = read.err().filter(|errors| !errors.list.iter().all(|error| is_of_others(&error.message)));
            assert_eq!(wrong, None, "{}", file.name);
        }
    }
}

#[test]
fn files_of_the_examples_match_their_schema() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut checked = 0;
    for path in crate::architecture::files(&examples) {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let kind = match name.as_str() {
            "standin.yaml" => &API,
            name if name.ends_with(".quirks.yaml") => &QUIRKS,
            name if name.ends_with(".resources.yaml") => &RESOURCES,
            _ if path.parent().is_some_and(|folder| folder.ends_with("scenarios")) => &SCENARIO,
            _ => continue,
        };
        let text = std::fs::read_to_string(&path).expect("text");
        let value = value_of(&SourceFile::new(&*name, text));
        let errors: Vec<String> = kind.schema.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        checked += 1;
    }
    assert!(checked >= 10, "{checked}");
}

#[test]
fn embedded_files_name_their_schema_in_the_first_line() {
    for kind in kinds() {
        for file in &kind.embedded {
            let up = "../".repeat(file.name.matches('/').count());
            let expected = format!("# yaml-language-server: $schema={up}{}", kind.path);
            assert_eq!(file.text.lines().next(), Some(expected.as_str()), "{}", file.name);
        }
    }
}

#[test]
fn schemas_of_proofs_and_scenarios_describe_steps_alike() {
    let (quirks, scenario) = (parse_schema(quirks::JSON_SCHEMA), parse_schema(scenarios::JSON_SCHEMA));
    for name in ["step", "expect", "json_path", "status"] {
        assert!(scenario["$defs"][name].is_object(), "{name}");
        assert_eq!(quirks["$defs"][name], scenario["$defs"][name], "{name}");
    }
}

#[test]
fn schemas_list_the_names_that_the_code_knows() {
    let (api, quirks) = (parse_schema(api::JSON_SCHEMA), parse_schema(quirks::JSON_SCHEMA));
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let errors = keys(&api["$defs"]["errors"]["properties"]);
    assert_eq!(errors, [&["default"], ErrorKind::ALL.map(|(_, name)| name).as_slice()].concat());
    let quirk = &quirks["$defs"]["quirk"];
    let known = keys(&quirk["properties"]);
    for effect in quirks::EFFECTS {
        assert!(known.iter().any(|key| key == effect.name()), "{}", effect.name());
        let required = json!({"required": [effect.name()]});
        for list in [&quirk["oneOf"], &quirk["if"]["anyOf"]] {
            assert!(list.as_array().is_some_and(|list| list.contains(&required)), "{}", effect.name());
        }
    }
    assert_eq!(quirks["$defs"]["quirk"]["properties"]["area"]["enum"], json!(quirks::Area::ALL.map(|(_, name)| name)));
}

/// Parts of messages about something that a schema cannot know: names that other entries, files or the API declare, and
/// the grammar of times, expressions, JSONPath and variables.
const BEYOND_SCHEMAS: [&str; 39] = [
    ", found ",
    "unknown procedure",
    "unknown parameter",
    "is no name with parameters",
    "functions need each other",
    "in the function",
    " arguments, not ",
    "unknown API",
    "unknown dialect",
    "unknown subject",
    "unknown gateway",
    "unknown kind of token",
    "unknown scenario to extend",
    "is already used in",
    "is defined twice",
    "differs between on and off",
    "tells the quirk on from off",
    "point in time",
    "is not base64",
    "is not a JSONPath: ",
    "is not closed",
    "unknown filter",
    "not a valid expression",
    "unknown name `",
    "unknown function",
    "unknown kind `",
    "unknown state",
    "unknown field of",
    "has no field",
    "has no member",
    "the value is",
    "cannot apply",
    "computed fields need each other",
    "causes itself without end",
    "needs a lifecycle",
    "is not a span of time",
    "and `to` needs `from`",
    "is not a field with a date or a time",
    "has two handlers or roles",
];

/// Changes the structure of a document: renames, drops or adds a key, or changes the type of a value, also to a value from
/// elsewhere in the document. Whole numbers with a fraction (`15.0`) are not copied: JSON Schema counts them as integers.
fn mutate(document: &mut Value, random: &mut impl Rng) {
    let (other, _) = any_node(document, random);
    let other = other.clone();
    let (node, _) = any_node(document, random);
    let replacement = match random.random_range(0..9) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(7),
        3 => json!(1.5),
        4 => json!("text"),
        5 => json!([]),
        6 => json!({}),
        7 => json!({"text": ["text"]}),
        _ if has_whole_fraction(&other) => json!([1]),
        _ => other,
    };
    match (random.random_range(0..4), node) {
        (operation @ 0..3, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(random.random_range(0..map.len())).expect("the index is within the map").clone();
            match operation {
                0 => map.shift_remove(&key).map(|value| map.insert(format!("{key}_x"), value)).map(drop),
                1 => map.shift_remove(&key).map(drop),
                _ => map.insert("unknown_key".to_owned(), replacement).map(drop),
            };
        }
        (_, node) => *node = replacement,
    }
}

fn has_whole_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|float| number.is_f64() && float.fract() == 0.0),
        Value::Array(list) => list.iter().any(has_whole_fraction),
        Value::Object(map) => map.values().any(has_whole_fraction),
        _ => false,
    }
}

fn check_mutation(kind: &Kind, file: &SourceFile, mutations: usize, seed: u64) {
    let mut document = value_of(file);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..mutations {
        mutate(&mut document, &mut random);
    }
    let read = (kind.read)(&SourceFile::new(&*file.name, document.to_string()));
    match (kind.schema.validate(&document), read) {
        (Ok(()), Ok(())) | (Err(_), Err(_)) => {}
        (Err(error), Ok(())) => {
            panic!("{}: the schema alone rejects it: {error} at {}", file.name, error.instance_path())
        }
        (Ok(()), Err(diagnostics)) => {
            let is_beyond = |message: &str| BEYOND_SCHEMAS.iter().any(|part| message.contains(part));
            let mut messages = diagnostics.list.iter().map(|diagnostic| &diagnostic.message);
            assert!(
                messages.all(|message| is_beyond(message)),
                "{}: the reader alone rejects it: {:?}",
                file.name,
                diagnostics.list
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    // What the schema rejects, the reader rejects. What the reader rejects, the schema rejects too, except for references
    // and grammars that a schema cannot check. Records are checked further when a scenario is seeded; that is not compared.
    #[test]
    fn readers_and_schemas_accept_the_same_files(
        kind in 0..4_usize, file in any::<Index>(), is_other in prop::bool::weighted(0.3), mutations in 1..3_usize,
        seed in any::<u64>(),
    ) {
        let kind = kinds()[kind];
        let files = if is_other { &kind.others } else { &kind.embedded };
        check_mutation(kind, file.get(files), mutations, seed);
    }
}

#[test]
fn entries_without_a_value_are_rejected_unless_null_is_a_value() {
    let message = |kind: &Kind, text: &str| {
        let file = SourceFile::new("own.yaml", text);
        assert_eq!(kind.schema.is_valid(&value_of(&file)), (kind.read)(&file).is_ok(), "{text}");
        (kind.read)(&file).err().map(|diagnostics| diagnostics.to_string())
    };
    assert_eq!(
        message(&SCENARIO, "scenario: x\nsteps:\n").as_deref(),
        Some("own.yaml:2:1: `steps` has no value (write a value, or remove the entry)")
    );
    assert_eq!(
        message(&API, "name: x\ndialects: [{paths: /**, public: }]\n").as_deref(),
        Some("own.yaml:2:25: `public` has no value (write a value, or remove the entry)")
    );
    assert_eq!(
        message(&RESOURCES, "operations:\norder: {plural: orders}\n").as_deref(),
        Some("own.yaml:1:1: `operations` has no value (write a value, or remove the entry)")
    );
    assert_eq!(message(&RESOURCES, "order: {plural: orders, fields: {note: {type: text, default: null}}}\n"), None);
    assert_eq!(message(&SCENARIO, "scenario: x\nrecords: {orders: [{id: a, note: null}]}\n"), None);
}

#[test]
fn wrong_name_to_extend_is_reported_without_demanding_a_name() {
    let file = SourceFile::new("standin.yaml", "extends: intandm\n");
    let diagnostics = (API.read)(&file).expect_err("there is no such API");
    let messages: Vec<&str> = diagnostics.list.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    assert_eq!(messages, ["unknown API `intandm`"]);
}
