//! Swagger 2.0, rewritten to the shape of OpenAPI 3.0.

use rayon::prelude::*;
use serde_json::{Map, Value, json};

use super::{UnreadPaths, members};
use crate::model::compact;
use crate::openapi::document::{Document, METHODS, OperationLines};
use crate::openapi::operation::COLLECTION_FORMAT;

pub(super) fn normalize<'t>(
    file: &str,
    mut root: Value,
    unread: Option<UnreadPaths<'t>>,
    lines: OperationLines,
) -> Document<'t> {
    let mut paths = root.get_mut("paths").map(Value::take).unwrap_or_default();
    rewrite_refs(&mut root);
    let mut take = |key: &str| root.get_mut(key).map(Value::take).unwrap_or_default();
    let base_path = take("basePath").as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    let base_path =
        if base_path.is_empty() || base_path.starts_with('/') { base_path } else { format!("/{base_path}") };
    let host = take("host").as_str().filter(|host| !host.is_empty()).map(str::to_ascii_lowercase);
    let consumes = media_types(&take("consumes"));
    let produces = media_types(&take("produces"));
    let mut definitions = take("definitions");
    // Some documents mix the `components` of 3.0 into 2.0.
    let mut components = take("components");
    if let Some(Value::Object(schemas)) = components.get_mut("schemas").map(Value::take) {
        match &mut definitions {
            Value::Object(known) => known.extend(schemas),
            none => *none = Value::Object(schemas),
        }
    }
    let (schemes, security) = (take("securityDefinitions"), take("security"));
    let parameters = take("parameters");
    let mut responses = take("responses");
    for (_, response) in members(&mut responses) {
        lift_response(response, &produces);
    }
    let lift = Lift { parameters, consumes, produces };
    let items: Vec<&mut Value> = members(&mut paths).map(|(_, item)| item).collect();
    items.into_par_iter().for_each(|item| {
        lift.item(item);
        // What was added and removed leaves unused room, which would double the memory of a contract.
        *item = compact(item.take());
    });
    // `json!` would copy the whole contract.
    let object = |members: Vec<(&str, Value)>| -> Value {
        Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    };
    let components = [("schemas", definitions), ("responses", responses), ("securitySchemes", schemes)];
    let root = object(vec![
        ("openapi", "3.0.3".into()),
        ("info", take("info")),
        ("paths", paths),
        ("security", security),
        ("components", object(components.into())),
    ]);
    Document::new(file, base_path, host, root, lines).with_paths(unread.map(|unread| unread.lifted(lift)))
}

/// Rewrites path items.
pub(super) struct Lift {
    /// The parameters that paths share.
    parameters: Value,
    consumes: Vec<String>,
    produces: Vec<String>,
}

impl Lift {
    pub(super) fn item(&self, item: &mut Value) {
        rewrite_refs(item);
        let Some(item) = item.as_object_mut() else { return };
        let shared = &self.parameters;
        let common = item.remove("parameters").map(|list| resolve_parameters(list, shared)).unwrap_or_default();
        for method in METHODS {
            if let Some(Value::Object(operation)) = item.get_mut(method) {
                lift_operation(operation, &common, shared, &self.consumes, &self.produces);
            }
        }
    }
}

/// Rewrites the `$ref`s of 2.0 to the new pointers of their targets.
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
                let is_file = parameter.get("type").is_some_and(|kind| kind == "file");
                let schema = if is_file { json!({"type": "string", "format": "binary"}) } else { type_of(parameter) };
                form.insert(name, schema);
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
    if parameter.get("allowEmptyValue") == Some(&Value::Bool(true)) {
        lifted.insert("allowEmptyValue".into(), true.into());
    }
    if parameter.get("type").is_some_and(|kind| kind == "array") {
        lifted.extend(style_of(parameter));
    }
    lifted.insert("schema".into(), type_of(parameter));
    Value::Object(lifted)
}

/// A header of 3.0 for one of 2.0, which has no `example` of its own.
fn lift_header(header: &Value) -> Value {
    let mut lifted = lift_parameter(header);
    if let (Value::Object(lifted), Some(example)) = (&mut lifted, header.get("x-example")) {
        lifted.insert("example".into(), example.clone());
    }
    if let (Value::Object(lifted), Some(Value::Object(encoding))) = (&mut lifted, encoding_of(header)) {
        lifted.extend(encoding);
    }
    lifted
}

/// The style of 3.0 for a list outside the body.
fn style_of(parameter: &Value) -> Vec<(String, Value)> {
    let format = parameter.get("collectionFormat").and_then(Value::as_str).unwrap_or("csv");
    let in_query = parameter.get("in").is_some_and(|place| place == "query");
    let (style, explode) = match format {
        "multi" => ("form", true),
        "csv" if in_query => ("form", false),
        "ssv" if in_query => ("spaceDelimited", false),
        "pipes" if in_query => ("pipeDelimited", false),
        "csv" => return Vec::new(),
        // 3.0 has no style for tabs, and only one for each place outside the query.
        other => return vec![(COLLECTION_FORMAT.to_owned(), other.into()), ("explode".to_owned(), false.into())],
    };
    vec![("style".to_owned(), style.into()), ("explode".to_owned(), explode.into())]
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
    let other_keys = ["name", "in", "description", "required", "collectionFormat", "allowEmptyValue"];
    let schema = parameter.as_object().into_iter().flatten();
    let schema = schema.filter(|(key, _)| !other_keys.contains(&key.as_str()) && !key.starts_with("x-"));
    Value::Object(schema.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn lift_response(response: &mut Value, produces: &[String]) {
    let Some(response) = response.as_object_mut() else { return };
    for (_, header) in response.get_mut("headers").into_iter().flat_map(members) {
        // Some documents mix the headers of 3.0 into 2.0.
        if !["schema", "content", "$ref"].iter().any(|newer| header.get(newer).is_some()) {
            *header = lift_header(header);
        }
    }
    let schema = response.remove("schema");
    let examples = response.remove("examples").or_else(|| {
        // `example` is not part of 2.0; it applies to every media type of the response.
        let example = response.remove("example")?;
        Some(Value::Object(produces.iter().map(|kind| (kind.clone(), example.clone())).collect()))
    });
    let mut content = match response.remove("content") {
        // Some documents mix the `content` of 3.0 into 2.0.
        Some(Value::Object(content)) => content,
        _ => Map::new(),
    };
    let named = examples.as_ref().and_then(Value::as_object);
    for kind in produces {
        let mut media = Map::new();
        media.extend(schema.clone().map(|schema| ("schema".to_owned(), schema)));
        // Some names distinguish cases of one media type: `application/json - email already in use`.
        let of_kind = named.into_iter().flatten().find(|(name, _)| {
            name.strip_prefix(kind.as_str())
                .is_some_and(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric()))
        });
        media.extend(of_kind.map(|(_, example)| ("example".to_owned(), example.clone())));
        if !media.is_empty() {
            content.insert(kind.clone(), Value::Object(media));
        }
    }
    // Examples can have media types that `produces` does not list.
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
