//! What is known of a kind of record.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::openapi::{Action, Effect, Field, Operation, Resource, Subject, Target, Trigger};
use crate::pipeline::Engine;

/// A kind of record, with the operations on it.
pub(super) struct Kind<'e> {
    pub(super) name: &'e str,
    /// What the resources files say, if they describe it.
    pub(super) resource: Option<&'e Resource>,
    engine: &'e Engine,
}

/// What an operation does to a record.
struct Served<'e> {
    operation: &'e Operation,
    handler: bool,
    /// What follows, in sentences.
    consequences: Vec<String>,
}

/// The kinds that an engine knows: those of operations and of resources files.
pub(super) fn kinds(engine: &Engine) -> Vec<&str> {
    let contract = engine.contract();
    let of_operations = contract.operations.iter().filter_map(|operation| operation.role.resource.as_deref());
    let described = contract.resources.iter().map(|resource| resource.kind.as_str());
    let mut kinds: Vec<&str> = of_operations.chain(described).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

impl<'e> Kind<'e> {
    /// A kind, if the engine knows it.
    pub(super) fn find(engine: &'e Engine, name: &str) -> Option<Self> {
        let name = kinds(engine).into_iter().find(|kind| *kind == name)?;
        Some(Self { name, resource: engine.contract().resources.get(name), engine })
    }

    fn operations(&self) -> Vec<Served<'e>> {
        let operations = self.engine.contract().operations.iter().enumerate();
        let own = operations.filter(|(_, operation)| {
            operation.role.resource.as_deref() == Some(self.name) || self.is_transition(operation)
        });
        own.map(|(index, operation)| Served {
            operation,
            handler: self.engine.has_handler(index),
            consequences: self.consequences(operation),
        })
        .collect()
    }

    fn is_transition(&self, operation: &Operation) -> bool {
        let lifecycle = self.resource.and_then(|resource| resource.lifecycle.as_ref());
        lifecycle.is_some_and(|lifecycle| lifecycle.transitions.iter().any(|row| *row.on == *operation.key))
    }

    fn consequences(&self, operation: &Operation) -> Vec<String> {
        let resource = self.resource;
        let lifecycle = resource.and_then(|resource| resource.lifecycle.as_ref());
        let transitions = lifecycle.into_iter().flat_map(|lifecycle| &lifecycle.transitions);
        let transitions = transitions.filter(|row| *row.on == *operation.key).map(|row| {
            let from = if row.from.is_empty() { "any state".to_owned() } else { row.from.join(" or ") };
            match &row.to {
                Some(to) => format!("{from} → {to}"),
                None => format!("allowed in {from}"),
            }
        });
        let key = Trigger::Operation(operation.key.to_string());
        let effects = resource.into_iter().flat_map(|resource| &resource.behaviour.effects);
        let effects = effects.filter(|effect| effect.on.contains(&key));
        let callbacks = operation.callbacks.iter().filter_map(|callback| {
            Some(format!("the callback {} is sent to {}", callback.name, callback.url.as_ref()?.text))
        });
        transitions.chain(effects.map(describe)).chain(callbacks).collect()
    }

    /// As text.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.name);
        if let Some(resource) = self.resource {
            let _ = writeln!(text, "{} ({})", resource.plural, resource.file);
            let _ = self.write_fields(&mut text, resource);
        }
        let _ = writeln!(text, "\noperations");
        for served in self.operations() {
            let by = if served.handler { ", by a Rust handler" } else { "" };
            let _ = writeln!(text, "  {}  ({}{by})", served.operation.key, served.operation.role.kind);
            for consequence in served.consequences {
                let _ = writeln!(text, "    {consequence}");
            }
        }
        let Some(resource) = self.resource else { return text };
        if let Some(lifecycle) = &resource.lifecycle {
            let steps = super::diagram::steps(lifecycle).into_iter();
            let title = format!("states, in the field {}", lifecycle.field);
            write_list(&mut text, &title, steps.map(|step| format!("{} → {}  ({})", step.from, step.to, step.cause)));
        }
        let rules = resource.behaviour.rules.iter();
        write_list(
            &mut text,
            "rules",
            rules.map(|rule| format!("{}: rejected if {}", rule.message, rule.reject.text())),
        );
        write_list(&mut text, "effects", resource.behaviour.effects.iter().map(describe));
        text
    }

    fn write_fields(&self, text: &mut String, resource: &Resource) -> std::fmt::Result {
        if !resource.fields.is_empty() {
            writeln!(text, "\nfields")?;
        }
        for field in &resource.fields {
            write!(text, "  {}: {}", field.name, field.kind)?;
            if field.required {
                write!(text, ", required")?;
            }
            if !field.default.is_null() {
                write!(text, ", default {}", serde_json::to_string(&field.default).unwrap_or_default())?;
            }
            if let Some(expression) = computed(resource, field) {
                write!(text, ", computed: {expression}")?;
            }
            if resource.behaviour.hidden.contains(&field.name.as_str().into()) {
                write!(text, ", hidden")?;
            }
            writeln!(text)?;
        }
        for (name, expression) in &resource.behaviour.derived {
            writeln!(text, "  {name}: derived: {}", expression.text())?;
        }
        Ok(())
    }

    /// As JSON.
    pub(super) fn json(&self) -> Value {
        let operations = self.operations().into_iter().map(|served| {
            json!({
                "operation": served.operation.key,
                "role": served.operation.role.kind.to_string(),
                "handler": served.handler,
                "consequences": served.consequences,
            })
        });
        let mut shown = json!({"kind": self.name, "operations": operations.collect::<Vec<_>>()});
        let Some(resource) = self.resource else { return shown };
        let fields = resource.fields.iter().map(|field| {
            json!({
                "name": field.name,
                "type": field.kind.to_string(),
                "required": field.required,
                "default": field.default,
                "computed": computed(resource, field),
            })
        });
        let derived = resource.behaviour.derived.iter();
        let derived = derived.map(|(name, expression)| json!({"name": name.as_str(), "value": expression.text()}));
        let steps = resource.lifecycle.iter().flat_map(super::diagram::steps);
        let steps = steps.map(|step| json!({"from": step.from, "to": step.to, "cause": step.cause}));
        let rules = resource.behaviour.rules.iter();
        let rules = rules.map(|rule| json!({"reject": rule.reject.text(), "message": rule.message}));
        let effects = resource.behaviour.effects.iter().map(describe);
        shown["plural"] = resource.plural.as_str().into();
        shown["file"] = resource.file.as_str().into();
        shown["fields"] = fields.collect();
        shown["derived"] = derived.collect();
        shown["transitions"] = steps.collect();
        shown["rules"] = rules.collect();
        shown["effects"] = effects.collect();
        shown
    }
}

