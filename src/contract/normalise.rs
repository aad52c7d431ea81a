//! One form for every version: a Swagger 2.0 document is rewritten to the shape of OpenAPI 3.0.
//!
//! This is the only file that knows versions. Schemas stay raw JSON; [`super::schema`] reads them.

use serde_json::{Map, Value, json};

use super::Note;
use crate::source::{Text, Tree};

/// A contract in the shape of OpenAPI 3.0.
pub struct Document {
    /// The file it came from.
    pub file: String,
    /// What stands before every path: `basePath`, or the path of the first server.
    pub base_path: String,
    /// The document; `paths` and `components` are what is used.
    pub root: Value,
}

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];

/// Reads a contract of any version; `None` and a note when it is none.
pub fn read(file: &Text, notes: &mut Vec<Note>) -> Option<Document> {
    let mut note = |message: String| notes.push(Note { file: file.name.clone(), pointer: String::new(), message });
    let root = if file.text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(&file.text) {
            Ok(root) => root,
            Err(error) => {
                note(format!("is no JSON: {error}; left out"));
                return None;
            }
        }
    } else {
        match Tree::read(file) {
            Ok(tree) => tree.to_json(),
            Err(complaints) => {
                note(format!("is no YAML: {complaints}; left out"));
                return None;
            }
        }
    };
    let version =
        |key: &str| root.get(key).map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned));
    match (version("swagger"), version("openapi")) {
        (Some(version), _) if version.starts_with('2') => Some(from_2_0(&file.name, root)),
        (_, Some(version)) if version.starts_with("3.") => Some(from_3(&file.name, root)),
        (Some(version), _) | (_, Some(version)) => {
            note(format!("is of version {version}; versions 2.0 and 3.x are read; left out"));
            None
        }
        (None, None) if root.get("swaggerVersion").is_some() => {
            note("is of Swagger 1.x; versions 2.0 and 3.x are read; left out".into());
            None
        }
        (None, None) if root.get("paths").is_some_and(Value::is_object) => {
            let is_2_0 = root.get("basePath").is_some() || root.get("definitions").is_some();
            note(format!(
                "names no version; read as {} by its content",
                if is_2_0 { "Swagger 2.0" } else { "OpenAPI 3.0" }
            ));
            Some(if is_2_0 { from_2_0(&file.name, root) } else { from_3(&file.name, root) })
        }
        (None, None) => {
            note("has neither a version nor paths; left out".into());
            None
        }
    }
}

fn from_3(file: &str, root: Value) -> Document {
    let url = root.pointer("/servers/0/url").and_then(Value::as_str).unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => url,
    };
    Document { file: file.to_owned(), base_path: path.trim_end_matches('/').to_owned(), root }
}

fn from_2_0(file: &str, mut root: Value) -> Document {
    rewrite_refs(&mut root);
    let mut take = |key: &str| root.get_mut(key).map(Value::take).unwrap_or_default();
    let base_path = take("basePath").as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    let consumes = media_types(&take("consumes"));
    let produces = media_types(&take("produces"));
    let (definitions, mut paths) = (take("definitions"), take("paths"));
    let shared_parameters = take("parameters");
    let mut responses = take("responses");
    for (_, response) in members(&mut responses) {
        lift_response(response, &produces);
    }
    for (_, item) in members(&mut paths) {
        let Some(item) = item.as_object_mut() else { continue };
        let common =
            item.remove("parameters").map(|list| resolve_parameters(list, &shared_parameters)).unwrap_or_default();
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                lift_operation(operation, &common, &shared_parameters, &consumes, &produces);
            }
        }
    }
    let root = json!({
        "openapi": "3.0.3",
        "info": take("info"),
        "paths": paths,
        "components": {"schemas": definitions, "responses": responses},
    });
    Document { file: file.to_owned(), base_path, root }
}

