//! The credentials that an operation requires.

use std::fmt;

use serde_json::Value;

use crate::openapi::document::Document;

/// The credentials of one entry of `securitySchemes`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// An Authorization header with this scheme, in lower case: `basic`, `bearer`.
    Authorization(String),
    /// A key in the header of this name.
    Header(String),
    /// A key in the query parameter of this name.
    Query(String),
    /// A key in the cookie of this name.
    Cookie(String),
    /// One that no request shows, such as a client certificate, or one that the contract does not describe.
    Invisible,
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Authorization(scheme) => write!(f, "Authorization: {scheme}"),
            Self::Header(name) => write!(f, "header {name}"),
            Self::Query(name) => write!(f, "query parameter {name}"),
            Self::Cookie(name) => write!(f, "cookie {name}"),
            Self::Invisible => f.write_str("other credentials"),
        }
    }
}

impl Credential {
    fn read(scheme: &Value) -> Self {
        let text = |name: &str| scheme.get(name).and_then(Value::as_str);
        match (text("type"), text("in"), text("name")) {
            (Some("http"), ..) => {
                text("scheme").map_or(Self::Invisible, |scheme| Self::Authorization(scheme.to_ascii_lowercase()))
            }
            (Some("oauth2" | "openIdConnect"), ..) => Self::Authorization("bearer".to_owned()),
            // Swagger 2.0.
            (Some("basic"), ..) => Self::Authorization("basic".to_owned()),
            (Some("apiKey"), Some("header"), Some(name)) => Self::Header(name.to_owned()),
            (Some("apiKey"), Some("query"), Some(name)) => Self::Query(name.to_owned()),
            (Some("apiKey"), Some("cookie"), Some(name)) => Self::Cookie(name.to_owned()),
            _ => Self::Invisible,
        }
    }
}

/// The alternatives of an operation, each of credentials that are required together. The operation's own list replaces
/// that of the document. None if no credentials are required.
pub(super) fn read(document: &Document, operation: &Value) -> Vec<Vec<Credential>> {
    let own = operation.get("security").filter(|list| list.is_array());
    let list = own.or_else(|| document.root.get("security")).and_then(Value::as_array);
    let schemes = document.components().get("securitySchemes");
    let credential = |name: &String| {
        let scheme = schemes.and_then(|schemes| schemes.get(name)).map(|scheme| document.resolve(scheme));
        scheme.map_or(Credential::Invisible, Credential::read)
    };
    let alternatives = list.into_iter().flatten().filter_map(Value::as_object);
    let mut all: Vec<Vec<Credential>> =
        alternatives.map(|required| required.keys().map(credential).collect()).collect();
    all.shrink_to_fit();
    all
}
