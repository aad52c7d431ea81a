//! Scenario files.
//!
//! ```yaml
//! scenario: music-school
//! about: one line about it
//! extends: music-school                 # begins with an embedded scenario, and adds to it
//! seed: 7                               # of ids and generated people
//! quirks: {profile: observed, switches: [-packages-feature-gate]}
//! checking: lenient                     # or documented, off
//! unknown_ids: refuse                   # or answer
//! examples: true                        # the contract's examples become records, where there are none of the kind
//! records:                              # by plural, fields under the API's own names
//!   clients:
//!     - {id: k4w9zr2tq7mh1xpe, first_name: Nora, business_uid: 7c1e94d02ab85f36}
//! faults:                               # responses that come late, in part or as errors; see `faults`
//!   - {operation: GET /v1/orders, latency: {ms: 400}}
//! generate: {clients: 36}               # fill up with realistic people
//! tokens:
//!   staff: {kind: staff, staff: 3f90b6a1e7d2c458}
//! params: {my_id: something}            # further variables for steps
//! steps: []                             # a story, replayed by `standin replay`
//! snapshot: {version: 1}                # what else the state of a session has, if the file is a snapshot
//! ```

use super::credentials::Credentials;
use super::snapshot::{Snapshot, read_snapshot};
use super::step::{ParseMode, Step, pairs, read_steps};
use crate::api::ScenarioFiles;
use crate::diagnostics::locate::position_of;
use crate::diagnostics::{
    Collector, Diagnostic, Diagnostics, FieldError, Key, SourceFile, Span, YamlMap, YamlNode, nearest,
};
use crate::faults::Fault;
use crate::quirks::{Profile, Quirks, Selection};
use crate::request::Settings;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// A scenario file, read but not yet seeded: references are checked when it is.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// The file, for complaints.
    pub source: SourceFile,
    /// Its name.
    pub name: String,
    /// The scenario that it begins with, if it builds on one.
    pub base: Option<Box<Scenario>>,
    /// One line about it.
    pub about: String,
    /// The seed of ids and of everything generated.
    pub seed: u64,
    /// Where its clock stands, if it says so.
    pub now: Option<Timestamp>,
    /// The quirks it wants.
    pub quirks: Option<Selection>,
    /// The ids of the quirks that it switches, where they stand.
    pub switched: Vec<Key>,
    /// The profile as it is written.
    pub profile: Option<Key>,
    /// How calls are dealt with, apart from quirks.
    pub settings: Settings,
    /// Whether the examples of contracts become records, of each kind that the scenario has none of.
    pub examples: bool,
    /// The faults of responses, each with what the file says of it.
    pub faults: Vec<(YamlNode, Arc<Fault>)>,
    /// The records by plural.
    pub records: Vec<(Key, Vec<YamlNode>)>,
    /// How many records of a plural there are to be in the end.
    pub generate: Vec<(Key, usize)>,
    /// The tokens.
    pub tokens: Vec<TokenSpec>,
    /// Further variables for steps.
    pub params: Vec<(String, String)>,
    /// A story.
    pub steps: Vec<Step>,
    /// What else the state of a session has, if the file is a snapshot.
    pub snapshot: Option<Box<Snapshot>>,
}

/// A token as a scenario declares it.
#[derive(Clone, Debug)]
pub struct TokenSpec {
    /// The name by which steps and lists refer to it.
    pub key: Key,
    /// Its kind.
    pub kind: Key,
    /// The value that clients send; derived from the names if it is not given.
    pub value: Option<String>,
    /// The other entries: the record that the token stands for, by its kind.
    pub rest: Vec<(Key, YamlNode)>,
    /// Where it is declared.
    pub span: Span,
}

/// More records than this are not generated.
const MAX_GENERATED: u64 = 100_000;

impl Scenario {
    /// The scenario of an API without a default one: the examples of its contracts.
    pub const EMPTY: &'static str = "empty";

    /// The embedded scenario of that name.
    pub fn embedded(name: &str) -> Option<SourceFile> {
        ScenarioFiles::embedded(&[]).find(name).cloned()
    }

