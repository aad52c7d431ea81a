use serde_json::{Value, json};

use crate::diagnostics::{Diagnostic, YamlNode};

/// The effect `coerce: {field, to}`: a value of the body is taken for what was meant.
///
/// Off means that it is taken as it was sent, and the contract's own check refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coerce {
    /// The way to the value from the top of the body; `*` is every element of a list.
    pub field: Vec<String>,
    /// What it is taken for.
    pub to: CoerceTo,
}

/// What a value can be taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CoerceTo {
    /// `"120.0"` for `120.0`.
    Number,
    /// `m` for `M`.
    UpperCase,
    /// `"6f15…"` for `{"id": "6f15…"}`.
    ObjectWithId,
}

impl CoerceTo {
    const ALL: [Self; 3] = [Self::Number, Self::UpperCase, Self::ObjectWithId];

    /// The name as quirks files write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::UpperCase => "upper case",
            Self::ObjectWithId => "object with id",
        }
    }
}

impl Coerce {
    pub(in crate::quirks) fn read(tree: &YamlNode) -> Result<Self, Diagnostic> {
        let mut entries = tree.entries("`coerce`")?;
        let field = entries.require("field")?.text()?.split('/').map(str::to_owned).collect();
        let to = entries.require("to")?;
        let known = || CoerceTo::ALL.map(|form| form.name());
        let form = CoerceTo::ALL.into_iter().find(|form| Ok(form.name()) == to.text());
        let to = form.ok_or_else(|| Diagnostic::unknown(to.span, "form", to.text().unwrap_or_default(), &known()))?;
        entries.finish()?;
        Ok(Self { field, to })
    }

    /// Whether a JSON pointer is a place that this speaks of.
    pub fn applies_to(&self, pointer: &str) -> bool {
        let mut steps = pointer.split('/').skip(1);
        self.field.iter().all(|wanted| steps.next().is_some_and(|step| wanted == "*" || wanted == step))
            && steps.next().is_none()
    }

    /// Bends the value where it can be bent; says whether anything changed.
    pub fn apply(&self, body: &mut Value) -> bool {
        coerce_value(body, &self.field, &self.to)
    }
}

fn coerce_value(value: &mut Value, field_path: &[String], to: &CoerceTo) -> bool {
    match (field_path, &mut *value) {
        ([first, rest @ ..], Value::Array(list)) if first == "*" => {
            list.iter_mut().fold(false, |changed, element| coerce_value(element, rest, to) | changed)
        }
        ([first, rest @ ..], Value::Object(map)) => map.get_mut(first).is_some_and(|part| coerce_value(part, rest, to)),
        ([], Value::String(text)) => {
            let bent = match to {
                CoerceTo::Number => match text.trim().parse() {
                    Ok(number) => Value::Number(number),
                    Err(_) => return false,
                },
                CoerceTo::UpperCase => text.to_uppercase().into(),
                CoerceTo::ObjectWithId => json!({"id": text}),
            };
            let changed = *value != bent;
            *value = bent;
            changed
        }
        _ => false,
    }
}
