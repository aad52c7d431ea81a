//! Kinds of records, as the `*.resources.yaml` files beside the contracts describe them.
//!
//! ```yaml
//! order:
//!   plural: orders
//!   aliases: [purchase]
//!   paths: [/v1/shop/orders]
//!   fields:
//!     customer_uid: ref customer
//!     state: {type: text, default: open}
//!     total: {type: decimal, required: true}
//!   lifecycle:
//!     field: state
//!     transitions:
//!       - {on: "PUT /v1/orders/{id}/cancel", from: [open], to: cancelled, error: The order is not open}
//!       - {after: 14d, since: ordered_on, from: [open], to: expired}
//!   cascade: {order_line: order_uid}
//!   merge_by: {labels: key}
//!   operations:
//!     POST /v1/orders: orders.create
//!     POST /v1/orders/find: list
//!   after:
//!     PUT /v1/orders/{id}: [{update: record, set: {total: record.price}}]
//! ```
//!
//! | key | meaning |
//! |---|---|
//! | `plural` | name of the kind in paths and lists |
//! | `aliases` | other singular names, from which names of ids are derived (`purchase_id`) |
//! | `paths` | collections that show such records under another name |
//! | `fields` | fields with type, `default` and `required`; without them a record has the fields of the contract's example |
//! | `lifecycle` | the field that holds the state, and which operation, or how much time, leads from which state to which; `set` writes more fields |
//! | `cascade` | kinds whose records are deleted with this one, and their field that refers to it |
//! | `merge_by` | lists that an update merges instead of replacing, and the key that identifies an element |
//! | `operations` | what operations do to such records (`list`, `create`, `read`, `update`, `delete`, `act`), where their paths do not show it; or the steps or the Rust handler that serve them instead of the CRUD handler |
//! | `after` | steps that follow when the CRUD handler has written |
//!
//! A table `operations` at the top level of a file is for operations on records that no entry describes.
//!
//! A type is `text`, `integer`, `decimal`, `boolean`, `date`, `time`, `any`, `ref KIND`, `{list: TYPE}` or
//! `{object: {name: TYPE}}`; with `required` or `default` it is written as `{type: TYPE, …}`.

mod behaviour;
mod lifecycle;
mod procedure;
mod read;
mod sent_request;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::RandomState;
use serde_json::Value;

pub use behaviour::{Action, Behaviour, Effect, Notify, Receivers, Rule, RuleError, Subject, Target, Trigger};
pub use lifecycle::{Lifecycle, TimedTransition, Transition};
pub use procedure::{ListStep, Names, Procedure, REQUEST_VARIABLES, Rejection, Step, StepAction, Steps, Values};
pub use sent_request::SentRequest;

use super::PathPattern;
use super::role::RoleKind;
use super::schema::Schema;
use crate::diagnostics::Span;
use crate::model::{FieldNames, FieldValue, Fields, Record, Store};

/// The JSON Schema of `*.resources.yaml`.
pub const JSON_SCHEMA: &str = include_str!("resources.schema.json");

/// All described kinds of records, and what the files say about single operations.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    list: Vec<Resource>,
    /// Index by kind: every request looks up some kinds, and a list looks one up for each record.
    indexes: HashMap<String, usize, RandomState>,
    references: Vec<OperationReference>,
    procedures: Vec<Arc<Procedure>>,
    names: Arc<Names>,
    /// The forms of the ids of kinds that effects create.
    id_forms: HashMap<CompactString, IdForm>,
    /// The callbacks and webhooks that effects send.
    sent: Vec<SentRequest>,
    /// Whether nothing is inferred beyond the contract (`documented_behaviour_only` of the API):
    ///
    /// - Responses have only the members of examples, reads without a documented body have none, and actions do not repeat
    ///   what was sent.
    /// - PUT neither creates nor replaces a record; it merges. PATCH replaces the objects inside a record.
    /// - Only the first example of a response is a record; examples of path parameters are none.
    /// - A kind without examples starts with a generated record, and a new record keeps generated records inside it.
    /// - Parents are compared only by the name of the path parameter. Records are not found by their name or inside
    ///   `metadata`, and the query of a create sets no fields.
    /// - A new id has the form of the response that creates it. A singleton has an id that follows from the path, and its
    ///   parents need not exist.
    /// - `Link` and headers with counts have their documented values, and fewer members of a list count its pages.
    pub documented_behaviour_only: bool,
}

