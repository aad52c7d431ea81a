//! Visits every text of a JSON value with what its place says about it.

use serde_json::{Map, Value};

use super::{Place, Sensitive, flat_name, is_person, kind_of};

/// Gets the name of a text, what the name says that it is, and the text, which it may change. A number is a text too, and so is
/// the name of a field, without a kind.
type Visit<'v> = dyn FnMut(&str, Option<Sensitive>, &mut String) + 'v;

/// Visits a value at a place. Changed numbers stay numbers if they can.
pub fn visit_value(place: Place<'_>, value: &mut Value, visit: &mut Visit<'_>) {
    match value {
        Value::Object(map) => visit_object(place, map, visit),
        Value::Array(list) => list.iter_mut().for_each(|value| visit_value(place, value, visit)),
        Value::String(text) => visit(place.name, kind_of(place, text), text),
        Value::Number(number) => {
            let before = number.to_string();
            let mut text = before.clone();
            visit(place.name, kind_of(place, &before), &mut text);
            if text != before {
                *value = text.parse().map_or_else(|_| Value::from(text), Value::Number);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn visit_object(place: Place<'_>, map: &mut Map<String, Value>, visit: &mut Visit<'_>) {
    let parent = if place.name.is_empty() { place.parent } else { place.name };
    let in_person = is_person(parent) || describes_person(map);
    // `{"Name": "email", "Value": "…"}` is a field and its value.
    let is_label = |name: &str| matches!(flat_name(name).as_str(), "name" | "key" | "field" | "attribute" | "label");
    let named = map.iter().find(|(name, _)| is_label(name)).and_then(|(_, value)| value.as_str().map(str::to_owned));
    let pair = named.filter(|_| map.keys().any(|name| flat_name(name) == "value"));
    let is_only = map.len() == 1;
    for (mut name, mut value) in std::mem::take(map) {
        let own = pair.as_deref().filter(|_| flat_name(&name) == "value").unwrap_or(&name);
        if pair.is_none() || !is_label(&name) {
            let own = place_in(place, Place { name: own, parent, in_person }, is_only, &value);
            visit_value(own, &mut value, visit);
        }
        let key = name.clone();
        visit(&key, None, &mut name);
        map.insert(name, value);
    }
}

/// The place of a value in an object. The only value of an object is what the object's name says: `{"S": "1815-12-10"}`.
fn place_in<'p>(holder: Place<'p>, own: Place<'p>, is_only: bool, value: &Value) -> Place<'p> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return own,
    };
    if is_only && kind_of(own, &text).is_none() { holder } else { own }
}

/// Whether an object has a field that only persons have.
fn describes_person(map: &Map<String, Value>) -> bool {
    let is_personal = |(name, value): (&String, &Value)| {
        let kind = value.as_str().and_then(|text| kind_of(Place { name, ..Place::default() }, text));
        matches!(
            kind,
            Some(
                Sensitive::Email
                    | Sensitive::Phone
                    | Sensitive::BirthDate
                    | Sensitive::GivenName
                    | Sensitive::FamilyName
            )
        )
    };
    map.iter().any(is_personal)
}
