//! Writes values as XML, by the `xml` keywords of their schemas: `name`, `attribute`, `wrapped`, `prefix`, `namespace`, and
//! `nodeType` of OpenAPI 3.2.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::Schema;
use crate::model::exact_number::digits_of;

/// Writes a value as an XML document. Without a name in the schema, the root element has the name of the component that
/// the schema refers to, else `default_name`.
pub fn write_xml(schema: Option<&Schema>, value: &Value, default_name: &str) -> String {
    let unknown = Schema::new(Value::Null, Arc::default());
    let schema = schema.unwrap_or(&unknown);
    let mut writer =
        Writer { schema, out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(), scope: Vec::new() };
    let keywords = writer.keywords(schema.raw());
    let name = keywords.name.or_else(|| component(schema.raw())).unwrap_or(default_name);
    match value {
        Value::Array(list) => writer.root_list(name, &keywords, list),
        value => writer.element(name, &keywords, schema.raw(), value),
    }
    writer.out
}

/// Writes the elements of one document.
struct Writer<'s> {
    schema: &'s Schema,
    out: String,
    /// The prefixes that the open elements declare, with their namespaces.
    scope: Vec<(String, String)>,
}

/// The `xml` keywords of a schema.
#[derive(Default)]
struct Keywords<'s> {
    name: Option<&'s str>,
    prefix: Option<&'s str>,
    namespace: Option<&'s str>,
    is_attribute: bool,
    is_wrapped: bool,
    is_text: bool,
}

