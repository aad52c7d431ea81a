//! Lifecycles of records, and their reader.

use compact_str::CompactString;

use super::behaviour::Compiler;
use super::read::{Row, read_texts, reject_renamed};
use super::{FieldType, ReferenceTarget, Resource};
use crate::diagnostics::{Diagnostic, Key, YamlMap, YamlNode, YamlValue};
use crate::expressions::{Expression, Type};
use crate::model::{FieldValue, Record, TimeSpan, TimeSpanError};

/// The states of a kind of record, as a table.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// The field that holds the state.
    pub field: String,
    /// All states, if the file lists them.
    pub states: Vec<String>,
    /// The rows of the table that operations cause.
    pub transitions: Vec<Transition>,
    /// The rows of the table that time causes.
    pub timed: Vec<TimedTransition>,
}

impl Lifecycle {
    /// Checks that the states of a row are among those that the file lists, if it does.
    fn check_states(&self, row: &YamlNode) -> Result<(), Diagnostic> {
        let YamlValue::Map(entries) = &row.node else { return Ok(()) };
        for (_, node) in entries.iter().filter(|(key, _)| matches!(key.name.as_str(), "from" | "to")) {
            self.check_state(node)?;
        }
        Ok(())
    }

    /// Checks that states are among those that the file lists, if it does.
    pub(super) fn check_state(&self, node: &YamlNode) -> Result<(), Diagnostic> {
        let known: Vec<&str> = self.states.iter().map(String::as_str).collect();
        let unknown = node.texts()?.into_iter().find(|state| !known.is_empty() && !known.contains(state));
        unknown.map_or(Ok(()), |state| Err(Diagnostic::unknown(node.span, "state", state, &known)))
    }
}

/// Whether a state is among those from which a transition leads; none stand for all.
fn is_among(from: &[String], state: &str) -> bool {
    from.is_empty() || from.iter().any(|from| from == state)
}

/// A transition that an operation causes.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Key of the operation: `PUT /v1/orders/{id}/cancel`.
    pub on: String,
    /// States from which the transition is allowed; empty allows all.
    pub from: Vec<String>,
    /// Whether the row applies to a record.
    pub when: Option<Expression>,
    /// The new state; `None` keeps the state.
    pub to: Option<String>,
    /// Other fields that the transition sets.
    pub set: Vec<(CompactString, Expression)>,
    /// Message of the error when the record is in another state.
    pub error: String,
    /// Messages for single states.
    pub errors: Vec<(String, String)>,
}

impl Transition {
    /// Whether it is allowed in a state.
    pub fn is_allowed_in(&self, state: &str) -> bool {
        is_among(&self.from, state)
    }

    /// The message of the error when the record is in a state from which it is not allowed.
    pub fn error_in(&self, state: &str) -> &str {
        self.errors.iter().find(|(known, _)| known == state).map_or(&self.error, |(_, message)| message)
    }
}

/// A transition that happens when time passes.
#[derive(Clone, Debug)]
pub struct TimedTransition {
    /// How long after the time in the field `since` it happens.
    pub after: TimeSpan,
    /// The field with a date or a time. A date is the beginning of that day in the time zone of the record's owner.
    pub since: String,
    /// States from which it happens; empty allows all.
    pub from: Vec<String>,
    /// Fields that a record must have with these values.
    pub only: Vec<(String, FieldValue)>,
    /// The new state; `None` keeps the state.
    pub to: Option<String>,
    /// Other fields that it sets.
    pub set: Vec<(CompactString, Expression)>,
    /// Its name in the journal.
    pub event: String,
}

impl TimedTransition {
    /// Whether it can happen to a record whose state is in the field `state`.
    pub fn applies_to(&self, record: &Record, state: &str) -> bool {
        is_among(&self.from, record.text(state)) && self.only.iter().all(|(name, value)| record.get(name) == value)
    }
}

