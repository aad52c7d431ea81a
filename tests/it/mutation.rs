//! Mutates contracts: nodes are deleted, replaced, duplicated, renamed and made recursive; texts are truncated and get
//! flipped bytes. The fuzz targets use this file as well.

use rand::{Rng, RngExt as _};
use serde_json::{Value, json};

/// Keywords of OpenAPI and JSON Schema with values that are likely to cause errors.
fn keyword(random: &mut impl Rng) -> (&'static str, Value) {
    let choices = [
        ("$ref", json!("#")),
        ("type", json!(["null", "integer"])),
        ("type", json!("array")),
        ("type", json!("number")),
        ("type", json!("object")),
        ("nullable", json!(true)),
        ("enum", json!([])),
        ("enum", json!([null, 1, "é"])),
        ("const", json!({"a": 1})),
        ("default", json!("")),
        ("example", json!({})),
        ("examples", json!({"one": {"value": "{"}})),
        ("required", json!(true)),
        ("required", json!(["a", "a", "b", 7])),
        ("properties", json!({"a": {"$ref": "#/components/schemas/A"}, "required": {"type": "string"}})),
        ("additionalProperties", json!(false)),
        ("additionalProperties", json!({"type": "integer"})),
        ("items", json!({"type": "string", "minLength": 3})),
        ("minItems", json!(1_000_000_000)),
        ("maxItems", json!(0)),
        ("minLength", json!(u64::MAX)),
        ("maxLength", json!(0)),
        ("pattern", json!("^(a|[^b]*){2,3}\\d+$")),
        ("pattern", json!("(((x{99}){99}){99}){99}")),
        ("pattern", json!("(?!a)[")),
        ("pattern", json!("^(?=.*[A-Z])(?!foo)([ab])\\1$")),
        ("uniqueItems", json!(true)),
        ("contains", json!({"minimum": 100})),
        ("minProperties", json!(1_000_000_000)),
        ("maxProperties", json!(0)),
        ("propertyNames", json!({"pattern": "^[a-z]{2}$"})),
        ("patternProperties", json!({"^x-": {"$ref": "#/components/schemas/A"}})),
        ("dependentRequired", json!({"a": ["b"], "b": ["a"]})),
        ("prefixItems", json!([{"type": "string"}, {"$ref": "#/components/schemas/A"}])),
        ("not", json!({})),
        ("if", json!({"$ref": "#"})),
        ("then", json!(false)),
        ("discriminator", json!({"propertyName": "a", "mapping": {"x": "#/components/schemas/A"}})),
        ("format", json!("uuid")),
        ("minimum", json!(f64::MAX)),
        ("maximum", json!(i64::MIN)),
        ("exclusiveMinimum", json!(true)),
        ("exclusiveMaximum", json!(-1.5)),
        ("multipleOf", json!(0)),
        ("multipleOf", json!(5e-324)),
        ("oneOf", json!([])),
        ("anyOf", json!([{"type": "null"}, {"$ref": "#/components/schemas/A"}])),
        ("allOf", json!([{"$ref": "#"}, {"$ref": "#/components/schemas/A"}])),
        ("parameters", json!([{"name": "a", "in": "query"}, {"$ref": "#/parameters/a"}, {}])),
        ("servers", json!([{"url": "{a}://x/{b}/v1"}])),
        ("basePath", json!("{/}")),
        ("consumes", json!(["", "multipart/form-data"])),
        ("responses", json!({"2XX": {"$ref": "#/responses/A"}, "default": {}, "ÖXX": {}, "999": {}})),
        ("content", json!({"application/json": {"schema": {"$ref": "#"}}, "": null})),
        ("openapi", json!(3)),
        ("swagger", json!("2.0")),
    ];
    let index = random.random_range(0..choices.len());
    choices.into_iter().nth(index).expect("the index is within the list")
}

fn odd_name(random: &mut impl Rng) -> String {
    let names = [
        "",
        "$ref",
        "type",
        "properties",
        "required",
        "example",
        "get",
        "é\u{0}\u{1F600}",
        "{",
        "}",
        "{}",
        "{*a}",
        "/",
        "//",
        "/a/{id}/{id}",
        "/{a}{b}",
        "/{{a}}",
        "/*",
        "/{a}.json",
        "~1~0",
        "%",
        "#/a",
        "default",
        "200",
    ];
    match random.random_range(0..=names.len()) {
        last if last == names.len() => "long ".repeat(2_000),
        index => names[index].to_owned(),
    }
}

