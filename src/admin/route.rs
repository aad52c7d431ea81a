use std::sync::LazyLock;

use http::{Method, StatusCode};
use percent_encoding::percent_decode_str;

use super::{
    AdminFeed, Answer, Context, clock, events, faults, health, login, metrics, openapi, operations, quirks,
    record_stream, records, replay, requests, reset, scenarios, schemas, send, sessions, snapshot, source, state,
    tokens, verify, wiremock,
};
#[cfg(feature = "fixtures")]
use super::{provider_states, sample};
use crate::request::Problem;

/// One operation of the control API.
pub struct Route {
    /// The method. A GET route answers HEAD too.
    pub method: Method,
    /// The path; `{name}` stands for one segment.
    pub path: &'static str,
    /// One line for help texts.
    pub summary: &'static str,
    pub(super) handler: Handler,
    /// The type of the body of a success that is not JSON; with `result`, another form of the same value.
    pub(super) text: Option<&'static str>,
    /// What writes the rest of the body of a success in pieces.
    pub(super) feed: Option<FeedBuilder>,
    /// The schema of the request's body, by its name among those of the control API; `None` if it has no body.
    pub(super) body: Option<&'static str>,
    /// The names of the query parameters.
    pub(super) query: &'static [&'static str],
    /// The status of a success.
    pub(super) status: StatusCode,
    /// Whether a success can also be 201.
    pub(super) can_create: bool,
    /// The schema of the body of a success; `None` for 204.
    pub(super) result: Option<&'static str>,
    /// Whether it can add records.
    pub(super) stores: bool,
    /// The statuses of errors, apart from those that follow from body, query and path.
    pub(super) errors: &'static [StatusCode],
}

const CONFLICT: &[StatusCode] = &[StatusCode::CONFLICT];
const NOT_FOUND: &[StatusCode] = &[StatusCode::NOT_FOUND];
const GONE: &[StatusCode] = &[StatusCode::GONE];

