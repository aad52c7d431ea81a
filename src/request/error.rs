use std::borrow::Cow;

/// Why a call is refused, before the family's dialect has put it into words and a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// What kind of refusal it is; `families.yaml` has a status and a body for each.
    pub kind: ErrorKind,
    /// What is wrong, in the API's words where they are known.
    pub message: String,
    /// The field that is wrong, where it is one.
    pub field: Option<String>,
    /// What the contract says against it: where in the request (a JSON pointer; `/query/page` for a parameter), and the
    /// rule.
    pub violation: Option<(String, String)>,
    /// Whether the body names something that is not there: a world that answers for unknown ids then answers as
    /// documented.
    pub is_unknown_id: bool,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The token is missing, malformed or unknown.
    Unauthenticated,
    /// The token is good, but not for this.
    Unauthorized,
    /// `X-On-Behalf-Of` names a business that the token's directory does not own.
    ForeignOwner,
    /// What the path names does not exist.
    NotFound,
    /// What the path names does not exist, and the operation says so with 404 where its family does not.
    Absent,
    /// Something that is required is absent.
    Missing,
    /// Something that was sent is wrong.
    Invalid,
    /// Something exists already.
    Conflict,
    /// The body is no JSON.
    Malformed,
    /// No operation has that path.
    NoRoute,
    /// The path has operations, but not of that method.
    MethodNotAllowed,
    /// The world holds as much as it may.
    Full,
}

impl ErrorKind {
    /// Its name, which is its code.
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

    /// All kinds and their names in `families.yaml`.
    pub const ALL: [(Self, &'static str); 12] = [
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
    ];
}

impl ErrorKind {
    /// Whose side it is on (`client`, `contract` or `mock`), what it means, and what to do.
    pub fn explained(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unauthenticated => (
                "client",
                "The call has no token, or one that this world does not know.",
                "Send `Authorization: Bearer …` with one of the tokens that `standin tokens` prints.",
            ),
            Self::Unauthorized => (
                "client",
                "The token is known and not allowed to do this, or names no business.",
                "Take another token, or name a business in `X-On-Behalf-Of`.",
            ),
            Self::ForeignOwner => (
                "client",
                "`X-On-Behalf-Of` names a business that the token's directory does not own.",
                "Name one of its own; `standin tokens` prints one.",
            ),
            Self::NotFound | Self::Absent => (
                "client",
                "The path names a record that does not exist in this world, or belongs to another business.",
                "Create it, add it to the scenario, or start with --unknown-ids answer.",
            ),
            Self::Missing => (
                "client",
                "The call lacks something that the operation cannot do without.",
                "Add what the answer names; --checking off takes calls as they are.",
            ),
            Self::Invalid => (
                "client",
                "Something in the call is of the wrong type or out of range, or speaks of what does not exist.",
                "Mend what the answer names; the header x-standin-refused has the place, the rule and the contract's line.",
            ),
            Self::Conflict => {
                ("client", "There is such a record already.", "Change it instead, or choose other values.")
            }
            Self::Malformed => {
                ("client", "The body is not what its content type says.", "Send JSON, or name the type that is sent.")
            }
            Self::NoRoute => (
                "client",
                "No contract has an operation of this path.",
                "Look at the header x-standin-nearest, or at `standin routes`.",
            ),
            Self::MethodNotAllowed => {
                ("client", "The path has operations, but not of this method.", "The header Allow names the methods.")
            }
            Self::Full => {
                ("mock", "The world holds as many records as it may.", "Reset it: POST /reset on the control port.")
            }
        }
    }
}

impl ApiError {
    /// A refusal of that kind with those words.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, violation: None, is_unknown_id: false }
    }

    /// The same refusal, because the body names something that is not there.
    #[must_use]
    pub fn unknown(mut self) -> Self {
        self.is_unknown_id = true;
        self
    }

    /// The same refusal about a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same refusal, because a rule of the contract was broken at a place of the request.
    #[must_use]
    pub fn violation(mut self, pointer: &str, rule: &str) -> Self {
        self.violation = Some((pointer.to_owned(), rule.to_owned()));
        self
    }

    /// The token is missing, malformed or unknown.
    pub fn unauthenticated() -> Self {
        Self::new(ErrorKind::Unauthenticated, "401 Unauthorized")
    }

    /// The token is good, but not for this.
    pub fn unauthorized() -> Self {
        Self::new(ErrorKind::Unauthorized, "Unauthorized")
    }

    /// What the path names does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorKind::NotFound, format!("{what} not found"))
    }

    /// A field that was sent is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message).field(field)
    }

    /// A required field is absent. The words are those of the API's own parameter check.
    pub fn missing(field: &str) -> Self {
        Self::new(ErrorKind::Missing, format!("Mandatory parameter {field} is missing")).field(field)
    }
}
