//! What the contracts of other APIs document about responses: headers, errors, XML.

use serde_json::json;
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::request::{Settings, UnknownIds};

use crate::served::Served;

fn any_id() -> Settings {
    Settings { unknown_ids: UnknownIds::Example, ..Settings::default() }
}

fn served(contract: &str) -> Served {
    Served::new(contract, any_id())
}

const HEADERS: &str = r#"
openapi: 3.0.3
paths:
  /login:
    post:
      responses:
        "200":
          headers:
            X-Direct: {example: direct, schema: {type: string}}
            X-Named: {examples: {one: {$ref: '#/components/examples/Named'}}, schema: {type: string}}
            X-Count: {schema: {type: integer, example: 12345678901234567890123}}
            X-Default: {schema: {type: integer, default: 60}}
            X-Shared: {$ref: '#/components/headers/Shared'}
            X-Text: {example: '{"a":1}', schema: {type: string}}
            X-List: {schema: {type: array, items: {type: string, example: a}}}
            X-Object: {example: {r: 1, g: 2}, schema: {type: object}}
            X-Exploded: {explode: true, example: {r: 1, g: 2}, schema: {type: object}}
            X-Json: {content: {application/json: {example: {a: [1]}}}}
            X-Plain: {content: {text/plain: {example: "a, b"}}}
            X-Required: {required: true, schema: {type: string, format: uuid}}
            X-Optional: {schema: {type: string}}
            X-Broken: {$ref: '#/components/headers/None'}
            Access-Control-Allow-Origin: {required: true, schema: {type: string}}
            Set-Cookie: {example: ["sid=abc; Path=/", "lang=en"], schema: {type: array, items: {type: string}}}
            Content-Type: {schema: {type: string, example: text/html}}
            Content-Length: {schema: {type: integer, example: 7}}
            Content-Encoding: {schema: {type: string, example: gzip}}
          content: {application/json: {example: {ok: true}}}
        "429":
          headers: {Retry-After: {schema: {type: integer, example: 30}}}
components:
  examples: {Named: {value: named}}
  headers: {Shared: {schema: {$ref: '#/components/schemas/Kind'}}}
  schemas: {Kind: {type: string, enum: [shared]}}
"#;

#[test]
fn documented_headers_are_sent_with_their_documented_values() {
    let seen = served(HEADERS).post("/login", "");
    for (name, expected) in [
        ("x-direct", "direct"),
        ("x-named", "named"),
        ("x-count", "12345678901234567890123"),
        ("x-default", "60"),
        ("x-shared", "shared"),
        ("x-text", "{\"a\":1}"),
        ("x-list", "a"),
        ("x-object", "r,1,g,2"),
        ("x-exploded", "r=1,g=2"),
        ("x-json", "{\"a\":[1]}"),
        ("x-plain", "a, b"),
    ] {
        assert_eq!(seen.header(name), expected, "{name}");
    }
}

#[test]
fn header_without_a_value_is_generated_only_if_it_is_required() {
    let api = served(HEADERS);
    let seen = api.post("/login", "");
    assert_eq!(seen.header("x-required").len(), 36, "{:?}", seen.headers);
    assert_eq!(seen.header("x-required"), api.post("/login", "").header("x-required"));
    for name in ["x-optional", "x-broken", "access-control-allow-origin"] {
        assert!(!seen.headers.contains_key(name), "{name}");
    }
}

#[test]
fn headers_that_follow_from_the_body_are_not_taken_from_the_contract() {
    let seen = served(HEADERS).post("/login", "");
    assert_eq!(seen.header("content-type"), "application/json");
    assert!(!seen.headers.contains_key("content-length") && !seen.headers.contains_key("content-encoding"));
}

#[test]
fn every_documented_cookie_is_a_header_of_its_own() {
    let seen = served(HEADERS).post("/login", "");
    let cookies: Vec<_> = seen.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies, ["sid=abc; Path=/", "lang=en"]);
}

#[test]
fn preferred_response_has_its_documented_headers() {
    let seen = served(HEADERS).send("POST", "/login", &[("prefer", "code=429")], "");
    assert_eq!((seen.status, seen.header("retry-after"), seen.header("x-direct")), (429, "30", ""));
}

