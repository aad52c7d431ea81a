//! The CRUD handler: created records can be listed, read, updated and deleted on every path that shows them.

use std::collections::BTreeSet;

use serde_json::Value;
use standin::openapi::{Operation, RoleKind};
use standin::quirks::Profile;

use crate::request_gen::{body, target};
use crate::vocabulary::{CLIENT, ENGINE, Mock, has_handler, mock};

/// The ids of all records of a kind.
fn ids(mock: &Mock, kind: &str) -> Vec<String> {
    let state = crate::vocabulary::state_json(&mock.session, Some(kind));
    let records = state["records"][kind].as_array().cloned().unwrap_or_default();
    records.iter().map(|record| record["id"].as_str().expect("an id").to_owned()).collect()
}

/// The target of an operation on a record, below parents that exist.
fn target_of(mock: &Mock, operation: &Operation, id: &str) -> String {
    let (path, query) = {
        let whole = target(operation);
        let (_, query) = whole.split_once('?').expect("a query");
        (operation.path.to_string(), query.to_owned())
    };
    let mut names = path.split('/').filter_map(|part| part.split_once('{')?.1.split_once('}')).map(|(name, _)| name);
    let names: Vec<String> = names.by_ref().map(str::to_owned).collect();
    let mut path = path.clone();
    for (place, name) in names.iter().enumerate() {
        let parent = operation.role.parents.iter().find(|parent| parent.index == place);
        let known = parent.and_then(|parent| ids(mock, &parent.resource).into_iter().next());
        let value = if operation.role.item == Some(place) {
            id.to_owned()
        } else {
            known.unwrap_or_else(|| "p4rent0000000001".into())
        };
        path = path.replacen(&format!("{{{name}}}"), &value, 1);
    }
    format!("{path}?{query}")
}

/// The body with an existing client in place of the one that it names: some operations reject unknown ones.
fn for_known_client(mut body: Value) -> Value {
    if let Value::Object(members) = &mut body {
        for (name, value) in members.iter_mut() {
            match value {
                Value::String(id) if name == "client_id" => CLIENT.clone_into(id),
                below => *below = for_known_client(below.take()),
            }
        }
    }
    body
}

fn of(kind: &str, role: RoleKind) -> impl Iterator<Item = &Operation> {
    ENGINE.contract().operations.iter().filter(move |operation| {
        operation.role.resource.as_deref() == Some(kind) && operation.role.kind == role && !has_handler(operation)
    })
}

#[test]
fn created_records_can_be_listed_read_updated_and_deleted() {
    let kinds: BTreeSet<&str> =
        ENGINE.contract().operations.iter().filter_map(|operation| operation.role.resource.as_deref()).collect();
    let (mut wrong, mut trips) = (Vec::new(), 0);
    for kind in kinds {
        for create in of(kind, RoleKind::Create) {
            let mock = mock(Profile::Documented);
            let before = ids(&mock, kind);
            let created = mock.staff("POST", &target_of(&mock, create, ""), for_known_client(body(create)));
            let Some(id) = ids(&mock, kind).into_iter().find(|id| !before.contains(id)) else {
                // The record exists already, under the id of the example.
                if created.status >= 300 || before.is_empty() {
                    wrong.push(format!("{} creates no record: {} {}", create.key, created.status, created.body));
                }
                continue;
            };
            trips += 1;
            let mut expect = |operation: &Operation, sent: Value, shows: bool| {
                let seen = mock.staff(operation.method.as_str(), &target_of(&mock, operation, &id), sent);
                if !(200..300).contains(&seen.status) || (shows && !seen.body.to_string().contains(&id)) {
                    wrong.push(format!("{} after {}: {} {}", operation.key, create.key, seen.status, seen.body));
                }
            };
            for read in of(kind, RoleKind::Read) {
                expect(read, Value::Null, true);
            }
            for list in of(kind, RoleKind::List) {
                expect(list, Value::Null, false);
            }
            for update in of(kind, RoleKind::Update).filter(|update| update.role.item.is_some()) {
                expect(update, body(update), false);
            }
            if let Some(delete) = of(kind, RoleKind::Delete).next() {
                expect(delete, body(delete), false);
                if let Some(read) = of(kind, RoleKind::Read).next() {
                    let gone = mock.staff("GET", &target_of(&mock, read, &id), Value::Null);
                    if gone.status < 400 {
                        wrong.push(format!("{} after {}: {}", read.key, delete.key, gone.status));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {trips} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(trips >= 60, "{trips}");
}
