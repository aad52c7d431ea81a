//! Checking a value against a schema, and bending it towards the schema before.
//!
//! Real clients send numbers as strings, truth values as strings and arrays as `{"0": …}` (a Rails habit);
//! the real API takes them. So a value is coerced first and judged afterwards.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use compact_str::CompactString;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use super::escaped;
use super::recursion::depth_limit;

/// How deep references and schemas are followed when a value is coerced.
const MAX_DEPTH: usize = 64;

/// A schema of a contract with the components that it refers to; compiled when first needed.
pub struct Schema {
    raw: Value,
    components: Arc<Value>,
    compiled: OnceLock<Option<Compiled>>,
}

struct Compiled {
    validator: Validator,
    /// How deep a value may be to be checked, where the schema contains itself by several ways.
    max_depth: Option<usize>,
}

/// A value being bent.
struct Bending<'b> {
    /// JSON pointer to the place.
    pointer: CompactString,
    /// Whether the scalar at a place may be bent.
    allow: &'b mut dyn FnMut(&str) -> bool,
    /// Schemas with parts, by their addresses, and the places that they have bent.
    seen: HashSet<(usize, CompactString)>,
}

/// Why a value is not valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer to the value that is wrong, or to the object that lacks something.
    pub pointer: String,
    /// The keyword of the schema that refuses it: `required`, `type`, `enum`, …
    pub rule: String,
    /// The name of the field that is missing, when that is the matter.
    pub missing: Option<String>,
    /// What is wrong, in words.
    pub message: String,
    /// Whether several choices fit where one should.
    pub is_ambiguous: bool,
}

impl Violation {
    /// The name of the field that is wrong or missing.
    pub fn field(&self) -> &str {
        let last = || self.pointer.rsplit('/').find(|part| !part.is_empty() && part.parse::<usize>().is_err());
        self.missing.as_deref().or_else(last).unwrap_or("body")
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.raw)
    }
}

impl Schema {
    /// A schema and the components of its document.
    pub fn new(raw: Value, components: Arc<Value>) -> Self {
        Self { raw, components, compiled: OnceLock::new() }
    }

