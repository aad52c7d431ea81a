//! What an operation does to which resource, worked out from paths, methods and documented answers of all operations.
//!
//! `GET /pets` lists, `POST /pets` creates, `/pets/{id}` is one of them, `POST /pets/{id}/feed` is an action on it,
//! `GET` and `PUT /settings` are a singleton. Where a path tells something else than it means, a resources file says so
//! (`paths: […]`).

use std::collections::HashSet;
use std::fmt;

use http::Method;

use super::Resources;
use super::generate::snake;
use super::operation::{Operation, parameter_name};
use super::record_path::{RecordPath, id_name};

/// What an operation does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RoleKind {
    /// All records of a collection.
    List,
    /// A new record.
    Create,
    /// One record.
    Read,
    /// Changes one record.
    Update,
    /// Removes one record.
    Delete,
    /// Several records at once.
    Bulk,
    /// Something else that is done to a record, or at all.
    Action,
    /// The one record that there is for a path.
    Singleton,
    /// What is worked out.
    #[default]
    Report,
}

impl fmt::Display for RoleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::List => "list",
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Bulk => "bulk",
            Self::Action => "action",
            Self::Singleton => "singleton",
            Self::Report => "report",
        })
    }
}

/// What an operation does, and to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// What it does.
    pub kind: RoleKind,
    /// The kind of record, in the singular.
    pub resource: Option<String>,
    /// The place among the path's parameters of the one that names the record.
    pub item: Option<usize>,
    /// The parameters of the path that name what the record belongs to: their places, their names, and the kind of
    /// record that they name.
    pub parents: Vec<Parent>,
    /// Whether somebody can come to know the ids of such records: they are listed, created or seeded.
    pub is_collection: bool,
}

/// A parameter of a path that names what a record belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its place among the path's parameters.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// The kind of record that it names, in the singular.
    pub resource: String,
}

enum Segment<'p> {
    Fixed(&'p str),
    Parameter(&'p str),
}

fn segments(path: &str) -> Vec<Segment<'_>> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| parameter_name(part).map_or(Segment::Fixed(part), Segment::Parameter)).collect()
}

