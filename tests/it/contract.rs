//! ParseMode contracts: every version in one form, and what is wrong costs only itself.

use std::sync::Arc;

use serde_json::json;
use standin::diagnostics::SourceFile;

use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::{ApiFolder, Code, Contract, ParameterLocation, PathPattern, Resources, Schema, Shape};

use crate::vocabulary::ENGINE;

fn read(documents: &[(&str, serde_json::Value)]) -> Contract {
    let texts: Vec<SourceFile> =
        documents.iter().map(|(name, document)| SourceFile::new(*name, document.to_string())).collect();
    of(texts)
}

fn of(contracts: Vec<SourceFile>) -> Contract {
    Contract::read(&ApiFolder { contracts, ..ApiFolder::default() }, &|_| true).expect("no resources, no complaints")
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
fn the_embedded_contracts_are_read_without_a_note() {
    assert_eq!(ENGINE.contract().notes, []);
    assert!(ENGINE.contract().operations.len() >= 20);
}

#[test]
fn a_2_0_document_becomes_operations_with_their_base_path() {
    let contract = read(&[("pets.json", swagger_2())]);
    let [operation] = contract.operations.as_slice() else { panic!("one operation: {:?}", contract.notes) };
    assert_eq!(operation.key, "PUT /v1/pets/{id}");
    let places: Vec<_> =
        operation.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.location)).collect();
    assert_eq!(places, [("id", ParameterLocation::Path), ("page", ParameterLocation::Query)]);
    let schema = &operation.body.as_ref().expect("a body").schema;
    assert_eq!(schema.violations(&json!({"age": 3}))[0].missing.as_deref(), Some("name"));
    assert!(operation.responses[&200].shape().is_some());
}

#[test]
fn the_headers_of_an_answer_in_a_2_0_document_are_no_oddity() {
    let mut document = swagger_2();
    let answers = document.pointer_mut("/paths/~1pets~1{id}/put/responses").expect("answers");
    answers["302"] = json!({"description": "gone", "headers": {"Location": {"type": "string"}}});
    assert_eq!(read(&[("pets.json", document)]).notes, read(&[("pets.json", swagger_2())]).notes);
}

#[test]
fn a_3_0_document_becomes_the_same_operations() {
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
    assert_eq!(contract.operations[0].key, "PUT /v1/pets/{id}");
    assert_eq!(contract.operations[0].body.as_ref().expect("a body").schema.violations(&json!({})).len(), 1);
}

#[test]
fn a_file_without_a_version_is_judged_by_its_content() {
    let mut document = swagger_2();
    document.as_object_mut().expect("an object").remove("swagger");
    let contract = read(&[
        ("a.json", document),
        ("b.json", json!({"servers": [{"url": "/v2"}], "paths": {"/x": {"get": {"responses": {}}}}})),
    ]);
    let keys: Vec<&str> = contract.operations.iter().map(|operation| operation.key.as_str()).collect();
    assert_eq!(keys, ["PUT /v1/pets/{id}", "GET /v2/x"]);
    assert_eq!(contract.notes.iter().filter(|note| note.code == Code::VersionMissing).count(), 2);
}

#[test]
fn a_file_that_is_no_contract_costs_only_itself() {
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
    bad.json: file-malformed: is no JSON: EOF while parsing an object at line 1 column 1
    old.json: version-unsupported: is of Swagger 1.x; versions 2.0 and 3.x are read
    one.json: version-unsupported: is of version 1.2; versions 2.0 and 3.x are read
    ");
}

#[test]
fn an_odd_operation_is_read_as_far_as_it_goes_and_a_repeated_one_is_left_out() {
    let mut document = swagger_2();
    document["paths"]["/odd"] = json!({"get": {"parameters": 7, "responses": 9, "required": true}});
    document["paths"]["/bad"] = json!({"get": "nothing"});
    let contract = read(&[("a.json", document), ("b.json", swagger_2())]);
    let keys: Vec<&str> = contract.operations.iter().map(|operation| operation.key.as_str()).collect();
    assert_eq!(keys, ["PUT /v1/pets/{id}", "GET /v1/odd"]);
    assert_eq!(contract.notes.len(), 4, "{:?}", contract.notes);
}

#[test]
fn a_value_is_bent_towards_its_schema_before_it_is_judged() {
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
    assert_eq!(value, json!({"list": [], "count": "3.5", "strict": null}), "an empty object is an empty list");
    assert_eq!(schema.violations(&value).len(), 2, "what cannot be bent is judged");
}

#[test]
fn an_object_that_requires_itself_does_not() {
    let schema =
        json!({"properties": {"pet": {"type": "object", "properties": {"name": {}}, "required": ["pet", "name"]}}});
    let violations = Schema::new(schema, Arc::new(json!({}))).violations(&json!({"pet": {}}));
    assert_eq!(violations.iter().map(|violation| violation.field()).collect::<Vec<_>>(), ["name"]);
}