#[test]
fn headers_of_swagger_2_have_default_example_and_collection_format() {
    let api = served(
        r#"
swagger: "2.0"
paths:
  /pets:
    get:
      responses:
        200:
          headers:
            X-Rate: {type: integer, default: 5000}
            X-Example: {type: string, x-example: shown}
            X-Piped: {type: array, items: {type: string}, collectionFormat: pipes, x-example: [a, b]}
            X-None: {type: string, description: no value}
"#,
    );
    let seen = api.get("/pets");
    let values = ["x-rate", "x-example", "x-piped", "x-none"].map(|name| seen.header(name));
    assert_eq!(values, ["5000", "shown", "a|b", ""]);
}

#[test]
fn api_can_omit_documented_headers() {
    let engine = &*crate::vocabulary::ENGINE;
    let is_documented = |operation: &standin::openapi::Operation| {
        operation.success_response().is_some_and(|response| !response.header_values().is_empty())
    };
    let operation = engine.contract().operations.iter().find(|operation| is_documented(operation)).expect("one");
    let mock = crate::vocabulary::mock(standin::quirks::Profile::Observed);
    let staff = ("authorization", "Bearer staff-harmony-7c1e94d0");
    let seen = mock.send(operation.method.as_str(), &operation.path, &[staff, ("prefer", "code=200")], "");
    let response = operation.success_response().expect("documented");
    assert_eq!(seen.status, 200);
    assert!(response.headers.iter().all(|header| !seen.headers.contains_key(&header.name)));
}

