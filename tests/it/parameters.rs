//! Parameters are read by their style and the types of their schema, and checked as documented.

use serde_json::json;
use standin::fixtures::document;
use standin::request::{Checking, Settings, UnknownIds};

use crate::served::Served;

/// `GET /things` with one parameter; `{id}` in a path, if it is there.
fn api(path: &str, parameter: &str, checking: Checking) -> Served {
    let contract = format!(
        r##"
openapi: 3.1.0
paths:
  {path}:
    get:
      parameters: [{parameter}]
      responses: {{"200": {{content: {{application/json: {{example: {{ok: 1}}}}}}}}}}
components:
  schemas:
    Ids: {{type: array, items: {{type: integer}}}}
    Colour: {{type: object, required: [r], properties: {{r: {{type: integer}}, g: {{type: integer}}}}}}
"##
    );
    Served::new(&contract, Settings { checking, unknown_ids: UnknownIds::Example })
}

/// Checks that a query parameter is accepted in the first requests and rejected in the others.
fn check_query(parameter: &str, accepted: &[&str], rejected: &[&str]) {
    let api = api("/things", &format!("{{in: query, {parameter}}}"), Checking::Documented);
    for query in accepted {
        let received = api.get(&format!("/things?{query}"));
        assert_eq!(received.status, 200, "{parameter}: {query}: {}", received.text);
    }
    for query in rejected {
        assert_eq!(api.get(&format!("/things?{query}")).status, 422, "{parameter}: {query}");
    }
}

const IDS: &str = "schema: {$ref: '#/components/schemas/Ids'}";
const COLOUR: &str = "schema: {$ref: '#/components/schemas/Colour'}";

#[test]
fn lists_in_the_query_are_read_by_style_and_explode() {
    let form = format!("name: id, required: true, {IDS}");
    check_query(&form, &["id=1", "id=1&id=2", "id[]=1&id[]=2"], &["id=x", "id=1&id=x", "id=1,2", "id=", "", "id[]=x"]);
    let csv = format!("name: id, explode: false, {IDS}");
    check_query(&csv, &["id=1", "id=1,2", "id=1%2C2", "id=", ""], &["id=1,x", "id=1|2"]);
    let pipes = format!("name: id, style: pipeDelimited, explode: false, {IDS}");
    check_query(&pipes, &["id=1|2", "id=1%7C2"], &["id=1|x", "id=1,2"]);
    let spaces = format!("name: id, style: spaceDelimited, explode: false, {IDS}");
    check_query(&spaces, &["id=1%202", "id=1+2"], &["id=1%20x"]);
}

#[test]
fn types_of_a_parameter_are_found_through_references_and_combined_schemas() {
    let any = "name: id, schema: {anyOf: [{type: array, items: {type: integer}}, {type: 'null'}]}";
    check_query(any, &["id=1", "id=1&id=2"], &["id=x"]);
    let all = "name: id, schema: {allOf: [{$ref: '#/components/schemas/Ids'}, {maxItems: 2}]}";
    check_query(all, &["id=1", "id=1&id=2"], &["id=x", "id=1&id=2&id=3"]);
    let one =
        "name: id, schema: {oneOf: [{type: string, maxLength: 2}, {type: array, minItems: 2, items: {type: string}}]}";
    check_query(one, &["id=ab", "id=abc&id=d"], &["id=abc"]);
    let mixed = "name: id, schema: {anyOf: [{type: integer, minimum: 10}, {type: string, pattern: '^[0-9]$'}]}";
    check_query(mixed, &["id=11", "id=5"], &["id=x"]);
    check_query("name: id, schema: {enum: [1, 2]}", &["id=1"], &["id=3"]);
    check_query("name: id, schema: {type: [integer, 'null']}", &["id=1", "id="], &["id=x"]);
    check_query("name: id, schema: {type: boolean}", &["id=true"], &["id=yes"]);
}

