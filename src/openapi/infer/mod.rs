//! Infers what each operation does to which kind of record, from the paths, methods and documented responses of all
//! operations.
//!
//! `GET /pets` lists, `POST /pets` creates, `/pets/{id}` is one record, `POST /pets/{id}/feed` is an action on it,
//! `GET` and `PUT /settings` are a singleton. A resources file can map other paths to a kind of record (`paths: […]`), and
//! give operations their roles (`operations: {…}`).

mod paths;
mod segments;

use std::collections::HashSet;

use http::Method;
use rayon::prelude::*;

use self::paths::{PathSet, Paths};
use self::segments::{Segment, prefix, segments};
use super::Resources;
use super::names::{is_plural, singular, snake};
use super::operation::{Operation, ParameterLocation, of_each};
use super::record_path::{RecordPath, id_name};
use super::role::{Parent, Role, RoleKind};
use super::template::without_format;

/// Last segments of paths that create records: `/pets/create`.
const CREATE_VERBS: [&str; 3] = ["create", "new", "add"];

/// Whether an operation on the path of one record creates it.
fn creates_item(operation: &Operation) -> bool {
    matches!(operation.method, Method::PUT | Method::POST) && operation.responses.contains(201)
}

/// Assigns the roles of all operations.
pub fn assign(operations: &mut [Operation], resources: &Resources) {
    let paths = Paths::of(operations, resources.documented_behaviour_only);
    let of =
        |operation: &Operation| declared(operation, resources).unwrap_or_else(|| role(operation, &paths, resources));
    operations.par_iter_mut().for_each(|operation| operation.role = of(operation));
    let mut collections: HashSet<String> = resources.iter().map(|resource| resource.kind.clone()).collect();
    let makes_collection = |role: &&Role| matches!(role.kind, RoleKind::List | RoleKind::Create);
    let roles = operations.iter().map(|operation| &operation.role);
    collections.extend(roles.filter(makes_collection).filter_map(|role| role.resource.clone()));
    if !resources.documented_behaviour_only {
        let documented = operations.iter().filter(|operation| has_documented_record(operation, &operation.role));
        collections.extend(documented.filter_map(|operation| operation.role.resource.clone()));
        let is_inferred = |operation: &&mut Operation| resources.declared_role(&operation.key).is_none();
        for operation in operations.iter_mut().filter(is_inferred) {
            let found = searched_kind(operation, &operation.role).filter(|kind| collections.contains(kind));
            operation.role.resource = found.or(operation.role.resource.take());
        }
    }
    let (mut posted, mut created) = (PathSet::default(), PathSet::default());
    let place = |operation: &Operation| created_at(operation, &operation.role, resources);
    for (operation, path) in of_each(operations, place) {
        let Some(path) = path else { continue };
        if operation.role.kind == RoleKind::Create {
            posted.insert(&path);
        }
        created.insert(&path);
    }
    operations.par_iter_mut().for_each(|operation| {
        let mut role = std::mem::take(&mut operation.role);
        role.is_collection = role.resource.as_ref().is_some_and(|resource| collections.contains(resource));
        let segments = segments(&operation.path);
        // A record that no operation lists or creates exists for every key: `PUT /settings/{business_uid}`.
        let is_item = matches!(role.kind, RoleKind::Read | RoleKind::Update | RoleKind::Delete);
        let path = prefix(&segments, segments.len());
        if is_item && !role.is_collection && paths.removable.contains(&path) {
            role.is_collection = true;
        } else if is_item && !role.is_collection && paths.changed.contains(&path) {
            role.kind = RoleKind::Singleton;
        }
        role.has_create = segments.len() > 1 && posted.contains(&prefix(&segments, segments.len() - 1));
        for parent in &mut role.parents {
            parent.can_be_created = created.contains(&collection_before(&segments, parent.index));
        }
        operation.role = role;
    });
}

/// Whether the contract has an example of a record that an operation reads: in its response, or of its id.
fn has_documented_record(operation: &Operation, role: &Role) -> bool {
    let media = operation.success_response().and_then(|response| response.first());
    let has_example = || media.is_some_and(|media| media.is_json() && !media.is_generated());
    let has_id = |item: usize| !operation.path_examples(item).is_empty();
    role.kind == RoleKind::Read && role.item.is_some_and(|item| has_example() || has_id(item))
}

/// The kind of the records that a search without a kind in its path finds: `boat` if the response has `boats`.
fn searched_kind(operation: &Operation, role: &Role) -> Option<String> {
    let segments = segments(&operation.path);
    let names_search = matches!(segments.last(), Some(Segment::Fixed("search" | "find" | "query")));
    let path = list_path_of(operation, &segments).filter(|_| names_search && role.kind == RoleKind::List)?;
    path.field_path.last().map(|name| singular(&snake(name)))
}

/// The path of the collection in which an operation creates records, with `*` for parameters.
fn created_at(operation: &Operation, role: &Role, resources: &Resources) -> Option<String> {
    let segments = segments(&operation.path);
    let is_declared = || resources.declared_role(&operation.key).is_some();
    match role.kind {
        RoleKind::Create => {
            let names_kind = |name: &str| Some(named("", name, resources)) == role.resource;
            let is_verb = |name: &str| CREATE_VERBS.contains(&name) || is_declared() && !names_kind(name);
            let names_verb = matches!(segments.last(), Some(Segment::Fixed(name)) if is_verb(name));
            Some(prefix(&segments, segments.len() - usize::from(names_verb)))
        }
        RoleKind::Update if creates_item(operation) => Some(prefix(&segments, segments.len() - 1)),
        _ => None,
    }
}