const LOCATION: &str = r#"
openapi: 3.0.3
servers: [{url: /api}]
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses:
        "201":
          headers: {Location: {required: true, schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  /orders/{id}: &item
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}
  /jobs:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses: {"202": {headers: {location: {schema: {type: string, format: uri}}}}}
  /jobs/{id}.json: *item
  /shops/{shopId}/customers:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {item: {type: string}}}}}}
      responses:
        "201":
          headers: {Location: {schema: {type: string, example: /none}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
  /shops/{shopId}/all/customers/{customerId}: {get: {responses: {"200": {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}}
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"201": {headers: {Location: {schema: {type: string, example: /notes/last}}}}}
  /plain:
    post: {responses: {"201": {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}}}
  /plain/{id}: *item
components:
  schemas:
    Order: {type: object, properties: {id: {type: string}, item: {type: string}}}
"#;

#[test]
fn location_is_the_path_of_the_created_record() {
    let api = served(LOCATION);
    let created = api.post("/api/orders/", "{\"item\":\"a\"}");
    let id = created.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(created.header("location"), format!("/api/orders/{id}"));
    assert_eq!(api.get(created.header("location")).json()["item"], "a");
}

#[test]
fn location_names_a_record_that_no_body_shows() {
    let api = served(LOCATION);
    let json = ("content-type", "application/json");
    let created = api.send("POST", "/api/jobs", &[json], "{\"item\":\"b\"}");
    let location = created.header("location");
    assert!(created.text.is_empty() && location.starts_with("/api/jobs/") && location.ends_with(".json"), "{location}");
    assert_eq!(api.get(location).json()["item"], "b");
    let sent = [json, ("host", "shop.example"), ("x-forwarded-proto", "https")];
    let created = api.send("POST", "/api/jobs", &sent, "{\"item\":\"c\"}");
    assert!(created.header("location").starts_with("https://shop.example/api/jobs/"), "the format is a whole URL");
}

#[test]
fn location_can_be_a_path_that_is_not_below_the_collection() {
    let api = served(LOCATION);
    let created = api.post("/api/shops/s%201/customers", "{\"item\":\"d\"}");
    let id = created.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(created.header("location"), format!("/api/shops/s%201/all/customers/{id}"));
}

#[test]
fn location_is_as_documented_where_no_path_leads_to_the_record() {
    let api = served(LOCATION);
    assert_eq!(api.post("/api/notes", "{}").header("location"), "/notes/last");
    assert_eq!(api.post("/api/plain", "").header("location"), "", "none is documented");
}

const ERRORS_ONLY: &str = r#"
openapi: 3.0.3
paths:
  /legacy:
    get: {responses: {"400": {}, "410": {headers: {Sunset: {example: today}}, content: {application/problem+json: {example: {title: gone for good, status: 410}}}}}}
    post: {responses: {"301": {headers: {Location: {schema: {type: string, example: /new}}}}}}
    put: {responses: {"503": {}}}
    patch: {responses: {"403": {content: {application/json: {example: {why: closed}}}}}}
  /anything: {get: {responses: {default: {content: {application/json: {example: {is: ok}}}}}}}
  /most: {get: {responses: {"404": {}, default: {content: {application/json: {example: {is: ok}}}}}}}
  /errors:
    get:
      responses:
        "404": {content: {application/json: {example: {error: missing}}}}
        default: {content: {application/json: {example: {error: missing}}}}
"#;

#[test]
fn operation_that_documents_only_errors_responds_with_one() {
    let api = served(ERRORS_ONLY);
    let gone = api.get("/legacy");
    assert_eq!((gone.status, gone.json()), (410, json!({"title": "gone for good", "status": 410})));
    assert_eq!((gone.header("content-type"), gone.header("sunset")), ("application/problem+json", "today"));
    assert_eq!(api.send("PUT", "/legacy", &[], "").status, 503);
    let closed = api.send("PATCH", "/legacy", &[], "");
    assert_eq!((closed.status, closed.json()), (403, json!({"why": "closed"})));
    assert_eq!(api.send("GET", "/legacy", &[("prefer", "code=400")], "").status, 400);
}

#[test]
fn success_can_be_missing_beside_errors_that_some_requests_cause() {
    let contract = r#"
openapi: 3.0.3
paths:
  /pets:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses: {"405": {description: invalid}}
  /pets/{id}:
    get: {responses: {"200": {content: {application/json: {schema: {type: object, properties: {id: {type: string}, name: {type: string}}}}}}}}
    delete: {responses: {"400": {}, "404": {}}}
"#;
    let api = Served::new(contract, Settings::default());
    assert_eq!((api.post("/pets", "{\"name\":\"Rex\"}").status, api.post("/pets", "{}").status), (200, 405));
    assert_eq!(api.send("DELETE", "/pets/none", &[], "").status, 404);
}

#[test]
fn operation_that_documents_only_a_redirect_redirects() {
    let moved = served(ERRORS_ONLY).post("/legacy", "");
    assert_eq!((moved.status, moved.header("location")), (301, "/new"));
}

#[test]
fn default_is_a_success_where_no_other_is_documented() {
    let api = served(ERRORS_ONLY);
    for path in ["/anything", "/most"] {
        assert_eq!((api.get(path).status, api.get(path).json()), (200, json!({"is": "ok"})), "{path}");
    }
    assert_eq!((api.get("/errors").status, api.get("/errors").text.as_str()), (200, ""), "that default is an error");
}

const XML: &str = r#"
swagger: "2.0"
produces: [text/xml]
paths:
  /dialogs/{uuid}:
    get:
      parameters: [{name: uuid, in: path, type: string, required: true}]
      responses: {200: {schema: {$ref: '#/definitions/Dialog'}}}
  /plain:
    get:
      responses: {200: {schema: {$ref: '#/definitions/Dialog'}, examples: {text/xml: '<dialog id="7"/>'}}}
  /lines:
    get: {responses: {200: {schema: {type: array, items: {$ref: '#/definitions/Line'}}}}}
  /both:
    get:
      produces: [application/json, application/xml]
      responses: {200: {schema: {$ref: '#/definitions/Line'}}}
definitions:
  Dialog:
    type: object
    xml: {name: dialog, namespace: 'urn:d', prefix: d}
    properties:
      uuid: {type: string, example: 'u-1"', xml: {attribute: true, name: id}}
      title: {type: string, example: "Tom & <Jerry>", xml: {prefix: d}}
      speaker: {allOf: [{$ref: '#/definitions/Speaker'}]}
      unknown: {type: string, example: x, xml: {prefix: undeclared}}
      lines: {type: array, xml: {wrapped: true, name: lines}, items: {type: string, xml: {name: line}}, example: [a, b]}
      wrapped: {type: array, xml: {wrapped: true}, items: {type: integer}, example: [1]}
      flat: {type: array, xml: {name: ignored}, items: {type: boolean}, example: [true, false]}
      2 names: {type: string, example: y}
  Speaker: {type: object, xml: {name: by, namespace: 'urn:s'}, properties: {name: {type: string, example: Tom}}}
  Line: {type: object, properties: {number: {type: integer, example: 7, xml: {attribute: true}}, text: {type: string, example: Hi}}}
"#;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

#[test]
fn xml_is_written_by_the_keywords_of_the_schema() {
    let seen = served(XML).get("/dialogs/u-1%22");
    assert_eq!(seen.header("content-type"), "text/xml");
    let expected = "<d:dialog xmlns:d=\"urn:d\" id=\"u-1&quot;\"><d:title>Tom &amp; &lt;Jerry&gt;</d:title>\
        <by xmlns=\"urn:s\"><name>Tom</name></by><unknown>x</unknown><lines><line>a</line><line>b</line></lines>\
        <wrapped><wrapped>1</wrapped></wrapped><flat>true</flat><flat>false</flat><_2_names>y</_2_names></d:dialog>";
    assert_eq!(seen.text.strip_prefix(DECLARATION), Some(expected), "{}", seen.text);
}

#[test]
fn example_that_is_an_xml_document_is_sent_verbatim() {
    let seen = served(XML).get("/plain");
    assert_eq!((seen.header("content-type"), seen.text.as_str()), ("text/xml", "<dialog id=\"7\"/>"));
}

#[test]
fn stored_record_is_sent_in_place_of_an_xml_example() {
    let contract = r#"
openapi: 3.0.3
paths:
  /notes:
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {text: {type: string}}}}}}
      responses: {"201": {content: {application/xml: {schema: {$ref: '#/components/schemas/Note'}, example: <Note/>}}}}
  /notes/{id}:
    get: {responses: {"200": {content: {application/xml: {schema: {$ref: '#/components/schemas/Note'}, example: <Note/>}}}}}
