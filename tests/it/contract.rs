//! Reading contracts: all versions give the same operations, and an error affects only its own part.

use std::sync::Arc;

use serde_json::json;
use standin::diagnostics::SourceFile;

use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::{ApiFolder, Code, Contract, ParameterLocation, PathPattern, Schema, Shape};

use crate::vocabulary::ENGINE;

fn read(documents: &[(&str, serde_json::Value)]) -> Contract {
    let texts: Vec<SourceFile> =
        documents.iter().map(|(name, document)| SourceFile::new(*name, document.to_string())).collect();
    of(texts)
}

fn of(contracts: Vec<SourceFile>) -> Contract {
    Contract::read(&ApiFolder { contracts, ..ApiFolder::default() }, "").expect("there are no resources files")
}

fn swagger_2() -> serde_json::Value {
    json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "basePath": "/v1/", "consumes": ["application/json"],
        "parameters": {"page": {"name": "page", "in": "query", "type": "integer"}},
        "definitions": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}},
        "paths": {"/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": true, "type": "string"}],
            "put": {
                "parameters": [{"$ref": "#/parameters/page"}, {"name": "body", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
                "responses": {"200": {"description": "ok", "examples": {"application/json": {"pet": {"name": "x"}}}}, "default": {"description": "?"}},
            },
        }},
    })
}

#[test]
fn embedded_contracts_have_no_notes() {
    assert_eq!(ENGINE.contract().notes, []);
    assert!(ENGINE.contract().operations.len() >= 20);
}

#[test]
fn swagger_2_document_is_read_with_its_base_path() {
    let contract = read(&[("pets.json", swagger_2())]);
    let [operation] = contract.operations.as_slice() else { panic!("one operation: {:?}", contract.notes) };
    assert_eq!(&*operation.key, "PUT /v1/pets/{id}");
    let places: Vec<_> =
        operation.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.location)).collect();
    assert_eq!(places, [("id", ParameterLocation::Path), ("page", ParameterLocation::Query)]);
    let schema = &operation.body.as_ref().expect("a body").schema;
    assert_eq!(schema.violations(&json!({"age": 3}))[0].missing.as_deref(), Some("name"));
    assert!(operation.responses.get(200).expect("documented").shape().is_some());
}

#[test]
fn response_headers_of_swagger_2_get_no_note() {
    let mut document = swagger_2();
    let answers = document.pointer_mut("/paths/~1pets~1{id}/put/responses").expect("answers");
    answers["302"] = json!({"description": "gone", "headers": {"Location": {"type": "string"}}});
    assert_eq!(read(&[("pets.json", document)]).notes, read(&[("pets.json", swagger_2())]).notes);
}

#[test]
fn openapi_3_document_gives_the_same_operations() {
    let document = json!({
        "openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://api.example.com/v1"}],
        "components": {"schemas": {"Pet": {"type": "object", "required": ["name"]}}},
        "paths": {"/pets/{id}": {"put": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
            "responses": {"200": {"description": "ok", "content": {"application/json": {"example": {"pet": {"name": "x"}}}}}},
        }}},
    });
    let contract = read(&[("pets.json", document)]);
    assert_eq!(&*contract.operations[0].key, "PUT /v1/pets/{id}");
    assert_eq!(contract.operations[0].body.as_ref().expect("a body").schema.violations(&json!({})).len(), 1);
}

#[test]
fn version_of_a_file_without_one_is_inferred() {
    let mut document = swagger_2();
    document.as_object_mut().expect("an object").remove("swagger");
    let contract = read(&[
        ("a.json", document),
        ("b.json", json!({"servers": [{"url": "/v2"}], "paths": {"/x": {"get": {"responses": {}}}}})),
    ]);
    let keys: Vec<&str> = contract.operations.iter().map(|operation| &*operation.key).collect();
    assert_eq!(keys, ["PUT /v1/pets/{id}", "GET /v2/x"]);
    assert_eq!(contract.notes.iter().filter(|note| note.code == Code::VersionMissing).count(), 2);
}

