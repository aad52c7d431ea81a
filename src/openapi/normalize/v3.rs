//! OpenAPI 3.x, which needs few changes.

use serde_json::Value;

use super::{UnreadPaths, members};
use crate::openapi::document::{Document, OperationLines, server_host, server_path};

pub(super) fn normalize<'t>(
    file: &str,
    mut root: Value,
    paths: Option<UnreadPaths<'t>>,
    lines: OperationLines,
) -> Document<'t> {
    let base_path = server_path(&root).unwrap_or_default();
    let host = server_host(&root);
    // `additionalOperations` (3.2) holds methods without a field of their own in a path item.
    for (_, item) in root.get_mut("paths").map(members).into_iter().flatten() {
        let Some(item) = item.as_object_mut() else { continue };
        if let Some(Value::Object(more)) = item.remove("additionalOperations") {
            for (method, operation) in more {
                item.entry(method.to_ascii_lowercase()).or_insert(operation);
            }
        }
    }
    Document::new(file, base_path, host, root, lines).with_paths(paths)
}
