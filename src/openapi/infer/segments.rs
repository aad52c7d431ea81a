use smallvec::{SmallVec, smallvec};

use crate::openapi::template::{parameter_names, split_verb, without_format};

/// One segment of a path template.
pub(super) enum Segment<'p> {
    Fixed(&'p str),
    /// A segment with at least one parameter: `{id}`, `{id}.json`, `{x},{y}`.
    Parameters(SmallVec<[&'p str; 1]>),
}

/// The segments of a path template.
pub(super) type Segments<'p> = SmallVec<[Segment<'p>; 8]>;

/// Parses a path template. A verb behind a colon is a segment of its own, and so is a key in parentheses:
/// `{id}:cancel` is `{id}/cancel`, `Customers({id})` is `Customers/{id}`.
pub(super) fn segments(path: &str) -> Segments<'_> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let segment = |part| {
        let names: SmallVec<[&str; 1]> = parameter_names(part).collect();
        if names.is_empty() { Segment::Fixed(part) } else { Segment::Parameters(names) }
    };
    let with_verb = |part| {
        let (name, verb) = split_verb(part);
        std::iter::once(segment(name)).chain(verb.map(Segment::Fixed))
    };
    let with_key = |part| match split_key(part) {
        Some((name, key)) => smallvec![Segment::Fixed(name), segment(key)],
        None => with_verb(part).collect::<SmallVec<[Segment<'_>; 2]>>(),
    };
    parts.flat_map(with_key).collect()
}

/// A collection and the key of its record, as OData writes them: `Customers('{id}')`.
fn split_key(part: &str) -> Option<(&str, &str)> {
    let (name, key) = part.strip_suffix(')')?.split_once('(')?;
    (!name.is_empty() && !name.contains('{') && key.contains('{') && !key.contains('=')).then_some((name, key))
}

/// The first segments of a path, with `*` for each parameter.
pub(super) fn prefix(segments: &[Segment<'_>], end: usize) -> String {
    let mut prefix = String::with_capacity(64);
    for segment in &segments[..end] {
        prefix.push('/');
        prefix.push_str(match segment {
            Segment::Fixed(part) => without_format(part),
            Segment::Parameters(_) => "*",
        });
    }
    prefix
}