components: {schemas: {Note: {type: object, properties: {id: {type: string}, text: {type: string}}}}}
"#;
    let api = served(contract);
    assert_eq!(api.get("/notes/unknown").text, "<Note/>");
    let created = api.post("/notes", "{\"text\":\"a\"}");
    let id = created.text.split(['<', '>']).nth(6).expect("an id");
    assert!(created.text.ends_with(&format!("<Note><id>{id}</id><text>a</text></Note>")), "{}", created.text);
    assert_eq!(api.get(&format!("/notes/{id}")).text, created.text);
}

#[test]
fn list_in_xml_has_a_root_element() {
    let seen = served(XML).get("/lines");
    let expected = "<lines><Line number=\"7\"><text>Hi</text></Line></lines>";
    assert_eq!(seen.text.strip_prefix(DECLARATION), Some(expected), "{}", seen.text);
}

#[test]
fn client_that_prefers_xml_gets_xml() {
    let api = served(XML);
    assert_eq!(api.get("/both").text, "{\"number\":7,\"text\":\"Hi\"}");
    let seen = api.send("GET", "/both", &[("accept", "application/json;q=0.5, application/xml")], "");
    assert_eq!(seen.header("content-type"), "application/xml");
    assert_eq!(seen.text.strip_prefix(DECLARATION), Some("<Line number=\"7\"><text>Hi</text></Line>"));
}

const ERRORS: &str = r#"
openapi: 3.0.3
paths:
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [total], properties: {total: {type: number}}}}}}
      responses:
        "201": {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}
        "400": {headers: {X-Request-Id: {required: true, schema: {type: string}}}, content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}
        "404": {content: {application/json: {schema: {type: object, properties: {success: {type: boolean}, error: {type: object, properties: {code: {type: integer, example: 0}, type: {type: string, enum: [not_found]}, message: {type: string}}}}}}}}
    delete: {responses: {"204": {}, default: {content: {application/json: {example: {errors: [{status: "500", detail: broken, source: {parameter: a}}, {status: "500"}]}}}}}}
    put: {responses: {"200": {}, "404": {}}}
    patch: {responses: {"200": {}, "404": {content: {application/json: {schema: {type: object, required: [message], properties: {message: {type: string, enum: [no such order]}}}}}}}}
  /a: {get: {responses: {"200": {}, "400": {content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}}}}}
