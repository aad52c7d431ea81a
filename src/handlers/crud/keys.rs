use super::field_names::PATH_NAME_FIELD;
use crate::model::KeyNames;
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, snake};

/// What the paths of operations call the fields by which they address records.
pub fn key_names(operations: &[Operation]) -> KeyNames {
    let mut names = KeyNames::default();
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
        }
    }
    names
}