    /// The schema as the contract has it.
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// The schema of a part, at a list of names; lists on the way are gone into.
    pub fn part(&self, field_path: &[&str]) -> Option<Self> {
        let mut schema = self.element(&self.raw);
        for name in field_path {
            let own = |schema: &'_ Value| schema.pointer("/properties").is_some_and(|known| known.get(*name).is_some());
            let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)?.as_array()).flatten();
            let mut object_schemas = std::iter::once(schema).chain(parts.map(|part| self.follow(part)));
            schema = self.element(object_schemas.find(|holder| own(holder))?.get("properties")?.get(*name)?);
        }
        Some(Self::new(schema.clone(), Arc::clone(&self.components)))
    }

    fn element<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut schema = self.follow(schema);
        for _ in 0..MAX_DEPTH {
            let Some(element) = schema.get("items") else { break };
            schema = self.follow(element);
        }
        schema
    }

    /// The type that the schema names.
    pub fn kind(&self) -> Option<&str> {
        self.follow(&self.raw).get("type").and_then(Value::as_str)
    }

    /// What is wrong with a value, the first violation of each place; nothing when the schema itself is unusable, or the
    /// value is too deep to be checked in bounded time.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let Some(compiled) = self.compiled.get_or_init(|| self.compile()) else { return Vec::new() };
        if compiled.max_depth.is_some_and(|most| is_deeper(value, most)) {
            return Vec::new();
        }
        let validator = &compiled.validator;
        // Nearly every value is valid, and to say so costs less than to look for errors.
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator
            .iter_errors(value)
            .map(|error| {
                let missing = match error.kind() {
                    ValidationErrorKind::Required { property } => property.as_str().map(str::to_owned),
                    _ => None,
                };
                let path = error.schema_path().to_string();
                let keyword = path.rsplit('/').find(|step| !step.is_empty() && step.parse::<usize>().is_err());
                let rule = keyword.unwrap_or("schema").to_owned();
                let is_ambiguous = matches!(error.kind(), ValidationErrorKind::OneOfMultipleValid { .. });
                let message = error.to_string().chars().take(300).collect();
                Violation { pointer: error.instance_path().to_string(), rule, missing, message, is_ambiguous }
            })
            .collect()
    }

    /// How many bytes of components there are, about: what compiling may cost.
    pub fn weight(&self) -> usize {
        self.referenced().values().map(|shelf| shelf.to_string().len()).sum()
    }

    /// The schema in the words of draft 2020-12, and the components that it refers to, by the pointers with which it does.
    pub fn modern(&self) -> (Value, Vec<(String, Value)>) {
        let mut root = self.raw.clone();
        to_2020_12(&mut root, 0);
        let mut referenced = self.referenced();
        referenced.values_mut().for_each(|named| to_2020_12_named(named, 0));
        repair_defaults(&mut root);
        referenced.values_mut().for_each(repair_defaults);
        let shelves = referenced.into_iter().flat_map(|(shelf, named)| {
            let named = if let Value::Object(named) = named { named } else { Map::new() };
            named.into_iter().map(move |(name, schema)| (format!("#/components/{shelf}/{}", escaped(&name)), schema))
        });
        (root, shelves.collect())
    }

    fn compile(&self) -> Option<Compiled> {
        self.build().ok()
    }

    fn build(&self) -> Result<Compiled, String> {
        let mut root = self.raw.clone();
        to_2020_12(&mut root, 0);
        let mut referenced = self.referenced();
        let max_depth = depth_limit(&root, &referenced);
        if let Value::Object(root) = &mut root
            && !referenced.is_empty()
        {
            referenced.values_mut().for_each(|named| to_2020_12_named(named, 0));
            root.insert("components".into(), Value::Object(referenced));
        }
        jsonschema::options()
            .should_validate_formats(true)
            .with_draft(jsonschema::Draft::Draft202012)
            .build(&root)
            .map(|validator| Compiled { validator, max_depth })
            .map_err(|error| error.to_string())
    }

    /// The components that the schema refers to, and those that they refer to: a contract may have thousands.
    fn referenced(&self) -> Map<String, Value> {
        let mut referenced = Map::new();
        let mut waiting = vec![&self.raw];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    let target =
                        map.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/components/"));
                    // A reference into a component brings the whole component.
                    let mut steps = target.into_iter().flat_map(|target| target.splitn(3, '/'));
                    if let (Some(shelf), Some(name)) = (steps.next(), steps.next()) {
                        let decoded = percent_encoding::percent_decode_str(name)
                            .decode_utf8_lossy()
                            .replace("~1", "/")
                            .replace("~0", "~");
                        let found = self.components.get(shelf).and_then(|shelf| shelf.get(&decoded));
                        let shelf = referenced.entry(shelf).or_insert_with(|| Value::Object(Map::new()));
                        if let (Some(found), Value::Object(shelf)) = (found, shelf)
                            && !shelf.contains_key(&decoded)
                        {
                            shelf.insert(decoded, found.clone());
                            waiting.push(found);
                        }
                    }
                    waiting.extend(map.values());
                }
                Value::Array(list) => waiting.extend(list),
                _ => {}
            }
        }
        referenced
    }

    /// Bends a value towards the schema. `allow` is asked at each place (a JSON pointer) before a scalar is bent.
    pub fn coerce(&self, value: &mut Value, allow: &mut dyn FnMut(&str) -> bool) {
        let mut bending = Bending { pointer: CompactString::default(), allow, seen: HashSet::new() };
        self.coerce_value(&self.raw, value, &mut bending, 0);
    }

    fn coerce_value(&self, schema: &Value, value: &mut Value, bending: &mut Bending<'_>, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        let schema = self.follow(schema);
        // Parts that lead back to their whole would be gone into again and again.
        if let Some(parts) = keyword(schema, "allOf") {
            if !bending.seen.insert((std::ptr::from_ref(schema).addr(), bending.pointer.clone())) {
                return;
            }
            for part in parts.as_array().into_iter().flatten() {
                self.coerce_value(part, value, bending, depth + 1);
            }
        }
        let wanted = keyword(schema, "type").and_then(Value::as_str).unwrap_or_default();
        if let Some(bent) = coerce_scalar(wanted, value)
            && (bending.allow)(&bending.pointer)
        {
            *value = bent;
        }
        if wanted == "array"
            && let Value::Object(map) = value
            && map.keys().enumerate().all(|(index, key)| *key == index.to_string())
        {
            *value = std::mem::take(map).into_iter().map(|(_, element)| element).collect();
        }
        match value {
            Value::Object(map) => {
                let Some(known) = keyword(schema, "properties").and_then(Value::as_object) else { return };
                let mut absent = Vec::new();
                for (name, value) in map.iter_mut() {
                    let Some(part) = known.get(name) else { continue };
                    if value.is_null() && null_means_absent(self.follow(part)) {
                        absent.push(name.clone());
                        continue;
                    }
                    self.coerce_below(part, value, name, bending, depth);
                }
                for name in absent {
                    map.shift_remove(&name);
                }
            }
            Value::Array(list) => {
                if let Some(element) = keyword(schema, "items") {
                    for (index, value) in list.iter_mut().enumerate() {
                        self.coerce_below(element, value, &index.to_string(), bending, depth);
                    }
                }
            }
            _ => {}
        }
    }

    fn coerce_below(&self, schema: &Value, value: &mut Value, step: &str, bending: &mut Bending<'_>, depth: usize) {
        let length = bending.pointer.len();
        bending.pointer.push('/');
        bending.pointer.push_str(step);
        self.coerce_value(schema, value, bending, depth + 1);
        bending.pointer.truncate(length);
    }

    /// The schema itself, or the one that it refers to within its document.
    pub fn follow<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..MAX_DEPTH {
            let Some(target) = keyword(schema, "$ref").and_then(Value::as_str) else { return schema };
            match target.strip_prefix("#/components").and_then(|pointer| self.components.pointer(pointer)) {
                // What refers to itself says no more than what stands beside the reference.
                Some(found) if std::ptr::eq(found, schema) => return schema,
                Some(found) => schema = found,
                None => return schema,
            }
        }
        schema
    }
}

