//! One line for each request, without credentials.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::request::{
    FAULTS_HEADER, QUIRKS_HEADER, REJECTED_HEADER, Response, redact_credentials, redact_target, shown_header, time_text,
};
use crate::session::SESSION_HEADER;

/// How much of a body a log shows, bytes.
const MAX_BODY: usize = 4 << 10;

/// How requests are logged.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog {
    /// The form of a line.
    pub format: LogFormat,
    /// Whether headers and bodies are shown.
    pub has_bodies: bool,
    /// Receives each line, or lines, of a request.
    pub write: fn(&str),
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For people with a terminal that supports colours.
    Color,
    /// A JSON object for programs.
    Json,
}

/// A request until its response is known.
pub(super) struct LogEntry {
    log: AccessLog,
    at: Timestamp,
    begun: Instant,
    method: String,
    target: String,
    /// Headers and body, if they are shown.
    content: Option<(HeaderMap, Bytes)>,
}

impl AccessLog {
    /// Lines for people without headers and bodies.
    pub fn lines(write: fn(&str)) -> Self {
        Self { format: LogFormat::Text, has_bodies: false, write }
    }

    /// Begins the entry of a request.
    pub(super) fn begin<B>(self, request: &http::Request<B>) -> LogEntry {
        LogEntry {
            log: self,
            at: Timestamp::now(),
            begun: Instant::now(),
            method: request.method().to_string(),
            target: redact_target(&request.uri().to_string()),
            content: self.has_bodies.then(|| (request.headers().clone(), Bytes::new())),
        }
    }
}

impl LogEntry {
    /// Adds the body of the request.
    pub(super) fn set_body(&mut self, body: &Bytes) {
        if let Some((_, known)) = &mut self.content {
            *known = body.clone();
        }
    }

    /// Writes the entry.
    pub(super) fn finish(self, response: &Response) {
        let elapsed = self.begun.elapsed();
        (self.log.write)(&match self.log.format {
            LogFormat::Json => self.json(response, elapsed).to_string(),
            LogFormat::Text => self.text(response, elapsed, ""),
            LogFormat::Color => self.text(response, elapsed, color(response)),
        });
    }

    fn text(&self, response: &Response, elapsed: Duration, color: &str) -> String {
        // `hh:mm:ss.mmm` of the time in UTC.
        let at = time_text(self.at);
        let at = at.get(11..23).unwrap_or_default();
        let reset = if color.is_empty() { "" } else { "\x1b[0m" };
        let status = response.status.as_u16();
        let ms = elapsed.as_secs_f64() * 1e3;
        let mut text = format!("{at} {color}{status}{reset} {} {}  {ms:.1} ms", self.method, self.target);
        text.extend(
            header(response, SESSION_HEADER.as_str()).filter(|id| *id != "default").map(|id| format!("  session {id}")),
        );
        text.extend(header(response, REJECTED_HEADER.as_str()).map(|error| format!("  ({error})")));
        text.extend(header(response, QUIRKS_HEADER.as_str()).map(|ids| format!("  [{ids}]")));
        text.extend(header(response, FAULTS_HEADER.as_str()).map(|ids| format!("  faults {ids}")));
        if let Some((headers, body)) = &self.content {
            let pairs = headers
                .iter()
                .map(|(name, value)| format!("\n  > {name}: {}", shown_header(name.as_str(), value.as_bytes())));
            text.extend(pairs);
            text.extend(body_text(body).map(|body| format!("\n  > {body}")));
            let pairs = response.headers.iter();
            text.extend(
                pairs.map(|(name, value)| format!("\n  < {name}: {}", shown_header(name.as_str(), value.as_bytes()))),
            );
            text.extend(body_text(&response.body).map(|body| format!("\n  < {body}")));
        }
        text
    }

    fn json(&self, response: &Response, elapsed: Duration) -> Value {
        let mut line = json!({
            "at": time_text(self.at).as_str(),
            "method": self.method,
            "target": self.target,
            "status": response.status.as_u16(),
            "ms": elapsed.as_secs_f64() * 1e3,
            "session": header(response, SESSION_HEADER.as_str()),
            "reason": header(response, REJECTED_HEADER.as_str()),
            "quirks": header(response, QUIRKS_HEADER.as_str()),
            "faults": header(response, FAULTS_HEADER.as_str()),
        });
        if let Some((headers, body)) = &self.content {
            line["request"] = content_json(headers.iter(), body);
            line["response"] = content_json(response.headers.iter().map(|(name, value)| (name, value)), &response.body);
        }
        line
    }
}

fn content_json<'h>(
    headers: impl Iterator<Item = (&'h http::HeaderName, &'h http::HeaderValue)>,
    body: &Bytes,
) -> Value {
    let headers: Map<String, Value> =
        headers.map(|(name, value)| (name.to_string(), shown_header(name.as_str(), value.as_bytes()).into())).collect();
    json!({"headers": headers, "body": body_text(body)})
}

fn header<'r>(response: &'r Response, name: &str) -> Option<&'r str> {
    let (_, value) = response.headers.iter().find(|(known, _)| known.as_str() == name)?;
    value.to_str().ok()
}

/// The beginning of a body without credentials; `None` if there is none.
fn body_text(body: &Bytes) -> Option<String> {
    if body.is_empty() {
        return None;
    }
    let mut shown =
        serde_json::from_slice(body).unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned()));
    redact_credentials(&mut shown, "");
    let mut text = shown.as_str().map_or_else(|| shown.to_string(), str::to_owned);
    if text.len() > MAX_BODY {
        let end = (0..=MAX_BODY).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    Some(text.replace('\n', "\n    "))
}

/// The escape code of a status: green, yellow for a rejected request, red for an error of the server.
fn color(response: &Response) -> &'static str {
    match response.status.as_u16() {
        ..400 => "\x1b[32m",
        400..500 => "\x1b[33m",
        _ => "\x1b[31m",
    }
}
