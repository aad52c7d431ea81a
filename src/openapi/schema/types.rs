//! The types that a schema allows, and the schemas of members, also where combined schemas declare them.

use serde_json::Value;

use super::{Schema, keyword};

/// Maximum depth to which combined schemas are searched.
const MAX_DEPTH: usize = 8;

/// A set of the types of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Types(u8);

impl Types {
    /// Lists.
    pub const ARRAY: Self = Self(1);
    /// Objects.
    pub const OBJECT: Self = Self(2);
    /// Whole numbers.
    pub const INTEGER: Self = Self(4);
    /// Numbers, whole or not.
    pub const NUMBER: Self = Self(8);
    /// Truth values.
    pub const BOOLEAN: Self = Self(16);
    /// Texts.
    pub const STRING: Self = Self(32);
    /// `null`.
    pub const NULL: Self = Self(64);

    /// Texts, numbers and truth values.
    pub const SCALAR: Self = Self(4 | 8 | 16 | 32);

    const NONE: Self = Self(0);

    /// Whether the set has one of these types.
    pub fn allow(self, types: Self) -> bool {
        self.0 & types.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn named(name: &str) -> Self {
        match name {
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER.or(Self::INTEGER),
            "boolean" => Self::BOOLEAN,
            "string" => Self::STRING,
            "null" => Self::NULL,
            _ => Self::NONE,
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
            Value::Number(number) if number.is_f64() => Self::NUMBER,
            Value::Number(_) => Self::INTEGER,
            Value::Bool(_) => Self::BOOLEAN,
            Value::String(_) => Self::STRING,
            Value::Null => Self::NULL,
        }
    }
}

impl Schema {
    /// The types that a part of this schema allows, through references and combined schemas; `None` if it names none.
    pub fn types(&self, part: &Value) -> Option<Types> {
        self.find_types(part, 0)
    }

    fn find_types(&self, part: &Value, depth: usize) -> Option<Types> {
        if depth > MAX_DEPTH {
            return None;
        }
        let schema = self.follow(part);
        let nullable = ["nullable", "x-nullable"].iter().any(|key| keyword(schema, key) == Some(&Value::Bool(true)));
        let own = match keyword(schema, "type") {
            Some(Value::String(name)) => Some(Types::named(name)),
            Some(Value::Array(names)) => union(names.iter().filter_map(Value::as_str).map(Types::named)),
            _ => None,
        };
        let own = own.map(|own| if nullable { own.or(Types::NULL) } else { own });
        let parts = |key: &str| keyword(schema, key).and_then(Value::as_array).into_iter().flatten();
        let choices = ["anyOf", "oneOf"].iter().flat_map(|key| parts(key));
        own.or_else(|| {
            let all = parts("allOf").filter_map(|part| self.find_types(part, depth + 1));
            all.reduce(|both, types| Types(both.0 & types.0)).filter(|types| *types != Types::NONE)
        })
        .or_else(|| union(choices.filter_map(|choice| self.find_types(choice, depth + 1))))
        .or_else(|| union(parts("enum").chain(keyword(schema, "const")).map(Types::of_value)))
        .or_else(|| {
            let implied =
                [("properties", Types::OBJECT), ("additionalProperties", Types::OBJECT), ("items", Types::ARRAY)];
            union(implied.into_iter().filter(|(key, _)| keyword(schema, key).is_some()).map(|(_, types)| types))
        })
    }

    /// The schema of a member of an object: of the property of that name, otherwise of additional properties.
    pub fn member<'s>(&'s self, part: &'s Value, name: &str) -> Option<&'s Value> {
        let additional =
            |schema: &'s Value| keyword(schema, "additionalProperties").filter(|schema| schema.is_object());
        self.declared(part, name).or_else(|| self.find(part, &additional, 0))
    }

    /// The schema of the declared property of that name.
    pub fn declared<'s>(&'s self, part: &'s Value, name: &str) -> Option<&'s Value> {
        self.find(part, &|schema| keyword(schema, "properties")?.get(name), 0)
    }

    /// The schema of the elements of a list.
    pub fn elements<'s>(&'s self, part: &'s Value) -> Option<&'s Value> {
        self.find(part, &|schema| keyword(schema, "items"), 0)
    }

    /// The names of the declared properties of an object.
    pub fn declared_names<'s>(&'s self, part: &'s Value) -> Vec<&'s str> {
        let mut names = Vec::new();
        self.collect_names(part, &mut names, 0);
        names
    }

    fn collect_names<'s>(&'s self, part: &'s Value, names: &mut Vec<&'s str>, depth: usize) {
        let schema = self.follow(part);
        let properties = keyword(schema, "properties").and_then(Value::as_object);
        names.extend(properties.into_iter().flatten().map(|(name, _)| name.as_str()));
        if depth < MAX_DEPTH {
            combined(schema).for_each(|part| self.collect_names(part, names, depth + 1));
        }
    }

    /// What a schema has, or the first of the schemas that it combines.
    fn find<'s>(
        &'s self,
        part: &'s Value,
        get: &dyn Fn(&'s Value) -> Option<&'s Value>,
        depth: usize,
    ) -> Option<&'s Value> {
        let schema = self.follow(part);
        get(schema).or_else(|| {
            let mut parts = combined(schema);
            (depth < MAX_DEPTH).then(|| parts.find_map(|part| self.find(part, get, depth + 1))).flatten()
        })
    }
}

fn union(types: impl Iterator<Item = Types>) -> Option<Types> {
    types.reduce(Types::or).filter(|types| *types != Types::NONE)
}

fn combined(schema: &Value) -> impl Iterator<Item = &Value> {
    ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|key| keyword(schema, key)?.as_array()).flatten()
}
