//! Tokens of a scenario, and the credentials of a session.

use std::collections::HashMap;

use compact_str::CompactString;
use sha2::{Digest, Sha256};

use super::{Reference, Seeder};
use crate::api::TokenKind;
use crate::diagnostics::Diagnostic;
use crate::model::{Fields, Ownership, Record, token_field};
use crate::pipeline::Engine;
use crate::request::State;
use crate::scenarios::credentials::Credentials;
use crate::scenarios::read::{Scenario, TokenSpec};

impl Seeder<'_> {
    pub(super) fn token(&mut self, state: &mut State, token: &TokenSpec) -> Result<(), Diagnostic> {
        let tokens = &self.engine.api().tokens;
        let name = token.kind.name.as_str();
        if !tokens.are_declared() {
            return Err(Diagnostic::new(token.kind.span, "the API has no tokens")
                .help("declare their kinds under `tokens` in standin.yaml"));
        }
        let kind = tokens.kind(name);
        let kind =
            kind.ok_or_else(|| Diagnostic::unknown(token.kind.span, "kind of token", name, &tokens.kind_names()))?;
        let mut fields = token_fields(&state.ownership, kind, &token.key.name, None);
        let mut value = token.value.clone();
        if let Some((key, _)) = token.rest.iter().find(|(key, _)| Some(key.name.as_str()) != kind.subject.as_deref()) {
            let known: Vec<&str> = ["kind", "value"].into_iter().chain(kind.subject.as_deref()).collect();
            return Err(Diagnostic::unknown(key.span, "entry of a token", &key.name, &known));
        }
        match (&kind.subject, token.rest.first()) {
            (Some(subject), Some((_, tree))) => {
                let id = CompactString::from(tree.text()?);
                let Some(record) = state.store.get(subject, &id).cloned() else {
                    self.references.push(Reference { span: tree.span, kind: subject.to_string(), id });
                    return Ok(());
                };
                fields = token_fields(&state.ownership, kind, &token.key.name, Some(&record));
                let named = kind.value.as_deref();
                let derive = named.and_then(|name| self.engine.handlers()?.token_value(name));
                let derived = derive.map(|derive| derive(&record, &hex(&format!("{}/{id}", token.key.name))));
                // The record may have changed since the token was made.
                value = if self.snapshot.is_some() { value.or(derived) } else { derived.or(value) };
            }
            (Some(subject), None) => return Err(Diagnostic::missing(token.span, "a token", subject)),
            (None, _) => {}
        }
        let value = value.unwrap_or_else(|| hex(&format!("{}/{name}", token.key.name)));
        if !is_token_value(&value) {
            let message = format!("the value of the token `{}` is not valid in a header", token.key.name);
            return Err(Diagnostic::new(token.key.span, message).help("use ASCII letters without spaces"));
        }
        if let Some(other) = state.store.get("token", &value) {
            let message = format!("the tokens `{}` and `{}` have the same value", other.text("name"), token.key.name);
            return Err(Diagnostic::new(token.key.span, message));
        }
        state.store.put(Record::new("token", value, fields));
        Ok(())
    }
}

/// The fields of a token of a scenario that stands for a record.
pub(in crate::scenarios) fn token_fields(
    ownership: &Ownership,
    kind: &TokenKind,
    name: &str,
    record: Option<&Record>,
) -> Fields {
    let mut fields = Fields::new().with("name", name).with("kind", kind.name.as_str());
    if let Some((subject, record)) = kind.subject.as_deref().zip(record) {
        fields.set(&token_field(subject), &record.id);
        let owner = ownership.of(record).map(CompactString::from);
        if let Some(owner) = owner.filter(|_| *subject != *ownership.kind) {
            fields.set(&ownership.token_field, owner);
        }
    }
    fields
}

/// Whether a text can be sent as a token in a header.
pub(in crate::scenarios) fn is_token_value(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic())
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The tokens of a state, and the variables that are derived from their records.
pub fn credentials(engine: &Engine, state: &State, scenario: &Scenario) -> Credentials {
    let api = engine.api();
    let records = || state.store.all("token");
    let mut params: Vec<(String, String)> = Vec::new();
    for param in &api.params {
        let Some(token) = records().find(|token| token.text("kind") == param.token) else { continue };
        let value = token.text(&param.field);
        let value = match &param.first {
            Some((kind, field)) => {
                state.store.all(kind).find(|record| record.text(field) == value).map_or("", |record| &record.id)
            }
            None => value,
        };
        if !value.is_empty() {
            params.extend(param.names.iter().map(|name| (name.clone(), value.to_owned())));
        }
    }
    let mut line = vec![scenario];
    while let Some(base) = line.last().and_then(|scenario| scenario.base.as_deref()) {
        line.push(base);
    }
    for scenario in line.into_iter().rev() {
        let given: HashMap<_, _> = scenario.params.iter().cloned().collect();
        params.retain(|(name, _)| !given.contains_key(name));
        params.extend(scenario.params.iter().cloned());
    }
    Credentials { params, ..Credentials::of(engine, state) }
}
