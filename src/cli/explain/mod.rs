//! `standin explain`.

mod diagram;
mod resource;

use std::fmt::Write as _;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use self::resource::Kind;
use super::api::ApiOptions;
use super::support::output::print;
use super::{CliError, Exit};
use crate::diagnostics::nearest;
use crate::openapi::CODES;
use crate::request::ErrorKind;

/// Explain the code of a contract problem or of an error response, or a kind of record
///
/// Codes of contract problems come from `standin check`, codes of error responses from the header `x-standin-refused`. An
/// explanation says whose side the cause is on (client, contract or mock), what the code means and what to do.
///
/// `standin explain resource KIND` prints what is known of a kind of record: its fields, its states, and what each operation
/// does to it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin explain\n  standin explain ref-dangling\n  standin explain resource order --swagger examples/shop\n  standin explain resource order --swagger examples/shop --format mermaid"
)]
pub(super) struct Explain {
    /// The code, or `resource`; lists all codes when omitted
    code: Option<String>,

    /// The kind of record, after `resource`; lists all kinds when omitted
    kind: Option<String>,

    /// Format of the explanation of a kind: `mermaid` and `dot` are diagrams of its states
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Print JSON
    #[arg(long, conflicts_with = "format")]
    json: bool,

    #[command(flatten)]
    api: ApiOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Mermaid,
    Dot,
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
        if self.code.as_deref() == Some("resource") {
            return self.explain_resource();
        }
        if let Some(kind) = &self.kind {
            return Err(CliError::Usage(format!(
                "unexpected `{kind}`; write `standin explain resource {kind}` for a kind of record"
            )));
        }
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

    fn explain_resource(&self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        let kinds = resource::kinds(&engine);
        let Some(name) = &self.kind else {
            print(&match self.json {
                true => format!("{:#}\n", json!({"kinds": kinds})),
                false => kinds.iter().map(|kind| format!("{kind}\n")).collect(),
            })?;
            return Ok(Exit::Success);
        };
        let kind = Kind::find(&engine, name).ok_or_else(|| {
            let near = nearest(name, kinds.iter().copied());
            let advice = near.map_or_else(
                || "`standin explain resource` lists them".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            CliError::Usage(format!("unknown kind `{name}`; {advice}"))
        })?;
        let lifecycle = kind.resource.and_then(|resource| resource.lifecycle.as_ref());
        let without_states = || CliError::Usage(format!("`{name}` has no lifecycle, so there is no diagram"));
        print(&match (self.json, self.format) {
            (true, _) => format!("{:#}\n", kind.json()),
            (false, Format::Text) => kind.text(),
            (false, Format::Mermaid) => diagram::mermaid(lifecycle.ok_or_else(without_states)?),
            (false, Format::Dot) => diagram::dot(name, lifecycle.ok_or_else(without_states)?),
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
