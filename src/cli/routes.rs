use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::api::ApiOptions;
use super::{CliError, Exit, print};
use crate::openapi::Operation;
use crate::pipeline::Engine;

/// Lists every operation: what it does to which resource, and who serves it
#[derive(Debug, Args)]
pub(super) struct Routes {
    #[command(flatten)]
    api: ApiOptions,

    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Routes {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let operations = &engine.contract().operations;
        if self.json {
            let list: Vec<Value> = operations.iter().map(|operation| to_json(&engine, operation)).collect();
            print(&format!("{:#}\n", json!({"operations": list})))?;
            return Ok(Exit::Success);
        }
        let width = |text: fn(&Operation) -> usize| operations.iter().map(text).max().unwrap_or(0);
        let paths = width(|operation| operation.path.len()).min(72);
        let resources = width(|operation| operation.role.resource.as_deref().map_or(1, str::len)).min(32);
        let mut text = String::new();
        for operation in operations {
            let resource = operation.role.resource.as_deref().unwrap_or("-");
            let served = if engine.has_handler(operation) { "behaviour" } else { "generic" };
            let (method, path, kind) = (operation.method.as_str(), &operation.path, operation.role.kind);
            let place = operation.location();
            let _ = writeln!(text, "{method:<7} {path:<paths$} {kind:<9} {resource:<resources$} {served:<9} {place}");
        }
        print(&text)?;
        Ok(Exit::Success)
    }
}

fn to_json(engine: &Engine, operation: &Operation) -> Value {
    json!({
        "method": operation.method.as_str(),
        "path": operation.path,
        "file": operation.file,
        "line": operation.line,
        "kind": operation.role.kind.to_string(),
        "resource": operation.role.resource,
        "behaviour": engine.has_handler(operation),
        "summary": operation.summary,
    })
}
