use http::Method;
use percent_encoding::percent_decode_str;

use super::{
    Answer, Context, clock, faults, health, provider_states, quirks, requests, reset, send, sessions, snapshot, state,
    verify, wiremock,
};

/// One operation of the control API.
pub struct Route {
    /// The method. A GET route answers HEAD too.
    pub method: Method,
    /// The path; `{name}` stands for one segment.
    pub path: &'static str,
    /// One line for help texts.
    pub summary: &'static str,
    pub(super) handler: Handler,
}

/// All operations. Routing, the 404 and 405 responses and the help of `serve` are made from this table.
pub static ROUTES: &[Route] = &[
    get("/health", "Report that the server is up", health::get),
    get("/ready", "Report that the server answers requests", health::ready),
    get("/info", "Show version, API and limits", health::info),
    get("/sessions", "List the sessions", sessions::list),
    post("/sessions", "Create a session: `id`, `from`, `scenario`, `now`, `quirks`", sessions::create),
    get("/sessions/{session}", "Show a session", sessions::get),
    delete("/sessions/{session}", "Delete a session", sessions::delete),
    post("/sessions/{session}/reset", "Restore the initial state of a session", sessions::reset),
    get("/sessions/{session}/clock", "Show the clock", clock::get),
    put("/sessions/{session}/clock", "Set the clock: `now`, `advance`, `frozen`, `speed`", clock::put),
    get("/sessions/{session}/quirks", "Show which quirks are on", quirks::get),
    put("/sessions/{session}/quirks", "Switch quirks: `profile`, `switches`", quirks::put),
    get("/sessions/{session}/faults", "List the faults", faults::list),
    post("/sessions/{session}/faults", "Add a fault: a match and one kind, such as `latency`", faults::create),
    delete("/sessions/{session}/faults", "Remove all faults", faults::clear),
    delete("/sessions/{session}/faults/{fault}", "Remove a fault", faults::delete),
    get("/sessions/{session}/snapshot", "Show the whole state as a scenario", snapshot::get),
    put("/sessions/{session}/snapshot", "Replace the whole state by a snapshot or a scenario", snapshot::put),
    get("/sessions/{session}/requests", "List the requests of a session", requests::list),
    get("/sessions/{session}/requests/{seq}", "Show one request", requests::get),
    post("/sessions/{session}/requests/verify", "Count the requests that match", verify::post),
    post("/sessions/{session}/send", "Send a request to the API", send::post),
    get("/state", "Show the clock, records and last requests; `?kind=client` selects one kind", state::get),
    post("/reset", "Restore the initial state", reset::post),
    get("/__admin/health", "As in WireMock: report that the server is up", wiremock::health),
    get("/__admin/requests", "As in WireMock: list the requests", wiremock::list),
    post("/__admin/requests/find", "As in WireMock: find requests", wiremock::find),
    post("/__admin/requests/count", "As in WireMock: count requests", wiremock::count),
    post("/__admin/reset", "As in WireMock: restore the initial state", wiremock::reset),
    post("/states", "Set up a provider state, as Pact's verifier requests it", provider_states::post),
];

/// The result of routing.
pub(super) enum PathMatch {
    /// A route, and the values of its path parameters.
    Route(&'static Route, Vec<String>),
    /// The path has routes of these methods only.
    OtherMethods(Vec<&'static str>),
    /// No route has the path.
    Nothing,
}

/// Finds the route of a request.
pub(super) fn find(method: &Method, path: &str) -> PathMatch {
    let mut methods = Vec::new();
    for route in ROUTES {
        let Some(values) = match_path(route.path, path) else { continue };
        if accepts(route, method) {
            return PathMatch::Route(route, values);
        }
        match route.method == Method::GET {
            true => methods.extend(["GET", "HEAD"]),
            false => methods.push(route.method.as_str()),
        }
    }
    match methods.is_empty() {
        true => PathMatch::Nothing,
        false => PathMatch::OtherMethods(methods),
    }
}

/// The values of a template's parameters in a path that matches it.
fn match_path(template: &str, path: &str) -> Option<Vec<String>> {
    let mut segments = path.split('/');
    let mut values = Vec::new();
    for part in template.split('/') {
        let segment = segments.next()?;
        match part.starts_with('{') {
            true if !segment.is_empty() => values.push(percent_decode_str(segment).decode_utf8_lossy().into_owned()),
            false if part == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some(values)
}

fn accepts(route: &Route, method: &Method) -> bool {
    route.method == *method || route.method == Method::GET && *method == Method::HEAD
}

type Handler = fn(&Context<'_>) -> Answer;

const fn get(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Method::GET, path, summary, handler }
}

const fn post(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Method::POST, path, summary, handler }
}

const fn put(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Method::PUT, path, summary, handler }
}

const fn delete(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    Route { method: Method::DELETE, path, summary, handler }
}
