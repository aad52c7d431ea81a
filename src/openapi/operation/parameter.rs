//! Documented parameters.

use serde_json::Value;

use super::page_parameter::PageParameter;
use super::response::is_json;
use crate::model::clone_compact;
use crate::openapi::Schema;
use crate::openapi::document::Document;

/// A parameter outside the body.
#[derive(Debug)]
pub struct Parameter {
    /// Its name in requests.
    pub name: String,
    /// Where it is sent.
    pub location: ParameterLocation,
    /// Whether the contract requires it.
    pub required: bool,
    /// Whether it may be sent without a value.
    pub allows_empty: bool,
    /// How its value is written.
    pub style: ParameterStyle,
    /// Whether the members of a list or an object are written separately.
    pub explode: bool,
    /// Schema of its value.
    pub schema: Schema,
    /// The documented examples of its value, those of its schema last.
    pub examples: Vec<Value>,
    /// What it says about the page of a list.
    pub page: Option<PageParameter>,
}

impl Parameter {
    /// Whether its value is a number.
    pub fn is_number(&self) -> bool {
        matches!(self.schema.follow(self.schema.raw())["type"].as_str(), Some("integer" | "number"))
    }
}

/// The examples of a parameter.
pub(super) fn read_examples(document: &Document, parameter: &Value, schema: &Value) -> Vec<Value> {
    let own = parameter.get("example").or_else(|| parameter.get("x-example"));
    let named = parameter.get("examples").and_then(Value::as_object).into_iter().flat_map(|named| named.values());
    let named = named.filter_map(|example| document.resolve(example).get("value"));
    let of_schema = schema.get("example").into_iter();
    let of_schema = of_schema.chain(schema.get("examples").and_then(Value::as_array).into_iter().flatten());
    let mut all: Vec<Value> = own.into_iter().chain(named).chain(of_schema).map(clone_compact).collect();
    all.shrink_to_fit();
    all
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterLocation {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// How the value of a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterStyle {
    /// `ids=1&ids=2`, or `ids=1,2` if it is not exploded.
    Form,
    /// `1,2`.
    Simple,
    /// `.1.2`.
    Label,
    /// `;ids=1;ids=2`.
    Matrix,
    /// `filter[name]=a`.
    DeepObject,
    /// `ids=1|2`, with this delimiter.
    Delimited(char),
    /// `filter={"name":"a"}`.
    Json,
}

impl ParameterLocation {
    /// The name in contracts (`in`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Path, Self::Query, Self::Header, Self::Cookie].into_iter().find(|index| index.name() == name)
    }
}

impl ParameterStyle {
    /// The name in contracts (`style`); `None` for a style that only Swagger 2.0 has, and for JSON, which is no style.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Form => Some("form"),
            Self::Simple => Some("simple"),
            Self::Label => Some("label"),
            Self::Matrix => Some("matrix"),
            Self::DeepObject => Some("deepObject"),
            Self::Delimited(' ') => Some("spaceDelimited"),
            Self::Delimited('|') => Some("pipeDelimited"),
            Self::Delimited(_) | Self::Json => None,
        }
    }

    /// The style of a parameter of a contract, and whether it is exploded. `media_type` is that of its `content`.
    pub(super) fn read(raw: &Value, location: ParameterLocation, media_type: Option<&str>) -> (Self, bool) {
        if let Some(media_type) = media_type.filter(|_| raw.get("schema").is_none()) {
            return if is_json(media_type) { (Self::Json, false) } else { (Self::default_of(location), false) };
        }
        let style = match raw.get("style").and_then(Value::as_str) {
            Some("form" | "cookie") => Self::Form,
            Some("simple") => Self::Simple,
            Some("label") => Self::Label,
            Some("matrix") => Self::Matrix,
            Some("deepObject") => Self::DeepObject,
            Some("spaceDelimited") => Self::Delimited(' '),
            Some("pipeDelimited") => Self::Delimited('|'),
            _ => match raw.get(COLLECTION_FORMAT).and_then(Value::as_str) {
                Some("ssv") => Self::Delimited(' '),
                Some("tsv") => Self::Delimited('\t'),
                Some("pipes") => Self::Delimited('|'),
                _ => Self::default_of(location),
            },
        };
        let explode = raw.get("explode").and_then(Value::as_bool);
        (style, explode.unwrap_or(style == Self::Form))
    }

    /// The style of parameters without one.
    pub fn default_of(location: ParameterLocation) -> Self {
        match location {
            ParameterLocation::Query | ParameterLocation::Cookie => Self::Form,
            ParameterLocation::Path | ParameterLocation::Header => Self::Simple,
        }
    }
}

/// The `collectionFormat` of Swagger 2.0 in a parameter that has no such style in 3.0.
pub(in crate::openapi) const COLLECTION_FORMAT: &str = "x-collection-format";
