use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::openapi::Violation;
use crate::request::{Context, Query, Stop};

/// What a quirk does when its conditions hold. Each effect is one file in `effects/` and one row in
/// [`EFFECTS`](super::EFFECTS).
pub trait Effect: fmt::Debug + Send + Sync {
    /// Its key in a quirks file.
    fn name() -> &'static str
    where
        Self: Sized;

    /// Reads the value of its key.
    ///
    /// # Errors
    /// When an entry is missing, unknown or of the wrong type.
    fn parse(node: &YamlNode) -> Result<Self, Diagnostic>
    where
        Self: Sized;

    /// The stage of the pipeline that applies it.
    fn stage(&self) -> Stage;

    /// Applies the effect to what its stage works on; returns whether it changed anything. The caller then marks the
    /// quirk as applied. An effect ignores the targets of other stages.
    fn apply(&self, target: Target<'_>) -> bool;

    /// What it does, as the rest of a sentence about the quirk: `responds 404 {…}`.
    fn describe(&self) -> String;

    /// How it changes what the contract requires of a request, for exported contracts.
    fn amendment(&self) -> Option<Amendment<'_>> {
        None
    }

    /// Whether it decides how the value at a JSON pointer of the body is coerced. The contract's own coercion leaves such
    /// a value alone, also while the quirk is off.
    fn owns_coercion(&self, _pointer: &str) -> bool {
        false
    }
}

/// The stage of the pipeline that applies an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Responds in place of the API: as soon as the caller is known, and again when the body has been read.
    Respond,
    /// Coerces the body before it is validated.
    Coerce,
    /// Takes part in the validation of parameters and body.
    Validate,
    /// Rewrites the query before the handler reads it.
    Rewrite,
    /// Changes a success after the handler, before it is written.
    Transform,
}

impl Stage {
    pub(super) const COUNT: usize = Self::Transform as usize + 1;
}

/// What an effect is applied to: each [`Stage`] has targets of its own.
pub enum Target<'t> {
    /// `Respond`: receives the response.
    Response(&'t mut Option<Stop>),
    /// `Coerce`: the body.
    Body(&'t mut Value),
    /// `Validate`: a violation of the contract by the body. The effect is applied if it allows the violation.
    Violation(&'t Violation),
    /// `Validate`: a parameter that is missing. The effect is applied if it allows that.
    MissingParameter(&'t str),
    /// `Validate`: the whole body before coercion; receives the reason why the request is rejected.
    SentBody(&'t Value, &'t mut Option<Stop>),
    /// `Validate`: the request after validation; receives the reason why it is rejected.
    ValidBody(&'t Context<'t>, &'t Value, &'t mut Option<Stop>),
    /// `Rewrite`: the query.
    Query(&'t mut Query),
    /// `Transform`: a success before it is written.
    Success(&'t Context<'t>, &'t mut StatusCode, &'t mut Value),
}

/// How an effect changes what a contract requires of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Amendment<'e> {
    /// The field of the body is required.
    RequireField(&'e [String]),
    /// The field of the body may be missing.
    AllowField(&'e [String]),
    /// The parameter may be missing.
    AllowParameter(&'e str),
}

/// Reads an effect.
type Parse = fn(&YamlNode) -> Result<Arc<dyn Effect>, Diagnostic>;

/// A kind of effect: a row of [`EFFECTS`](super::EFFECTS).
#[derive(Clone, Copy, Debug)]
pub struct EffectKind {
    name: fn() -> &'static str,
    parse: Parse,
}

impl EffectKind {
    /// The row of an effect.
    pub(super) const fn of<E: Effect + 'static>() -> Self {
        Self { name: E::name, parse: parse::<E> }
    }

    /// Its key in a quirks file.
    pub fn name(&self) -> &'static str {
        (self.name)()
    }

    /// Reads the value of its key.
    ///
    /// # Errors
    /// When it is wrong.
    pub fn parse(&self, node: &YamlNode) -> Result<Arc<dyn Effect>, Diagnostic> {
        (self.parse)(node)
    }
}

fn parse<E: Effect + 'static>(node: &YamlNode) -> Result<Arc<dyn Effect>, Diagnostic> {
    Ok(Arc::new(E::parse(node)?))
}
