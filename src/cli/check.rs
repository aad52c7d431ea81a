use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::support::inputs::ref_map;
use super::support::notes::{find_lines, format_sorted};
use super::support::output::print;
use super::support::sarif::sarif;
use super::{CliError, Exit};
use crate::api::Routes;
use crate::openapi::{ApiFolder, Contract, Note, Severity, inspect::inspect};

/// Lint contracts and show how standin handles each problem
///
/// Contracts with problems are served all the same: what can be repaired is repaired, the rest is ignored. Each problem is
/// listed with its place and with what is assumed instead. The exit code is 0 without errors and warnings, 1 when a part of
/// a contract is ignored (a warning), 5 when a file or an operation is ignored (an error).
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin check my-api/\n  standin check shop.yaml --json\n  standin check my-api/ --sarif > check.sarif"
)]
pub(super) struct Check {
    /// Contract files, or folders with contracts
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Local folder for references that begin with a URL; nothing is downloaded
    #[arg(long, value_name = "URL=FOLDER", value_parser = ref_map)]
    ref_map: Vec<(String, PathBuf)>,

    /// Print JSON
    #[arg(long)]
    json: bool,

    /// Print SARIF 2.1.0, for code scanning and editors
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let folder = ApiFolder { ref_map: self.ref_map.clone(), ..ApiFolder::from_paths(&self.paths)? };
        let mut contract = Contract::read(&folder, "")?;
        Routes::new(&contract.operations, &mut contract.notes);
        let mut notes = std::mem::take(&mut contract.notes);
        notes.extend(inspect(&contract, &folder));
        notes.sort();
        notes.dedup();
        let lines = find_lines(&folder, &notes);
        let count = |severity| notes.iter().filter(|note| note.code.explanation().severity == severity).count();
        let (errors, warnings, infos) = (count(Severity::Error), count(Severity::Warning), count(Severity::Info));
        let (files, operations) = (folder.contracts.len(), contract.operations.len());
        if self.sarif {
            print(&format!("{:#}\n", sarif(&notes, &lines)))?;
        } else if self.json {
            let list: Vec<Value> = notes.iter().zip(&lines).map(|(note, line)| to_json(note, *line)).collect();
            let summary = json!({"files": files, "operations": operations, "errors": errors, "warnings": warnings, "infos": infos});
            print(&format!("{:#}\n", json!({"summary": summary, "notes": list})))?;
        } else {
            let mut text = format_sorted(&notes, &lines);
            let counts = format!("{errors} errors, {warnings} warnings, {infos} infos");
            let _ = writeln!(text, "{files} files, {operations} operations: {counts}");
            if !notes.is_empty() {
                let _ = writeln!(text, "`standin explain CODE` explains a code");
            }
            print(&text)?;
        }
        Ok(match (errors, warnings) {
            (0, 0) => Exit::Success,
            (0, _) => Exit::Failure,
            _ => Exit::WrongFile,
        })
    }
}

fn to_json(note: &Note, line: usize) -> Value {
    let explanation = note.code.explanation();
    json!({
        "code": explanation.name,
        "severity": explanation.severity.name(),
        "file": note.file,
        "line": line,
        "pointer": note.pointer,
        "message": note.message,
        "assumed": explanation.assumed,
    })
}
