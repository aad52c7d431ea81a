//! Recognizes operations that the typed reader accepts: most operations of most contracts. The typed reader takes many
//! times as long, so that it only reads the others, and says what is wrong with them.

use serde_json::{Map, Value};

/// Whether the typed reader is certain to accept an operation, apart from its schemas and examples. `false` says nothing.
pub(super) fn is_well_formed(operation: &Value) -> bool {
    all(operation, |name, value| match name {
        "summary" | "description" | "operationId" => value.is_string(),
        "deprecated" => value.is_boolean(),
        "tags" => each(value, Value::is_string),
        "parameters" => each(value, is_parameter),
        "requestBody" => is_reference(value) || is_body(value),
        "responses" => all(value, |status, response| is_status(status) && is_response(response)),
        "security" => each(value, |scheme| all(scheme, |_, scopes| each(scopes, Value::is_string))),
        _ => name.starts_with("x-"),
    }) && operation.get("responses").is_some()
}

/// Whether the typed reader is certain to accept a parameter. `false` says nothing.
pub(super) fn is_parameter(value: &Value) -> bool {
    let text = |name: &str| member(value, name).and_then(Value::as_str);
    let is_named = text("name").is_some() && matches!(text("in"), Some("query" | "path" | "header" | "cookie"));
    is_reference(value)
        || is_named
            && member(value, "schema").is_some()
            && (text("in") != Some("path") || member(value, "required") == Some(&Value::Bool(true)))
            && all(value, |name, value| match name {
                "name" | "in" | "description" => value.is_string(),
                "required" | "deprecated" | "explode" => value.is_boolean(),
                _ => is_free(name),
            })
}

fn is_body(value: &Value) -> bool {
    member(value, "content").is_some()
        && all(value, |name, value| match name {
            "description" => value.is_string(),
            "required" => value.is_boolean(),
            "content" => is_content(value),
            _ => false,
        })
}

fn is_response(value: &Value) -> bool {
    is_reference(value)
        || member(value, "description").is_some()
            && all(value, |name, value| match name {
                "description" => value.is_string(),
                "content" => is_content(value),
                "headers" => all(value, |name, header| !is_free(name) && is_header(header)),
                _ => false,
            })
}

fn is_header(value: &Value) -> bool {
    is_reference(value)
        || member(value, "schema").is_some()
            && all(value, |name, value| match name {
                "description" => value.is_string(),
                "required" => value.is_boolean(),
                _ => is_free(name),
            })
}

fn is_content(value: &Value) -> bool {
    all(value, |kind, media| !is_free(kind) && all(media, |name, _| is_free(name)))
}

/// Whether the value of a key is not checked by the typed reader.
fn is_free(name: &str) -> bool {
    matches!(name, "schema" | "example" | "examples")
}

fn is_status(text: &str) -> bool {
    text == "default" || matches!(text.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'])
}

/// Whether a value is a reference and nothing else.
fn is_reference(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1) && member(value, "$ref").is_some_and(Value::is_string)
}

/// The member of a name. Objects of contracts have few: comparing all is faster than hashing one.
fn member<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// Whether a value is an object whose members are all right.
fn all(value: &Value, is_right: impl Fn(&str, &Value) -> bool) -> bool {
    let are_right = |map: &Map<String, Value>| map.iter().all(|(name, value)| is_right(name, value));
    value.as_object().is_some_and(are_right)
}

fn each(value: &Value, is_right: impl Fn(&Value) -> bool) -> bool {
    value.as_array().is_some_and(|list| list.iter().all(is_right))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::is_well_formed;
    use crate::openapi::escape_pointer;
    use crate::openapi::operation::read::typed_error;

    /// What each value of a document is replaced by, one at a time.
    fn replacements() -> Vec<Value> {
        vec![Value::Null, json!(true), json!(7), json!("text"), json!([]), json!({}), json!(["text"]), json!([{}])]
    }

    fn operation() -> Value {
        json!({
            "summary": "s", "description": "d", "operationId": "o", "deprecated": false, "tags": ["t"], "x-own": {"a": 1},
            "security": [{"key": []}, {"login": ["read"]}],
            "parameters": [
                {"$ref": "#/components/parameters/page"},
                {"name": "id", "in": "path", "required": true, "description": "d", "schema": {"type": "string"}},
                {"name": "q", "in": "query", "explode": false, "deprecated": true, "schema": {}, "example": 1},
                {"name": "h", "in": "header", "schema": {}, "examples": {"a": {"value": 1}}},
                {"name": "c", "in": "cookie", "schema": true},
            ],
            "requestBody": {"description": "d", "required": true, "content": {"application/json": {"schema": {}, "example": 1}}},
            "responses": {
                "200": {"description": "d", "headers": {"X-Count": {"description": "d", "required": true, "schema": {}},
                    "X-Shared": {"$ref": "#/components/headers/x"}}, "content": {"application/json": {"schema": {}}}},
                "404": {"$ref": "#/components/responses/none"},
                "default": {"description": "d"},
            },
        })
    }

    /// All JSON pointers of a value.
    fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
        found.push(at.to_owned());
        match value {
            Value::Object(map) => map.iter().for_each(|(name, value)| {
                pointers(value, &format!("{at}/{}", escape_pointer(name)), found);
            }),
            Value::Array(list) => {
                list.iter().enumerate().for_each(|(index, value)| pointers(value, &format!("{at}/{index}"), found));
            }
            _ => {}
        }
    }

    #[test]
    fn a_usual_operation_is_well_formed_and_accepted_by_the_typed_reader() {
        assert!(is_well_formed(&operation()));
        assert_eq!(typed_error(&operation()), None);
    }

    #[test]
    fn the_typed_reader_accepts_every_changed_operation_that_is_well_formed() {
        let mut all = Vec::new();
        pointers(&operation(), "", &mut all);
        let (mut accepted, mut others) = (0, 0);
        for pointer in &all {
            let mut changed: Vec<Value> = Vec::new();
            for value in replacements() {
                let mut other = operation();
                *other.pointer_mut(pointer).expect("a value") = value;
                changed.push(other);
            }
            // Without each member, and with one more.
            let mut other = operation();
            if let Some((parent, name)) = pointer.rsplit_once('/')
                && let Some(Value::Object(map)) = other.pointer_mut(parent)
            {
                map.remove(&name.replace("~1", "/"));
                changed.push(other);
            }
            for name in ["other", "x-other", "content", "style", "$ref", "callbacks", "servers", "links", "encoding"] {
                for value in replacements() {
                    let mut other = operation();
                    if let Some(Value::Object(map)) = other.pointer_mut(pointer) {
                        map.insert(name.to_owned(), value);
                        changed.push(other);
                    }
                }
            }
            for operation in changed {
                match is_well_formed(&operation) {
                    true => {
                        accepted += 1;
                        assert_eq!(typed_error(&operation), None, "{operation}");
                    }
                    false => others += 1,
                }
            }
        }
        assert!(accepted > 100 && others > 100, "{accepted} and {others}");
    }
}
