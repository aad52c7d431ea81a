use super::field_names::{self, PATH_NAME_FIELD};
use crate::model::{KeyNames, ParentKey, Record};
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, Parent, Resources, RoleKind, snake};

/// What the paths of operations call the fields by which they address records, and the fields by which records are deleted with
/// others.
pub fn key_names(operations: &[Operation], resources: &Resources) -> KeyNames {
    let mut names = KeyNames::default();
    for (kind, field) in resources.iter().flat_map(|resource| &resource.cascade) {
        names.add(kind, field);
    }
    for operation in operations {
        let role = &operation.role;
        let Some(kind) = role.resource.as_deref() else { continue };
        if let Some(parameter) = role.item.and_then(|item| parameter_names(&operation.path).nth(item)) {
            names.add(kind, parameter);
            names.add(kind, PATH_NAME_FIELD);
            // `{issue_number}` is called `number` in an issue.
            if let Some(tail) = snake(parameter).strip_prefix(kind) {
                names.add(kind, tail);
            }
        }
        for parent in &role.parents {
            names.add(&parent.resource, &parent.name);
            if role.kind == RoleKind::List {
                names.add_parent(kind, parent_key(parent), named_parent);
            }
        }
    }
    names
}

/// How records name a parent.
pub(super) fn parent_key(parent: &Parent) -> ParentKey {
    ParentKey { field: parent.field().into(), parameter: parent.name.as_str().into() }
}

/// The id of the parent that a record names: in the field for the path, else under the name of the parameter, in any style.
pub(super) fn named_parent<'r>(record: &'r Record, key: &ParentKey) -> Option<&'r str> {
    record.get(&key.field).as_text().or_else(|| field_names::reference(record, &key.parameter))
}
