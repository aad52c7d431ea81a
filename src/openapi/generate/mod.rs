//! Generates values from schemas, and repairs values that violate them.
//!
//! `const`, `example`, `default` and `enum` of a schema come first; then its type, format, pattern and bounds, and what
//! the name of a property suggests. A value that was constructed from keywords with several solutions is validated, and
//! constructed again with other choices if it is invalid.

mod array;
mod choice;
mod merge;
mod number;
mod object;
mod pattern;
mod repair;
mod text;

use std::sync::Arc;

use rand::Rng;
use serde_json::{Map, Value};

use self::pattern::Patterns;
use super::Schema;
use super::random::stream;
use super::schema::coerce_scalar;
use crate::model::exact_number::{approximate, is_number};

pub use repair::repair;

/// Below this depth only required properties are generated, so that recursive schemas end.
const FULL_DEPTH: usize = 4;
/// Below this depth nothing is generated.
const MAX_DEPTH: usize = 12;
/// Maximum number of values in one generated body. Schemas can branch at every level.
const MAX_VALUES: usize = 5_000;
/// Maximum number of attempts to generate a valid value.
const MAX_ATTEMPTS: usize = 24;
/// Maximum number of subschemas that are compiled for one body to validate parts of it.
const MAX_COMPILED: usize = 200;
/// Maximum number of values in a subschema that is compiled for that.
const MAX_SUBSCHEMA: usize = 200;

/// Keywords that a value is not constructed from, or only in part: a value is validated against them instead.
const CHECKED_KEYWORDS: [&str; 7] =
    ["not", "if", "oneOf", "pattern", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"];

/// A value that is valid by the schema, if one is found in bounded time.
pub fn generate(schema: &Schema, random: &mut impl Rng) -> Value {
    let mut maker = Maker::new(schema, random, Mode::Checked);
    let first = maker.make(schema.raw(), "", 0);
    if !maker.is_uncertain || is_valid(schema, &first) {
        return first;
    }
    for variant in 1..MAX_ATTEMPTS / 4 {
        let mut maker = Maker::new(schema, random, Mode::Checked);
        maker.variant = variant;
        let value = maker.make(schema.raw(), "", 0);
        if is_valid(schema, &value) {
            return value;
        }
    }
    let repaired = Maker::new(schema, random, Mode::Checked).repair(schema.raw(), first.clone(), "", 0);
    if is_valid(schema, &repaired) { repaired } else { first }
}

/// A value as [`generate`] first constructs it. It compiles no schema, and can be invalid.
pub fn draft(schema: &Schema, random: &mut impl Rng) -> Value {
    Maker::new(schema, random, Mode::Draft).make(schema.raw(), "", 0)
}

/// A value for a new record: like [`generate`], but the examples and defaults of the schema itself are not used. `name`
/// is the name of the field.
pub fn fresh(schema: &Schema, name: &str, random: &mut impl Rng) -> Value {
    Maker::new(schema, random, Mode::Draft).make_without_examples(schema.follow(schema.raw()), name, 0)
}

/// Whether a schema itself offers a value for everything that a generated value has: an example, a default, a constant or
/// an enum.
pub fn offers_value(schema: &Schema) -> bool {
    offers(schema, schema.raw(), FULL_DEPTH)
}

fn offers(root: &Schema, schema: &Value, depth: usize) -> bool {
    let schema = root.follow(schema);
    let below = |schema: &Value| depth > 0 && offers(root, schema, depth - 1);
    let list = |key: &str| schema.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let properties = schema.get("properties").and_then(Value::as_object).filter(|properties| !properties.is_empty());
    offered(schema, 0).is_some()
        || list("allOf").iter().any(below)
        || list("oneOf").iter().chain(list("anyOf")).next().is_some_and(below)
        || schema.get("items").is_some_and(below)
        || properties.is_some_and(|properties| properties.values().all(below))
}

/// Whether text can be generated for a string schema with a pattern.
pub fn can_match_pattern(schema: &Value) -> bool {
    let root = Schema::new(schema.clone(), Arc::new(Value::Null));
    let mut random = stream(0, "pattern");
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let mut maker = Maker::new(&root, &mut random, Mode::Checked);
    pattern.is_none_or(|pattern| maker.matching_text(pattern, text::Lengths::of(schema)).is_some())
}

/// Whether a value is valid, except for formats: examples show how the API formats text.
fn is_valid(schema: &Schema, value: &Value) -> bool {
    schema.violations(value).iter().all(|violation| violation.rule == "format")
}

/// Whether parts of a value are validated while it is constructed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Draft,
    Checked,
}

