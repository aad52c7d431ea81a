//! With documented checking, requests need the credentials of the contract's security schemes.

use serde_json::json;
use standin::fixtures::{About, Case, Fixtures, Source, Wanted};
use standin::pipeline::Session;
use standin::request::{Checking, Settings, UnknownIds};
use standin::scenarios::{Credentials, NOW, Workflows};

use crate::served::{Received, Served};

const SECURED: &str = r#"
openapi: 3.1.0
security: [{token: []}]
paths:
  /token:
    get:
      responses:
        "200": {content: {application/json: {example: {ok: 1}}}}
        "401": {content: {application/json: {example: {why: no token}}}}
  /plain: {get: {responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /forbidden:
    get:
      responses:
        "200": {content: {application/json: {example: {ok: 1}}}}
        "403": {content: {application/problem+json: {example: {title: forbidden}}}}
  /range:
    get:
      responses:
        "200": {content: {application/json: {example: {ok: 1}}}}
        4XX: {content: {application/json: {schema: {type: object, properties: {code: {type: string, const: E1}}, required: [code]}}}}
  /open: {get: {security: [], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /optional: {get: {security: [{password: []}, {}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /password: {get: {security: [{password: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /oauth: {get: {security: [{oauth: [read]}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /oidc: {get: {security: [{oidc: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /header: {get: {security: [{header: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /query: {get: {security: [{query: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /cookie: {get: {security: [{cookie: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /both: {get: {security: [{query: [], cookie: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /either: {get: {security: [{query: []}, {cookie: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /certificate: {get: {security: [{certificate: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
  /unknown: {get: {security: [{nowhere: []}], responses: {"200": {content: {application/json: {example: {ok: 1}}}}}}}
components:
  securitySchemes:
    token: {type: http, scheme: Bearer}
    password: {type: http, scheme: basic}
    oauth: {type: oauth2, flows: {}}
    oidc: {type: openIdConnect, openIdConnectUrl: "https://id.example.com"}
    header: {type: apiKey, in: header, name: X-Key}
    query: {type: apiKey, in: query, name: key}
    cookie: {$ref: '#/components/securitySchemes/session'}
    session: {type: apiKey, in: cookie, name: sid}
    certificate: {type: mutualTLS}
"#;

fn secured(contract: &str) -> Served {
    Served::new(contract, Settings { checking: Checking::Documented, ..Settings::default() })
}

fn get(api: &Served, target: &str, headers: &[(&str, &str)]) -> Received {
    api.send("GET", target, headers, "")
}

#[test]
fn request_needs_the_documented_kind_of_credentials() {
    let api = secured(SECURED);
    let status = |target: &str, headers: &[(&str, &str)]| get(&api, target, headers).status;
    let bearer = [("authorization", "bearer x")];
    let basic = [("authorization", "Basic YTpi")];
    for path in ["/token", "/plain", "/oauth", "/oidc"] {
        assert_eq!((status(path, &bearer), status(path, &basic), status(path, &[])), (200, 401, 401), "{path}");
        assert_eq!(status(path, &[("authorization", "Bearer ")]), 401, "{path}: an empty token");
    }
    assert_eq!((status("/password", &basic), status("/password", &bearer)), (200, 401));
    assert_eq!(status("/password", &[("authorization", "Basic a:b")]), 401, "not in base64");
    assert_eq!((status("/header", &[("x-key", "1")]), status("/header", &[])), (200, 401));
    assert_eq!((status("/query?key=1", &[]), status("/query?key=", &[]), status("/query", &[])), (200, 401, 401));
    assert_eq!((status("/cookie", &[("cookie", "a=b; sid=1")]), status("/cookie", &[("cookie", "a=b")])), (200, 401));
}

#[test]
fn alternatives_are_independent_and_the_members_of_one_are_required_together() {
    let api = secured(SECURED);
    let status = |target: &str, headers: &[(&str, &str)]| get(&api, target, headers).status;
    let session = [("cookie", "sid=1")];
    assert_eq!(
        (status("/both?key=1", &session), status("/both?key=1", &[]), status("/both", &session)),
        (200, 401, 401)
    );
    assert_eq!((status("/either?key=1", &[]), status("/either", &session), status("/either", &[])), (200, 200, 401));
    for open in ["/open", "/optional", "/certificate", "/unknown"] {
        assert_eq!(status(open, &[]), 200, "{open}");
    }
}

#[test]
fn missing_credentials_get_the_documented_response() {
    let api = secured(SECURED);
    let rejected = |target: &str| {
        let received = get(&api, target, &[]);
        let challenge = received.header("www-authenticate").to_owned();
        (received.status, received.json(), challenge)
    };
    assert_eq!(rejected("/token"), (401, json!({"why": "no token"}), "Bearer".to_owned()));
    assert_eq!(rejected("/forbidden"), (403, json!({"title": "forbidden"}), String::new()));
    assert_eq!(rejected("/range"), (401, json!({"code": "E1"}), "Bearer".to_owned()));
    let (status, body, challenge) = rejected("/password");
    assert_eq!((status, challenge.split(' ').next()), (401, Some("Basic")));
    assert_eq!(body, json!({"title": "The credentials are missing: Authorization: basic"}));
    let reason = get(&api, "/both?key=1", &[]).header("x-standin-refused").to_owned();
    assert!(reason.starts_with("unauthenticated; at=/cookie/sid; rule=security; contract=api.yaml:"), "{reason}");
}

#[test]
fn security_definitions_of_swagger_2_are_read() {
    let api = secured(
        r#"
swagger: "2.0"
securityDefinitions: {password: {type: basic}, key: {type: apiKey, in: query, name: key}}
security: [{password: []}]
paths:
  /password: {get: {responses: {"200": {description: ok}}}}
  /key: {get: {security: [{key: []}], responses: {"200": {description: ok}}}}
"#,
    );
    let status = |target: &str, headers: &[(&str, &str)]| get(&api, target, headers).status;
    assert_eq!((status("/password", &[("authorization", "Basic YTpi")]), status("/password", &[])), (200, 401));
    assert_eq!((status("/key?key=1", &[]), status("/key", &[])), (200, 401));
}

#[test]
fn credentials_are_not_required_by_default() {
    for checking in [Checking::Lenient, Checking::Off] {
        let api = Served::new(SECURED, Settings { checking, ..Settings::default() });
        assert_eq!(get(&api, "/token", &[]).status, 200);
    }
}

#[test]
fn fixtures_with_documented_checking_have_the_credentials_and_parameters_of_the_contract() {
    let contract = r#"
openapi: 3.1.0
security: [{token: [], session: [], query: []}]
paths:
  /things/{id}:
    get:
      parameters:
        - {in: path, name: id, required: true, style: label, schema: {type: integer}}
        - {in: query, name: ids, required: true, schema: {type: array, minItems: 2, items: {type: integer}}}
        - {in: query, name: csv, required: true, explode: false, schema: {type: array, minItems: 2, items: {type: integer}}}
        - {in: query, name: obj, required: true, style: deepObject, schema: {type: object, required: [a], properties: {a: {type: integer}}}}
        - {in: query, name: json, required: true, content: {application/json: {schema: {type: object, required: [a], properties: {a: {type: integer}}}}}}
        - {in: header, name: x-ids, required: true, schema: {type: array, minItems: 2, items: {type: integer}}}
        - {in: cookie, name: count, required: true, schema: {type: integer}}
      responses: {"200": {content: {application/json: {example: {ok: 1}}}}}
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    session: {type: apiKey, in: cookie, name: sid}
    query: {type: apiKey, in: query, name: key}
"#;
    let settings = Settings { checking: Checking::Documented, unknown_ids: UnknownIds::Example };
    let api = Served::new(contract, settings);
    let state = Session::new(api.session.state());
    let credentials = Credentials::of(&api.engine, &state.state());
    let about = About { scenario: "empty".to_owned(), seed: None, now: NOW, quirks: None, quirk: Vec::new() };
    let workflows = Workflows::default();
    let source = Source { engine: &api.engine, state: &state, credentials: &credentials, workflows: &workflows, about };
    let fixtures = Fixtures::make(&source, &Wanted::default(), &|| {});
    let success = fixtures.list.iter().find(|fixture| fixture.case == Case::Success);
    assert_eq!(success.map(|fixture| fixture.point.response.status), Some(200));
}
