//! JSON values without unused room.
//!
//! A map of `serde_json` that is filled member by member has room for three members when it has one, and for seven when it
//! has four; a contract consists of such small maps. A map that is made from a list of known length has room for its members
//! only.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Parses a JSON text.
///
/// # Errors
/// If the text is not valid JSON.
pub(super) fn parse_compact(text: &str) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Compact(&mut Pending::default()).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A copy of a value. A clone has unused room.
pub fn clone_compact(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), clone_compact(value))).collect())
        }
        Value::Array(list) => list.iter().map(clone_compact).collect(),
        other => other.clone(),
    }
}

/// The same value without unused room.
pub fn compact(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.into_iter().map(|(name, value)| (name, compact(value))).collect()),
        Value::Array(mut list) => {
            list.iter_mut().for_each(|value| *value = compact(value.take()));
            list.shrink_to_fit();
            Value::Array(list)
        }
        other => other,
    }
}

/// What was read of the lists and objects that are not complete. All share two lists, because one for each would be allocated
/// and freed for each.
#[derive(Default)]
struct Pending {
    elements: Vec<Value>,
    members: Vec<(String, Value)>,
}

struct Compact<'p>(&'p mut Pending);

impl<'de> DeserializeSeed<'de> for Compact<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Compact<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any valid JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let start = self.0.elements.len();
        while let Some(element) = access.next_element_seed(Compact(&mut *self.0))? {
            self.0.elements.push(element);
        }
        Ok(Value::Array(self.0.elements.drain(start..).collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let start = self.0.members.len();
        while let Some(name) = access.next_key()? {
            let value = access.next_value_seed(Compact(&mut *self.0))?;
            self.0.members.push((name, value));
        }
        Ok(Value::Object(self.0.members.drain(start..).collect::<Map<_, _>>()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{clone_compact, compact, parse_compact};

    #[test]
    fn values_are_those_of_serde_json_in_their_order() {
        let nested = format!("{}1{}", "[{\"a\":".repeat(60), "}]".repeat(60));
        let texts = [
            r#"{"b": 1, "a": [-2, 2.5, 1e400, "x\n", null, true], "b": {"c": {}, "d": []}}"#,
            r#" [[], [1, [2, [3]]], {"z": 1, "a": {"y": 2, "b": 3}}] "#,
            "18446744073709551615",
            "[1,]",
            "{} {}",
            "",
            &nested,
            &"[".repeat(200),
        ];
        for text in texts {
            let expected = serde_json::from_str::<Value>(text);
            let read = parse_compact(text);
            match expected {
                Ok(expected) => {
                    let read = read.expect(text);
                    assert_eq!(read.to_string(), expected.to_string());
                    assert_eq!(clone_compact(&read).to_string(), expected.to_string());
                    assert_eq!(compact(read).to_string(), expected.to_string());
                }
                Err(error) => assert_eq!(read.expect_err(text).to_string(), error.to_string()),
            }
        }
    }
}
