use regex::Regex;

/// A condition about a text.
#[derive(Clone, Debug)]
pub enum TextMatch {
    /// It is this text.
    Equal(String),
    /// It is this text, apart from case.
    EqualIgnoringCase(String),
    /// It contains this text.
    Contains(String),
    /// The whole text matches.
    Matches(Regex),
    /// It does not match.
    DoesNotMatch(Regex),
    /// There is none.
    Absent,
}

impl TextMatch {
    /// A condition that the whole text matches a regular expression.
    ///
    /// # Errors
    /// If it is none, or too large.
    pub fn regex(pattern: &str) -> Result<Self, String> {
        whole(pattern).map(Self::Matches)
    }

    /// A condition that the whole text does not match a regular expression.
    ///
    /// # Errors
    /// If it is none, or too large.
    pub fn not_regex(pattern: &str) -> Result<Self, String> {
        whole(pattern).map(Self::DoesNotMatch)
    }

    /// Whether any of the values of a name, or none of them, meets the condition.
    pub fn accepts<'v>(&self, mut values: impl Iterator<Item = &'v str>) -> bool {
        match self {
            Self::Absent => values.next().is_none(),
            Self::Equal(wanted) => values.any(|value| value == wanted),
            Self::EqualIgnoringCase(wanted) => values.any(|value| value.eq_ignore_ascii_case(wanted)),
            Self::Contains(wanted) => values.any(|value| value.contains(wanted.as_str())),
            Self::Matches(regex) => values.any(|value| regex.is_match(value)),
            Self::DoesNotMatch(regex) => values.any(|value| !regex.is_match(value)),
        }
    }

    /// The condition in words.
    pub fn describe(&self) -> String {
        match self {
            Self::Equal(text) | Self::EqualIgnoringCase(text) => text.clone(),
            Self::Contains(text) => format!("a text with {text}"),
            Self::Matches(regex) => format!("a match of {regex}"),
            Self::DoesNotMatch(regex) => format!("no match of {regex}"),
            Self::Absent => "nothing".to_owned(),
        }
    }
}

fn whole(pattern: &str) -> Result<Regex, String> {
    // Bounded by the crate in time and memory.
    Regex::new(&format!("^(?:{pattern})$")).map_err(|error| format!("`{pattern}` is no regular expression: {error}"))
}
