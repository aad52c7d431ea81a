//! The control API: [`ROUTES`], one file for each noun.
//!
//! Web pages can reach ports of the loopback interface, so `guard` runs before routing.

mod guard;
mod health;
mod provider_states;
mod reset;
mod state;

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use crate::pipeline::{Engine, Session};
use crate::request::{Request, Response};

/// One operation of the control API.
pub struct Route {
    /// The method. A GET route answers HEAD too.
    pub method: Method,
    /// The path.
    pub path: &'static str,
    /// One line for help texts.
    pub summary: &'static str,
    handler: fn(&Context<'_>) -> Response,
}

/// All operations. Routing, the 404 and 405 responses and the help of `serve` are made from this table.
pub static ROUTES: &[Route] = &[
    Route { method: Method::GET, path: "/health", summary: "Report that the server is up", handler: health::get },
    Route {
        method: Method::GET,
        path: "/state",
        summary: "Show the clock, records and last requests; `?kind=client` selects one kind",
        handler: state::get,
    },
    Route { method: Method::POST, path: "/reset", summary: "Restore the initial state", handler: reset::post },
    Route {
        method: Method::POST,
        path: "/states",
        summary: "Set up a provider state, as Pact's verifier requests it",
        handler: provider_states::post,
    },
];

/// What a handler of the control API works on.
struct Context<'a> {
    engine: &'a Engine,
    session: &'a Session,
    request: &'a Request,
}

/// Responds to a request on the control port.
pub fn respond(engine: &Engine, session: &Session, request: &Request) -> Response {
    if let Err(message) = guard::check(&request.headers, !request.body.is_empty()) {
        return error(StatusCode::FORBIDDEN, message);
    }
    let path = request.path.as_str();
    let route = ROUTES.iter().find(|route| route.path == path && accepts(route, &request.method));
    if let Some(route) = route {
        return (route.handler)(&Context { engine, session, request });
    }
    match allowed_methods(path) {
        methods if methods.is_empty() => {
            let routes: Vec<String> = ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
            json_response(StatusCode::NOT_FOUND, &json!({"error": "no such path", "known": routes}))
        }
        methods => {
            let allowed = methods.join(", ");
            let mut response = error(StatusCode::METHOD_NOT_ALLOWED, &format!("use {allowed}"));
            response.headers.extend(HeaderValue::from_str(&allowed).ok().map(|allowed| (ALLOW, allowed)));
            response
        }
    }
}

fn accepts(route: &Route, method: &Method) -> bool {
    route.method == *method || route.method == Method::GET && *method == Method::HEAD
}

fn allowed_methods(path: &str) -> Vec<&'static str> {
    let routes = ROUTES.iter().filter(|route| route.path == path);
    let methods = routes.flat_map(|route| match route.method == Method::GET {
        true => vec!["GET", "HEAD"],
        false => vec![route.method.as_str()],
    });
    methods.collect()
}

fn json_response(status: StatusCode, body: &Value) -> Response {
    Response::json(status.as_u16(), body.to_string())
}

fn error(status: StatusCode, message: &str) -> Response {
    json_response(status, &json!({"error": message}))
}
