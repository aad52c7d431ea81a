//! The quick actions of staff members: `/v3/business_administration/staff_quick_action_lists`.
//!
//! Source: the contract's examples of the update and its errors.

use std::sync::Arc;

use serde_json::Value;

use crate::model::{Fields, Record};
use crate::request::{ApiError, Context, ErrorKind, RecordView, Reply};

/// More quick actions cannot be visible at once.
const MAX_VISIBLE: usize = 6;

/// `PUT …/staff_quick_action_lists/{staff_uid}`: replaces the quick actions of a staff member.
pub fn update(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let not_found = || ApiError::new(ErrorKind::NotFound, "Staff Not Found: The specified staff does not exist.");
    let staff = ctx.owned_record("staff", &ctx.path[0]).ok_or_else(not_found)?;
    let body = ctx.body;
    let actions = body.get("quick_actions").unwrap_or(&Value::Null);
    let is_visible = |action: &&Value| action.get("visible").and_then(Value::as_bool) == Some(true);
    if actions.as_array().into_iter().flatten().filter(is_visible).count() > MAX_VISIBLE {
        let message = format!("more than {MAX_VISIBLE} quick actions are set to visible.");
        return Err(ApiError::invalid("quick_actions", message));
    }
    let known = ctx.state.store.get("staff_quick_action_list", &staff.id).cloned();
    let list = match known {
        Some(known) => {
            let mut changed = Record::clone(&known);
            changed.fields.set("quick_actions", actions);
            ctx.state.store.put(changed)
        }
        None => create(ctx, &staff, actions),
    };
    Ok(Reply::many("staff_quick_action_lists", vec![RecordView::of(&list)]))
}

fn create(ctx: &mut Context<'_>, staff: &Record, actions: &Value) -> Arc<Record> {
    let fields = Fields::new()
        .with("business_uid", staff.get("business_uid").clone())
        .with("staff_uid", &staff.id)
        .with("quick_actions", actions);
    ctx.insert("staff_quick_action_list", staff.id.clone(), fields)
}
