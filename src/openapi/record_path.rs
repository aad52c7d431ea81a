//! Finds the record, or the list of records, inside the envelope of a documented response.

use serde_json::{Map, Value};

use super::names::{PLAIN_IDS, is_id, is_plain_id, singular, snake};

/// The path to the record, or to the list of records, in a documented response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPath {
    /// Field names from the root of the body.
    pub field_path: Vec<String>,
    /// Whether the path leads to a list of records.
    pub is_list: bool,
    /// The member of each element of the list that is the record: `node` in `{"edges": [{"cursor": "a", "node": {…}}]}`.
    pub element: Option<String>,
}

/// Names of envelopes around records of any kind.
const ENVELOPES: [&str; 11] =
    ["data", "results", "result", "items", "records", "entries", "response", "content", "values", "edges", "nodes"];

/// Names of envelope members that are not records.
const METADATA: [&str; 9] = ["meta", "metadata", "links", "_links", "pagination", "paging", "page", "errors", "error"];

impl RecordPath {
    /// Finds the record path. `names` are the possible names of the record, in the singular or plural.
    pub fn find(sample: &Value, names: &[&str]) -> Option<Self> {
        let names = plain_names(names);
        let (mut field_path, mut value) = (Vec::new(), sample);
        loop {
            match value {
                Value::Array(list) => {
                    return list.first().is_some_and(Value::is_object).then(|| Self::list(field_path, value, &names));
                }
                Value::Object(map) => match inside(map, &names) {
                    Some((name, below)) => {
                        field_path.push(name.clone());
                        value = below;
                    }
                    None => return (!map.is_empty()).then_some(Self { field_path, is_list: false, element: None }),
                },
                _ => return None,
            }
        }
    }

    /// Finds the list of records in the response of a list. Its envelope may have any number of other members.
    pub fn find_list(sample: &Value, names: &[&str]) -> Option<Self> {
        if let Some(path) = Self::find(sample, names).filter(|path| path.is_list) {
            return Some(path);
        }
        if let Value::Array(list) = sample {
            return list.is_empty().then(|| Self { field_path: Vec::new(), is_list: true, element: None });
        }
        let names = plain_names(names);
        let mut level = vec![(Vec::new(), sample)];
        for _ in 0..MAX_DEPTH {
            let lists = || level.iter().filter(|(_, value)| value.is_array());
            let is_called = |path: &[String]| path.last().is_some_and(|name| names.contains(&plain(name)));
            let is_envelope = |path: &[String]| path.last().is_some_and(|name| ENVELOPES.contains(&name.as_str()));
            let has_objects = |value: &Value| value.get(0).is_some_and(Value::is_object);
            let found = lists()
                .find(|(path, _)| is_called(path))
                .or_else(|| lists().find(|(path, _)| is_envelope(path)))
                .or_else(|| lists().find(|(_, value)| has_objects(value)));
            let mut empty = lists().filter(|(_, value)| value.as_array().is_some_and(Vec::is_empty));
            let found = found.or_else(|| empty.next().filter(|_| empty.next().is_none()));
            if let Some((field_path, list)) = found {
                return Some(Self::list(field_path.clone(), list, &names));
            }
            let below = level.iter().flat_map(|(path, value)| {
                let members = value.as_object().into_iter().flatten();
                let records = members.filter(|(name, _)| !METADATA.contains(&name.as_str()));
                records.map(|(name, value)| ([path.as_slice(), std::slice::from_ref(name)].concat(), value))
            });
            level = below.collect();
        }
        // Nothing else can be the list: links are what is listed.
        let mut members = sample.as_object()?.iter();
        let (name, list) = members.find(|(_, value)| value.get(0).is_some_and(Value::is_object))?;
        Some(Self::list(vec![name.clone()], list, &names))
    }

    /// The path to a list.
    fn list(field_path: Vec<String>, list: &Value, names: &[String]) -> Self {
        let is_wrapper =
            |element: &&Map<String, Value>| element.iter().all(|(name, value)| name == "cursor" || value.is_object());
        let element = list.get(0).and_then(Value::as_object).filter(is_wrapper);
        let called = |name: &&String| name.as_str() == "node" || names.contains(&plain(name));
        let wrapped =
            element.and_then(|element| element.keys().find(|name| called(name) && element[*name].is_object()));
        Self { field_path, is_list: true, element: wrapped.cloned() }
    }

    /// The field names that lead to the schema of a record.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.field_path.iter().chain(&self.element).map(String::as_str)
    }

    /// The record in an element of the list.
    pub fn unwrapped<'v>(&self, element: &'v Value) -> &'v Value {
        self.element.as_ref().and_then(|name| element.get(name)).unwrap_or(element)
    }

    /// An element of the list with a record in it, in the form of a documented list. A cursor is the id of the record.
    pub fn wrapped(&self, sample: &Value, record: Value, id: &str) -> Value {
        let list = self.field_path.iter().try_fold(sample, |value, name| value.get(name));
        let element = list.and_then(|list| list.get(0)?.as_object());
        let (Some(name), Some(element)) = (&self.element, element) else { return record };
        let mut element = element.clone();
        if let Some(cursor) = element.get_mut("cursor") {
            *cursor = id.into();
        }
        element.insert(name.clone(), record);
        Value::Object(element)
    }

    /// The documented record; the first one of a list.
    pub fn of<'v>(&self, sample: &'v Value) -> &'v Value {
        let found = self.field_path.iter().try_fold(sample, |value, name| value.get(name)).unwrap_or(&Value::Null);
        if self.is_list { self.unwrapped(found.get(0).unwrap_or(&Value::Null)) } else { found }
    }

    /// The record, or the list of records, in a response body.
    pub fn location<'v>(&self, body: &'v mut Value) -> Option<&'v mut Value> {
        self.field_path.iter().try_fold(body, |value, name| value.get_mut(name))
    }
}