/// A path with its parameters unnamed, up to that segment.
fn prefix(segments: &[Segment<'_>], end: usize) -> String {
    let parts = segments[..end].iter().map(|segment| match segment {
        Segment::Fixed(part) => format!("/{}", bare(part)),
        Segment::Parameter(_) => "/*".to_owned(),
    });
    parts.collect()
}

/// A segment without the ending of a format (`Messages.json`).
fn bare(part: &str) -> &str {
    part.strip_suffix(".json").or_else(|| part.strip_suffix(".xml")).unwrap_or(part)
}

/// What is known of the paths of all operations.
#[derive(Default)]
struct Paths {
    /// Those that have an item path below them.
    with_items: HashSet<String>,
    /// Those whose GET answers a list.
    lists: HashSet<String>,
    /// Those whose GET answers something else.
    others: HashSet<String>,
    /// Those through which something can be changed.
    changed: HashSet<String>,
}

/// Settles the roles of all operations.
pub fn assign(operations: &mut [Operation], resources: &Resources) {
    let mut paths = Paths::default();
    for operation in operations.iter() {
        let segments = segments(&operation.path);
        let path = prefix(&segments, segments.len());
        match segments.last() {
            Some(Segment::Parameter(_)) => {
                paths.with_items.insert(prefix(&segments, segments.len() - 1));
            }
            Some(Segment::Fixed(_)) if operation.method == Method::GET => {
                let kept = if answers_list(operation, &segments) { &mut paths.lists } else { &mut paths.others };
                kept.insert(path.clone());
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
        // What nobody can list or make is there for every key: `PUT /settings/{business_uid}`.
        let one = matches!(role.kind, RoleKind::Read | RoleKind::Update | RoleKind::Delete);
        if one && !role.is_collection && paths.changed.contains(&prefix(&segments, segments.len())) {
            role.kind = RoleKind::Singleton;
        }
        operation.role = std::mem::take(role);
    }
}

fn role(operation: &Operation, paths: &Paths, resources: &Resources) -> Role {
    let segments = segments(&operation.path);
    let path = prefix(&segments, segments.len());
    let (Some(last), method) = (segments.last(), &operation.method) else { return Role::default() };
    if let Segment::Parameter(_) = last {
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
        Method::POST if is_plural(name) && makes_record(operation, &segments) => {
            about(&segments, segments.len(), RoleKind::Create, resources)
        }
        Method::PUT | Method::PATCH | Method::DELETE if is_single => {
            about(&segments, segments.len(), RoleKind::Singleton, resources)
        }
        Method::PUT | Method::PATCH | Method::DELETE if is_list => {
            about(&segments, segments.len(), RoleKind::Bulk, resources)
        }
        // The body says which: `PUT /pet`.
        Method::PUT | Method::PATCH if has_items => about(&segments, segments.len(), RoleKind::Update, resources),
        _ => about(&segments, last, RoleKind::Action, resources),
    }
}

/// A role whose resource is named by the segments before `end`: its collection, and perhaps one of its items.
fn about(segments: &[Segment<'_>], end: usize, kind: RoleKind, resources: &Resources) -> Role {
    let is_item = matches!(segments.get(end.wrapping_sub(1)), Some(Segment::Parameter(_))) && end < segments.len()
        || matches!(segments.get(end), Some(Segment::Parameter(_)));
    let mut parameters: Vec<Parent> = Vec::new();
    let mut collection = None;
    for (index, segment) in segments.iter().enumerate() {
        match segment {
            Segment::Fixed(name) if index < end && !is_version(name) => {
                collection = Some(named(&prefix(segments, index + 1), name, resources));
            }
            Segment::Fixed(_) => {}
            Segment::Parameter(name) => parameters.push(Parent {
                index: parameters.len(),
                name: (*name).to_owned(),
                resource: collection.clone().unwrap_or_default(),
            }),
        }
    }
    let item = if is_item { parameters.pop().map(|item| item.index) } else { None };
    Role { kind, resource: collection, item, parents: parameters, is_collection: false }
}

/// Whether a segment says which version of an API it is: `v1`, `2010-04-01`, `api`.
fn is_version(name: &str) -> bool {
    let number = name.strip_prefix('v').unwrap_or(name);
    name == "api"
        || (!number.is_empty() && number.chars().all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | '-')))
}

/// The kind of record of a collection: as a resources file says, else the path's own word.
fn named(path: &str, name: &str, resources: &Resources) -> String {
    let declared = resources.iter().find(|resource| resource.is_at(path));
    match declared.or_else(|| resources.plural(bare(name))) {
        Some(resource) => resource.kind.clone(),
        None => singular(&snake(bare(name))),
    }
}

/// A word in the singular: `categories` as `category`.
pub fn singular(word: &str) -> String {
    let cut =
        |end: &str, new: &str| word.strip_suffix(end).filter(|stem| stem.len() > 1).map(|stem| format!("{stem}{new}"));
    if ["ss", "us", "is", "news"].iter().any(|end| word.ends_with(end)) {
        return word.to_owned();
    }
    let cuts = [
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        // Statuses, bonuses and campuses, but houses and causes.
        ("tuses", "tus"),
        ("nuses", "nus"),
        ("puses", "pus"),
        ("iases", "ias"),
        ("s", ""),
    ];
    cuts.iter().find_map(|(end, new)| cut(end, new)).unwrap_or_else(|| word.to_owned())
}

fn is_plural(name: &str) -> bool {
    let word = snake(name);
    singular(&word) != word || matches!(word.rsplit('_').next(), Some("staff" | "people" | "children" | "media"))
}

fn answers_list(operation: &Operation, segments: &[Segment<'_>]) -> bool {
    entity_of(operation, segments).is_some_and(|record_path| record_path.is_list)
}

fn makes_record(operation: &Operation, segments: &[Segment<'_>]) -> bool {
    let documented = operation.success_response().and_then(|response| response.first()?.draft());
    match (&documented, entity_of(operation, segments)) {
        (Some(sample), Some(record_path)) => !record_path.is_list && id_name(record_path.of(sample), "", "").is_some(),
        _ => operation.success() == 201,
    }
}

fn entity_of(operation: &Operation, segments: &[Segment<'_>]) -> Option<RecordPath> {
    let Some(Segment::Fixed(name)) = segments.last() else { return None };
    let sample = operation.success_response()?.first()?.draft()?;
    RecordPath::find(&sample, &[bare(name)])
}
