use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Map, Value, json};

use super::control::{Control, ControlRequest};
use crate::openapi::template::parameter_names;

/// The tools: a name, and the route of the control API that it is. Summary and parameters come from the OpenAPI document.
const TOOLS: &[(&str, &str, &str)] = &[
    ("info", "GET", "/info"),
    ("operations", "GET", "/operations"),
    ("sample", "GET", "/sessions/{session}/sample"),
    ("tokens", "GET", "/sessions/{session}/tokens"),
    ("send", "POST", "/sessions/{session}/send"),
    ("requests", "GET", "/sessions/{session}/requests"),
    ("why", "GET", "/sessions/{session}/requests/{seq}"),
    ("verify", "POST", "/sessions/{session}/requests/verify"),
    ("source", "GET", "/source"),
    ("kinds", "GET", "/sessions/{session}/records"),
    ("records", "GET", "/sessions/{session}/records/{kind}"),
    ("record", "GET", "/sessions/{session}/records/{kind}/{id}"),
    ("create_record", "POST", "/sessions/{session}/records/{kind}"),
    ("replace_record", "PUT", "/sessions/{session}/records/{kind}/{id}"),
    ("delete_record", "DELETE", "/sessions/{session}/records/{kind}/{id}"),
    ("schema", "GET", "/schemas/{kind}"),
    ("faults", "GET", "/sessions/{session}/faults"),
    ("add_fault", "POST", "/sessions/{session}/faults"),
    ("remove_fault", "DELETE", "/sessions/{session}/faults/{fault}"),
    ("remove_faults", "DELETE", "/sessions/{session}/faults"),
    ("clock", "GET", "/sessions/{session}/clock"),
    ("set_clock", "PUT", "/sessions/{session}/clock"),
    ("quirks", "GET", "/sessions/{session}/quirks"),
    ("switch_quirks", "PUT", "/sessions/{session}/quirks"),
    ("sessions", "GET", "/sessions"),
    ("create_session", "POST", "/sessions"),
    ("reset_session", "POST", "/sessions/{session}/reset"),
    ("delete_session", "DELETE", "/sessions/{session}"),
    ("scenarios", "GET", "/scenarios"),
    ("run_scenario", "POST", "/sessions/{session}/replay"),
];

/// The session of tools that name none.
const DEFAULT_SESSION: &str = "default";
/// The parameter for a body whose schema declares no properties.
const RECORD: &str = "record";
/// What each JSON pointer into the schemas of the document begins with.
const SCHEMAS: &str = "#/components/schemas/";

/// The tools of one control API.
pub(super) struct Tools(Vec<ControlTool>);

/// A route of the control API as a tool.
pub(super) struct ControlTool {
    name: &'static str,
    method: Method,
    path: &'static str,
    summary: String,
    /// The names of the query parameters.
    query: Vec<String>,
    body: Body,
    schema: JsonObject,
}

/// How the body of a request is made from the parameters of the tool.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    None,
    /// An object of those parameters that are neither in the path nor in the query.
    Object,
    /// The value of one parameter.
    Record,
}

impl Tools {
    /// The tools whose routes the control API has.
    ///
    /// # Errors
    /// A sentence, if the control API does not describe itself.
    pub(super) fn of(control: &Control) -> Result<Self, String> {
        let document = control.document()?;
        let tools = TOOLS.iter().filter_map(|(name, method, path)| {
            let operation = document["paths"].get(path)?.get(method.to_ascii_lowercase())?;
            Some(ControlTool::new(name, method.parse().ok()?, path, operation, &document))
        });
        Ok(Self(tools.collect()))
    }

    /// The tools, as the protocol lists them.
    pub(super) fn list(&self) -> Vec<Tool> {
        let describe = |tool: &ControlTool| {
            let annotations = ToolAnnotations::new()
                .read_only(tool.method == Method::GET)
                .destructive(tool.method == Method::DELETE)
                .open_world(false);
            Tool::new(tool.name, tool.summary.clone(), tool.schema.clone()).with_annotations(annotations)
        };
        self.0.iter().map(describe).collect()
    }

