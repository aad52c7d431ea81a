//! The URLs of callbacks: a request has them, effects send to them later. They are records, so that they are part of snapshots
//! and forks, and are taken back with a rejected request.

use std::sync::Arc;

use compact_str::{CompactString, format_compact};

use super::BehaviourRunner;
use crate::expressions::{EvalError, Value};
use crate::model::{Fields, Record};
use crate::openapi::{Notify, Receivers, Resource, SentRequest};

/// The kind of the records with the URLs. Kinds of an API have no space in their names.
const CALLER: &str = "callback url";

impl BehaviourRunner<'_> {
    /// Whether the operation of the request has callbacks.
    pub(super) fn has_callbacks(&self) -> bool {
        self.request.is_some_and(|request| !request.operation.callbacks.is_empty())
    }

    /// Whether earlier requests had URLs of callbacks.
    pub(super) fn has_callers(&self) -> bool {
        self.state.store.all(CALLER).next().is_some()
    }

    /// Stores the URLs of callbacks that a successful request has, unless they were stored with a record that it has written.
    pub fn remember_request(&mut self) {
        if self.has_callbacks() && !self.state.store.log().iter().any(|change| change.record().kind == CALLER) {
            self.remember_callbacks(None);
        }
    }

    /// Stores the URLs of callbacks that the request has, with the record that it has written.
    pub(super) fn remember_callbacks(&mut self, record: Option<&Arc<Record>>) {
        let Some(request) = self.request.filter(|request| !request.operation.callbacks.is_empty()) else { return };
        let kind = request.operation.role.resource.as_deref();
        if record.is_some_and(|record| kind.is_some_and(|kind| record.kind != kind)) {
            return;
        }
        for (index, callback) in request.operation.callbacks.iter().enumerate() {
            let Some(url) = callback.url.as_ref().and_then(|url| request.resolve(url)) else { continue };
            let name = &callback.name;
            let id = match record {
                Some(record) => format_compact!("{} {} {name} {index}", record.kind, record.id),
                None => format_compact!("{name} {index} {url}"),
            };
            let fields = Fields::new().with("callback", name.as_str()).with("url", url.as_str());
            let fields = match record {
                Some(record) => fields.with("kind", record.kind.as_str()).with("record", record.id.as_str()),
                None => fields,
            };
            self.state.store.put(Record::new(CALLER, id, fields));
        }
    }

    /// Removes the URLs of the requests that have written a deleted record.
    pub(super) fn forget_callbacks(&mut self, record: &Record) {
        let store = &mut self.state.store;
        let of_record = store.find_by(CALLER, "record", &record.id).map(|(_, caller)| caller);
        let of_record =
            of_record.filter(|caller| caller.text("record") == record.id && caller.text("kind") == record.kind);
        for id in of_record.map(|caller| caller.id.clone()).collect::<Vec<_>>() {
            store.remove(CALLER, &id);
        }
    }

    /// The URLs to which a callback is sent, each once.
    pub(super) fn callers(
        &mut self,
        resource: &Resource,
        sent: Option<&SentRequest>,
        notify: &Notify,
        variables: &[Value],
    ) -> Result<Vec<String>, EvalError> {
        let is_own_kind = sent.is_some_and(|sent| sent.kinds.iter().any(|kind| *kind == resource.kind));
        let id = match &notify.to {
            Receivers::CallersOf(id) => Some(id.evaluate(variables, self)?.as_id().unwrap_or_default()),
            Receivers::Callers if is_own_kind => variables.first().and_then(Value::as_id),
            _ => None,
        };
        let condition = match &notify.to {
            Receivers::CallersWhere(condition) => Some(condition),
            _ => None,
        };
        let owner = variables.first().and_then(|record| self.owner_of(record));
        let known: Vec<Arc<Record>> = self.state.store.all(CALLER).cloned().collect();
        let mut urls: Vec<String> = Vec::new();
        for caller in known.iter().filter(|caller| caller.text("callback") == notify.name) {
            let written = self.state.store.get(caller.text("kind"), caller.text("record")).cloned();
            let is_meant = match (&id, condition, &written) {
                (Some(id), ..) => caller.text("record") == *id,
                (None, Some(condition), Some(written)) => {
                    let mut variables = variables.to_vec();
                    variables.push(Value::Record(Arc::clone(written)));
                    condition.holds(&variables, self)?
                }
                (None, Some(_), None) => false,
                (None, None, _) => true,
            };
            let other = written.as_ref().and_then(|written| self.state.ownership.of(written).map(CompactString::from));
            let is_of_owner = other.is_none() || owner.is_none() || other == owner;
            let url = caller.text("url");
            if is_meant && is_of_owner && !urls.iter().any(|known| known == url) {
                urls.push(url.to_owned());
            }
        }
        Ok(urls)
    }
}
