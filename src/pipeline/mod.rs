//! The engine is a function: [`Engine::answer`], from a call to an answer.
//!
//! The HTTP server, replay and proofs are callers of it. An [`Engine`] is what never changes, a [`Session`] is one
//! world with its journal.

mod body;
mod cache;
mod journal;
mod negotiate;
mod session;
mod stages;
mod validate;

pub use session::Session;

use bytes::Bytes;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::api::{self, Dialects, RouteMatch, Routes};
use crate::apis::Handlers;
use crate::diagnostics::Diagnostics;
use crate::openapi::conform::conform;
use crate::openapi::{ApiFolder, Contract, Operation};
use crate::quirks::{ParsedRequest, Quirks, RuleContext, Rules};
use crate::request::{AfterWrite, Handler};
use crate::request::{QUIRKS_HEADER, Request, Response, State};
use cache::CachedResponse;
use journal::Entry;
use session::Live;
use stages::Abort;

/// One API, ready to answer.
pub struct Engine {
    contract: Contract,
    quirks: Quirks,
    dialects: Dialects,
    routes: Routes,
    /// One for each operation, in the contract's order.
    endpoints: Vec<Endpoint>,
    /// The id of each quirk as a header, in the list's order.
    id_headers: Vec<HeaderValue>,
}

/// What is settled about an operation before any call.
struct Endpoint {
    rules: Rules,
    handler: Option<Handler>,
    after_write: Option<AfterWrite>,
    dialect: usize,
}

impl Engine {
    /// The engine of an API's files.
    ///
    /// # Errors
    /// When a quirks, resources or families file is wrong. A contract that is wrong leaves notes instead.
    pub fn new(folder: &ApiFolder) -> Result<Self, Diagnostics> {
        let dialects = Dialects::read(&folder.families)?;
        let mut contract = Contract::read(folder, &|path| dialects.of(path).requires_token())?;
        let quirks = if contract.is_embedded_api { Quirks::read(&folder.quirks)? } else { Quirks::default() };
        let handlers = if contract.is_embedded_api { Handlers::named("intandem") } else { None };
        let routes = Routes::new(&contract.operations, &mut contract.notes);
        let endpoint = |operation: &Operation| Endpoint {
            rules: Rules::about(&quirks, operation),
            handler: handlers.and_then(|handlers| handlers.operation(&operation.key)),
            after_write: handlers.and_then(|handlers| handlers.after_write(&operation.key)),
            dialect: dialects.index_of(&operation.path),
        };
        let endpoints = contract.operations.iter().map(endpoint).collect();
        let header = |id: &str| HeaderValue::from_str(id).expect("an id is letters, digits and hyphens");
        let id_headers = quirks.iter().map(|quirk| header(&quirk.id)).collect();
        Ok(Self { contract, quirks, dialects, routes, endpoints, id_headers })
    }

    /// The contracts.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Whether an operation has a handler of its own instead of the CRUD handler.
    pub fn has_handler(&self, operation: &Operation) -> bool {
        let index = self.contract.operations.iter().position(|known| known.key == operation.key);
        index.is_some_and(|index| self.endpoints[index].handler.is_some())
    }

    /// The quirks.
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// Answers a call in a session.
    pub fn answer(&self, session: &Session, call: &Request) -> Response {
        session.with(|Live { state, journal, cache }| {
            state.begin(call.at);
            if let Some(known) = cache.find(call, state) {
                journal.note(Entry::of(call, state.now(), known));
                return known.answer.clone();
            }
            let (mut answer, operation) = self.run(state, call);
            let applied_quirks = state.applied_quirks();
            if let Some(ids) = self.quirk_ids(&applied_quirks) {
                answer.headers.push((QUIRKS_HEADER, ids));
            }
            let cached = CachedResponse { answer, operation, applied_quirks, within: state.valid_range() };
            cache.keep(call, state, &cached);
            journal.note(Entry::of(call, state.now(), &cached));
            cached.answer
        })
    }

    /// Whether an answer to a call of that method and path (with its door) is what the contract documents for its status;
    /// nothing when no operation has the path, or documents no such answer.
    pub fn judge(&self, method: &Method, path: &str, status: u16, body: &Value) -> Option<Result<(), String>> {
        let media = self.find(method, path)?.response(status)?.first()?;
        media.is_json().then(|| conform(media, body))
    }

    /// The operation that a method and a path (with its door or without) lead to.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let (_, path) = api::enter(path);
        match self.routes.find(method, path) {
            RouteMatch::Operation(index, _) => Some(&self.contract.operations[index]),
            _ => None,
        }
    }

    /// The header that names quirks, by their places.
    fn quirk_ids(&self, indexes: &[usize]) -> Option<HeaderValue> {
        match indexes {
            [] => None,
            [one] => Some(self.id_headers[*one].clone()),
            more => {
                let mut ids = String::with_capacity(256);
                for index in more {
                    ids.push_str(if ids.is_empty() { "" } else { ", " });
                    ids.push_str(&self.quirks.at(*index).id);
                }
                HeaderValue::from_maybe_shared(Bytes::from(ids)).ok()
            }
        }
    }

    /// The way of a call; the steps are those of [`stages`], in this order.
    fn run(&self, state: &mut State, call: &Request) -> (Response, Option<usize>) {
        let (gateway, path) = stages::gateway(call);
        let (operation, values) = match stages::route(self, state, call, gateway, path) {
            Ok(found) => found,
            Err(Abort::Answered(answer)) => return (*answer, None),
            Err(Abort::Refused(error)) => return (self.dialects.of(path).error(&error, None).into(), None),
        };
        let dialect = self.dialects.at(self.endpoints[operation].dialect);
        let mut run = || -> Result<Response, stages::Abort> {
            let query = stages::query(call);
            let caller = stages::caller(self, state, operation, gateway, call, &query)?;
            stages::check_capacity(state, call)?;
            // What is asked for from the contract alone is no matter of quirks.
            stages::prefer(self, state, operation, call)?;
            let scene = RuleContext { gateway, caller: Some(&caller), state, headers: &call.headers, asked: None };
            stages::reject(self, operation, &scene)?;
            let body = stages::validate(self, operation, &scene, call, &values, &query)?;
            let asked = ParsedRequest {
                operation: &self.contract.operations[operation],
                path: &values,
                query: &query,
                body: &body,
            };
            let rewritten = stages::rewrite_query(self, operation, &RuleContext { asked: Some(asked), ..scene });
            let rewritten = rewritten.as_ref().unwrap_or(&query);
            let outcome = stages::handle(self, state, operation, &caller, &values, rewritten, &body)?;
            let mut answer = stages::render(self, state, operation, dialect, &caller, call, outcome);
            let scene =
                RuleContext { gateway, caller: Some(&caller), state, headers: &call.headers, asked: Some(asked) };
            stages::transform_response(self, operation, &scene, &mut answer);
            Ok(answer)
        };
        let answer = run().unwrap_or_else(|stop| stop.render(dialect, &self.contract.operations[operation]));
        (answer, Some(operation))
    }
}
