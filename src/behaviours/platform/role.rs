//! Roles of staff: `/v3/access_control/staff_business_roles`.
//!
//! Source: catalogue-platform, row `se-role-override-reset`. The error response for an owner is unknown.

use std::sync::Arc;

use crate::exchange::Exchange;
use crate::store::{Datum, Record};

/// Whoever is given another role has what that role may, and no exceptions from it.
pub fn given(exchange: &mut Exchange<'_>, role: &Arc<Record>) -> Arc<Record> {
    const KIND: &str = "staff_permission_overrides_list";
    let staff = role.text("staff_uid");
    let store = &exchange.world.store;
    let overrides = store.all(KIND).find(|list| list.id == staff || list.text("staff_uid") == staff);
    if let Some(mut emptied) = overrides.map(|list| Record::clone(list)) {
        emptied.fields.set("permissions", Vec::<Datum>::new());
        exchange.world.store.put(emptied);
    }
    Arc::clone(role)
}