    /// Whether a text is a scenario file: it has a line that begins with `scenario:`, or is JSON with that key first.
    pub fn recognises(text: &str) -> bool {
        crate::openapi::load::is_scenario(text)
    }

    /// Reads a scenario file.
    ///
    /// # Errors
    /// All mistakes that can be found without knowing which records there are.
    pub fn read(source: &SourceFile) -> Result<Self, Diagnostics> {
        Self::read_in(source, &ScenarioFiles::embedded(&[]))
    }

    /// Reads a scenario file that may extend one of these scenarios.
    ///
    /// # Errors
    /// As [`Scenario::read`].
    pub fn read_in(source: &SourceFile, scenarios: &ScenarioFiles) -> Result<Self, Diagnostics> {
        let (scenario, diagnostics) = Self::read_leniently(source, scenarios);
        diagnostics.all(source, scenario)
    }

    /// Reads as much of a scenario file as is valid, and collects the errors. `None` if it is no mapping or has no name.
    pub(super) fn read_leniently(source: &SourceFile, scenarios: &ScenarioFiles) -> (Option<Self>, Collector) {
        let mut diagnostics = Collector::default();
        let tree = diagnostics.collect_all(YamlNode::read_large(source));
        let scenario = tree.and_then(|tree| read(source, &tree, scenarios, &mut diagnostics));
        (scenario, diagnostics)
    }

    /// Says that the quirks that it switches are there.
    ///
    /// # Errors
    /// Each that is not, with the nearest one that is.
    pub fn check_switches(&self, quirks: &Quirks) -> Result<(), Diagnostics> {
        let mut diagnostics = Collector::default();
        if let Some((Key { span, .. }, selection)) = self.profile.as_ref().zip(self.quirks.as_ref()) {
            let dated = Selection { changes: Vec::new(), ..selection.clone() };
            diagnostics.collect(quirks.flags(&dated).map_err(|error| Diagnostic::new(*span, error.to_string())));
        }
        for Key { name, span } in self.switched.iter().filter(|key| quirks.get(&key.name).is_none()) {
            let near = nearest(name, quirks.iter().map(|quirk| quirk.id.as_str()));
            let advice =
                near.map_or_else(|| "`standin quirks` lists them".into(), |near| format!("did you mean `{near}`?"));
            diagnostics.add(Diagnostic::new(*span, format!("unknown quirk `{name}`")).help(advice));
        }
        diagnostics.all(&self.source, Some(()))
    }

    /// Says that the tokens that its steps name are there.
    ///
    /// # Errors
    /// Each that is not, with the nearest one that is.
    pub fn check_tokens(&self, credentials: &Credentials) -> Result<(), Diagnostics> {
        if credentials.accepts_any_token() {
            return Ok(());
        }
        let known: Vec<&str> = credentials.tokens.iter().map(|(name, _)| name.as_str()).chain(["none"]).collect();
        let mut diagnostics = Collector::default();
        for Key { name, span } in self.steps.iter().filter_map(|step| step.token.as_ref()) {
            if !known.contains(&name.as_str()) {
                diagnostics.add(Diagnostic::unknown(*span, "token", name, &known));
            }
        }
        diagnostics.all(&self.source, Some(()))
    }
}

