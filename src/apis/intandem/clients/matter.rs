//! In Rust for clients and client packages.
//!
//! Matters, also called conversations, for handlers that create or show them with something else. What operations on
//! matters do is in the resources files.

use compact_str::{CompactString, format_compact};
use std::sync::Arc;

use crate::model::{Fields, Record};
use crate::request::{Context, State};

/// The matters of a client, oldest first. The first is the default one.
pub fn of_client<'s>(state: &'s State, client: &'s str) -> impl Iterator<Item = &'s Arc<Record>> {
    let of_client = state.store.find_by("matter", "client_uid", client).map(|(_, matter)| matter);
    of_client.filter(move |matter| matter.text("client_uid") == client && !matter.get("deleted").is_true())
}

/// The client's matter that the body names as `matter_uid`, else its default one.
pub fn requested(ctx: &Context<'_>, client: &Record) -> Option<Arc<Record>> {
    let requested = ctx.body_text("matter_uid").and_then(|id| ctx.owned_record("matter", id));
    let requested = requested.filter(|matter| matter.text("client_uid") == client.id);
    requested.or_else(|| of_client(ctx.state, &client.id).next().cloned())
}

/// Creates a matter of a client.
pub fn create(ctx: &mut Context<'_>, client: &Record) -> Arc<Record> {
    let fields = first_of(client, &ctx.state.now_text());
    let id = ctx.state.ids.uid();
    ctx.insert("matter", id, fields)
}

/// The fields of a client's first matter, which has the name and the staff of the client. Source: catalogue-sales, row
/// cli-create-matter.
pub fn first_of(client: &Record, created_at: &str) -> Fields {
    Fields::new()
        .with("business_uid", client.get("business_uid").clone())
        .with("client_uid", &client.id)
        .with("staff_uid", client.get("staff_id").clone())
        .with("display_name", full_name(client))
        .with("created_at", created_at)
        .with("updated_at", created_at)
}

/// First and last name of a client, without surrounding spaces.
pub fn full_name(client: &Record) -> CompactString {
    let name = format_compact!("{} {}", client.text("first_name"), client.text("last_name"));
    name.trim().into()
}