/// Reads a lifecycle of a kind. Operations that its rows name are added to `references`.
pub(super) fn read_lifecycle(
    node: &YamlNode,
    (kind, compiler): (&str, &Compiler<'_>),
    references: &mut Vec<Row>,
) -> Result<Lifecycle, Diagnostic> {
    let mut entries = node.entries("a lifecycle")?;
    let field = entries.require("field")?.text()?.to_owned();
    let states = read_texts(&mut entries, "states")?;
    let rows = entries.require("transitions")?.list()?;
    entries.finish()?;
    let mut lifecycle = Lifecycle { field, states, transitions: Vec::new(), timed: Vec::new() };
    for node in rows {
        lifecycle.check_states(node)?;
        reject_renamed(node, &[("refusal", "error")])?;
        let mut entries = node.entries("a transition")?;
        match entries.take("after") {
            Some(after) => {
                let compiler = compiler.of_record();
                lifecycle.timed.push(read_timed(node, after, entries, (kind, &compiler))?);
            }
            None => lifecycle.transitions.push(read_transition(entries, (kind, compiler), references)?),
        }
    }
    Ok(lifecycle)
}

fn read_transition(
    mut entries: YamlMap<'_>,
    (kind, compiler): (&str, &Compiler<'_>),
    references: &mut Vec<Row>,
) -> Result<Transition, Diagnostic> {
    let on = entries.require("on")?;
    let key = Key { name: on.text()?.to_owned(), span: on.span };
    let from = read_texts(&mut entries, "from")?;
    let when = compiler.optional(&mut entries, "when", &Type::Bool)?;
    let to = read_text(&mut entries, "to")?;
    let set = compiler.values(&mut entries, "set", kind)?;
    let (error, errors) = entries.take("error").map_or_else(|| Ok(Default::default()), read_errors)?;
    entries.finish()?;
    let on = key.name.clone();
    references.push(Row { key, target: ReferenceTarget::Transition });
    Ok(Transition { on, from, when, to, set, error, errors })
}

/// One message, or messages by state and for all others `other`.
fn read_errors(node: &YamlNode) -> Result<(String, Vec<(String, String)>), Diagnostic> {
    if !matches!(node.node, YamlValue::Map(_)) {
        return Ok((node.text()?.to_owned(), Vec::new()));
    }
    let mut entries = node.entries("the errors by state")?;
    let other = read_text(&mut entries, "other")?.unwrap_or_default();
    let states = entries.rest().into_iter();
    let states = states.map(|(key, node)| Ok((key.name.clone(), node.text()?.to_owned())));
    let states = states.collect::<Result<_, Diagnostic>>()?;
    entries.finish()?;
    Ok((other, states))
}

fn read_timed(
    row: &YamlNode,
    after: &YamlNode,
    mut entries: YamlMap<'_>,
    (kind, compiler): (&str, &Compiler<'_>),
) -> Result<TimedTransition, Diagnostic> {
    let wrong = |error: TimeSpanError| {
        Diagnostic::new(after.span, error.to_string()).help("write a span of time such as 3d, or 0d for no delay")
    };
    let span = after.text()?.parse().map_err(wrong)?;
    let since = entries.require("since")?.text()?.to_owned();
    let from = read_texts(&mut entries, "from")?;
    let only = read_values(&mut entries, "where")?;
    let to = read_text(&mut entries, "to")?;
    let set = compiler.values(&mut entries, "set", kind)?;
    let event = read_text(&mut entries, "event")?;
    entries.finish()?;
    let Some(event) = event.or_else(|| to.clone()) else {
        let message = "a transition with `after` needs `to`, the new state, or `event`, its name in the journal";
        return Err(Diagnostic::new(row.span, message).help("write `to: expired` or `event: expired`"));
    };
    // A record stays in the state that it is in already, so the transition would happen again and again.
    if to.as_ref().is_some_and(|to| from.is_empty() || from.contains(to)) {
        let message = "a transition with `after` and `to` needs `from`, the other states from which it happens";
        return Err(Diagnostic::new(row.span, message).help("write `from: [open]`"));
    }
    if to.is_none() && !set.is_empty() {
        let message = "a transition with `after` and `set` needs `to`, so that it happens once";
        return Err(Diagnostic::new(row.span, message).help("write `to: expired`"));
    }
    let only = only.into_iter().map(|(name, value)| (name.into(), value)).collect();
    Ok(TimedTransition { after: span, since, from, only, to, set, event })
}

fn read_text<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Option<String>, Diagnostic> {
    entries.take(name).map(|node| node.text().map(str::to_owned)).transpose()
}

fn read_values<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<Vec<(CompactString, FieldValue)>, Diagnostic> {
    let Some(node) = entries.take(name) else { return Ok(Vec::new()) };
    let pairs = node.entries(name)?.rest().into_iter();
    Ok(pairs.map(|(key, node)| (CompactString::from(&key.name), FieldValue::from(&node.to_json()))).collect())
}

impl Resource {
    /// The timed transition that counts from a field that the kind describes as something else than a date or a time.
    pub(super) fn timed_without_time(&self) -> Option<&TimedTransition> {
        let timed = self.lifecycle.iter().flat_map(|lifecycle| &lifecycle.timed);
        let is_time = |field: &super::Field| matches!(field.kind, FieldType::Date | FieldType::Time | FieldType::Any);
        let mut timed = timed.filter(|_| !self.fields.is_empty());
        timed.find(|row| !self.field(&row.since).is_some_and(is_time))
    }
}
