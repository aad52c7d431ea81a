//! Operations on several records at once.

use http::Method;
use serde_json::Value;

use super::{behaviour, body, create, respond, update};
use crate::handlers::query::Page;
use crate::request::{ApiError, Context};

/// Creates, changes or deletes a record for each element of the body, or of the first list in it.
pub(super) fn serve(ctx: &mut Context<'_>, kind: &str) -> Result<Option<Value>, ApiError> {
    let elements = match ctx.body {
        Value::Array(list) => list.as_slice(),
        Value::Object(map) => map.values().find_map(Value::as_array).map(Vec::as_slice).unwrap_or_default(),
        _ => &[],
    };
    let mut touched = Vec::new();
    for element in elements {
        let id = match element {
            Value::Object(_) => body::id(ctx.operation, element, kind),
            scalar => body::scalar(scalar),
        };
        let existing = id.and_then(|id| ctx.owned_record(kind, &id));
        let method = &ctx.operation.method;
        match existing {
            Some(existing) if method == Method::DELETE => {
                behaviour::delete(ctx, &existing)?;
                touched.push(existing);
            }
            Some(existing) => {
                let changed = update::update(ctx, &existing, element)?;
                touched.push(behaviour::after_write(ctx, Some(existing), changed)?);
            }
            None if method == Method::POST && element.is_object() => {
                touched.push(create::create(ctx, kind, element)?.finish(ctx)?);
            }
            None => {}
        }
    }
    let views = behaviour::views(ctx, &touched)?;
    Ok(match views.is_empty() {
        true => respond::example(ctx),
        false => respond::many(ctx, &Page { total: views.len(), views, ..Page::default() }),
    })
}
