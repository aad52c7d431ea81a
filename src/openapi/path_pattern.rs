//! Path patterns of quirks, dialects and resources.

use std::fmt;

use crate::diagnostics::{Diagnostic, YamlNode};

/// A path pattern. `*` and `{name}` match one segment, a `**` at the end any number of segments, including none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern {
    segments: Vec<Segment>,
    /// Whether the pattern ends in `**`.
    open: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Any,
    Exactly(String),
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for segment in &self.segments {
            match segment {
                Segment::Any => f.write_str("/*")?,
                Segment::Exactly(part) => write!(f, "/{part}")?,
            }
        }
        f.write_str(if self.open { "/**" } else { "" })
    }
}

impl PathPattern {
    /// Reads a pattern, or a list of them, from a file that people write.
    ///
    /// # Errors
    /// If one of them is not a path pattern.
    pub fn read_list(tree: &YamlNode) -> Result<Vec<Self>, Diagnostic> {
        let read = |text: &str| {
            let invalid = || Diagnostic::new(tree.span, format!("invalid path pattern `{text}`"));
            Self::parse(text).ok_or_else(|| invalid().help("write `/a/*/b` or `/a/**`"))
        };
        tree.texts()?.into_iter().map(read).collect()
    }

    /// Parses a pattern; `None` if it does not begin with a slash or has `**` anywhere but at the end.
    pub fn parse(pattern: &str) -> Option<Self> {
        let mut parts: Vec<&str> = pattern.strip_prefix('/')?.split('/').collect();
        let open = parts.last() == Some(&"**");
        if open {
            parts.pop();
        }
        if parts.contains(&"**") {
            return None;
        }
        let segments = parts.into_iter().map(|part| match part {
            "*" => Segment::Any,
            part if part.starts_with('{') && part.ends_with('}') => Segment::Any,
            part => Segment::Exactly(part.to_owned()),
        });
        Some(Self { segments: segments.collect(), open })
    }

    /// Whether the pattern matches a path without query.
    pub fn matches(&self, path: &str) -> bool {
        let mut parts = path.trim_start_matches('/').split('/').filter(|part| !part.is_empty());
        for segment in &self.segments {
            match (segment, parts.next()) {
                (Segment::Any, Some(_)) => {}
                (Segment::Exactly(wanted), Some(part)) if wanted == part => {}
                _ => return false,
            }
        }
        self.open || parts.next().is_none()
    }
}
