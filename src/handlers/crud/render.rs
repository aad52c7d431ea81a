//! Values of records in the form of the contract's example: its names, its JSON types, its form of timestamps.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::embedded::{add_members, in_documented_form};
use super::example::{item_parameter, of_index, read_parameter_of};
use super::field_names::{id_alias, is_display_name};
use super::object_schemas::{ObjectSchemas, allows_null};
use crate::model::exact_number::digits_of;
use crate::model::{FieldValue, Fields, Record, decimal_text};
use crate::openapi::generate::generate;
use crate::openapi::is_own_id;
use crate::openapi::random::stream;
use crate::openapi::record_path::id_name;
use crate::openapi::{MediaSpec, Operation, PARENT_FIELD, RecordPath, RoleKind, Schema, Shape, snake};
use crate::request::{Context, reformat_time};

/// Renders records in the form of the example of one operation.
pub(super) struct Renderer<'e> {
    ctx: &'e Context<'e>,
    example: &'e Value,
    id_name: Option<&'e str>,
    media: &'e MediaSpec,
    path: &'e RecordPath,
    /// The schemas of the record; most responses do not need them.
    object_schemas: OnceCell<Option<ObjectSchemas<'e>>>,
    zone: TimeZone,
    /// The schema of the record, if it has several branches.
    branched: OnceCell<Option<Schema>>,
}

impl<'e> Renderer<'e> {
    pub(super) fn new(
        ctx: &'e Context<'_>,
        media: &'e MediaSpec,
        path: &'e RecordPath,
        response_example: &'e Value,
    ) -> Self {
        let example = path.of(response_example);
        let kind = ctx.operation.role.resource.as_deref().unwrap_or_default();
        let zone = ctx.caller.owner.as_deref().map_or(TimeZone::UTC, |owner| ctx.state.zone(owner));
        let parameter = match item_parameter(ctx) {
            "" if !ctx.resources.documented_behaviour_only => read_parameter_of(ctx, kind),
            parameter => parameter,
        };
        let id_name = id_name(example, parameter, kind);
        Self { ctx, example, id_name, media, path, object_schemas: OnceCell::new(), zone, branched: OnceCell::new() }
    }

