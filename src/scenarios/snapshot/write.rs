//! Makes the document of a state.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use strum::VariantNames as _;

use super::extras::{self, OtherRecords, line, other_fields, other_record};
use super::layout::{Part, SnapshotText, filled, render};
use super::records::RecordKind;
use super::secrets::{redact_fault, without_secrets};
use crate::model::{FieldValue, Record, token_field};
use crate::pipeline::Engine;
use crate::quirks::{Profile, Selection};
use crate::request::{QuirkFlags, State};
use crate::scenarios::seed::tokens::{is_token_value, token_fields};

/// The kind of the records that are tokens.
const TOKEN: &str = "token";

/// The form of a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotFormat {
    /// JSON.
    Json,
    /// YAML with JSON in its lines.
    Yaml,
}

/// The state of a session as a scenario file, at a time by the clock of requests. `name` is the name of the scenario. Without
/// `secrets`, credentials are left out or hidden.
pub fn write_snapshot(
    engine: &Engine,
    state: State,
    name: &str,
    at: Timestamp,
    (secrets, format): (bool, SnapshotFormat),
) -> SnapshotText {
    let state = if secrets { state } else { without_secrets(engine, state) };
    let mut others = OtherRecords::default();
    let records = records(engine, &state, &mut others);
    let tokens = tokens(engine, &state, &mut others);
    let name_of = |setting: &'static str| Part::text(setting);
    let mut entries =
        vec![("scenario".to_owned(), Part::text(name)), ("seed".to_owned(), Part::Line(state.ids.seed().to_string()))];
    entries.extend(quirks(engine, state.flags()).map(|quirks| ("quirks".to_owned(), quirks)));
    entries.extend(filled(vec![
        ("checking".to_owned(), name_of(state.settings.checking.into())),
        ("unknown_ids".to_owned(), name_of(state.settings.unknown_ids.into())),
        ("records".to_owned(), Part::Map(records)),
        ("faults".to_owned(), Part::Lines(faults(&state, secrets))),
        ("tokens".to_owned(), Part::Map(tokens)),
        ("snapshot".to_owned(), extras::write(engine, &state, at, others)),
    ]));
    render(entries, format)
}

/// Whether a record is a token of a scenario: it has a name, and tokens that are made at run time have none.
pub(super) fn is_of_scenario(engine: &Engine, record: &Record) -> bool {
    record.kind == TOKEN && engine.api().tokens.are_declared() && !record.text("name").is_empty()
}

/// The records by plural. Those that scenarios cannot say are added to the others.
fn records(engine: &Engine, state: &State, others: &mut OtherRecords) -> Vec<(String, Part)> {
    let mut plurals = Vec::new();
    let is_token = |kind: &str| kind == TOKEN && engine.api().tokens.are_declared();
    for (kind, count) in state.store.kinds().filter(|(kind, _)| !is_token(kind)) {
        let rules = RecordKind::of(engine.contract(), &state.ownership, kind);
        let (mut lines, mut hidden) = (Vec::with_capacity(count), Vec::new());
        for (place, record) in state.store.all(kind).enumerate() {
            match rules.as_ref().and_then(|rules| rules.write(record, &state.store)) {
                Some(written) => {
                    lines.push(written.line);
                    hidden.extend(written.hides_id.then(|| FieldValue::from(&record.id)));
                    others.fields.extend((!written.more.is_empty()).then(|| other_fields(record, &written.more)));
                }
                None => others.records.push(other_record(place, record)),
            }
        }
        others.hidden_ids.extend((!hidden.is_empty()).then(|| (kind.to_owned(), hidden)));
        plurals.extend(rules.map(|rules| (rules.plural, Part::Lines(lines))));
    }
    filled(plurals)
}

/// The tokens of the scenario by name. Those that are made at run time are added to the others.
fn tokens(engine: &Engine, state: &State, others: &mut OtherRecords) -> Vec<(String, Part)> {
    let mut named: Vec<(String, Part)> = Vec::new();
    if !engine.api().tokens.are_declared() {
        return named;
    }
    for (place, token) in state.store.all(TOKEN).enumerate() {
        let name = token.text("name");
        match token_line(engine, state, token).filter(|_| named.iter().all(|(known, _)| known != name)) {
            Some(line) => named.push((name.to_owned(), Part::Line(line))),
            None => others.records.push(other_record(place, token)),
        }
    }
    named
}

/// A token of the scenario as scenarios have it; `None` if reading that would make another token.
fn token_line(engine: &Engine, state: &State, token: &Record) -> Option<String> {
    let kind = engine.api().tokens.kind(token.text("kind"))?;
    let name = token.text("name");
    let mut entry = Map::from_iter([("kind".to_owned(), Value::from(kind.name.as_str()))]);
    let mut subject = None;
    if let Some(kind) = &kind.subject {
        let record = state.store.get(kind, token.text(&token_field(kind)))?;
        entry.insert(kind.to_string(), record.id.as_str().into());
        subject = Some(&**record);
    }
    entry.insert("value".to_owned(), token.id.as_str().into());
    let is_same = token_fields(&state.ownership, kind, name, subject) == token.fields;
    (!name.is_empty() && is_same && is_token_value(&token.id)).then(|| line(&entry.into()))
}

fn faults(state: &State, secrets: bool) -> Vec<String> {
    let written = |fault: Value| {
        let mut fault = fault;
        if !secrets {
            redact_fault(&mut fault);
        }
        line(&fault)
    };
    state.faults.iter().map(|(fault, _)| written(fault.to_json())).collect()
}

/// The profile with the fewest differences from the flags, and switches for these; `None` without quirks.
fn quirks(engine: &Engine, flags: &QuirkFlags) -> Option<Part> {
    let quirks = engine.quirks();
    let dates = engine.api().observed.iter().map(|date| format!("@{date}"));
    let suffixes: Vec<String> = std::iter::once(String::new()).chain(dates).collect();
    let profiles = suffixes.iter().flat_map(|date| Profile::VARIANTS.iter().map(move |name| format!("{name}{date}")));
    let switches = |profile: String| {
        let of_profile = quirks.flags(&Selection::of_profile(&profile).ok()?).ok()?;
        let differs = |(index, _): &(usize, _)| of_profile.is_on(*index) != flags.is_on(*index);
        let sign = |index| if flags.is_on(index) { '+' } else { '-' };
        let changed = quirks.iter().enumerate().filter(differs);
        let switches: Vec<String> = changed.map(|(index, quirk)| format!("{}{}", sign(index), quirk.id)).collect();
        Some((profile, switches))
    };
    quirks.iter().next()?;
    let (profile, switches) = profiles.filter_map(switches).min_by_key(|(_, switches)| switches.len())?;
    Some(Part::Line(line(&match switches.is_empty() {
        true => json!({"profile": profile}),
        false => json!({"profile": profile, "switches": switches}),
    })))
}