/// Whether a value has more levels than that.
fn is_deeper(value: &Value, most: usize) -> bool {
    let below = |value: &Value| most == 0 || is_deeper(value, most - 1);
    match value {
        Value::Object(map) => map.values().any(below),
        Value::Array(list) => list.iter().any(below),
        _ => false,
    }
}

/// What a schema says under a keyword. A schema has few, and to compare them all costs less than to hash one.
fn keyword<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Why a schema by itself is no JSON Schema, if it is none: where, and what is wrong.
pub fn problem(raw: &Value) -> Option<(String, String)> {
    let mut schema = raw.clone();
    to_2020_12(&mut schema, 0);
    let judged = jsonschema::draft202012::meta::validate(&schema);
    judged.err().map(|error| (error.instance_path().to_string(), error.to_string().chars().take(200).collect()))
}

/// Whether `null` is taken for nothing sent: unless the schema speaks of null itself, to allow it or to forbid it.
fn null_means_absent(schema: &Value) -> bool {
    let kinds = schema.get("type").and_then(Value::as_array);
    ["nullable", "x-nullable"].iter().all(|key| schema.get(*key).is_none()) && kinds.is_none()
}

/// The scalar that was meant, where another type was sent.
pub(super) fn coerce_scalar(wanted: &str, value: &Value) -> Option<Value> {
    match (wanted, value) {
        ("number" | "integer", Value::String(text)) => {
            let number: serde_json::Number = text.trim().parse().ok()?;
            (wanted == "number" || number.as_f64().is_some_and(|number| number.fract() == 0.0))
                .then_some(Value::Number(number))
        }
        ("boolean", Value::String(text)) => match text.as_str() {
            "true" | "1" => Some(true.into()),
            "false" | "0" => Some(false.into()),
            _ => None,
        },
        ("string", Value::Number(number)) => Some(number.to_string().into()),
        ("string", Value::Bool(truth)) => Some(truth.to_string().into()),
        _ => None,
    }
}