/// The form of the ids of a kind, as the contract documents it.
#[derive(Clone, Debug, Default)]
pub struct IdForm {
    /// An id of an example.
    pub example: Option<Value>,
    /// The schema, if it restricts the form.
    pub schema: Option<Arc<Schema>>,
}

/// One kind of record.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Name in the singular (`client_package`).
    pub kind: String,
    /// Name of the file that describes it.
    pub file: String,
    /// Name in the plural, as in paths and lists (`client_packages`).
    pub plural: String,
    /// Other names in the singular, from which names of ids are derived.
    pub aliases: Vec<String>,
    /// Collections that show such records, beside those named by the plural.
    pub paths: Vec<PathPattern>,
    /// Kinds whose records are deleted with a record of this kind, and their field that refers to it.
    pub cascade: Vec<(String, String)>,
    /// Lists that an update merges, and the key that identifies their elements.
    pub merge_by: Vec<(String, String)>,
    /// Which operations, and how much time, lead from which state to which.
    pub lifecycle: Option<Lifecycle>,
    /// What happens beside storing such records.
    pub behaviour: Behaviour,
    /// Fields. Put those first that a new record is given: values after the last given one take no memory until set.
    pub fields: Vec<Field>,
    /// Names of the fields, shared by all records of the kind.
    names: Arc<FieldNames>,
    /// Index of the field that refers to the owner.
    owner: Option<usize>,
}

/// A place in a resources file that refers to an operation by its key.
#[derive(Clone, Debug)]
pub struct OperationReference {
    /// Name of the file.
    pub file: String,
    /// Where the operation's key is.
    pub span: Span,
    /// Key of the operation: `POST /v1/orders`.
    pub operation: String,
    /// What the file says about it.
    pub target: ReferenceTarget,
}

/// What an [`OperationReference`] is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceTarget {
    /// The named Rust handler serves the operation (`operations`).
    Handler(NamedFunction),
    /// A procedure serves the operation, given by its index (`operations`).
    Procedure(usize),
    /// A procedure runs after a write, given by its index (`after`).
    AfterProcedure(usize),
    /// The operation is a transition of a lifecycle.
    Transition,
    /// The operation causes a rule or an effect of records of a kind.
    Trigger(String),
    /// The operation has that role for records of a kind (`operations`).
    Role(RoleKind, String),
}

/// Name of a Rust function, such as `orders.create`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFunction {
    /// The name.
    pub name: String,
    /// Where it is in the file.
    pub span: Span,
}

/// One field of a record.
#[derive(Clone, Debug)]
pub struct Field {
    /// Name, as the API writes it.
    pub name: String,
    /// Type of the value.
    pub kind: FieldType,
    /// Whether every record must have a value.
    pub required: bool,
    /// Value of a new record that is given none.
    pub default: FieldValue,
}

/// Type of a field.
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
    /// Any value.
    Any,
    /// Id of a record of that kind.
    Ref(String),
    /// A list.
    List(Box<FieldType>),
    /// An object with these fields.
    Object(Vec<(String, FieldType)>),
}

impl Resources {
    /// The resource of that kind.
    pub fn get(&self, kind: &str) -> Option<&Resource> {
        self.indexes.get(kind).map(|index| &self.list[*index])
    }

    /// Whether responses show records of a kind as they are stored.
    pub fn shows_stored(&self, kind: &str) -> bool {
        self.get(kind).is_none_or(|resource| resource.behaviour.shows_stored())
    }

    /// Whether writes of records of a kind do more than store or remove them.
    pub fn has_consequences(&self, kind: &str) -> bool {
        self.get(kind).is_some_and(|resource| !resource.behaviour.is_empty() || !resource.cascade.is_empty())
    }

    /// The resource with that plural.
    pub fn plural(&self, plural: &str) -> Option<&Resource> {
        self.list.iter().find(|resource| resource.plural == plural)
    }