#[test]
fn deep_objects_are_read_with_objects_and_lists_inside() {
    let deep = "name: obj, style: deepObject, required: true, schema: {type: object, required: [root], additionalProperties: false,
      properties: {root: {type: string}, n: {type: integer}, nested: {type: object, properties: {child: {type: integer}}},
      list: {type: array, items: {type: integer}}}}";
    check_query(
        deep,
        &[
            "obj[root]=a&obj[n]=2",
            "obj%5Broot%5D=a",
            "obj[root]=a&obj[nested][child]=1",
            "obj[root]=a&obj[list]=1",
            "obj[root]=a&obj[list][]=1&obj[list][]=2",
            "obj[root]=a&obj[list][1]=1&obj[list][0]=2",
        ],
        &[
            "",
            "obj=a",
            "obj[n]=2",
            "obj[root]=a&obj[n]=b",
            "obj[root]=a&obj[other]=b",
            "obj[root]=a&obj[nested][child]=b",
            "obj[root]=a&obj[list]=b",
        ],
    );
    let map = "name: m, style: deepObject, schema: {type: object, additionalProperties: {type: array, items: {type: integer}}}";
    check_query(map, &["m[a]=1&m[a]=2&m[b]=3", ""], &["m[a]=x"]);
    let many: String = (0..64).map(|_| "[a]").collect();
    check_query(map, &[&format!("m{many}=1")], &[]);
}

#[test]
fn names_with_brackets_are_found_encoded_or_not() {
    let one = "name: 'filter[userId]', required: true, schema: {type: string, format: uuid}";
    let id = "0613a91d-c1ae-4c14-afb9-33b86ceffa19";
    check_query(
        one,
        &[&format!("filter[userId]={id}"), &format!("filter%5BuserId%5D={id}")],
        &["filter[userId]=x", ""],
    );
    check_query(&format!("name: 'ids[]', {IDS}"), &["ids[]=1&ids[]=2", "ids%5B%5D=1"], &["ids[]=x"]);
}

#[test]
fn objects_in_the_query_are_read_from_their_members() {
    let form = format!("name: colour, required: true, {COLOUR}");
    check_query(&form, &["r=1&g=2", "r=1&other=x"], &["g=2", "r=x", "", "colour=1"]);
    let csv = format!("name: colour, explode: false, {COLOUR}");
    check_query(&csv, &["colour=r,1,g,2", ""], &["colour=g,2", "colour=r,x", "colour=r"]);
    let free = "name: labels, schema: {type: object, additionalProperties: {type: integer}}";
    check_query(free, &["a=1&b=2"], &["a=1&b=x"]);
    let json = format!("name: filter, required: true, content: {{application/json: {{{COLOUR}}}}}");
    check_query(
        &json,
        &["filter=%7B%22r%22%3A1%7D"],
        &["filter=%7B%7D", "filter=%7B%22r%22%3A%221%22%7D", "filter=zzz", ""],
    );
}

#[test]
fn empty_values_are_accepted_where_the_contract_allows_them() {
    check_query("name: id, allowEmptyValue: true, schema: {type: integer}", &["id=", "id", "id=1"], &["id=x"]);
    check_query("name: id, schema: {type: integer}", &["", "id=1"], &["id="]);
    check_query("name: id, required: true, allowEmptyValue: true, schema: {type: integer}", &["id="], &[""]);
}

