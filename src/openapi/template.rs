//! Path templates of contracts: `/reports/{id}.{format}`.

use std::cmp::Reverse;

use smallvec::SmallVec;

/// The last segment of a path template that is not a parameter, without a format (`Messages.json`) or a verb
/// (`messages:search`).
pub fn last_fixed_segment(template: &str) -> Option<&str> {
    let part = template.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'))?;
    Some(without_format(split_verb(part).0))
}

/// A segment without a format: `Messages` for `Messages.json`.
pub fn without_format(part: &str) -> &str {
    part.strip_suffix(".json").or_else(|| part.strip_suffix(".xml")).unwrap_or(part)
}

/// A segment and the verb behind its last colon: `{id}` and `cancel` for `{id}:cancel`.
pub fn split_verb(part: &str) -> (&str, Option<&str>) {
    let is_verb = |verb: &str| !verb.is_empty() && verb.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    match part.rsplit_once(':') {
        Some((name, verb)) if !name.is_empty() && is_verb(verb) => (name, Some(verb)),
        _ => (part, None),
    }
}

/// The parameter names of a path template, in order. A segment can have several: `{x},{y}`.
pub fn parameter_names(template: &str) -> impl DoubleEndedIterator<Item = &str> {
    let names = template.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
    names.collect::<SmallVec<[&str; 4]>>().into_iter()
}

/// The name of the first parameter of a segment: `{id}`, `{id}.json`, `@{name}`.
pub fn parameter_name(segment: &str) -> Option<&str> {
    parameter_names(segment).next()
}

/// A path template that can be matched against paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    segments: Vec<Vec<Piece>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Parameter,
}

impl PathTemplate {
    /// Parses a template. Braces without a partner are literal.
    pub fn parse(template: &str) -> Self {
        Self { segments: template.trim_matches('/').split('/').map(pieces).collect() }
    }

    /// Whether a segment has literal text beside a parameter, or several parameters.
    pub fn is_mixed(&self) -> bool {
        self.segments.iter().any(|pieces| pieces.len() > 1)
    }

    /// Sort key: of several templates that match one path, the one with the lowest key is the most specific. Literal
    /// segments come before partly literal ones, which come before parameters; from left to right.
    pub fn specificity(&self) -> Vec<(u8, Reverse<usize>)> {
        let literal = |piece: &Piece| match piece {
            Piece::Literal(text) => text.len(),
            Piece::Parameter => 0,
        };
        let rank = |pieces: &Vec<Piece>| match pieces.as_slice() {
            [] | [Piece::Literal(_)] => (0, Reverse(0)),
            [Piece::Parameter] => (2, Reverse(0)),
            more => (1, Reverse(more.iter().map(literal).sum())),
        };
        self.segments.iter().map(rank).collect()
    }

    /// The values of the parameters, still percent-encoded; `None` if the template does not match the path.
    pub fn captures<'p>(&self, path: &'p str) -> Option<Vec<&'p str>> {
        let mut parts = path.trim_matches('/').split('/');
        let mut values = Vec::new();
        for pieces in &self.segments {
            let start = values.len();
            capture(pieces, parts.next()?, &mut values)?;
            values[start..].reverse();
        }
        parts.next().is_none().then_some(values)
    }
}

fn pieces(segment: &str) -> Vec<Piece> {
    let (mut pieces, mut rest) = (Vec::new(), segment);
    while let Some((literal, (_, after))) =
        rest.split_once('{').and_then(|(literal, rest)| Some((literal, rest.split_once('}')?)))
    {
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.to_owned()));
        }
        pieces.push(Piece::Parameter);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest.to_owned()));
    }
    pieces
}

/// Matches a segment from its end: the last parameter is as short as possible, so that `{name}.{extension}` splits
/// `a.tar.gz` at the last dot. Appends the values from last to first.
fn capture<'p>(pieces: &[Piece], mut text: &'p str, values: &mut Vec<&'p str>) -> Option<()> {
    for (index, piece) in pieces.iter().enumerate().rev() {
        match piece {
            Piece::Literal(literal) => text = text.strip_suffix(literal.as_str())?,
            Piece::Parameter => {
                let end = text.char_indices().next_back()?.0;
                let start = match index.checked_sub(1).map(|before| &pieces[before]) {
                    None => 0,
                    Some(Piece::Literal(literal)) => text[..end].rfind(literal.as_str())? + literal.len(),
                    Some(Piece::Parameter) => end,
                };
                values.push(&text[start..]);
                text = &text[..start];
            }
        }
    }
    text.is_empty().then_some(())
}
