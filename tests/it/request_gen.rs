//! Calls that a contract makes plausible: paths, queries and bodies for any operation.

use serde_json::{Value, json};

use standin::openapi::generate::{generate, repair};
use standin::openapi::random::stream;
use standin::openapi::{Operation, ParameterLocation};

use crate::vocabulary::{BUSINESS, CLIENT, CLIENT_PACKAGE, MATTER, Mock, PACKAGE, SERVICE, Seen, has_handler};

const TAX: &str = "z6la8mcp3rfn5ubi";
const PAYMENT_REQUEST: &str = "q1hv7ot3xgd9wenk";
/// That of the coupon in the contract's examples.
const COUPON_CODE: &str = "HARVEST15";

/// The records of the scenario that single operations speak of; everything else is asked for under ids of its own.
const KNOWN: [(&str, &str); 8] = [
    ("client_id", CLIENT),
    ("client_uid", CLIENT),
    ("package_id", PACKAGE),
    ("service_uid", SERVICE),
    ("product_uid", "e9kj4xw0tvy2hqsd"),
    ("tax_uid", TAX),
    ("payment_request_uid", PAYMENT_REQUEST),
    ("business_id", BUSINESS),
];

/// The target of a plausible call: the path and the required query, made from the contract.
pub(crate) fn target(operation: &Operation) -> String {
    let mut path = operation.path.to_string();
    for (name, id) in KNOWN {
        path = path.replace(&format!("{{{name}}}"), id);
    }
    path = path.replace("{uid}", if path.contains("matters") { MATTER } else { CLIENT_PACKAGE });
    while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
        path.replace_range(start..=end, "m4de0up1d2345678");
    }
    let mut query = vec![format!("business_id={BUSINESS}")];
    for parameter in &operation.parameters {
        if parameter.required && parameter.location == ParameterLocation::Query && parameter.name != "business_id" {
            let value = generate(&parameter.schema, &mut stream(1, &parameter.name));
            let value = match parameter.name.as_str() {
                "coupon_code" => COUPON_CODE.to_owned(),
                _ => value.as_str().map_or_else(|| value.to_string(), str::to_owned).replace(' ', "+"),
            };
            query.push(format!("{}={value}", parameter.name));
        }
    }
    format!("{path}?{}", query.join("&"))
}

/// A plausible body: what is documented as an example, else made from the schema.
pub(crate) fn body(operation: &Operation) -> Value {
    let Some(body) = &operation.body else { return Value::Null };
    let random = &mut stream(1, &operation.key);
    let mut made = match &body.example {
        Some(example) => repair(&body.schema, example.clone(), random),
        None => generate(&body.schema, random),
    };
    if has_handler(operation) {
        // What is not required may speak of records that nobody made.
        let schema = body.schema.raw();
        let required = [&schema["required"], &schema["else"]["required"]].map(|list| list.as_array().cloned());
        let required = required.into_iter().flatten().flatten().collect::<Vec<_>>();
        made.as_object_mut().expect("an object").retain(|name, _| required.iter().any(|known| known == name));
    }
    let known = [
        ("/items/0/services/0/id", json!(SERVICE)),
        ("/client_id", json!(CLIENT)),
        ("/package_id", json!(PACKAGE)),
        ("/product/tax_ids", json!([TAX])),
        ("/channel", json!("email")),
        ("/entity_type", json!("payment_status")),
        ("/entity_id", json!(PAYMENT_REQUEST)),
    ];
    for (pointer, known) in known {
        let field_path: Vec<&str> = pointer.split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).collect();
        let part = body.schema.part(&field_path);
        let is_free = part.is_none_or(|part| part.raw().get("enum").is_none() && part.kind() != Some("object"));
        if let Some(value) = made.pointer_mut(pointer).filter(|_| is_free) {
            *value = known;
        }
    }
    // No contract says so, but each of several taxes is named by its id.
    if let Some(first) = made.pointer_mut("/data/0").filter(|_| operation.method == http::Method::PUT) {
        first["id"] = json!(TAX);
    }
    for pointer in ["/package", "/client_package"] {
        if let Some(change) = made.pointer_mut(pointer) {
            *change = json!({});
        }
    }
    made
}

impl Mock {
    /// A plausible call of an operation by staff.
    pub(crate) fn plausible(&self, operation: &Operation) -> Seen {
        self.staff(operation.method.as_str(), &target(operation), body(operation))
    }
}
