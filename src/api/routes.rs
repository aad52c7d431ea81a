use compact_str::CompactString;
use http::Method;
use matchit::Router;

use crate::openapi::template::parameter_name;
use crate::openapi::{Code, Note, Operation};
use crate::request::PathValues;

/// From method and path to the operation.
pub struct Routes {
    /// Few methods: to compare them all costs less than to hash one.
    by_method: Vec<(Method, Router<usize>)>,
    paths: Vec<(Method, String)>,
}

/// What was found under a path.
#[derive(Debug, PartialEq, Eq)]
pub enum RouteMatch {
    /// The operation, by its place in the contract, and the values of its path parameters.
    Operation(usize, PathValues),
    /// Operations of these methods, but not of the one asked for.
    OtherMethods(Vec<Method>),
    /// Nothing; the nearest operation there is.
    Nothing(Option<String>),
}

impl Routes {
    /// The routes of all operations. One that collides with another leaves a note and is not routed.
    pub fn new(operations: &[Operation], notes: &mut Vec<Note>) -> Self {
        let mut by_method: Vec<(Method, Router<usize>)> = Vec::new();
        for (index, operation) in operations.iter().enumerate() {
            let known = by_method.iter().position(|(method, _)| *method == operation.method);
            let known = known.unwrap_or_else(|| {
                by_method.push((operation.method.clone(), Router::new()));
                by_method.len() - 1
            });
            let router = &mut by_method[known].1;
            if let Err(error) = router.insert(numbered(&operation.path), index) {
                let message = format!("{} cannot be routed: {error}", operation.key);
                notes.push(Note::new(Code::RouteCollides, &operation.file, operation.pointer(), message));
            }
        }
        let paths = operations.iter().map(|operation| (operation.method.clone(), operation.path.clone())).collect();
        Self { by_method, paths }
    }

    /// The operation of a method and a path (without door and query). `HEAD` finds what `GET` finds.
    pub fn find(&self, method: &Method, path: &str) -> RouteMatch {
        let path = trimmed(path);
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        let router = self.by_method.iter().find(|(method, _)| method == wanted);
        if let Some(matched) = router.and_then(|(_, router)| router.at(path).ok()) {
            let values = matched.params.iter().map(|(_, value)| decoded(value)).collect();
            return RouteMatch::Operation(*matched.value, values);
        }
        let mut others: Vec<Method> = self
            .by_method
            .iter()
            .filter(|(_, router)| router.at(path).is_ok())
            .map(|(method, _)| method.clone())
            .collect();
        if others.is_empty() {
            return RouteMatch::Nothing(self.nearest(wanted, path));
        }
        if others.contains(&Method::GET) {
            others.push(Method::HEAD);
        }
        others.push(Method::OPTIONS);
        others.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        RouteMatch::OtherMethods(others)
    }

    /// The operation whose path is most like this one, if any is like it; parameters are like anything. First those count
    /// that have the most segments in common, so that few are compared letter by letter.
    fn nearest(&self, method: &Method, path: &str) -> Option<String> {
        let sent = segments(path);
        if path.len() > MAX_MISTYPED || sent.len() > MAX_SEGMENTS {
            return None;
        }
        let mut candidates: Vec<_> = self.paths.iter().map(|(method, path)| (method, path, segments(path))).collect();
        let whole = |known: &str, sent: &str| if is_like(known, sent) { 0 } else { 1 };
        candidates.sort_by_cached_key(|(_, _, known)| unlike(known, &sent, &|_| 1, &whole));
        candidates.truncate(MAX_COMPARED);
        let letters = |known: &str, sent: &str| if is_like(known, sent) { 0 } else { strsim::levenshtein(known, sent) };
        let measured = candidates.into_iter().map(|(known, path, segments)| {
            let distance = unlike(&segments, &sent, &weight, &letters);
            ((distance, known != method), known, path)
        });
        let ((distance, _), method, path) = measured.min_by_key(|(likeness, ..)| *likeness)?;
        let length: usize = sent.iter().map(|segment| weight(segment)).sum();
        (distance <= 1 + length / 3).then(|| format!("{method} {path}"))
    }
}

/// The longest path that is compared with the known ones, in bytes and in segments: nobody mistypes a longer one.
const MAX_MISTYPED: usize = 200;
const MAX_SEGMENTS: usize = 16;
/// So many known paths are compared letter by letter.
const MAX_COMPARED: usize = 64;

/// What stands between slashes. Two of them in a row are one that was mistyped.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// The letters of a segment with its slash. A parameter may be of any length, and counts as a short one.
fn weight(segment: &str) -> usize {
    if segment.contains('{') { 2 } else { segment.len() + 1 }
}

fn is_like(known: &str, sent: &str) -> bool {
    known.contains('{') || known == sent
}

/// How much has to be changed to make a path another: the edit distance of their segments, in which one too many or too
/// few costs `alone`, and one in place of another `instead`.
fn unlike(
    known: &[&str],
    sent: &[&str],
    alone: &dyn Fn(&str) -> usize,
    instead: &dyn Fn(&str, &str) -> usize,
) -> usize {
    let costs = sent.iter().scan(0, |sum, segment| {
        *sum += alone(segment);
        Some(*sum)
    });
    let mut row: Vec<usize> = std::iter::once(0).chain(costs).collect();
    for known in known {
        let mut diagonal = row[0];
        row[0] += alone(known);
        for (index, sent) in sent.iter().enumerate() {
            let best =
                (diagonal + instead(known, sent)).min(row[index] + alone(sent)).min(row[index + 1] + alone(known));
            diagonal = std::mem::replace(&mut row[index + 1], best);
        }
    }
    row[sent.len()]
}

/// The path with its parameters numbered: two operations may name the parameter at one place differently. What stands
/// beside a parameter (`{id}.json`, `@{name}`) is no part of its value; of several in one segment (`{base}...{head}`)
/// the first has it all.
fn numbered(path: &str) -> String {
    let parts = trimmed(path).split('/').enumerate().map(|(index, part)| match parameter_name(part) {
        None => escaped(part),
        Some(name) => {
            let (before, after) = part.split_once(&format!("{{{name}}}")).unwrap_or_default();
            let after = if after.contains('{') { "" } else { after };
            format!("{}{{p{index}}}{}", escaped(before), escaped(after))
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

/// Text in which braces are no parameter.
fn escaped(part: &str) -> String {
    part.replace('{', "{{").replace('}', "}}")
}

/// A path without the slash at its end: the API treats both alike.
fn trimmed(path: &str) -> &str {
    match path.trim_end_matches('/') {
        "" => "/",
        path => path,
    }
}

fn decoded(value: &str) -> CompactString {
    if !value.contains('%') {
        return value.into();
    }
    percent_encoding::percent_decode_str(value).decode_utf8_lossy().as_ref().into()
}
