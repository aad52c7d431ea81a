use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

use super::{Engine, Flow};
use crate::api::RouteMatch;
use crate::quirks::Rules;
use crate::request::{ApiError, Context, ErrorKind, Response};

/// Finds the operation of method and path. A quirk can respond for a path that has none.
pub(super) fn find_operation(engine: &Engine, ctx: &mut Context<'_>) -> Flow {
    let (method, path) = (&ctx.request.method, ctx.local_path);
    let respond = |has_operations: bool, ctx: &Context<'_>| {
        Rules::of_target(&engine.quirks, method, path, has_operations).respond(&engine.quirks, ctx)
    };
    match engine.routes.find(method, path) {
        RouteMatch::Operation(index, values) => {
            ctx.set_operation(index, values);
            ctx.after_write = engine.endpoint(ctx).and_then(|endpoint| endpoint.functions.after_write);
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