fn computed<'r>(resource: &'r Resource, field: &Field) -> Option<&'r str> {
    let mut computed = resource.behaviour.computed.iter();
    computed.find(|(name, _)| *name == field.name).map(|(_, expression)| expression.text())
}

fn write_list(text: &mut String, title: &str, rows: impl Iterator<Item = String>) {
    for (index, row) in rows.enumerate() {
        if index == 0 {
            let _ = writeln!(text, "\n{title}");
        }
        let _ = writeln!(text, "  {row}");
    }
}

/// An effect in a sentence.
fn describe(effect: &Effect) -> String {
    let causes = effect.on.iter().map(|trigger| match trigger {
        Trigger::Create => "create".to_owned(),
        Trigger::Update => "update".to_owned(),
        Trigger::Delete => "delete".to_owned(),
        Trigger::Operation(key) => key.clone(),
        Trigger::Enters(state) => format!("state {state}"),
    });
    let mut text = format!("{}: ", causes.collect::<Vec<_>>().join(", "));
    if let Some(list) = &effect.for_each {
        let _ = write!(text, "for each of {}, ", list.text());
    }
    let names = |set: &[(_, _)]| {
        set.iter().map(|(name, _): &(compact_str::CompactString, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    };
    let _ = match &effect.action {
        Action::Notify(notify) => {
            let what =
                if notify.subject == Subject::Event { String::new() } else { format!("the {} ", notify.subject) };
            write!(text, "sends {what}{} to {}", notify.name, notify.to.describe())
        }
        Action::Set(set) => write!(text, "sets {}", names(set)),
        Action::Create { kind, set, .. } => write!(text, "creates {kind} with {}", names(set)),
        Action::Update { target, set } => write!(text, "updates {} ({})", target_text(target), names(set)),
        Action::Delete { target } => write!(text, "deletes {}", target_text(target)),
    };
    if let Some(condition) = &effect.when {
        let _ = write!(text, ", if {}", condition.text());
    }
    text
}

fn target_text(target: &Target) -> String {
    match target {
        Target::Id { kind, id, .. } => format!("{kind} {}", id.text()),
        Target::Where { kind, condition } => format!("each {kind} where {}", condition.text()),
    }
}
