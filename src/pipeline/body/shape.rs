//! Turns the fields of a form into the object that the schema describes.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::form;
use crate::model::exact_number::parse_json;
use crate::openapi::{BodyMedia, Schema, Types, media_range};
use crate::request::media_type;

/// A field of a form.
#[derive(Debug)]
pub(super) struct Field {
    /// Its name, which can have brackets.
    pub(super) name: String,
    /// The name of the file, if it is one.
    pub(super) file_name: Option<String>,
    /// The content type of the part, if it has one.
    pub(super) content_type: Option<String>,
    /// The content; bytes that are not UTF-8 are replaced.
    pub(super) content: String,
}

/// What the value of a form does not tell.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct FormNotes {
    /// Names of fields that were sent as JSON: their values have types.
    pub(in crate::pipeline) json_fields: BTreeSet<String>,
    /// The first field with a content type that its `encoding` does not list, and that type.
    pub(in crate::pipeline) wrong_type: Option<(String, String)>,
}

impl FormNotes {
    /// Whether the value at a JSON pointer was sent as text.
    pub(in crate::pipeline) fn is_text(&self, pointer: &str) -> bool {
        let name = pointer.split('/').nth(1).unwrap_or_default();
        !self.json_fields.contains(name)
    }
}

impl Field {
    /// A field that has only text.
    pub(super) fn text(name: String, content: String) -> Self {
        Self { name, file_name: None, content_type: None, content }
    }
}

/// Assembles an object from the fields of a form.
///
/// By the schema, repeated names become lists and a single value becomes a list of one; by the `encoding` of the contract,
/// a list arrives as one delimited value; a value of an object is read as JSON, which is the default of multipart parts.
/// The value of a file is its name.
pub(super) fn assemble(fields: Vec<Field>, media: Option<BodyMedia<'_>>) -> (Value, FormNotes) {
    let (mut body, mut notes) = (Value::Object(Map::new()), FormNotes::default());
    for field in fields {
        let is_declared = media.is_some_and(|media| media.schema.declared(media.schema.raw(), &field.name).is_some());
        let segments = if is_declared { Some(vec![field.name.as_str()]) } else { form::segments(&field.name) };
        let Some(segments) = segments else { continue };
        let schema = media.and_then(|media| find_schema(media.schema, &segments));
        if let Some(media) = media {
            check_content_type(&field, segments[0], media, &mut notes);
        }
        let (values, is_json) = read_values(&field, &segments, media, schema);
        if is_json {
            notes.json_fields.insert(segments[0].to_owned());
        }
        let types = media.zip(schema).and_then(|(media, schema)| media.schema.types(schema));
        let is_list = match types {
            Some(types) if !types.allow(Types::ARRAY) => false,
            Some(types) if !types.allow(Types::SCALAR) => true,
            // A single value need not be a list, but several are.
            _ => segments.iter().try_fold(&body, |value, segment| value.get(*segment)).is_some(),
        };
        for value in values {
            form::insert(&mut body, &segments, value, is_list);
        }
    }
    (body, notes)
}

/// The schema at a path of names and indexes.
pub(in crate::pipeline) fn find_schema<'s>(owner: &'s Schema, segments: &[&str]) -> Option<&'s Value> {
    segments.iter().try_fold(owner.raw(), |schema, segment| {
        let is_index = segment.is_empty() || segment.parse::<usize>().is_ok();
        owner.member(schema, segment).or_else(|| owner.elements(schema).filter(|_| is_index))
    })
}

/// The values of a field, more than one for a list in one field, and whether they were sent as JSON.
fn read_values(
    field: &Field,
    segments: &[&str],
    media: Option<BodyMedia<'_>>,
    schema: Option<&Value>,
) -> (Vec<Value>, bool) {
    let name = segments[0];
    let (types, element_types) = media.zip(schema).map_or((None, None), |(media, schema)| {
        let elements = media.schema.elements(schema);
        (media.schema.types(schema), elements.and_then(|elements| media.schema.types(elements)))
    });
    let is_list = types.is_some_and(|types| types.allow(Types::ARRAY));
    if let Some(json) = read_json(field, name, media, (types, element_types)) {
        let values = match json {
            Value::Array(list) if is_list && !list.is_empty() && !allows(element_types, Types::ARRAY) => list,
            value => vec![value],
        };
        return (values, true);
    }
    if let Some(name) = &field.file_name {
        return (vec![name.as_str().into()], false);
    }
    let delimiter = media.and_then(|media| media.delimiter(name)).filter(|_| is_list && segments.len() == 1);
    let values = match delimiter {
        Some(delimiter) => field.content.split(delimiter).map(Value::from).collect(),
        None => vec![field.content.as_str().into()],
    };
    (values, false)
}

/// The JSON of a field: by its own content type, by its `encoding`, or because the schema has objects. A field that is
/// text by its schema stays text, and a file its name.
fn read_json(
    field: &Field,
    name: &str,
    media: Option<BodyMedia<'_>>,
    (types, element_types): (Option<Types>, Option<Types>),
) -> Option<Value> {
    let is_json =
        |kind: &str| media_type(kind).eq_ignore_ascii_case("application/json") || media_type(kind).ends_with("+json");
    let has_object = allows(types, Types::OBJECT) || allows(element_types, Types::OBJECT);
    let is_file = field.file_name.is_some() && !has_object;
    let is_marked = field.content_type.as_deref().is_some_and(is_json)
        || media.is_some_and(|media| media.content_types(name).into_iter().any(is_json));
    let value = (has_object || is_marked && !is_file).then(|| parse_json(&field.content).ok())??;
    let structured = Types::OBJECT.or(Types::ARRAY).or(Types::NUMBER).or(Types::INTEGER).or(Types::BOOLEAN);
    let is_text = types.is_some_and(|types| !types.allow(structured));
    match &value {
        Value::String(_) => is_marked,
        Value::Object(_) => !is_text,
        Value::Array(_) => !is_text && (is_marked || allows(types, Types::ARRAY)),
        _ => !is_text && is_marked,
    }
    .then_some(value)
}

fn allows(types: Option<Types>, wanted: Types) -> bool {
    types.is_some_and(|types| types.allow(wanted))
}

fn check_content_type(field: &Field, name: &str, media: BodyMedia<'_>, notes: &mut FormNotes) {
    let (Some(content_type), None) = (&field.content_type, &notes.wrong_type) else { return };
    let documented = media.content_types(name);
    let is_documented = |kind: &&str| media_range::specificity(kind, content_type).is_some();
    if !documented.is_empty() && !documented.iter().any(is_documented) {
        notes.wrong_type = Some((name.to_owned(), content_type.clone()));
    }
}
