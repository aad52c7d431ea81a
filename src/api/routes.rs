use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher as _;
use std::sync::Arc;

use compact_str::CompactString;
use foldhash::fast::{FixedState, RandomState};
use http::Method;
use matchit::Router;
use smallvec::SmallVec;
use thin_vec::ThinVec;

use crate::openapi::operation::of_each;
use crate::openapi::template::{PathTemplate, parameter_names};
use crate::openapi::{Code, Note, Operation};
use crate::request::PathValues;

/// The maximum number of segments with parameters in a path: the router panics if there are more.
const MAX_PARAMETERS: usize = 25;

/// Finds the operation of a method and a path.
pub struct Routes {
    /// Few methods: comparing them all is cheaper than hashing one.
    by_method: Vec<(Method, Paths)>,
    /// Operations whose templates differ only inside segments, or in the query that they require; the most specific first.
    groups: Vec<SmallVec<[Candidate; 1]>>,
    /// The index of its method in `by_method`, and the path, of each operation, in the order of the contract.
    paths: Vec<(u32, Arc<str>)>,
}

/// Leads from the paths of one method to groups.
#[derive(Default)]
struct Paths {
    /// Paths without parameters. A router would take six times as much memory for each.
    literal: HashMap<Arc<str>, usize, RandomState>,
    /// All others.
    router: Router<usize>,
}

/// One operation of a group.
struct Candidate {
    operation: u32,
    is_mixed: bool,
    /// The template, if the router alone cannot tell if it matches; also that of a path that is not the operation's own.
    template: Option<Box<PathTemplate>>,
    /// Name and value that a request must have: `Operation::selectors`.
    selectors: ThinVec<(String, Option<String>)>,
}

impl Candidate {
    /// The template of its path.
    fn template(&self, paths: &[(u32, Arc<str>)]) -> Cow<'_, PathTemplate> {
        match &self.template {
            Some(template) => Cow::Borrowed(template),
            None => Cow::Owned(PathTemplate::parse(trimmed(&paths[self.operation as usize].1))),
        }
    }
}

/// A path as the router and its candidates need it.
struct Route {
    numbered: String,
    template: PathTemplate,
}

impl Route {
    /// # Errors
    /// Why the router cannot have it.
    fn of(path: &str) -> Result<Self, String> {
        let count = path.split('/').filter(|segment| parameter_names(segment).next().is_some()).count();
        match count > MAX_PARAMETERS {
            true => Err(format!("it has {count} parameters, and {MAX_PARAMETERS} is the maximum")),
            false => Ok(Self { numbered: numbered(path), template: PathTemplate::parse(trimmed(path)) }),
        }
    }
}

/// Whether a request has a query parameter, header or form field with that name and value (any value for `None`).
type HasValue<'r> = &'r dyn Fn(&str, Option<&str>) -> bool;

/// The result of routing.
#[derive(Debug, PartialEq, Eq)]
pub enum RouteMatch {
    /// An operation, by its index in the contract, and the values of its path parameters.
    Operation(usize, PathValues),
    /// The path has operations of these methods only.
    OtherMethods(Vec<Method>),
    /// No operation has the path; the key of the most similar one.
    Nothing(Option<String>),
}

impl Routes {
    /// The routes of all operations. An operation that collides with another gets a note and no route.
    pub fn new(operations: &[Operation], notes: &mut Vec<Note>) -> Self {
        let mut routes = Self { by_method: Vec::new(), groups: Vec::new(), paths: Vec::new() };
        let mut groups: HashMap<(Method, String), usize> = HashMap::new();
        // By hash: a hundred thousand texts would take as much memory as all routes.
        let mut known: HashMap<u64, usize> = HashMap::with_capacity(operations.len());
        routes.paths.reserve_exact(operations.len());
        // A list that grows is there twice for a moment.
        routes.groups.reserve_exact(operations.len());
        let find = |operation: &Operation| (skeleton(operation), Route::of(&operation.path));
        for (index, (operation, (skeleton, route))) in of_each(operations, find).enumerate() {
            let method = routes.method_index(&operation.method) as u32;
            routes.paths.push((method, Arc::clone(&operation.path)));
            let same = match known.entry(FixedState::default().hash_one(&skeleton)) {
                Entry::Occupied(other) => {
                    Some(*other.get()).filter(|other| self::skeleton(&operations[*other]) == skeleton)
                }
                Entry::Vacant(entry) => {
                    entry.insert(index);
                    None
                }
            };
            let collision = match same {
                Some(other) => Some(format!("it matches the same requests as {}", operations[other].key)),
                None => route.and_then(|route| routes.add(&mut groups, (index, operation), route, true)).err(),
            };
            // A client that is generated from the contract sends a fragment as a part of the path.
            let with_fragment = path_with_fragment(operation)
                .and_then(|path| routes.add(&mut groups, (index, operation), Route::of(&path).ok()?, false).ok())
                .is_some();
            if let Some(why) = collision.filter(|_| !with_fragment) {
                let message = format!("{} cannot be routed: {why}", operation.key);
                notes.push(Note::new(Code::RouteCollides, &operation.file, operation.pointer(), message));
            }
        }
        routes.groups.shrink_to_fit();
        let paths = &routes.paths;
        let specificity = |candidate: &Candidate| {
            (candidate.template(paths).specificity(), std::cmp::Reverse(candidate.selectors.len()))
        };
        for group in routes.groups.iter_mut().filter(|group| group.len() > 1) {
            group.sort_by_cached_key(specificity);
        }
        routes
    }