#[test]
fn properties_and_components_may_be_called_like_keywords() {
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
        let mut lacking = whole;
        lacking.shift_remove(name);
        assert_eq!(schema.violations(&lacking.into()).len(), 1, "{name}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_or_to_nothing_is_no_danger() {
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
fn schemas_that_lead_back_to_themselves_by_several_ways_come_to_an_end() {
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
        let begun = std::time::Instant::now();
        generate(&schema, &mut stream(0, ""));
        repair(&schema, nested(5), &mut stream(0, ""));
        schema.coerce(&mut nested(40), &mut |_| true);
        assert!(begun.elapsed().as_secs() < 20, "{schema:?}");
    }
}

#[test]
fn a_value_made_from_a_schema_is_valid_by_it_and_ends() {
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
fn an_example_tells_names_order_and_types() {
    let shape = Shape::of(
        &json!({"b": "1.0", "a": [{"at": "2026-01-12T10:30:00Z"}], "t": "2025-08-05T09:54:24.230+03:00", "n": null}),
    );
    let Shape::Object(members) = &shape else { panic!("{shape:?}") };
    assert_eq!(members.iter().map(|member| member.name.as_str()).collect::<Vec<_>>(), ["b", "a", "t", "n"]);
    assert!(matches!(shape.get("t"), Some(Shape::Time { millis: true, offset: true })));
    assert!(shape.needs_zone() && !shape.get("a").expect("a").needs_zone());
}

#[test]
fn a_path_pattern_matches_whole_segments() {
    let matches = |pattern: &str, path: &str| PathPattern::parse(pattern).expect("a pattern").matches(path);
    assert!(matches("/a/**", "/a") && matches("/a/**", "/a/b/c") && !matches("/a/**", "/ab"));
    assert!(matches("/a/*/c", "/a/b/c") && !matches("/a/*/c", "/a/b") && matches("/a/{id}", "/a/b"));
    assert!(PathPattern::parse("a").is_none() && PathPattern::parse("/**/a").is_none());
}

#[test]
fn a_resources_file_is_read_strictly() {
    let diagnostic =
        |yaml: &str| Resources::read(&[SourceFile::new("a.resources.yaml", yaml)]).expect_err("wrong").to_string();
    insta::assert_snapshot!(diagnostic("pet:\n  plural: pets\n  fields: {name: txt}\n"), @"a.resources.yaml:3:18: unknown type `txt` (did you mean `text`?)");
    insta::assert_snapshot!(diagnostic("pet:\n  fields: {}\n"), @"a.resources.yaml:2:3: a resource has no `plural` (add `plural: …`)");
    insta::assert_snapshot!(diagnostic("pet:\n  plural: pets\n  fields: {a: {type: text, requird: true}}\n"), @"a.resources.yaml:3:28: unknown entry of a field `requird` (did you mean `required`?)");
}

#[test]
fn a_reference_leads_into_the_given_folders_and_nowhere_else() {
    let outer = tempfile::tempdir().expect("a folder");
    let folder = outer.path().join("swagger");
    std::fs::create_dir_all(folder.join("shared")).expect("a folder");
    std::fs::create_dir_all(outer.path().join("entities")).expect("a folder");
    let write = |name: &str, value: serde_json::Value| {
        std::fs::write(outer.path().join(name), value.to_string()).expect("written");
    };
    write("secret.json", json!({"type": "integer"}));
    write(
        "entities/owner.json",
        json!({"type": "object", "required": ["name"], "properties": {"name": {}, "self": {"$ref": "#"}}}),
    );
    write(
        "swagger/shared/pet.json",
        json!({"defs": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {}, "up": {"$ref": "../api.json#/x"}}}}}),
    );
    let refer = |target: &str| json!({"put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": target}}}}, "responses": {}}});
    write(
        "swagger/api.json",
        json!({"openapi": "3.0.3", "x": {"type": "string"}, "paths": {
            "/file": refer("shared/pet.json#/defs/Pet"),
            "/escaped": refer("shared%2Fpet.json#/defs/P%65t"),
            "/url": refer("https://docs.example.com/hub/entities/owner.json"),
            "/out": refer("../secret.json"),
            "/absolute": refer("/etc/hostname"),
            "/scheme": refer("file:///etc/hostname"),
            "/gone": refer("shared/none.json"),
        }}),
    );
    let folder = ApiFolder::from_paths(&[folder]).expect("a contract is there");
    let folder = ApiFolder { resources: Vec::new(), ..folder };
    let contract = Contract::read(&folder, &|_| true).expect("no complaints");
    let violations = |path: &str, value: serde_json::Value| {
        let operation = contract.operations.iter().find(|operation| operation.path == path).expect("an operation");
        operation.body.as_ref().expect("a body").schema.violations(&value).len()
    };
    for path in ["/file", "/escaped", "/url"] {
        assert_eq!((violations(path, json!({})), violations(path, json!({"name": "x", "up": "y"}))), (1, 0), "{path}");
    }
    assert_eq!(violations("/file", json!({"name": "x", "up": 1})), 1, "through two files");
    for path in ["/out", "/absolute", "/scheme", "/gone"] {
        assert_eq!(violations(path, json!("anything")), 0, "{path}");
    }
    let dangling = contract.notes.iter().filter(|note| note.message.starts_with("refers to")).count();
    assert_eq!(dangling, 4, "{:?}", contract.notes);
}

