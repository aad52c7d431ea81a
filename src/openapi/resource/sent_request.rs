//! The callbacks and webhooks that effects send, as the contracts document them.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use http::Method;
use serde_json::Value;

use super::{Action, Notify, Receivers, Resource, Resources, Subject};
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile};
use crate::openapi::{Callback, Operation, Schema};

/// A callback or a webhook that effects send.
#[derive(Clone, Debug)]
pub struct SentRequest {
    subject: Subject,
    name: String,
    /// The method of the request.
    pub method: Method,
    /// The schemas of its body, one for each place where contracts document it.
    bodies: Vec<Arc<Schema>>,
    /// The kinds of records that the operations with the callback are about.
    pub kinds: Vec<CompactString>,
}

impl SentRequest {
    /// How a body differs from what the contracts document: JSON pointer and message. `None` if it is as documented, or if
    /// nothing is.
    pub fn violation(&self, body: &Value) -> Option<String> {
        let violation = |schema: &Arc<Schema>| {
            let mut violations = schema.violations(body).into_iter().filter(|violation| violation.rule != "format");
            violations.next().map(|violation| format!("{}: {}", violation.pointer, violation.message))
        };
        let violations: Option<Vec<String>> = self.bodies.iter().map(violation).collect();
        violations?.into_iter().next()
    }
}

impl Resources {
    /// What contracts say about a message of effects. `None` for an event.
    pub fn sent_request(&self, subject: Subject, name: &str) -> Option<&SentRequest> {
        self.sent.iter().find(|sent| sent.subject == subject && sent.name == name)
    }

    /// Looks up the callbacks and webhooks that effects name.
    ///
    /// # Errors
    /// The mistakes of the first wrong file: a name that no contract has, a callback whose URL no request has.
    pub fn bind_notifications(
        &mut self,
        (operations, webhooks): (&[Operation], &[Callback]),
        files: &[SourceFile],
    ) -> Result<(), Diagnostics> {
        let mut wrong: BTreeMap<&str, Vec<Diagnostic>> = BTreeMap::new();
        let mut sent: Vec<SentRequest> = Vec::new();
        for (resource, notify) in self.list.iter().flat_map(notifications) {
            if sent.iter().any(|known| known.subject == notify.subject && known.name == notify.name) {
                continue;
            }
            match find(notify, operations, webhooks) {
                Ok(found) => sent.push(found),
                Err(diagnostic) => wrong.entry(&resource.file).or_default().push(diagnostic),
            }
        }
        if let Some((file, list)) = wrong.into_iter().next() {
            let text = files.iter().find(|source| source.name == file).map_or("", |source| source.text.as_str());
            return Err(Diagnostics::new(file, text, list));
        }
        self.sent = sent;
        Ok(())
    }
}

/// The callbacks and webhooks that the effects of a kind send.
fn notifications(resource: &Resource) -> impl Iterator<Item = (&Resource, &Notify)> {
    resource.behaviour.effects.iter().filter_map(move |effect| match &effect.action {
        Action::Notify(notify) if notify.subject != Subject::Event => Some((resource, notify)),
        _ => None,
    })
}

fn find(notify: &Notify, operations: &[Operation], webhooks: &[Callback]) -> Result<SentRequest, Diagnostic> {
    let of_operations = operations.iter().flat_map(|operation| {
        operation.callbacks.iter().map(move |callback| (callback, operation.role.resource.as_deref()))
    });
    let declared: Vec<(&Callback, Option<&str>)> = match notify.subject {
        Subject::Webhook => webhooks.iter().map(|webhook| (webhook, None)).collect(),
        Subject::Callback | Subject::Event => of_operations.collect(),
    };
    let found: Vec<_> = declared.iter().filter(|(callback, _)| callback.name == notify.name).collect();
    let Some((first, _)) = found.first() else {
        let mut known: Vec<&str> = declared.iter().map(|(callback, _)| callback.name.as_str()).collect();
        known.sort_unstable();
        known.dedup();
        let diagnostic = Diagnostic::unknown(notify.span, &notify.subject.to_string(), &notify.name, &known);
        return Err(match known.is_empty() {
            true => diagnostic.help(format!("no contract declares a {}; write `event` instead", notify.subject)),
            false => diagnostic,
        });
    };
    let needs_request = notify.subject == Subject::Callback && !matches!(notify.to, Receivers::Urls(_));
    let has_url = |callback: &Callback| callback.url.as_ref().is_some_and(|url| url.is_of_request());
    if needs_request && !found.iter().any(|(callback, _)| has_url(callback)) {
        let url = first.url.as_ref().map_or("its URL", |url| url.text.as_str());
        let message = format!("no request has the URL of the callback `{}`: {url}", notify.name);
        return Err(Diagnostic::new(notify.span, message).help("add `to` with the URL"));
    }
    let mut kinds: Vec<CompactString> = found.iter().filter_map(|(_, kind)| kind.map(CompactString::from)).collect();
    kinds.dedup();
    Ok(SentRequest {
        subject: notify.subject,
        name: notify.name.clone(),
        method: first.method.clone(),
        bodies: found.iter().filter_map(|(callback, _)| callback.body.clone()).collect(),
        kinds,
    })
}