impl<'s> Writer<'s> {
    /// The keywords of a schema; those beside a reference come before those of its target.
    fn keywords(&self, raw: &'s Value) -> Keywords<'s> {
        let target = self.schema.follow(raw);
        // `allOf` with one part is a reference with keywords beside it.
        let part = || match target.get("allOf")?.as_array()?.as_slice() {
            [part] => self.schema.follow(part).get("xml"),
            _ => None,
        };
        let Some(xml) = raw.get("xml").or_else(|| target.get("xml")).or_else(part) else { return Keywords::default() };
        let text = |key: &str| xml.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let is = |key: &str| xml.get(key) == Some(&Value::Bool(true));
        let node = text("nodeType").unwrap_or_default();
        Keywords {
            name: text("name"),
            prefix: text("prefix"),
            namespace: text("namespace"),
            is_attribute: is("attribute") || node == "attribute",
            is_wrapped: is("wrapped") || node == "element",
            is_text: matches!(node, "text" | "cdata"),
        }
    }

    /// The schema of the elements of a list.
    fn items(&self, raw: &'s Value) -> &'s Value {
        self.schema.object_schemas(self.schema.follow(raw)).find_map(|part| part.get("items")).unwrap_or(&Value::Null)
    }

    /// The schema of a member of an object.
    fn member(&self, raw: &'s Value, name: &str) -> &'s Value {
        let schema = self.schema.follow(raw);
        let other = || self.schema.object_schemas(schema).find_map(|part| part.get("additionalProperties"));
        self.schema.property_of(schema, name).or_else(other).unwrap_or(&Value::Null)
    }

    fn root_list(&mut self, name: &str, keywords: &Keywords<'s>, list: &[Value]) {
        let items = self.items(self.schema.raw());
        let known = self.keywords(items).name.or_else(|| component(items));
        let start = self.open(name, keywords, Vec::new());
        for value in list {
            self.property(known.unwrap_or("item"), items, value);
        }
        self.close(start);
    }

    /// Writes a member of an object, or an element of a list, under its name in JSON.
    fn property(&mut self, name: &str, raw: &'s Value, value: &Value) {
        let keywords = self.keywords(raw);
        match value {
            Value::Null => {}
            Value::Array(list) => {
                let wrapper = keywords.name.unwrap_or(name);
                let start = keywords.is_wrapped.then(|| self.open(wrapper, &keywords, Vec::new()));
                // The name of a list without a wrapper has no effect.
                let name = if keywords.is_wrapped { wrapper } else { name };
                let items = self.items(raw);
                for value in list {
                    self.property(name, items, value);
                }
                if let Some(start) = start {
                    self.close(start);
                }
            }
            value if keywords.is_text => self.text(value),
            value => self.element(keywords.name.unwrap_or(name), &keywords, raw, value),
        }
    }

    /// Writes an element with a value that is no list.
    fn element(&mut self, name: &str, keywords: &Keywords<'s>, raw: &'s Value, value: &Value) {
        let start = match value {
            Value::Object(map) => {
                let start = self.open(name, keywords, self.attributes(raw, map));
                for (name, value) in map {
                    let schema = self.member(raw, name);
                    if !self.keywords(schema).is_attribute {
                        self.property(name, schema, value);
                    }
                }
                start
            }
            value => {
                let start = self.open(name, keywords, Vec::new());
                self.text(value);
                start
            }
        };
        self.close(start);
    }

    /// The members of an object that are attributes of its element.
    fn attributes(&self, raw: &'s Value, map: &Map<String, Value>) -> Vec<(String, Keywords<'s>, String)> {
        let attribute = |(name, value): (&String, &Value)| {
            let keywords = self.keywords(self.member(raw, name));
            let name = keywords.name.unwrap_or(name).to_owned();
            let is_attribute = keywords.is_attribute && !value.is_null();
            is_attribute.then(|| (name, keywords, attribute_text(value)))
        };
        map.iter().filter_map(attribute).collect()
    }

    /// Opens an element. Returns what [`Writer::close`] needs: its name, and the size of the scope around it.
    fn open(
        &mut self,
        name: &str,
        keywords: &Keywords<'_>,
        attributes: Vec<(String, Keywords<'_>, String)>,
    ) -> (String, usize) {
        let outer = self.scope.len();
        let mut written = Vec::new();
        let name = self.qualified(name, keywords, &mut written);
        if let (None, Some(namespace)) = (keywords.prefix, keywords.namespace) {
            written.push(("xmlns".to_owned(), namespace.to_owned()));
        }
        for (name, keywords, value) in attributes {
            let name = self.qualified(&name, &keywords, &mut written);
            written.push((name, value));
        }
        self.out.push('<');
        self.out.push_str(&name);
        for (name, value) in written {
            self.out.push_str(&format!(" {name}=\""));
            self.out.push_str(&escape_attribute(&value));
            self.out.push('"');
        }
        self.out.push('>');
        (name, outer)
    }

    fn close(&mut self, (name, outer): (String, usize)) {
        self.scope.truncate(outer);
        self.out.push_str(&format!("</{name}>"));
    }

    /// A name with its prefix, whose declaration is added to the attributes if it is new. A prefix without a namespace that
    /// no element declares is left out, as parsers reject it.
    fn qualified(&mut self, name: &str, keywords: &Keywords<'_>, attributes: &mut Vec<(String, String)>) -> String {
        let (named, local) = name.split_once(':').map_or((None, name), |(prefix, local)| (Some(prefix), local));
        let local = valid_name(local);
        let Some(prefix) = keywords.prefix.or(named).map(valid_name) else { return local };
        let known =
            self.scope.iter().rev().find(|(known, _)| *known == prefix).map(|(_, namespace)| namespace.as_str());
        match keywords.namespace {
            Some(namespace) if known != Some(namespace) => {
                attributes.push((format!("xmlns:{prefix}"), namespace.to_owned()));
                self.scope.push((prefix.clone(), namespace.to_owned()));
            }
            None if known.is_none() && !matches!(prefix.as_str(), "xml" | "xmlns") => return local,
            _ => {}
        }
        format!("{prefix}:{local}")
    }

    fn text(&mut self, value: &Value) {
        self.out.push_str(&escape_text(&scalar(value)));
    }
}

/// The name of the component that a schema refers to.
fn component(raw: &Value) -> Option<&str> {
    let part = || raw.get("allOf")?.as_array().filter(|parts| parts.len() == 1)?.first()?.get("$ref");
    raw.get("$ref").or_else(part)?.as_str()?.rsplit('/').next().filter(|name| !name.is_empty())
}

/// A list as an attribute is separated by spaces, as the list types of XML Schema are.
fn attribute_text(value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().map(scalar).collect::<Vec<_>>().join(" "),
        value => scalar(value),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => digits_of(text).unwrap_or(text).to_owned(),
        value => value.to_string(),
    }
}

/// A name with an underscore in place of every character that XML does not allow there.
fn valid_name(name: &str) -> String {
    let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let mut valid: String = name.chars().map(|letter| if allowed(letter) { letter } else { '_' }).collect();
    if !valid.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        valid.insert(0, '_');
    }
    valid
}

/// A text as the content of an element, of XML or HTML. Characters that XML does not allow are replaced by U+FFFD.
pub fn escape_text(text: &str) -> String {
    escape(text, "\r")
}

/// A text as the value of an attribute in double quotes: as [`escape_text`] does, and so that no reader turns line breaks and
/// tabs into spaces.
pub fn escape_attribute(text: &str) -> String {
    escape(text, "\r\n\t")
}

/// Writes references in place of markup and of some white space.
fn escape(text: &str, space: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if space.contains(letter) => out.push_str(&format!("&#{};", u32::from(letter))),
            '\t' | '\n' => out.push(letter),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            other => out.push(other),
        }
    }
    out
}
