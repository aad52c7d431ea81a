//! Infers what each operation does to which kind of record, from the paths, methods and documented responses of all
//! operations.
//!
//! `GET /pets` lists, `POST /pets` creates, `/pets/{id}` is one record, `POST /pets/{id}/feed` is an action on it,
//! `GET` and `PUT /settings` are a singleton. A resources file can map other paths to a kind of record (`paths: […]`).

use std::collections::HashSet;

use http::Method;

use super::Resources;
use super::names::{is_plural, singular, snake};
use super::operation::Operation;
use super::record_path::{RecordPath, id_name};
use super::role::{Parent, Role, RoleKind};
use super::template::parameter_names;

/// One segment of a path template.
enum Segment<'p> {
    Fixed(&'p str),
    /// A segment with at least one parameter: `{id}`, `{id}.json`, `{x},{y}`.
    Parameters(Vec<&'p str>),
}

fn segments(path: &str) -> Vec<Segment<'_>> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    let segment = |part| {
        let names: Vec<&str> = parameter_names(part).collect();
        if names.is_empty() { Segment::Fixed(part) } else { Segment::Parameters(names) }
    };
    parts.map(segment).collect()
}

/// The first segments of a path, with `*` for each parameter.
fn prefix(segments: &[Segment<'_>], end: usize) -> String {
    let parts = segments[..end].iter().map(|segment| match segment {
        Segment::Fixed(part) => format!("/{}", bare(part)),
        Segment::Parameters(_) => "/*".to_owned(),
    });
    parts.collect()
}

/// A segment without a format suffix (`Messages.json`).
fn bare(part: &str) -> &str {
    part.strip_suffix(".json").or_else(|| part.strip_suffix(".xml")).unwrap_or(part)
}

/// Facts about the paths of all operations, with `*` for parameters.
#[derive(Default)]
struct Paths {
    /// Paths with an item path below them.
    with_items: HashSet<String>,
    /// Paths whose GET returns a list.
    lists: HashSet<String>,
    /// Paths whose GET returns anything else.
    others: HashSet<String>,
    /// Paths with a method other than GET.
    changed: HashSet<String>,
}

/// Assigns the roles of all operations.
pub fn assign(operations: &mut [Operation], resources: &Resources) {
    let mut paths = Paths::default();
    for operation in operations.iter() {
        let segments = segments(&operation.path);
        let path = prefix(&segments, segments.len());
        match segments.last() {
            Some(Segment::Parameters(_)) => {
                paths.with_items.insert(prefix(&segments, segments.len() - 1));
            }
            Some(Segment::Fixed(_)) if operation.method == Method::GET => {
                let set = if returns_list(operation, &segments) { &mut paths.lists } else { &mut paths.others };
                set.insert(path.clone());
            }
            _ => {}
        }
        if operation.method != Method::GET {
            paths.changed.insert(path);
        }
    }
    let mut roles: Vec<Role> = operations.iter().map(|operation| role(operation, &paths, resources)).collect();
    let mut collections: HashSet<String> = resources.iter().map(|resource| resource.kind.clone()).collect();
    for role in roles.iter().filter(|role| matches!(role.kind, RoleKind::List | RoleKind::Create)) {
        collections.extend(role.resource.clone());
    }
    for (operation, role) in operations.iter_mut().zip(&mut roles) {
        role.is_collection = role.resource.as_ref().is_some_and(|resource| collections.contains(resource));
        let segments = segments(&operation.path);
        // A record that no operation lists or creates exists for every key: `PUT /settings/{business_uid}`.
        let is_item = matches!(role.kind, RoleKind::Read | RoleKind::Update | RoleKind::Delete);
        if is_item && !role.is_collection && paths.changed.contains(&prefix(&segments, segments.len())) {
            role.kind = RoleKind::Singleton;
        }
        operation.role = std::mem::take(role);
    }
}

fn role(operation: &Operation, paths: &Paths, resources: &Resources) -> Role {
    let segments = segments(&operation.path);
    let path = prefix(&segments, segments.len());
    let (Some(last), method) = (segments.last(), &operation.method) else { return Role::default() };
    if let Segment::Parameters(_) = last {
        let kind = match *method {
            Method::GET | Method::HEAD => RoleKind::Read,
            Method::DELETE => RoleKind::Delete,
            Method::PUT | Method::PATCH | Method::POST => RoleKind::Update,
            _ => RoleKind::Action,
        };
        return about(&segments, segments.len() - 1, kind, resources);
    }
    let Segment::Fixed(name) = last else { return Role::default() };
    let name = bare(name);
    let is_list = paths.lists.contains(&path);
    let is_single = paths.others.contains(&path);
    let has_items = paths.with_items.contains(&path) && !is_single;
    let bulk = snake(name).split('_').any(|word| word == "bulk" || word == "batch");
    let last = segments.len() - 1;
    match *method {
        Method::GET if is_list => about(&segments, segments.len(), RoleKind::List, resources),
        Method::GET if paths.changed.contains(&path) => {
            about(&segments, segments.len(), RoleKind::Singleton, resources)
        }
        Method::GET => about(&segments, last, RoleKind::Report, resources),
        _ if bulk => about(&segments, last, RoleKind::Bulk, resources),
        Method::POST if is_list || has_items => about(&segments, segments.len(), RoleKind::Create, resources),
        Method::POST if is_single => about(&segments, segments.len(), RoleKind::Singleton, resources),
        Method::POST if is_plural(name) && creates_record(operation, &segments) => {
            about(&segments, segments.len(), RoleKind::Create, resources)
        }
        Method::PUT | Method::PATCH | Method::DELETE if is_single => {
            about(&segments, segments.len(), RoleKind::Singleton, resources)
        }
        Method::PUT | Method::PATCH | Method::DELETE if is_list => {
            about(&segments, segments.len(), RoleKind::Bulk, resources)
        }
        // The record is identified by the body: `PUT /pet`.
        Method::PUT | Method::PATCH if has_items => about(&segments, segments.len(), RoleKind::Update, resources),
        _ => about(&segments, last, RoleKind::Action, resources),
    }
}

/// A role on the collection that the segments before `end` name, or on one of its items.
fn about(segments: &[Segment<'_>], end: usize, kind: RoleKind, resources: &Resources) -> Role {
    let is_item = matches!(segments.get(end.wrapping_sub(1)), Some(Segment::Parameters(_))) && end < segments.len()
        || matches!(segments.get(end), Some(Segment::Parameters(_)));
    let mut parameters: Vec<Parent> = Vec::new();
    let mut parameter_count = 0;
    let mut collection = None;
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Fixed(name) if index < end && !is_version(name) => {
                collection = Some(named(&prefix(segments, index + 1), name, resources));
            }
            Segment::Fixed(_) => {}
            Segment::Parameters(names) => {
                let resource = collection.clone().unwrap_or_default();
                // Of several parameters in one segment, the first identifies the record: `{name}.{extension}`.
                if let Some(name) = names.first() {
                    parameters.push(Parent { index: parameter_count, name: (*name).to_owned(), resource });
                }
                parameter_count += names.len();
            }
        }
    }
    let item = if is_item { parameters.pop().map(|item| item.index) } else { None };
    Role { kind, resource: collection, item, parents: parameters, is_collection: false }
}