    /// The example for the branch of the schema that applies to a record: a dog has other fields than a cat.
    fn example_for(&self, record: &Record) -> Cow<'e, Value> {
        let names = || self.path.names().collect::<Vec<_>>();
        let part = self.branched.get_or_init(|| {
            let part = self.media.schema.as_ref()?.part(&names())?;
            (part.branches().len() > 1).then_some(part)
        });
        let Some(schema) = part else { return Cow::Borrowed(self.example) };
        let fields = serde_json::to_value(&record.fields).unwrap_or_default();
        match schema.branch_of(&fields) {
            Some(index) if schema.branch_of(self.example) != Some(index) => {
                Cow::Owned(generate(&schema.branches()[index], &mut stream(0, "shown")))
            }
            _ => Cow::Borrowed(self.example),
        }
    }

    /// The example with the values of a record.
    pub(super) fn render(&self, record: &Record) -> Value {
        let example = self.example_for(record);
        let Some(map) = example.as_object().filter(|map| !map.is_empty()) else {
            return serde_json::to_value(&record.fields).unwrap_or_default();
        };
        let example_id = self.id_name.and_then(|name| map.get(name));
        // The path of a singleton does not name its id: `/me`.
        let role = &self.ctx.operation.role;
        let keeps_id = role.kind == RoleKind::Singleton && role.item.is_none() && self.is_inferred();
        let members = map.iter().filter_map(|(name, example)| {
            let is_id = Some(name.as_str()) == self.id_name && !is_display_name(record, name) && !keeps_id
                // The same id under a second name.
                || (Some(example) == example_id && is_own_id(name, &record.kind) && !keeps_id)
                // A matter in the form of a conversation has a `matter_uid`: its own id.
                || (example.is_string() && name.strip_suffix("_uid") == Some(&record.kind) && record.get(name).is_null());
            let value = match is_id {
                true => render_value(example, &FieldValue::from(&record.id), &self.zone),
                false => self.render_member(record, name, example)?,
            };
            Some((name.clone(), value))
        });
        let mut shown: Map<String, Value> = members.collect();
        self.add_sent(record, map, &mut shown);
        Value::Object(shown)
    }

    /// Whether more than what the contract documents is inferred.
    fn is_inferred(&self) -> bool {
        !self.ctx.resources.documented_behaviour_only
    }

    /// Adds what requests have set although the example lacks it, as far as the schema allows.
    fn add_sent(&self, record: &Record, example: &Map<String, Value>, shown: &mut Map<String, Value>) {
        let role = self.ctx.operation.role.kind;
        if !self.is_inferred() || role == RoleKind::Delete {
            return;
        }
        let is_list = role == RoleKind::List;
        let is_parent = |name: &str| {
            let mut parents = self.ctx.operation.role.parents.iter();
            name.ends_with(PARENT_FIELD)
                || parents.any(|parent| parent.name == name)
                || item_parameter(self.ctx) == name
        };
        for (name, value) in record.fields.iter().filter(|(_, value)| !value.is_null()) {
            let is_known = || example.keys().any(|known| known == name || snake(known) == snake(name));
            if example.contains_key(name) || is_parent(name) || is_known() {
                continue;
            }
            let declared = self.object_schemas().and_then(|schemas| schemas.part(name));
            let is_shown = match declared {
                Some(part) => part.get("writeOnly") != Some(&Value::Bool(true)),
                None if self.is_of_other_operation(record, name, value) => false,
                None if set_inside(shown, self.object_schemas(), name, value) => false,
                None => !is_list && self.object_schemas().is_none_or(ObjectSchemas::allows_others),
            };
            if is_shown {
                shown.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
            }
        }
    }

    /// Whether a value is that of the example of another operation, or of a parent in its path, and so was not sent.
    fn is_of_other_operation(&self, record: &Record, name: &str, value: &FieldValue) -> bool {
        let is_in_example = |index: usize| {
            let example = of_index(self.ctx, index).and_then(|example| example.get(name));
            example.is_some_and(|other| FieldValue::from(other) == *value)
        };
        let is_parent = |other: &Operation| other.role.parents.iter().any(|parent| parent.name == name);
        let mut others = self.ctx.operations_of(&record.kind);
        others.any(|(index, other)| is_parent(other) || is_in_example(index))
    }

    fn render_member(&self, record: &Record, name: &str, example: &Value) -> Option<Value> {
        let is_described =
            || self.ctx.resources.get(&record.kind).is_some_and(|resource| resource.field(name).is_some());
        let known = record.fields.get(name).or_else(|| record.fields.get(&id_alias(name)?));
        let is_id = known.is_some_and(|known| example.is_object() && self.allows(name, known));
        let inferred = known.filter(|_| self.is_inferred() && !is_id);
        let documented = inferred.and_then(|known| in_documented_form(self.ctx, name, example, known));
        match documented.as_ref().or(known) {
            Some(FieldValue::Null) => self.render_missing(name, example),
            Some(known @ (FieldValue::Object(_) | FieldValue::List(_))) => {
                let mut shown = render_value(example, known, &self.zone);
                if let Some(object_schemas) = self.object_schemas() {
                    let object_schemas = object_schemas.below(name);
                    if self.is_inferred() {
                        add_members(&object_schemas, known, &mut shown);
                    }
                    remove_nulls(&object_schemas, &mut shown);
                }
                Some(shown)
            }
            Some(known) if is_id => Some(serde_json::to_value(known).unwrap_or_default()),
            Some(known) => Some(render_value(example, known, &self.zone)),
            None if is_described() => self.render_missing(name, example),
            None => Some(render_reference(self.ctx, example, record, name).unwrap_or_else(|| example.clone())),
        }
    }

    /// Whether the contract allows the id of a record in place of the record itself.
    fn allows(&self, name: &str, known: &FieldValue) -> bool {
        let is_scalar = matches!(known, FieldValue::Text(_) | FieldValue::Integer(_));
        let path = || self.path.field_path.iter().map(String::as_str).chain([name]).collect::<Vec<_>>();
        let part = self.media.schema.as_ref().filter(|_| is_scalar && self.is_inferred());
        let value = || serde_json::to_value(known).unwrap_or_default();
        part.and_then(|schema| schema.part(&path())).is_some_and(|part| part.is_valid(&value()))
    }

    /// A member without a value: an empty list, null where the schema allows it, left out where the schema does not
    /// require it, else the example.
    fn render_missing(&self, name: &str, example: &Value) -> Option<Value> {
        if example.is_array() {
            return Some(Value::Array(Vec::new()));
        }
        match self.object_schemas().and_then(|object_schemas| Some((object_schemas, object_schemas.part(name)?))) {
            Some((object_schemas, part)) if !allows_null(part) => {
                object_schemas.requires(name).then(|| example.clone())
            }
            _ => Some(Value::Null),
        }
    }

    fn object_schemas(&self) -> Option<&ObjectSchemas<'e>> {
        let find = || self.media.schema.as_ref().map(|schema| ObjectSchemas::at(schema, self.path.names()));
        self.object_schemas.get_or_init(find).as_ref()
    }
}

/// Sets a value in the only object of a record that has, or may have, a field of its name; returns whether there is one.
fn set_inside(
    shown: &mut Map<String, Value>,
    schemas: Option<&ObjectSchemas<'_>>,
    name: &str,
    value: &FieldValue,
) -> bool {
    let has_schema = |holder: &str| schemas.is_some_and(|schemas| schemas.below(holder).part(name).is_some());
    let objects = shown.iter_mut().filter_map(|(holder, value)| Some((holder, value.as_object_mut()?)));
    let mut holders = objects.filter(|(holder, members)| members.contains_key(name) || has_schema(holder));
    match (holders.next(), holders.next()) {
        (Some((_, holder)), None) => {
            holder.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
            true
        }
        _ => false,
    }
}

