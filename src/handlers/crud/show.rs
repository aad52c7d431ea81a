//! A record in the place where the documented answer has one.

use std::borrow::Cow;
use std::cell::OnceCell;

use jiff::tz::TimeZone;
use serde_json::{Map, Value};

use super::object_schemas::{ObjectSchemas, allows_null};
use super::record::{id_alias, is_display_name};
use crate::handlers::list::Page;
use crate::model::exact_number::digits_of;
use crate::model::{FieldValue, Record, decimal_text};
use crate::openapi::generate::{generate, repair};
use crate::openapi::random::stream;
use crate::openapi::record_path::id_name;
use crate::openapi::template::parameter_names;
use crate::openapi::{MediaSpec, RecordPath, Schema, Shape, snake};
use crate::request::{Context, reformat_time};

/// The documented answer, about the business of the caller.
pub(super) fn sample(ctx: &Context<'_>) -> Option<Value> {
    let mut sample = ctx.operation.success_response()?.sample().cloned()?;
    let business = ctx.caller.business.as_deref().and_then(|id| ctx.state.store.get("business", id));
    if let Some(business) = business {
        about(&mut sample, business);
    }
    Some(sample)
}

fn about(shown: &mut Value, business: &Record) {
    match shown {
        Value::Object(map) => {
            for (name, value) in map {
                match (name.as_str(), value) {
                    ("business_uid" | "business_id", Value::String(id)) => *id = business.id.to_string(),
                    ("business_name", Value::String(called)) => *called = business.text("name").to_owned(),
                    (_, below) => about(below, business),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|below| about(below, business)),
        _ => {}
    }
}

/// The name of the parameter that names the record.
pub(super) fn parameter<'e>(ctx: &Context<'e>) -> &'e str {
    let names = parameter_names(&ctx.operation.path);
    ctx.operation.role.item.and_then(|item| names.into_iter().nth(item)).unwrap_or_default()
}

/// Where the documented answer has its record, and what is documented there.
pub(super) fn record_path<'e>(ctx: &Context<'e>) -> Option<(&'e MediaSpec, &'e Value, RecordPath)> {
    let media = ctx.operation.success_response()?.first()?;
    let sample = media.sample()?;
    let resource = ctx.operation.role.resource.as_deref().unwrap_or_default();
    let declared = ctx.resources.get(resource).map_or("", |resource| &resource.plural);
    let last = ctx.operation.path.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'));
    let record_path = RecordPath::find(sample, &[resource, declared, last.unwrap_or_default()])?;
    Some((media, sample, record_path))
}

/// An answer with one record.
pub(super) fn one(ctx: &Context<'_>, record: &Record) -> Option<Value> {
    let Some((media, sample, record_path)) = record_path(ctx) else { return self::sample(ctx) };
    let shown = Lens::of(ctx, media, &record_path, sample).overlay(record);
    let shown = if record_path.is_list { Value::Array(vec![shown]) } else { shown };
    Some(placed(media, sample, &record_path, shown))
}

/// An answer with a page of records.
pub(super) fn many(ctx: &Context<'_>, page: &Page) -> Option<Value> {
    let Some((media, sample, record_path)) = record_path(ctx) else { return self::sample(ctx) };
    let lens = Lens::of(ctx, media, &record_path, sample);
    let all: Vec<Value> = page.views.iter().map(|view| lens.overlay(view.record())).collect();
    let shown = if record_path.is_list { Value::Array(all) } else { all.into_iter().next()? };
    let mut answer = placed(media, sample, &record_path, shown);
    // Whoever pages wants to know where they are.
    let around = record_path.field_path.split_last().map_or(&[][..], |(_, around)| around);
    for depth in 0..=around.len() {
        if let Some(Value::Object(map)) =
            around[..depth].iter().try_fold(&mut answer, |value, name| value.get_mut(name))
        {
            count(map, page);
        }
    }
    Some(answer)
}

fn count(map: &mut Map<String, Value>, page: &Page) {
    for (name, value) in map {
        let known = match (snake(name).as_str(), &value) {
            ("total" | "total_count" | "total_items" | "total_results" | "count", Value::Number(_)) => {
                page.total.into()
            }
            ("page" | "current_page" | "page_number", Value::Number(_)) => page.number.into(),
            ("per_page" | "page_size" | "limit", Value::Number(_)) => page.size.into(),
            ("offset" | "skip", Value::Number(_)) => page.skipped.into(),
            ("total_pages" | "pages" | "page_count", Value::Number(_)) => page.total.div_ceil(page.size.max(1)).into(),
            ("has_more" | "has_next" | "has_next_page", Value::Bool(_)) => {
                (page.skipped + page.views.len() < page.total).into()
            }
            ("meta" | "pagination" | "paging", _) => {
                if let Value::Object(below) = value {
                    count(below, page);
                }
                continue;
            }
            _ => continue,
        };
        *value = known;
    }
}