components:
  schemas:
    Problem:
      type: object
      example: {title: Bad Request, status: 400, detail: what is wrong}
      properties: {title: {type: string}, status: {type: integer}, detail: {type: string}}
"#;

#[test]
fn error_is_written_as_its_status_is_documented() {
    let api = Served::new(ERRORS, Settings::default());
    let invalid = api.post("/orders", "{}");
    assert_eq!((invalid.status, invalid.header("content-type")), (400, "application/problem+json"));
    let message = "Mandatory parameter total is missing";
    assert_eq!(invalid.json(), json!({"title": "Bad Request", "status": 400, "detail": message}));
    assert!(invalid.header("x-standin-refused").starts_with("missing; at=/; rule=required"));
    assert!(!invalid.header("x-request-id").is_empty(), "the documented headers are sent too");
    let missing = api.get("/orders/none");
    let error = json!({"code": 404, "type": "not_found", "message": "Order not found"});
    assert_eq!((missing.status, missing.json()), (404, json!({"success": false, "error": error})));
}

#[test]
fn generated_error_has_only_what_is_required_or_known() {
    let contract = r#"
openapi: 3.0.3
paths:
  /orders:
    post: {responses: {"201": {}}}
  /orders/{id}:
    get: {responses: {"200": {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}, default: {content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}}}}
components:
  schemas:
    Error:
      type: object
      properties:
        requestId: {type: string}
        errors:
          type: array
          items:
            type: object
            required: [kind]
            properties:
              kind: {type: string, enum: [connection_failed, invalid_request]}
              decline_code: {type: string}
              help: {type: string, example: 'https://help.example'}
              param: {type: string}
              source: {type: object, properties: {id: {type: string}}}
              payment: {type: object, properties: {amount: {type: integer}}}
              message: {type: string}
"#;
    let missing = Served::new(contract, Settings::default()).get("/orders/none");
    let error =
        json!({"kind": "invalid_request", "help": "https://help.example", "param": "id", "message": "Order not found"});
    assert_eq!((missing.status, missing.json()), (404, json!({"errors": [error]})));
}

#[test]
fn error_is_written_as_the_default_where_its_status_is_not_documented() {
    let missing = Served::new(ERRORS, Settings::default()).send("DELETE", "/orders/none", &[], "");
    let error = json!({"status": "404", "detail": "Order not found", "source": {"parameter": "id"}});
    assert_eq!((missing.status, missing.json()), (404, json!({"errors": [error]})));
}

#[test]
fn error_without_a_documented_body_is_written_as_most_errors_of_the_contract() {
    let api = Served::new(ERRORS, Settings::default());
    let nowhere = api.get("/nowhere");
    let problem = |detail: &str, status: u16, title: &str| json!({"title": title, "status": status, "detail": detail});
    assert_eq!(nowhere.status, 404);
    assert_eq!(nowhere.json()["error"]["message"], "No operation has the path /nowhere", "as other errors with 404");
    let wrong = api.send("PATCH", "/a", &[], "");
    assert_eq!(wrong.json(), problem("PATCH is not a method of /a", 405, "Method Not Allowed"));
    assert_eq!(api.send("PUT", "/orders/none", &[], "").json()["error"]["message"], "Order not found");
}

#[test]
fn documented_message_stays_where_another_would_be_invalid() {
    let missing = Served::new(ERRORS, Settings::default()).send("PATCH", "/orders/none", &[], "");
    assert_eq!((missing.status, missing.json()), (404, json!({"message": "no such order"})));
}

#[test]
fn error_has_the_default_form_where_the_contract_documents_none() {
    let contract = "openapi: 3.0.3\npaths:\n  /a: {get: {responses: {\"200\": {}, \"404\": {}}}}\n";
    let nowhere = Served::new(contract, Settings::default()).get("/nowhere");
    let message = "No operation has the path /nowhere";
    assert_eq!((nowhere.status, nowhere.json()), (404, json!({"error": message, "message": message})));
}

