//! Roles of staff: `/v3/access_control/staff_business_roles`.
//!
//! Facts: row `se-role-override-reset` of the catalogue of other domains. How an owner's change is refused nobody has seen.

use std::sync::Arc;

use crate::model::{FieldValue, Record};
use crate::request::Context;

/// Whoever is given another role has what that role may, and no exceptions from it.
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
