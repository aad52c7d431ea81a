//! `GET /` and `GET /inspector/{file}`: the web page.

use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG, IF_NONE_MATCH, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, StatusCode};

use super::{Answer, Context};
use crate::inspector::{self, PAGE};
use crate::request::{Problem, Response};

/// Scripts and styles come from files of the page only, and scripts cannot turn text into markup. No other page can frame it.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'; \
                      require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    // Browsers ask again each time: another version of the program may listen on the port.
    (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
];

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    file(ctx, PAGE)
}

pub(super) fn get_file(ctx: &Context<'_>) -> Answer {
    file(ctx, ctx.path.first().map_or("", String::as_str))
}

fn file(ctx: &Context<'_>, name: &str) -> Answer {
    if !ctx.admin.server.has_page {
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "the server was started with --no-inspector, without the page",
        ));
    }
    let Some(file) = inspector::find(name) else {
        return Err(Problem::new(StatusCode::NOT_FOUND, format!("the page has no file `{name}`")));
    };
    let known = ctx.request.headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == file.etag);
    let mut response = match is_known {
        true => Response::empty(StatusCode::NOT_MODIFIED),
        false => Response::with_type(StatusCode::OK, HeaderValue::from_static(file.content_type), file.content),
    };
    response.headers.extend(HeaderValue::from_str(&file.etag).ok().map(|etag| (ETAG, etag)));
    response.headers.extend(HEADERS);
    Ok(response)
}
