//! Which session a request belongs to: by a header, a prefix of the path, or a suffix of the token.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use compact_str::CompactString;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};

use super::Sessions;
use crate::api::Tokens;
use crate::model::{MAX_SHORT_ID, is_short_id};
use crate::request::{FORWARDED_PREFIX, Request, decode_basic};

/// The header that selects a session, and that names it in responses.
pub const SESSION_HEADER: HeaderName = HeaderName::from_static("x-standin-session");
/// The response header that says that the request has created the session: `new`. With `serve --park` also `resumed`,
/// `recovered` or `lost`.
pub const SESSION_STATE_HEADER: HeaderName = HeaderName::from_static("x-standin-session-state");

/// The id of a session: 1 to 64 letters, digits, `_` and `-`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionId(CompactString);

/// Why no session is selected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// A text is no id.
    #[error("`{0}` is not the id of a session: an id has 1 to 64 letters, digits, `_` and `-`")]
    Invalid(String),
    /// The request names two sessions.
    #[error("the request names two sessions, `{0}` and `{1}`; name one")]
    Conflict(String, String),
}

impl SessionId {
    /// The id of the session for requests that select none.
    pub const DEFAULT: &str = "default";

    /// Parses an id.
    ///
    /// # Errors
    /// If it is empty, too long or has other characters.
    pub fn parse(text: &str) -> Result<Self, SelectionError> {
        match is_short_id(text) {
            true => Ok(Self(text.into())),
            false => Err(SelectionError::Invalid(text.chars().take(MAX_SHORT_ID + 1).collect())),
        }
    }

    /// The text of the id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is the id of the session for requests that select none.
    pub fn is_default(&self) -> bool {
        self.0 == Self::DEFAULT
    }
}

/// Finds the session that a request selects, and removes what selects it from the request: the header
/// `X-Standin-Session`, the beginning `/s/ID` of the path, the end `~ID` of the token. `None` if it selects none.
///
/// A path beginning with `/s/` that `has_operation` accepts belongs to the API.
///
/// # Errors
/// If an id is malformed, or two of them differ.
pub fn select_session(
    request: &mut Request,
    tokens: &Tokens,
    sessions: &Sessions,
    has_operation: impl Fn(&Request) -> bool,
) -> Result<Option<SessionId>, SelectionError> {
    let mut selected: Option<SessionId> = None;
    let mut select = |id: SessionId| match &selected {
        Some(known) if *known != id => Err(SelectionError::Conflict(known.0.to_string(), id.0.to_string())),
        _ => {
            selected = Some(id);
            Ok(())
        }
    };
    if let Some(value) = request.headers.remove(SESSION_HEADER) {
        select(SessionId::parse(value.to_str().unwrap_or_default())?)?;
    }
    if let Some((id, path)) = split_prefix(&request.path).filter(|_| !has_operation(request)) {
        let id = SessionId::parse(id)?;
        let path = CompactString::from(path);
        add_prefix(request, &id);
        request.path = path;
        select(id)?;
    }
    if let Some((id, authorization)) = take_suffix(request, tokens, sessions) {
        request.headers.insert(AUTHORIZATION, authorization);
        select(id)?;
    }
    Ok(selected)
}

/// The id of the session that a path begins with, and the path after it. The API may have such paths too.
pub fn split_prefix(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/s/")?;
    let (id, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some((id, if path.is_empty() { "/" } else { path }))
}

/// Links in the response have the prefix, after the one that a proxy may have removed.
fn add_prefix(request: &mut Request, id: &SessionId) {
    let outer = request.headers.get(FORWARDED_PREFIX).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let prefix = format!("{}/s/{}", outer.trim_end_matches('/'), id.as_str());
    if let Ok(prefix) = HeaderValue::from_str(&prefix) {
        request.headers.insert(FORWARDED_PREFIX, prefix);
    }
}

/// The session that the token of a request ends with, and the Authorization header without it.
fn take_suffix(request: &Request, tokens: &Tokens, sessions: &Sessions) -> Option<(SessionId, HeaderValue)> {
    let value = request.headers.get(AUTHORIZATION)?;
    // Most tokens have no suffix. The encoding of Basic credentials hides theirs.
    let may_be_basic = value.as_bytes().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"basic"));
    if !may_be_basic && !value.as_bytes().contains(&b'~') {
        return None;
    }
    let text = value.to_str().ok()?;
    let (scheme, credentials) = text.split_once(' ').unwrap_or(("", text));
    if scheme.eq_ignore_ascii_case("basic") {
        let (user, password) = decode_basic(credentials)?;
        let (password, id) = split_suffix(&password)?;
        let basic = format!("{scheme} {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        return Some((id, HeaderValue::try_from(basic).ok()?));
    }
    if !text.contains('~') {
        return None;
    }
    let token = tokens.credentials(&request.headers).unwrap_or(credentials);
    let (short, id) = split_suffix(token)?;
    if tokens.are_declared() && !is_token_with_suffix(token, short, &id, sessions) {
        return None;
    }
    let end = text.len() - text.trim_end_matches('"').len();
    let begin = text.rfind(token).filter(|begin| begin + token.len() + end == text.len())?;
    let shorter = format!("{}{short}{}", &text[..begin], &text[begin + token.len()..]);
    Some((id, HeaderValue::try_from(shorter).ok()?))
}

/// The session that the token of a request may end with, if that session has the token; whether it has is not checked. `None`
/// if the whole is a token.
pub fn possible_suffix(request: &Request, tokens: &Tokens, sessions: &Sessions) -> Option<SessionId> {
    let text = request.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let credentials = text.split_once(' ').map_or(text, |(_, credentials)| credentials);
    let token = tokens.credentials(&request.headers).unwrap_or(credentials);
    let is_known = sessions.default_session().has_record("token", token);
    split_suffix(token).filter(|_| !is_known).map(|(_, id)| id)
}

fn split_suffix(text: &str) -> Option<(&str, SessionId)> {
    let (rest, id) = text.rsplit_once('~')?;
    SessionId::parse(id).ok().map(|id| (rest, id))
}

/// Whether the whole is no token, but its beginning is one of the session, or will be when the session is created.
fn is_token_with_suffix(whole: &str, short: &str, id: &SessionId, sessions: &Sessions) -> bool {
    let has = |token: &str| match sessions.find(id.as_str()) {
        Some(session) => session.has_record("token", token),
        None => sessions.start().has_record("token", token),
    };
    !sessions.default_session().has_record("token", whole) && !has(whole) && has(short)
}
