//! `GET /openapi.json`: the control API as an OpenAPI document, made from the table of its routes.

use std::sync::LazyLock;

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::route::{ROUTES, Route};
use super::{Answer, Context, ok};
use crate::openapi::template::parameter_names;

/// The schemas that the routes name.
const SCHEMAS: &str = include_str!("openapi.schemas.json");

static DOCUMENT: LazyLock<Value> = LazyLock::new(document);

pub(super) fn get(_: &Context<'_>) -> Answer {
    ok(&DOCUMENT)
}

fn document() -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES.iter() {
        let item = paths.entry(route.path).or_insert_with(|| json!({}));
        item[route.method.as_str().to_ascii_lowercase()] = operation(route);
    }
    let schemas: Value = serde_json::from_str(SCHEMAS).expect("the embedded file is valid");
    json!({
        "openapi": "3.1.0",
        "info": {"title": "Control API of standin", "version": env!("CARGO_PKG_VERSION")},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"admin_token": {"type": "http", "scheme": "bearer"}},
        },
        // Without --admin-token, no token is needed.
        "security": [{}, {"admin_token": []}],
    })
}

fn operation(route: &Route) -> Value {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let in_path = parameter_names(route.path).map(
        |name| json!({"name": name, "in": "path", "required": true, "schema": reference(&format!("path_{name}"))}),
    );
    let in_query = route
        .query
        .iter()
        .map(|name| json!({"name": name, "in": "query", "schema": reference(&format!("query_{name}"))}));
    let parameters: Vec<Value> = in_path.chain(in_query).collect();
    let mut responses = Map::new();
    let json = route.result.map(|name| ("application/json".to_owned(), json!({"schema": reference(name)})));
    // Another type beside JSON is another form of the same value.
    let of_text = route.result.map_or_else(|| json!({"type": "string"}), reference);
    let text = route.text.map(|kind| (kind.to_owned(), json!({"schema": of_text})));
    let content: Map<String, Value> = json.into_iter().chain(text).collect();
    let success = match content.is_empty() {
        true => json!({"description": "done"}),
        false => json!({"description": "done", "content": content}),
    };
    if route.can_create {
        responses.insert(StatusCode::CREATED.as_str().to_owned(), success.clone());
    }
    responses.insert(route.status.as_str().to_owned(), success);
    for status in errors(route) {
        let description = status.canonical_reason().unwrap_or_default();
        let content = json!({"application/problem+json": {"schema": reference("problem")}});
        responses.insert(status.as_str().to_owned(), json!({"description": description, "content": content}));
    }
    let mut operation = json!({"summary": route.summary, "parameters": parameters, "responses": responses});
    if let Some(body) = route.body {
        operation["requestBody"] =
            json!({"required": true, "content": {"application/json": {"schema": reference(body)}}});
    }
    operation
}

/// The statuses of all errors of a route.
fn errors(route: &Route) -> Vec<StatusCode> {
    let has_input = route.body.is_some() || !route.query.is_empty();
    let mut errors = vec![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN];
    errors.extend(has_input.then_some(StatusCode::BAD_REQUEST));
    errors.extend(route.path.contains('{').then_some(StatusCode::NOT_FOUND));
    errors.extend(route.body.map(|_| StatusCode::PAYLOAD_TOO_LARGE));
    errors.extend(route.stores.then_some(StatusCode::INSUFFICIENT_STORAGE));
    errors.extend(route.errors);
    if needs_session(route) {
        errors.extend(OF_REPLICAS);
    }
    errors
}

/// Errors of requests whose session is at another replica, is lost, or cannot be taken up: with `serve --park`.
const OF_REPLICAS: [StatusCode; 3] =
    [StatusCode::GONE, StatusCode::MISDIRECTED_REQUEST, StatusCode::SERVICE_UNAVAILABLE];

/// Whether a request takes up a session that is parked.
fn needs_session(route: &Route) -> bool {
    let creates = route.path == "/sessions" && route.method == Method::POST;
    creates || route.path.starts_with("/sessions/") || route.path.starts_with("/__admin/")
}