fn placed(media: &MediaSpec, sample: &Value, record_path: &RecordPath, shown: Value) -> Value {
    let mut answer = sample.clone();
    if let Some(index) = record_path.location(&mut answer) {
        *index = shown;
    }
    match &media.schema {
        Some(schema) => repair(schema, answer, &mut stream(0, "shown")),
        None => answer,
    }
}

/// The documented record through which records are seen, with what is the same for all of them.
struct Lens<'e> {
    ctx: &'e Context<'e>,
    documented: &'e Value,
    id_name: Option<&'e str>,
    media: &'e MediaSpec,
    record_path: &'e RecordPath,
    /// What describes such a record, where anything does; most answers never ask.
    object_schemas: OnceCell<Option<ObjectSchemas<'e>>>,
    zone: TimeZone,
    /// The schema of the record, if it has several branches.
    branched: OnceCell<Option<Schema>>,
}

impl<'e> Lens<'e> {
    fn of(ctx: &'e Context<'_>, media: &'e MediaSpec, record_path: &'e RecordPath, sample: &'e Value) -> Self {
        let documented = record_path.of(sample);
        let resource = ctx.operation.role.resource.as_deref().unwrap_or_default();
        let zone = ctx.caller.business.as_deref().map_or(TimeZone::UTC, |business| ctx.state.zone(business));
        let id_name = id_name(documented, parameter(ctx), resource);
        Self {
            ctx,
            documented,
            id_name,
            media,
            record_path,
            object_schemas: OnceCell::new(),
            zone,
            branched: OnceCell::new(),
        }
    }

    fn object_schemas(&self) -> Option<&ObjectSchemas<'e>> {
        let of = || {
            let field_path = self.record_path.field_path.iter().map(String::as_str);
            self.media.schema.as_ref().map(|schema| ObjectSchemas::at(schema, field_path))
        };
        self.object_schemas.get_or_init(of).as_ref()
    }

    /// How nothing is shown: as null where that is allowed, not at all where the name may be left out, else as documented.
    fn nothing(&self, name: &str, documented: &Value) -> Option<Value> {
        if documented.is_array() {
            return Some(Value::Array(Vec::new()));
        }
        match self.object_schemas().and_then(|object_schemas| Some((object_schemas, object_schemas.part(name)?))) {
            Some((object_schemas, part)) if !allows_null(part) => {
                object_schemas.requires(name).then(|| documented.clone())
            }
            _ => Some(Value::Null),
        }
    }

    /// The documented record for the branch of the schema that applies to this record: a dog has other fields than a cat.
    fn documented_for(&self, record: &Record) -> Cow<'e, Value> {
        let names = || self.record_path.field_path.iter().map(String::as_str).collect::<Vec<_>>();
        let part = self.branched.get_or_init(|| {
            let part = self.media.schema.as_ref()?.part(&names())?;
            (part.branches().len() > 1).then_some(part)
        });
        let Some(schema) = part else { return Cow::Borrowed(self.documented) };
        let fields = serde_json::to_value(&record.fields).unwrap_or_default();
        match schema.branch_of(&fields) {
            Some(index) if schema.branch_of(self.documented) != Some(index) => {
                Cow::Owned(generate(&schema.branches()[index], &mut stream(0, "shown")))
            }
            _ => Cow::Borrowed(self.documented),
        }
    }

    /// The documented record with what is known of this one in its places.
    fn overlay(&self, record: &Record) -> Value {
        let ctx = self.ctx;
        let declared =
            |name: &str| ctx.resources.get(&record.kind).is_some_and(|resource| resource.field(name).is_some());
        let documented = self.documented_for(record);
        let Some(map) = documented.as_object().filter(|map| !map.is_empty()) else {
            return serde_json::to_value(&record.fields).unwrap_or_default();
        };
        let documented_id = self.id_name.and_then(|name| map.get(name));
        let shown = map.iter().filter_map(|(name, value)| {
            let is_id = Some(name.as_str()) == self.id_name && !is_display_name(record, name)
                // The same value under a second name.
                || (matches!(name.as_str(), "id" | "uid") && Some(value) == documented_id)
                // A matter that is shown as a conversation says of which matter: itself.
                || (value.is_string() && name.strip_suffix("_uid") == Some(&record.kind) && record.get(name).is_null());
            let known = || record.fields.get(name).or_else(|| record.fields.get(&id_alias(name)?));
            let shown = match known() {
                _ if is_id => render_example(value, &FieldValue::from(&record.id), &self.zone),
                Some(FieldValue::Null) => self.nothing(name, value)?,
                Some(known @ FieldValue::Object(_)) => {
                    let mut shown = render_example(value, known, &self.zone);
                    if let Some(object_schemas) = self.object_schemas() {
                        leave_out(&object_schemas.below(name), &mut shown);
                    }
                    shown
                }
                Some(known) => render_example(value, known, &self.zone),
                None if declared(name) => self.nothing(name, value)?,
                None => named(ctx, value, record, name).unwrap_or_else(|| value.clone()),
            };
            Some((name.clone(), shown))
        });
        Value::Object(shown.collect())
    }
}

