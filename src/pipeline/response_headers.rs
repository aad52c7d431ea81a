//! Headers that the contract documents.

use http::header::LOCATION;
use http::{HeaderName, StatusCode};

use super::{Engine, location};
use crate::openapi::ResponseSpec;
use crate::request::{Context, Response};

/// Adds the documented headers of a success. `Location` is the URL of the record that the request has created, if it has
/// created one; a 201 without a body has it even if it is not documented, for nothing else names the record.
pub(super) fn add_to_success(engine: &Engine, ctx: &Context<'_>, response: &mut Response) {
    if engine.api.omits_documented_headers {
        return;
    }
    let Some(spec) = ctx.operation.success_response_with(response.status.as_u16()) else { return };
    let is_about_record = response.status.is_success() || response.status == StatusCode::SEE_OTHER;
    let header = spec.header(&LOCATION);
    let names_record = response.status == StatusCode::CREATED && response.body.is_empty();
    if is_about_record && (header.is_some() || names_record) && !has(response, &LOCATION) {
        let url = location::of_created_record(ctx, header);
        response.headers.extend(url.map(|url| (LOCATION, url)));
    }
    add_documented(engine, spec, response);
}

/// Adds the documented headers that the response does not have yet.
pub(super) fn add_documented(engine: &Engine, spec: &ResponseSpec, response: &mut Response) {
    if spec.headers.is_empty() || engine.api.omits_documented_headers {
        return;
    }
    let own = response.headers.len();
    for (name, value) in spec.header_values() {
        // A documented header can have several values.
        if !response.headers[..own].iter().any(|(known, _)| known == name) {
            response.headers.push((name.clone(), value.clone()));
        }
    }
}

fn has(response: &Response, name: &HeaderName) -> bool {
    response.headers.iter().any(|(known, _)| known == name)
}