/// Rewrites OpenAPI's dialect of JSON Schema to draft 2020-12.
fn to_2020_12(schema: &mut Value, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match schema {
        Value::Object(map) => {
            // What says nothing about values, and is sometimes written in ways that no schema may have.
            for key in
                ["example", "examples", "xml", "discriminator", "externalDocs", "readOnly", "writeOnly", "deprecated"]
            {
                map.remove(key);
            }
            let nullable =
                ["nullable", "x-nullable"].iter().filter_map(|key| map.remove(*key)).any(|flag| flag == true);
            if nullable {
                if let Some(Value::String(kind)) = map.get("type") {
                    let both = Value::Array(vec![kind.clone().into(), "null".into()]);
                    map.insert("type".into(), both);
                }
                if let Some(Value::Array(values)) = map.get_mut("enum")
                    && !values.contains(&Value::Null)
                {
                    values.push(Value::Null);
                }
            }
            exclusive(map, "minimum", "exclusiveMinimum");
            exclusive(map, "maximum", "exclusiveMaximum");
            // A name that is required and described nowhere is a slip: some contracts let an object require itself.
            if let (Some(Value::Object(known)), Some(Value::Array(required))) =
                (map.get("properties").cloned(), map.get_mut("required"))
            {
                required.retain(|name| name.as_str().is_some_and(|name| known.contains_key(name)));
            }
            // A `required: true` inside a property is 2.0 parameter style and says nothing about the value.
            if map.get("required").is_some_and(|required| !required.is_array()) {
                map.remove("required");
            }
            for (key, value) in map.iter_mut() {
                match key.as_str() {
                    "enum" | "default" | "const" => {}
                    "properties" | "patternProperties" | "$defs" | "definitions" | "dependentSchemas" => {
                        to_2020_12_named(value, depth + 1);
                    }
                    _ => to_2020_12(value, depth + 1),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| to_2020_12(value, depth + 1)),
        _ => {}
    }
}

/// Bends defaults of another type than their schema's, and leaves out those that cannot be bent.
fn repair_defaults(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            let wanted = map.get("type").and_then(Value::as_str).unwrap_or_default();
            let is_wrong = |value: &Value| match wanted {
                "string" => !value.is_string(),
                "integer" | "number" => !value.is_number(),
                "boolean" => !value.is_boolean(),
                "array" => !value.is_array(),
                "object" => !value.is_object(),
                _ => false,
            };
            if let Some(default) = map.get("default").filter(|default| is_wrong(default)) {
                match coerce_scalar(wanted, default) {
                    Some(bent) => map.insert("default".into(), bent),
                    None => map.shift_remove("default"),
                };
            }
            map.iter_mut().filter(|(name, _)| *name != "enum").for_each(|(_, value)| repair_defaults(value));
        }
        Value::Array(list) => list.iter_mut().for_each(repair_defaults),
        _ => {}
    }
}

/// The same for schemas by name: a property may be called `example` or `required` and is no keyword then.
fn to_2020_12_named(named: &mut Value, depth: usize) {
    // Some contracts have a word where a property's schema belongs.
    if let Value::Object(named) = named {
        named.retain(|_, schema| schema.is_object() || schema.is_boolean());
    }
    for (_, schema) in named.as_object_mut().into_iter().flatten() {
        to_2020_12(schema, depth + 1);
    }
}

/// `minimum: 0, exclusiveMinimum: true` of drafts up to 4 as `exclusiveMinimum: 0`.
fn exclusive(map: &mut Map<String, Value>, bound: &str, flag: &str) {
    if let Some(Value::Bool(on)) = map.get(flag) {
        let on = *on;
        map.remove(flag);
        if on && let Some(limit) = map.remove(bound) {
            map.insert(flag.into(), limit);
        }
    }
}
