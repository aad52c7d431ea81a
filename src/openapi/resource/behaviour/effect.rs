//! Effects and their reader.

use compact_str::CompactString;

use super::notify::{Notify, read_notify};
use super::{Compiler, Trigger};
use crate::diagnostics::{Diagnostic, Span, YamlMap, YamlNode};
use crate::expressions::{Expression, Type};
use crate::openapi::resource::Lifecycle;
use crate::openapi::resource::read::Row;

/// What else happens when something happens to a record.
#[derive(Clone, Debug)]
pub struct Effect {
    /// What causes it.
    pub on: Vec<Trigger>,
    /// Whether it happens.
    pub when: Option<Expression>,
    /// A list; it happens for each element.
    pub for_each: Option<Expression>,
    /// What happens.
    pub action: Action,
    /// Where it is in its file.
    pub span: Span,
}

/// What an effect does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Sets fields of the record itself. It causes nothing else.
    Set(Vec<(CompactString, Expression)>),
    /// Creates a record.
    Create {
        /// The kind of the record.
        kind: CompactString,
        /// Its id; a new one in the form of the contract without it.
        id: Option<Expression>,
        /// Its fields; others have their defaults.
        set: Vec<(CompactString, Expression)>,
    },
    /// Changes records.
    Update {
        /// Which ones.
        target: Target,
        /// The fields that change.
        set: Vec<(CompactString, Expression)>,
    },
    /// Deletes records, and those that belong to them.
    Delete {
        /// Which ones.
        target: Target,
    },
    /// Sends a message to URLs.
    Notify(Notify),
}

/// The records that an effect changes.
#[derive(Clone, Debug)]
pub enum Target {
    /// The record with an id.
    Id {
        /// The kind of the record.
        kind: CompactString,
        /// The id.
        id: Expression,
        /// The message of the error if no record has the id; without it nothing happens then.
        missing: Option<String>,
    },
    /// All records for which a condition holds.
    Where {
        /// The kind of the records.
        kind: CompactString,
        /// The condition on `target`.
        condition: Expression,
    },
}

impl Target {
    /// The kind of the records.
    pub fn kind(&self) -> &CompactString {
        match self {
            Self::Id { kind, .. } | Self::Where { kind, .. } => kind,
        }
    }
}

impl Action {
    /// The kind of the other records that it writes, and what that causes for them.
    pub fn causes(&self) -> Option<(&CompactString, Trigger)> {
        match self {
            Self::Set(_) | Self::Notify(_) => None,
            Self::Create { kind, .. } => Some((kind, Trigger::Create)),
            Self::Update { target, .. } => Some((target.kind(), Trigger::Update)),
            Self::Delete { target } => Some((target.kind(), Trigger::Delete)),
        }
    }
}

