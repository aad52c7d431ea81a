//! New records.

use std::sync::Arc;

use compact_str::CompactString;
use serde_json::{Map, Value};

use super::behaviour::after_write;
use super::body::fields;
use super::chosen_id::{self, Chosen};
use super::embedded::complete_elements;
use super::field_names::{KEY_FIELD, title};
use super::update::{Merge, apply_body, update};
use super::{defaults, example, lookup, new_id, own_links, query_fields, timestamps};
use crate::model::{FieldValue, Fields, Record};
use crate::openapi::MediaSpec;
use crate::openapi::record_path::id_name;
use crate::openapi::{is_own_id, is_plain_id};
use crate::request::{ApiError, Context, ErrorKind, generate_id, generate_uncounted_id};

/// A record that a request creates, or changes because it exists already.
pub(super) struct Created {
    record: Arc<Record>,
    before: Option<Arc<Record>>,
}

impl Created {
    /// Runs what follows the write.
    ///
    /// # Errors
    /// As [`after_write`].
    pub(super) fn finish(self, ctx: &mut Context<'_>) -> Result<Arc<Record>, ApiError> {
        after_write(ctx, self.before, self.record)
    }
}

/// Creates a record from a body, on top of the contract's example, with id, timestamps and owner of its own.
///
/// # Errors
/// Conflict, when the body chooses an id that exists.
pub(super) fn create(ctx: &mut Context<'_>, kind: &str, body: &Value) -> Result<Created, ApiError> {
    let sent = fields(ctx.operation, body, kind);
    let example = example::find(ctx, kind);
    let id_name = example.and_then(|example| id_name(example, example::read_parameter_of(ctx, kind), kind));
    let chosen = chosen_id::find(ctx, kind, sent, id_name);
    let existing = match &chosen {
        Chosen::Id(id) => ctx.state.store.get(kind, id).map(|existing| (id, existing)),
        Chosen::Key(name, key) => lookup::find_by_key(ctx, kind, key, name).map(|existing| (key, existing)),
        Chosen::Nothing => None,
    };
    if let Some((id, existing)) = existing.map(|(id, existing)| (id, Arc::clone(existing))) {
        // A record whose id is that of another record, such as the settings of a business, exists once for each: the
        // request changes it.
        let name = id_name.unwrap_or("id");
        if !is_plain_id(name) {
            let record = update(ctx, &existing, body)?;
            return Ok(Created { record, before: Some(existing) });
        }
        let message = format!("{} {id} already exists", title(kind));
        return Err(ApiError::new(ErrorKind::Conflict, message).field(name));
    }
    let example_id = id_name.and_then(|name| example?.get(name));
    let schema = id_name.and_then(|name| new_id::schema(ctx, kind, name));
    let (id, key) = match chosen {
        Chosen::Id(id) => (id, None),
        Chosen::Key(name, key) => (new_id::unrelated(ctx.state), Some((name, key))),
        Chosen::Nothing => (generate_id(ctx.state, kind, example_id, schema.as_ref()), None),
    };
    let mut record = initial_record(ctx, kind, id, sent, example);
    own_links::set_links(ctx, &mut record, example, id_name);
    defaults::apply_defaults(ctx, &mut record, sent);
    query_fields::apply_query(ctx, &mut record, sent, example);
    apply_body(&mut record, sent, id_name, Merge::Replace);
    complete_elements(ctx, &mut record, sent);
    defaults::set_parents_inside(ctx, &mut record, example);
    set_ids(ctx, &mut record, example, id_name);
    if let Some((name, key)) = key {
        record.fields.set(KEY_FIELD, name.as_str());
        record.fields.set(&name, key);
    }
    timestamps::set_created(ctx, &mut record, sent, example);
    defaults::set_owner(ctx, &mut record);
    Ok(Created { record: ctx.state.store.put(record), before: None })
}

/// The contract's example of a record, under that id.
pub(super) fn from_example(ctx: &Context<'_>, kind: &str, id: CompactString) -> Record {
    let fields = example::find(ctx, kind).map_or_else(Fields::new, example::fields);
    let mut record = Record::new(kind, id, fields);
    defaults::set_owner(ctx, &mut record);
    record
}

/// The record as its resource describes it, with what the body sets; without a description, the example.
fn initial_record(
    ctx: &Context<'_>,
    kind: &str,
    id: CompactString,
    sent: &Map<String, Value>,
    example: Option<&Value>,
) -> Record {
    match ctx.resources.get(kind).filter(|resource| !resource.fields.is_empty()) {
        Some(resource) => {
            let given = sent.iter().map(|(name, value)| {
                let value = resource.field(name).map_or_else(|| value.into(), |field| field.kind.convert(value));
                (CompactString::from(name), value)
            });
            resource.record(id, given)
        }
        None => {
            let fields = match example {
                Some(example) if is_generated(ctx) => example::fields(&without_records(example)),
                Some(example) => example::fields(example),
                None => Fields::new(),
            };
            Record::new(kind, id, fields)
        }
    }
}

/// Whether the sample of the response comes from its schema.
fn is_generated(ctx: &Context<'_>) -> bool {
    let media = ctx.operation.success_response().and_then(|response| response.first());
    media.is_some_and(MediaSpec::is_generated) && !ctx.resources.documented_behaviour_only
}

/// A generated record without the records inside it: a new customer has no subscriptions and no discount.
fn without_records(generated: &Value) -> Value {
    match generated {
        Value::Array(list) if list.iter().all(Value::is_object) => Value::Array(Vec::new()),
        Value::Object(map) => {
            let inside = |value: &Value| if holds_record(value) { Value::Null } else { without_records(value) };
            Value::Object(map.iter().map(|(name, value)| (name.clone(), inside(value))).collect())
        }
        other => other.clone(),
    }
}

/// Whether an object is a record, or has one in it.
fn holds_record(value: &Value) -> bool {
    let holds = |(name, below): (&String, &Value)| is_plain_id(name) || holds_record(below);
    value.as_object().is_some_and(|map| map.iter().any(holds))
}

/// Sets the id under every name that holds it in the example: sometimes both `id` and `order_id`. A record that is addressed
/// by another field, such as its name, has an `id` of its own.
fn set_ids(ctx: &mut Context<'_>, record: &mut Record, example: Option<&Value>, id_name: Option<&str>) {
    let Some(members) = example.and_then(Value::as_object) else { return };
    let example_id = id_name.and_then(|name| members.get(name));
    for (name, value) in members {
        let is_id_name = Some(name.as_str()) == id_name || is_own_id(name, &record.kind);
        if example_id == Some(value) && is_id_name {
            let id = record.id.clone();
            record.fields.set(name, id);
        } else if is_plain_id(name)
            && !ctx.resources.documented_behaviour_only
            && record.fields.get(name) == Some(&FieldValue::from(value))
        {
            let schema = new_id::schema(ctx, &record.kind, name);
            let id = generate_uncounted_id(ctx.state, value, schema.as_ref());
            record.fields.set(name, id);
        }
    }
}
