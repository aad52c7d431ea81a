//! Rejects requests that a web page could have sent.
//!
//! The Host must be a loopback name (DNS rebinding), the origin must be the control port itself, and a body must be JSON
//! (forms can be posted across origins without a preflight).

use std::net::{IpAddr, Ipv6Addr};

use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};

use crate::request::is_media_type;

/// Checks the headers of a request to the control port.
///
/// # Errors
/// The reason for the rejection.
pub(super) fn check(headers: &HeaderMap, has_body: bool) -> Result<(), &'static str> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(HOST).unwrap_or_default();
    if !is_loopback(host) {
        return Err("the control port accepts loopback hosts only");
    }
    let is_own = |origin: &str| origin.split_once("://").is_some_and(|(_, origin)| origin == host);
    let is_foreign = match headers.get_all(ORIGIN).iter().count() {
        0 => false,
        1 => !text(ORIGIN).is_some_and(is_own),
        _ => true,
    };
    let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
    if is_foreign || site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err("the control port does not accept requests of pages from other origins");
    }
    match has_body && !is_media_type(text(CONTENT_TYPE).unwrap_or_default(), "application/json") {
        true => Err("the body must be application/json"),
        false => Ok(()),
    }
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
