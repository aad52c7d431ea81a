//! A schema of a contract: validation, coercion and lookup of parts.

mod coerce;
mod dialect;
mod discriminator;
mod pool;
mod recursion;
mod text;
mod types;

use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value};

use dialect::{repair_defaults, to_2020_12, to_2020_12_named};
use recursion::{paths_to_parts, visits};

use super::escape_pointer;
use crate::model::exact_number::approximate;

pub(super) use coerce::coerce_scalar;
pub(super) use discriminator::Discriminator;
pub(super) use pool::SchemaPool;
pub use text::TextChoice;
pub use types::Types;

/// Maximum depth to which references and schemas are followed.
const MAX_DEPTH: usize = 64;

/// Maximum number of violations that are reported.
const MAX_VIOLATIONS: usize = 100;
/// Maximum number of visits to the parts of a value whose violations are explained.
const MAX_EXPLAINED_VISITS: u64 = 2_000;

/// A schema of a contract with the components of its document. It is compiled when it is first needed. A clone is the same
/// schema, not a copy.
#[derive(Clone)]
pub struct Schema(Arc<Content>);

struct Content {
    raw: Value,
    components: Arc<Value>,
    /// Most schemas are never compiled.
    compiled: OnceLock<Option<Box<Compiled>>>,
}

struct Compiled {
    validator: Validator,
    /// The number of paths along which the schema contains itself, if there are several.
    paths: Option<u32>,
}

/// Why a value is invalid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer to the invalid value, or to the object with a missing field.
    pub pointer: String,
    /// The keyword that the value violates: `required`, `type`, `enum`, …
    pub rule: String,
    /// Name of the missing field, for `required`.
    pub missing: Option<String>,
    /// A sentence for people.
    pub message: String,
    /// Whether several branches of a `oneOf` match.
    pub is_ambiguous: bool,
}

impl Violation {
    /// Name of the invalid or missing field; `body` if the whole value is invalid.
    pub fn field(&self) -> &str {
        let last = || self.pointer.rsplit('/').find(|part| !part.is_empty() && part.parse::<usize>().is_err());
        self.missing.as_deref().or_else(last).unwrap_or("body")
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.0.raw)
    }
}

impl Schema {
    /// A schema and the components of its document.
    pub fn new(raw: Value, components: Arc<Value>) -> Self {
        Self(Arc::new(Content { raw, components, compiled: OnceLock::new() }))
    }

    /// Another schema with the same components.
    pub(super) fn subschema(&self, raw: Value) -> Self {
        Self::new(raw, Arc::clone(&self.0.components))
    }

    /// The schema as written in the contract.
    pub fn raw(&self) -> &Value {
        &self.0.raw
    }

    /// The schema at a path of field names. Lists on the path are entered.
    pub fn part(&self, field_path: &[&str]) -> Option<Self> {
        let mut schema = self.element(&self.0.raw);
        for name in field_path {
            schema = self.element(self.property_of(schema, name)?);
        }
        Some(self.subschema(schema.clone()))
    }

    /// The names of the documented properties of the object, including those of the parts of `allOf`, `oneOf` and `anyOf`.
    pub fn property_names(&self) -> Vec<String> {
        let properties =
            self.object_schemas(self.element(&self.0.raw)).filter_map(|part| part.get("properties")?.as_object());
        properties.flat_map(|properties| properties.keys().cloned()).collect()
    }

    /// The schema of a documented property.
    pub fn property(&self, name: &str) -> Option<Self> {
        Some(self.subschema(self.property_of(self.element(&self.0.raw), name)?.clone()))
    }

    /// Whether the schema of an object, or a part of it, requires a property.
    pub fn requires(&self, name: &str) -> bool {
        let mut required = self
            .object_schemas(self.element(&self.0.raw))
            .filter_map(|part| part.get("required")?.as_array())
            .flatten();
        required.any(|known| known == name)
    }

    pub(super) fn property_of<'s>(&'s self, schema: &'s Value, name: &str) -> Option<&'s Value> {
        self.object_schemas(schema).find_map(|part| part.get("properties")?.get(name))
    }

