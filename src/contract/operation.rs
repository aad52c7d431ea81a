//! One operation of the API, as the rest of the house sees it.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::normalise::Document;
use super::{Note, Schema, Shape};

/// One operation: a method on a path.
#[derive(Debug)]
pub struct Operation {
    /// `METHOD /full/path/{parameter}`: the key under which a behaviour is registered.
    pub key: String,
    /// The method.
    pub method: Method,
    /// The full path with the base path, parameters in braces.
    pub path: String,
    /// The contract that promises it.
    pub file: String,
    /// One line about it.
    pub summary: String,
    /// Path, query and header parameters.
    pub parameters: Vec<Parameter>,
    /// The request body, where one is documented.
    pub body: Option<Body>,
    /// The documented answers by status.
    pub responses: BTreeMap<u16, Response>,
}

/// A parameter outside the body.
#[derive(Debug)]
pub struct Parameter {
    /// Its name as sent.
    pub name: String,
    /// Where it is sent.
    pub place: ParameterPlace,
    /// Whether the contract requires it.
    pub required: bool,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterPlace {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A documented request body.
#[derive(Debug)]
pub struct Body {
    /// Whether the contract requires one.
    pub required: bool,
    /// What it looks like.
    pub schema: Schema,
}

/// A documented answer.
#[derive(Debug, Default)]
pub struct Response {
    /// The documented example, with its envelope.
    pub example: Option<Value>,
    /// The documented schema of the body.
    pub schema: Option<Schema>,
    /// What the example tells about names and types.
    pub shape: Option<Shape>,
    /// Whether an answer has time stamps in the business's time zone.
    pub needs_zone: bool,
}

impl Operation {
    /// The success status: the first documented one of the 2xx, else 200.
    pub fn success(&self) -> u16 {
        self.responses.keys().copied().find(|status| (200..300).contains(status)).unwrap_or(200)
    }
}

/// All operations of a document. One that departs from OpenAPI leaves a note and is read as far as it goes.
pub fn read(document: &Document, notes: &mut Vec<Note>) -> Vec<Operation> {
    let mut operations = Vec::new();
    let components = Arc::new(document.root.get("components").cloned().unwrap_or_default());
    let paths = document.root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let common = item.get("parameters");
        for (method, raw) in item.as_object().into_iter().flatten() {
            let Ok(verb) = Method::from_bytes(method.to_ascii_uppercase().as_bytes()) else { continue };
            if !is_method(method) {
                continue;
            }
            let mut note = |message: String| {
                let pointer = format!("/paths/{}/{method}", path.replace('~', "~0").replace('/', "~1"));
                notes.push(Note { file: document.file.clone(), pointer, message });
            };
            if !raw.is_object() {
                note("is no object; left out".to_owned());
                continue;
            }
            let mut raw = raw.clone();
            inherit(&mut raw, common);
            // The types judge; what is served is read from the raw document, as far as it can be.
            if let Err(error) = serde_json::from_value::<openapiv3::Operation>(raw.clone()) {
                note(format!("departs from OpenAPI: {error}; read as far as it goes"));
            }
            operations.push(build(document, &components, path, verb, &raw));
        }
    }
    operations
}

fn is_method(name: &str) -> bool {
    matches!(name, "get" | "put" | "post" | "delete" | "options" | "head" | "patch")
}

fn inherit(operation: &mut Value, common: Option<&Value>) {
    let (Some(Value::Array(common)), Some(operation)) = (common, operation.as_object_mut()) else { return };
    let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(own) = own {
        own.extend(common.iter().cloned());
    }
}

fn build(document: &Document, components: &Arc<Value>, path: &str, method: Method, raw: &Value) -> Operation {
    let path = format!("{}/{}", document.base_path, path.trim_start_matches('/'));
    let resolve = |value: &Value| match value.get("$ref").and_then(Value::as_str) {
        Some(target) => {
            target.strip_prefix('#').and_then(|pointer| document.root.pointer(pointer)).cloned().unwrap_or_default()
        }
        None => value.clone(),
    };
    let raw_parameters: Vec<Value> =
        raw.get("parameters").and_then(Value::as_array).into_iter().flatten().map(resolve).collect();
    let parameters = raw_parameters
        .iter()
        .filter_map(|parameter| {
            let place = match parameter.get("in")?.as_str()? {
                "path" => ParameterPlace::Path,
                "query" => ParameterPlace::Query,
                "header" => ParameterPlace::Header,
                "cookie" => ParameterPlace::Cookie,
                _ => return None,
            };
            let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
            Some(Parameter { name: parameter.get("name")?.as_str()?.to_owned(), place, required })
        })
        .collect();
    let body = raw.get("requestBody").map(resolve).and_then(|body| {
        let schema = json_media(&body)?.get("schema")?.clone();
        let required = body.get("required").and_then(Value::as_bool).unwrap_or(false);
        Some(Body { required, schema: Schema::new(schema, Arc::clone(components)) })
    });
    let mut responses = BTreeMap::new();
    for (status, response) in raw.get("responses").and_then(Value::as_object).into_iter().flatten() {
        // `default` and `2XX` promise no status of their own.
        let Ok(code) = status.parse::<u16>() else { continue };
        let response = resolve(response);
        let example = json_media(&response).and_then(example_of);
        let schema = json_media(&response).and_then(|media| media.get("schema")).cloned();
        let schema = schema.map(|schema| Schema::new(schema, Arc::clone(components)));
        let shape = example.as_ref().map(Shape::of);
        let needs_zone = shape.as_ref().is_some_and(Shape::needs_zone);
        responses.insert(code, Response { example, schema, shape, needs_zone });
    }
    Operation {
        key: format!("{method} {path}"),
        method,
        path,
        file: document.file.clone(),
        summary: raw.get("summary").and_then(Value::as_str).unwrap_or_default().to_owned(),
        parameters,
        body,
        responses,
    }
}

/// The JSON form of a body or response, else whichever comes first.
fn json_media(content: &Value) -> Option<&Value> {
    let content = content.get("content")?.as_object()?;
    content.iter().find(|(kind, _)| kind.contains("json")).or_else(|| content.iter().next()).map(|(_, media)| media)
}

fn example_of(media: &Value) -> Option<Value> {
    if let Some(example) = media.get("example") {
        return Some(example.clone());
    }
    let (_, first) = media.get("examples")?.as_object()?.iter().next()?;
    first.get("value").cloned()
}
