//! What is remembered: the `*.resources.yaml` files beside the contracts.
//!
//! ```yaml
//! client:
//!   plural: clients
//!   fields:
//!     first_name: {type: text, required: true}
//!     customer_status: {type: text, default: lead}
//!     business_uid: ref business
//! business:
//!   plural: businesses
//!   paths: [/platform/v1/businesses, /v1/partners/accounts]
//! ```
//!
//! `life: {field: status, transitions: [{on: "PUT /v1/orders/{id}/cancel", from: [open], to: cancelled, refusal: words}]}`
//! says which operation leads from which state to which; `set: {…}` says more of the record.
//!
//! `owns: {resource: resource_type_uid}` says what goes when such a record goes: records of that kind which name it in
//! that field. `merges: {permissions: key}` names lists of which a change replaces only the elements with the same key.
//!
//! `also: [payment_status]` are other words for such a record, of which names of ids are made.
//!
//! `paths` are collections that show such records under another name. Without `fields` a record has those of the
//! documented example.
//!
//! A type is `text`, `integer`, `decimal`, `boolean`, `date`, `time`, `any`, `ref KIND`, `{list: TYPE}` or
//! `{object: {name: TYPE}}`; with `required` or `default` it is written as `{type: TYPE, …}`.

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::RandomState;
use serde_json::Value;

use super::PathPattern;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, YamlNode, YamlValue};
use crate::model::{FieldNames, FieldValue, Fields, Record};

/// All kinds of records.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    list: Vec<Resource>,
    /// Every call asks for some kinds, and a list of records once for each.
    places: HashMap<String, usize, RandomState>,
}

/// One kind of record.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its name in the singular (`client_package`).
    pub kind: String,
    /// Its name in the plural, as in paths and lists (`client_packages`).
    pub plural: String,
    /// Other words for it, in the singular: names of ids may be made of them.
    pub also: Vec<String>,
    /// The collections that show it, beside those named by its plural.
    pub paths: Vec<PathPattern>,
    /// What goes with it: kinds of records, and the field in which they name it.
    pub owns: Vec<(String, String)>,
    /// Lists that a change adds to, and what their elements go by.
    pub merges: Vec<(String, String)>,
    /// Its life: which operations lead from which state to which.
    pub lifecycle: Option<Lifecycle>,
    /// Its fields. Those that are given when one is made come first: what follows them takes no room until it is set.
    pub fields: Vec<Field>,
    /// Their names, shared by all records of the kind.
    names: Arc<FieldNames>,
    /// The index of the field that names the business a record belongs to.
    owner: Option<usize>,
}

/// The states of a kind of record, as a table.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    /// The field that holds the state.
    pub field: String,
    /// What leads from where to where.
    pub transitions: Vec<Transition>,
}

/// One row of a [`Lifecycle`].
#[derive(Clone, Debug)]
pub struct Transition {
    /// The key of the operation: `PUT /v1/orders/{id}/cancel`.
    pub on: String,
    /// The states from which it may start; any, when none is named.
    pub from: Vec<String>,
    /// The state that it leads to; the same, when none is named.
    pub to: Option<String>,
    /// What else the record then says.
    pub set: Fields,
    /// The words in which another state is refused.
    pub error: String,
}

/// One field of a record.
#[derive(Clone, Debug)]
pub struct Field {
    /// The API's own name.
    pub name: String,
    /// What it holds.
    pub kind: FieldType,
    /// Whether a record cannot be without it.
    pub required: bool,
    /// What it holds when nothing is said.
    pub default: FieldValue,
}

/// What a field holds.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Money, a rate, any number.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// A date, `YYYY-MM-DD`.
    Date,
    /// A point in time, RFC 3339.
    Time,
    /// Anything.
    Any,
    /// The id of a record of that kind.
    Ref(String),
    /// A list.
    List(Box<FieldType>),
    /// An object with these names.
    Object(Vec<(String, FieldType)>),
}

impl Resources {
    /// Reads the resources files.
    ///
    /// # Errors
    /// When one is wrong: an unknown entry, type or kind, or a kind named twice.
    pub fn read(files: &[SourceFile], owner: &str) -> Result<Self, Diagnostics> {
        let mut resources = Self::default();
        for file in files {
            let complain = |list| Diagnostics::new(&file.name, &file.text, list);
            let tree = YamlNode::read(file)?;
            let mut diagnostics = Vec::new();
            for (key, tree) in tree.entries("a resources file").map_err(|diagnostic| complain(vec![diagnostic]))?.rest()
            {
                match read_resource(&key.name, tree, owner) {
                    Ok(_) if resources.get(&key.name).is_some() => {
                        diagnostics
                            .push(Diagnostic::new(key.span, format!("the resource `{}` is defined twice", key.name)));
                    }
                    Ok(resource) => resources.add(resource),
                    Err(diagnostic) => diagnostics.push(diagnostic),
                }
            }
            if !diagnostics.is_empty() {
                return Err(complain(diagnostics));
            }
        }
        Ok(resources)
    }

