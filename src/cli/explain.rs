use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use super::{CliError, Exit, print};
use crate::diagnostics::nearest;
use crate::openapi::CODES;
use crate::request::ErrorKind;

/// Explains the code of a note or of a refusal: what it means, whose side it is on, what to do
///
/// Notes come from `standin check`, refusals from the header `x-standin-refused`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code; all codes when none is given
    code: Option<String>,

    /// As JSON
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
        let entries = entries();
        let wanted: Vec<&Entry> = match &self.code {
            None => entries.iter().collect(),
            Some(code) => match entries.iter().find(|entry| entry.code == code) {
                Some(entry) => vec![entry],
                None => {
                    let near = nearest(code, entries.iter().map(|entry| entry.code));
                    let advice = near.map_or_else(
                        || "`standin explain` lists them".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    return Err(CliError::Usage(format!("there is no code `{code}`; {advice}")));
                }
            },
        };
        if self.json {
            let list: Vec<Value> = wanted.iter().map(|entry| to_json(entry)).collect();
            print(&format!("{:#}\n", json!({"codes": list})))?;
            return Ok(Exit::Success);
        }
        let mut text = String::new();
        if let (Some(_), [entry]) = (&self.code, wanted.as_slice()) {
            let _ = writeln!(text, "{} ({})\n\n{}", entry.code, entry.side, entry.meaning);
            if let Some(assumed) = entry.assumed {
                let _ = writeln!(text, "Assumed: {assumed}.");
            }
            let _ = writeln!(text, "\n{}", entry.advice);
        } else {
            for entry in wanted {
                let _ = writeln!(text, "{:<22} {:<9} {}", entry.code, entry.side, entry.meaning);
            }
        }
        print(&text)?;
        Ok(Exit::Success)
    }
}

fn entries() -> Vec<Entry> {
    let notes = CODES.iter().map(|known| Entry {
        code: known.name,
        side: "contract",
        meaning: known.meaning,
        assumed: Some(known.assumed),
        advice: known.advice,
    });
    let refusals = ErrorKind::ALL.iter().map(|(kind, code)| {
        let (side, meaning, advice) = kind.explained();
        Entry { code, side, meaning, assumed: None, advice }
    });
    notes.chain(refusals).collect()
}

fn to_json(entry: &Entry) -> Value {
    json!({"code": entry.code, "side": entry.side, "meaning": entry.meaning, "assumed": entry.assumed, "advice": entry.advice})
}
