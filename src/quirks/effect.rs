use std::fmt;
use std::sync::Arc;

use compact_str::CompactString;
use http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::diagnostics::{Diagnostic, YamlNode};
use crate::model::Store;
use crate::openapi::{Shape, Violation};
use crate::request::{Context, Query, RecordView, Reply, ReplyPart, Stop};

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

    /// Applies a `Transform` effect to a reply, which costs less than to its JSON document; returns whether it changed
    /// anything, or `None` if the effect needs the document.
    fn apply_to_reply(&self, _target: &mut ReplyTarget<'_>) -> Option<bool> {
        None
    }

    /// What it does, as the rest of a sentence about the quirk: `responds 404 {…}`.
    fn describe(&self) -> String;

    /// How it changes what the contract requires of a request, for exported contracts.
    fn amendment(&self) -> Option<Amendment<'_>> {
        None
    }

    /// Whether it rejects requests for their values, whatever the contract says.
    fn rejects_values(&self) -> bool {
        false
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
    /// Decides whether a caller acts for an owner that its request does not name.
    Own,
    /// Changes a success after the handler, before it is written.
    Transform,
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
    /// `Own`: the owner of a record that the request names; `None` if the caller does not act for it.
    Owner(&'t mut Option<CompactString>),
    /// `Transform`: a success before it is written.
    Success(&'t Context<'t>, &'t mut StatusCode, &'t mut Value),
}

/// A handler's reply before its JSON document is built.
pub struct ReplyTarget<'t> {
    /// The records of the session.
    pub store: &'t Store,
    /// The reply.
    pub reply: &'t mut Reply,
    /// The status of the success.
    pub status: &'t mut StatusCode,
    /// The shape of the documented response.
    pub shape: Option<&'t Shape>,
    /// The time zone in which the response has times with an offset.
    pub zone: &'t TimeZone,
    /// Path to the data in the documented response.
    pub data: &'t [CompactString],
}

impl ReplyTarget<'_> {
    /// The records at a path of the response, with their documented shape: a part of the reply, or with `*` the elements
    /// of one. `None` if the path leads elsewhere.
    pub fn records_at(&mut self, path: &[String]) -> Option<(&mut [RecordView], &Shape)> {
        let (data, path) = path.split_at_checked(self.data.len())?;
        let is_in_data = data.iter().zip(self.data).all(|(step, name)| step == name);
        let (part, is_list) = match path {
            [part] => (part, false),
            [part, star] if star == "*" => (part, true),
            _ => return None,
        };
        let shape = self.shape?.at(self.data)?.get(part)?;
        let (_, part) = self.reply.parts.iter_mut().find(|(name, _)| name == part).filter(|_| is_in_data)?;
        match (part, shape) {
            (ReplyPart::RecordView(view), Shape::Object(_)) if !is_list => Some((std::slice::from_mut(view), shape)),
            (ReplyPart::Views(views), Shape::List(element)) if is_list => Some((views, element)),
            _ => None,
        }
    }
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
    /// The field of the body matches a JSON Schema too.
    Constrain(&'e [String], &'e Value),
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
