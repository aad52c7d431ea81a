//! The steps of a call, in the order in which [`super::Engine`] takes them.

use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use smallvec::SmallVec;

use super::negotiate::{self, PREFERENCE_APPLIED, Prefer};
use super::{Engine, validate};
use crate::api::{self, Dialect, RouteMatch};
use crate::handlers;
use crate::model::MAX_RECORDS;
use crate::openapi::generate::generate;
use crate::openapi::{Operation, ResponseSpec};
use crate::quirks::{self, Draft, Effect, RuleContext, Rules, Stage};
use crate::request::{
    ApiError, Caller, Checking, Context, ErrorKind, Gateway, PathValues, Query, Reply, ReplyMode, Request, State,
    UnknownIds,
};
use crate::request::{NEAREST_HEADER, REJECTED_HEADER, Response};

/// Why a call goes no further.
pub(super) enum Abort {
    /// It is refused, in the family's words.
    Refused(ApiError),
    /// It is answered as it stands.
    Answered(Box<Response>),
}

impl From<ApiError> for Abort {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<&quirks::Respond> for Abort {
    fn from(said: &quirks::Respond) -> Self {
        Self::Answered(Box::new(Response::said(said.status, &said.body)))
    }
}

impl Abort {
    /// The refusal in the family's words, with a header for whoever wants to know what the contract has to do with it.
    pub(super) fn render(self, dialect: &Dialect, operation: &Operation) -> Response {
        match self {
            Self::Refused(error) => {
                let mut answer: Response = dialect.error(&error, Some(operation)).into();
                let why = match &error.violation {
                    Some((at, rule)) => {
                        let at = if at.is_empty() { "/" } else { at };
                        format!("{}; at={at}; rule={rule}; contract={}", error.kind.name(), operation.location())
                    }
                    None => error.kind.name().to_owned(),
                };
                answer.headers.extend(HeaderValue::from_bytes(why.as_bytes()).ok().map(|why| (REJECTED_HEADER, why)));
                answer
            }
            Self::Answered(answer) => *answer,
        }
    }
}

/// What a behaviour, or the contract in its place, has to say.
pub(super) enum HandlerOutput {
    Reply(Reply),
    Body(Value),
    Nothing,
}

/// Which base URL, and the path behind it.
pub(super) fn gateway(call: &Request) -> (Gateway, &str) {
    api::enter(&call.path)
}

/// Method and path to the operation. A door may answer for paths that no contract knows.
pub(super) fn route(
    engine: &Engine,
    state: &State,
    call: &Request,
    gateway: Gateway,
    path: &str,
) -> Result<(usize, PathValues), Abort> {
    let gate = |is_routed: bool| {
        let rules = Rules::of_path(&engine.quirks, &call.method, path, is_routed);
        let said = rules
            .answer(&engine.quirks, &RuleContext { gateway, caller: None, state, headers: &call.headers, asked: None });
        said.map_or(Ok(()), |said| Err(Abort::from(said)))
    };
    let (mut answer, header) = match engine.routes.find(&call.method, path) {
        RouteMatch::Operation(operation, values) => return Ok((operation, values)),
        RouteMatch::OtherMethods(methods) => {
            gate(true)?;
            let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            let answer = match call.method == Method::OPTIONS {
                true => Response::empty(StatusCode::NO_CONTENT),
                false => {
                    let message = format!("{} is not a method of {path}", call.method);
                    engine.dialects.of(path).error(&ApiError::new(ErrorKind::MethodNotAllowed, message), None).into()
                }
            };
            (answer, Some((ALLOW, names.join(", "))))
        }
        RouteMatch::Nothing(nearest) => {
            gate(false)?;
            let message = format!("No operation has the path {path}");
            let answer = engine.dialects.of(path).error(&ApiError::new(ErrorKind::NoRoute, message), None).into();
            (answer, nearest.map(|nearest| (NEAREST_HEADER, nearest)))
        }
    };
    if let Some((name, value)) = header
        && let Ok(value) = HeaderValue::from_str(&value)
    {
        answer.headers.push((name, value));
    }
    Err(Abort::Answered(Box::new(answer)))
}

/// The query, decoded.
pub(super) fn query(call: &Request) -> Query {
    Query::parse(call.query.as_deref())
}

/// Who calls, and on whose behalf.
///
/// A gateway does not know who owns what: its own refusal comes before that of a foreign business.
pub(super) fn caller(
    engine: &Engine,
    state: &State,
    operation: usize,
    gateway: Gateway,
    call: &Request,
    query: &Query,
) -> Result<Caller, Abort> {
    let dialect = engine.dialects.at(engine.endpoints[operation].dialect);
    let is_open = || !dialect.requires_token() || dialect.is_public(&engine.contract.operations[operation].path);
    let error = match api::authenticate(state, &call.headers, query) {
        Ok(caller) => return Ok(caller),
        // Whoever says nothing of themselves may say of which business they ask.
        Err(_) if is_open() => {
            let business = query.get("business_id").filter(|named| state.store.get("business", named).is_some());
            return Ok(Caller { business: business.map(Into::into), ..Caller::anyone() });
        }
        Err(error) => error,
    };
    let rules = &engine.endpoints[operation].rules;
    if error.kind == ErrorKind::ForeignBusiness
        && let Some(said) = rules
            .answer(&engine.quirks, &RuleContext { gateway, caller: None, state, headers: &call.headers, asked: None })
    {
        return Err(said.into());
    }
    Err(error.into())
}

/// Whether the world has room for what a call may add.
pub(super) fn check_capacity(state: &State, call: &Request) -> Result<(), Abort> {
    let adds = call.method == Method::POST || call.method == Method::PUT;
    match adds && state.store.len() >= MAX_RECORDS {
        true => Err(ApiError::new(ErrorKind::Full, format!("This world holds {MAX_RECORDS} records; reset it")).into()),
        false => Ok(()),
    }
}

/// Quirks that answer before anything else: gateways, features, tokens.
pub(super) fn reject(engine: &Engine, operation: usize, scene: &RuleContext<'_>) -> Result<(), Abort> {
    match engine.endpoints[operation].rules.answer(&engine.quirks, scene) {
        Some(said) => Err(said.into()),
        None => Ok(()),
    }
}

/// The answer that the client prefers (`Prefer: code=422, example=name, dynamic=true`), from the contract alone.
pub(super) fn prefer(engine: &Engine, state: &State, operation: usize, call: &Request) -> Result<(), Abort> {
    let Some(preferred) = Prefer::read(call) else { return Ok(()) };
    let operation = &engine.contract.operations[operation];
    let (status, response) = match preferred.select(operation) {
        Ok(found) => found,
        Err(message) => {
            let body = serde_json::json!({"standin": message}).to_string();
            return Err(Abort::Answered(Box::new(Response::json(StatusCode::BAD_REQUEST.as_u16(), body))));
        }
    };
    let media = negotiate::choose(response, call).or_else(|| response.first());
    let mut answer = match media {
        None => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
        Some(media) => {
            let name = &format!("{} {status}", operation.key);
            let generated = || media.schema.as_ref().map(|schema| generate(schema, &mut state.ids.stream(name)));
            let body = if preferred.dynamic {
                generated().or_else(|| media.example(None))
            } else {
                media.example(preferred.example.as_deref())
            };
            negotiate::write(status, media, body.unwrap_or_default())
        }
    };
    answer.headers.extend(preferred.applied().map(|applied| (PREFERENCE_APPLIED, applied)));
    Err(Abort::Answered(Box::new(answer)))
}

/// Parameters and body against the contract as the quirks amend it; the body as it was meant.
pub(super) fn validate(
    engine: &Engine,
    operation: usize,
    scene: &RuleContext<'_>,
    call: &Request,
    path: &PathValues,
    query: &Query,
) -> Result<Value, Abort> {
    let rules = &engine.endpoints[operation].rules;
    validate::validate(&engine.contract.operations[operation], (rules, &engine.quirks), scene, call, (path, query))
}

/// The query as it is meant where a quirk says that lists take it otherwise; `None` where it is meant as it stands.
pub(super) fn rewrite_query(engine: &Engine, operation: usize, scene: &RuleContext<'_>) -> Option<Query> {
    let mut rewritten: Option<Query> = None;
    let rules = &engine.endpoints[operation].rules;
    for (index, effect) in rules.on(Stage::RewriteQuery, &engine.quirks, scene) {
        let Some(query) = rewritten.as_ref().or(scene.asked.map(|asked| asked.query)) else { continue };
        let bent = match effect {
            Effect::Page(page) => page.apply(query),
            Effect::DefaultQuery(ask) => ask.apply(query),
            _ => None,
        };
        if bent.is_some() {
            scene.state.mark_applied(index);
            rewritten = bent;
        }
    }
    rewritten
}

/// What quirks do to a success: values in second places, another status.
pub(super) fn transform_response(engine: &Engine, operation: usize, scene: &RuleContext<'_>, answer: &mut Response) {
    let rules = &engine.endpoints[operation].rules;
    if !answer.status.is_success() {
        return;
    }
    let rules: SmallVec<[(usize, &Effect); 2]> = rules.on(Stage::Transform, &engine.quirks, scene).collect();
    if rules.is_empty() {
        return;
    }
    let field_paths: SmallVec<[&[String]; 8]> = rules.iter().flat_map(|(_, effect)| effect.field_paths()).collect();
    let body = std::str::from_utf8(&answer.body).ok();
    let Some(mut draft) = body.and_then(|body| Draft::read(body, &field_paths)) else { return };
    for (index, effect) in &rules {
        let changed = match effect {
            Effect::Duplicate(copy) => copy.apply(&mut draft),
            Effect::Expose(show) => show.apply(&scene.state.store, &mut draft),
            Effect::Override(set) => {
                let status = set.status.and_then(|status| StatusCode::from_u16(status).ok());
                let other = status.filter(|status| *status != answer.status);
                answer.status = other.unwrap_or(answer.status);
                set.apply(&mut draft) | other.is_some()
            }
            _ => false,
        };
        if changed {
            scene.state.mark_applied(*index);
        }
    }
    let text = draft.text();
    drop(draft);
    answer.body = text.into();
}

/// The resource's own behaviour, else the generic resource, which answers with the contract's example or a body made
/// from its schema where it knows nothing.
pub(super) fn handle(
    engine: &Engine,
    state: &mut State,
    index: usize,
    caller: &Caller,
    path: &PathValues,
    query: &Query,
    body: &Value,
) -> Result<HandlerOutput, Abort> {
    let (operations, resources) = (&engine.contract.operations, &engine.contract.resources);
    let operation = &operations[index];
    let after_write = engine.endpoints[index].after_write;
    let mut ctx = Context { state, operation, after_write, operations, resources, caller, path, query, body };
    if let Some(handler) = engine.endpoints[index].handler.filter(|_| !asks_for_unknown(&ctx)) {
        let answers = ctx.state.settings.unknown_ids == UnknownIds::Response;
        match handler(&mut ctx) {
            Err(error) if answers && is_unknown_id(&error) => {}
            outcome => return Ok(HandlerOutput::Reply(outcome?)),
        }
    }
    Ok(handlers::serve_crud(&mut ctx)?.map_or(HandlerOutput::Nothing, HandlerOutput::Body))
}

/// Whether a refusal says that something which the call names does not exist.
fn is_unknown_id(error: &ApiError) -> bool {
    error.is_unknown_id || matches!(error.kind, ErrorKind::NotFound | ErrorKind::Absent)
}

/// Whether a world that answers for unknown ids is asked for one: no behaviour knows what to say, but the contract does.
fn asks_for_unknown(ctx: &Context<'_>) -> bool {
    let role = &ctx.operation.role;
    match (ctx.state.settings.unknown_ids, role.item, &role.resource) {
        (UnknownIds::Response, Some(item), Some(kind)) => ctx.state.store.get(kind, &ctx.path[item]).is_none(),
        _ => false,
    }
}

/// The outcome in the family's dialect, in the form that the client accepts.
pub(super) fn render(
    engine: &Engine,
    state: &State,
    operation: usize,
    dialect: &Dialect,
    caller: &Caller,
    call: &Request,
    outcome: HandlerOutput,
) -> Response {
    let operation = &engine.contract.operations[operation];
    let status = operation.success();
    let response = operation.responses.get(&status);
    match outcome {
        HandlerOutput::Reply(Reply { status: other, form: ReplyMode::Redirect(to), .. }) => {
            Response::redirect(other.unwrap_or(status), &to)
        }
        HandlerOutput::Reply(reply) => {
            // One status for one, another for several: each has a form of its own.
            let response = reply.status.and_then(|status| operation.responses.get(&status)).or(response);
            let needs_zone = response.is_some_and(ResponseSpec::needs_zone);
            let business = caller.business.as_deref().filter(|_| needs_zone);
            let zone = business.map_or(jiff::tz::TimeZone::UTC, |business| state.zone(business));
            dialect.success(reply.status.unwrap_or(status), response, &reply, &zone).into()
        }
        HandlerOutput::Body(body) => {
            let first = response.and_then(ResponseSpec::first);
            match response.and_then(|response| negotiate::choose(response, call)) {
                // Another form than the one that was made: what is documented in it.
                Some(other) if first.is_some_and(|first| first.kind != other.kind) => {
                    let body = if other.is_json() { body } else { other.example(None).unwrap_or(body) };
                    negotiate::write(status, other, body)
                }
                None if state.settings.checking == Checking::Documented && first.is_some() => {
                    Response::empty(StatusCode::NOT_ACCEPTABLE)
                }
                _ => first.map_or_else(
                    || Response::json(status, body.to_string()),
                    |first| negotiate::write(status, first, body.clone()),
                ),
            }
        }
        // A family has an envelope also where a contract documents no body; 204 and redirects have none.
        HandlerOutput::Nothing if dialect.requires_token() && status < 300 && status != 204 => {
            dialect.success(status, None, &Reply::empty(), &jiff::tz::TimeZone::UTC).into()
        }
        HandlerOutput::Nothing => Response::empty(StatusCode::from_u16(status).unwrap_or(StatusCode::OK)),
    }
}
