//! The engine: a function from a request to its response, [`Engine::answer`].
//!
//! The HTTP server, replay and fixtures call it. An [`Engine`] never changes; a [`Session`] is one isolated world. A request passes through `STAGES`, one file each.

mod authenticate;
mod authorize;
mod body;
mod cache;
mod check_capacity;
mod check_credentials;
mod decline;
mod documented_error;
mod engine;
mod fault;
mod gateway;
mod handle;
mod idempotency;
mod location;
mod mock;
mod negotiate;
mod owner;
mod pace;
mod parameters;
mod prefer;
mod prepare;
mod render;
mod response_headers;
mod rewrite;
mod route;
mod transform;
mod usage;
mod validate;

pub use crate::session::Session;
pub use engine::{Engine, UnknownOperation};
pub use mock::{Mock, MockLimits, Pinned};
pub use usage::{DURATION_BOUNDS, Histogram, StatusCounts, Usage};

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use crate::request::{ApiError, CachePlace, Context, Findings, Outcome, Request, RequestCache, Response, State, Stop};
use crate::session::Call;

/// The stages of the pipeline, in order. A new stage is one file and one row.
static STAGES: &[Stage] = &[
    Stage::until_stopped(cache::find_response),
    Stage::until_stopped(gateway::select_gateway),
    Stage::until_stopped(route::find_operation),
    Stage::until_stopped(fault::apply_faults),
    Stage::until_stopped(authenticate::find_caller),
    Stage::until_stopped(check_credentials::check_credentials),
    Stage::until_stopped(check_capacity::check_capacity),
    Stage::until_stopped(prefer::respond_as_preferred),
    Stage::until_stopped(authorize::apply_access_quirks),
    Stage::until_stopped(decline::respond_with_only_error),
    Stage::until_stopped(validate::validate_request),
    Stage::until_stopped(idempotency::find_response),
    Stage::until_stopped(rewrite::rewrite_query),
    Stage::until_stopped(handle::run_handler),
    Stage::until_stopped(transform::transform_success),
    Stage::always(render::render_response),
    Stage::always(idempotency::store_response),
    Stage::always(cache::store_response),
];

/// One step of the pipeline.
struct Stage {
    run: fn(&Engine, &mut Context<'_>) -> Flow,
    /// Whether it also runs after another stage has stopped the request.
    is_final: bool,
}

/// Whether the request goes on to the next stage, or which result it has instead.
type Flow = Result<(), Stop>;

impl Stage {
    const fn until_stopped(run: fn(&Engine, &mut Context<'_>) -> Flow) -> Self {
        Self { run, is_final: false }
    }

    const fn always(run: fn(&Engine, &mut Context<'_>) -> Flow) -> Self {
        Self { run, is_final: true }
    }
}

impl Engine {
    /// Serves a request in a session and adds both to the session's journal.
    pub fn answer(&self, session: &Session, request: &Request) -> Response {
        self.serve(session, request, || None)
    }

    /// The same; `elapsed` measures how long it has taken.
    pub fn serve(&self, session: &Session, request: &Request, elapsed: impl FnOnce() -> Option<Duration>) -> Response {
        let resources = &self.contract.resources;
        let (prepared, share) = prepare::prepare(self, session, request).unzip();
        let prepared = Cell::new(prepared.map(Box::new));
        let (response, stamp, changes) = session.run(request, resources, |state, cache| {
            let findings = Findings::default();
            let mut ctx = Context::new(&self.contract, (state, cache), request, &findings);
            ctx.prepared_body = prepared.take();
            run_stages(self, ctx)
        });
        drop(share);
        let mut call = Call::new(request, &response, elapsed());
        self.describe_call(&mut call, request, &response);
        session.add_call(stamp, call, changes);
        response
    }

    /// An error in the dialect of a request's path, for a request that is not served because of the server itself. `state` is
    /// any state of the API.
    pub fn reject(&self, mut state: State, request: &Request, error: ApiError) -> Response {
        let (findings, mut unused) = (Findings::default(), None);
        state.begin(request.at);
        let cache = RequestCache::new(CachePlace::Later(&mut unused), &state);
        let mut ctx = Context::new(&self.contract, (&mut state, cache), request, &findings);
        // A path without an operation has a dialect too.
        let _ = gateway::select_gateway(self, &mut ctx).and_then(|()| route::find_operation(self, &mut ctx));
        ctx.outcome = Outcome::Error(error);
        let _ = render::render_response(self, &mut ctx);
        finished(ctx)
    }

    /// Adds what a journal names: the gateway's prefix, operation and quirks.
    fn describe_call(&self, call: &mut Call, request: &Request, response: &Response) {
        call.prefix_length = self.api.gateways.prefix_length(&request.path);
        let meta = &response.meta;
        call.operation = meta.operation.map(|index| Arc::clone(&self.endpoints[index].key));
        call.quirks = meta.quirks.iter().map(|index| Arc::clone(&self.quirk_names[*index])).collect();
    }
}

/// Passes a request through all stages.
fn run_stages(engine: &Engine, mut ctx: Context<'_>) -> Response {
    let mut is_stopped = false;
    for stage in STAGES {
        if is_stopped && !stage.is_final {
            continue;
        }
        if let Err(stop) = (stage.run)(engine, &mut ctx) {
            is_stopped = true;
            match stop {
                Stop::Error(error) => ctx.outcome = Outcome::Error(error),
                Stop::Response(response) => ctx.outcome = Outcome::Response(response),
                Stop::Finished => {}
            }
        }
    }
    finished(ctx)
}

fn finished(ctx: Context<'_>) -> Response {
    match ctx.outcome {
        Outcome::Finished(response) | Outcome::Cached(response) => response,
        _ => unreachable!("the stage `render` always runs and finishes the response"),
    }
}