#[test]
fn headers_and_cookies_are_read_by_their_schema() {
    let header = |parameter: &str, value: &str| {
        let api = api("/things", &format!("{{in: header, name: X-Value, {parameter}}}"), Checking::Documented);
        api.send("GET", "/things", &[("x-value", value)], "").status
    };
    assert_eq!((header(IDS, "1, 2"), header(IDS, "1,b")), (200, 422));
    assert_eq!((header(COLOUR, "r,1,g,2"), header(COLOUR, "g,2")), (200, 422));
    let exploded = format!("explode: true, {COLOUR}");
    assert_eq!((header(&exploded, "r=1,g=2"), header(&exploded, "r=x")), (200, 422));
    let text = "schema: {type: string, maxLength: 3}";
    assert_eq!((header(text, "a,b"), header(text, "a,bc")), (200, 422));
    let cookie = |parameter: &str, value: &str| {
        let api =
            api("/things", &format!("{{in: cookie, name: ids, required: true, {parameter}}}"), Checking::Documented);
        api.send("GET", "/things", &[("cookie", value)], "").status
    };
    let number = "schema: {type: integer}";
    assert_eq!((cookie(number, "a=b; ids=7"), cookie(number, "ids=x"), cookie(number, "a=b")), (200, 422, 422));
    for list in ["ids=1,2", "ids=1&ids=2", "ids=1; ids=2", "ids=1%2C2"] {
        assert_eq!((cookie(IDS, list), cookie(IDS, &list.replace('2', "b"))), (200, 422), "{list}");
    }
}

#[test]
fn path_parameters_are_read_in_the_styles_label_and_matrix() {
    let path = |parameter: &str, value: &str| {
        let api =
            api("/things/{id}", &format!("{{in: path, name: id, required: true, {parameter}}}"), Checking::Documented);
        api.get(&format!("/things/{value}")).status
    };
    let (label, exploded) = (format!("style: label, {IDS}"), format!("style: label, explode: true, {IDS}"));
    for (parameter, value) in [(&label, ".1,2"), (&label, ".1.2"), (&exploded, ".1.2")] {
        assert_eq!((path(parameter, value), path(parameter, &value.replace('2', "b"))), (200, 422), "{value}");
    }
    assert_eq!(path(&label, "1,2"), 422, "the dot is missing");
    let colour = format!("style: label, explode: true, {COLOUR}");
    assert_eq!((path(&colour, ".r=1.g=2"), path(&colour, ".g=2")), (200, 422));
    let (matrix, exploded) = (format!("style: matrix, {IDS}"), format!("style: matrix, explode: true, {IDS}"));
    for (parameter, value) in [(&matrix, ";id=1,2"), (&exploded, ";id=1;id=2")] {
        assert_eq!((path(parameter, value), path(parameter, &value.replace('2', "b"))), (200, 422), "{value}");
    }
    assert_eq!(path(&matrix, ";other=1"), 422);
    let colour = format!("style: matrix, {COLOUR}");
    assert_eq!((path(&colour, ";id=r,1,g,2"), path(&colour, ";id=g,2")), (200, 422));
    let colour = format!("style: matrix, explode: true, {COLOUR}");
    assert_eq!((path(&colour, ";r=1;g=2"), path(&colour, ";g=2")), (200, 422));
    assert_eq!((path(IDS, "1,2"), path(IDS, "1,b")), (200, 422));
}

#[test]
fn parameters_of_swagger_2_are_split_by_their_collection_format() {
    let api = |place: &str, format: &str| {
        let contract = format!(
            "swagger: '2.0'\npaths:\n  /things:\n    get:\n      parameters: [{{name: ids, in: {place}, type: array, collectionFormat: {format}, items: {{type: integer}}}}]\n      responses: {{'200': {{description: ok}}}}\n"
        );
        let api = Served::new(&contract, Settings { checking: Checking::Documented, ..Settings::default() });
        assert!(api.engine.contract().notes.is_empty(), "{:?}", api.engine.contract().notes);
        api
    };
    let formats = [("csv", "1,2"), ("ssv", "1%202"), ("tsv", "1%092"), ("pipes", "1|2"), ("multi", "1&ids=2")];
    for (format, list) in formats {
        let api = api("query", format);
        assert_eq!(api.get(&format!("/things?ids={list}")).status, 200, "{format}");
        assert_eq!(api.get(&format!("/things?ids={}", list.replace('2', "b"))).status, 422, "{format}");
    }
    for (format, list) in [("csv", "1,2"), ("ssv", "1 2"), ("pipes", "1|2")] {
        let send = |value: &str| api("header", format).send("GET", "/things", &[("ids", value)], "").status;
        assert_eq!((send(list), send(&list.replace('2', "b"))), (200, 422), "{format}");
    }
}