#[test]
fn invalid_files_are_skipped_with_a_note() {
    let texts = [
        SourceFile::new("bad.json", "{"),
        SourceFile::new("old.json", r#"{"swaggerVersion": "1.2"}"#),
        SourceFile::new("one.json", r#"{"swagger": "1.2", "paths": {}}"#),
        SourceFile::new("good.json", swagger_2().to_string()),
    ];
    let contract = of(texts.to_vec());
    assert_eq!(contract.operations.len(), 1);
    let notes: Vec<String> =
        contract.notes.iter().map(|note| format!("{}: {}: {}", note.file, note.code, note.message)).collect();
    insta::assert_snapshot!(notes.join("\n"), @"
    bad.json: file-malformed: invalid JSON: EOF while parsing an object at line 1 column 1
    old.json: version-unsupported: unsupported version: Swagger 1.x (supported: 2.0 and 3.x)
    one.json: version-unsupported: unsupported version 1.2 (supported: 2.0 and 3.x)
    ");
}

#[test]
fn malformed_operations_are_read_partly_and_repeated_ones_are_skipped() {
    let mut document = swagger_2();
    document["paths"]["/odd"] = json!({"get": {"parameters": 7, "responses": 9, "required": true}});
    document["paths"]["/bad"] = json!({"get": "nothing"});
    let contract = read(&[("a.json", document), ("b.json", swagger_2())]);
    let keys: Vec<&str> = contract.operations.iter().map(|operation| &*operation.key).collect();
    assert_eq!(keys, ["PUT /v1/pets/{id}", "GET /v1/odd"]);
    assert_eq!(contract.notes.len(), 4, "{:?}", contract.notes);
}

#[test]
fn values_are_coerced_before_they_are_validated() {
    let schema = json!({"type": "object", "properties": {
        "price": {"type": "number"}, "count": {"type": "integer"}, "on": {"type": "boolean"}, "name": {"type": "string"},
        "list": {"type": "array", "items": {"type": "integer"}}, "gone": {"type": "string"}, "kept": {"type": "string", "x-nullable": true},
        "strict": {"type": "array", "x-nullable": false},
    }});
    let schema = Schema::new(schema, Arc::new(json!({})));
    let mut value = json!({"price": "120.0", "count": "3", "on": "true", "name": 7, "list": {"0": "1", "1": 2}, "gone": null, "kept": null});
    schema.coerce(&mut value, &mut |_| true);
    assert_eq!(value, json!({"price": 120.0, "count": 3, "on": true, "name": "7", "list": [1, 2], "kept": null}));
    assert_eq!(schema.violations(&value), []);
    let mut value = json!({"list": {}, "count": "3.5", "strict": null});
    schema.coerce(&mut value, &mut |_| true);
    assert_eq!(value, json!({"list": [], "count": "3.5", "strict": null}), "an empty object becomes an empty list");
    assert_eq!(schema.violations(&value).len(), 2, "values that cannot be coerced are invalid");
}

#[test]
fn required_name_without_property_is_ignored() {
    let schema =
        json!({"properties": {"pet": {"type": "object", "properties": {"name": {}}, "required": ["pet", "name"]}}});
    let violations = Schema::new(schema, Arc::new(json!({}))).violations(&json!({"pet": {}}));
    assert_eq!(violations.iter().map(|violation| violation.field()).collect::<Vec<_>>(), ["name"]);
}

#[test]
fn properties_and_components_can_be_named_like_keywords() {
    let names = ["example", "examples", "required", "nullable", "xml", "discriminator", "minimum", "properties"];
    let properties: serde_json::Map<_, _> =
        names.iter().map(|name| ((*name).to_owned(), json!({"type": "string", "nullable": true}))).collect();
    let schema = json!({"type": "object", "properties": properties, "required": names, "additionalProperties": false});
    let schema = Schema::new(
        json!({"$ref": "#/components/schemas/discriminator"}),
        Arc::new(json!({"schemas": {"discriminator": schema}})),
    );
    for name in names {
        let whole: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), json!(null))).collect();
        assert_eq!(schema.violations(&whole.clone().into()), []);
        let mut odd = whole.clone();
        odd.insert(name.to_owned(), json!(7));
        assert_eq!(schema.violations(&odd.into()).len(), 1, "{name}");
        let mut incomplete = whole;
        incomplete.shift_remove(name);
        assert_eq!(schema.violations(&incomplete.into()).len(), 1, "{name}");
    }
}

#[test]
fn recursive_and_dangling_references_are_harmless() {
    let components =
        json!({"schemas": {"Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}}});
    let schema = Schema::new(json!({"$ref": "#/components/schemas/Node"}), Arc::new(components));
    let mut deep = json!({});
    for _ in 0..500 {
        deep = json!({"next": deep});
    }
    schema.coerce(&mut deep, &mut |_| true);
    assert_eq!(
        Schema::new(json!({"$ref": "#/components/schemas/None"}), Arc::new(json!({}))).violations(&json!(1)),
        []
    );
}

#[test]
fn work_on_recursive_schemas_is_bounded() {
    let own = json!({"$ref": "#/components/schemas/Own"});
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let every: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), own.clone())).collect();
    let nested = |depth| (0..depth).fold(json!({}), |inner, _| json!({"a": inner}));
    for component in [
        json!({"allOf": [own, own]}),
        json!({"allOf": [{"properties": {"a": own}}, {"properties": {"a": own}}]}),
        json!({"oneOf": [own, own]}),
        json!({"type": "object", "additionalProperties": {"oneOf": [own, own, own]}}),
        json!({"type": "object", "required": names, "properties": every}),
        json!({"type": "object", "required": names, "properties": every, "example": {}}),
        json!({"type": "array", "minItems": 16, "items": own, "example": []}),
        json!({"type": "string", "maxLength": 9, "pattern": "(((x{99}){99}){99}){99}"}),
        json!({"type": "string", "pattern": "((((((((x*)*)*)*)*)*)*)*)*"}),
    ] {
        let schema = Schema::new(own.clone(), Arc::new(json!({"schemas": {"Own": component}})));
        let start = std::time::Instant::now();
        generate(&schema, &mut stream(0, ""));
        repair(&schema, nested(5), &mut stream(0, ""));
        schema.coerce(&mut nested(40), &mut |_| true);
        assert!(start.elapsed().as_secs() < 20, "{schema:?}");
    }
}

