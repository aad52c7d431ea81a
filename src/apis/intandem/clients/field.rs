//! Custom fields of a business for its clients and matters: `/platform/v1/fields`.
//!
//! Source: catalogue-sales, rows fields-create and matter-create-name.

use crate::handlers::query::ListQuery;
use crate::model::{FieldValue, Fields};
use crate::request::{ApiError, Context, RecordView, Reply};

/// Members of a field beside its id.
const MEMBERS: [&str; 8] =
    ["type", "label", "object_type", "default_value", "forms", "keep_asking", "options", "required"];

/// `GET /platform/v1/fields`.
pub fn list(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let all = ctx.state.store.all("field");
    let fields = all.filter(|field| field.get("business_uid").as_text() == Some(business.as_str()));
    Ok(Reply::many("fields", ListQuery::new(ctx.query, &[]).page(fields.map(RecordView::of))?.views))
}

/// `POST /platform/v1/fields`: the response has the field without an envelope.
pub fn create(ctx: &mut Context<'_>) -> Result<Reply, ApiError> {
    let business = ctx.owner()?;
    let mut fields = Fields::with_capacity(10).with("business_uid", business).with("deleted", false);
    for name in MEMBERS {
        let default = match name {
            "object_type" => FieldValue::from("matter"),
            "default_value" => FieldValue::from(""),
            "required" | "keep_asking" => FieldValue::from(false),
            "forms" | "options" => FieldValue::from(Vec::new()),
            _ => FieldValue::Null,
        };
        let sent = ctx.body_field(&[name]);
        fields.set(name, if sent.is_null() { default } else { sent.into() });
    }
    let id = ctx.state.ids.uid();
    let field = ctx.insert("field", id, fields);
    let reply = MEMBERS
        .iter()
        .fold(Reply::empty().and("id", &field.id), |reply, name| reply.and(name, field.get(name).clone()));
    Ok(reply.and("deleted", false))
}