/// State of the construction of one value.
struct Maker<'a, R> {
    root: &'a Schema,
    random: &'a mut R,
    mode: Mode,
    /// Which of several possible values is constructed: 0 is the preferred one.
    variant: usize,
    made: usize,
    repaired: usize,
    compiled: usize,
    patterns: Patterns,
    /// Whether the value has a part that can be invalid.
    is_uncertain: bool,
}

/// Whether a schema has no references and few values. `count` is the number of values so far.
fn is_small(schema: &Value, count: &mut usize) -> bool {
    *count += 1;
    *count <= MAX_SUBSCHEMA
        && match schema {
            Value::Object(map) => map.iter().all(|(key, value)| key != "$ref" && is_small(value, count)),
            Value::Array(list) => list.iter().all(|value| is_small(value, count)),
            _ => true,
        }
}

/// The type of a schema: the first one except `null`, otherwise inferred from its keywords.
fn kind_of(schema: &Value) -> Option<&str> {
    const KEYWORDS: [(&str, &[&str]); 4] = [
        (
            "object",
            &[
                "properties",
                "additionalProperties",
                "patternProperties",
                "propertyNames",
                "minProperties",
                "maxProperties",
                "dependentRequired",
            ],
        ),
        ("array", &["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems"]),
        ("string", &["pattern", "minLength", "maxLength", "contentEncoding"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
    ];
    match schema.get("type") {
        Some(Value::String(kind)) => Some(kind),
        Some(Value::Array(kinds)) => {
            Some(kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("null"))
        }
        _ => {
            let has_any = |keywords: &&[&str]| keywords.iter().any(|keyword| schema.get(*keyword).is_some());
            KEYWORDS.iter().find(|(_, keywords)| has_any(keywords)).map(|(kind, _)| *kind)
        }
    }
}

/// Whether a value has a type of JSON Schema.
fn is_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string() && !is_number(value),
        "boolean" => value.is_boolean(),
        "number" => is_number(value),
        "integer" => {
            let value = &*approximate(value);
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "null" => value.is_null(),
        _ => true,
    }
}

/// A value that a schema offers: its constant, an example, its default or a value of its enum; `null` only if there is no
/// other. Variants beyond the examples are constructed, unless only the values of an enum are possible.
fn offered(schema: &Value, variant: usize) -> Option<&Value> {
    let list = |key: &str| schema.get(key).and_then(Value::as_array).into_iter().flatten();
    if let Some(constant) = schema.get("const") {
        return Some(constant);
    }
    let single = |key: &str| schema.get(key).into_iter();
    let mut values: Vec<&Value> = single("example").chain(single("default")).chain(list("examples")).collect();
    values.extend(list("enum"));
    values.retain(|value| !value.is_null());
    let is_enum = list("enum").next().is_some();
    if values.is_empty() {
        return list("enum").next();
    }
    // Variants of an enum are its values only: an example could be invalid.
    let values: Vec<&Value> = if is_enum && variant > 0 { list("enum").collect() } else { values };
    let possible = if is_enum || variant == 0 { values.len() } else { values.len() + 1 };
    values.get(variant % possible).copied()
}

impl<'a, R: Rng> Maker<'a, R> {
    fn new(root: &'a Schema, random: &'a mut R, mode: Mode) -> Self {
        Self {
            root,
            random,
            mode,
            variant: 0,
            made: 0,
            repaired: 0,
            compiled: 0,
            patterns: Patterns::default(),
            is_uncertain: false,
        }
    }

    /// A value for a schema; `name` is the name of the property that it is for.
    fn make(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let root = self.root;
        let schema = root.follow(schema);
        let has_checked_keyword = CHECKED_KEYWORDS.iter().any(|key| schema.get(*key).is_some());
        // Compiling a subschema with references can cost as much as the whole schema.
        let must_check = self.mode == Mode::Checked && has_checked_keyword && is_small(schema, &mut 0);
        self.is_uncertain |= has_checked_keyword;
        let value = self.construct(schema, name, depth);
        if !must_check || self.accepts(schema, &value) {
            return value;
        }
        let outer = self.variant;
        for attempt in 1..MAX_ATTEMPTS {
            self.variant = outer + attempt;
            let other = self.construct(schema, name, depth);
            if self.accepts(schema, &other) {
                self.variant = outer;
                return other;
            }
        }
        self.variant = outer;
        self.is_uncertain = true;
        value
    }

    fn construct(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        self.made += 1;
        let is_exhausted = depth > MAX_DEPTH || self.made > MAX_VALUES;
        if let Some(value) = offered(schema, self.variant) {
            let value = value.clone();
            // An example can be shorter than its own schema requires, or violate it.
            return if is_exhausted { value } else { self.conform_offered(schema, value, name, depth) };
        }
        if is_exhausted {
            return match kind_of(schema) {
                Some("array") => Value::Array(Vec::new()),
                Some("object") => Value::Object(Map::new()),
                _ => Value::Null,
            };
        }
        if schema.get("allOf").is_some() {
            return self.make_all_of(schema, name, depth);
        }
        if let Some(choices) = choice::choices(schema) {
            return self.make_choice(schema, choices, name, depth);
        }
        self.make_kind(schema, kind_of(schema).unwrap_or("string"), name, depth)
    }

    fn make_kind(&mut self, schema: &Value, kind: &str, name: &str, depth: usize) -> Value {
        match kind {
            "object" => Value::Object(self.make_object(schema, depth)),
            "array" => Value::Array(self.make_array(schema, name, depth)),
            "boolean" => Value::Bool(self.variant.is_multiple_of(2)),
            "integer" | "number" => self.make_number(schema, kind == "integer"),
            "null" => Value::Null,
            _ => Value::String(self.make_text(schema, name)),
        }
    }

    /// A value as if the schema had no examples.
    fn make_without_examples(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        match kind_of(schema).unwrap_or("string") {
            "array" if schema.get("minItems").is_none() => {
                let element = schema.get("items").unwrap_or(&Value::Null);
                Value::Array(vec![self.make(element, name, depth + 1)])
            }
            kind => self.make_kind(schema, kind, name, depth),
        }
    }

    /// A value that the schema itself offers, repaired if it violates the schema.
    fn conform_offered(&mut self, schema: &Value, value: Value, name: &str, depth: usize) -> Value {
        const BOUNDS: [&str; 8] =
            ["pattern", "minLength", "maxLength", "minimum", "maximum", "enum", "multipleOf", "allOf"];
        self.is_uncertain |= BOUNDS.iter().any(|key| schema.get(*key).is_some());
        match (kind_of(schema), &value) {
            (Some("object"), Value::Object(_)) | (Some("array"), Value::Array(_)) => {
                self.repair_members(schema, value, name, depth)
            }
            (Some("string"), Value::String(_)) | (Some("boolean"), Value::Bool(_)) | (None, _) => value,
            (Some(kind @ ("number" | "integer")), _) if is_kind(kind, &value) => value,
            (Some(kind), _) => {
                coerce_scalar(kind, &value).unwrap_or_else(|| self.make_without_examples(schema, name, depth))
            }
        }
    }

    /// Validates a part of the value against its subschema. It is accepted unchecked if the subschema is large, or too
    /// many were compiled.
    fn accepts(&mut self, schema: &Value, value: &Value) -> bool {
        self.compiled += 1;
        if self.compiled > MAX_COMPILED || !is_small(schema, &mut 0) {
            self.is_uncertain = true;
            return true;
        }
        is_valid(&self.root.subschema(schema.clone()), value)
    }
}
