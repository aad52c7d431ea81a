use std::fmt;
use std::str::FromStr;

use http::StatusCode;

/// A status (`404`), or a class of statuses (`4xx`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusPattern(String);

/// A text is neither a status nor a class.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status: write 404 or 4xx")]
pub struct StatusPatternError(String);

impl FromStr for StatusPattern {
    type Err = StatusPatternError;

    fn from_str(text: &str) -> Result<Self, StatusPatternError> {
        let is_pattern = match text.as_bytes() {
            [class, rest @ ..] if rest.len() == 2 => {
                class.is_ascii_digit() && (rest == b"xx" || rest.iter().all(u8::is_ascii_digit))
            }
            _ => false,
        };
        match is_pattern {
            true => Ok(Self(text.to_owned())),
            false => Err(StatusPatternError(text.to_owned())),
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StatusPattern {
    /// Whether a status matches.
    pub fn matches(&self, status: StatusCode) -> bool {
        self.0.strip_suffix("xx").map_or(self.0 == status.as_str(), |class| status.as_str().starts_with(class))
    }
}
