//! Tokens and ids that a client needs to call a server.

use serde_json::{Map, Value, json};

/// Kinds of tokens that belong to no business and name one with `X-On-Behalf-Of`.
const ON_BEHALF_KINDS: [&str; 2] = ["directory", "app"];

/// The token of steps that name none, where it exists.
const PREFERRED_TOKEN: &str = "staff";

/// The tokens of a server by name, and the ids that workflow documents take as given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// Name and value of each token.
    pub tokens: Vec<(String, String)>,
    /// Name and kind of each token whose kind is known.
    pub kinds: Vec<(String, String)>,
    /// Name and value of each variable.
    pub params: Vec<(String, String)>,
}

impl Credentials {
    /// The JSON form, which [`Credentials::from_json`] reads: `{"tokens": {…}, "kinds": {…}, "params": {…}}`.
    pub fn to_json(&self) -> Value {
        let map = |pairs: &[(String, String)]| -> Map<String, Value> {
            pairs.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect()
        };
        json!({"tokens": map(&self.tokens), "kinds": map(&self.kinds), "params": map(&self.params)})
    }

    /// Reads the JSON form; `kinds` and `params` may be missing. `None` if there are no tokens.
    pub fn from_json(value: &Value) -> Option<Self> {
        let pairs = |name: &str| -> Vec<(String, String)> {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let entries = value.get(name).and_then(Value::as_object).into_iter().flatten();
            entries.map(|(name, value)| (name.clone(), text(value))).collect()
        };
        let tokens = pairs("tokens");
        (!tokens.is_empty()).then(|| Self { tokens, kinds: pairs("kinds"), params: pairs("params") })
    }

    /// The value of a token.
    pub fn token(&self, name: &str) -> Option<&str> {
        self.tokens.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The kind of a token. Token files without `kinds` name tokens after their kinds.
    pub fn kind<'n>(&'n self, name: &'n str) -> &'n str {
        self.kinds.iter().find(|(known, _)| known == name).map_or(name, |(_, kind)| kind)
    }

    /// The value of the `Authorization` header for a token.
    pub fn authorization(&self, name: &str) -> Option<String> {
        let scheme = if matches!(self.kind(name), "admin" | "internal") { "Admin" } else { "Bearer" };
        self.token(name).map(|token| format!("{scheme} {token}"))
    }

    /// The first token of each kind, in the order of the tokens.
    pub fn one_of_each_kind(&self) -> Vec<&str> {
        let mut found: Vec<&str> = Vec::new();
        for (name, _) in &self.tokens {
            if !found.iter().any(|known| self.kind(known) == self.kind(name)) {
                found.push(name);
            }
        }
        found
    }

    /// The token of steps that name none: `staff` if there is one, else the first.
    pub fn default_token(&self) -> Option<&str> {
        let first = || self.tokens.first().map(|(name, _)| name.as_str());
        self.token(PREFERRED_TOKEN).map(|_| PREFERRED_TOKEN).or_else(first)
    }

    /// Whether a token is a directory's.
    pub fn is_directory(&self, name: &str) -> bool {
        self.kind(name) == ON_BEHALF_KINDS[0]
    }

    /// Whether a token needs `X-On-Behalf-Of` to act for a business.
    pub fn acts_on_behalf(&self, name: &str) -> bool {
        ON_BEHALF_KINDS.contains(&self.kind(name))
    }
}
