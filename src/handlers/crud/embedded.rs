//! Values inside a record that the contract shows in another form than requests send them: a list in an envelope of its own,
//! a record of which the request names the id only, and elements of lists that have ids.

use compact_str::{CompactString, ToCompactString};
use serde_json::{Map, Value};

use super::example;
use super::field_names::find_field;
use super::object_schemas::ObjectSchemas;
use super::page_counts::PageCounts;
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::{PARENT_FIELD, Schema, singular, snake};
use crate::request::{Context, generate_uncounted_id};

/// A value in the documented form of the member called `name`, if that is not the form of the value itself.
pub(super) fn in_documented_form(
    ctx: &Context<'_>,
    name: &str,
    example: &Value,
    known: &FieldValue,
) -> Option<FieldValue> {
    match (example, known) {
        (Value::Object(envelope), FieldValue::List(list)) => {
            let (list_name, element) = enclosed_list(envelope)?;
            let shown = shown_elements(ctx, name, element, list).unwrap_or_else(|| list.to_vec());
            let mut around = envelope.clone();
            PageCounts::of_whole_list(list.len()).set(&mut around);
            let mut fields: Fields =
                around.iter().map(|(name, value)| (CompactString::from(name), FieldValue::from(value))).collect();
            fields.set(list_name, shown);
            Some(fields.into())
        }
        (Value::Array(elements), FieldValue::List(list)) => {
            shown_elements(ctx, name, elements.first(), list).map(FieldValue::from)
        }
        (Value::Object(example), FieldValue::Object(fields)) => {
            let mut changed: Option<Fields> = None;
            for (name, value) in fields.iter() {
                let shown = example.get(name).and_then(|example| in_documented_form(ctx, name, example, value));
                if let Some(shown) = shown {
                    changed.get_or_insert_with(|| Fields::clone(fields)).set(name, shown);
                }
            }
            changed.map(FieldValue::from)
        }
        (Value::Object(example), FieldValue::Text(_) | FieldValue::Integer(_)) => {
            referenced(ctx, name, example, &known.as_text().map_or_else(|| number(known), CompactString::from))
        }
        _ => None,
    }
}

fn number(known: &FieldValue) -> CompactString {
    known.as_integer().unwrap_or_default().to_compact_string()
}

/// The elements of a list in the form of the documented one; `None` if they have it.
fn shown_elements(
    ctx: &Context<'_>,
    name: &str,
    element: Option<&Value>,
    list: &[FieldValue],
) -> Option<Vec<FieldValue>> {
    let name = singular(&snake(name));
    let shown: Vec<Option<FieldValue>> =
        list.iter().map(|known| in_documented_form(ctx, &name, element?, known)).collect();
    let is_changed = shown.iter().any(Option::is_some);
    is_changed
        .then(|| shown.into_iter().zip(list).map(|(shown, known)| shown.unwrap_or_else(|| known.clone())).collect())
}

/// The list in an object that is only its envelope, and the example of an element: `{data: [{…}], has_more: false}`.
fn enclosed_list(envelope: &Map<String, Value>) -> Option<(&String, Option<&Value>)> {
    let mut lists = envelope.iter().filter_map(|(name, value)| Some((name, value.as_array()?)));
    let (name, list) = lists.next()?;
    let is_envelope = lists.next().is_none() && own_id(envelope).is_none();
    is_envelope.then(|| (name, list.first()))
}

/// The name of the id in an example of a record.
fn own_id(example: &Map<String, Value>) -> Option<&String> {
    let is_id = |name: &str| matches!(snake(name).as_str(), "id" | "uid" | "uuid" | "sid" | "guid");
    example.iter().find(|(name, value)| is_id(name) && (value.is_string() || value.is_number())).map(|(name, _)| name)
}

/// The record that a request has named by its id, as another record shows it; without one only that id, or the documented
/// example with that id.
fn referenced(ctx: &Context<'_>, name: &str, documented: &Map<String, Value>, id: &str) -> Option<FieldValue> {
    let id_name = own_id(documented)?;
    let record = find_referenced(ctx, name, id);
    let is_generated = example::record_path(ctx).is_some_and(|(media, ..)| media.is_generated());
    let member = |name: &String, example: &Value| {
        if name == id_name {
            return FieldValue::from(id);
        }
        match record.and_then(|record| record.fields.get(name)) {
            Some(known) => in_documented_form(ctx, name, example, known).unwrap_or_else(|| known.clone()),
            None if is_generated => FieldValue::Null,
            None => FieldValue::from(example),
        }
    };
    let mut fields: Fields =
        documented.iter().map(|(name, value)| (CompactString::from(name), member(name, value))).collect();
    // The example of a list shows less of what is deep inside a record than its schema.
    for (name, value) in record.into_iter().flat_map(|record| record.fields.iter()) {
        if !documented.contains_key(name) && !name.ends_with(PARENT_FIELD) {
            fields.set(name, value.clone());
        }
    }
    Some(fields.into())
}

