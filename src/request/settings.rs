/// How strictly requests are held against their contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Checking {
    /// As the real API does: what was meant is taken, the unknown is ignored, what is required is refused.
    #[default]
    Lenient,
    /// As the contract says, to the letter.
    Documented,
    /// Not at all.
    Off,
}

impl Checking {
    /// All settings and their names.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Lenient, "lenient"), (Self::Documented, "documented"), (Self::Off, "off")];

    /// The setting of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(checking, _)| checking)
    }
}

/// What is answered where a path names a record that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownIds {
    /// The family's own "not found".
    #[default]
    Refuse,
    /// The contract's example under the id that was asked for: for suites with made-up ids.
    Example,
}

impl UnknownIds {
    /// All settings and their names.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Refuse, "refuse"), (Self::Example, "answer")];

    /// The setting of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(setting, _)| setting)
    }
}

/// How a world deals with calls, apart from its quirks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How strictly requests are checked.
    pub checking: Checking,
    /// What is answered for unknown ids.
    pub unknown_ids: UnknownIds,
}
