//! Turns recorded requests into fixtures and into a scenario whose steps repeat them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::mask::{Masks, Walk, name_tokens};
use super::{scenario_file, seed};
use crate::api::Tokens;
use crate::fixtures::generate::lab::Lab;
use crate::fixtures::generate::{infer_matchers, references};
use crate::fixtures::json::id_text;
use crate::fixtures::names::{slug, title};
use crate::fixtures::{About, Case, Fixture, Fixtures, Interaction, ProviderState, SCHEMA, Wanted};
use crate::openapi::template::parameter_name;
use crate::pipeline::{Engine, Session};
use crate::request::{Clock, QuirkFlags, State, flat_name};
use crate::scenarios::{Credentials, PlainRequest, Received};

/// What is known about the upstream.
pub struct RecordingContext<'a> {
    /// The contracts that describe its operations.
    pub engine: &'a Engine,
    /// Its tokens, with the names that the recording uses.
    pub credentials: Credentials,
    /// The scenario in which a mock replays the recording: its name and its initial state.
    pub scenario: Option<(String, Session)>,
    /// The time of the recording.
    pub now: Timestamp,
    /// The names of fields whose values are not replaced.
    pub keep: Vec<String>,
}

/// Why a recording is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A value that is replaced everywhere is left.
    #[error("{place} would contain the value that {replacement} replaces")]
    ValueLeft {
        /// The file, or the fixture.
        place: String,
        /// The replacement of the value.
        replacement: String,
    },
    /// There are too many values.
    #[error("{0}")]
    TooMany(String),
}

/// Request headers that belong to a client program or to its network, not to the request.
const CLIENT_HEADERS: [&str; 20] = [
    "user-agent",
    "accept-encoding",
    "accept-language",
    "origin",
    "referer",
    "cache-control",
    "pragma",
    "dnt",
    "via",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "traceparent",
    "tracestate",
    "x-request-id",
    "priority",
    "upgrade-insecure-requests",
    "from",
];

/// The fixtures of a recording and the text of its scenario file.
///
/// # Errors
/// If a value that must be replaced is left in them.
pub(super) fn write<'e>(
    name: &str,
    context: &RecordingContext<'e>,
    mut recorded: Vec<(PlainRequest, Received)>,
) -> Result<(Fixtures<'e>, String), WriteError> {
    let engine = context.engine;
    let mut credentials = context.credentials.clone().for_api(engine);
    let hidden = name_tokens(&mut recorded, &mut credentials);
    let start = Session::new(State::new(0, Clock::Frozen(context.now), QuirkFlags::default(), Arc::default()));
    let mut lab = Lab::new(engine, &credentials, &start);
    let (masks, mut all) = mask(context, &lab, &recorded, hidden)?;
    let mut initial: Vec<(String, String)> = Vec::new();
    for place in 0..all.len() {
        for (id, kind) in initial_records(&lab, &all[..place], &all[place]) {
            lab.add_initial_record(&id, &kind);
            initial.push((id, kind));
        }
    }
    let given = references::link(&lab, &mut all);
    infer_matchers::infer(&given, &mut all);
    let entries = seed::entries(context, &credentials, &initial, &all);
    let write_with = |settings: &[seed::Entry]| {
        scenario_file::text(name, context, &[entries.as_slice(), settings].concat(), &given, &all)
    };
    let text = seed::first_that_passes(context, &write_with);
    let list: Vec<Fixture> = (0..all.len()).map(|place| fixture(name, place, &given, &all)).collect();
    check(&masks, "the scenario", &text)?;
    for fixture in &list {
        check(&masks, &format!("the fixture {}", fixture.id), &serde_json::to_string(fixture).unwrap_or_default())?;
    }
    let about = About { scenario: name.to_owned(), seed: None, now: context.now, quirks: None, quirk: Vec::new() };
    let (on, wanted) = (BTreeSet::new(), Wanted::default());
    // The tokens belong to the upstream: only their names are written.
    let credentials = Credentials::default().for_api(engine);
    Ok((Fixtures { engine, on, about, wanted, credentials, list }, text))
}

/// The interactions of a recording with their values replaced.
fn mask(
    context: &RecordingContext<'_>,
    lab: &Lab<'_>,
    recorded: &[(PlainRequest, Received)],
    hidden: Vec<(String, String)>,
) -> Result<(Masks, Vec<Interaction>), WriteError> {
    let keys: Vec<Option<String>> =
        recorded.iter().map(|(request, reply)| lab.interaction(request, reply).operation).collect();
    let keep: Vec<String> = context.keep.iter().map(|name| flat_name(name)).collect();
    let is_reference = |name: &str| lab.kind_named(name).is_some();
    let walk = Walk { keep: &keep, is_reference: &is_reference };
    let masks = Masks::new(recorded, &keys, hidden, &walk).map_err(WriteError::TooMany)?;
    let tokens = &context.engine.api().tokens;
    let masked = |(request, reply): &(PlainRequest, Received)| {
        let mut request = request.clone();
        request.headers.retain(|(name, value)| is_recorded(tokens, name, value));
        masks.apply(&walk, &lab.interaction(&request, reply))
    };
    let all = recorded.iter().map(masked).collect();
    Ok((masks, all))
}

/// Checks that a text of the recording contains no value that is replaced.
fn check(masks: &Masks, place: &str, text: &str) -> Result<(), WriteError> {
    match masks.left_in(text) {
        Some(replacement) => {
            Err(WriteError::ValueLeft { place: place.to_owned(), replacement: replacement.to_owned() })
        }
        None => Ok(()),
    }
}

/// Whether a request header can change a response.
fn is_recorded(tokens: &Tokens, name: &str, value: &str) -> bool {
    let is_of_client = CLIENT_HEADERS.contains(&name) || name.starts_with("sec-");
    // `Accept: */*` is the default.
    tokens.is_caller_header(name) || (!is_of_client && (name, value) != ("accept", "*/*"))
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
    let case = Case::Step { file: name.to_owned(), line: place + 1, step: scenario_file::step_name(place, &point) };
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
    own.or_else(parent)
        .filter(|kind| !kind.is_empty())
        .or_else(|| Some(name.trim_end_matches("_id").trim_end_matches("_uid").to_owned()))
}

/// The interactions that must precede another one: those that give a value which it uses, and those that change a record
/// which it uses.
fn needed_before(all: &[Interaction], place: usize) -> Vec<Interaction> {
    let variables = |interaction: &Interaction| -> BTreeSet<String> {
        let captured = interaction.captures.iter().map(|capture| &capture.variable);
        interaction.references.iter().map(|reference| &reference.variable).chain(captured).cloned().collect()
    };
    let mut used: BTreeSet<String> = all[place].references.iter().map(|one| one.variable.clone()).collect();
    let mut needed: BTreeSet<usize> = BTreeSet::new();
    // What a needed request makes may be changed by another one.
    loop {
        let known = needed.len();
        for earlier in (0..place).rev() {
            let interaction = &all[earlier];
            let gives = interaction.captures.iter().any(|capture| used.contains(&capture.variable));
            let changes = !interaction.request.is_safe() && !variables(interaction).is_disjoint(&used);
            if (gives || changes) && needed.insert(earlier) {
                match changes {
                    true => used.extend(variables(interaction)),
                    false => used.extend(interaction.references.iter().map(|one| one.variable.clone())),
                }
            }
        }
        if needed.len() == known {
            break;
        }
    }
    needed.into_iter().map(|earlier| all[earlier].clone()).collect()
}