#[test]
fn files_of_a_folder_are_sorted_by_what_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("pets.json", &swagger_2().to_string());
    write("pets.quirks.yaml", "quirks: []\n");
    write("notes.txt", "nothing");
    let files = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract is there");
    assert_eq!((files.contracts.len(), files.quirks.len()), (1, 1));
    assert!(!files.families.is_empty(), "what is not given is embedded");
    let huge = std::fs::File::create(folder.path().join("huge.json")).expect("a file");
    huge.set_len((64 << 20) + 1).expect("it has holes");
    let files =
        ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a file that is no contract costs only itself");
    assert_eq!((files.contracts.len(), files.unread.len()), (1, 1));
    let missing = ApiFolder::from_paths(&[folder.path().join("nope")]).expect_err("nothing there");
    assert!(missing.to_string().contains("nope"), "{missing}");
}

#[cfg(unix)]
#[test]
fn only_what_is_a_file_is_one_of_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(at(to), at(name)).expect("a link");
    std::fs::create_dir(at("deeper")).expect("a folder");
    for name in ["pets.json", "deeper/more.json"] {
        std::fs::write(at(name), "{}").expect("written");
    }
    link("nowhere", "dangling.json");
    link("deeper", "folder.json");
    link("pets.json", "link.json");
    let made = std::process::Command::new("mkfifo").arg(at("pipe.json")).status().expect("mkfifo is there");
    assert!(made.success());
    let found = standin::openapi::load::files_below(folder.path()).expect("files");
    assert_eq!(found, ["deeper/more.json", "link.json", "pets.json"].map(at));
}

#[test]
fn a_url_is_looked_for_where_it_is_mapped_to() {
    let (contracts, schemas) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let pet = json!({"type": "object", "required": ["name"]});
    std::fs::write(schemas.path().join("pet.json"), pet.to_string()).expect("written");
    let refer = |target: &str| json!({"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": target}}}}, "responses": {}}});
    let document = json!({"openapi": "3.0.3", "paths": {
        "/mapped": refer("https://example.com/schemas/pet.json"),
        "/climbing": refer("https://example.com/schemas/../../etc/hostname"),
    }});
    std::fs::write(contracts.path().join("api.json"), document.to_string()).expect("written");
    let folder = ApiFolder::from_paths(&[contracts.path().to_owned()]).expect("a contract is there");
    let ref_map = vec![("https://example.com/schemas/".to_owned(), schemas.path().to_owned())];
    let contract = Contract::read(&ApiFolder { ref_map, ..folder }, &|_| true).expect("no complaints");
    let violations = |path: &str| {
        let operation = contract.operations.iter().find(|operation| operation.path == path).expect("an operation");
        operation.body.as_ref().expect("a body").schema.violations(&json!({})).len()
    };
    assert_eq!((violations("/mapped"), violations("/climbing")), (1, 0));
    let dangling: Vec<&str> =
        contract.notes.iter().filter(|note| note.code == Code::RefDangling).map(|note| note.pointer.as_str()).collect();
    assert_eq!(dangling, ["/paths/~1climbing/post/requestBody/content/application~1json/schema"]);
}

#[test]
fn what_came_with_3_1_and_3_2_is_read() {
    let contract = read(&[(
        "new.json",
        json!({"openapi": "3.2.0", "info": {"title": "t", "version": "1"}, "paths": {"/pets": {
            "query": {"responses": {"200": {"description": "ok"}}},
            "additionalOperations": {"COPY": {"responses": {"204": {"description": "ok"}}}},
            "get": {"responses": {"2XX": {"description": "ok", "content": {"application/json": {"schema": {"type": ["string", "null"], "const": "x"}}}}}},
        }}}),
    )]);
    let mut keys: Vec<(&str, u16)> =
        contract.operations.iter().map(|operation| (operation.key.as_str(), operation.success())).collect();
    keys.sort_unstable();
    assert_eq!(keys, [("COPY /pets", 204), ("GET /pets", 200), ("QUERY /pets", 200)]);
    let get = contract.operations.iter().find(|operation| operation.key == "GET /pets").expect("it is there");
    assert_eq!(get.responses[&200].sample(), Some(&json!("x")));
}

#[test]
fn an_example_that_breaks_its_schema_is_mended_and_the_rest_of_it_stays() {
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
