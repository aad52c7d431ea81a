//! Tokens and ids that a client needs to call a server.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::api::{ActsFor, Api};
use crate::pipeline::Engine;
use crate::request::State;

/// The tokens of a server by name, and the ids that workflow documents take as given.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Name and value of each token.
    pub tokens: Vec<(String, String)>,
    /// Name and kind of each token whose kind is known.
    pub kinds: Vec<(String, String)>,
    /// Name and value of each variable.
    pub params: Vec<(String, String)>,
    /// The API of the server: how it reads tokens, and its gateways.
    pub api: Arc<Api>,
}

impl Credentials {
    /// The tokens of a state that have names: those of its scenario.
    pub fn of(engine: &Engine, state: &State) -> Self {
        let mut credentials = Self { api: Arc::clone(engine.api()), ..Self::default() };
        for token in state.store.all("token").filter(|token| !token.text("name").is_empty()) {
            credentials.kinds.push((token.text("name").to_owned(), token.text("kind").to_owned()));
            credentials.tokens.push((token.text("name").to_owned(), token.id.to_string()));
        }
        credentials
    }

    /// The same tokens, for a server of an API.
    #[must_use]
    pub fn for_api(self, engine: &Engine) -> Self {
        Self { api: Arc::clone(engine.api()), ..self }
    }

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
        (!tokens.is_empty()).then(|| Self {
            tokens,
            kinds: pairs("kinds"),
            params: pairs("params"),
            api: Arc::default(),
        })
    }

    /// The value of a token. A name that no token has may be a kind of token: the first token of that kind, whatever its name.
    pub fn token(&self, name: &str) -> Option<&str> {
        let named = self.tokens.iter().find(|(known, _)| known == name);
        let of_kind = || self.tokens.iter().find(|(known, _)| self.kind(known) == name);
        named.or_else(of_kind).map(|(_, value)| value.as_str())
    }

    /// Whether the name of a token may be sent in its place: the API describes no tokens, and none are given.
    pub fn accepts_any_token(&self) -> bool {
        self.tokens.is_empty() && !self.api.tokens.are_declared()
    }

    /// The kind of a token. Token files without `kinds` name tokens after their kinds.
    pub fn kind<'n>(&'n self, name: &'n str) -> &'n str {
        self.kinds.iter().find(|(known, _)| known == name).map_or(name, |(_, kind)| kind)
    }

    /// The value of the `Authorization` header for a token.
    pub fn authorization(&self, name: &str) -> Option<String> {
        self.token(name).map(|token| self.api.tokens.authorization(self.kind(name), token))
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

    /// The token of steps that name none: the first one of the API's first kind of token, else the first one.
    pub fn default_token(&self) -> Option<&str> {
        let first_kind = self.api.tokens.kinds.first().map(|kind| kind.name.as_str());
        let of_first_kind = self.tokens.iter().find(|(name, _)| first_kind == Some(self.kind(name)));
        of_first_kind.or(self.tokens.first()).map(|(name, _)| name.as_str())
    }

    /// Whether a token acts for an owner that the request names.
    pub fn acts_on_behalf(&self, name: &str) -> bool {
        self.api.tokens.kind(self.kind(name)).is_some_and(|kind| matches!(kind.acts_for, ActsFor::OwnedBy(_)))
    }
}
