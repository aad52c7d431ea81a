//! One form for every version: a Swagger 2.0 document is rewritten to the shape of OpenAPI 3.0.
//!
//! This is the only file that knows versions. Schemas stay raw JSON; [`super::schema`] reads them.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::operation::METHODS;
use super::{Code, Note, escaped};
use crate::diagnostics::locate::{place_in, walk_json};
use crate::diagnostics::{SourceFile, YamlNode, YamlValue};

/// A contract in the shape of OpenAPI 3.0.
pub struct Document {
    /// The file it came from.
    pub file: String,
    /// What stands before every path: `basePath`, or the path of the first server.
    pub base_path: String,
    /// The document; `paths` and `components` are what is used.
    pub root: Value,
    /// The lines on which operations begin, by their JSON pointers.
    pub lines: HashMap<String, usize>,
}

/// Reads a contract of any version; `None` and a note when it is none.
pub fn read(file: &SourceFile, notes: &mut Vec<Note>) -> Option<Document> {
    let mut note = |code: Code, message: String| notes.push(Note::new(code, &file.name, "", message));
    let (root, lines) = if file.text.trim_start().starts_with(['{', '[']) {
        match serde_json::from_str(&file.text) {
            Ok(root) => (root, lines_of_json(&file.text)),
            Err(error) => {
                note(Code::FileMalformed, format!("is no JSON: {error}"));
                return None;
            }
        }
    } else {
        match YamlNode::read(file) {
            Ok(tree) => (tree.to_json(), lines_of_tree(&tree)),
            Err(diagnostics) => {
                let first = diagnostics.list.first();
                let line = first.map_or(1, |diagnostic| diagnostic.span.line);
                let message = first.map(|diagnostic| diagnostic.message.as_str()).unwrap_or_default();
                note(Code::FileMalformed, format!("is no YAML: line {line}: {message}"));
                return None;
            }
        }
    };
    let version =
        |key: &str| root.get(key).map(|version| version.as_str().map_or_else(|| version.to_string(), str::to_owned));
    let named = version("swagger").or_else(|| version("openapi"));
    // Some write `openapi: 2.0` and `swagger: 3.0`; the number is what counts.
    let is_2_0 = match named {
        Some(version) if version.starts_with('2') => true,
        Some(version) if version.starts_with("3.") || version == "3" => false,
        Some(version) => {
            note(Code::VersionUnsupported, format!("is of version {version}; versions 2.0 and 3.x are read"));
            return None;
        }
        None if root.get("swaggerVersion").is_some() => {
            note(Code::VersionUnsupported, "is of Swagger 1.x; versions 2.0 and 3.x are read".into());
            return None;
        }
        None if root.get("paths").is_some_and(Value::is_object) => {
            let is_2_0 = root.get("basePath").is_some() || root.get("definitions").is_some();
            let assumed = if is_2_0 { "Swagger 2.0" } else { "OpenAPI 3.0" };
            note(Code::VersionMissing, format!("names no version; read as {assumed} by its content"));
            is_2_0
        }
        None => {
            note(Code::NotAContract, "has neither a version nor paths".into());
            return None;
        }
    };
    Some(if is_2_0 { from_2_0(&file.name, root, lines) } else { from_3(&file.name, root, lines) })
}

/// The lines on which the operations of a JSON document begin, by their JSON pointers.
fn lines_of_json(text: &str) -> HashMap<String, usize> {
    let mut lines = HashMap::new();
    walk_json(text, &mut |field_path, line| match field_path {
        [] => true,
        [paths, ..] if paths != "paths" => false,
        [_, path, method] => {
            lines.insert(format!("/paths/{}/{method}", escaped(path)), line);
            false
        }
        _ => true,
    });
    lines
}

fn lines_of_tree(tree: &YamlNode) -> HashMap<String, usize> {
    let below = |tree: &YamlNode, name: &str| -> Option<YamlNode> {
        let YamlValue::Map(entries) = &tree.node else { return None };
        entries.iter().find(|(key, _)| key.name == name).map(|(_, value)| value.clone())
    };
    let mut lines = HashMap::new();
    let Some(YamlNode { node: YamlValue::Map(paths), .. }) = below(tree, "paths") else { return lines };
    for (path, item) in &paths {
        let YamlValue::Map(methods) = &item.node else { continue };
        for (method, _) in methods {
            let line = place_in(item, std::slice::from_ref(&method.name)).line;
            lines.insert(format!("/paths/{}/{}", escaped(&path.name), method.name), line);
        }
    }
    lines
}

