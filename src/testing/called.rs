use std::fmt;

use serde_json::{Map, Value, json};

/// A claim about the requests of a session, for [`MockSession::verify`](super::MockSession::verify): without a number,
/// that at least one matches.
///
/// ```
/// # use serde_json::json;
/// use standin::testing::called;
///
/// let claim = called("POST /v1/orders").body(json!({"item": "cup"})).times(1);
/// assert_eq!(claim.to_string(), r#"exactly 1 request that matches {"operation":"POST /v1/orders","body":{"item":"cup"}}"#);
/// ```
#[derive(Clone, Debug)]
#[must_use = "`MockSession::verify` checks it"]
pub struct Called {
    conditions: Map<String, Value>,
    least: Option<u64>,
    most: Option<u64>,
}

/// A claim about an operation, such as `GET /v1/orders/{id}`, or a pattern, such as `GET /v1/**` or `* /v1/*`.
pub fn called(operation: &str) -> Called {
    let conditions = Map::from_iter([("operation".to_owned(), operation.into())]);
    Called { conditions, least: None, most: None }
}

impl Called {
    /// Counts only requests of a path without prefixes; `*` is one segment, `**` at the end any number.
    pub fn path(self, path: &str) -> Self {
        self.with("path", path.into())
    }

    /// Counts only responses with a status, such as `404` or `"4xx"`.
    pub fn status(self, status: impl Into<Value>) -> Self {
        self.with("status", status.into())
    }

    /// Counts only requests with a token of a kind.
    pub fn token(self, kind: &str) -> Self {
        self.with("token", kind.into())
    }

    /// Counts only requests with a value in the query. May be repeated.
    pub fn query(self, name: &str, value: &str) -> Self {
        self.with_pair("query", name, value)
    }

    /// Counts only requests with a header. May be repeated.
    pub fn header(self, name: &str, value: &str) -> Self {
        self.with_pair("headers", name, value)
    }

    /// Counts only requests whose JSON body contains this.
    pub fn body(self, part: impl Into<Value>) -> Self {
        self.with("body", part.into())
    }

    /// Counts only requests in whose JSON body a JSONPath finds something.
    pub fn body_path(self, path: &str) -> Self {
        self.with("body_path", path.into())
    }

    /// There are exactly so many.
    pub fn times(self, count: u64) -> Self {
        Self { least: Some(count), most: Some(count), ..self }
    }

    /// There is none.
    pub fn never(self) -> Self {
        self.times(0)
    }

    /// There are at least so many.
    pub fn at_least(self, count: u64) -> Self {
        Self { least: Some(count), ..self }
    }

    /// There are at most so many. Without `at_least` there may be none.
    pub fn at_most(self, count: u64) -> Self {
        Self { most: Some(count), ..self }
    }

    /// The least number of requests: one, unless a number is given.
    fn least(&self) -> u64 {
        self.least.unwrap_or(u64::from(self.most.is_none()))
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.conditions.insert(name.to_owned(), value);
        self
    }

    fn with_pair(mut self, group: &str, name: &str, value: &str) -> Self {
        let pairs = self.conditions.entry(group).or_insert_with(|| json!({}));
        pairs[name] = value.into();
        self
    }

    /// The body of `POST /sessions/{session}/requests/verify`.
    pub(super) fn to_json(&self) -> Value {
        let mut count = json!({"at_least": self.least()});
        if let Some(most) = self.most {
            count["at_most"] = most.into();
        }
        json!({"match": self.conditions, "count": count})
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, conditions) = (self.least(), json!(self.conditions));
        let requests = |count: u64| if count == 1 { "request that matches" } else { "requests that match" };
        match self.most {
            Some(most) if most == least => write!(f, "exactly {most} {} {conditions}", requests(most)),
            Some(most) if least > 0 => write!(f, "{least} to {most} {} {conditions}", requests(most)),
            Some(most) => write!(f, "at most {most} {} {conditions}", requests(most)),
            None => write!(f, "at least {least} {} {conditions}", requests(least)),
        }
    }
}
