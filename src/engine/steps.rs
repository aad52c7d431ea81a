//! The steps of a call, in the order in which [`super::Engine`] takes them.

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use smallvec::SmallVec;

use super::answer::{Answer, NEAREST_HEADER, REFUSED_HEADER};
use super::negotiate::{self, Preferred};
use super::{Engine, check as checks};
use crate::behaviours;
use crate::contract::generate::generate;
use crate::contract::{Operation, Response};
use crate::exchange::{
    Call, Caller, Checking, Door, Exchange, Form, PathValues, Payload, Query, Refusal, RefusalKind, UnknownIds, World,
};
use crate::gateway::{self, Family, Found};
use crate::quirks::{self, Draft, Effect, Rules, Scene, Step};
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

impl From<&quirks::Answer> for Stop {
    fn from(said: &quirks::Answer) -> Self {
        Self::Answered(Box::new(Answer::said(said.status, &said.body)))
    }
}

impl Stop {
    /// The refusal in the family's words, with a header for whoever wants to know what the contract has to do with it.
    pub(super) fn spell(self, family: &Family, operation: &Operation) -> Answer {
        match self {
            Self::Refused(refusal) => {
                let mut answer: Answer = family.refusal(&refusal, Some(operation)).into();
                let why = match &refusal.broke {
                    Some((at, rule)) => {
                        let at = if at.is_empty() { "/" } else { at };
                        format!("{}; at={at}; rule={rule}; contract={}", refusal.kind.name(), operation.place())
                    }
                    None => refusal.kind.name().to_owned(),
                };
                answer.headers.extend(HeaderValue::from_bytes(why.as_bytes()).ok().map(|why| (REFUSED_HEADER, why)));
                answer
            }
            Self::Answered(answer) => *answer,
        }
    }
}

