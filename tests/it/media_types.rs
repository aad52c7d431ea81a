//! Which schema a request body is checked against, and how forms are read by it.

use serde_json::json;
use standin::request::{Checking, Settings};

use crate::served::Served;

fn documented() -> Settings {
    Settings { checking: Checking::Documented, ..Settings::default() }
}

const UPLOADS: &str = r#"
openapi: 3.1.0
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary}
                owner: {type: object, required: [age], properties: {age: {type: integer}}}
                lines: {type: array, minItems: 2, items: {type: object, properties: {price: {type: integer}}}}
                weight: {type: [integer, "null"]}
                note: {type: string}
                code: {anyOf: [{type: integer}, {type: string}]}
                tags: {anyOf: [{type: string}, {type: array, items: {type: string}}]}
                "form[title][0]": {type: string}
                more: {type: object, additionalProperties: {type: array, items: {type: integer}}}
            encoding: {file: {contentType: "image/png, image/*"}, code: {contentType: text/plain}}
      responses: {"201": {content: {application/json: {schema: {type: object, properties: {
        id: {type: string}, owner: {type: object}, lines: {type: array, items: {type: object}}, weight: {type: integer}, code: {},
        note: {type: string}, tags: {}, "form[title][0]": {type: string}, more: {type: object}, other: {}}}}}}}
"#;

/// Posts parts, each given by its headers and its content, and returns the status and the named field of the new record.
fn post(api: &Served, parts: &[(&str, &str)], field: &str) -> (u16, serde_json::Value) {
    let file = ("name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png", "x");
    let parts = parts
        .iter()
        .copied()
        .chain(std::iter::once(file).filter(|_| !parts.iter().any(|(headers, _)| headers.contains("\"file\""))));
    let body: String = parts
        .map(|(headers, content)| format!("--XX\r\nContent-Disposition: form-data; {headers}\r\n\r\n{content}\r\n"))
        .collect();
    let received = api.send(
        "POST",
        "/things",
        &[("content-type", "multipart/form-data; boundary=XX")],
        &format!("{body}--XX--\r\n"),
    );
    (received.status, received.json().get(field).cloned().unwrap_or_default())
}