/// The record with an id: of the kind that the name ends with (`default_card` is a card), else the only one with that id.
/// Numbers identify records of one kind only.
fn find_referenced<'c>(ctx: &'c Context<'_>, name: &str, id: &str) -> Option<&'c Record> {
    let (store, name) = (&ctx.state.store, snake(name));
    let ends = std::iter::successors(Some(name.as_str()), |rest| rest.split_once('_').map(|(_, end)| end));
    let named = ends.into_iter().find_map(|kind| store.get(kind, id));
    let only = || {
        let mut all = store.kinds().filter_map(|(kind, _)| store.get(kind, id));
        let found = all.next().filter(|_| !id.bytes().all(|byte| byte.is_ascii_digit()))?;
        all.next().is_none().then_some(found)
    };
    named.or_else(only).map(|record| &**record)
}

/// Adds the members of a value that its example lacks and the schema has: a generated example is not complete in its depth.
/// Removes what the schema calls `writeOnly`.
pub(super) fn add_members(object_schemas: &ObjectSchemas<'_>, known: &FieldValue, shown: &mut Value) {
    match (known, shown) {
        (FieldValue::List(list), Value::Array(shown)) => {
            list.iter().zip(shown).for_each(|(known, shown)| add_members(object_schemas, known, shown));
        }
        (FieldValue::Object(fields), Value::Object(shown)) => {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let part = object_schemas.part(name);
                if part.is_some_and(|part| part.get("writeOnly") == Some(&Value::Bool(true))) {
                    shown.shift_remove(name);
                } else if !shown.contains_key(name) && (part.is_some() || object_schemas.is_open()) {
                    shown.insert(name.to_owned(), serde_json::to_value(value).unwrap_or_default());
                }
                if let Some(shown) = shown.get_mut(name).filter(|shown| shown.is_object() || shown.is_array()) {
                    add_members(&object_schemas.below(name), value, shown);
                }
            }
        }
        _ => {}
    }
}

/// Gives ids to the elements of lists that a request has sent without ids and the contract shows with ids, and values to
/// what each element must have.
pub(super) fn complete_elements(ctx: &mut Context<'_>, record: &mut Record, sent: &Map<String, Value>) {
    if ctx.resources.documented_behaviour_only {
        return;
    }
    for (name, _) in sent.iter().filter(|(_, value)| value.get(0).is_some_and(Value::is_object)) {
        let Some(name) = find_field(record, name) else { continue };
        let Some(documented) = DocumentedElement::find(ctx, &name) else { continue };
        let mut list = record.get(&name).as_list().to_vec();
        for element in &mut list {
            let FieldValue::Object(fields) = element else { continue };
            let mut fields = Fields::clone(fields);
            for (name, example) in documented.missing(&fields) {
                if *name == documented.id_name {
                    let id = generate_uncounted_id(ctx.state, example, documented.id_schema().as_ref());
                    fields.set(name, id);
                } else {
                    fields.set(name, example);
                }
            }
            *element = fields.into();
        }
        record.fields.set(&name, list);
    }
}

/// An element with an id, as the documented response shows it in a list inside the record.
struct DocumentedElement {
    example: Map<String, Value>,
    id_name: String,
    schema: Option<Schema>,
}

impl DocumentedElement {
    /// The documented element of a record's list.
    fn find(ctx: &Context<'_>, list_name: &str) -> Option<Self> {
        let (media, example, path) = example::record_path(ctx)?;
        let mut names: Vec<&str> = path.field_path.iter().map(String::as_str).chain([list_name]).collect();
        let element = match path.of(example).get(list_name)? {
            Value::Array(elements) => elements.first()?,
            Value::Object(envelope) => {
                let (inner, element) = enclosed_list(envelope)?;
                names.push(inner);
                element?
            }
            _ => return None,
        };
        let example = element.as_object()?.clone();
        let id_name = own_id(&example)?.clone();
        let schema = media.schema.as_ref().and_then(|schema| schema.part(&names));
        Some(Self { example, id_name, schema })
    }

    fn id_schema(&self) -> Option<Schema> {
        self.schema.as_ref()?.property(&self.id_name)
    }

    /// The members that an element lacks although it must have them.
    fn missing(&self, fields: &Fields) -> Vec<(&String, &Value)> {
        let is_required =
            |name: &String| *name == self.id_name || self.schema.as_ref().is_some_and(|schema| schema.requires(name));
        let is_missing = |name: &str| fields.get(name).is_none_or(FieldValue::is_null);
        self.example.iter().filter(|(name, _)| is_required(name) && is_missing(name)).collect()
    }
}
