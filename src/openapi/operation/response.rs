//! Documented responses.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use http::{HeaderName, HeaderValue};
use rand::Rng;
use serde_json::Value;
use thin_vec::ThinVec;

use super::HeaderSpec;
use crate::openapi::generate::{draft, generate, repair};
use crate::openapi::random::stream;
use crate::openapi::{Schema, Shape};

/// A documented response.
#[derive(Debug, Default)]
pub struct ResponseSpec {
    /// Its media types, JSON first.
    pub media: ThinVec<MediaSpec>,
    /// Its headers, apart from those that follow from the body.
    pub headers: ThinVec<HeaderSpec>,
    /// These are made when the operation is first requested.
    header_values: OnceLock<ThinVec<(HeaderName, HeaderValue)>>,
    shape: OnceLock<Box<(Option<Shape>, bool)>>,
}

/// One media type of a documented response.
#[derive(Debug)]
pub struct MediaSpec {
    /// The media type: `application/json`.
    pub kind: String,
    /// The documented examples by name; an example without a name has the name `""`.
    pub examples: Vec<(String, Value)>,
    /// The documented schema of the body.
    pub schema: Option<Schema>,
    /// The key of the operation and the status, in the name of the random source.
    operation: Arc<str>,
    status: u16,
    sample: OnceLock<Option<Box<Value>>>,
}

impl ResponseSpec {
    /// A response with these media types, JSON first, and these headers.
    pub(super) fn new(media: Vec<MediaSpec>, headers: Vec<HeaderSpec>) -> Self {
        Self { media: media.into(), headers: headers.into(), header_values: OnceLock::new(), shape: OnceLock::new() }
    }

    /// The default media type: JSON if there is one.
    pub fn first(&self) -> Option<&MediaSpec> {
        self.media.first()
    }

    /// The sample of the default media type.
    pub fn sample(&self) -> Option<&Value> {
        self.first()?.sample()
    }

    /// A documented header.
    pub fn header(&self, name: &HeaderName) -> Option<&HeaderSpec> {
        self.headers.iter().find(|header| header.name == name)
    }

    /// The headers that are required or have a documented value, with their values.
    pub fn header_values(&self) -> &[(HeaderName, HeaderValue)] {
        self.header_values.get_or_init(|| {
            let values =
                self.headers.iter().flat_map(|header| header.values().into_iter().map(move |value| (header, value)));
            values.map(|(header, value)| (header.name.clone(), value)).collect()
        })
    }

    /// Names, order and types of the sample's values.
    pub fn shape(&self) -> Option<&Shape> {
        self.shapes().0.as_ref()
    }

    /// Whether the sample has timestamps in the business's time zone.
    pub fn needs_zone(&self) -> bool {
        self.shapes().1
    }

    fn shapes(&self) -> &(Option<Shape>, bool) {
        self.shape.get_or_init(|| {
            let shape = self.sample().map(Shape::of);
            let needs_zone = shape.as_ref().is_some_and(Shape::needs_zone);
            Box::new((shape, needs_zone))
        })
    }
}

impl MediaSpec {
    /// A media type of the response with that status; `operation` is the operation's key. The status of a range is its lowest.
    pub(super) fn new(
        kind: &str,
        examples: Vec<(String, Value)>,
        schema: Option<Schema>,
        (operation, status): (&Arc<str>, u16),
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            examples,
            schema,
            operation: Arc::clone(operation),
            status,
            sample: OnceLock::new(),
        }
    }

    /// The source of random numbers for its values, so that they are the same every time.
    fn random(&self) -> impl Rng + use<> {
        stream(0, &format!("{} {} {}", self.operation, self.status, self.kind))
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        is_json(&self.kind)
    }

    /// Whether it is XML.
    pub fn is_xml(&self) -> bool {
        let kind = self.kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        kind == "application/xml" || kind == "text/xml" || kind.ends_with("+xml")
    }

    /// The first example that is a whole XML document as text.
    pub fn document(&self) -> Option<&Value> {
        self.examples.iter().map(|(_, example)| example).find(|example| self.is_document(example))
    }

    /// Whether an example is the whole XML document as text, which the schema does not describe.
    fn is_document(&self, example: &Value) -> bool {
        self.is_xml() && example.as_str().is_some_and(|text| text.trim_start().starts_with('<'))
    }

    /// Whether the contract has no example of it, so that its sample is generated from the schema.
    pub fn is_generated(&self) -> bool {
        self.examples.is_empty()
    }

    /// The documented example, repaired if it violates the schema; without an example, or if that is a document as text, a
    /// value generated from the schema.
    pub fn sample(&self) -> Option<&Value> {
        let generated = || Some(self.without_errors(generate(self.schema.as_ref()?, &mut self.random())));
        let sample = || self.example(None).filter(|example| !self.is_document(example)).or_else(generated);
        self.sample.get_or_init(|| sample().or_else(|| self.example(None)).map(Box::new)).as_deref()
    }

    /// The example of that name, otherwise the first valid one, repaired if it violates the schema; without an example, a
    /// value generated from the schema.
    pub fn example(&self, name: Option<&str>) -> Option<Value> {
        let valid = |example: &Value| self.schema.as_ref().is_none_or(|schema| schema.is_valid(example));
        let wanted = |(known, example): &&(String, Value)| match name {
            Some(name) => known == name,
            // The first of several that is valid.
            None => self.examples.len() == 1 || self.is_document(example) || valid(example),
        };
        let example = self.examples.iter().find(wanted).or_else(|| self.examples.first());
        let random = &mut self.random();
        match (example, &self.schema) {
            (Some((_, example)), None) => Some(example.clone()),
            (Some((_, example)), Some(_)) if self.is_document(example) => Some(example.clone()),
            (Some((_, example)), Some(schema)) => Some(repair(schema, example.clone(), random)),
            (None, Some(schema)) => Some(self.without_errors(generate(schema, random))),
            (None, None) => None,
        }
    }

    /// A generated success without the fields that only errors of the same schema have.
    fn without_errors(&self, mut made: Value) -> Value {
        if let (true, Value::Object(map)) = ((200..300).contains(&self.status), &mut made) {
            let required =
                self.schema.as_ref().and_then(|schema| schema.follow(schema.raw()).get("required")?.as_array());
            let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|known| known == name));
            map.retain(|name, _| !matches!(name.as_str(), "error" | "errors") || is_required(name));
        }
        made
    }

    /// The sample before it is repaired. It is enough to recognize lists, and needs no compiled schema.
    pub fn draft(&self) -> Option<Cow<'_, Value>> {
        let example = self.examples.first().filter(|(_, example)| self.schema.is_none() || !self.is_document(example));
        match (example, &self.schema) {
            (Some((_, example)), _) => Some(Cow::Borrowed(example)),
            (None, Some(schema)) => Some(Cow::Owned(self.without_errors(draft(schema, &mut self.random())))),
            (None, None) => None,
        }
    }
}

/// Whether a media type is JSON.
pub(super) fn is_json(kind: &str) -> bool {
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json"
        || kind == "*/*"
        || kind == "application/*"
        || kind.ends_with("+json")
        || kind == "text/json"
}