fn odd_value(random: &mut impl Rng) -> Value {
    match random.random_range(0..10) {
        0 => Value::Null,
        1 => Value::Bool(random.random()),
        2 => json!(random.random::<i64>()),
        3 => json!(u64::MAX),
        4 => json!([1e308, -5e-324, 0.1][random.random_range(0..3)]),
        5 => json!([]),
        6 => json!({}),
        7 => json!([[{"a": [null]}]]),
        _ => odd_name(random).into(),
    }
}

/// The number of values in a value, including itself.
fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(size).sum::<usize>(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}

/// The value at an index in document order, and its JSON pointer.
fn nth(value: &mut Value, index: usize, pointer: String) -> (&mut Value, String) {
    if index == 0 {
        return (value, pointer);
    }
    let parts: Vec<(String, &mut Value)> = match value {
        Value::Array(list) => list.iter_mut().enumerate().map(|(index, part)| (index.to_string(), part)).collect(),
        Value::Object(map) => {
            map.iter_mut().map(|(name, part)| (name.replace('~', "~0").replace('/', "~1"), part)).collect()
        }
        _ => Vec::new(),
    };
    let mut left = index - 1;
    for (name, part) in parts {
        let size = size(part);
        if left < size {
            return nth(part, left, format!("{pointer}/{name}"));
        }
        left -= size;
    }
    unreachable!("the index is below the size")
}

/// Any node of a document and its JSON pointer.
pub(crate) fn any_node<'v>(value: &'v mut Value, random: &mut impl Rng) -> (&'v mut Value, String) {
    let index = random.random_range(0..size(value));
    nth(value, index, String::new())
}

/// Changes one node of a document.
pub(crate) fn mutate(document: &mut Value, random: &mut impl Rng) {
    let (other, pointer) = any_node(document, random);
    let other = other.clone();
    let name = odd_name(random);
    let (node, _) = any_node(document, random);
    match (random.random_range(0..9), node) {
        (0, Value::Object(map)) if !map.is_empty() => {
            let name = map.keys().nth(random.random_range(0..map.len())).expect("a name").clone();
            map.shift_remove(&name);
        }
        (0, Value::Array(list)) => {
            list.pop();
        }
        (1, Value::Object(map)) if !map.is_empty() => {
            let copy = map.values().nth(random.random_range(0..map.len())).expect("a value").clone();
            map.insert(name, copy);
        }
        (1, Value::Array(list)) if !list.is_empty() => list.push(list[0].clone()),
        (2, Value::Object(map)) if !map.is_empty() => {
            let old = map.keys().nth(random.random_range(0..map.len())).expect("a name").clone();
            let value = map.shift_remove(&old).expect("the key exists");
            map.insert(name, value);
        }
        (3 | 4, Value::Object(map)) => {
            let (name, value) = keyword(random);
            map.insert(name.to_owned(), value);
        }
        // A reference to any value of the document, including itself and its ancestors.
        (5, node) => *node = json!({"$ref": format!("#{pointer}")}),
        (6, node) => *node = other,
        (7, node) => *node = if random.random() { json!([node.take()]) } else { json!({ name: node.take() }) },
        (_, node) => *node = odd_value(random),
    }
}

/// Changes a text: truncates it, flips a byte, or duplicates, removes or inserts a part.
pub(crate) fn mutate_text(text: &str, random: &mut impl Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let start = random.random_range(0..=bytes.len());
    let end = (start + random.random_range(0..200)).min(bytes.len());
    match random.random_range(0..5) {
        0 => bytes.truncate(start),
        1 => {
            let part = bytes[start..end].to_vec();
            bytes.splice(start..start, part);
        }
        2 => {
            bytes.drain(start..end);
        }
        3 => bytes.splice(start..start, *b"\n- &a [*a, ? {\xff: |").for_each(drop),
        _ => {
            if let Some(byte) = bytes.get_mut(start) {
                *byte ^= 1 << random.random_range(0..8);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
