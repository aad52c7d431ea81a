/// How strictly requests are checked against their contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checking {
    /// As the real API does: values are coerced, unknown fields are ignored, missing required fields are rejected.
    #[default]
    Lenient,
    /// Exactly as the contract says.
    Documented,
    /// Requests are not checked.
    Off,
}

impl Checking {
    /// All settings with their names.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Lenient, "lenient"), (Self::Documented, "documented"), (Self::Off, "off")];

    /// The setting with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(checking, _)| checking)
    }
}

/// How a request for an unknown record is served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownIds {
    /// With the "not found" error of the dialect.
    #[default]
    Refuse,
    /// With the contract's example and the requested id, for test suites with made-up ids.
    Example,
}

impl UnknownIds {
    /// All settings with their names.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Refuse, "refuse"), (Self::Example, "answer")];

    /// The setting with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(setting, _)| setting)
    }
}

/// How requests are served, apart from quirks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How strictly requests are checked.
    pub checking: Checking,
    /// How requests for unknown records are served.
    pub unknown_ids: UnknownIds,
}