#[test]
fn values_of_parameters_are_not_checked_by_default() {
    let lenient = |parameter: &str| api("/things", parameter, Checking::Lenient);
    let required = |parameter: &str| lenient(&format!("{{in: query, required: true, {parameter}}}"));
    let ids = required(&format!("name: id, {IDS}"));
    assert_eq!(
        (ids.get("/things?id=x").status, ids.get("/things?id[]=x").status, ids.get("/things").status),
        (200, 200, 422)
    );
    let colour = required(&format!("name: colour, {COLOUR}"));
    assert_eq!((colour.get("/things?g=x").status, colour.get("/things").status), (200, 422));
    let cookie = lenient("{in: cookie, name: ids, required: true, schema: {type: integer}}");
    assert_eq!(cookie.get("/things").status, 200);
}

#[test]
fn record_is_found_by_a_path_value_in_the_style_label_or_matrix() {
    for (style, mark) in [("label", "."), ("matrix", ";id=")] {
        let contract = format!(
            r##"
openapi: 3.1.0
paths:
  /things:
    post:
      requestBody: {{content: {{application/json: {{schema: {{type: object, properties: {{name: {{type: string}}}}}}}}}}}}
      responses: {{"201": {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/Thing"}}}}}}}}}}
  /things/{{id}}:
    get:
      parameters: [{{in: path, name: id, style: {style}, required: true, schema: {{type: string}}}}]
      responses: {{"200": {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/Thing"}}}}}}}}}}
components: {{schemas: {{Thing: {{type: object, properties: {{id: {{type: string}}, name: {{type: string}}}}}}}}}}
"##
        );
        let api = Served::new(&contract, Settings::default());
        let thing = api.post("/things", r#"{"name":"one"}"#).json();
        let id = thing["id"].as_str().expect("an id");
        assert_eq!(api.get(&format!("/things/{mark}{id}")).json(), thing, "{style}");
    }
}

#[test]
fn exported_contract_keeps_styles_media_types_and_encodings() {
    let contract = r#"
openapi: 3.1.0
paths:
  /things:
    post:
      parameters:
        - {in: query, name: a, style: deepObject, explode: true, schema: {type: object}}
        - {in: query, name: b, explode: false, schema: {type: array}}
        - {in: query, name: c, content: {application/json: {schema: {type: object}}}}
        - {in: header, name: d, schema: {type: array}}
      requestBody:
        content:
          application/json: {schema: {type: object}, example: {x: 1}}
          multipart/form-data: {schema: {type: object, properties: {f: {type: string}}}, encoding: {f: {contentType: text/csv}}}
      responses: {"200": {description: ok}}
"#;
    let exported = document::documented(&Served::new(contract, Settings::default()).engine);
    let operation = &exported["paths"]["/things"]["post"];
    let optional = |name: &str, place: &str| json!({"name": name, "in": place, "required": false});
    let mut expected =
        [optional("a", "query"), optional("b", "query"), optional("c", "query"), optional("d", "header")];
    expected[0]["style"] = json!("deepObject");
    expected[0]["explode"] = json!(true);
    expected[1]["explode"] = json!(false);
    for (index, kind) in [(0, "object"), (1, "array"), (3, "array")] {
        expected[index]["schema"] = json!({"type": kind});
    }
    expected[2]["content"] = json!({"application/json": {"schema": {"type": "object"}}});
    assert_eq!(operation["parameters"], json!(expected));
    let content = json!({
        "application/json": {"schema": {"type": "object"}, "example": {"x": 1}},
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {"f": {"type": "string"}}},
            "encoding": {"f": {"contentType": "text/csv"}},
        },
    });
    assert_eq!(operation["requestBody"]["content"], content);
}