fn read(
    source: &SourceFile,
    tree: &YamlNode,
    scenarios: &ScenarioFiles,
    diagnostics: &mut Collector,
) -> Option<Scenario> {
    let mut entries = diagnostics.collect(tree.entries("a scenario"))?;
    let text = |tree: &YamlNode| tree.text().map(str::to_owned);
    let name = diagnostics.collect(entries.require("scenario").and_then(text));
    let base =
        entries.take("extends").and_then(|tree| diagnostics.collect(read_base(tree, name.as_deref(), scenarios)));
    let about = entries.take("about").and_then(|tree| diagnostics.collect(text(tree))).unwrap_or_default();
    let seed = entries.take("seed").and_then(|tree| diagnostics.collect(tree.count()));
    let snapshot = entries.take("snapshot").map(|tree| Box::new(read_snapshot(tree, diagnostics)));
    let now = entries.take("now").and_then(|tree| diagnostics.collect(read_time(tree)));
    let now = now.or(snapshot.as_ref().and_then(|snapshot| snapshot.frozen_at()));
    let quirks = entries.take("quirks").map(|tree| read_quirks(tree, diagnostics));
    let (quirks, switched, profile) =
        quirks.map_or_else(Default::default, |(selection, switched, profile)| (Some(selection), switched, profile));
    let settings = read_settings(&mut entries, base.as_deref(), diagnostics);
    let examples = entries.take("examples").and_then(|tree| diagnostics.collect(tree.boolean())).unwrap_or(false);
    let faults = entries.take("faults").map(|tree| read_faults(tree, diagnostics)).unwrap_or_default();
    let mut pairs = |name, what| pairs(&mut entries, name, what, diagnostics);
    let (records, generate) = (pairs("records", "the records"), pairs("generate", "`generate`"));
    let (tokens, params) = (pairs("tokens", "the tokens"), pairs("params", "the params"));
    let records =
        records.into_iter().filter_map(|(key, list)| Some((key.clone(), read_records(list, diagnostics)?))).collect();
    let generate = generate
        .into_iter()
        .filter_map(|(key, tree)| Some((key.clone(), diagnostics.collect(read_number(tree))?)))
        .collect();
    let tokens = tokens.into_iter().filter_map(|(key, tree)| read_token(key, tree, diagnostics)).collect();
    let params = params
        .into_iter()
        .filter_map(|(key, tree)| Some((key.name.clone(), diagnostics.collect(text(tree))?)))
        .collect();
    let steps = entries.take("steps").map(|tree| read_steps(tree, ParseMode::Strict, diagnostics)).unwrap_or_default();
    entries.finish_with(diagnostics);
    Some(Scenario {
        source: source.clone(),
        name: name?,
        seed: seed.or(base.as_ref().map(|base| base.seed)).unwrap_or(0),
        base,
        about,
        now,
        quirks,
        switched,
        profile,
        settings,
        examples,
        faults,
        records,
        generate,
        tokens,
        params,
        steps,
        snapshot,
    })
}

/// Faults, as the control API takes them.
fn read_faults(tree: &YamlNode, diagnostics: &mut Collector) -> Vec<(YamlNode, Arc<Fault>)> {
    let list = diagnostics.collect(tree.list()).unwrap_or_default();
    let mut faults = Vec::new();
    for (index, tree) in list.iter().enumerate() {
        let Value::Object(fields) = tree.to_json() else {
            diagnostics.add(tree.expected("a fault: a match and one kind with its settings"));
            continue;
        };
        match Fault::read(fields) {
            Ok(fault) => {
                faults.push((tree.clone(), Arc::new(fault.or_named(&format!("fault-{}", index + 1)))));
            }
            Err(errors) => add_field_errors(tree, errors, diagnostics),
        }
    }
    faults
}

/// Adds the errors in the fields of a part of a file.
pub(super) fn add_field_errors(tree: &YamlNode, errors: Vec<FieldError>, diagnostics: &mut Collector) {
    for FieldError { pointer, detail } in errors {
        let steps: Vec<String> = pointer.split('/').skip(1).map(str::to_owned).collect();
        diagnostics.add(Diagnostic::new(position_of(tree, &steps), detail));
    }
}

/// The settings of the scenario that this one extends, with those that it changes.
fn read_settings(entries: &mut YamlMap<'_>, base: Option<&Scenario>, diagnostics: &mut Collector) -> Settings {
    let mut settings = base.map(|base| base.settings).unwrap_or_default();
    if let Some(tree) = entries.take("checking") {
        settings.checking = diagnostics.collect(variant(tree, "setting")).unwrap_or(settings.checking);
    }
    if let Some(tree) = entries.take("unknown_ids") {
        settings.unknown_ids = diagnostics.collect(variant(tree, "setting")).unwrap_or(settings.unknown_ids);
    }
    settings
}

/// The variant of an enum by its name.
fn variant<T: std::str::FromStr + strum::VariantNames>(tree: &YamlNode, what: &str) -> Result<T, Diagnostic> {
    let name = tree.text()?;
    name.parse().map_err(|_| Diagnostic::unknown(tree.span, what, name, T::VARIANTS))
}

