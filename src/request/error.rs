use std::borrow::Cow;

/// Why a request is rejected. The dialect of the path turns it into a status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The kind of error; every dialect has a status and a body for each.
    pub kind: ErrorKind,
    /// The message, in the words of the API where they are known.
    pub message: String,
    /// The invalid field, if the error is about one.
    pub field: Option<String>,
    /// How the request violates the contract: where (a JSON pointer into the body, or `/query/page` for a parameter), and
    /// which rule.
    pub violation: Option<(String, String)>,
    /// The status, if it is not that of the kind in the dialect.
    pub status: Option<u16>,
    /// Whether the request names an unknown record. If unknown ids get the documented response, this error does not count.
    pub is_unknown_id: bool,
}

/// The kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The token is missing, malformed or unknown.
    Unauthenticated,
    /// The token does not permit this.
    Unauthorized,
    /// The on-behalf-of header names an owner that the token cannot act for.
    ForeignOwner,
    /// The record addressed by the path does not exist.
    NotFound,
    /// The record addressed by the path does not exist, and the operation responds 404 although its dialect does not.
    Absent,
    /// Something required is missing.
    Missing,
    /// Something that was sent is invalid.
    Invalid,
    /// The record exists already.
    Conflict,
    /// The body is not what its content type says.
    Malformed,
    /// No operation has the path.
    NoRoute,
    /// The path has operations, but none of the method.
    MethodNotAllowed,
    /// The state holds the maximum number of records.
    Full,
    /// A fault of the session replaces the response.
    Fault,
    /// An expression of a resources file cannot be evaluated.
    Expression,
    /// The session cannot be served now.
    Unavailable,
}

impl ErrorKind {
    /// Its name, which is its code in `x-standin-refused` and for `standin explain`.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Its code in responses and for `standin explain`: the name, with the API's own word for the owner
    /// (`foreign_business`).
    pub fn code(self, owner_kind: &str) -> Cow<'static, str> {
        match self {
            Self::ForeignOwner if !owner_kind.is_empty() => format!("foreign_{owner_kind}").into(),
            kind => kind.name().into(),
        }
    }

    /// All kinds with their names.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::Unauthenticated, "unauthenticated"),
        (Self::Unauthorized, "unauthorized"),
        (Self::ForeignOwner, "foreign_owner"),
        (Self::NotFound, "not_found"),
        (Self::Absent, "absent"),
        (Self::Missing, "missing"),
        (Self::Invalid, "invalid"),
        (Self::Conflict, "conflict"),
        (Self::Malformed, "malformed"),
        (Self::NoRoute, "no_route"),
        (Self::MethodNotAllowed, "method_not_allowed"),
        (Self::Full, "full"),
        (Self::Fault, "fault"),
        (Self::Expression, "expression"),
        (Self::Unavailable, "unavailable"),
    ];
}

const EXPRESSION: (&str, &str, &str) = (
    "mock",
    "An expression of a resources file cannot be evaluated for this request. Nothing was changed.",
    "The message names the file, the line and the expression: convert its values, or cover `null` with `default(…)`.",
);
const UNAVAILABLE: (&str, &str, &str) = (
    "mock",
    "The store of `serve --park` does not answer, or the session is being moved. Nothing was changed or lost.",
    "Repeat the request after the time in the header Retry-After; the response names the reason.",
);

impl ErrorKind {
    /// Which side causes it (`client` or `mock`), what it means, and how to fix it.
    pub fn explained(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unauthenticated => (
                "client",
                "The request has no token, or an unknown one.",
                "Send `Authorization: Bearer …` with one of the tokens that `standin tokens` prints; for an API without tokens, \
                 the credentials that its contract requires.",
            ),
            Self::Unauthorized => (
                "client",
                "The token is known but does not permit this, or the request names no owner.",
                "Use another token, or name an owner in the on-behalf-of header.",
            ),
            Self::ForeignOwner => (
                "client",
                "The on-behalf-of header names an owner that the token cannot act for.",
                "Name one that it can act for; `standin tokens` prints one.",
            ),
            Self::NotFound | Self::Absent => (
                "client",
                "The path names a record that does not exist, or belongs to another owner.",
                "Create it, add it to the scenario, or start with --unknown-ids answer.",
            ),
            Self::Missing => (
                "client",
                "The request lacks something that the operation requires.",
                "Add what the response names, or switch checks off with --checking off.",
            ),
            Self::Invalid => (
                "client",
                "A value in the request has the wrong type, is out of range, or refers to an unknown record.",
                "Fix what the response names; the header x-standin-refused has the place, the rule and the line of the contract.",
            ),
            Self::Conflict => ("client", "Such a record exists already.", "Update it instead, or choose other values."),
            Self::Malformed => (
                "client",
                "The body is not what its content type says.",
                "Send JSON, or set the content type of the body.",
            ),
            Self::NoRoute => {
                ("client", "No operation has the path.", "See the header x-standin-nearest, or `standin routes`.")
            }
            Self::MethodNotAllowed => {
                ("client", "The path has operations, but none of this method.", "See the header Allow for its methods.")
            }
            Self::Full => {
                ("mock", "The mock holds the maximum number of records.", "Reset it: POST /reset on the control port.")
            }
            Self::Fault => (
                "mock",
                "A fault of the session replaces the response; the header x-standin-faults names it.",
                "Remove it: DELETE /sessions/default/faults on the control port.",
            ),
            Self::Unavailable => UNAVAILABLE,
            Self::Expression => EXPRESSION,
        }
    }
}

impl ApiError {
    /// An error of a kind with a message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, violation: None, status: None, is_unknown_id: false }
    }

    /// The same error, marked as one about an unknown record.
    #[must_use]
    pub fn unknown(mut self) -> Self {
        self.is_unknown_id = true;
        self
    }

    /// The same error about a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same error, as a violation of a rule of the contract at a place in the request.
    #[must_use]
    pub fn violation(mut self, pointer: &str, rule: &str) -> Self {
        self.violation = Some((pointer.to_owned(), rule.to_owned()));
        self
    }

    /// The same error with another status than that of its kind.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The token is missing, malformed or unknown.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "401 Unauthorized")
    }

    /// The token does not permit this.
    pub fn unauthorized() -> Self {
        Self::new(ErrorKind::Unauthorized, "Unauthorized")
    }

    /// The record addressed by the path does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} not found"))
    }

    /// A field is invalid.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message).field(field)
    }

    /// A required field is missing.
    pub fn missing(field: &str) -> Self {
        Self::new(ErrorKind::Missing, format!("Mandatory parameter {field} is missing")).field(field)
    }
}
