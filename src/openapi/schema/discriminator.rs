//! The `discriminator` of a schema: which branch of a `oneOf` or `anyOf` applies, by the value of a property.

use serde_json::{Map, Value, json};

use super::Schema;

/// A discriminator whose branches are all references.
pub(in crate::openapi) struct Discriminator {
    /// The property that selects the branch.
    pub(in crate::openapi) property: String,
    /// Values of the property and the references that they select, in the order of the branches.
    branches: Vec<(String, String)>,
}

impl Discriminator {
    /// The discriminator of a schema; `None` if it has none, or a branch is not a reference.
    pub(in crate::openapi) fn of(schema: &Value) -> Option<Self> {
        let raw = schema.get("discriminator")?;
        let property = raw.get("propertyName")?.as_str()?.to_owned();
        let choices = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array())?;
        let mapping = raw.get("mapping").and_then(Value::as_object);
        let mut branches = Vec::new();
        for choice in choices {
            let target = choice.get("$ref")?.as_str()?;
            let name = target.rsplit('/').next().unwrap_or(target);
            // A mapping names a schema by its reference or by its name. Without one the schema's own name is the value.
            let is_mapped = |to: &Value| to.as_str().is_some_and(|to| to == target || to == name);
            let mapped = mapping.into_iter().flatten().filter(|(_, to)| is_mapped(to)).map(|(value, _)| value.clone());
            let before = branches.len();
            branches.extend(mapped.map(|value| (value, target.to_owned())));
            if branches.len() == before {
                branches.push((name.to_owned(), target.to_owned()));
            }
        }
        (!branches.is_empty()).then_some(Self { property, branches })
    }

    /// The value that selects a branch; the first of several.
    pub(in crate::openapi) fn value_of(&self, choice: &Value) -> Option<&str> {
        let target = choice.get("$ref")?.as_str()?;
        self.branches.iter().find(|(_, known)| known == target).map(|(value, _)| value.as_str())
    }

    /// Keywords of draft 2020-12 that replace the branches: the property is required, has a known value, and the schema
    /// that it selects applies.
    pub(super) fn keywords(&self) -> Map<String, Value> {
        let values: Vec<&str> = self.branches.iter().map(|(value, _)| value.as_str()).collect();
        let conditions = self.branches.iter().map(|(value, target)| {
            json!({
                "if": {"properties": {&self.property: {"const": value}}, "required": [self.property]},
                "then": {"$ref": target},
            })
        });
        let conditions: Vec<Value> = conditions.collect();
        let selector = json!({"required": [self.property], "properties": {&self.property: {"enum": values}}});
        Map::from_iter([("allOf".to_owned(), std::iter::once(selector).chain(conditions).collect())])
    }
}

impl Schema {
    /// The branches of the schema's `oneOf` or `anyOf`; none if it has neither.
    pub fn branches(&self) -> Vec<Schema> {
        let schema = self.follow(self.raw());
        let choices = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)?.as_array());
        choices.into_iter().flatten().map(|choice| self.subschema(choice.clone())).collect()
    }

    /// The index of the branch that applies to a value: by the discriminator, otherwise the first one that is valid.
    pub fn branch_of(&self, value: &Value) -> Option<usize> {
        let discriminator = Discriminator::of(self.follow(self.raw()));
        let branches = self.branches();
        if let Some(discriminator) = discriminator {
            let sent = value.get(&discriminator.property)?.as_str()?;
            return branches.iter().position(|branch| discriminator.value_of(branch.raw()) == Some(sent));
        }
        branches.iter().position(|branch| branch.is_valid(value))
    }
}