#[test]
fn invalid_request_gets_400_where_only_the_default_documents_its_status() {
    let contract = |statuses: &str| {
        let body = "{required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}";
        let responses = format!("{{\"201\": {{description: made}}{statuses}}}");
        format!("openapi: 3.0.3\npaths:\n  /a: {{post: {{requestBody: {body}, responses: {responses}}}}}\n")
    };
    let form = "{description: wrong, content: {application/json: {schema: {type: object, properties: {message: {type: string}}}}}}";
    for (statuses, expected) in [
        (String::new(), 422),
        (format!(", default: {form}"), 400),
        (format!(", 4XX: {form}"), 400),
        (format!(", default: {form}, \"422\": {form}"), 422),
    ] {
        let refused = Served::new(&contract(&statuses), Settings::default()).post("/a", "{}");
        assert_eq!(refused.status, expected, "{statuses}");
        assert_eq!(refused.json()["message"], "Mandatory parameter name is missing");
    }
}

#[test]
fn default_that_is_the_success_is_no_form_of_errors() {
    let api = Served::new(ERRORS_ONLY, Settings::default());
    let refused = api.send("PATCH", "/anything", &[], "");
    assert_eq!(refused.json(), json!({"error": "PATCH is not a method of /anything"}));
}

#[test]
fn error_of_an_xml_api_is_xml() {
    let contract = r#"
openapi: 3.0.3
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        "200": {content: {application/xml: {schema: {type: object, properties: {id: {type: string}}}}}}
        "404": {content: {application/xml: {schema: {type: object, xml: {name: Error}, properties: {Message: {type: string}}}}}}
    delete: {responses: {"204": {}}}
  /a:
    post: {responses: {"201": {}}}
"#;
    let missing = Served::new(contract, Settings::default()).get("/a/none");
    let expected = "<Error><Message>A not found</Message></Error>";
    assert_eq!(missing.text.strip_prefix(DECLARATION), Some(expected), "{} {}", missing.status, missing.text);
}

const NULLABLE_ENUMS: &str = r##"
openapi: 3.0.3
paths:
  /calls:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Call'}}}}
      responses: {"201": {description: Created, content: {application/json: {schema: {$ref: '#/components/schemas/Call'}}}}}
  /calls/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {responses: {"200": {description: A call, content: {application/json: {schema: {$ref: '#/components/schemas/Call'}}}}}}
components:
  schemas:
    Call:
      type: object
      required: [reason]
      properties:
        id: {type: string}
        title: {type: string, nullable: true}
        state: {type: string, nullable: true, enum: [open, done]}
        result: {type: string, nullable: true, enum: [good, bad, null]}
        reason: {type: string, nullable: true, readOnly: true, enum: [asked, late]}
        parts: {type: object, properties: {state: {type: string, x-nullable: true, enum: [open, done]}, name: {type: string, nullable: true}}}
"##;

#[test]
fn enum_without_null_is_never_shown_as_null() {
    let resources =
        "call:\n  plural: calls\n  fields: {title: text, state: text, result: text, reason: text, parts: any}\n";
    let folder = ApiFolder {
        contracts: vec![SourceFile::new("calls.yaml", NULLABLE_ENUMS)],
        resources: vec![SourceFile::new("calls.resources.yaml", resources)],
        ..ApiFolder::default()
    };
    let served = Served::of(&folder, Settings::default());
    let created = served.post("/calls", r#"{"parts": {"state": null, "name": null}}"#).json();
    let id = created["id"].as_str().expect("an id");
    let read = served.get(&format!("/calls/{id}")).json();
    for shown in [&created, &read] {
        assert_eq!((shown.get("title"), shown.get("result")), (Some(&json!(null)), Some(&json!(null))), "{shown}");
        assert_eq!(shown.get("state"), None, "{shown}");
        assert!(["asked", "late"].iter().any(|reason| shown["reason"] == *reason), "{shown}");
        assert_eq!(shown["parts"], json!({"name": null}), "{shown}");
    }
}
