//! Links of a record to itself: a new record has those of the example with its own id, and links to the API lead to the
//! host that was called.

use http::header::HOST;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::body::scalar;
use crate::model::{FieldValue, Record};
use crate::openapi::template::{PathTemplate, parameter_names};
use crate::openapi::{Operation, Parent};
use crate::request::Context;

/// What is escaped in a segment of a path: all but the unreserved characters (RFC 3986, section 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How deep links are looked for.
const MAX_DEPTH: usize = 4;

/// Sets the links of a new record that are still those of the example.
pub(super) fn set_links(ctx: &Context<'_>, record: &mut Record, example: Option<&Value>, id_name: Option<&str>) {
    let Some(map) = example.and_then(Value::as_object).filter(|_| !ctx.resources.documented_behaviour_only) else {
        return;
    };
    let Some(example_id) = id_name.and_then(|name| map.get(name)).and_then(scalar) else { return };
    let links = OwnLinks { ctx, items: item_operations(ctx, &record.kind), example_id: &example_id, id: &record.id };
    let changed: Map<String, Value> =
        map.iter().filter_map(|(name, value)| Some((name.clone(), links.relinked(value, 0)?))).collect();
    for (name, value) in &changed {
        if map.get(name).is_some_and(|value| *record.get(name) == FieldValue::from(value)) {
            record.fields.set(name, value);
        }
    }
}

/// The operations on one record of a kind.
fn item_operations<'c>(ctx: &Context<'c>, kind: &str) -> Vec<(PathTemplate, &'c Operation)> {
    let is_item = |operation: &&Operation| {
        let last = operation.path.rsplit('/').next().unwrap_or_default();
        operation.role.item.is_some() && parameter_names(last).next().is_some()
    };
    let items = ctx.operations_of(kind).map(|(_, operation)| operation).filter(is_item);
    items.map(|operation| (PathTemplate::parse(&operation.path), operation)).collect()
}

struct OwnLinks<'l, 'c> {
    ctx: &'l Context<'c>,
    items: Vec<(PathTemplate, &'c Operation)>,
    example_id: &'l str,
    id: &'l str,
}

impl OwnLinks<'_, '_> {
    /// A value of the example with the links of the record; `None` if it has none.
    fn relinked(&self, value: &Value, depth: usize) -> Option<Value> {
        match value {
            Value::String(text) => self.link(text).map(Value::from),
            Value::Object(map) if depth < MAX_DEPTH => {
                let mut changed = map.clone();
                for (name, below) in map {
                    if let Some(link) = self.relinked(below, depth + 1) {
                        changed.insert(name.clone(), link);
                    }
                }
                (changed != *map).then_some(Value::Object(changed))
            }
            _ => None,
        }
    }

    fn link(&self, text: &str) -> Option<String> {
        let (origin, path) = split_origin(text)?;
        let end = path.find(['?', '#']).unwrap_or(path.len());
        let (path, rest) = path.split_at(end);
        let own = self.items.iter().find_map(|(template, operation)| self.filled(template, operation, path));
        match own {
            Some(path) => Some(format!("{}{path}{rest}", self.called_origin(origin))),
            None => Some(format!("{origin}{}{rest}", self.with_id(path)?)),
        }
    }

    /// The path of the record, if a path is that of the example.
    fn filled(&self, template: &PathTemplate, operation: &Operation, path: &str) -> Option<String> {
        let values = template.captures(path)?;
        let item = operation.role.item?;
        if values.get(item) != Some(&self.example_id) {
            return None;
        }
        let own = &self.ctx.operation.role.parents;
        let same = |parent: &Parent| own.iter().find(|known| known.field() == parent.field());
        let mut filled = operation.path.to_string();
        for (index, (name, value)) in parameter_names(&operation.path).zip(values).enumerate() {
            let parent = operation.role.parents.iter().find(|parent| parent.index == index);
            let sent = parent.and_then(same).and_then(|parent| self.ctx.path.get(parent.index));
            let value = match sent {
                _ if index == item => escaped(self.id),
                Some(sent) => escaped(sent),
                None => value.to_owned(),
            };
            filled = filled.replacen(&format!("{{{name}}}"), &value, 1);
        }
        Some(filled)
    }

    /// A path with the id of the record in place of that of the example, with or without an extension; `None` without it.
    fn with_id(&self, path: &str) -> Option<String> {
        let segment = |segment: &str| match segment.strip_prefix(self.example_id) {
            Some(end) if end.is_empty() || end.starts_with('.') => Some(format!("{}{end}", escaped(self.id))),
            _ => None,
        };
        path.split('/').find_map(segment)?;
        let segments = path.split('/').map(|part| segment(part).unwrap_or_else(|| part.to_owned()));
        Some(segments.collect::<Vec<_>>().join("/"))
    }

    /// The origin that the client has called, unless a link has none.
    fn called_origin(&self, origin: &str) -> String {
        let host = self.ctx.request.headers.get(HOST).and_then(|host| host.to_str().ok());
        host.filter(|_| !origin.is_empty()).map_or_else(|| origin.to_owned(), |host| format!("http://{host}"))
    }
}

fn escaped(value: &str) -> String {
    utf8_percent_encode(value, ESCAPED).to_string()
}

/// The origin of a URL and what follows; no origin for a path. `None` if a text is neither.
fn split_origin(text: &str) -> Option<(&str, &str)> {
    if text.starts_with('/') {
        return Some(("", text));
    }
    let scheme = ["http://", "https://"].into_iter().find(|scheme| text.starts_with(scheme))?;
    let start = text[scheme.len()..].find('/')? + scheme.len();
    Some(text.split_at(start))
}
