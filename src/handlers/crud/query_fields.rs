//! Fields of a record that a request has in its query: `POST /boats/create?name=a`, `POST /boats/1/rename?name=b`.

use serde_json::{Map, Value};

use super::example;
use super::field_names::{PATH_NAME_FIELD, find_field};
use crate::model::{FieldValue, Record};
use crate::openapi::{ParameterLocation, singular, snake};
use crate::request::Context;

/// Sets the fields of a new record that the request has in its query. Without a body, a query can also name the record:
/// `POST /images/create?fromImage=a&tag=b` creates the image that paths call `a:b`.
pub(super) fn apply_query(ctx: &Context<'_>, record: &mut Record, sent: &Map<String, Value>, example: Option<&Value>) {
    if ctx.resources.documented_behaviour_only {
        return;
    }
    let given: Vec<(&str, &str)> = declared(ctx).collect();
    if given.is_empty() {
        return;
    }
    let examples: Vec<&Value> = example.into_iter().chain(example::of_kind(ctx, &record.kind)).collect();
    let fields = || examples.iter().filter_map(|example| example.as_object()).flatten();
    let field = |name: &str| fields().find(|(field, _)| snake(field) == snake(name)).map(|(field, _)| field);
    for (name, value) in &given {
        if let Some(field) = field(name) {
            record.fields.set(field, *value);
        }
    }
    let is_of_kind = |name: &str| snake(name).split('_').any(|word| word == record.kind);
    let naming = given.iter().find(|(name, _)| is_of_kind(name) && field(name).is_none());
    let Some((_, name)) = naming.filter(|_| sent.is_empty()) else { return };
    let tag = given.iter().find(|(name, _)| *name == "tag").map(|(_, tag)| *tag);
    let full_name = tag.map_or_else(|| (*name).to_owned(), |tag| format!("{name}:{tag}"));
    // The record lists its tags, if it does so in this form.
    let has_form = |list: &Value| list.get(0).and_then(Value::as_str).is_some_and(|first| first.contains(':'));
    let is_of_tags = |field: &str| singular(&snake(field)).rsplit('_').next() == Some("tag");
    if let Some((field, _)) = fields().find(|(field, list)| tag.is_some() && is_of_tags(field) && has_form(list)) {
        record.fields.set(field, vec![FieldValue::from(full_name.as_str())]);
    }
    record.fields.set(PATH_NAME_FIELD, full_name);
}

/// Sets the fields of a record that a change without a body has in its query.
pub(super) fn change_by_query(ctx: &Context<'_>, record: &mut Record, id_name: Option<&str>) {
    if ctx.resources.documented_behaviour_only {
        return;
    }
    for (name, value) in declared(ctx) {
        let field = find_field(record, name).filter(|field| Some(field.as_str()) != id_name);
        let is_plain = |field: &String| !matches!(record.get(field), FieldValue::List(_) | FieldValue::Object(_));
        if let Some(field) = field.filter(is_plain) {
            record.fields.set(&field, value);
        }
    }
}

/// The values in the query of parameters that the operation declares. A key of the caller is no field of a record.
fn declared<'c>(ctx: &'c Context<'_>) -> impl Iterator<Item = (&'c str, &'c str)> {
    let is_declared = |name: &str| {
        let mut parameters = ctx.operation.parameters.iter();
        parameters.any(|known| known.location == ParameterLocation::Query && known.name == name)
    };
    ctx.query.iter().filter(move |(name, value)| !value.is_empty() && is_declared(name))
}
