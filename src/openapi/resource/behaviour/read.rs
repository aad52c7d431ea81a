//! Reader of behaviours.

use compact_str::CompactString;

use super::effect::read_effect;
use super::rule::read_rule;
use super::{Behaviour, Compiler, find_computed_loop};
use crate::diagnostics::{Diagnostic, YamlMap, YamlNode};
use crate::expressions::Type;
use crate::openapi::resource::read::{FieldNode, Row};
use crate::openapi::resource::{Field, Lifecycle};

/// Reads `derive`, `rules` and `effects` of a kind, and the expressions of its fields. Operations that they name are added
/// to `references`.
pub(in crate::openapi::resource) fn read_behaviour<'t>(
    entries: &mut YamlMap<'t>,
    fields: &[(FieldNode<'t>, Field)],
    (kind, lifecycle, compiler): (&str, Option<&Lifecycle>, &Compiler<'_>),
    references: &mut Vec<Row>,
) -> Result<Behaviour, Diagnostic> {
    let mut behaviour = Behaviour::default();
    for (node, field) in fields {
        if let Some(computed) = node.computed {
            let expression = compiler.of_record().expression(computed, &Type::from(&field.kind))?;
            behaviour.computed.push((CompactString::from(&field.name), expression));
        }
        if node.is_hidden {
            behaviour.hidden.push(CompactString::from(&field.name));
        }
    }
    if let Some(names) = find_computed_loop(&mut behaviour) {
        let first = fields.iter().find(|(_, field)| names[0] == field.name);
        let span = first.and_then(|(node, _)| node.computed).map_or(entries.span, |node| node.span);
        let message = format!("computed fields need each other: {}", names.join(", "));
        return Err(Diagnostic::new(span, message).help("compute one of them from other fields"));
    }
    if let Some(node) = entries.take("derive") {
        for (key, node) in node.entries("`derive`")?.rest() {
            if fields.iter().any(|(_, field)| field.name == key.name) {
                let message = format!("`{}` is a field already", key.name);
                return Err(Diagnostic::new(key.span, message).help("remove it from `fields`, or use `computed` there"));
            }
            let expression = compiler.of_record().expression(node, &Type::Any)?;
            behaviour.derived.push((CompactString::from(&key.name), expression));
        }
    }
    for node in list(entries, "rules")? {
        behaviour.rules.push(read_rule(node, compiler, references)?);
    }
    for node in list(entries, "effects")? {
        behaviour.effects.push(read_effect(node, (kind, lifecycle, compiler), references)?);
    }
    Ok(behaviour)
}

fn list<'t>(entries: &mut YamlMap<'t>, name: &'t str) -> Result<&'t [YamlNode], Diagnostic> {
    entries.take(name).map_or(Ok(&[]), YamlNode::list)
}