    /// An object's schema and the parts of its `allOf`, `oneOf` and `anyOf`.
    pub(super) fn object_schemas<'s>(&'s self, schema: &'s Value) -> impl Iterator<Item = &'s Value> {
        let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)?.as_array()).flatten();
        std::iter::once(schema).chain(parts.map(|part| self.follow(part)))
    }

    fn element<'s>(&'s self, schema: &'s Value) -> &'s Value {
        let mut schema = self.follow(schema);
        for _ in 0..MAX_DEPTH {
            let Some(element) = schema.get("items") else { break };
            schema = self.follow(element);
        }
        schema
    }

    /// The schema's `type`, if it is a single one.
    pub fn kind(&self) -> Option<&str> {
        self.follow(&self.0.raw).get("type").and_then(Value::as_str)
    }

    /// Whether a value has no [`violations`](Self::violations).
    pub fn is_valid(&self, value: &Value) -> bool {
        match self.validator_for(value) {
            Some((validator, _)) => validator.is_valid(&*approximate(value)),
            None => true,
        }
    }

    /// What validates a value, and with how many visits to its parts at most if the schema is recursive. `None` if the schema
    /// itself is unusable, or it would take too long.
    fn validator_for(&self, value: &Value) -> Option<(&Validator, u64)> {
        let Compiled { validator, paths } = self.0.compiled.get_or_init(|| self.compile()).as_deref()?;
        let visits = paths.map_or(Some(0), |paths| visits(value, paths))?;
        Some((validator, visits))
    }

    /// The violations of a value, at most 100; none if the schema itself is unusable, or the value cannot be validated in
    /// bounded time.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let Some((validator, visits)) = self.validator_for(value) else { return Vec::new() };
        let value = &*approximate(value);
        // Most values are valid, and this check is cheaper than collecting errors.
        if validator.is_valid(value) {
            return Vec::new();
        }
        // What fails in each branch of each branch takes far more time and memory than whether anything does.
        if visits > MAX_EXPLAINED_VISITS {
            let message = "the value does not match its schema".to_owned();
            return vec![Violation { rule: "schema".to_owned(), message, ..Violation::default() }];
        }
        validator
            .iter_errors(value)
            .take(MAX_VIOLATIONS)
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

    /// Approximate size of the referenced components in bytes: a measure of the cost of compiling.
    pub fn weight(&self) -> usize {
        self.referenced().values().map(|section| section.to_string().len()).sum()
    }

    /// The schema in draft 2020-12, and the referenced components by the pointers that the references use.
    pub fn modern(&self) -> (Value, Vec<(String, Value)>) {
        let mut root = self.0.raw.clone();
        to_2020_12(&mut root, 0);
        let mut referenced = self.referenced();
        referenced.values_mut().for_each(|named| to_2020_12_named(named, 0));
        repair_defaults(&mut root);
        referenced.values_mut().for_each(repair_defaults);
        let components = referenced.into_iter().flat_map(|(section, named)| {
            let named = if let Value::Object(named) = named { named } else { Map::new() };
            named
                .into_iter()
                .map(move |(name, schema)| (format!("#/components/{section}/{}", escape_pointer(&name)), schema))
        });
        (root, components.collect())
    }

    fn compile(&self) -> Option<Box<Compiled>> {
        self.build().ok().map(Box::new)
    }

    fn build(&self) -> Result<Compiled, String> {
        let mut root = self.0.raw.clone();
        to_2020_12(&mut root, 0);
        let mut referenced = self.referenced();
        let paths = paths_to_parts(&root, &referenced);
        if let Value::Object(root) = &mut root
            && !referenced.is_empty()
        {
            referenced.values_mut().for_each(|named| to_2020_12_named(named, 0));
            root.insert("components".into(), Value::Object(referenced));
        }
        let root = approximate(&root);
        jsonschema::options()
            .should_validate_formats(true)
            .with_draft(jsonschema::Draft::Draft202012)
            .build(&root)
            .map(|validator| Compiled { validator, paths })
            .map_err(|error| error.to_string())
    }

    /// The components that the schema refers to, directly or indirectly. A contract can have thousands of others.
    fn referenced(&self) -> Map<String, Value> {
        let mut referenced = Map::new();
        let mut waiting = vec![&self.0.raw];
        while let Some(value) = waiting.pop() {
            match value {
                Value::Object(map) => {
                    let target =
                        map.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix("#/components/"));
                    // A reference into a component includes the whole component.
                    let mut steps = target.into_iter().flat_map(|target| target.splitn(3, '/'));
                    if let (Some(section), Some(name)) = (steps.next(), steps.next()) {
                        let decoded = percent_encoding::percent_decode_str(name)
                            .decode_utf8_lossy()
                            .replace("~1", "/")
                            .replace("~0", "~");
                        let found = self.0.components.get(section).and_then(|section| section.get(&decoded));
                        let section = referenced.entry(section).or_insert_with(|| Value::Object(Map::new()));
                        if let (Some(found), Value::Object(section)) = (found, section)
                            && !section.contains_key(&decoded)
                        {
                            section.insert(decoded, found.clone());
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

    /// The schema itself, or the target of its `$ref`.
    pub fn follow<'s>(&'s self, mut schema: &'s Value) -> &'s Value {
        for _ in 0..MAX_DEPTH {
            let Some(target) = keyword(schema, "$ref").and_then(Value::as_str) else { return schema };
            match target.strip_prefix("#/components/").and_then(|pointer| component(&self.0.components, pointer)) {
                // A reference to itself adds nothing to the keywords beside it.
                Some(found) if std::ptr::eq(found, schema) => return schema,
                Some(found) => schema = found,
                None => return schema,
            }
        }
        schema
    }
}

/// A component by its pointer without the first slash.
fn component<'c>(components: &'c Value, pointer: &str) -> Option<&'c Value> {
    match pointer.split_once('/') {
        // Most names need no escape, and their pointers no copy.
        Some((section, name)) if !pointer.contains('~') && !name.contains('/') => components.get(section)?.get(name),
        _ => components.pointer(&format!("/{pointer}")),
    }
}

/// The value of a keyword. A schema has few keywords: comparing all is cheaper than hashing one.
fn keyword<'s>(schema: &'s Value, name: &str) -> Option<&'s Value> {
    schema.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Why a schema is not a valid JSON Schema, without its references: JSON pointer and message. `None` if it is valid.
pub fn problem(raw: &Value) -> Option<(String, String)> {
    let mut schema = raw.clone();
    to_2020_12(&mut schema, 0);
    let result = jsonschema::draft202012::meta::validate(&schema);
    result.err().map(|error| (error.instance_path().to_string(), error.to_string().chars().take(200).collect()))
}
