//! The tokens of a scenario as records.

use compact_str::CompactString;
use sha2::{Digest, Sha256};

use super::read::TokenSpec;
use super::seed::Reference;
use crate::diagnostics::Diagnostic;
use crate::model::{Fields, Record};
use crate::pipeline::Engine;
use crate::request::State;

/// Adds a token of a scenario. Returns the reference to its record if that record does not exist; the token is not added then.
///
/// # Errors
/// An unknown kind, a wrong entry, or a value that another token has or that no header can carry.
pub(super) fn seed_token(
    engine: &Engine,
    state: &mut State,
    token: &TokenSpec,
) -> Result<Option<Reference>, Diagnostic> {
    let tokens = &engine.api().tokens;
    let name = token.kind.name.as_str();
    if !tokens.are_declared() {
        return Err(Diagnostic::new(token.kind.span, "the API has no tokens")
            .help("declare their kinds under `tokens` in standin.yaml"));
    }
    let kind = tokens.kind(name);
    let kind = kind.ok_or_else(|| Diagnostic::unknown(token.kind.span, "kind of token", name, &tokens.kind_names()))?;
    let mut fields = Fields::new().with("name", token.key.name.as_str()).with("kind", name);
    let mut value = token.value.clone();
    for (key, _) in token.rest.iter().filter(|(key, _)| Some(key.name.as_str()) != kind.subject.as_deref()) {
        let known: Vec<&str> = ["kind", "value"].into_iter().chain(kind.subject.as_deref()).collect();
        return Err(Diagnostic::unknown(key.span, "entry of a token", &key.name, &known));
    }
    match (&kind.subject, token.rest.first()) {
        (Some(subject), Some((_, tree))) => {
            let id = CompactString::from(tree.text()?);
            let Some(record) = state.store.get(subject, &id).cloned() else {
                return Ok(Some(Reference { span: tree.span, kind: subject.to_string(), id }));
            };
            fields.set(&format!("{subject}_uid"), &id);
            let owner = state.ownership.of(&record).map(CompactString::from);
            let is_owner = *subject == state.ownership.kind;
            if let Some(owner) = owner.filter(|_| !is_owner) {
                fields.set(&format!("{}_uid", state.ownership.kind), owner);
            }
            let named = kind.value.as_deref();
            let derive = named.and_then(|name| engine.handlers()?.token_value(name));
            value = derive.map(|derive| derive(&record, &hex(&format!("{}/{id}", token.key.name)))).or(value);
        }
        (Some(subject), None) => return Err(Diagnostic::missing(token.span, "a token", subject)),
        (None, _) => {}
    }
    let value = value.unwrap_or_else(|| hex(&format!("{}/{name}", token.key.name)));
    if value.is_empty() || value.contains(|letter: char| !letter.is_ascii_graphic()) {
        let message = format!("the value of the token `{}` is not valid in a header", token.key.name);
        return Err(Diagnostic::new(token.key.span, message).help("use ASCII letters without spaces"));
    }
    if let Some(other) = state.store.get("token", &value) {
        let message = format!("the tokens `{}` and `{}` have the same value", other.text("name"), token.key.name);
        return Err(Diagnostic::new(token.key.span, message));
    }
    state.store.put(Record { kind: "token".into(), id: value.into(), fields });
    Ok(None)
}

fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
