//! The `Location` of a new record.

use http::{HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::model::Record;
use crate::openapi::template::parameter_names;
use crate::openapi::{HeaderSpec, Operation};
use crate::request::Context;

/// What is escaped in a segment of a path: all but the unreserved characters (RFC 3986, section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URL of the record that the request has created, under the prefix of the request. `None` if it has created none, or
/// no operation has the path of one record. `header` is the documented header, if there is one.
pub(super) fn of_created_record(ctx: &Context<'_>, header: Option<&HeaderSpec>) -> Option<HeaderValue> {
    let record = ctx.created.as_deref()?;
    let path = below_collection(ctx, record).or_else(|| elsewhere(ctx, record))?;
    let origin = ctx.request.origin().filter(|_| header.is_some_and(is_absolute)).unwrap_or_default();
    HeaderValue::from_str(&format!("{origin}{}{path}", ctx.request.prefix())).ok()
}

/// The path of the record below the path that was requested: `/v1/pets/7` for `POST /v1/pets`.
fn below_collection(ctx: &Context<'_>, record: &Record) -> Option<String> {
    let collection = ctx.operation.path.trim_end_matches('/');
    let items = ctx.operations_below().filter_map(|operation| {
        let below = operation.path.strip_prefix(collection)?.strip_prefix('/')?;
        (parameter_names(below).count() == 1).then_some((below, &operation.method))
    });
    // Reading a record says more about its path than changing it.
    let (segment, _) = items.min_by_key(|(_, method)| **method != Method::GET)?;
    let requested = joined(&ctx.request.path);
    filled(segment, |_| Some(record.id.to_string())).map(|segment| format!("{requested}/{segment}"))
}

/// The path of the record elsewhere in the contract: `/v1/orders/7` for `POST /v1/customers/1/orders`.
fn elsewhere(ctx: &Context<'_>, record: &Record) -> Option<String> {
    let is_item = |operation: &&Operation| {
        let segment = operation.path.rsplit('/').next().unwrap_or_default();
        parameter_names(segment).next().is_some()
    };
    let of_kind = ctx.operations_of(&record.kind).map(|(_, operation)| operation);
    let mut items: Vec<&Operation> = of_kind.filter(is_item).collect();
    items.sort_by_key(|operation| operation.method != Method::GET);
    let gateway = ctx.request.path.strip_suffix(ctx.local_path).unwrap_or_default();
    items.into_iter().find_map(|item| {
        let id = item.role.item.and_then(|index| parameter_names(&item.path).nth(index))?;
        let value = |name: &str| if name == id { Some(record.id.to_string()) } else { parameter(ctx, record, name) };
        filled(&item.path, value).map(|path| joined(&format!("{gateway}{path}")))
    })
}

/// The value of a path parameter of the request, or of the record's field of that name.
fn parameter(ctx: &Context<'_>, record: &Record, name: &str) -> Option<String> {
    let index = parameter_names(&ctx.operation.path).position(|known| known == name);
    let sent = index.and_then(|index| ctx.path.get(index)).map(ToString::to_string);
    sent.or_else(|| record.get(name).as_text().map(str::to_owned))
}

/// A path template with values in place of its parameters, if all have one.
fn filled(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut path = template.to_owned();
    for name in parameter_names(template) {
        let value = value(name).filter(|value| !value.is_empty())?;
        let value = utf8_percent_encode(&value, ESCAPED).to_string();
        path = path.replacen(&format!("{{{name}}}"), &value, 1);
    }
    Some(path)
}

/// A path without repeated slashes and without a slash at its end: `//host` would name another host.
fn joined(path: &str) -> String {
    path.split('/').filter(|segment| !segment.is_empty()).map(|segment| format!("/{segment}")).collect()
}

/// Whether the contract documents a whole URL.
fn is_absolute(header: &HeaderSpec) -> bool {
    let has_scheme = |example: &Value| example.as_str().is_some_and(|text| text.contains("://"));
    let format = header.schema.as_ref().and_then(|schema| schema.follow(schema.raw()).get("format"));
    header.sample().is_some_and(|example| has_scheme(&example)) || format.is_some_and(|format| format == "uri")
}