#[test]
fn a_part_with_json_becomes_an_object_also_as_a_file_or_in_a_list() {
    let api = Served::new(UPLOADS, documented());
    let owner = json!({"age": 7});
    for headers in [
        "name=\"owner\"",
        "name=\"owner\"; filename=\"owner.json\"",
        "name=\"owner\"; filename=\"owner\"\r\nContent-Type: application/json",
    ] {
        assert_eq!(post(&api, &[(headers, r#"{"age": 7}"#)], "owner"), (201, owner.clone()), "{headers}");
        assert_eq!(post(&api, &[(headers, r#"{"age": "7"}"#)], "owner").0, 422, "JSON has types: {headers}");
    }
    let lines = json!([{"price": 1}, {"price": 2}]);
    let one_by_one = [("name=\"lines\"", r#"{"price": 1}"#), ("name=\"lines\"", r#"{"price": 2}"#)];
    assert_eq!(post(&api, &one_by_one, "lines"), (201, lines.clone()));
    assert_eq!(post(&api, &[("name=\"lines\"", r#"[{"price": 1}, {"price": 2}]"#)], "lines"), (201, lines));
    assert_eq!(post(&api, &one_by_one[..1], "lines").0, 422, "two are the least");
}

#[test]
fn a_file_or_a_text_with_json_stays_what_the_schema_says() {
    let api = Served::new(UPLOADS, Settings::default());
    let json = |headers: &str| format!("{headers}\r\nContent-Type: application/json");
    let send = |headers: &str, content: &str, field: &str| post(&api, &[(&json(headers), content)], field);
    assert_eq!(send("name=\"file\"; filename=\"a.json\"", "{}", "id").0, 201, "a file may have any content");
    assert_eq!(send("name=\"note\"", r#"{"a": 1}"#, "note"), (201, json!(r#"{"a": 1}"#)));
    assert_eq!(send("name=\"note\"", r#""a""#, "note"), (201, json!("a")));
    assert_eq!(send("name=\"lines\"", "[]", "lines").0, 422, "an empty list is sent, but two are the least");
    assert_eq!(send("name=\"other\"", "[1]", "other"), (201, json!([1])));
}

#[test]
fn text_of_a_form_is_read_by_the_types_of_combined_schemas() {
    let api = Served::new(UPLOADS, documented());
    assert_eq!(post(&api, &[("name=\"weight\"", "5")], "weight"), (201, json!(5)));
    assert_eq!(post(&api, &[("name=\"weight\"", "five")], "weight").0, 422);
    assert_eq!(post(&api, &[("name=\"code\"", "5")], "code"), (201, json!("5")), "text stays where text is allowed");
    assert_eq!(
        post(&api, &[("name=\"more[a]\"", "1"), ("name=\"more[a]\"", "2")], "more"),
        (201, json!({"a": [1, 2]}))
    );
    assert_eq!(post(&api, &[("name=\"more[a]\"", "one")], "more").0, 422);
}

#[test]
fn no_value_of_a_repeated_part_is_lost() {
    let api = Served::new(UPLOADS, Settings::default());
    let twice = |name: &str| [(format!("name=\"{name}\""), "x"), (format!("name=\"{name}\""), "y")];
    for name in ["tags", "other"] {
        let parts = twice(name);
        let parts: Vec<(&str, &str)> = parts.iter().map(|(headers, content)| (headers.as_str(), *content)).collect();
        assert_eq!(post(&api, &parts, name), (201, json!(["x", "y"])), "{name}");
        assert_eq!(post(&api, &parts[..1], name), (201, json!("x")), "{name}");
    }
    assert_eq!(post(&api, &[("name=\"form[title][0]\"", "x")], "form[title][0]"), (201, json!("x")));
}

#[test]
fn part_of_another_content_type_than_its_encoding_is_rejected_as_documented() {
    let of_type = |kind: &str| format!("name=\"file\"; filename=\"a\"\r\nContent-Type: {kind}");
    let strict = Served::new(UPLOADS, documented());
    assert_eq!(post(&strict, &[(&of_type("image/gif"), "x")], "").0, 201);
    assert_eq!(post(&strict, &[(&of_type("text/plain"), "x")], "").0, 422);
    assert_eq!(post(&strict, &[("name=\"file\"; filename=\"a\"", "x")], "").0, 201, "a part needs no content type");
    assert_eq!(post(&Served::new(UPLOADS, Settings::default()), &[(&of_type("text/plain"), "x")], "").0, 201);
}

#[test]
fn swagger_2_form_with_a_file_is_checked() {
    let contract = r#"
swagger: "2.0"
paths:
  /things:
    post:
      consumes: [multipart/form-data]
      parameters: [{in: formData, name: file, type: file, required: true}, {in: formData, name: age, type: integer}]
      responses: {"200": {description: ok, examples: {application/json: {ok: 1}}}}
"#;
    let api = Served::new(contract, documented());
    assert_eq!(post(&api, &[("name=\"age\"", "5")], "ok"), (200, json!(1)));
    assert_eq!(post(&api, &[("name=\"age\"", "old")], "").0, 422);
    let urlencoded = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(api.send("POST", "/things", &urlencoded, "age=5").status, 422, "the file is missing");
}

const VERSIONS: &str = r#"
openapi: 3.0.3
paths:
  /things:
    post:
      requestBody:
        content:
          application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}
          application/json; v=2: {schema: {type: object, required: [b], properties: {b: {type: integer}}}}
          application/vnd.thing+json: {schema: {type: object, required: [c], properties: {c: {type: integer}}}}
          application/x-www-form-urlencoded: {schema: {type: object, required: [d], properties: {d: {type: integer}}}}
          application/xml: {schema: {type: object, required: [a]}}
          text/plain: {schema: {type: string, maxLength: 3}}
          text/*: {schema: {type: string, maxLength: 5}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
  /any:
    post:
      requestBody: {content: {"*/*": {schema: {type: string, maxLength: 3}}, application/*: {schema: {type: object, required: [a], properties: {a: {}}}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
"#;

#[test]
fn schema_of_a_body_is_chosen_by_its_content_type() {
    let api = Served::new(VERSIONS, documented());
    let send = |path: &str, kind: &str, body: &str| api.send("POST", path, &[("content-type", kind)], body).status;
    for (kind, valid, invalid) in [
        ("application/json", r#"{"a":1}"#, r#"{"b":1}"#),
        ("application/json; charset=utf-8", r#"{"a":1}"#, r#"{"b":1}"#),
        ("Application/JSON; V=\"2\"", r#"{"b":1}"#, r#"{"a":1}"#),
        ("application/vnd.thing+json", r#"{"c":1}"#, r#"{"a":1}"#),
        ("application/x-www-form-urlencoded", "d=1", "d=x"),
        ("text/plain", "123", "1234"),
        ("text/csv", "12345", "123456"),
        ("application/octet-stream", r#"{"a":1}"#, r#"{"b":1}"#),
        ("", r#"{"a":1}"#, r#"{"b":1}"#),
    ] {
        assert_eq!((send("/things", kind, valid), send("/things", kind, invalid)), (200, 422), "{kind}");
    }
    assert_eq!(send("/things", "application/vnd.thing+json", "no JSON"), 400);
    assert_eq!(send("/things", "application/xml", "<a/>"), 200, "XML is not checked");
    assert_eq!((send("/any", "image/png", "abc"), send("/any", "image/png", "abcd")), (200, 422));
    assert_eq!((send("/any", "application/json", r#"{"a":1}"#), send("/any", "application/json", "{}")), (200, 422));
}

const PATCHES: &str = r#"
openapi: 3.0.3
paths:
  /pets:
    patch:
      requestBody:
        required: true
        content:
          application/json-patch+json: {schema: {type: array, items: {type: object, required: [op], properties: {op: {type: string}}}}}
          application/merge-patch+json: {schema: {$ref: '#/components/schemas/Pet'}}
          application/json: {schema: {$ref: '#/components/schemas/Pet'}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
  /plain:
    patch:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
  /merged:
    patch:
      requestBody: {content: {application/merge-patch+json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
components:
  schemas:
    Pet: {type: object, required: [name], properties: {name: {type: string}, age: {type: integer}}}
"#;

#[test]
fn patch_documents_are_not_checked_against_the_schema_of_the_record() {
    for settings in [Settings::default(), documented()] {
        let api = Served::new(PATCHES, settings);
        let send = |path: &str, kind: &str, body: &str| {
            api.send("PATCH", path, &[("content-type", &format!("application/{kind}"))], body).status
        };
        let operations = r#"[{"op":"remove","path":"/age"}]"#;
        assert_eq!(send("/pets", "json-patch+json", operations), 200);
        assert_eq!(send("/pets", "json-patch+json", r#"[{"path":"/age"}]"#), 422, "an operation needs a name");
        assert_eq!(send("/pets", "merge-patch+json", r#"{"name":null}"#), 200);
        assert_eq!(send("/pets", "json", r#"{"age":1}"#), 422);
        assert_eq!(send("/plain", "json-patch+json", operations), 200);
        assert_eq!(send("/plain", "merge-patch+json", r#"{"age":1}"#), 200);
        assert_eq!(send("/merged", "merge-patch+json", r#"{"age":null}"#), 200);
        assert_eq!(send("/merged", "merge-patch+json", r#"{"age":"old"}"#), 422);
    }
}

const REQUIRED: &str = r#"
openapi: 3.0.3
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pet'}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
  /any:
    post:
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
  /list:
    post:
      requestBody: {content: {application/json: {schema: {type: array, items: {type: integer}}}}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
components:
  schemas:
    Id: {type: integer, readOnly: true}
    Pet:
      type: object
      required: [id, name, made]
      properties:
        id: {$ref: '#/components/schemas/Id'}
        made: {type: string, readOnly: true}
        name: {type: string}
        owners: {type: array, items: {allOf: [{type: object, required: [id], properties: {id: {type: integer, readOnly: true}}}]}}
"#;

#[test]
fn fields_that_only_responses_have_are_not_required_in_requests() {
    for settings in [Settings::default(), documented()] {
        let api = Served::new(REQUIRED, settings);
        assert_eq!(api.post("/pets", r#"{"name":"Rex"}"#).status, 200);
        assert_eq!(api.post("/pets", r#"{"name":"Rex","owners":[{"age":3}]}"#).status, 200);
        assert_eq!(api.post("/pets", "{}").status, 422);
    }
}

#[test]
fn body_may_be_missing_only_where_it_is_optional() {
    let strict = Served::new(REQUIRED, documented());
    assert_eq!((strict.post("/any", "").status, strict.post("/any", "{}").status), (422, 200));
    assert_eq!(strict.post("/list", "").status, 200);
    let lenient = Served::new(REQUIRED, Settings::default());
    assert_eq!((lenient.post("/any", "").status, lenient.post("/list", "").status), (200, 200));
}
