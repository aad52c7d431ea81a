//! Turns recorded requests into fixtures and into a scenario whose steps repeat them.

use std::sync::Arc;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::anonymizer::{Anonymizer, name_tokens};
use crate::fixtures::generate::lab::Lab;
use crate::fixtures::generate::{infer_matchers, references};
use crate::fixtures::json::id_text;
use crate::fixtures::names::{slug, title};
use crate::fixtures::{
    About, Capture, Case, Fixture, Fixtures, Interaction, ProviderState, SCHEMA, Wanted, path_with_names, put_name,
};
use crate::openapi::template::parameter_name;
use crate::pipeline::{Engine, Session};
use crate::request::{Clock, QuirkFlags, State};
use crate::scenarios::{Credentials, PlainRequest, Received, percent_encoded, unescaped};

/// What is known about the upstream.
pub struct RecordingContext<'a> {
    /// The contracts that describe its operations.
    pub engine: &'a Engine,
    /// Its tokens, with the names that the recording uses.
    pub credentials: Credentials,
    /// The scenario in which the upstream starts, if it is a mock.
    pub scenario: Option<String>,
    /// The time of the recording.
    pub now: Timestamp,
}

/// The fixtures of a recording and the text of its scenario file.
pub(super) fn write<'e>(
    name: &str,
    context: &RecordingContext<'e>,
    mut recorded: Vec<(PlainRequest, Received)>,
) -> (Fixtures<'e>, String) {
    let mut credentials = context.credentials.clone().for_api(context.engine);
    name_tokens(&mut recorded, &mut credentials);
    let state = Session::new(State::new(0, Clock::Frozen(context.now), QuirkFlags::default(), Arc::default()));
    let mut lab = Lab::new(context.engine, &credentials, &state);
    let raw: Vec<Interaction> = recorded.iter().map(|(request, reply)| lab.interaction(request, reply)).collect();
    let anonymizer = Anonymizer::new(&raw, &credentials);
    let mut all: Vec<Interaction> = raw.iter().map(|interaction| anonymizer.anonymize(interaction)).collect();
    for place in 0..all.len() {
        for (id, kind) in initial_records(&lab, &all[..place], &all[place]) {
            lab.add_initial_record(&id, &kind);
        }
    }
    let given = references::link(&lab, &mut all);
    infer_matchers::infer(&given, &mut all);
    let text = scenario_text(name, context, &given, &all);
    let list = (0..all.len()).map(|place| fixture(name, place, &given, &all)).collect();
    let about = About { scenario: name.to_owned(), seed: None, now: context.now, quirks: None, quirk: Vec::new() };
    let (engine, on, wanted) = (context.engine, BTreeSet::new(), Wanted::default());
    // The tokens belong to the upstream: only their names are written.
    let credentials = Credentials::default().for_api(engine);
    let fixtures = Fixtures { engine, on, about, wanted, credentials, list };
    (fixtures, text)
}

fn fixture(name: &str, place: usize, given: &[ProviderState], all: &[Interaction]) -> Fixture {
    let before = needed_before(all, place);
    let point = all[place].clone();
    let is_used = |given: &&ProviderState| {
        let references = before.iter().chain([&point]).flat_map(|one| &one.references);
        references.into_iter().any(|reference| given.params.contains_key(&reference.variable))
    };
    let given = given.iter().filter(is_used).cloned().collect();
    let key = point.operation.clone().unwrap_or_else(|| point.request.path.clone());
    let case = Case::Step { file: name.to_owned(), line: place + 1, step: step_name(place, &point) };
    Fixture {
        schema: SCHEMA.to_owned(),
        id: format!("recorded/{name}/{:03}-{}", place + 1, slug(&key)),
        title: title(&key, &case, point.response.status),
        case,
        given,
        before,
        point,
    }
}

/// The records that existed before the recording: ids that a successful request names and no earlier response gave, with the
/// kind of each.
fn initial_records(lab: &Lab<'_>, earlier: &[Interaction], interaction: &Interaction) -> Vec<(String, String)> {
    if interaction.response.status >= 400 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, value) in interaction.request.places() {
        let Some(id) = id_text(&value).filter(|id| id.len() >= 4) else { continue };
        let kind = match at.strip_prefix("/path/").and_then(|place| place.parse().ok()) {
            Some(place) => kind_of_segment(lab, interaction, place),
            None => lab.kind_named(at.rsplit('/').next().unwrap_or_default()).map(str::to_owned),
        };
        if let Some(kind) = kind.filter(|_| references::find_source(earlier, &id).is_none()) {
            found.push((id, kind));
        }
    }
    found
}

/// The kind of record that a path parameter identifies; `place` is the index of its segment.
fn kind_of_segment(lab: &Lab<'_>, interaction: &Interaction, place: usize) -> Option<String> {
    let operation = lab.operation_of(interaction)?;
    let segments: Vec<&str> = operation.path.split('/').skip(1).collect();
    let name = segments.get(place).copied().and_then(parameter_name)?;
    let index = segments[..place].iter().filter(|part| parameter_name(part).is_some()).count();
    let role = &operation.role;
    let own = if role.item == Some(index) { role.resource.clone() } else { None };
    let parent = || role.parents.iter().find(|parent| parent.index == index).map(|parent| parent.resource.clone());
    own.or_else(parent).or_else(|| Some(name.trim_end_matches("_id").trim_end_matches("_uid").to_owned()))
}

/// The interactions that must precede another one: those that give a value which it uses, and those that change a record
/// which it uses.
fn needed_before(all: &[Interaction], place: usize) -> Vec<Interaction> {
    let variables = |interaction: &Interaction| -> BTreeSet<String> {
        let captured = interaction.captures.iter().map(|capture| &capture.variable);
        interaction.references.iter().map(|reference| &reference.variable).chain(captured).cloned().collect()
    };
    let mut used: BTreeSet<String> = all[place].references.iter().map(|one| one.variable.clone()).collect();
    let mut needed: Vec<usize> = Vec::new();
    for earlier in (0..place).rev() {
        let interaction = &all[earlier];
        let gives = interaction.captures.iter().any(|capture| used.contains(&capture.variable));
        let changes = !interaction.request.is_safe() && !variables(interaction).is_disjoint(&used);
        if gives || changes {
            used.extend(interaction.references.iter().map(|one| one.variable.clone()));
            needed.push(earlier);
        }
    }
    needed.into_iter().rev().map(|earlier| all[earlier].clone()).collect()
}

fn step_name(place: usize, interaction: &Interaction) -> String {
    let key = interaction.operation.as_deref().unwrap_or(&interaction.request.path);
    let last = key.rsplit('/').find(|part| parameter_name(part).is_none()).unwrap_or_default();
    format!("{}_{}_{}", interaction.request.method.to_lowercase(), slug(last), place + 1)
}

fn scenario_text(name: &str, context: &RecordingContext<'_>, given: &[ProviderState], all: &[Interaction]) -> String {
    let mut text = format!("scenario: {}\n", Value::from(name));
    text.push_str("about: \"recorded; tokens and personal data are replaced\"\n");
    if let Some(base) = &context.scenario {
        let _ = writeln!(text, "extends: {}", Value::from(base.as_str()));
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
        !context.credentials.tokens.iter().any(|(known, _)| known == name)
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
    let is_kept = |(name, _): &(String, String)| name != "content-type" || is_text;
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