/// Whether a segment is an API version or prefix: `v1`, `2010-04-01`, `api`.
fn is_version(name: &str) -> bool {
    let number = name.strip_prefix('v').unwrap_or(name);
    name == "api"
        || (!number.is_empty() && number.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-')))
}

/// The kind of record of a collection: from a resources file, otherwise the segment in the singular.
fn named(path: &str, name: &str, resources: &Resources) -> String {
    let declared = resources.iter().find(|resource| resource.is_at(path));
    match declared.or_else(|| resources.plural(bare(name))) {
        Some(resource) => resource.kind.clone(),
        None => singular(&snake(bare(name))),
    }
}

fn returns_list(operation: &Operation, segments: &[Segment<'_>]) -> bool {
    record_path_of(operation, segments).is_some_and(|record_path| record_path.is_list)
}

fn creates_record(operation: &Operation, segments: &[Segment<'_>]) -> bool {
    let documented = operation.success_response().and_then(|response| response.first()?.draft());
    match (&documented, record_path_of(operation, segments)) {
        (Some(sample), Some(record_path)) => !record_path.is_list && id_name(record_path.of(sample), "", "").is_some(),
        _ => operation.success() == 201,
    }
}

fn record_path_of(operation: &Operation, segments: &[Segment<'_>]) -> Option<RecordPath> {
    let Some(Segment::Fixed(name)) = segments.last() else { return None };
    let sample = operation.success_response()?.first()?.draft()?;
    RecordPath::find(&sample, &[bare(name)])
}