/// Removes the nulls of an object, or of the objects in a list, whose schema neither requires nor allows them.
fn remove_nulls(object_schemas: &ObjectSchemas<'_>, shown: &mut Value) {
    let map = match shown {
        Value::Object(map) => map,
        Value::Array(list) => return list.iter_mut().for_each(|element| remove_nulls(object_schemas, element)),
        _ => return,
    };
    let stays = |name: &str, value: &Value| {
        !value.is_null() || object_schemas.requires(name) || object_schemas.part(name).is_none_or(allows_null)
    };
    map.retain(|name, value| stays(name, value));
    for (name, value) in map.iter_mut().filter(|(_, value)| value.is_object() || value.is_array()) {
        remove_nulls(&object_schemas.below(name), value);
    }
}

/// The record that another record refers to, where the example embeds it: `client` for `client_uid`.
fn render_reference(ctx: &Context<'_>, example: &Value, record: &Record, name: &str) -> Option<Value> {
    let map = example.as_object().filter(|map| map.contains_key("uid") || map.contains_key("id"))?;
    let id = ["_uid", "_id"].iter().find_map(|end| record.get(&format!("{name}{end}")).as_text())?;
    let referenced = ctx.state.store.get(name, id)?;
    let mut fields = referenced.fields.clone();
    for name in ["id", "uid"] {
        fields.set(name, &referenced.id);
    }
    let mut shown = map.clone();
    overlay(&mut shown, &fields, Missing::Null, &TimeZone::UTC);
    Some(Value::Object(shown))
}

/// What [`overlay`] does with a member of the example for which there is no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It becomes null.
    Null,
    /// It becomes null if it is text, else it stays: settings are as in the example until they are set.
    NullIfText,
    /// It stays as in the example.
    Example,
}

/// Replaces the members of an example with values, in the form of the example.
pub(crate) fn overlay(example: &mut Map<String, Value>, fields: &Fields, missing: Missing, zone: &TimeZone) {
    for (name, value) in example {
        match (fields.get(name), missing) {
            (Some(known), _) => *value = render_value(value, known, zone),
            (None, Missing::Null) => *value = Value::Null,
            (None, Missing::NullIfText) if value.is_string() => *value = Value::Null,
            (None, _) => {}
        }
    }
}

/// A value in the JSON type and the text form of the example.
fn render_value(example: &Value, known: &FieldValue, zone: &TimeZone) -> Value {
    match (example, known) {
        (Value::String(text), FieldValue::Decimal(_) | FieldValue::Integer(_) | FieldValue::Number(_))
            if digits_of(text).is_some() =>
        {
            serde_json::to_value(known).unwrap_or_default()
        }
        (Value::String(_), FieldValue::Number(digits)) => (&**digits).into(),
        (Value::String(_), FieldValue::Decimal(number)) => decimal_text(*number).as_str().into(),
        (Value::String(_), FieldValue::Integer(number)) => number.to_string().into(),
        (Value::String(_), FieldValue::Text(text)) => {
            reformat_time(text, &Shape::of(example), zone).map_or_else(|| text.as_str().into(), Value::from)
        }
        (Value::Number(_), FieldValue::Text(text)) => {
            serde_json::from_str(text).ok().filter(Value::is_number).unwrap_or_else(|| text.as_str().into())
        }
        (Value::Bool(_), FieldValue::Text(text)) if matches!(text.as_str(), "true" | "false" | "0" | "1") => {
            (known.is_true() || text == "1").into()
        }
        (Value::Bool(_) | Value::Object(_), FieldValue::Text(_)) => example.clone(),
        (Value::String(_), FieldValue::Bool(truth)) => truth.to_string().into(),
        (Value::Array(_), FieldValue::Null) => Value::Array(Vec::new()),
        (Value::Array(elements), FieldValue::Text(text)) if !elements.iter().any(Value::is_object) => {
            text.split(',').map(|part| Value::from(part.trim())).collect()
        }
        (Value::Array(elements), FieldValue::List(list)) => match elements.first() {
            Some(element) => list.iter().map(|known| render_value(element, known, zone)).collect(),
            None => serde_json::to_value(known).unwrap_or_default(),
        },
        // An object with names of the user's own shares none with the example and is shown as it was sent.
        (Value::Object(example), FieldValue::Object(fields))
            if fields.iter().any(|(name, _)| example.contains_key(name)) =>
        {
            let members = example.iter().map(|(name, value)| {
                let known = fields.get(name).unwrap_or(&FieldValue::Null);
                (name.clone(), render_value(value, known, zone))
            });
            Value::Object(members.collect())
        }
        _ => serde_json::to_value(known).unwrap_or_default(),
    }
}
