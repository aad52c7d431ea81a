//! Documented request bodies.

use serde_json::Value;

use super::response::is_json;
use crate::openapi::{Schema, media_range};

const JSON_PATCH: &str = "application/json-patch+json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A documented request body.
#[derive(Debug)]
pub struct Body {
    /// Whether the contract requires one.
    pub required: bool,
    /// Schema of the default media type.
    pub schema: Schema,
    /// The first documented example of the default media type.
    pub example: Option<Value>,
    /// The media types that the operation accepts, the default one first: JSON, otherwise the first one.
    pub kinds: Vec<String>,
    /// The `encoding` object of the default media type: how fields of a form are serialized.
    pub encoding: Value,
    /// The media types after the default one, in the order of `kinds`.
    pub(super) others: Vec<OtherMedia>,
}

/// What a media type has of its own.
#[derive(Debug)]
pub(super) struct OtherMedia {
    /// Its schema; `None` if it is that of the default media type.
    pub(super) schema: Option<Schema>,
    /// Its `encoding` object.
    pub(super) encoding: Value,
}

/// One media type of a documented body.
#[derive(Clone, Copy, Debug)]
pub struct BodyMedia<'b> {
    /// The media type as in the contract, which may be a range.
    pub kind: &'b str,
    /// Schema of the body.
    pub schema: &'b Schema,
    /// Its `encoding` object; `null` if it has none.
    pub encoding: &'b Value,
}

impl Body {
    /// The documented media type of a content type: the same one with the same parameters, otherwise the same one,
    /// otherwise a range; `None` if there is none.
    pub fn media(&self, content_type: &str) -> Option<BodyMedia<'_>> {
        // Most requests have exactly a documented type.
        if let Some(index) = self.kinds.iter().position(|kind| kind == content_type) {
            return Some(self.media_at(index));
        }
        let ranked = self.kinds.iter().enumerate().filter_map(|(index, kind)| {
            let rank = media_range::specificity(kind, content_type)?;
            Some((std::cmp::Reverse(rank), index))
        });
        ranked.min().map(|(_, index)| self.media_at(index))
    }

    /// All media types, the default one first.
    pub fn all_media(&self) -> impl Iterator<Item = BodyMedia<'_>> {
        (0..self.kinds.len()).map(|index| self.media_at(index))
    }

    /// The default media type.
    pub fn default_media(&self) -> BodyMedia<'_> {
        self.media_at(0)
    }

    fn media_at(&self, index: usize) -> BodyMedia<'_> {
        let other = index.checked_sub(1).and_then(|index| self.others.get(index));
        BodyMedia {
            kind: self.kinds.get(index).map_or("", String::as_str),
            schema: other.and_then(|other| other.schema.as_ref()).unwrap_or(&self.schema),
            encoding: other.map_or(&self.encoding, |other| &other.encoding),
        }
    }

    /// The schema that describes a patch document of that content type; `None` if the contract has only schemas of the
    /// record that is patched.
    pub fn patch_schema(&self, content_type: &str) -> Option<&Schema> {
        let media = self.media(content_type).filter(|media| !media.kind.contains('*'))?;
        let mut indexes = 0..self.kinds.len();
        let record = indexes.find(|index| is_json(&self.kinds[*index]) && !is_patch(&self.kinds[*index]));
        let is_record = record.is_some_and(|record| self.media_at(record).schema.raw() == media.schema.raw());
        (!is_record).then_some(media.schema)
    }
}

impl BodyMedia<'_> {
    /// The delimiter between the elements of a list that a form sends as one value; `None` when each element is a field.
    pub fn delimiter(&self, field: &str) -> Option<&'static str> {
        let encoding = self.encoding.get(field)?;
        let style = encoding.get("style").and_then(Value::as_str).unwrap_or("form");
        let explode = encoding.get("explode").and_then(Value::as_bool).unwrap_or(style == "form");
        match style {
            _ if explode => None,
            "deepObject" => None,
            "spaceDelimited" => Some(" "),
            "pipeDelimited" => Some("|"),
            "tabDelimited" => Some("\t"),
            _ => Some(","),
        }
    }

    /// The content types that a field of a form may have, by its `encoding`; empty if any.
    pub fn content_types(&self, field: &str) -> Vec<&str> {
        let documented = self.encoding.get(field).and_then(|encoding| encoding.get("contentType")?.as_str());
        documented
            .into_iter()
            .flat_map(|kinds| kinds.split(','))
            .map(str::trim)
            .filter(|kind| !kind.is_empty())
            .collect()
    }
}

/// Whether a content type is that of a JSON Patch (RFC 6902) or a JSON Merge Patch (RFC 7396).
pub fn is_patch(content_type: &str) -> bool {
    is_merge_patch(content_type) || media_range::essence(content_type).eq_ignore_ascii_case(JSON_PATCH)
}

/// Whether a content type is that of a JSON Merge Patch (RFC 7396), in which `null` removes a field.
pub fn is_merge_patch(content_type: &str) -> bool {
    media_range::essence(content_type).eq_ignore_ascii_case(MERGE_PATCH)
}