/// All operations. Routing, the 404 and 405 responses, the help of `serve` and `GET /openapi.json` are made from this table.
pub static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    vec![
        #[cfg(feature = "inspector")]
        get("/", "Show the web page", super::page::get).returns_text("text/html").fails(NOT_FOUND),
        #[cfg(feature = "inspector")]
        get("/inspector/{file}", "Return a file of the web page", super::page::get_file).returns_text("text/*"),
        get("/health", "Report that the server is up", health::get).returns("done"),
        get("/ready", "Report that the server answers requests", health::ready).returns("done"),
        get("/info", "Show version, API and limits", health::info).returns("info"),
        get("/login", "Turn the code of the URL that `serve` prints into a cookie", login::get)
            .query(&login::PARAMETERS)
            .redirects()
            .fails(NOT_FOUND),
        get("/openapi.json", "Describe the control API as an OpenAPI document", openapi::get).returns("object"),
        get("/metrics", "Show requests, sessions and the journal in the text format of Prometheus", metrics::get)
            .returns_text("text/plain"),
        get("/operations", "List the operations: what implements them, how often they were requested", operations::get)
            .query(&operations::PARAMETERS)
            .returns("operations"),
        get("/scenarios", "List the scenarios", scenarios::list).returns("scenarios"),
        get("/events", "Follow requests and events of the clocks of all sessions, as server-sent events", events::get)
            .query(&events::PARAMETERS)
            .returns_text("text/event-stream")
            .streams(events::feed_of_all),
        get("/quirks", "List the quirks, and which are on in new sessions", quirks::catalog).returns("quirk_list"),
        get("/schemas/{kind}", "Show the JSON Schema of a kind of record", schemas::get).returns("object"),
        get("/source", "Show a part of a file of the API, such as an operation in its contract", source::get)
            .query(&source::PARAMETERS)
            .returns("source")
            .fails(NOT_FOUND),
        get("/sessions", "List the sessions", sessions::list).returns("sessions"),
        post("/sessions", "Create a session: `id`, `from`, `scenario`, `now`, `quirks`", sessions::create)
            .takes("session_to_create")
            .stores()
            .creates("session")
            .fails(CONFLICT),
        get("/sessions/{session}", "Show a session", sessions::get).returns("session"),
        delete("/sessions/{session}", "Delete a session", sessions::delete).fails(CONFLICT),
        post("/sessions/{session}/reset", "Restore the initial state of a session", sessions::reset),
        get("/sessions/{session}/clock", "Show the clock", clock::get).returns("clock"),
        put("/sessions/{session}/clock", "Set the clock: `now`, `advance`, `frozen`, `speed`", clock::put)
            .takes("clock_to_set")
            .returns("clock"),
        get("/sessions/{session}/quirks", "Show which quirks are on", quirks::get).returns("quirks"),
        put("/sessions/{session}/quirks", "Switch quirks: `profile`, `switches`", quirks::put)
            .takes("quirks_to_switch")
            .returns("quirks"),
        get("/sessions/{session}/faults", "List the faults", faults::list).returns("faults"),
        post("/sessions/{session}/faults", "Add a fault: a match and one kind, such as `latency`", faults::create)
            .takes("fault_to_add")
            .creates("fault")
            .fails(CONFLICT),
        delete("/sessions/{session}/faults", "Remove all faults", faults::clear),
        delete("/sessions/{session}/faults/{fault}", "Remove a fault", faults::delete),
        get("/sessions/{session}/tokens", "List the tokens that the scenario declares", tokens::list).returns("tokens"),
        get("/sessions/{session}/snapshot", "Show the whole state as a scenario", snapshot::get)
            .query(&snapshot::PARAMETERS)
            .returns("object")
            .returns_text("application/yaml")
            .streams(snapshot::stream),
        put("/sessions/{session}/snapshot", "Replace the whole state by a snapshot or a scenario", snapshot::put)
            .takes("object")
            .stores()
            .returns("session"),
        get("/sessions/{session}/records", "List the kinds of records", records::kinds).returns("kinds"),
        get("/sessions/{session}/records/{kind}", "List the records of a kind", record_stream::head)
            .returns("records")
            .streams(records::list),
        post("/sessions/{session}/records/{kind}", "Create a record", records::create)
            .takes("object")
            .stores()
            .creates("object")
            .fails(CONFLICT),
        get("/sessions/{session}/records/{kind}/{id}", "Show a record", records::get).returns("object"),
        put("/sessions/{session}/records/{kind}/{id}", "Replace a record, or create it", records::put)
            .takes("object")
            .stores()
            .returns("object")
            .or_creates(),
        delete("/sessions/{session}/records/{kind}/{id}", "Delete a record", records::delete),
        get("/sessions/{session}/requests", "List the requests of a session", requests::list)
            .query(&requests::PARAMETERS)
            .returns("requests"),
        get("/sessions/{session}/requests/{seq}", "Show one request", requests::get).returns("request").fails(GONE),
        post("/sessions/{session}/requests/verify", "Count the requests that match", verify::post)
            .takes("verification")
            .returns("verification_result"),
        get(
            "/sessions/{session}/events",
            "Follow requests and events of the clock, as server-sent events",
            events::get,
        )
        .query(&events::PARAMETERS)
        .returns_text("text/event-stream")
        .streams(events::feed),
        post("/sessions/{session}/replay", "Run a scenario: its records, then its steps", replay::post)
            .takes("replay")
            .stores()
            .returns("replay_report"),
        #[cfg(feature = "fixtures")]
        get("/sessions/{session}/sample", "Show a request to try an operation with", sample::get)
            .query(&sample::PARAMETERS)
            .returns("request_to_send"),
        post("/sessions/{session}/send", "Send a request to the API", send::post)
            .takes("request_to_send")
            .returns("sent"),
        get(
            "/state",
            "Show the clock, records and last requests; `?kind=client` selects one kind",
            record_stream::head,
        )
        .query(&["kind"])
        .returns("state")
        .streams(state::get),
        post("/reset", "Restore the initial state", reset::post).returns("done"),
        get("/__admin/health", "As in WireMock: report that the server is up", wiremock::health).returns("object"),
        get("/__admin/requests", "As in WireMock: list the requests", wiremock::list)
            .query(&wiremock::PARAMETERS)
            .returns("object"),
        post("/__admin/requests/find", "As in WireMock: find requests", wiremock::find)
            .takes("object")
            .returns("object"),
        post("/__admin/requests/count", "As in WireMock: count requests", wiremock::count)
            .takes("object")
            .returns("object"),
        post("/__admin/reset", "As in WireMock: restore the initial state", wiremock::reset).returns("done"),
        #[cfg(feature = "fixtures")]
        post("/states", "Set up a provider state, as Pact's verifier requests it", provider_states::post)
            .takes("provider_state")
            .returns("object")
            .fails(CONFLICT),
    ]
});

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
    for route in ROUTES.iter() {
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
type FeedBuilder = fn(&Context<'_>) -> Result<AdminFeed, Problem>;

fn route(method: Method, path: &'static str, summary: &'static str, handler: Handler) -> Route {
    let (status, query, errors): (_, &[&str], &[StatusCode]) = (StatusCode::NO_CONTENT, &[], &[]);
    Route {
        method,
        path,
        summary,
        handler,
        text: None,
        feed: None,
        body: None,
        query,
        status,
        can_create: false,
        result: None,
        stores: false,
        errors,
    }
}

fn get(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    route(Method::GET, path, summary, handler)
}

fn post(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    route(Method::POST, path, summary, handler)
}

fn put(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    route(Method::PUT, path, summary, handler)
}

fn delete(path: &'static str, summary: &'static str, handler: Handler) -> Route {
    route(Method::DELETE, path, summary, handler)
}

/// What a route takes and returns. Without these, it has no body and responds with 204.
impl Route {
    fn takes(self, body: &'static str) -> Self {
        Self { body: Some(body), ..self }
    }

    fn query(self, query: &'static [&'static str]) -> Self {
        Self { query, ..self }
    }

    fn returns(self, result: &'static str) -> Self {
        Self { status: StatusCode::OK, result: Some(result), ..self }
    }

    fn returns_text(self, content_type: &'static str) -> Self {
        Self { status: StatusCode::OK, text: Some(content_type), ..self }
    }

    fn creates(self, result: &'static str) -> Self {
        Self { status: StatusCode::CREATED, result: Some(result), ..self }
    }

    fn redirects(self) -> Self {
        Self { status: StatusCode::SEE_OTHER, ..self }
    }

    fn or_creates(self) -> Self {
        Self { can_create: true, ..self }
    }

    fn streams(self, feed: FeedBuilder) -> Self {
        Self { feed: Some(feed), ..self }
    }

    fn stores(self) -> Self {
        Self { stores: true, ..self }
    }

    fn fails(self, errors: &'static [StatusCode]) -> Self {
        Self { errors, ..self }
    }
}