    /// The resource of that kind.
    pub fn get(&self, kind: &str) -> Option<&Resource> {
        self.places.get(kind).map(|index| &self.list[*index])
    }

    /// The resource with that plural.
    pub fn plural(&self, plural: &str) -> Option<&Resource> {
        self.list.iter().find(|resource| resource.plural == plural)
    }

    /// All resources in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.list.iter()
    }

    fn add(&mut self, resource: Resource) {
        self.places.insert(resource.kind.clone(), self.list.len());
        self.list.push(resource);
    }
}

impl Resource {
    /// Whether a collection's path shows such records although it is named otherwise.
    pub fn is_at(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.matches(path))
    }

    /// The field that names the business a record belongs to.
    pub fn owner(&self) -> Option<&str> {
        self.owner.map(|index| self.fields[index].name.as_str())
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A record of this kind: every field is there, what is not given has its default. A kind of which nothing but its
    /// life is told keeps what is given.
    pub fn record<N: AsRef<str>>(&self, id: CompactString, given: impl IntoIterator<Item = (N, FieldValue)>) -> Record {
        if self.fields.is_empty() {
            let fields =
                given.into_iter().fold(Fields::new(), |fields, (name, value)| fields.with(name.as_ref(), value));
            return Record { kind: self.kind.as_str().into(), id, fields };
        }
        let given = given.into_iter();
        // The fields that are given come first, where whoever wrote the resource has thought of it.
        let mut values: Vec<FieldValue> = Vec::with_capacity(given.size_hint().0.min(self.fields.len()));
        let mut next = 0;
        for (name, value) in given {
            if let Some(index) = self.names.index(name.as_ref(), next) {
                next = index + 1;
                if !value.is_null() {
                    let missing = values.len()..index;
                    values.extend(missing.map(|index| self.fields[index].default.clone()));
                    match values.get_mut(index) {
                        Some(before) => *before = value,
                        None => values.push(value),
                    }
                }
            }
        }
        Record { kind: self.kind.as_str().into(), id, fields: Fields::shared(&self.names, values) }
    }
}

impl FieldType {
    /// A value of a request as a record keeps it: numbers that came as text become numbers. What cannot be
    /// taken for this type is kept as it is; refusing is the business of the check.
    pub fn keep(&self, value: &Value) -> FieldValue {
        let datum = FieldValue::from(value);
        match self {
            Self::Decimal => datum.as_decimal().map_or(datum, FieldValue::Decimal),
            Self::Integer => datum.as_integer().map_or(datum, FieldValue::Integer),
            Self::Boolean => match &datum {
                FieldValue::Text(text) if text == "true" || text == "1" => FieldValue::Bool(true),
                FieldValue::Text(text) if text == "false" || text == "0" => FieldValue::Bool(false),
                _ => datum,
            },
            _ => datum,
        }
    }
}

