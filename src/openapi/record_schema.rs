//! The fields of a kind of record as a JSON Schema.

use serde_json::{Map, Value, json};

use super::{Contract, DocumentedFields, FieldType, Resource};

/// The annotation of a field that has the id of a record: the kind of that record.
const REFERENCE: &str = "x-standin-kind";

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The JSON Schema of a kind of record (draft 2020-12): of the fields in the resources file, else of the record in
/// the responses that the contracts document. `None` if neither has any.
pub fn record_schema(contract: &Contract, kind: &str) -> Option<Value> {
    let described = contract.resources.get(kind).filter(|resource| !resource.fields.is_empty());
    let mut schema = match described {
        Some(resource) => of_resource(resource),
        None => of_documents(&DocumentedFields::of(contract, kind)?),
    };
    schema["$schema"] = DIALECT.into();
    schema["title"] = kind.into();
    Some(schema)
}

fn of_resource(resource: &Resource) -> Value {
    let properties: Map<String, Value> = resource
        .fields
        .iter()
        .map(|field| {
            let mut property = of_type(&field.kind);
            if !field.default.is_null() {
                property["default"] = json!(field.default);
            }
            (field.name.clone(), property)
        })
        .collect();
    let required: Vec<&str> =
        resource.fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect();
    json!({"type": "object", "properties": properties, "required": required})
}

fn of_type(kind: &FieldType) -> Value {
    match kind {
        FieldType::Text => json!({"type": "string"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Decimal => json!({"type": "number"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Time => json!({"type": "string", "format": "date-time"}),
        FieldType::Any => json!({}),
        FieldType::Ref(kind) => {
            json!({"type": "string", "description": format!("The id of a {kind}."), (REFERENCE): kind.as_str()})
        }
        FieldType::List(items) => json!({"type": "array", "items": of_type(items)}),
        FieldType::Object(fields) => {
            let properties: Map<String, Value> =
                fields.iter().map(|(name, kind)| (name.clone(), of_type(kind))).collect();
            json!({"type": "object", "properties": properties})
        }
    }
}

/// The schema of the first response that shows the record, with the components that it refers to.
fn of_documents(documented: &DocumentedFields) -> Value {
    let (mut schema, referenced) = documented.record().modern();
    if !referenced.is_empty() {
        schema["components"] = json!({});
    }
    for (pointer, component) in referenced {
        let mut steps = pointer.rsplitn(2, '/');
        let (name, section) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
        let section = section.rsplit('/').next().unwrap_or_default();
        schema["components"][section][name.replace("~1", "/").replace("~0", "~")] = component;
    }
    schema
}
