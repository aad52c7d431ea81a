use serde_json::Value;

use super::shape::find_schema;
use super::{Format, content_type};
use crate::openapi::{Body, Schema, Types, Violation, is_merge_patch, is_patch};
use crate::request::Request;

/// What the contract says about the body of a request, by its content type.
pub(in crate::pipeline) struct BodyRule<'b> {
    /// The schema of the body; `None` if it is not checked.
    pub(in crate::pipeline) schema: Option<&'b Schema>,
    /// Whether there must be a body.
    pub(in crate::pipeline) is_required: bool,
    /// Whether the body is a JSON Merge Patch, in which any field may be missing or `null`.
    pub(in crate::pipeline) is_merge_patch: bool,
}

impl<'b> BodyRule<'b> {
    /// Selects the documented media type of a request; the default one if none matches.
    pub(in crate::pipeline) fn select(documented: &'b Body, request: &Request, format: &Format) -> Self {
        let content_type = content_type(request);
        let media = documented.media(content_type).unwrap_or_else(|| documented.default_media());
        let schema = match format {
            _ if is_patch(content_type) => documented.patch_schema(content_type),
            // An object in a format that is not read, such as XML, is not checked.
            Format::Text => Some(media.schema)
                .filter(|schema| schema.types(schema.raw()).is_none_or(|types| types.allow(Types::STRING))),
            _ => Some(media.schema),
        };
        Self { schema, is_required: documented.required, is_merge_patch: is_merge_patch(content_type) }
    }

    /// Whether the body can be an object.
    pub(in crate::pipeline) fn allows_object(&self) -> bool {
        let types = self.schema.and_then(|schema| schema.types(schema.raw()));
        types.is_none_or(|types| types.allow(Types::OBJECT))
    }

    /// Whether the body can be `null`.
    pub(in crate::pipeline) fn allows_null(&self) -> bool {
        self.schema.is_none_or(|schema| schema.is_valid(&Value::Null))
    }

    /// Whether a violation counts. A field that only responses have is not required in requests.
    pub(in crate::pipeline) fn applies(&self, violation: &Violation, body: &Value) -> bool {
        let removes = || body.pointer(&violation.pointer).is_some_and(Value::is_null);
        match &violation.missing {
            Some(name) => !self.is_merge_patch && !self.is_read_only(&violation.pointer, name),
            None => !self.is_merge_patch || !removes(),
        }
    }

    fn is_read_only(&self, pointer: &str, name: &str) -> bool {
        let Some(owner) = self.schema else { return false };
        let steps: Vec<String> = pointer.split('/').skip(1).map(unescape).collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).chain([name]).collect();
        let marked = |schema: &Value| schema.get("readOnly") == Some(&Value::Bool(true));
        find_schema(owner, &steps).is_some_and(|schema| marked(schema) || marked(owner.follow(schema)))
    }
}

/// A step of a JSON pointer as a name (RFC 6901, section 4).
fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
