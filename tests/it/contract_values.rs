//! Values that are generated from schemas, and values that keep their text and digits.

use std::sync::Arc;

use serde_json::{Value, json};
use standin::openapi::Schema;
use standin::openapi::generate::generate;
use standin::openapi::random::stream;
use standin::request::{Checking, Settings};

use crate::served::Served;

/// Generated values of a schema, all of them valid.
fn generated(schema: &Value) -> Vec<Value> {
    let schema = Schema::new(schema.clone(), Arc::new(json!({})));
    let values = (0..20).map(|seed| generate(&schema, &mut stream(seed, "")));
    let check = |value: Value| {
        assert_eq!(schema.violations(&value), [], "{value} for {schema:?}");
        value
    };
    values.map(check).collect()
}

#[test]
fn generated_text_matches_its_pattern_and_length() {
    for (pattern, lengths) in [
        ("^(?=.*[A-Z])(?=.*[a-z])(?=.*\\d)[A-Za-z\\d]{8,12}$", json!({})),
        ("^(?!foo)[a-z]{3,5}$", json!({})),
        ("^([ab])-\\1$", json!({})),
        ("^[A-Z]+$", json!({"minLength": 30, "maxLength": 31})),
        ("^.{2,}@.{2,}\\.[a-z]{2,3}$", json!({"maxLength": 12})),
        ("^\\w[\\w-]*\\w$", json!({"minLength": 6, "maxLength": 8})),
        ("^\\+[1-9]\\d{1,14}$", json!({"minLength": 12})),
        ("^\\p{Lu}{3}$", json!({})),
        ("^S-", json!({})),
    ] {
        let mut schema = json!({"type": "string", "pattern": pattern});
        schema.as_object_mut().expect("an object").extend(lengths.as_object().cloned().expect("an object"));
        generated(&schema);
    }
}

#[test]
fn example_that_matches_its_pattern_is_used() {
    assert_eq!(generated(&json!({"type": "string", "pattern": "^[a-z]{2}-[A-Z]{2}$", "example": "de-AT"}))[0], "de-AT");
}

#[test]
fn generated_text_has_its_format_within_the_length() {
    for format in ["email", "uri", "hostname", "ipv4", "ipv6", "date-time", "uuid", "duration", "json-pointer", "regex"]
    {
        generated(&json!({"type": "string", "format": format}));
    }
    generated(&json!({"type": "string", "format": "email", "maxLength": 10}));
    generated(&json!({"type": "string", "format": "uri", "minLength": 40, "maxLength": 45}));
    assert_eq!(generated(&json!({"type": "string", "contentEncoding": "base64"}))[0], "c3RhbmRpbg==");
    assert_eq!(generated(&json!({"type": "string", "format": "decimal"}))[0], "1.0");
}

