//! Who may call the control API.
//!
//! Web pages can reach ports of the loopback interface. So the Host must be a loopback name or a listed one (DNS rebinding),
//! the origin must be the control port itself or a listed one, and a body must be JSON (forms can be posted across origins
//! without a preflight).

use std::net::{IpAddr, Ipv6Addr};

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION,
    CONNECTION, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::Login;
use crate::request::{Problem, Request, Response, is_media_type};

/// Who may call the control API. The default is every program on this machine, but no web page.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The token that requests must carry (`Authorization: Bearer TOKEN`), if they need one. `/health`, `/ready` and `/login` never do.
    pub token: Option<String>,
    /// How a browser gets a cookie in place of the token.
    pub login: Option<Login>,
    /// The hosts, besides loopback names, that the Host header may name.
    pub allowed_hosts: Vec<String>,
    /// The origins of the pages that may call it, such as `http://localhost:5173`.
    pub allowed_origins: Vec<String>,
    /// Whether snapshots may contain credentials.
    pub secrets: bool,
}

impl Access {
    /// Checks the headers of a request.
    ///
    /// # Errors
    /// The response if the request is rejected, or is a preflight request.
    pub(super) fn check(&self, request: &Request) -> Result<(), Box<Response>> {
        let headers = &request.headers;
        let reject = |message: &str| Err(Box::new(Problem::new(StatusCode::FORBIDDEN, message).into()));
        let host = text(headers, &HOST).unwrap_or_default();
        if !is_loopback(host) && !self.allowed_hosts.iter().any(|allowed| is_host(host, allowed)) {
            let problem = Problem::new(
                StatusCode::FORBIDDEN,
                match self.allowed_hosts.is_empty() {
                    true => "the control port accepts loopback hosts only",
                    false => "the control port accepts loopback hosts and those of --allowed-hosts only",
                },
            );
            // A page that has another name point to this address must not keep a connection.
            let mut response = Response::from(problem);
            response.headers.push((CONNECTION, HeaderValue::from_static("close")));
            return Err(Box::new(response));
        }
        if self.is_foreign(headers, host) {
            return reject(
                "the control port does not accept requests of pages from other origins; --allow-origin accepts one",
            );
        }
        if request.method == Method::OPTIONS && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            return Err(Box::new(preflight()));
        }
        let is_open = matches!(request.path.as_str(), "/health" | "/ready" | "/login");
        if !is_open && !self.is_authorized(headers) {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "send the admin token: `Authorization: Bearer TOKEN`");
            let mut response = Response::from(problem);
            response.headers.push((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
            return Err(Box::new(response));
        }
        let content_type = text(headers, &CONTENT_TYPE).unwrap_or_default();
        // Forms cannot have these types.
        let is_allowed = ["application/json", "application/yaml"].iter().any(|kind| is_media_type(content_type, kind));
        match !request.body.is_empty() && !is_allowed {
            true => reject("the body must be application/json, or application/yaml for a snapshot"),
            false => Ok(()),
        }
    }

    /// Whether a page of an origin may read responses.
    pub fn allows_origin(&self, origin: &HeaderValue) -> bool {
        origin.to_str().is_ok_and(|origin| self.allowed_origins.iter().any(|allowed| allowed == origin))
    }

    fn is_foreign(&self, headers: &HeaderMap, host: &str) -> bool {
        let is_own = |origin: &str| origin.split_once("://").is_some_and(|(_, origin)| origin == host);
        let origins: Vec<&HeaderValue> = headers.get_all(ORIGIN).iter().collect();
        match origins.as_slice() {
            [] => {
                let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
                site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
            }
            [origin] => !self.allows_origin(origin) && !origin.to_str().is_ok_and(is_own),
            _ => true,
        }
    }

    fn is_authorized(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        if self.login.as_ref().is_some_and(|login| login.is_known(headers)) {
            return true;
        }
        let sent = text(headers, &AUTHORIZATION).and_then(|value| value.split_once(' '));
        sent.is_some_and(|(scheme, sent)| scheme.eq_ignore_ascii_case("bearer") && is_equal(sent.trim(), token))
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Compares secrets in a time that does not depend on where they differ.
pub(super) fn is_equal(sent: &str, secret: &str) -> bool {
    let differences = sent.bytes().zip(secret.bytes()).fold(0, |found, (one, other)| found | (one ^ other));
    sent.len() == secret.len() && differences == 0
}

fn preflight() -> Response {
    let mut response = Response::empty(StatusCode::NO_CONTENT);
    response.headers.push((ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, PUT, DELETE")));
    response.headers.push((ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("authorization, content-type")));
    response
}

/// Whether a Host header names an allowed host, with or without a port.
fn is_host(host: &str, allowed: &str) -> bool {
    let without_port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    host.eq_ignore_ascii_case(allowed) || without_port.is_some_and(|(name, _)| name.eq_ignore_ascii_case(allowed))
}

/// Whether a Host header names the loopback interface, with or without a port. Malformed values do not, however they begin.
fn is_loopback(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, rest)) if name.parse::<Ipv6Addr>().is_ok() => (name, rest),
        Some(_) => return false,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok();
    let address = name.parse::<IpAddr>();
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
        && (name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback()))
}
