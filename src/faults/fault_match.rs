use http::Method;
use serde_json::{Map, Value};

use crate::diagnostics::JsonFields;
use crate::openapi::PathPattern;

/// The fields of a fault that say which requests it applies to.
pub(super) const FIELDS: [&str; 7] = ["operation", "path", "method", "token", "nth", "probability", "count"];

/// Which requests a fault applies to; what is missing always holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FaultMatch {
    /// The key of an operation (`GET /v1/orders`), or a pattern (`GET /v1/**`).
    pub operation: Option<OperationPattern>,
    /// The path without session and gateway prefixes.
    pub path: Option<PathPattern>,
    /// The method.
    pub method: Option<Method>,
    /// The kind of the caller's token.
    pub token: Option<String>,
    /// Only the request with that number among those that match otherwise, from 1.
    pub nth: Option<u64>,
    /// The share of the requests, from 0 to 1.
    pub probability: Option<f64>,
    /// The number of requests after which the fault ends.
    pub count: Option<u64>,
}

/// The key of an operation or a pattern for several.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationPattern {
    text: String,
    /// Method (`None` for any) and path, if the text has a `*`.
    pattern: Option<(Option<Method>, PathPattern)>,
}

/// What a match looks at.
pub struct CallFacts<'a> {
    /// Method and path of the operation in the contract.
    pub operation: Option<(&'a Method, &'a str)>,
    /// The method of the request.
    pub method: &'a Method,
    /// The path of the request without session and gateway prefixes.
    pub path: &'a str,
    /// The kind of the caller's token; empty without one.
    pub token: &'a str,
}

impl OperationPattern {
    /// Parses `METHOD /path`; both may have `*`.
    pub fn parse(text: &str) -> Option<Self> {
        let (method, path) = text.split_once(' ')?;
        let pattern = PathPattern::parse(path)?;
        let parsed = match method {
            "*" => None,
            method => Some(Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?),
        };
        let pattern = text.contains('*').then_some((parsed, pattern));
        Some(Self { text: text.to_owned(), pattern })
    }

    /// The text that was parsed.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it stands for several operations.
    pub fn is_pattern(&self) -> bool {
        self.pattern.is_some()
    }

    /// Whether the key of an operation matches.
    pub fn matches_key(&self, key: &str) -> bool {
        key == self.text
            || key.split_once(' ').is_some_and(|(method, path)| {
                Method::from_bytes(method.as_bytes()).is_ok_and(|method| self.matches(&method, path))
            })
    }

    fn matches(&self, method: &Method, path: &str) -> bool {
        match &self.pattern {
            Some((wanted, pattern)) => wanted.as_ref().is_none_or(|wanted| wanted == method) && pattern.matches(path),
            None => self.text.split_once(' ').is_some_and(|(known, rest)| known == method.as_str() && rest == path),
        }
    }
}

impl FaultMatch {
    /// Reads the fields of a fault that belong to its match.
    pub(super) fn read(fields: &mut JsonFields) -> Self {
        let operation = fields.text("operation").and_then(|text| {
            let parsed = OperationPattern::parse(&text);
            if parsed.is_none() {
                fields.reject("operation", format!("`{text}` is no operation: write GET /v1/orders, or GET /v1/**"));
            }
            parsed
        });
        let path = fields.text("path").and_then(|text| {
            let parsed = PathPattern::parse(&text);
            if parsed.is_none() {
                fields.reject("path", format!("`{text}` is no path pattern: write /v1/orders/*, or /v1/**"));
            }
            parsed
        });
        let method = fields.text("method").and_then(|text| {
            let parsed = Method::from_bytes(text.to_ascii_uppercase().as_bytes()).ok();
            if parsed.is_none() {
                fields.reject("method", format!("`{text}` is no method: write GET"));
            }
            parsed
        });
        Self {
            operation,
            path,
            method,
            token: fields.text("token"),
            nth: fields.integer("nth", 1..=u64::MAX),
            probability: fields.number("probability", 0.0..=1.0),
            count: fields.integer("count", 1..=u64::MAX),
        }
    }

    /// Whether a request matches, apart from `nth`, `probability` and `count`.
    pub(super) fn matches(&self, call: &CallFacts<'_>) -> bool {
        let is_operation =
            |wanted: &OperationPattern| call.operation.is_some_and(|(method, path)| wanted.matches(method, path));
        self.operation.as_ref().is_none_or(is_operation)
            && self.path.as_ref().is_none_or(|path| path.matches(call.path))
            && self.method.as_ref().is_none_or(|method| method == call.method)
            && self.token.as_ref().is_none_or(|token| token == call.token)
    }

    /// The fields as they are written.
    pub(super) fn to_json(&self) -> Map<String, Value> {
        let fields = [
            ("operation", self.operation.as_ref().map(|operation| operation.text.clone().into())),
            ("path", self.path.as_ref().map(|path| path.to_string().into())),
            ("method", self.method.as_ref().map(|method| method.as_str().into())),
            ("token", self.token.clone().map(Value::from)),
            ("nth", self.nth.map(Value::from)),
            ("probability", self.probability.map(Value::from)),
            ("count", self.count.map(Value::from)),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