/// What a behaviour, or the contract in its place, has to say.
pub(super) enum Outcome {
    Payload(Payload),
    Body(Value),
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
    let gate = |is_routed: bool| {
        let rules = Rules::of_path(&engine.quirks, &call.method, path, is_routed);
        let said =
            rules.answer(&engine.quirks, &Scene { door, caller: None, world, headers: &call.headers, asked: None });
        said.map_or(Ok(()), |said| Err(Stop::from(said)))
    };
    let (mut answer, header) = match engine.routes.find(&call.method, path) {
        Found::Operation(operation, values) => return Ok((operation, values)),
        Found::OtherMethods(methods) => {
            gate(true)?;
            let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            let answer = match call.method == Method::OPTIONS {
                true => Answer::empty(StatusCode::NO_CONTENT),
                false => {
                    let message = format!("{} is not a method of {path}", call.method);
                    engine.families.of(path).refusal(&Refusal::new(RefusalKind::MethodNotAllowed, message), None).into()
                }
            };
            (answer, Some((ALLOW, names.join(", "))))
        }
        Found::Nothing(nearest) => {
            gate(false)?;
            let message = format!("No operation has the path {path}");
            let answer = engine.families.of(path).refusal(&Refusal::new(RefusalKind::NoRoute, message), None).into();
            (answer, nearest.map(|nearest| (NEAREST_HEADER, nearest)))
        }
    };
    if let Some((name, value)) = header
        && let Ok(value) = HeaderValue::from_str(&value)
    {
        answer.headers.push((name, value));
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
    let family = engine.families.at(engine.plans[operation].family);
    let is_open = || !family.asks_for_tokens() || family.is_public(&engine.contract.operations[operation].path);
    let refusal = match gateway::authenticate(world, &call.headers, query) {
        Ok(caller) => return Ok(caller),
        // Whoever says nothing of themselves may say of which business they ask.
        Err(_) if is_open() => {
            let business = query.get("business_id").filter(|named| world.store.get("business", named).is_some());
            return Ok(Caller { business: business.map(Into::into), ..Caller::anyone() });
        }
        Err(refusal) => refusal,
    };
    let rules = &engine.plans[operation].rules;
    if refusal.kind == RefusalKind::ForeignBusiness
        && let Some(said) =
            rules.answer(&engine.quirks, &Scene { door, caller: None, world, headers: &call.headers, asked: None })
    {
        return Err(said.into());
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
pub(super) fn refuse(engine: &Engine, operation: usize, scene: &Scene<'_>) -> Result<(), Stop> {
    match engine.plans[operation].rules.answer(&engine.quirks, scene) {
        Some(said) => Err(said.into()),
        None => Ok(()),
    }
}

/// The answer that the client prefers (`Prefer: code=422, example=name, dynamic=true`), from the contract alone.
pub(super) fn prefer(engine: &Engine, world: &World, operation: usize, call: &Call) -> Result<(), Stop> {
    let Some(preferred) = Preferred::of(call) else { return Ok(()) };
    let operation = &engine.contract.operations[operation];
    let status = preferred.status.unwrap_or_else(|| operation.success());
    let Some(response) = operation.responses.get(&status) else {
        let known: Vec<String> = operation.responses.keys().map(u16::to_string).collect();
        let message = format!("{} documents no {status}; it documents {}", operation.key, known.join(", "));
        let body = serde_json::json!({"standin": message}).to_string();
        return Err(Stop::Answered(Box::new(Answer::json(StatusCode::BAD_REQUEST.as_u16(), body))));
    };
    let media = negotiate::choose(response, call).or_else(|| response.first());
    let answer = match media {
        None => Answer::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
        Some(media) => {
            let name = &format!("{} {status}", operation.key);
            let generated = || media.schema.as_ref().map(|schema| generate(schema, &mut world.ids.stream(name)));
            let body = if preferred.dynamic {
                generated().or_else(|| media.example(None))
            } else {
                media.example(preferred.example.as_deref())
            };
            negotiate::written(status, media, body.unwrap_or_default())
        }
    };
    Err(Stop::Answered(Box::new(answer)))
}

/// Parameters and body against the contract as the quirks amend it; the body as it was meant.
pub(super) fn check(
    engine: &Engine,
    operation: usize,
    scene: &Scene<'_>,
    call: &Call,
    path: &PathValues,
    query: &Query,
) -> Result<Value, Stop> {
    let rules = &engine.plans[operation].rules;
    checks::check(&engine.contract.operations[operation], (rules, &engine.quirks), scene, call, (path, query))
}

/// The query as it is meant where a quirk says that lists take it otherwise; `None` where it is meant as it stands.
pub(super) fn mean(engine: &Engine, operation: usize, scene: &Scene<'_>) -> Option<Query> {
    let mut meant: Option<Query> = None;
    let rules = &engine.plans[operation].rules;
    for (place, effect) in rules.on(Step::Mean, &engine.quirks, scene) {
        let Some(query) = meant.as_ref().or(scene.asked.map(|asked| asked.query)) else { continue };
        let bent = match effect {
            Effect::Page(page) => page.apply(query),
            Effect::Ask(ask) => ask.apply(query),
            _ => None,
        };
        if bent.is_some() {
            scene.world.took_part(place);
            meant = bent;
        }
    }
    meant
}

/// What quirks do to a success: values in second places, another status.
pub(super) fn amend(engine: &Engine, operation: usize, scene: &Scene<'_>, answer: &mut Answer) {
    let rules = &engine.plans[operation].rules;
    if !answer.status.is_success() {
        return;
    }
    let rules: SmallVec<[(usize, &Effect); 2]> = rules.on(Step::Amend, &engine.quirks, scene).collect();
    if rules.is_empty() {
        return;
    }
    let ways: SmallVec<[&[String]; 8]> = rules.iter().flat_map(|(_, effect)| effect.ways()).collect();
    let body = std::str::from_utf8(&answer.body).ok();
    let Some(mut draft) = body.and_then(|body| Draft::read(body, &ways)) else { return };
    for (place, effect) in &rules {
        let changed = match effect {
            Effect::Copy(copy) => copy.apply(&mut draft),
            Effect::Show(show) => show.apply(&scene.world.store, &mut draft),
            Effect::Set(set) => {
                let status = set.status.and_then(|status| StatusCode::from_u16(status).ok());
                let other = status.filter(|status| *status != answer.status);
                answer.status = other.unwrap_or(answer.status);
                set.apply(&mut draft) | other.is_some()
            }
            _ => false,
        };
        if changed {
            scene.world.took_part(*place);
        }
    }
    let text = draft.text();
    drop(draft);
    answer.body = text.into();
}

/// The resource's own behaviour, else the generic resource, which answers with the contract's example or a body made
/// from its schema where it knows nothing.
pub(super) fn behave(
    engine: &Engine,
    world: &mut World,
    place: usize,
    caller: &Caller,
    path: &PathValues,
    query: &Query,
    body: &Value,
) -> Result<Outcome, Stop> {
    let (operations, resources) = (&engine.contract.operations, &engine.contract.resources);
    let operation = &operations[place];
    let mut exchange = Exchange { world, operation, operations, resources, caller, path, query, body };
    if let Some(behave) = engine.plans[place].behave.filter(|_| !asks_for_unknown(&exchange)) {
        let answers = exchange.world.settings.unknown_ids == UnknownIds::Answer;
        match behave(&mut exchange) {
            Err(refusal) if answers && is_about_unknown(&refusal) => {}
            outcome => return Ok(Outcome::Payload(outcome?)),
        }
    }
    Ok(behaviours::serve_generically(&mut exchange)?.map_or(Outcome::Nothing, Outcome::Body))
}

/// Whether a refusal says that something which the call names does not exist.
fn is_about_unknown(refusal: &Refusal) -> bool {
    refusal.is_about_unknown || matches!(refusal.kind, RefusalKind::NotFound | RefusalKind::Absent)
}

/// Whether a world that answers for unknown ids is asked for one: no behaviour knows what to say, but the contract does.
fn asks_for_unknown(exchange: &Exchange<'_>) -> bool {
    let role = &exchange.operation.role;
    match (exchange.world.settings.unknown_ids, role.item, &role.resource) {
        (UnknownIds::Answer, Some(item), Some(kind)) => exchange.world.store.get(kind, &exchange.path[item]).is_none(),
        _ => false,
    }
}

/// The outcome in the family's dialect, in the form that the client accepts.
pub(super) fn spell(
    engine: &Engine,
    world: &World,
    operation: usize,
    family: &Family,
    caller: &Caller,
    call: &Call,
    outcome: Outcome,
) -> Answer {
    let operation = &engine.contract.operations[operation];
    let status = operation.success();
    let response = operation.responses.get(&status);
    match outcome {
        Outcome::Payload(Payload { status: other, form: Form::Redirect(to), .. }) => {
            Answer::redirect(other.unwrap_or(status), &to)
        }
        Outcome::Payload(payload) => {
            // One status for one, another for several: each has a form of its own.
            let response = payload.status.and_then(|status| operation.responses.get(&status)).or(response);
            let needs_zone = response.is_some_and(Response::needs_zone);
            let business = caller.business.as_deref().filter(|_| needs_zone);
            let zone = business.map_or(jiff::tz::TimeZone::UTC, |business| world.zone(business));
            family.success(payload.status.unwrap_or(status), response, &payload, &zone).into()
        }
        Outcome::Body(body) => {
            let first = response.and_then(Response::first);
            match response.and_then(|response| negotiate::choose(response, call)) {
                // Another form than the one that was made: what is documented in it.
                Some(other) if first.is_some_and(|first| first.kind != other.kind) => {
                    let body = if other.is_json() { body } else { other.example(None).unwrap_or(body) };
                    negotiate::written(status, other, body)
                }
                None if world.settings.checking == Checking::Documented && first.is_some() => {
                    Answer::empty(StatusCode::NOT_ACCEPTABLE)
                }
                _ => first.map_or_else(
                    || Answer::json(status, body.to_string()),
                    |first| negotiate::written(status, first, body.clone()),
                ),
            }
        }
        // A family has an envelope also where a contract documents no body; 204 and redirects have none.
        Outcome::Nothing if family.asks_for_tokens() && status < 300 && status != 204 => {
            family.success(status, None, &Payload::empty(), &jiff::tz::TimeZone::UTC).into()
        }
        Outcome::Nothing => Answer::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
    }
}
