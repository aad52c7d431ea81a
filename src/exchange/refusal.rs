/// Why a call is refused, before the family's dialect has put it into words and a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of refusal it is; `families.yaml` has a status and a body for each.
    pub kind: RefusalKind,
    /// What is wrong, in the API's words where they are known.
    pub message: String,
    /// The field that is wrong, where it is one.
    pub field: Option<String>,
    /// What the contract says against it: where in the request (a JSON pointer; `/query/page` for a parameter), and the
    /// rule.
    pub broke: Option<(String, String)>,
}

/// The kinds of refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RefusalKind {
    /// The token is missing, malformed or unknown.
    Unauthenticated,
    /// The token is good, but not for this.
    Unauthorized,
    /// `X-On-Behalf-Of` names a business that the token's directory does not own.
    ForeignBusiness,
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

impl RefusalKind {
    /// Its name, which is its code.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// All kinds and their names in `families.yaml`.
    pub const ALL: [(Self, &'static str); 12] = [
        (Self::Unauthenticated, "unauthenticated"),
        (Self::Unauthorized, "unauthorized"),
        (Self::ForeignBusiness, "foreign_business"),
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

impl Refusal {
    /// A refusal of that kind with those words.
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), field: None, broke: None }
    }

    /// The same refusal about a field.
    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// The same refusal, because a rule of the contract was broken at a place of the request.
    #[must_use]
    pub fn broke(mut self, pointer: &str, rule: &str) -> Self {
        self.broke = Some((pointer.to_owned(), rule.to_owned()));
        self
    }

    /// The token is missing, malformed or unknown.
    pub fn unauthenticated() -> Self {
        Self::new(RefusalKind::Unauthenticated, "401 Unauthorized")
    }

    /// The token is good, but not for this.
    pub fn unauthorized() -> Self {
        Self::new(RefusalKind::Unauthorized, "Unauthorized")
    }

    /// What the path names does not exist.
    pub fn not_found(what: &str) -> Self {
        Self::new(RefusalKind::NotFound, format!("{what} not found"))
    }

    /// A field that was sent is wrong.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::new(RefusalKind::Invalid, message).field(field)
    }

    /// A required field is absent. The words are those of the API's own parameter check.
    pub fn missing(field: &str) -> Self {
        Self::new(RefusalKind::Missing, format!("Mandatory parameter {field} is missing")).field(field)
    }
}