#[test]
fn generated_numbers_are_within_narrow_bounds() {
    for schema in [
        json!({"type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 0.001, "exclusiveMaximum": true}),
        json!({"type": "number", "multipleOf": 0.01, "minimum": 0.07, "maximum": 0.09}),
        json!({"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 20}),
        json!({"type": "integer", "minimum": 5, "exclusiveMinimum": true, "maximum": 6}),
        json!({"type": "number", "minimum": -1.5, "maximum": -1.25}),
        json!({"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 2]}}),
        json!({"type": "number", "minimum": 1e300}),
    ] {
        generated(&schema);
    }
}

#[test]
fn generated_collections_satisfy_their_keywords() {
    for schema in [
        json!({"type": "array", "minItems": 40, "items": {"type": "integer"}}),
        json!({"type": "array", "minItems": 3, "uniqueItems": true, "items": {"enum": ["a", "b", "c"]}}),
        json!({"type": "array", "minItems": 2, "uniqueItems": true, "items": {"type": "boolean"}}),
        json!({"type": "array", "minItems": 2, "uniqueItems": true, "items": {"type": "integer", "maximum": -153}}),
        json!({"type": "array", "minItems": 4, "uniqueItems": true, "items": {"type": "integer", "maximum": 2}}),
        json!({"type": "array", "minItems": 4, "uniqueItems": true, "items": {"type": "string", "format": "email"}}),
        json!({"type": "array", "items": {"type": "integer", "minimum": 0}, "contains": {"minimum": 100}, "minContains": 2}),
        json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false, "minItems": 2}),
        json!({"type": "object", "minProperties": 3, "additionalProperties": {"type": "integer"}}),
        json!({"type": "object", "minProperties": 2, "propertyNames": {"pattern": "^[a-z]{2}$"}, "additionalProperties": {"type": "string"}}),
        json!({"type": "object", "patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": false, "minProperties": 1}),
        json!({"type": "object", "maxProperties": 1, "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}),
        json!({"type": "object", "required": ["card"], "properties": {"card": {"type": "string"}}, "dependentRequired": {"card": ["address"], "address": ["city"]}}),
        json!({"type": "object", "properties": {"kind": {"enum": ["a"]}}, "required": ["kind"],
            "if": {"properties": {"kind": {"const": "a"}}}, "then": {"required": ["extra"], "properties": {"extra": {"type": "integer"}}}}),
        json!({"allOf": [{"type": "string", "minLength": 4}, {"maxLength": 5}]}),
        json!({"allOf": [{"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}]}),
        json!({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}),
    ] {
        generated(&schema);
    }
}

const PETS: &str = r##"
openapi: 3.0.3
paths:
  /pets:
    post:
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/AnyPet"}}}}
      responses: {"201": {content: {application/json: {schema: {$ref: "#/components/schemas/AnyPet"}}}}}
  /pet: {get: {responses: {"200": {content: {application/json: {schema: {$ref: "#/components/schemas/AnyPet"}}}}}}}
components:
  schemas:
    AnyPet:
      oneOf: [{$ref: "#/components/schemas/Cat"}, {$ref: "#/components/schemas/Dog"}, {$ref: "#/components/schemas/Fish"}]
      discriminator: {propertyName: type, mapping: {dog: "#/components/schemas/Dog", cat: Cat}}
    Pet: {type: object, required: [name, type], properties: {name: {type: string}, type: {type: string}}}
    Fish: {$ref: "#/components/schemas/Pet"}
    Cat: {allOf: [{$ref: "#/components/schemas/Pet"}, {properties: {skill: {enum: [lazy, brave]}}}]}
    Dog: {allOf: [{$ref: "#/components/schemas/Pet"}, {required: [size], properties: {size: {type: integer, minimum: 1}}}]}
"##;

#[test]
fn discriminator_selects_the_schema_of_a_body() {
    let api = Served::new(PETS, Settings { checking: Checking::Documented, ..Settings::default() });
    let status = |body: &str| api.post("/pets", body).status;
    assert_eq!(status(r#"{"name": "Rex", "type": "dog", "size": 3}"#), 201, "this is a valid cat as well");
    assert_eq!(status(r#"{"name": "Tom", "type": "cat", "skill": "lazy"}"#), 201);
    assert_eq!(status(r#"{"name": "Nemo", "type": "Fish"}"#), 201, "the name of a schema is its implied value");
    assert_eq!(status(r#"{"name": "Rex", "type": "dog"}"#) / 100, 4);
    assert_eq!(status(r#"{"name": "Tom", "type": "cat", "skill": "none"}"#) / 100, 4);
    assert_eq!(status(r#"{"name": "Liz", "type": "lizard"}"#) / 100, 4);
}

#[test]
fn generated_value_names_the_schema_that_its_discriminator_selects() {
    let api = Served::new(PETS, Settings::default());
    assert_eq!(api.get("/pet").json()["type"], "cat");
    let dog = api.post("/pets", r#"{"name": "Rex", "type": "dog", "size": 3}"#).json();
    assert_eq!((&dog["type"], &dog["size"], dog.get("skill")), (&json!("dog"), &json!(3), None));
}

const ACCOUNTS: &str = r##"
openapi: 3.0.3
paths:
  /given: {get: {responses: {"200": {content: {application/json: {
    schema: {$ref: "#/components/schemas/Account"},
    example: {zip: 01234, release: 1.10, phone: +4123456, hex: 0x1F, exp: 1e3, long: 98765432109876543210, n: 007, codes: [01, 02]}}}}}}}
  /made: {get: {responses: {"200": {content: {application/json: {schema: {$ref: "#/components/schemas/Account"}}}}}}}
components:
  schemas:
    Account:
      type: object
      properties:
        zip: {type: string, example: 01234}
        release: {type: string, example: 1.10}
        phone: {type: string, default: +4123456}
        hex: {type: string, enum: [0x1F]}
        exp: {type: string, example: 1e3}
        long: {type: string, example: 98765432109876543210}
        n: {type: integer, example: 007}
        codes: {type: array, items: {type: string, enum: [01, 02]}, example: [01, 02]}
"##;

#[test]
fn plain_scalars_keep_their_text_where_the_schema_is_a_string() {
    let api = Served::new(ACCOUNTS, Settings::default());
    for path in ["/given", "/made"] {
        let expected = json!({"zip": "01234", "release": "1.10", "phone": "+4123456", "hex": "0x1F", "exp": "1e3",
            "long": "98765432109876543210", "n": 7, "codes": ["01", "02"]});
        assert_eq!(api.get(path).json(), expected, "{path}");
    }
}

const THINGS: &str = r#"
openapi: 3.0.3
paths:
  /given: {get: {responses: {"200": {content: {application/json: {example: {big: 1000000000000100000001, u64: 18446744073709551615, cents: 0.10, fraction: 0.12345678901234567890}}}}}}}
  /things:
    get: {responses: {"200": {content: {application/json: {schema: {type: array, items: {type: object}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {id: {type: integer}, n: {type: number}, text: {type: string}}}}}}
      responses: {"201": {content: {application/json: {schema: {type: object, properties: {id: {type: integer}, n: {type: number}, text: {type: string}, free: {}}}}}}}
  /things/{id}: {get: {responses: {"200": {content: {application/json: {schema: {type: object, properties: {id: {type: integer}, n: {type: number}, free: {}}}}}}}}}
"#;

#[test]
fn numbers_keep_all_their_digits() {
    let api = Served::new(THINGS, Settings::default());
    let given = api.get("/given").text;
    for part in
        ["\"big\":1000000000000100000001,", "\"u64\":18446744073709551615,", "\"cents\":0.1,", "0.1234567890123456789"]
    {
        assert!(given.contains(part), "{part} in {given}");
    }
    let long = "1234567890123456789012345678901234567890";
    let body = format!(
        r#"{{"id": 9007199254740993, "n": 1000000000000100000001, "text": "{long}", "free": {{"deep": [{long}, 0.1]}}}}"#
    );
    let posted = api.post("/things", &body);
    assert_eq!(posted.status, 201, "{}", posted.text);
    for text in [posted.text, api.get("/things/9007199254740993").text] {
        assert!(text.contains("\"id\":9007199254740993") && text.contains("\"n\":1000000000000100000001"), "{text}");
        assert!(text.contains(&format!("[{long},0.1]")), "{text}");
    }
    assert_eq!(api.get("/things/9007199254740992").status, 404);
}