/// The path of the first server, with the defaults of its variables.
fn from_3(file: &str, mut root: Value, lines: HashMap<String, usize>) -> Document {
    let server = root.pointer("/servers/0").cloned().unwrap_or_default();
    let mut url = server.get("url").and_then(Value::as_str).unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").and_then(Value::as_object).into_iter().flatten() {
        let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |slash| &rest[slash..]),
        None => &url,
    };
    let path = path.split(['?', '#', '{']).next().unwrap_or_default().trim_end_matches('/');
    let path = if path.is_empty() || path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    // Methods that 3.2 lets a path have beside the usual ones.
    let paths = root.get_mut("paths").map(members).into_iter().flatten();
    for (_, item) in paths {
        let Some(item) = item.as_object_mut() else { continue };
        if let Some(Value::Object(more)) = item.remove("additionalOperations") {
            for (method, operation) in more {
                item.entry(method.to_ascii_lowercase()).or_insert(operation);
            }
        }
    }
    Document { file: file.to_owned(), base_path: path, root, lines }
}

fn from_2_0(file: &str, mut root: Value, lines: HashMap<String, usize>) -> Document {
    rewrite_refs(&mut root);
    let mut take = |key: &str| root.get_mut(key).map(Value::take).unwrap_or_default();
    let base_path = take("basePath").as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    let base_path =
        if base_path.is_empty() || base_path.starts_with('/') { base_path } else { format!("/{base_path}") };
    let consumes = media_types(&take("consumes"));
    let produces = media_types(&take("produces"));
    let (mut definitions, mut paths) = (take("definitions"), take("paths"));
    // Some documents have the components of 3.0 beside the definitions of 2.0.
    let mut components = take("components");
    if let Some(Value::Object(schemas)) = components.get_mut("schemas").map(Value::take) {
        match &mut definitions {
            Value::Object(known) => known.extend(schemas),
            none => *none = Value::Object(schemas),
        }
    }
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
    Document { file: file.to_owned(), base_path, root, lines }
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
    let (mut parameters, mut form, mut encoding, mut required) = (Vec::new(), Map::new(), Map::new(), Vec::new());
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
                encoding.extend(encoding_of(parameter).map(|encoding| (name.clone(), encoding)));
                if parameter.get("required") == Some(&Value::Bool(true)) {
                    required.push(Value::from(name.as_str()));
                }
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
        let mut schema = json!({"type": "object", "properties": form});
        let is_required = !required.is_empty();
        if is_required {
            schema["required"] = required.into();
        }
        let content = json!({kind: {"schema": schema, "encoding": encoding}});
        operation.insert("requestBody".into(), json!({"required": is_required, "content": content}));
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

/// The `encoding` of 3.0 for a form parameter of 2.0 that is a list. `csv` is the default of 2.0.
fn encoding_of(parameter: &Value) -> Option<Value> {
    (parameter.get("type")? == "array").then_some(())?;
    let format = parameter.get("collectionFormat").and_then(Value::as_str).unwrap_or("csv");
    let style = match format {
        "multi" => return Some(json!({"style": "form", "explode": true})),
        "ssv" => "spaceDelimited",
        "pipes" => "pipeDelimited",
        // 3.0 has no style for tabs.
        "tsv" => "tabDelimited",
        _ => "form",
    };
    Some(json!({"style": style, "explode": false}))
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
    for (_, header) in response.get_mut("headers").into_iter().flat_map(members) {
        // Some write the headers of 3.0 in a document of 2.0.
        if !["schema", "content", "$ref"].iter().any(|newer| header.get(newer).is_some()) {
            *header = lift_parameter(header);
        }
    }
    let schema = response.remove("schema");
    let examples = response.remove("examples").or_else(|| {
        // `example`, which 2.0 does not know, is meant for whatever is produced.
        let example = response.remove("example")?;
        Some(Value::Object(produces.iter().map(|kind| (kind.clone(), example.clone())).collect()))
    });
    let mut content = match response.remove("content") {
        // Some write the `content` of 3.0 in a document of 2.0.
        Some(Value::Object(content)) => content,
        _ => Map::new(),
    };
    let named = examples.as_ref().and_then(Value::as_object);
    for kind in produces {
        let mut media = Map::new();
        media.extend(schema.clone().map(|schema| ("schema".to_owned(), schema)));
        // Several cases of one type are told apart behind it: `application/json - email already in use`.
        let of_kind = named.into_iter().flatten().find(|(name, _)| {
            name.strip_prefix(kind.as_str())
                .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()))
        });
        media.extend(of_kind.map(|(_, example)| ("example".to_owned(), example.clone())));
        if !media.is_empty() {
            content.insert(kind.clone(), Value::Object(media));
        }
    }
    // Examples of types that are not declared are as good as any.
    for (kind, example) in named.into_iter().flatten().filter(|(kind, _)| kind.contains('/') && !kind.contains(' ')) {
        if !content.contains_key(kind) {
            let mut media = Map::from_iter([("example".to_owned(), example.clone())]);
            media.extend(schema.clone().map(|schema| ("schema".to_owned(), schema)));
            content.insert(kind.clone(), Value::Object(media));
        }
    }
    if !content.is_empty() {
        response.insert("content".into(), Value::Object(content));
    }
}