/// The `$ref`s of 2.0 under the names that their targets get here.
fn rewrite_refs(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(target) if key == "$ref" => {
                        for (old, new) in
                            [("#/definitions/", "#/components/schemas/"), ("#/responses/", "#/components/responses/")]
                        {
                            if let Some(rest) = target.strip_prefix(old) {
                                *target = format!("{new}{rest}");
                            }
                        }
                    }
                    _ => rewrite_refs(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(rewrite_refs),
        _ => {}
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

fn media_types(value: &Value) -> Vec<String> {
    let types: Vec<String> =
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    if types.is_empty() { vec!["application/json".to_owned()] } else { types }
}

fn resolve_parameters(list: Value, shared: &Value) -> Vec<Value> {
    let Value::Array(list) = list else { return Vec::new() };
    list.into_iter()
        .filter_map(|parameter| match parameter.get("$ref").and_then(Value::as_str) {
            Some(target) => target.strip_prefix("#/parameters/").and_then(|name| shared.get(name)).cloned(),
            None => Some(parameter),
        })
        .collect()
}

fn lift_operation(
    operation: &mut Map<String, Value>,
    common: &[Value],
    shared: &Value,
    consumes: &[String],
    produces: &[String],
) {
    let consumes = operation.remove("consumes").map_or_else(|| consumes.to_vec(), |own| media_types(&own));
    let produces = operation.remove("produces").map_or_else(|| produces.to_vec(), |own| media_types(&own));
    let own = operation.remove("parameters").map(|list| resolve_parameters(list, shared)).unwrap_or_default();
    let inherited = common.iter().filter(|common| {
        !own.iter().any(|own| own.get("name") == common.get("name") && own.get("in") == common.get("in"))
    });
    let (mut parameters, mut form) = (Vec::new(), Map::new());
    for parameter in inherited.chain(&own) {
        match parameter.get("in").and_then(Value::as_str) {
            Some("body") => {
                let schema = parameter.get("schema").cloned().unwrap_or_else(|| json!({}));
                let content: Map<_, _> =
                    consumes.iter().map(|kind| (kind.clone(), json!({"schema": schema}))).collect();
                let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
                operation.insert("requestBody".into(), json!({"required": required, "content": content}));
            }
            Some("formData") => {
                let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
                form.insert(name, type_of(parameter));
            }
            _ => parameters.push(lift_parameter(parameter)),
        }
    }
    if !form.is_empty() {
        let kind = consumes
            .iter()
            .find(|kind| kind.contains("multipart"))
            .map_or("application/x-www-form-urlencoded", |kind| kind);
        let schema = json!({"type": "object", "properties": form});
        operation.insert("requestBody".into(), json!({"content": {kind: {"schema": schema}}}));
    }
    operation.insert("parameters".into(), Value::Array(parameters));
    if let Some(responses) = operation.get_mut("responses") {
        for (_, response) in members(responses) {
            lift_response(response, &produces);
        }
    }
}

fn lift_parameter(parameter: &Value) -> Value {
    let mut lifted = Map::new();
    for key in ["name", "in", "description", "required"] {
        if let Some(value) = parameter.get(key) {
            lifted.insert(key.into(), value.clone());
        }
    }
    lifted.insert("schema".into(), type_of(parameter));
    Value::Object(lifted)
}

/// The schema that a 2.0 parameter spreads over its own keys.
fn type_of(parameter: &Value) -> Value {
    let about = ["name", "in", "description", "required", "collectionFormat", "allowEmptyValue"];
    let schema = parameter.as_object().into_iter().flatten();
    let schema = schema.filter(|(key, _)| !about.contains(&key.as_str()) && !key.starts_with("x-"));
    Value::Object(schema.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn lift_response(response: &mut Value, produces: &[String]) {
    let Some(response) = response.as_object_mut() else { return };
    let schema = response.remove("schema");
    let examples = response.remove("examples");
    let example = |kind: &str| examples.as_ref().and_then(|examples| examples.get(kind)).cloned();
    let mut content = Map::new();
    for kind in produces {
        let mut media = Map::new();
        media.extend(schema.clone().map(|schema| ("schema".to_owned(), schema)));
        media.extend(example(kind).map(|example| ("example".to_owned(), example)));
        if !media.is_empty() {
            content.insert(kind.clone(), Value::Object(media));
        }
    }
    if !content.is_empty() {
        response.insert("content".into(), Value::Object(content));
    }
}