#[test]
fn generated_values_are_valid_and_reproducible() {
    use rand_chacha::rand_core::SeedableRng as _;
    let components = Arc::new(json!({"schemas": {
        "Node": {"type": "object", "required": ["uid"], "properties": {"uid": {"type": "string"}, "next": {"$ref": "#/components/schemas/Node"}}},
        "Base": {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": ["a", "b"]}}},
    }}));
    let schema = json!({"type": "object", "required": ["id", "tree", "all", "list", "count"], "properties": {
        "id": {"type": "string", "format": "uuid"}, "tree": {"$ref": "#/components/schemas/Node"},
        "all": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"more": {"type": "boolean"}}, "required": ["more"]}]},
        "list": {"type": "array", "minItems": 3, "items": {"type": "integer", "minimum": 5, "maximum": 6}},
        "count": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 5}, "name": {"type": "string", "minLength": 30, "maxLength": 40},
        "one": {"oneOf": [{"type": "string", "example": "x"}]}, "none": {"type": ["null", "integer"]},
    }});
    let schema = Schema::new(schema, components);
    let made = |seed| generate(&schema, &mut rand_chacha::ChaCha8Rng::seed_from_u64(seed));
    for seed in 0..50 {
        assert_eq!(schema.violations(&made(seed)), [], "{}", made(seed));
    }
    assert_eq!(made(1), made(1));
    assert_ne!(made(1), made(2));
}

#[test]
fn shape_has_names_order_and_types_of_the_example() {
    let shape = Shape::of(
        &json!({"b": "1.0", "a": [{"at": "2026-01-12T10:30:00Z"}], "t": "2025-08-05T09:54:24.230+03:00", "n": null}),
    );
    let Shape::Object(members) = &shape else { panic!("{shape:?}") };
    assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["b", "a", "t", "n"]);
    assert!(matches!(shape.get("t"), Some(Shape::Time { millis: true, offset: true })));
    assert!(shape.needs_zone() && !shape.get("a").expect("a").needs_zone());
}

#[test]
fn path_pattern_matches_whole_segments() {
    let matches = |pattern: &str, path: &str| PathPattern::parse(pattern).expect("a pattern").matches(path);
    assert!(matches("/a/**", "/a") && matches("/a/**", "/a/b/c") && !matches("/a/**", "/ab"));
    assert!(matches("/a/*/c", "/a/b/c") && !matches("/a/*/c", "/a/b") && matches("/a/{id}", "/a/b"));
    assert!(PathPattern::parse("a").is_none() && PathPattern::parse("/**/a").is_none());
}

#[test]
fn features_of_openapi_3_1_and_3_2_are_read() {
    let contract = read(&[(
        "new.json",
        json!({"openapi": "3.2.0", "info": {"title": "t", "version": "1"}, "paths": {"/pets": {
            "query": {"responses": {"200": {"description": "ok"}}},
            "additionalOperations": {"COPY": {"responses": {"204": {"description": "ok"}}}},
            "get": {"responses": {"2XX": {"description": "ok", "content": {"application/json": {"schema": {"type": ["string", "null"], "const": "x"}}}}}},
        }}}),
    )]);
    let mut keys: Vec<(&str, u16)> =
        contract.operations.iter().map(|operation| (&*operation.key, operation.success())).collect();
    keys.sort_unstable();
    assert_eq!(keys, [("COPY /pets", 204), ("GET /pets", 200), ("QUERY /pets", 200)]);
    let get =
        contract.operations.iter().find(|operation| *operation.key == *"GET /pets").expect("the operation exists");
    assert_eq!(get.responses.get(200).expect("documented").sample(), Some(&json!("x")));
}

#[test]
fn invalid_parts_of_an_example_are_repaired_and_the_rest_stays() {
    let schema = json!({"type": "object", "required": ["id", "kind"], "additionalProperties": false, "properties": {
        "id": {"type": "integer"}, "kind": {"enum": ["cat", "dog"]}, "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object", "nullable": true}, "code": {"type": "string", "pattern": "^[A-Z]{3}-\\d+$"},
    }});
    let schema = Schema::new(schema, Arc::new(json!({})));
    let example =
        json!({"id": "7", "kind": "Dog", "name": null, "tags": "none", "owner": null, "more": 1, "code": "x"});
    let fitted = repair(&schema, example, &mut stream(0, "x"));
    assert_eq!(schema.violations(&fitted), []);
    assert_eq!((&fitted["id"], &fitted["kind"], &fitted["owner"]), (&json!(7), &json!("dog"), &json!(null)));
}