/// Leaves out the nulls of an object that may be left out and may not be null.
fn leave_out(object_schemas: &ObjectSchemas<'_>, shown: &mut Value) {
    let Some(map) = shown.as_object_mut() else { return };
    let stays = |name: &str, value: &Value| {
        !value.is_null() || object_schemas.requires(name) || object_schemas.part(name).is_none_or(allows_null)
    };
    map.retain(|name, value| stays(name, value));
    for (name, value) in map.iter_mut().filter(|(_, value)| value.is_object()) {
        leave_out(&object_schemas.below(name), value);
    }
}

/// What is known of a thing that a record names by its id, where the documented answer shows the thing itself: `client`
/// where the record has `client_uid`.
fn named(ctx: &Context<'_>, documented: &Value, record: &Record, name: &str) -> Option<Value> {
    let map = documented.as_object().filter(|map| map.contains_key("uid") || map.contains_key("id"))?;
    let id = ["_uid", "_id"].iter().find_map(|end| record.get(&format!("{name}{end}")).as_text())?;
    let thing = ctx.state.store.get(name, id)?;
    let shown = map.iter().map(|(name, value)| {
        let shown = match name.as_str() {
            "id" | "uid" => render_example(value, &FieldValue::from(&thing.id), &TimeZone::UTC),
            _ => thing.fields.get(name).map_or(Value::Null, |known| render_example(value, known, &TimeZone::UTC)),
        };
        (name.clone(), shown)
    });
    Some(Value::Object(shown.collect()))
}

/// A value in the JSON type and the form of text that the documented one has.
fn render_example(documented: &Value, known: &FieldValue, zone: &TimeZone) -> Value {
    match (documented, known) {
        (Value::String(text), FieldValue::Decimal(_) | FieldValue::Integer(_) | FieldValue::Number(_))
            if digits_of(text).is_some() =>
        {
            serde_json::to_value(known).unwrap_or_default()
        }
        (Value::String(_), FieldValue::Number(digits)) => digits.as_str().into(),
        (Value::String(_), FieldValue::Decimal(number)) => decimal_text(*number).as_str().into(),
        (Value::String(_), FieldValue::Integer(number)) => number.to_string().into(),
        (Value::String(_), FieldValue::Text(text)) => {
            reformat_time(text, &Shape::of(documented), zone).map_or_else(|| text.as_str().into(), Value::from)
        }
        (Value::Number(_), FieldValue::Text(text)) => {
            serde_json::from_str(text).ok().filter(Value::is_number).unwrap_or_else(|| text.as_str().into())
        }
        (Value::Bool(_), FieldValue::Text(text)) if matches!(text.as_str(), "true" | "false" | "0" | "1") => {
            (known.is_true() || text == "1").into()
        }
        (Value::Bool(_) | Value::Object(_), FieldValue::Text(_)) => documented.clone(),
        (Value::String(_), FieldValue::Bool(truth)) => truth.to_string().into(),
        (Value::Array(_), FieldValue::Null) => Value::Array(Vec::new()),
        (Value::Array(elements), FieldValue::Text(text)) if !elements.iter().any(Value::is_object) => {
            text.split(',').map(|part| Value::from(part.trim())).collect()
        }
        (Value::Array(elements), FieldValue::List(list)) => match elements.first() {
            Some(element) => list.iter().map(|known| render_example(element, known, zone)).collect(),
            None => serde_json::to_value(known).unwrap_or_default(),
        },
        // An object of free names shares none with the documented one and is shown as it was sent.
        (Value::Object(documented), FieldValue::Object(fields))
            if fields.iter().any(|(name, _)| documented.contains_key(name)) =>
        {
            let shown = documented.iter().map(|(name, value)| {
                let known = fields.get(name).unwrap_or(&FieldValue::Null);
                (name.clone(), render_example(value, known, zone))
            });
            Value::Object(shown.collect())
        }
        _ => serde_json::to_value(known).unwrap_or_default(),
    }
}