    /// The tool of that name.
    pub(super) fn find(&self, name: &str) -> Option<&ControlTool> {
        self.0.iter().find(|tool| tool.name == name)
    }
}

impl ControlTool {
    fn new(name: &'static str, method: Method, path: &'static str, operation: &Value, document: &Value) -> Self {
        let mut properties = Map::new();
        let mut required: Vec<String> = Vec::new();
        let mut query = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let Some(parameter_name) = parameter["name"].as_str() else { continue };
            let mut schema = inline(&parameter["schema"], document);
            match parameter["in"].as_str() {
                Some("query") => query.push(parameter_name.to_owned()),
                _ if parameter_name == "session" => schema["default"] = DEFAULT_SESSION.into(),
                _ => required.push(parameter_name.to_owned()),
            }
            properties.insert(parameter_name.to_owned(), schema);
        }
        let content = operation.pointer("/requestBody/content/application~1json/schema");
        let content = content.map(|schema| inline(schema, document));
        let body = match content {
            None => Body::None,
            Some(mut schema) => match schema["properties"].take() {
                Value::Object(fields) => {
                    let names = schema["required"].as_array().into_iter().flatten();
                    required.extend(names.filter_map(|name| name.as_str().map(str::to_owned)));
                    properties.extend(fields);
                    Body::Object
                }
                _ => {
                    required.push(RECORD.to_owned());
                    properties.insert(RECORD.to_owned(), json!({"type": "object"}));
                    Body::Record
                }
            },
        };
        let mut schema = Map::new();
        schema.insert("type".to_owned(), "object".into());
        schema.insert("properties".to_owned(), properties.into());
        schema.insert("required".to_owned(), required.into());
        schema.insert("additionalProperties".to_owned(), false.into());
        let summary = operation["summary"].as_str().unwrap_or(name).to_owned();
        Self { name, method, path, summary, query, body, schema }
    }

    /// The request to the control API that a call of this tool is.
    ///
    /// # Errors
    /// A sentence about a parameter that is missing or unknown.
    pub(super) fn request(&self, mut arguments: JsonObject) -> Result<ControlRequest, String> {
        self.check_names(&arguments)?;
        let mut target = self.path.to_owned();
        for name in parameter_names(self.path) {
            let value = match arguments.remove(name) {
                Some(value) => text(&value),
                None if name == "session" => DEFAULT_SESSION.to_owned(),
                None => return Err(format!("the tool `{}` needs the parameter `{name}`", self.name)),
            };
            let encoded = utf8_percent_encode(&value, NON_ALPHANUMERIC).to_string();
            target = target.replace(&format!("{{{name}}}"), &encoded);
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in &self.query {
            if let Some(value) = arguments.remove(name) {
                query.append_pair(name, &text(&value));
            }
        }
        let query = query.finish();
        if !query.is_empty() {
            target = format!("{target}?{query}");
        }
        let body = match self.body {
            Body::None => None,
            Body::Object => Some(Value::Object(arguments)),
            Body::Record => {
                Some(arguments.remove(RECORD).ok_or_else(|| format!("the tool `{}` needs `{RECORD}`", self.name))?)
            }
        };
        Ok(ControlRequest { method: self.method.clone(), target, body })
    }

    fn check_names(&self, arguments: &JsonObject) -> Result<(), String> {
        let Some(known) = self.schema["properties"].as_object() else { return Ok(()) };
        match arguments.keys().find(|name| !known.contains_key(*name)) {
            None => Ok(()),
            Some(name) => {
                let known: Vec<&str> = known.keys().map(String::as_str).collect();
                let known = known.join(", ");
                Err(format!("the tool `{}` has no parameter `{name}`; it has: {known}", self.name))
            }
        }
    }
}

/// A value of a path or of a query.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A schema with the schemas that it refers to in their places. The schemas of the control API do not refer to themselves.
fn inline(schema: &Value, document: &Value) -> Value {
    match schema {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(SCHEMAS));
            if let Some(name) = reference {
                return inline(&document["components"]["schemas"][name], document);
            }
            fields.iter().map(|(name, value)| (name.clone(), inline(value, document))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(|item| inline(item, document)).collect::<Vec<_>>().into(),
        other => other.clone(),
    }
}
