//! `GET /login`: turns a code that works once into a cookie, so that a browser can use the control API.

use std::sync::Arc;

use http::header::{CACHE_CONTROL, COOKIE, HOST, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use parking_lot::Mutex;

use super::access::is_equal;
use super::{Answer, Context};
use crate::request::{Problem, Response};

/// The parameters of the route.
pub(super) const PARAMETERS: [&str; 1] = ["code"];

/// What browsers send instead of the admin token.
#[derive(Clone, Debug)]
pub struct Login {
    /// The code of the URL, until it has been used.
    code: Arc<Mutex<Option<String>>>,
    /// The value of the cookie.
    cookie: String,
}

impl Login {
    /// A code and the value of the cookie that it becomes: two secrets of letters and digits.
    pub fn new(code: String, cookie: String) -> Self {
        Self { code: Arc::new(Mutex::new(Some(code))), cookie }
    }

    /// Whether a request has the cookie.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        let name = cookie_name(headers);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(known, value)| known == name && is_equal(value, &self.cookie))
    }
}

pub(super) fn get(ctx: &Context<'_>) -> Answer {
    let Some(login) = &ctx.admin.access.login else {
        return Err(Problem::new(StatusCode::NOT_FOUND, "the control API needs no login: it has no --admin-token"));
    };
    let Some(sent) = ctx.query.get("code") else {
        return Err(Problem::at("/query/code", "open the URL that the server has printed"));
    };
    let mut code = login.code.lock();
    if !code.as_deref().is_some_and(|code| is_equal(sent, code)) {
        let detail = "the code is wrong or has been used: it works once. Restart the server for a new one, or send the \
                      admin token";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
    }
    *code = None;
    // Browsers share cookies between the ports of a host, so the name has the port.
    let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", cookie_name(&ctx.request.headers), login.cookie);
    let mut response = Response::empty(StatusCode::SEE_OTHER);
    let target = if ctx.admin.server.has_page { "/" } else { "/info" };
    response.headers.push((LOCATION, HeaderValue::from_static(target)));
    response.headers.push((CACHE_CONTROL, HeaderValue::from_static("no-store")));
    response.headers.extend(HeaderValue::from_str(&cookie).ok().map(|cookie| (SET_COOKIE, cookie)));
    Ok(response)
}

/// The name of the cookie of the server that a Host header names.
fn cookie_name(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port =
        host.rsplit_once(':').map(|(_, port)| port).filter(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    format!("standin_admin_{}", port.unwrap_or("80"))
}