fn read_resource(kind: &str, tree: &YamlNode, owner: &str) -> Result<Resource, Diagnostic> {
    let mut entries = tree.entries("a resource")?;
    let plural = entries.require("plural")?.text()?.to_owned();
    let pattern = |tree: &YamlNode, text: &str| {
        let diagnostics =
            || Diagnostic::new(tree.span, format!("`{text}` is no path")).help("write `/v1/pets` or `/v1/*/pets`");
        PathPattern::parse(text).ok_or_else(diagnostics)
    };
    let paths = match entries.take("paths") {
        Some(tree) => tree.texts()?.into_iter().map(|text| pattern(tree, text)).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let lifecycle = entries.take("life").map(read_lifecycle).transpose()?;
    let also = match entries.take("also") {
        Some(tree) => tree.texts()?.into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let owns = entries.take("owns").map(read_names).transpose()?.unwrap_or_default();
    let merges = entries.take("merges").map(read_names).transpose()?.unwrap_or_default();
    let fields = match entries.take("fields") {
        Some(tree) => tree.entries("the fields")?.rest(),
        None => Vec::new(),
    };
    let fields: Vec<Field> =
        fields.into_iter().map(|(key, tree)| read_field(&key.name, tree)).collect::<Result<_, _>>()?;
    let names = FieldNames::new(fields.iter().map(|field| (field.name.as_str(), field.default.clone())));
    let owner = fields.iter().position(|field| matches!(&field.kind, FieldType::Ref(kind) if kind == owner));
    entries.finish()?;
    Ok(Resource { kind: kind.to_owned(), plural, also, paths, owns, merges, lifecycle, fields, names, owner })
}

fn read_names(tree: &YamlNode) -> Result<Vec<(String, String)>, Diagnostic> {
    let pairs = tree.entries("a table of names")?.rest().into_iter();
    pairs.map(|(key, tree)| Ok((key.name.clone(), tree.text()?.to_owned()))).collect()
}

fn read_lifecycle(tree: &YamlNode) -> Result<Lifecycle, Diagnostic> {
    let mut entries = tree.entries("a life")?;
    let field = entries.require("field")?.text()?.to_owned();
    let transitions = entries.require("transitions")?.list()?.iter().map(read_transition).collect::<Result<_, _>>()?;
    entries.finish()?;
    Ok(Lifecycle { field, transitions })
}

fn read_transition(tree: &YamlNode) -> Result<Transition, Diagnostic> {
    let mut entries = tree.entries("a transition")?;
    let on = entries.require("on")?.text()?.to_owned();
    let from = match entries.take("from") {
        Some(tree) => tree.texts()?.into_iter().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    let to = entries.take("to").map(|tree| tree.text().map(str::to_owned)).transpose()?;
    let set = match entries.take("set") {
        Some(tree) => {
            let named = tree.entries("what is set")?.rest();
            named
                .into_iter()
                .map(|(key, tree)| (CompactString::from(&key.name), FieldValue::from(&tree.to_json())))
                .collect()
        }
        None => Fields::new(),
    };
    let error = entries.take("refusal").map(|tree| tree.text().map(str::to_owned)).transpose()?;
    entries.finish()?;
    Ok(Transition { on, from, to, set, error: error.unwrap_or_default() })
}

fn read_field(name: &str, tree: &YamlNode) -> Result<Field, Diagnostic> {
    let has_type = matches!(&tree.node, YamlValue::Map(entries) if entries.iter().any(|(key, _)| key.name == "type"));
    let (mut required, mut default) = (false, FieldValue::Null);
    let kind = if has_type {
        let mut entries = tree.entries("a field")?;
        let kind = read_type(entries.require("type")?)?;
        required = entries.take("required").map(YamlNode::boolean).transpose()?.unwrap_or(false);
        default = entries.take("default").map(|tree| FieldValue::from(&tree.to_json())).unwrap_or_default();
        entries.finish()?;
        kind
    } else {
        read_type(tree)?
    };
    Ok(Field { name: name.to_owned(), kind, required, default })
}

fn read_type(tree: &YamlNode) -> Result<FieldType, Diagnostic> {
    if let YamlValue::Map(_) = tree.node {
        let mut entries = tree.entries("a type")?;
        let (list, object) = (entries.take("list"), entries.take("object"));
        entries.finish()?;
        return match (list, object) {
            (Some(element), None) => Ok(FieldType::List(Box::new(read_type(element)?))),
            (None, Some(parts)) => {
                let parts = parts.entries("the parts of an object")?.rest();
                let parts = parts.into_iter().map(|(key, tree)| Ok((key.name.clone(), read_type(tree)?)));
                Ok(FieldType::Object(parts.collect::<Result<_, Diagnostic>>()?))
            }
            _ => Err(tree.expected("`list: TYPE` or `object: {name: TYPE}`")),
        };
    }
    let text = tree.text()?;
    let known = ["text", "integer", "decimal", "boolean", "date", "time", "any", "ref KIND"];
    match text {
        "text" => Ok(FieldType::Text),
        "integer" => Ok(FieldType::Integer),
        "decimal" => Ok(FieldType::Decimal),
        "boolean" => Ok(FieldType::Boolean),
        "date" => Ok(FieldType::Date),
        "time" => Ok(FieldType::Time),
        "any" => Ok(FieldType::Any),
        _ => match text.strip_prefix("ref ") {
            Some(kind) => Ok(FieldType::Ref(kind.trim().to_owned())),
            None => Err(Diagnostic::unknown(tree.span, "type", text, &known)),
        },
    }
}
