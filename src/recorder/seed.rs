//! The initial state that a recording needs: the scenario that it extends, its tokens, and the records that it found.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::writer::RecordingContext;
use crate::diagnostics::SourceFile;
use crate::fixtures::Interaction;
use crate::fixtures::json::id_text;
use crate::model::token_field;
use crate::openapi::{Resource, is_id};
use crate::pipeline::Session;
use crate::quirks::Selection;
use crate::request::{Clock, QuirkFlags, State};
use crate::scenarios::{Credentials, InProcess, Outcome, Scenario, Start, Workflows, credentials};

/// An entry of a scenario file.
pub(super) type Entry = (&'static str, Value);

/// The entries of a scenario file, apart from its steps: as many of them as the mock can load.
pub(super) fn entries(
    context: &RecordingContext<'_>,
    credentials: &Credentials,
    initial: &[(String, String)],
    all: &[Interaction],
) -> Vec<Entry> {
    let state = context.scenario.as_ref().map(|(_, session)| session.state());
    let mut entries: Vec<(&str, Value)> = Vec::new();
    entries.extend(context.scenario.iter().map(|(name, _)| ("extends", name.as_str().into())));
    let more = [
        ("tokens", tokens(context, credentials, state.as_ref(), all)),
        ("records", records(context, state.as_ref(), initial, all)),
    ];
    for (key, value) in more {
        if !value.is_empty() {
            entries.push((key, value.into()));
            if !can_load(context, &entries) {
                entries.pop();
            }
        }
    }
    entries
}

/// Whether the mock can start in the state that entries describe.
fn can_load(context: &RecordingContext<'_>, entries: &[(&str, Value)]) -> bool {
    let entries: String = entries.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    let file = SourceFile::new("recorded.yaml", format!("scenario: recorded\n{entries}"));
    let (now, flags) = (context.now, QuirkFlags::default());
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    Scenario::read_in(&file, context.engine.scenarios())
        .is_ok_and(|scenario| scenario.seed(context.engine, start).is_ok())
}

/// The text of the scenario file with the first settings with which the mock passes it; without settings if it passes it with
/// none. An upstream may require the credentials that its contract documents, or have records that no response has shown.
pub(super) fn first_that_passes(context: &RecordingContext<'_>, write_with: &dyn Fn(&[Entry]) -> String) -> String {
    let (strict, lenient) = (("checking", Value::from("documented")), ("unknown_ids", Value::from("answer")));
    let settings = [vec![], vec![strict.clone()], vec![lenient.clone()], vec![strict, lenient]];
    let mut texts = settings.iter().map(|settings| write_with(settings));
    texts.find(|text| passes(context, text)).unwrap_or_else(|| write_with(&[]))
}

/// Whether a mock passes a scenario.
fn passes(context: &RecordingContext<'_>, text: &str) -> bool {
    let (engine, now) = (context.engine, context.now);
    let file = SourceFile::new("recorded.yaml", text);
    let Ok(workflows) = Workflows::read_in(std::slice::from_ref(&file), engine.scenarios()) else { return false };
    let Some((workflow, scenario)) = workflows.list.first().and_then(|one| Some((one, one.scenario.as_ref()?))) else {
        return false;
    };
    let flags = engine.quirks().flags(&Selection::default()).unwrap_or_default();
    let start = Start { clock: Clock::Frozen(now), now, flags, seed: None };
    let Ok(state) = scenario.seed(engine, start) else { return false };
    let credentials = credentials(engine, &state, scenario);
    let mut mock = InProcess { engine, session: Session::new(state).into(), now, usage: None };
    let report = workflows.replay(workflow, &mut mock, &credentials, now, 0);
    report.outcome == Outcome::Passed
}

/// The tokens of the recording that the scenario does not have. Each stands for the subject of the scenario's first token of
/// its kind, since the subject at the upstream is unknown.
fn tokens(
    context: &RecordingContext<'_>,
    credentials: &Credentials,
    state: Option<&State>,
    all: &[Interaction],
) -> Map<String, Value> {
    let tokens = &context.engine.api().tokens;
    let Some(default) = tokens.kinds.first() else { return Map::new() };
    let mut found = Map::new();
    for name in all.iter().filter_map(|interaction| interaction.request.token.as_deref()) {
        if context.credentials.token(name).is_some() || found.contains_key(name) {
            continue;
        }
        let kind = credentials.kinds.iter().find(|(known, _)| known == name).and_then(|(_, kind)| tokens.kind(kind));
        let kind = kind.unwrap_or(default);
        let mut entry = Map::from_iter([("kind".to_owned(), Value::from(kind.name.as_str()))]);
        if let Some(subject) = &kind.subject {
            let known = state.and_then(|state| {
                let token = state.store.all("token").find(|token| token.text("kind") == kind.name)?;
                Some(token.text(&token_field(subject)).to_owned())
            });
            entry.extend(known.map(|id| (subject.to_string(), id.into())));
        }
        found.insert(name.to_owned(), entry.into());
    }
    found
}

/// The records that existed before the recording, by plural, with the fields that a response has of each.
fn records(
    context: &RecordingContext<'_>,
    state: Option<&State>,
    initial: &[(String, String)],
    all: &[Interaction],
) -> Map<String, Value> {
    let mut found: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (place, (id, kind)) in initial.iter().enumerate() {
        let is_known = initial[..place].contains(&initial[place])
            || state.is_some_and(|state| state.store.get(kind, id).is_some());
        let Some(resource) = context.engine.contract().resources.get(kind).filter(|_| !is_known) else { continue };
        let seen = all.iter().filter(|one| one.response.status < 300).find_map(|one| object_of(&one.response.body, id));
        found.entry(&resource.plural).or_default().push(record(resource, id, seen));
    }
    found.into_iter().map(|(plural, list)| (plural.to_owned(), list.into())).collect()
}

/// A record as a scenario file has it.
fn record(resource: &Resource, id: &str, seen: Option<&Map<String, Value>>) -> Value {
    let is_field = |name: &str| resource.fields.is_empty() || resource.fields.iter().any(|field| field.name == name);
    let fields = seen
        .into_iter()
        .flatten()
        .filter(|(name, value)| !matches!(name.as_str(), "id" | "uid") && is_field(name) && !value.is_null());
    let mut record = json!({"id": id});
    for (name, value) in fields {
        record[name] = value.clone();
    }
    record
}

/// The innermost object that has an id.
fn object_of<'v>(body: &'v Value, id: &str) -> Option<&'v Map<String, Value>> {
    match body {
        Value::Object(map) => map.values().find_map(|value| object_of(value, id)).or_else(|| {
            let has_id = map.iter().any(|(name, value)| is_id(name) && id_text(value).as_deref() == Some(id));
            has_id.then_some(map)
        }),
        Value::Array(list) => list.iter().find_map(|value| object_of(value, id)),
        _ => None,
    }
}
