use strum::{EnumString, IntoStaticStr, VariantNames};

/// How strictly requests are checked against their contract.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
#[strum(serialize_all = "kebab-case")]
pub enum Checking {
    /// As the real API does: values are coerced, unknown fields ignored, missing required fields rejected.
    #[default]
    Lenient,
    /// Every rule of the contract.
    Documented,
    /// Not at all.
    Off,
}

/// The response where a path names a record that does not exist.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumString, IntoStaticStr, VariantNames)]
pub enum UnknownIds {
    /// The "not found" error of the API.
    #[default]
    #[strum(serialize = "refuse")]
    Refuse,
    /// The contract's example with the requested id, for test suites with made-up ids.
    #[strum(serialize = "answer")]
    Example,
}

/// How a session handles requests, apart from its quirks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How strictly requests are checked.
    pub checking: Checking,
    /// The response for unknown ids.
    pub unknown_ids: UnknownIds,
}
