//! `GET /sessions/{session}/tokens`.

use serde_json::{Value, json};

use super::{Answer, Context, ok};
use crate::scenarios::Credentials;

/// The tokens that the scenario of a session declares, in its order. Tokens that were made at run time are not shown.
pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let credentials = Credentials::of(ctx.engine, &ctx.session()?.state());
    let describe = |name: &str| -> Value {
        json!({"name": name, "kind": credentials.kind(name), "authorization": credentials.authorization(name)})
    };
    let list: Vec<Value> = credentials.tokens.iter().map(|(name, _)| describe(name)).collect();
    ok(&json!({"tokens": list}))
}
