//! The effect `notify` and its reader.

use super::Compiler;
use crate::diagnostics::{Diagnostic, Span, YamlNode};
use crate::expressions::{Expression, Type};

/// Sends a message to URLs.
#[derive(Clone, Debug)]
pub struct Notify {
    /// What the message is.
    pub subject: Subject,
    /// Its name, which is the name of the event in the journal.
    pub name: String,
    /// Where its name is in the file.
    pub span: Span,
    /// Where it is sent to.
    pub to: Receivers,
    /// The body.
    pub payload: Expression,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::Display)]
#[strum(serialize_all = "lowercase")]
pub enum Subject {
    /// An event with a name of the resources file.
    Event,
    /// A callback that an operation of the contract declares.
    Callback,
    /// A webhook that the contract declares.
    Webhook,
}

/// Where a message is sent to.
#[derive(Clone, Debug)]
pub enum Receivers {
    /// A URL, or a list of URLs.
    Urls(Expression),
    /// The URLs in requests of the callback's operations: those that have written the record itself, if the operations are
    /// about such records, else all.
    Callers,
    /// The URLs in requests that have written the record with an id.
    CallersOf(Expression),
    /// The URLs in requests that have written records for which a condition on `target` holds.
    CallersWhere(Expression),
}

impl Receivers {
    /// As a part of a sentence.
    pub fn describe(&self) -> String {
        match self {
            Self::Urls(to) => to.text().to_owned(),
            Self::Callers => "the URL of the request".to_owned(),
            Self::CallersOf(id) => format!("the URL of the request about {}", id.text()),
            Self::CallersWhere(condition) => format!("the URLs of requests where {}", condition.text()),
        }
    }
}

/// Reads the value of `notify`.
pub(super) fn read_notify(node: &YamlNode, compiler: &Compiler<'_>) -> Result<Notify, Diagnostic> {
    let mut entries = node.entries("`notify`")?;
    let subjects = [("callback", Subject::Callback), ("webhook", Subject::Webhook), ("event", Subject::Event)];
    let mut named = subjects.iter().filter_map(|(key, subject)| Some((*subject, entries.take(key)?)));
    let named = (named.next(), named.next());
    let (subject, name) = match named {
        (Some(one), None) => one,
        (None, _) => (Subject::Event, entries.require("event")?),
        (Some(_), Some((_, second))) => {
            let message = "`notify` needs only one of `event`, `callback` and `webhook`";
            return Err(Diagnostic::new(second.span, message).help("remove the others"));
        }
    };
    let given = (entries.take("to"), entries.take("id"), entries.take("where"));
    let to = match (subject, given) {
        (_, (Some(to), None, None)) => Receivers::Urls(compiler.expression(to, &Type::Any)?),
        (Subject::Callback, (None, None, None)) => Receivers::Callers,
        (Subject::Callback, (None, Some(id), None)) => Receivers::CallersOf(compiler.expression(id, &Type::Any)?),
        (Subject::Callback, (None, None, Some(condition))) => {
            let of_target = compiler.with_variable("target", Some(Type::Any));
            Receivers::CallersWhere(of_target.expression(condition, &Type::Bool)?)
        }
        (_, (None, None, None)) => Receivers::Urls(compiler.expression(entries.require("to")?, &Type::Any)?),
        (Subject::Callback, _) => {
            let message = "a callback has only one of `to`, `id` and `where`";
            return Err(Diagnostic::new(node.span, message).help("remove the others"));
        }
        (_, (_, Some(other), _) | (_, _, Some(other))) => {
            let message = "`id` and `where` choose among the requests of a callback";
            return Err(Diagnostic::new(other.span, message).help("write `callback: NAME`, or only `to`"));
        }
    };
    let payload = compiler.expression(entries.require("payload")?, &Type::Any)?;
    entries.finish()?;
    Ok(Notify { subject, name: name.text()?.to_owned(), span: name.span, to, payload })
}
