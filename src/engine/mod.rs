//! The engine is a function: [`Engine::answer`], from a call to an answer.
//!
//! The HTTP server, replay and proofs are callers of it. An [`Engine`] is what never changes, a [`Session`] is one
//! world with its journal.

mod answer;
mod body;
mod check;
mod journal;
mod memo;
mod negotiate;
mod session;
mod steps;

pub use answer::{Answer, NEAREST_HEADER, QUIRKS_HEADER, REFUSED_HEADER};
pub use session::Session;

use bytes::Bytes;
use http::{HeaderValue, Method};
use serde_json::Value;

use crate::behaviours::{self, Behave};
use crate::contract::conform::conform;
use crate::contract::{Contract, Library, Operation};
use crate::exchange::{Call, World};
use crate::gateway::{self, Families, Found, Routes};
use crate::quirks::{Asked, Quirks, Rules, Scene};
use crate::source::Complaints;
use journal::Entry;
use memo::Kept;
use session::Now;
use steps::Stop;

/// One API, ready to answer.
pub struct Engine {
    contract: Contract,
    quirks: Quirks,
    families: Families,
    routes: Routes,
    /// One for each operation, in the contract's order.
    plans: Vec<Plan>,
    /// The id of each quirk as a header, in the list's order.
    id_headers: Vec<HeaderValue>,
}

/// What is settled about an operation before any call.
struct Plan {
    rules: Rules,
    behave: Option<Behave>,
    family: usize,
}

impl Engine {
    /// The engine of an API's files.
    ///
    /// # Errors
    /// When a quirks, resources or families file is wrong. A contract that is wrong leaves notes instead.
    pub fn new(library: &Library) -> Result<Self, Complaints> {
        let families = Families::read(&library.families)?;
        let mut contract = Contract::read(library, &|path| families.of(path).asks_for_tokens())?;
        let quirks = if contract.is_home { Quirks::read(&library.quirks)? } else { Quirks::default() };
        let routes = Routes::new(&contract.operations, &mut contract.notes);
        let plan = |operation: &Operation| Plan {
            rules: Rules::about(&quirks, operation),
            behave: behaviours::of(&operation.key),
            family: families.place(&operation.path),
        };
        let plans = contract.operations.iter().map(plan).collect();
        let header = |id: &str| HeaderValue::from_str(id).expect("an id is letters, digits and hyphens");
        let id_headers = quirks.iter().map(|quirk| header(&quirk.id)).collect();
        Ok(Self { contract, quirks, families, routes, plans, id_headers })
    }

    /// The contracts.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The quirks.
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// Answers a call in a session.
    pub fn answer(&self, session: &Session, call: &Call) -> Answer {
        session.with(|Now { world, journal, memo }| {
            world.begin(call.at);
            if let Some(known) = memo.find(call, world) {
                journal.note(Entry::of(call, world.now(), known));
                return known.answer.clone();
            }
            let (mut answer, operation) = self.walk(world, call);
            let changed_by = world.changed_by();
            if let Some(ids) = self.quirk_ids(&changed_by) {
                answer.headers.push((QUIRKS_HEADER, ids));
            }
            let kept = Kept { answer, operation, changed_by, within: world.holds_within() };
            memo.keep(call, world, &kept);
            journal.note(Entry::of(call, world.now(), &kept));
            kept.answer
        })
    }

    /// Whether an answer to a call of that method and path (with its door) is what the contract documents for its status;
    /// nothing when no operation has the path, or documents no such answer.
    pub fn judge(&self, method: &Method, path: &str, status: u16, body: &Value) -> Option<Result<(), String>> {
        let media = self.find(method, path)?.responses.get(&status)?.first()?;
        media.is_json().then(|| conform(media, body))
    }

    /// The operation that a method and a path (with its door or without) lead to.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        let (_, path) = gateway::enter(path);
        match self.routes.find(method, path) {
            Found::Operation(place, _) => Some(&self.contract.operations[place]),
            _ => None,
        }
    }

    /// The header that names quirks, by their places.
    fn quirk_ids(&self, places: &[usize]) -> Option<HeaderValue> {
        match places {
            [] => None,
            [one] => Some(self.id_headers[*one].clone()),
            more => {
                let mut ids = String::with_capacity(256);
                for place in more {
                    ids.push_str(if ids.is_empty() { "" } else { ", " });
                    ids.push_str(&self.quirks.at(*place).id);
                }
                HeaderValue::from_maybe_shared(Bytes::from(ids)).ok()
            }
        }
    }

    /// The way of a call; the steps are those of [`steps`], in this order.
    fn walk(&self, world: &mut World, call: &Call) -> (Answer, Option<usize>) {
        let (door, path) = steps::door(call);
        let (operation, values) = match steps::route(self, world, call, door, path) {
            Ok(found) => found,
            Err(Stop::Answered(answer)) => return (*answer, None),
            Err(Stop::Refused(refusal)) => return (self.families.of(path).refusal(&refusal, None).into(), None),
        };
        let family = self.families.at(self.plans[operation].family);
        let mut walk = || -> Result<Answer, steps::Stop> {
            let query = steps::query(call);
            let caller = steps::caller(self, world, operation, door, call, &query)?;
            steps::room(world, call)?;
            // What is asked for from the contract alone is no matter of quirks.
            steps::prefer(self, world, operation, call)?;
            let scene = Scene { door, caller: Some(&caller), world, headers: &call.headers, asked: None };
            steps::refuse(self, operation, &scene)?;
            let body = steps::check(self, operation, &scene, call, &values, &query)?;
            let asked =
                Asked { operation: &self.contract.operations[operation], path: &values, query: &query, body: &body };
            let meant = steps::mean(self, operation, &Scene { asked: Some(asked), ..scene });
            let meant = meant.as_ref().unwrap_or(&query);
            let outcome = steps::behave(self, world, operation, &caller, &values, meant, &body)?;
            let mut answer = steps::spell(self, world, operation, family, &caller, call, outcome);
            let scene = Scene { door, caller: Some(&caller), world, headers: &call.headers, asked: Some(asked) };
            steps::amend(self, operation, &scene, &mut answer);
            Ok(answer)
        };
        let answer = walk().unwrap_or_else(|stop| stop.spell(family, &self.contract.operations[operation]));
        (answer, Some(operation))
    }
}