    /// All resources in the order of the files.
    pub fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.list.iter()
    }

    /// The kinds of records that change when time passes.
    pub fn timed(&self) -> impl Iterator<Item = (&Resource, &Lifecycle)> {
        let lifecycles = self.iter().filter_map(|resource| Some((resource, resource.lifecycle.as_ref()?)));
        lifecycles.filter(|(_, lifecycle)| !lifecycle.timed.is_empty())
    }

    /// Everything that the files say about single operations, in the order of the files.
    pub fn references(&self) -> &[OperationReference] {
        &self.references
    }

    /// The role that the files give to an operation, and the kind of record that it is about.
    pub fn declared_role(&self, operation: &str) -> Option<(RoleKind, &str)> {
        self.references.iter().find_map(|reference| match &reference.target {
            ReferenceTarget::Role(role, kind) if reference.operation == operation => Some((*role, kind.as_str())),
            _ => None,
        })
    }

    /// The procedure with that index.
    pub fn procedure(&self, index: usize) -> &Arc<Procedure> {
        &self.procedures[index]
    }

    /// The procedures of operations.
    pub fn procedures(&self) -> &[Arc<Procedure>] {
        &self.procedures
    }

    /// What procedures and expressions can name.
    pub fn names(&self) -> &Arc<Names> {
        &self.names
    }

    /// The form of the ids of a kind that effects create.
    pub fn id_form(&self, kind: &str) -> &IdForm {
        static NONE: IdForm = IdForm { example: None, schema: None };
        self.id_forms.get(kind).unwrap_or(&NONE)
    }

    /// Sets the forms of the ids of all kinds that effects create.
    pub fn set_id_forms(&mut self, form_of: impl Fn(&str) -> IdForm) {
        let effects = self.list.iter().flat_map(|resource| &resource.behaviour.effects);
        let created = effects.filter_map(|effect| match &effect.action {
            Action::Create { kind, .. } => Some(kind.clone()),
            _ => None,
        });
        let created: Vec<CompactString> = created.collect();
        self.id_forms = created
            .into_iter()
            .map(|kind| {
                let form = form_of(&kind);
                (kind, form)
            })
            .collect();
    }

    fn add(&mut self, resource: Resource) {
        self.indexes.insert(resource.kind.clone(), self.list.len());
        self.list.push(resource);
    }
}

impl Resource {
    /// Whether the collection at a path shows such records although it has another name.
    pub fn is_at(&self, path: &str) -> bool {
        self.paths.iter().any(|pattern| pattern.matches(path))
    }

    /// The field that refers to the owner.
    pub fn owner(&self) -> Option<&str> {
        self.owner.map(|index| self.fields[index].name.as_str())
    }

    /// The records that are deleted with a record of this kind.
    pub fn owned_records(&self, store: &Store, id: &str) -> Vec<Arc<Record>> {
        let named = |kind, field| store.with_key(kind, &[field], id).filter(move |other| other.text(field) == id);
        self.cascade.iter().flat_map(|(kind, field)| named(kind, field.as_str())).cloned().collect()
    }

    /// The field of that name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A record of this kind with the given values; other fields have their defaults. A kind without `fields` takes
    /// whatever is given.
    pub fn record<N: AsRef<str>>(&self, id: CompactString, given: impl IntoIterator<Item = (N, FieldValue)>) -> Record {
        if self.fields.is_empty() {
            let fields =
                given.into_iter().fold(Fields::new(), |fields, (name, value)| fields.with(name.as_ref(), value));
            return Record::new(self.kind.as_str(), id, fields);
        }
        // Given fields usually come in the order of the table, so each search starts behind the last one.
        let mut values: Vec<FieldValue> = Vec::with_capacity(self.fields.len());
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
        // The store holds what is not needed as long as the record.
        values.shrink_to_fit();
        Record::new(self.kind.as_str(), id, Fields::shared(&self.names, values))
    }
}

/// As resources files write it.
impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Integer => f.write_str("integer"),
            Self::Decimal => f.write_str("decimal"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Time => f.write_str("time"),
            Self::Any => f.write_str("any"),
            Self::Ref(kind) => write!(f, "ref {kind}"),
            Self::List(element) => write!(f, "{{list: {element}}}"),
            Self::Object(members) => {
                f.write_str("{object: {")?;
                for (index, (name, kind)) in members.iter().enumerate() {
                    write!(f, "{}{name}: {kind}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("}}")
            }
        }
    }
}

impl FieldType {
    /// Converts a value of a request to this type: numbers that were sent as text become numbers. A value that cannot be
    /// converted is returned unchanged; rejecting it is up to the validation of the request.
    pub fn convert(&self, value: &Value) -> FieldValue {
        self.converted(FieldValue::from(value))
    }

    /// The same for a value of a field.
    pub fn converted(&self, value: FieldValue) -> FieldValue {
        match self {
            Self::Decimal => value.as_decimal().map_or(value, FieldValue::Decimal),
            Self::Integer => value.as_integer().map_or(value, FieldValue::Integer),
            Self::Boolean => match &value {
                FieldValue::Text(text) if text == "true" || text == "1" => FieldValue::Bool(true),
                FieldValue::Text(text) if text == "false" || text == "0" => FieldValue::Bool(false),
                _ => value,
            },
            _ => value,
        }
    }
}
