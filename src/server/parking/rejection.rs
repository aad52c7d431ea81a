//! The responses to requests whose session this replica does not have.

use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};

use super::claims::Owner;
use super::store::StoreError;
use crate::pipeline::Mock;
use crate::request::{ApiError, ErrorKind, Problem, Request, Response};
use crate::server::Port;
use crate::session::{SESSION_HEADER, SESSION_STATE_HEADER, SessionId};

/// The response header with the address of the replica that has the session.
const OWNER_HEADER: HeaderName = HeaderName::from_static("x-standin-session-owner");

/// Why a request is not served.
#[derive(Debug)]
pub(super) enum Rejection {
    /// Another replica has the session.
    Elsewhere(Owner),
    /// The replica that had the session has ended without storing it.
    Lost(Owner),
    /// The store fails, or something takes too long. Nothing is lost.
    Unavailable(String),
}

impl From<StoreError> for Rejection {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(format!("the store of --park fails: {error}"))
    }
}

impl Rejection {
    /// The response to a request for a session. `retry_after` is in seconds.
    pub(super) fn response(
        &self,
        (mock, port): (&Mock, Port),
        (id, request): (&SessionId, &Request),
        retry_after: u64,
    ) -> Response {
        let (id, mut headers) = (id.as_str(), Vec::new());
        let mut add = |name, value: &str| headers.extend(HeaderValue::from_str(value).ok().map(|value| (name, value)));
        add(SESSION_HEADER, id);
        let mut response = match self {
            Self::Elsewhere(owner) => {
                add(OWNER_HEADER, &owner.address);
                add(RETRY_AFTER, &retry_after.to_string());
                let Owner { name, address, .. } = owner;
                problem(
                    StatusCode::MISDIRECTED_REQUEST,
                    format!(
                        "the session `{id}` is at the replica `{name}` ({address}). Send all requests of a session to one replica; \
                     it moves when it has been idle there, or when that replica ends"
                    ),
                )
            }
            Self::Lost(owner) => {
                add(SESSION_STATE_HEADER, "lost");
                problem(
                    StatusCode::GONE,
                    format!(
                        "the session `{id}` is lost: the replica `{}` that had it has ended without storing it. On the control \
                     port, `PUT /sessions/{id}/snapshot` gives it a state, and `POST /sessions` with {{\"id\": \"{id}\"}} begins \
                     it anew",
                        owner.name
                    ),
                )
            }
            Self::Unavailable(reason) => {
                add(RETRY_AFTER, "1");
                let detail = format!("the session `{id}` cannot be served now: {reason}");
                match port {
                    Port::Api => mock.reject(request, ApiError::new(ErrorKind::Unavailable, detail)),
                    Port::Control => problem(StatusCode::SERVICE_UNAVAILABLE, detail),
                }
            }
        };
        response.headers.extend(headers);
        response
    }
}

fn problem(status: StatusCode, detail: String) -> Response {
    Problem::new(status, detail).into()
}
