//! The requests that an API sends: callbacks of operations, and webhooks.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::read::content;
use crate::openapi::Schema;
use crate::openapi::document::{Document, METHODS};
use crate::openapi::schema::SchemaPool;

/// A request that the API sends.
#[derive(Clone, Debug)]
pub struct Callback {
    /// Its name in the contract. The requests of one callback to several URLs, or with several methods, share it.
    pub name: String,
    /// Where a callback is sent to; `None` for a webhook, whose URL no contract knows, and for an invalid expression.
    pub url: Option<UrlTemplate>,
    /// The method of the request.
    pub method: Method,
    /// The schema of its JSON body, if one is documented.
    pub body: Option<Arc<Schema>>,
}

/// A URL with runtime expressions in it: `{$request.body#/callbackUrl}/events`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlTemplate {
    /// As the contract has it.
    pub text: String,
    parts: Vec<UrlPart>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum UrlPart {
    Text(String),
    Value(RequestValue),
}

/// The value of a runtime expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestValue {
    /// `$method`.
    Method,
    /// `$request.header.NAME`.
    Header(String),
    /// `$request.query.NAME`.
    Query(String),
    /// `$request.path.NAME`.
    Path(String),
    /// `$request.body#/POINTER`: a JSON pointer, empty for the whole body.
    Body(String),
    /// A value that is unknown while the request is served: `$url`, `$statusCode`, `$response.…`.
    Unknown,
}

impl UrlTemplate {
    /// Parses a URL with runtime expressions, or a single expression. `None` if an expression is invalid.
    fn parse(text: &str) -> Option<Self> {
        if text.starts_with('$') {
            return Some(Self { text: text.to_owned(), parts: vec![UrlPart::Value(RequestValue::parse(text)?)] });
        }
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (expression, after) = after.split_once('}')?;
            parts.extend([UrlPart::Text(before.to_owned()), UrlPart::Value(RequestValue::parse(expression)?)]);
            rest = after;
        }
        parts.push(UrlPart::Text(rest.to_owned()));
        Some(Self { text: text.to_owned(), parts })
    }

    /// Whether a request has all values of the URL.
    pub fn is_of_request(&self) -> bool {
        !self.parts.contains(&UrlPart::Value(RequestValue::Unknown))
    }

    /// The URL with the values of a request. `None` if the request lacks one.
    pub fn resolve(&self, value_of: impl Fn(&RequestValue) -> Option<String>) -> Option<String> {
        let parts = self.parts.iter().map(|part| match part {
            UrlPart::Text(text) => Some(text.clone()),
            UrlPart::Value(value) => value_of(value).filter(|value| !value.is_empty()),
        });
        parts.collect::<Option<String>>().filter(|url| !url.is_empty())
    }
}

impl RequestValue {
    fn parse(expression: &str) -> Option<Self> {
        let rest = match expression {
            "$method" => return Some(Self::Method),
            "$url" | "$statusCode" => return Some(Self::Unknown),
            _ if expression.starts_with("$response.") => return Some(Self::Unknown),
            _ => expression.strip_prefix("$request.")?,
        };
        let name = |prefix: &str| rest.strip_prefix(prefix).filter(|name| !name.is_empty()).map(str::to_owned);
        let body = || match rest.strip_prefix("body")? {
            "" => Some(String::new()),
            pointer => pointer.strip_prefix('#').map(str::to_owned),
        };
        let header = name("header.").map(Self::Header);
        header
            .or_else(|| name("query.").map(Self::Query))
            .or_else(|| name("path.").map(Self::Path))
            .or_else(|| body().map(Self::Body))
    }
}

/// Reads the callbacks of an operation.
pub(super) fn read_callbacks(document: &Document, pool: &SchemaPool, operation: &Value) -> Vec<Callback> {
    let mut callbacks = Vec::new();
    for (name, urls) in operation.get("callbacks").and_then(Value::as_object).into_iter().flatten() {
        for (url, item) in document.resolve(urls).as_object().into_iter().flatten() {
            if !url.starts_with("x-") {
                let url = UrlTemplate::parse(url);
                callbacks.extend(read_item(document, pool, (name, url.as_ref()), item));
            }
        }
    }
    callbacks
}

/// Reads the webhooks of a document (OpenAPI 3.1; `x-webhooks` before).
pub(in crate::openapi) fn read_webhooks(document: &mut Document) -> Vec<Callback> {
    let webhooks = ["webhooks", "x-webhooks"].iter().find_map(|key| document.root.get(*key)?.as_object());
    let Some(webhooks) = webhooks.cloned() else { return Vec::new() };
    let pool = SchemaPool::new(Arc::clone(document.share_components()));
    let document = &*document;
    webhooks.iter().flat_map(|(name, item)| read_item(document, &pool, (name, None), item)).collect()
}

/// The requests of a path item.
fn read_item(
    document: &Document,
    pool: &SchemaPool,
    (name, url): (&str, Option<&UrlTemplate>),
    item: &Value,
) -> Vec<Callback> {
    let item = document.resolve(item);
    let requests = METHODS.iter().filter_map(|method| Some((method, item.get(*method)?)));
    let read = requests.filter_map(|(method, request)| {
        let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok()?;
        let body = request.get("requestBody").map(|body| document.resolve(body));
        let media = body.map(content).unwrap_or_default().into_iter().next();
        let schema = media.filter(|(kind, _)| kind.contains("json")).and_then(|(_, media)| media.get("schema"));
        let body = schema.map(|schema| Arc::new(pool.schema(schema)));
        Some(Callback { name: name.to_owned(), url: url.cloned(), method, body })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::{RequestValue, UrlTemplate};

    fn resolve(text: &str) -> Option<String> {
        UrlTemplate::parse(text)?.resolve(|value| {
            Some(match value {
                RequestValue::Method => "POST".to_owned(),
                RequestValue::Header(name) => format!("header-{name}"),
                RequestValue::Query(name) => format!("query-{name}"),
                RequestValue::Path(name) => format!("path-{name}"),
                RequestValue::Body(pointer) if pointer == "/url" => "http://localhost:9000".to_owned(),
                _ => return None,
            })
        })
    }

    #[test]
    fn runtime_expressions_of_a_url_take_the_values_of_the_request() {
        assert_eq!(resolve("{$request.body#/url}/events").as_deref(), Some("http://localhost:9000/events"));
        assert_eq!(resolve("$request.body#/url").as_deref(), Some("http://localhost:9000"));
        let mixed = "http://h/{$request.path.id}?m={$method}&q={$request.query.q}&h={$request.header.X-Hook}";
        assert_eq!(resolve(mixed).as_deref(), Some("http://h/path-id?m=POST&q=query-q&h=header-X-Hook"));
        assert_eq!(resolve("{$request.body#/other}/events"), None);
    }

    #[test]
    fn invalid_expressions_are_no_url_and_those_of_the_response_are_unknown_in_the_request() {
        for invalid in ["{$request.cookie.a}", "{$request.body#/url", "{url}", "$request.query."] {
            assert_eq!(UrlTemplate::parse(invalid), None, "{invalid}");
        }
        let of_response = UrlTemplate::parse("http://h/{$response.body#/id}").expect("a URL");
        assert!(!of_response.is_of_request());
        assert!(UrlTemplate::parse("http://h/{$request.query.id}").expect("a URL").is_of_request());
    }
}