fn read_base(tree: &YamlNode, name: Option<&str>, scenarios: &ScenarioFiles) -> Result<Box<Scenario>, Diagnostic> {
    let wanted = tree.text()?;
    let known: Vec<&str> = scenarios.names().into_iter().filter(|known| Some(*known) != name).collect();
    let text = scenarios.find(wanted).filter(|_| known.contains(&wanted));
    let text = text.ok_or_else(|| Diagnostic::unknown(tree.span, "scenario to extend", wanted, &known))?;
    let base = Scenario::read_in(text, scenarios)
        .map_err(|diagnostics| Diagnostic::new(tree.span, diagnostics.to_string()))?;
    Ok(Box::new(base))
}

fn read_records(tree: &YamlNode, diagnostics: &mut Collector) -> Option<Vec<YamlNode>> {
    let list = diagnostics.collect(tree.list())?;
    for record in list {
        diagnostics.collect(record.entries("a record").map(drop));
    }
    Some(list.to_vec())
}

fn read_number(tree: &YamlNode) -> Result<usize, Diagnostic> {
    match tree.count()? {
        count @ 0..=MAX_GENERATED => Ok(count as usize),
        _ => Err(Diagnostic::new(tree.span, format!("more than {MAX_GENERATED} are not generated"))),
    }
}

pub(super) fn read_time(tree: &YamlNode) -> Result<Timestamp, Diagnostic> {
    let text = tree.text()?;
    let advice = "write a point in time as 2026-02-08T10:00:00Z";
    text.parse().map_err(|_| Diagnostic::new(tree.span, format!("`{text}` is no point in time")).help(advice))
}

/// Reads `{profile, switches}`: the selection, the switches and the profile as they are written.
fn read_quirks(tree: &YamlNode, diagnostics: &mut Collector) -> (Selection, Vec<Key>, Option<Key>) {
    let (mut selection, mut switched, mut profile) = (Selection::default(), Vec::new(), None);
    let Some(mut entries) = diagnostics.collect(tree.entries("`quirks`")) else {
        return (selection, switched, profile);
    };
    if let Some(tree) = entries.take("profile") {
        let unknown =
            |text: &str| Diagnostic::unknown(tree.span, "profile", text, <Profile as strum::VariantNames>::VARIANTS);
        let read = |text: &str| Selection::of_profile(text).map_err(|_| unknown(text));
        selection = diagnostics.collect(tree.text().and_then(read)).unwrap_or_default();
        profile = tree.text().ok().map(|name| Key { name: name.to_owned(), span: tree.span });
    }
    let switches = entries.take("switches").and_then(|tree| diagnostics.collect(tree.list())).unwrap_or_default();
    for tree in switches {
        let Some(written) = diagnostics.collect(tree.text()) else { continue };
        let changed = selection.change(written);
        diagnostics.collect(changed.map_err(|advice| Diagnostic::new(tree.span, "a switch has a sign").help(advice)));
        switched.push(Key { name: written.get(1..).unwrap_or_default().to_owned(), span: tree.span });
    }
    entries.finish_with(diagnostics);
    (selection, switched, profile)
}

fn read_token(key: &Key, tree: &YamlNode, diagnostics: &mut Collector) -> Option<TokenSpec> {
    let mut entries = diagnostics.collect(tree.entries("a token"))?;
    let kind = diagnostics.collect(entries.require("kind").and_then(|tree| Ok((tree.text()?.to_owned(), tree.span))));
    let value = entries.take("value").and_then(|tree| diagnostics.collect(tree.text()));
    let rest: Vec<(Key, YamlNode)> = entries.rest().into_iter().cloned().collect();
    for (_, tree) in &rest {
        diagnostics.collect(tree.text());
    }
    entries.finish_with(diagnostics);
    let (name, span) = kind?;
    Some(TokenSpec {
        key: key.clone(),
        kind: Key { name, span },
        value: value.map(str::to_owned),
        rest,
        span: tree.span,
    })
}
