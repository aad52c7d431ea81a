//! The steps of a call, in the order in which [`super::Engine`] takes them.

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;

use super::answer::{Answer, NEAREST_HEADER};
use super::{Engine, check as checks};
use crate::behaviours;
use crate::contract::generate::generate;
use crate::exchange::{Call, Caller, Door, Exchange, PathValues, Payload, Query, Refusal, RefusalKind, World};
use crate::gateway::{self, Family, Found};
use crate::quirks::{Effect, Quirk, Rules, Scene};
use crate::store::MAX_RECORDS;

/// Why a call goes no further.
pub(super) enum Stop {
    /// It is refused, in the family's words.
    Refused(Refusal),
    /// It is answered as it stands.
    Answered(Box<Answer>),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Stop {
    pub(super) fn spell(self, family: &Family) -> Answer {
        match self {
            Self::Refused(refusal) => family.refusal(&refusal).into(),
            Self::Answered(answer) => *answer,
        }
    }
}

/// What a behaviour, or the contract in its place, has to say.
pub(super) enum Outcome<'a> {
    Payload(Payload),
    Example(&'a Value),
    Generated(Value),
    Nothing,
}

/// Which base URL, and the path behind it.
pub(super) fn door(call: &Call) -> (Door, &str) {
    gateway::enter(&call.path)
}

/// Method and path to the operation. A door may answer for paths that no contract knows.
pub(super) fn route(
    engine: &Engine,
    world: &World,
    call: &Call,
    door: Door,
    path: &str,
) -> Result<(usize, PathValues), Stop> {
    let (mut answer, header) = match engine.routes.find(&call.method, path) {
        Found::Operation(operation, values) => return Ok((operation, values)),
        Found::OtherMethods(methods) => {
            let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            let answer = match call.method == Method::OPTIONS {
                true => Answer::empty(StatusCode::NO_CONTENT),
                false => {
                    let message = format!("{} is not a method of {path}", call.method);
                    engine.families.of(path).refusal(&Refusal::new(RefusalKind::MethodNotAllowed, message)).into()
                }
            };
            (answer, (ALLOW, names.join(", ")))
        }
        Found::Nothing(nearest) => {
            let rules = Rules::of_path(&engine.quirks, &call.method, path);
            if let Some(quirk) = rules.answer(&engine.quirks, &Scene { door, caller: None, world }) {
                return Err(Stop::Answered(Box::new(answered_by(quirk))));
            }
            let message = format!("No operation has the path {path}");
            let answer = engine.families.of(path).refusal(&Refusal::new(RefusalKind::NoRoute, message)).into();
            (answer, (NEAREST_HEADER, nearest.unwrap_or_default()))
        }
    };
    if let Ok(value) = HeaderValue::from_str(&header.1) {
        answer.headers.push((header.0, value));
    }
    Err(Stop::Answered(Box::new(answer)))
}

/// The query, decoded.
pub(super) fn query(call: &Call) -> Query {
    Query::parse(call.query.as_deref())
}

/// Who calls, and on whose behalf.
///
/// A gateway does not know who owns what: its own refusal comes before that of a foreign business.
pub(super) fn caller(
    engine: &Engine,
    world: &World,
    operation: usize,
    door: Door,
    call: &Call,
    query: &Query,
) -> Result<Caller, Stop> {
    let refusal = match gateway::authenticate(world, &call.headers, query) {
        Ok(caller) => return Ok(caller),
        Err(refusal) => refusal,
    };
    let rules = &engine.plans[operation].rules;
    if refusal.kind == RefusalKind::ForeignBusiness
        && let Some(quirk) = rules.answer(&engine.quirks, &Scene { door, caller: None, world })
    {
        return Err(Stop::Answered(Box::new(answered_by(quirk))));
    }
    Err(refusal.into())
}

/// Whether the world has room for what a call may add.
pub(super) fn room(world: &World, call: &Call) -> Result<(), Stop> {
    let adds = call.method == Method::POST || call.method == Method::PUT;
    match adds && world.store.len() >= MAX_RECORDS {
        true => {
            Err(Refusal::new(RefusalKind::Full, format!("This world holds {MAX_RECORDS} records; reset it")).into())
        }
        false => Ok(()),
    }
}

/// Quirks that answer before anything else: gateways, features, tokens.
pub(super) fn refuse(
    engine: &Engine,
    world: &World,
    operation: usize,
    door: Door,
    caller: &Caller,
) -> Result<(), Stop> {
    let scene = Scene { door, caller: Some(caller), world };
    match engine.plans[operation].rules.answer(&engine.quirks, &scene) {
        Some(quirk) => Err(Stop::Answered(Box::new(answered_by(quirk)))),
        None => Ok(()),
    }
}

/// Parameters and body against the contract as the quirks amend it; the body as it was meant.
pub(super) fn check(
    engine: &Engine,
    world: &World,
    operation: usize,
    call: &Call,
    query: &Query,
) -> Result<Value, Stop> {
    let rules = &engine.plans[operation].rules;
    Ok(checks::check(&engine.contract.operations[operation], rules, &engine.quirks, world, call, query)?)
}

/// The resource's own behaviour, else the generic resource, else the contract's example, else a body made from its schema.
pub(super) fn behave<'e>(
    engine: &'e Engine,
    world: &mut World,
    place: usize,
    caller: &Caller,
    path: &PathValues,
    query: &Query,
    body: &Value,
) -> Result<Outcome<'e>, Stop> {
    let operation = &engine.contract.operations[place];
    let resources = &engine.contract.resources;
    let mut exchange = Exchange { world, operation, resources, caller, path, query, body };
    let payload = match engine.plans[place].behave {
        Some(behave) => Some(behave(&mut exchange)),
        None => behaviours::serve_generically(&mut exchange),
    };
    if let Some(payload) = payload {
        return Ok(Outcome::Payload(payload?));
    }
    let Some(response) = operation.responses.get(&operation.success()) else { return Ok(Outcome::Nothing) };
    Ok(match (&response.example, &response.schema) {
        (Some(example), _) => Outcome::Example(example),
        // The same operation makes the same body every time, whatever was called before.
        (None, Some(schema)) => Outcome::Generated(generate(schema, &mut exchange.world.ids.stream(&operation.key))),
        (None, None) => Outcome::Nothing,
    })
}

/// The outcome in the family's dialect.
pub(super) fn spell(
    engine: &Engine,
    world: &World,
    operation: usize,
    family: &Family,
    caller: &Caller,
    outcome: Outcome<'_>,
) -> Answer {
    let operation = &engine.contract.operations[operation];
    match outcome {
        Outcome::Payload(payload) => {
            let documented = operation.success();
            let response = operation.responses.get(&documented);
            let needs_zone = response.is_some_and(|response| response.needs_zone);
            let business = caller.business.as_deref().filter(|_| needs_zone);
            let zone = business.map_or(jiff::tz::TimeZone::UTC, |business| world.zone(business));
            family.success(payload.status.unwrap_or(documented), response, &payload, &zone).into()
        }
        Outcome::Example(example) => Answer::json(operation.success(), example.to_string()),
        Outcome::Generated(body) => Answer::json(operation.success(), body.to_string()),
        Outcome::Nothing => Answer::empty(StatusCode::from_u16(operation.success()).unwrap_or(StatusCode::OK)),
    }
}

fn answered_by(quirk: &Quirk) -> Answer {
    match &quirk.effect {
        Some(Effect::Answer(answer)) => Answer::json(answer.status, answer.body.to_string()),
        _ => unreachable!("only a rule with an answer answers"),
    }
}
