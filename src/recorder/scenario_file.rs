//! The scenario file of a recording: its steps send the recorded requests again.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::writer::RecordingContext;
use crate::fixtures::names::slug;
use crate::fixtures::{Capture, Interaction, ProviderState, path_with_names, put_name};
use crate::openapi::template::parameter_name;
use crate::scenarios::{percent_encoded, unescaped};

/// The id of the step of an interaction.
pub(super) fn step_name(place: usize, interaction: &Interaction) -> String {
    let key = interaction.operation.as_deref().unwrap_or(&interaction.request.path);
    let last = key.rsplit('/').find(|part| parameter_name(part).is_none()).unwrap_or_default();
    format!("{}_{}_{}", interaction.request.method.to_lowercase(), slug(last), place + 1)
}

/// The text of the file. `state` has the entries of the initial state, without params.
pub(super) fn text(
    name: &str,
    context: &RecordingContext<'_>,
    state: &[(&str, Value)],
    given: &[ProviderState],
    all: &[Interaction],
) -> String {
    let mut text = format!("scenario: {}\n", Value::from(name));
    text.push_str("about: \"recorded; credentials and personal data are replaced\"\n");
    for (key, value) in state {
        let _ = writeln!(text, "{key}: {value}");
    }
    let params: Map<String, Value> = given.iter().flat_map(|given| given.params.clone()).collect();
    if !params.is_empty() {
        let _ = writeln!(text, "params: {}", Value::from(params));
    }
    text.push_str("steps:\n");
    for (place, interaction) in all.iter().enumerate() {
        let _ = writeln!(text, "  - id: {}", Value::from(step_name(place, interaction)));
        for (key, value) in step_entries(interaction, context, all) {
            let _ = writeln!(text, "    {key}: {value}");
        }
    }
    text
}

/// The entries of a step, apart from its id.
fn step_entries(
    interaction: &Interaction,
    context: &RecordingContext<'_>,
    all: &[Interaction],
) -> Vec<(&'static str, Value)> {
    let mut request = interaction.request.clone();
    let braces = |name: &str| format!("{{{{{name}}}}}");
    request.path = path_with_names(&request, &interaction.references, braces);
    for reference in interaction.references.iter().filter(|reference| !reference.at.starts_with("/path")) {
        put_name(&mut request, &reference.at, &braces(&reference.variable));
    }
    // An unknown token that every response rejects does not exist: its name is sent.
    let is_rejected = |one: &Interaction| one.response.status == 401;
    let invalid = request.token.take_if(|name| {
        context.engine.api().tokens.are_declared()
            && !context.credentials.tokens.iter().any(|(known, _)| known == name)
            && all.iter().filter(|one| one.request.token.as_ref() == Some(name)).all(is_rejected)
    });
    request.headers.extend(invalid.map(|name| ("authorization".to_owned(), format!("Bearer {name}"))));
    let mut entries: Vec<(&'static str, Value)> = vec![
        ("method", request.method.as_str().into()),
        ("path", request.path.as_str().into()),
        ("token", request.token.as_deref().unwrap_or("none").into()),
    ];
    let gateways = &context.engine.api().gateways;
    if gateways.fallback().name == request.gateway && gateways.default_gateway().name != request.gateway {
        entries.push(("useFallback", true.into()));
    }
    let object = |pairs: &[(String, String)]| -> Value {
        pairs.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect::<Map<_, _>>().into()
    };
    if has_repeated_name(&request.query) {
        entries[1].1 = format!("{}?{}", request.path, query_text(&request.query)).into();
    } else if !request.query.is_empty() {
        entries.push(("params", object(&request.query)));
    }
    let is_text = request.body.as_ref().is_some_and(Value::is_string);
    let is_kept = |(name, value): &(String, String)| name != "content-type" || value != "application/json" || is_text;
    let headers: Vec<_> = request.headers.into_iter().filter(is_kept).collect();
    if !headers.is_empty() {
        entries.push(("headers", object(&headers)));
    }
    entries.extend(request.body.map(|body| ("body", body)));
    let extract = |capture: &Capture| (capture.variable.clone(), Value::from(json_path(&capture.at)));
    let extracts: Map<String, Value> = interaction.captures.iter().map(extract).collect();
    if !extracts.is_empty() {
        entries.push(("extract", extracts.into()));
    }
    entries.push(("expect", json!({"status": interaction.response.status})));
    entries
}

/// Whether a name has several values, which a mapping cannot hold.
fn has_repeated_name(query: &[(String, String)]) -> bool {
    query.iter().enumerate().any(|(place, (name, _))| query[..place].iter().any(|(known, _)| known == name))
}

/// A query as it is sent, with variables left as they are.
fn query_text(query: &[(String, String)]) -> String {
    let encoded = |value: &str| if value.starts_with("{{") { value.to_owned() } else { percent_encoded(value) };
    let pairs: Vec<String> =
        query.iter().map(|(name, value)| format!("{}={}", percent_encoded(name), encoded(value))).collect();
    pairs.join("&")
}

/// A JSON pointer as a JSONPath (RFC 9535).
fn json_path(pointer: &str) -> String {
    let step = |step: &str| match step.parse::<usize>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!("['{}']", unescaped(step).replace('\\', "\\\\").replace('\'', "\\'")),
    };
    format!("${}", pointer.split('/').skip(1).map(step).collect::<String>())
}