    /// Adds a path of an operation, given with its index: its own, which needs its selectors, or another one.
    ///
    /// # Errors
    /// Why the router rejects it.
    fn add(
        &mut self,
        groups: &mut HashMap<(Method, String), usize>,
        (index, operation): (usize, &Operation),
        Route { numbered, template }: Route,
        is_own: bool,
    ) -> Result<(), String> {
        let selectors = if is_own { operation.selectors.as_slice() } else { &[] };
        let is_literal = !numbered.contains('{');
        let route = (operation.method.clone(), numbered);
        let known = match is_literal {
            true => self.paths_of(&operation.method).literal.get(&*route.1),
            false => groups.get(&route),
        };
        let group = match known.copied() {
            Some(group) => group,
            None => {
                let group = self.groups.len();
                let paths = self.paths_of(&operation.method);
                if is_literal {
                    let is_whole = *route.1 == *operation.path;
                    let path = if is_whole { Arc::clone(&operation.path) } else { route.1.into() };
                    paths.literal.insert(path, group);
                } else {
                    paths.router.insert(route.1.clone(), group).map_err(|error| error.to_string())?;
                    groups.insert(route, group);
                }
                self.groups.push(SmallVec::new());
                group
            }
        };
        let is_mixed = template.is_mixed();
        self.groups[group].push(Candidate {
            operation: index as u32,
            template: (is_mixed || !is_own).then(|| Box::new(template)),
            is_mixed,
            selectors: selectors.into(),
        });
        Ok(())
    }

    fn paths_of(&mut self, method: &Method) -> &mut Paths {
        let index = self.method_index(method);
        &mut self.by_method[index].1
    }

    fn method_index(&mut self, method: &Method) -> usize {
        let known = self.by_method.iter().position(|(known, _)| known == method);
        known.unwrap_or_else(|| {
            self.by_method.push((method.clone(), Paths::default()));
            self.by_method.len() - 1
        })
    }

    /// The operation of a method and a path, without gateway prefix and query. `HEAD` finds what `GET` finds. Of
    /// operations that differ in the query that they require, the first one.
    pub fn find(&self, method: &Method, path: &str) -> RouteMatch {
        self.select(method, path, &|_, _| true)
    }