/// Reads an effect of a kind. Operations that it names are added to `references`.
pub(super) fn read_effect(
    node: &YamlNode,
    (kind, lifecycle, compiler): (&str, Option<&Lifecycle>, &Compiler<'_>),
    references: &mut Vec<Row>,
) -> Result<Effect, Diagnostic> {
    let mut entries = node.entries("an effect")?;
    let mut on = match entries.take("on") {
        Some(node) => compiler.triggers(node, references)?,
        None => Vec::new(),
    };
    if let Some(states) = entries.take("enters") {
        let Some(lifecycle) = lifecycle else {
            let message = "`enters` needs a lifecycle of the kind";
            return Err(Diagnostic::new(states.span, message).help("add `lifecycle`, or write `on: update`"));
        };
        lifecycle.check_state(states)?;
        if states.texts()?.is_empty() {
            return Err(
                Diagnostic::new(states.span, "the list of states is empty").help("write a state, such as `paid`")
            );
        }
        on.extend(states.texts()?.into_iter().map(|state| Trigger::Enters(state.to_owned())));
    }
    if on.is_empty() {
        let message = "an effect needs `on` or `enters`";
        return Err(Diagnostic::new(node.span, message)
            .help("write `on: create`, `on: POST /v1/orders/{id}/pay` or `enters: paid`"));
    }
    let has_request = !on.iter().any(|trigger| matches!(trigger, Trigger::Enters(_)));
    let compiler = compiler.with_request(has_request);
    let when = compiler.optional(&mut entries, "when", &Type::Bool)?;
    let for_each = compiler.optional(&mut entries, "for_each", &Type::list(Type::Any))?;
    let item = for_each.as_ref().map(|list| match list.kind() {
        Type::List(element) => Type::clone(element),
        _ => Type::Any,
    });
    let compiler = compiler.with_variable("item", item);
    let action = read_action(node, &mut entries, kind, &compiler)?;
    entries.finish()?;
    Ok(Effect { on, when, for_each, action, span: node.span })
}

fn read_action<'t>(
    node: &'t YamlNode,
    entries: &mut YamlMap<'t>,
    kind: &str,
    compiler: &Compiler<'_>,
) -> Result<Action, Diagnostic> {
    let set = compiler.values(entries, "set", kind)?;
    let actions = ["create", "update", "delete", "notify"].map(|name| entries.take(name));
    match actions {
        [None, None, None, None] if !set.is_empty() => Ok(Action::Set(set)),
        [Some(node), None, None, None] if set.is_empty() => {
            let mut entries = node.entries("`create`")?;
            let kind = compiler.kind(entries.require("kind")?)?;
            let id = compiler.optional(&mut entries, "id", &Type::Any)?;
            let set = compiler.values(&mut entries, "set", &kind)?;
            entries.finish()?;
            Ok(Action::Create { kind, id, set })
        }
        [None, Some(node), None, None] if set.is_empty() => {
            let mut entries = node.entries("`update`")?;
            let target = read_target(node, &mut entries, compiler)?;
            let of_target = compiler.with_variable("target", Some(Type::Record(target.kind().clone())));
            let set = of_target.values(&mut entries, "set", target.kind())?;
            entries.finish()?;
            if set.is_empty() {
                return Err(Diagnostic::missing(node.span, "`update`", "set"));
            }
            Ok(Action::Update { target, set })
        }
        [None, None, Some(node), None] if set.is_empty() => {
            let mut entries = node.entries("`delete`")?;
            let target = read_target(node, &mut entries, compiler)?;
            entries.finish()?;
            Ok(Action::Delete { target })
        }
        [None, None, None, Some(node)] if set.is_empty() => Ok(Action::Notify(read_notify(node, compiler)?)),
        _ => Err(Diagnostic::new(node.span, "an effect needs one of `set`, `create`, `update`, `delete` and `notify`")
            .help("write `create: {kind: invoice, set: {order_id: record.id}}`")),
    }
}

fn read_target<'t>(
    node: &'t YamlNode,
    entries: &mut YamlMap<'t>,
    compiler: &Compiler<'_>,
) -> Result<Target, Diagnostic> {
    let kind = compiler.kind(entries.require("kind")?)?;
    let missing = entries.take("missing").map(|node| node.text().map(str::to_owned)).transpose()?;
    match (entries.take("id"), entries.take("where")) {
        (Some(id), None) => Ok(Target::Id { kind, id: compiler.expression(id, &Type::Any)?, missing }),
        (None, Some(condition)) if missing.is_none() => {
            let of_target = compiler.with_variable("target", Some(Type::Record(kind.clone())));
            Ok(Target::Where { condition: of_target.expression(condition, &Type::Bool)?, kind })
        }
        (None, Some(condition)) => Err(Diagnostic::new(condition.span, "`missing` belongs to `id`, not to `where`")),
        _ => Err(Diagnostic::new(node.span, "the records need either `id` or `where`")
            .help("write `id: record.product_id` or `where: target.order_id == record.id`")),
    }
}