/// The path before the segment with the parameter at an index, with `*` for parameters.
fn collection_before(segments: &[Segment<'_>], index: usize) -> String {
    let mut count = 0;
    let end = segments.iter().position(|segment| match segment {
        Segment::Fixed(_) => false,
        Segment::Parameters(names) => {
            count += names.len();
            index < count
        }
    });
    prefix(segments, end.unwrap_or_default())
}

/// The role that a resources file gives to an operation: on the record that the last parameter of its path names, on the
/// one that its body names, or on the collection.
fn declared(operation: &Operation, resources: &Resources) -> Option<Role> {
    let (kind, resource) = resources.declared_role(&operation.key)?;
    let segments = segments(&operation.path);
    let item = segments.iter().rposition(|segment| matches!(segment, Segment::Parameters(_)));
    let item = item.filter(|_| !matches!(kind, RoleKind::List | RoleKind::Create));
    let role = about(&segments, item.unwrap_or(segments.len()), kind, resources);
    Some(Role { resource: Some(resource.to_owned()), ..role })
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
    let name = without_format(name);
    if let Some(role) = operation_beside(operation, &segments, paths, resources) {
        return role;
    }
    let is_list = paths.lists.contains(&path) || paths.is_collection(&path);
    let is_single = paths.others.contains(&path) && !is_list;
    let has_items = paths.with_items.contains(&path) && !is_single;
    // A batch that is read, changed or deleted by its id is a record itself: `POST /batches` with `GET /batches/{id}`.
    let names_many = snake(name).split('_').any(|word| word == "bulk" || word == "batch");
    let bulk = names_many && !paths.is_collection(&path);
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

/// An operation of a collection or of one of its records that has a path of its own: `/pets/create`, `/pets/search`,
/// `/pets/{id}/update`.
fn operation_beside(
    operation: &Operation,
    segments: &[Segment<'_>],
    paths: &Paths,
    resources: &Resources,
) -> Option<Role> {
    let (Segment::Fixed(verb), before) = segments.split_last()? else { return None };
    let (verb, method, end) = (snake(without_format(verb)), &operation.method, before.len());
    let beside = prefix(segments, end);
    let (end, kind) = match before.last()? {
        Segment::Fixed(_) if paths.with_records.contains(&beside) => match verb.as_str() {
            verb if CREATE_VERBS.contains(&verb) && *method == Method::POST => (end, RoleKind::Create),
            "list" | "search" | "query" | "find" | "json" if list_path_of(operation, before).is_some() => {
                (end, RoleKind::List)
            }
            _ => return None,
        },
        Segment::Parameters(_) => match verb.as_str() {
            "json" | "info" | "inspect" if *method == Method::GET => (end - 1, RoleKind::Read),
            "update" | "edit" if *method != Method::GET => (end - 1, RoleKind::Update),
            "delete" | "remove" if *method != Method::GET => (end - 1, RoleKind::Delete),
            _ => return None,
        },
        Segment::Fixed(_) => return None,
    };
    Some(about(&segments[..segments.len() - 1], end, kind, resources))
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
                    let (index, name) = (parameter_count, (*name).to_owned());
                    parameters.push(Parent { index, name, resource, later: 0, can_be_created: false });
                }
                parameter_count += names.len();
            }
        }
    }
    // The path has only parameters: `/{name}`.
    let collection = collection.or_else(|| is_item.then(|| "record".to_owned()));
    let item = if is_item { parameters.pop().map(|item| item.index) } else { None };
    for position in 0..parameters.len() {
        let (before, later) = parameters.split_at_mut(position + 1);
        let parent = &mut before[position];
        parent.later = later.iter().filter(|other| other.resource == parent.resource).count();
    }
    Role { kind, resource: collection, item, parents: parameters.into(), ..Role::default() }
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
    match declared.or_else(|| resources.plural(without_format(name))) {
        Some(resource) => resource.kind.clone(),
        None => singular(&snake(without_format(name))),
    }
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
    RecordPath::find(&sample, &[without_format(name)])
}

/// Whether an operation has a parameter for the number or the size of a page, so that it lists records whatever its response is.
fn is_paged(operation: &Operation) -> bool {
    let is_page = |name: &str| matches!(snake(name).as_str(), "page" | "per_page" | "page_size" | "page_number");
    let mut queries = operation.parameters.iter().filter(|known| known.location == ParameterLocation::Query);
    queries.any(|parameter| is_page(&parameter.name))
}

/// Where the response of an operation beside the records of a collection has a list of them.
fn list_path_of(operation: &Operation, segments: &[Segment<'_>]) -> Option<RecordPath> {
    let Some(Segment::Fixed(name)) = segments.last() else { return None };
    let sample = operation.success_response()?.first()?.draft()?;
    RecordPath::find_list(&sample, &[without_format(name)])
}