    /// As [`Routes::find`], for a request whose values select among operations with the same path.
    pub fn select(&self, method: &Method, path: &str, has_value: &dyn Fn(&str, Option<&str>) -> bool) -> RouteMatch {
        let path = trimmed(path);
        let wanted = if method == Method::HEAD { &Method::GET } else { method };
        // Where the contract has no GET, it may have HEAD itself.
        for wanted in [wanted, method] {
            let paths = self.by_method.iter().find(|(method, _)| method == wanted);
            let found = paths.and_then(|(_, paths)| self.candidate(wanted, paths, path, has_value));
            if let Some((operation, values)) = found {
                return RouteMatch::Operation(operation, values);
            }
        }
        let mut others: Vec<Method> = self
            .by_method
            .iter()
            .filter(|(method, paths)| method != wanted && self.candidate(method, paths, path, &|_, _| true).is_some())
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

    /// The most specific operation of a method that matches the path.
    fn candidate(
        &self,
        method: &Method,
        paths: &Paths,
        path: &str,
        has_value: HasValue<'_>,
    ) -> Option<(usize, PathValues)> {
        // The router would prefer a literal path, too.
        let literal = paths.literal.get(path);
        let matched = if literal.is_none() { Some(paths.router.at(path).ok()?) } else { None };
        let group = *literal.or(matched.as_ref().map(|matched| matched.value))?;
        let is_selected =
            |candidate: &&Candidate| candidate.selectors.iter().all(|(name, value)| has_value(name, value.as_deref()));
        let group = &self.groups[group];
        for candidate in group.iter().filter(is_selected) {
            if !candidate.is_mixed {
                let values = matched.iter().flat_map(|matched| matched.params.iter());
                let values = values.map(|(_, value)| decoded(value)).collect();
                return Some((candidate.operation as usize, values));
            }
            if let Some(values) = candidate.template(&self.paths).captures(path) {
                return Some((candidate.operation as usize, values.into_iter().map(decoded).collect()));
            }
        }
        // The router stops at the group with the most literal segments. If a segment of all its templates is literal only
        // in part, and does not match, a template of another group can.
        let method_of = |operation: u32| &self.by_method[self.paths[operation as usize].0 as usize].0;
        let is_of_method = |candidate: &&Candidate| method_of(candidate.operation) == method;
        let mut others = self.groups.iter().flatten().filter(is_of_method).filter(is_selected);
        if group.iter().all(|candidate| !candidate.is_mixed) {
            return None;
        }
        others.find_map(|candidate| {
            let template = candidate.template(&self.paths);
            let values = template.captures(path)?;
            Some((candidate.operation as usize, values.into_iter().map(decoded).collect()))
        })
    }

    /// The key of the operation with the most similar path, if any is similar; a parameter equals any segment. Paths are
    /// first ranked by common segments, so that few are compared letter by letter.
    fn nearest(&self, method: &Method, path: &str) -> Option<String> {
        let sent = segments(path);
        if path.len() > MAX_MISTYPED || sent.len() > MAX_SEGMENTS {
            return None;
        }
        let known = self.paths.iter().map(|(method, path)| (&self.by_method[*method as usize].0, path, segments(path)));
        let mut candidates: Vec<_> = known.collect();
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

/// The longest path that is compared with the known ones, in bytes and in segments.
const MAX_MISTYPED: usize = 200;
const MAX_SEGMENTS: usize = 16;
/// Maximum number of paths that are compared letter by letter.
const MAX_COMPARED: usize = 64;

/// The segments of a path. Repeated slashes count as one.
fn segments(path: &str) -> Vec<&str> {
    path.split('/').filter(|segment| !segment.is_empty()).collect()
}

/// Length of a segment with its slash. A parameter counts as a short segment.
fn weight(segment: &str) -> usize {
    if segment.contains('{') { 2 } else { segment.len() + 1 }
}

fn is_like(known: &str, sent: &str) -> bool {
    known.contains('{') || known == sent
}

/// The edit distance of two paths by segments: an inserted or deleted segment costs `alone`, a replaced one `instead`.
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

/// The route of a path: a numbered parameter for each segment with parameters. Operations can name the parameter of one
/// segment differently, and a segment with literal text beside a parameter is matched by its template.
fn numbered(path: &str) -> String {
    let parts = trimmed(path).split('/').enumerate().map(|(index, part)| match parameter_names(part).next() {
        None => escaped(part),
        Some(_) => format!("{{p{index}}}"),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The part of an operation that decides which requests it matches.
fn skeleton(operation: &Operation) -> String {
    let mut path = operation.path.to_string();
    for name in parameter_names(&operation.path) {
        path = path.replacen(&format!("{{{name}}}"), "{}", 1);
    }
    format!("{} {} {:?}", operation.method, trimmed(&path), operation.selectors)
}

/// The path of an operation with its fragment as a client writes it that takes the `#` for a letter: `/%23Action=List`.
fn path_with_fragment(operation: &Operation) -> Option<String> {
    let (_, path) = operation.key.split_once(' ')?;
    let (before, fragment) = path.split_once('#')?;
    let is_complete = !before.contains('?') && parameter_names(fragment).next().is_none();
    let fragment = fragment.replace('#', "%23").replace('?', "%3F").replace(' ', "%20");
    is_complete.then(|| format!("{before}%23{fragment}"))
}

/// Literal text for the router: braces are doubled.
fn escaped(part: &str) -> String {
    part.replace('{', "{{").replace('}', "}}")
}

/// A path without slashes at its end: both forms are one route.
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
