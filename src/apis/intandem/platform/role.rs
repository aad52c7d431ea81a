//! Roles of staff: `/v3/access_control/staff_business_roles`. How the API rejects a change of an owner's role is
//! unknown.
//!
//! Source: catalogue-platform, row se-role-override-reset.

use std::sync::Arc;

use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Removes the permission overrides of a staff member who gets another role.
pub fn reset_overrides(ctx: &mut Context<'_>, role: &Arc<Record>) -> Arc<Record> {
    const KIND: &str = "staff_permission_overrides_list";
    let staff = role.text("staff_uid");
    let store = &ctx.state.store;
    let overrides = store.all(KIND).find(|list| list.id == staff || list.text("staff_uid") == staff);
    if let Some(mut emptied) = overrides.map(|list| Record::clone(list)) {
        emptied.fields.set("permissions", Vec::<FieldValue>::new());
        ctx.state.store.put(emptied);
    }
    Arc::clone(role)
}
