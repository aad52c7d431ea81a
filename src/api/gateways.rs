use compact_str::CompactString;

use crate::openapi::PathPattern;

/// The base URLs of an API: the `gateways` section of `standin.yaml`.
///
/// A gateway is a way into the API that may treat a request differently from another one. A client chooses it by the
/// prefix of the path; a path without the prefix of any gateway belongs to the first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateways {
    /// The gateways, the default one first. There is at least one.
    pub list: Vec<Gateway>,
    /// Parts of the API that the real service serves from a host of their own, by name.
    pub separate_hosts: Vec<(String, Vec<PathPattern>)>,
}

/// One gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gateway {
    /// Its name, as quirks and fixtures use it.
    pub name: CompactString,
    /// The prefixes of paths that go through it. Without one, it is reached without a prefix.
    pub prefixes: Vec<String>,
    /// Whether steps with `useFallback: true` go through it.
    pub is_fallback: bool,
    /// Its name for people (`main gateway`).
    pub title: String,
}

impl Default for Gateways {
    /// One gateway without a prefix, `main`.
    fn default() -> Self {
        let main = Gateway {
            name: CompactString::const_new("main"),
            prefixes: Vec::new(),
            is_fallback: false,
            title: "API".to_owned(),
        };
        Self { list: vec![main], separate_hosts: Vec::new() }
    }
}

impl Gateways {
    /// The gateway that a path goes through, and the path without the prefix of the gateway.
    pub fn split<'p>(&self, path: &'p str) -> (&Gateway, &'p str) {
        let (gateway, length) = self.find(path);
        (gateway, if length > 0 && length == path.len() { "/" } else { &path[length..] })
    }

    /// The length of the prefix of the gateway that a path goes through, bytes.
    pub fn prefix_length(&self, path: &str) -> usize {
        self.find(path).1
    }

    /// The gateway that a path goes through, and the length of its prefix in bytes.
    fn find(&self, path: &str) -> (&Gateway, usize) {
        for gateway in &self.list {
            for prefix in &gateway.prefixes {
                match path.strip_prefix(prefix.as_str()) {
                    Some(rest) if rest.is_empty() || rest.starts_with('/') => return (gateway, prefix.len()),
                    _ => {}
                }
            }
        }
        (self.default_gateway(), 0)
    }

    /// The gateway of a path without a prefix.
    pub fn default_gateway(&self) -> &Gateway {
        &self.list[0]
    }

    /// The gateway of steps with `useFallback: true`; the default gateway if the API has no fallback.
    pub fn fallback(&self) -> &Gateway {
        self.list.iter().find(|gateway| gateway.is_fallback).unwrap_or_else(|| self.default_gateway())
    }

    /// The gateway of that name.
    pub fn named(&self, name: &str) -> Option<&Gateway> {
        self.list.iter().find(|gateway| gateway.name == name)
    }

    /// The name of the separate host that serves a path (without prefix), if one does.
    pub fn separate_host(&self, path: &str) -> Option<&str> {
        let serves = |(_, patterns): &&(String, Vec<PathPattern>)| patterns.iter().any(|pattern| pattern.matches(path));
        self.separate_hosts.iter().find(serves).map(|(name, _)| name.as_str())
    }
}

impl Gateway {
    /// The prefix to send requests with: the first one, or none.
    pub fn prefix(&self) -> &str {
        self.prefixes.first().map_or("", String::as_str)
    }
}
