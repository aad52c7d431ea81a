use http::Method;
use serde::Serialize;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

use super::{StatusPattern, TextMatch, json_subset};
use crate::faults::OperationPattern;
use crate::openapi::PathPattern;
use crate::request::{Query, redact_credentials, redact_target};
use crate::session::Call;

/// Conditions about a request and its response; all of them must hold.
#[derive(Clone, Debug, Default)]
pub struct RequestMatch(pub Vec<Condition>);

/// One condition.
#[derive(Clone, Debug)]
pub enum Condition {
    /// The operation.
    Operation(OperationPattern),
    /// The method.
    Method(Method),
    /// The path without session and gateway prefixes.
    Path(PathPattern),
    /// The path as it was sent, with or without the query.
    Url {
        /// What it must be.
        text: TextMatch,
        /// Whether the query belongs to it.
        with_query: bool,
    },
    /// The status: `404` or `4xx`.
    Status(StatusPattern),
    /// The kind of the caller's token.
    Token(String),
    /// A query parameter.
    Query(String, TextMatch),
    /// A header, by its name in lower case.
    Header(String, TextMatch),
    /// The JSON body contains this.
    BodyContains(Value),
    /// The JSON body is this.
    BodyEquals(Value),
    /// A JSON path finds something in the body.
    BodyPath(JsonPath, String),
    /// The body as text.
    BodyText(TextMatch),
}

/// In what a request differs from a condition.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where: `method`, `path`, `header NAME`, `query NAME`, or a JSON pointer into the body that begins with `body`.
    pub at: String,
    /// What the condition expects.
    pub expected: Value,
    /// What was sent, without credentials; `null` if nothing was.
    pub actual: Option<Value>,
}

impl Difference {
    /// A difference at a place; `name` is the name of the value there, which tells whether it is a credential.
    pub(super) fn new(at: &str, name: &str, expected: Value, mut actual: Option<Value>) -> Self {
        if let Some(actual) = &mut actual {
            redact_credentials(actual, name);
        }
        Self { at: at.to_owned(), expected, actual }
    }
}

impl RequestMatch {
    /// In what a request differs; empty if it matches.
    pub fn compare(&self, call: &Call) -> Vec<Difference> {
        let mut found = Vec::new();
        for condition in &self.0 {
            condition.compare(call, &mut found);
        }
        found
    }

    /// How near a request is that does not match: the number of conditions that hold.
    pub fn closeness(&self, call: &Call) -> usize {
        let holds = |condition: &&Condition| {
            let mut found = Vec::new();
            condition.compare(call, &mut found);
            found.is_empty()
        };
        self.0.iter().filter(holds).count()
    }
}

impl Condition {
    fn compare(&self, call: &Call, found: &mut Vec<Difference>) {
        match self {
            Self::BodyContains(part) => json_subset::compare(part, body(call).as_ref(), "body", found),
            Self::BodyEquals(_) | Self::BodyPath(..) | Self::BodyText(_) => found.extend(self.compare_body(call)),
            Self::Url { .. } | Self::Query(..) | Self::Header(..) => found.extend(self.compare_text(call)),
            _ => found.extend(self.compare_route(call)),
        }
    }

    fn compare_route(&self, call: &Call) -> Option<Difference> {
        let (at, holds, expected, actual): (_, _, Value, Option<Value>) = match self {
            Self::Operation(pattern) => {
                let key = call.operation.as_deref();
                let holds = key.is_some_and(|key| pattern.matches_key(key));
                ("operation", holds, pattern.as_str().into(), key.map(Value::from))
            }
            Self::Method(method) => {
                let sent = &call.method;
                ("method", method == sent, method.as_str().into(), Some(sent.as_str().into()))
            }
            Self::Path(pattern) => {
                ("path", pattern.matches(call.local_path()), pattern.to_string().into(), Some(call.local_path().into()))
            }
            Self::Status(wanted) => {
                let status = call.status;
                ("status", wanted.matches(status), wanted.to_string().into(), Some(status.as_u16().into()))
            }
            Self::Token(kind) => {
                let caller = call.caller.as_str();
                ("token", kind == caller, kind.as_str().into(), Some(caller.into()))
            }
            _ => return None,
        };
        (!holds).then(|| Difference::new(at, "", expected, actual))
    }

    fn compare_text(&self, call: &Call) -> Option<Difference> {
        let (kind, name, text, holds, actual) = match self {
            Self::Url { text, with_query } => {
                let query = call.query().filter(|_| *with_query);
                let url = query.map_or(call.path().to_owned(), |query| format!("{}?{query}", call.path()));
                ("url", "", text, text.accepts([url.as_str()].into_iter()), Some(redact_target(&url)))
            }
            Self::Query(name, text) => {
                let query = Query::parse(call.query());
                let values = || query.iter().filter(|(known, _)| known == name).map(|(_, value)| value);
                ("query", name.as_str(), text, text.accepts(values()), values().next().map(str::to_owned))
            }
            Self::Header(name, text) => {
                let values = || call.headers().values(name);
                // Its value may be a credential.
                let actual = values().next().map(|_| "another value".to_owned());
                ("header", name.as_str(), text, text.accepts(values()), actual)
            }
            _ => return None,
        };
        let at = if name.is_empty() { kind.to_owned() } else { format!("{kind} {name}") };
        (!holds).then(|| Difference::new(&at, name, text.describe().into(), actual.map(Value::from)))
    }

    fn compare_body(&self, call: &Call) -> Option<Difference> {
        let json = body(call);
        let text = String::from_utf8_lossy(call.body());
        let (holds, expected) = match self {
            Self::BodyEquals(wanted) => (json.as_ref() == Some(wanted), wanted.clone()),
            Self::BodyPath(path, written) => {
                (json.as_ref().is_some_and(|body| !path.query(body).is_empty()), json!({"path": written}))
            }
            Self::BodyText(wanted) => (wanted.accepts([text.as_ref()].into_iter()), wanted.describe().into()),
            _ => return None,
        };
        let actual = json.or_else(|| (!text.is_empty()).then(|| text.as_ref().into()));
        (!holds).then(|| Difference::new("body", "", expected, actual))
    }
}

/// The body as JSON. Of a body that the journal has shortened there is none.
fn body(call: &Call) -> Option<Value> {
    serde_json::from_slice(call.body()).ok()
}
