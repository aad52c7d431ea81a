//! Values extracted from a response: JSONPath (RFC 9535) with the two suffixes that workflow documents add.
//!
//! `$.data.rules[0].uid || 'none'` is the first alternative that has a value. `$.data.skus[?(@.type=='addon')].name | [0]`
//! selects one of the values found, as does an index directly after a filter.

use serde_json::{Map, Value};
use serde_json_path::JsonPath;

use crate::diagnostics::parse_json_path;

/// An expression: alternatives, tried in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    /// The expression as it is written in the file.
    pub written: String,
    alternatives: Vec<Alternative>,
}

#[derive(Clone, Debug, PartialEq)]
enum Alternative {
    Literal(Value),
    /// Paths, each applied to one of the values that the path before found: the one at its index.
    Path(Vec<(JsonPath, usize)>),
}

impl Extract {
    /// Reads an expression.
    ///
    /// # Errors
    /// A sentence, if a path is not JSONPath, or the first alternative is a literal, which only a later one can be.
    pub fn parse(written: &str) -> Result<Self, String> {
        match written.trim_start().starts_with('$') {
            true => Self::parse_leniently(written),
            false => Err(format!("`{written}` is not a JSONPath: it must start with `$`, such as `$.data.uid`")),
        }
    }

    /// Reads an expression of a workflow document, which may be a literal.
    ///
    /// # Errors
    /// A sentence, if a path is not JSONPath.
    pub fn parse_leniently(written: &str) -> Result<Self, String> {
        let alternatives = written.split("||").map(|part| parse_alternative(part.trim())).collect::<Result<_, _>>()?;
        Ok(Self { written: written.to_owned(), alternatives })
    }

    /// The first value found that is not `null`.
    pub fn find(&self, body: &Value) -> Option<Value> {
        self.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::Literal(value) => Some(value.clone()),
            Alternative::Path(parts) => {
                let mut value = body;
                for (path, index) in parts {
                    value = path.query(value).all().into_iter().nth(*index)?;
                }
                (!value.is_null()).then(|| value.clone())
            }
        })
    }

    /// Puts a value where [`Extract::find`] looks for one. Does nothing if that is not a single place: it must exist, or have a path
    /// of names only.
    pub fn put(&self, body: &mut Value, value: Value) {
        let locate = |alternative: &Alternative| match alternative {
            Alternative::Path(parts) => match parts.as_slice() {
                [(path, index)] => {
                    path.query_located(body).all().get(*index).map(|node| node.location().to_json_pointer())
                }
                _ => None,
            },
            Alternative::Literal(_) => None,
        };
        let place = match self.alternatives.iter().find_map(locate) {
            Some(pointer) => body.pointer_mut(&pointer),
            None => place_of_names(body, &self.written),
        };
        if let Some(place) = place {
            *place = value;
        }
    }
}

/// The place of a path such as `$.data.uid`, whose objects are created if they are missing.
fn place_of_names<'b>(body: &'b mut Value, path: &str) -> Option<&'b mut Value> {
    let names = path.strip_prefix("$.")?.split('.');
    let is_name = |name: &str| name.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let mut place = body;
    for name in names {
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = match place {
            Value::Object(members) if is_name(name) => members.entry(name).or_insert(Value::Null),
            _ => return None,
        };
    }
    Some(place)
}

fn parse_alternative(text: &str) -> Result<Alternative, String> {
    if !text.starts_with('$') {
        return Ok(Alternative::Literal(text.trim_matches(['\'', '"']).into()));
    }
    let (path, piped) = match text.rsplit_once("| [") {
        Some((path, index)) => (path.trim(), index.strip_suffix(']').and_then(|index| index.parse().ok())),
        None => (text, None),
    };
    let mut parts = Vec::new();
    let mut rest = path.to_owned();
    // An index directly after a filter selects one of the elements that passed, not an element of each.
    while let Some(end) = rest.find(")][") {
        let (filtered, behind) = rest.split_at(end + 2);
        let Some((index, tail)) =
            behind[1..].split_once(']').and_then(|(index, tail)| Some((index.parse().ok()?, tail)))
        else {
            break;
        };
        parts.push((parse_path(filtered)?, index));
        rest = format!("${tail}");
    }
    parts.push((parse_path(&rest)?, piped.unwrap_or(0)));
    Ok(Alternative::Path(parts))
}

fn parse_path(text: &str) -> Result<JsonPath, String> {
    parse_json_path(text).map_err(|error| format!("`{text}` is not a JSONPath: {error}"))
}
