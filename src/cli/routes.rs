use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::api::ApiOptions;
use super::support::output::{print, print_status};
use super::{CliError, Exit};
use crate::fixtures::Wanted;
use crate::openapi::Operation;
use crate::pipeline::Engine;

/// List the operations: method, path, what they do to which resource, and what implements them
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin routes --resource client\n  standin routes --method POST --path '*/payment/*'\n  standin routes --swagger my-api/ --json"
)]
pub(super) struct Routes {
    /// Only operations of this method; may be repeated
    #[arg(long, value_name = "METHOD")]
    method: Vec<String>,

    /// Only operations of this path; `*` matches any text; may be repeated
    #[arg(long, value_name = "GLOB")]
    path: Vec<String>,

    /// Only operations on this resource; may be repeated
    #[arg(long, value_name = "NAME")]
    resource: Vec<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    api: ApiOptions,
}

impl Routes {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let all = engine.contract().operations.iter().enumerate();
        let operations: Vec<(usize, &Operation)> = all.filter(|(_, operation)| self.selects(operation)).collect();
        if self.json {
            let list: Vec<Value> = operations.iter().map(|(index, _)| engine.describe_operation(*index)).collect();
            print(&format!("{:#}\n", json!({"operations": list})))?;
        } else {
            print(&format_table(&engine, &operations))?;
        }
        if operations.is_empty() {
            print_status("no operation matches");
            return Ok(Exit::NothingToRun);
        }
        Ok(Exit::Success)
    }

    fn selects(&self, operation: &Operation) -> bool {
        let is_any = |list: &[String], matches: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(matches);
        let paths = Wanted { operations: self.path.clone(), ..Wanted::default() };
        is_any(&self.method, &|method| operation.method.as_str().eq_ignore_ascii_case(method))
            && is_any(&self.resource, &|name| operation.role.resource.as_ref() == Some(name))
            && paths.operation(&operation.key)
    }
}

fn format_table(engine: &Engine, operations: &[(usize, &Operation)]) -> String {
    let width =
        |length: fn(&Operation) -> usize| operations.iter().map(|(_, operation)| length(operation)).max().unwrap_or(0);
    let paths = width(|operation| operation.path.len()).min(72);
    let resources = width(|operation| operation.role.resource.as_deref().map_or(1, str::len)).min(32);
    let mut text = String::new();
    for (index, operation) in operations {
        let resource = operation.role.resource.as_deref().unwrap_or("-");
        let served_by = if engine.has_handler(*index) { "handler" } else { "generic" };
        let (method, path, kind) = (operation.method.as_str(), &operation.path, operation.role.kind);
        let location = operation.location();
        let _ = writeln!(text, "{method:<7} {path:<paths$} {kind:<9} {resource:<resources$} {served_by:<9} {location}");
    }
    text
}
