//! `GET /scenarios`.

use serde_json::{Value, json};

use super::{Answer, Context, ok};
use crate::scenarios::Scenario;

/// The scenarios that the API has: a replay takes their names. One with errors is listed with the first of them.
pub(super) fn list(ctx: &Context<'_>) -> Answer {
    let scenarios = ctx.engine.scenarios();
    let describe = |name: &str| -> Option<Value> {
        let file = scenarios.find(name)?;
        Some(match Scenario::read_in(file, scenarios) {
            Ok(scenario) => json!({
                "name": name,
                "file": file.name,
                "about": scenario.about,
                "steps": scenario.steps.len(),
                "error": null,
            }),
            Err(errors) => {
                json!({"name": name, "file": file.name, "about": null, "steps": 0, "error": errors.to_string()})
            }
        })
    };
    let list: Vec<Value> = scenarios.names().into_iter().filter_map(describe).collect();
    ok(&json!({"scenarios": list}))
}
