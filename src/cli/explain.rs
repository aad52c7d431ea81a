use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::support::output::print;
use super::{CliError, Exit};
use crate::diagnostics::nearest;
use crate::openapi::CODES;
use crate::request::ErrorKind;

/// Explain the code of a contract problem or of an error response
///
/// Codes of contract problems come from `standin check`, codes of error responses from the header `x-standin-refused`. An
/// explanation says whose side the cause is on (client, contract or mock), what the code means and what to do.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  standin explain\n  standin explain ref-dangling")]
pub(super) struct Explain {
    /// The code; lists all codes when omitted
    code: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

struct Entry {
    code: &'static str,
    side: &'static str,
    meaning: &'static str,
    assumed: Option<&'static str>,
    advice: &'static str,
}

impl Explain {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let mut entries = entries();
        if let Some(code) = &self.code {
            let index = entries.iter().position(|entry| entry.code == code);
            entries = vec![entries.swap_remove(index.ok_or_else(|| unknown(code, &entries))?)];
        }
        print(&match (self.json, entries.as_slice()) {
            (true, entries) => format!("{:#}\n", json!({"codes": entries.iter().map(to_json).collect::<Vec<_>>()})),
            (false, [entry]) => format_entry(entry),
            (false, entries) => entries
                .iter()
                .map(|entry| format!("{:<22} {:<9} {}\n", entry.code, entry.side, entry.meaning))
                .collect(),
        })?;
        Ok(Exit::Success)
    }
}

fn unknown(code: &str, entries: &[Entry]) -> CliError {
    let advice = nearest(code, entries.iter().map(|entry| entry.code))
        .map_or_else(|| "`standin explain` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
    CliError::Usage(format!("unknown code `{code}`; {advice}"))
}

fn format_entry(entry: &Entry) -> String {
    let mut text = format!("{} ({})\n\n{}\n", entry.code, entry.side, entry.meaning);
    if let Some(assumed) = entry.assumed {
        let _ = writeln!(text, "Assumed: {assumed}.");
    }
    let _ = writeln!(text, "\n{}", entry.advice);
    text
}

fn entries() -> Vec<Entry> {
    let notes = CODES.iter().map(|known| Entry {
        code: known.name,
        side: "contract",
        meaning: known.meaning,
        assumed: Some(known.assumed),
        advice: known.advice,
    });
    let errors = ErrorKind::ALL.iter().map(|(kind, code)| {
        let (side, meaning, advice) = kind.explained();
        Entry { code, side, meaning, assumed: None, advice }
    });
    notes.chain(errors).collect()
}

fn to_json(entry: &Entry) -> Value {
    json!({"code": entry.code, "side": entry.side, "meaning": entry.meaning, "assumed": entry.assumed, "advice": entry.advice})
}