/// How deep the list of a response may be.
const MAX_DEPTH: usize = 4;

/// Names in the singular and in the plural, to compare with [`plain`].
fn plain_names(names: &[&str]) -> Vec<String> {
    let both = |name: &&str| [plain(name), plain(&singular(&snake(name)))];
    names.iter().flat_map(both).filter(|name| !name.is_empty()).collect()
}

/// The member of an object that holds the record, unless the object is the record itself.
fn inside<'m>(map: &'m Map<String, Value>, names: &[String]) -> Option<(&'m String, &'m Value)> {
    let is_own_id = |name: &str| {
        let called = || names.iter().any(|known| [format!("{known}id"), format!("{known}uid")].contains(&plain(name)));
        is_plain_id(name) || called()
    };
    let is_own = |(name, value): (&String, &Value)| is_scalar(value) && is_own_id(name);
    if map.iter().any(is_own) && listed_inside(map, names).is_none() {
        return None;
    }
    // A record may have its name in its metadata, and `data` beside it.
    let metadata = map.get("metadata").and_then(Value::as_object);
    if metadata.is_some_and(|metadata| ["name", "uid"].iter().all(|name| metadata.contains_key(*name))) {
        return None;
    }
    let mut parts = map.iter().filter(|(_, value)| may_hold(value));
    let called = parts.clone().find(|(name, _)| names.contains(&plain(name)));
    let envelope = || parts.clone().find(|(name, _)| ENVELOPES.contains(&name.as_str()));
    let found = called.or_else(envelope);
    if found.is_some() {
        return found;
    }
    // An object with creation or update times is a record.
    if map.keys().any(|name| matches!(snake(name).as_str(), "created_at" | "updated_at")) {
        return None;
    }
    // A text that identifies a record stands in the record itself.
    if map.iter().any(|(name, value)| value.is_string() && matches!(name.as_str(), "code" | "key" | "name" | "slug")) {
        return None;
    }
    // The only candidate, if it has few scalars beside it: a record itself has many fields.
    let scalars = map.values().filter(|value| is_scalar(value) || value.is_boolean() || value.is_null()).count();
    let only = parts.find(|(name, _)| !METADATA.contains(&name.as_str()))?;
    let is_only = !parts.any(|(name, _)| !METADATA.contains(&name.as_str()));
    let most_scalars = if only.1.is_array() { 5 } else { 2 };
    (is_only && scalars <= most_scalars).then_some(only)
}

/// The list of records in an object that has an id of its own, such as that of the request: the list has the name of the
/// records, which have other fields than the object.
fn listed_inside<'m>(map: &'m Map<String, Value>, names: &[String]) -> Option<(&'m String, &'m Value)> {
    map.iter().find(|(name, value)| {
        let record = value.get(0).and_then(Value::as_object);
        let shared = |record: &Map<String, Value>| map.keys().filter(|name| record.contains_key(*name)).count();
        name.ends_with('s')
            && names.contains(&plain(name))
            && record.is_some_and(|record| shared(record) * 2 < map.len())
    })
}

fn may_hold(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.first().is_some_and(Value::is_object),
        value => value.is_object(),
    }
}

fn is_scalar(value: &Value) -> bool {
    value.is_string() || value.is_number()
}

/// A name without case and separators: the same for `staffWidgetsBoards` and `staff_widgets_boards`.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase()
}

/// Name of the id field of a documented record, inferred from the path parameter and the kind of the record.
pub fn id_name<'r>(record: &'r Value, parameter: &str, resource: &str) -> Option<&'r str> {
    let map = record.as_object()?;
    let named = |wanted: &str| {
        map.iter().find(|(name, value)| snake(name) == wanted && is_scalar(value)).map(|(name, _)| name.as_str())
    };
    let parameter = snake(parameter);
    let own = [format!("{resource}_uid"), format!("{resource}_id")];
    // `{issue_number}` is called `number` in an issue, `{customer}` is the `id` of a customer.
    let tail = parameter.strip_prefix(resource).map(|tail| tail.trim_start_matches('_')).unwrap_or_default();
    let is_reference = is_id(&parameter) && !own.contains(&parameter) && !matches!(parameter.as_str(), "id" | "uid");
    let exact = || (!parameter.is_empty() && !is_reference).then(|| named(&parameter)).flatten();
    let tailed = || (!tail.is_empty()).then(|| named(tail)).flatten();
    let plain = || PLAIN_IDS.iter().find_map(|name| named(name));
    let called = || own.iter().find_map(|name| named(name));
    // A parameter may be named after the record and still be what it calls `id`.
    let reference = || (!parameter.is_empty()).then(|| named(&parameter)).flatten();
    let other = || ["key", "code", "slug", "number", "identifier", "name"].iter().find_map(|name| named(name));
    tailed().or_else(exact).or_else(plain).or_else(called).or_else(reference).or_else(other)
}
