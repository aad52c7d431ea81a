use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

use super::{Engine, Flow, body};
use crate::api::RouteMatch;
use crate::quirks::Rules;
use crate::request::{ApiError, Context, ErrorKind, Query, Request, Response};

/// Finds the operation of method and path. A quirk can respond for a path that has none.
pub(super) fn find_operation(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let (method, path) = (&ctx.request.method, ctx.local_path);
    let respond = |has_operations: bool, ctx: &Context<'_>| {
        Rules::of_target(&engine.quirks, method, path, has_operations).respond(&engine.quirks, ctx)
    };
    match select(engine, ctx.request, path) {
        RouteMatch::Operation(index, values) => {
            ctx.set_operation(index, values);
            ctx.after_procedure = engine.endpoint(ctx).and_then(|endpoint| endpoint.functions().after_procedure);
            Ok(())
        }
        RouteMatch::OtherMethods(methods) => {
            respond(true, ctx)?;
            let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
            ctx.headers.extend(HeaderValue::from_str(&names.join(", ")).ok().map(|names| (ALLOW, names)));
            if method == Method::OPTIONS {
                return Err(Response::empty(StatusCode::NO_CONTENT).into());
            }
            Err(ApiError::new(ErrorKind::MethodNotAllowed, format!("{method} is not a method of {path}")).into())
        }
        RouteMatch::Nothing(nearest) => {
            respond(false, ctx)?;
            ctx.nearest = nearest;
            Err(ApiError::new(ErrorKind::NoRoute, format!("No operation has the path {path}")).into())
        }
    }
}

/// Selects the operation of a request, whose path without the prefix of its gateway this is.
pub(super) fn select(engine: &Engine, request: &Request, path: &str) -> RouteMatch {
    let has_value = |name: &str, value: Option<&str>| has_value(request, name, value);
    engine.routes.select(&request.method, path, &has_value)
}

/// Whether a request has a query parameter, header or form field with that name and value.
fn has_value(request: &Request, name: &str, value: Option<&str>) -> bool {
    let has = |sent: Option<&str>| sent.is_some_and(|sent| value.is_none_or(|value| value == sent));
    let in_header = || has(request.headers.get(name).and_then(|sent| sent.to_str().ok()));
    let in_form = || {
        let form = std::str::from_utf8(&request.body).ok().filter(|_| body::is_form(request));
        has(Query::parse(form).get(name))
    };
    has(Query::parse(request.query.as_deref()).get(name)) || in_header() || in_form()
}
