use std::fmt::Write as _;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::api::ApiOptions;
use super::support::output::{print, print_status};
use super::{CliError, Exit};
use crate::diagnostics::{Diagnostics, nearest};
use crate::pipeline::Engine;
use crate::quirks::{Area, Quirk, describe};
use crate::request::QuirkFlags;
use crate::scenarios::{Expect, Proof, StepReport};

/// List the quirks: where the API departs from its contract
///
/// Each quirk is listed with its state (on or off), its id, and what the API does in that state.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = false,
    after_help = "Examples:\n  standin quirks --area access\n  standin quirks --path '/v1/payment/packages' --search price\n  standin quirks show packages-feature-gate\n  standin quirks prove packages-feature-gate"
)]
pub(super) struct Quirks {
    #[command(subcommand)]
    action: Option<Action>,

    /// Only quirks of this area; may be repeated
    #[arg(long, value_name = "AREA", value_parser = PossibleValuesParser::new(Area::ALL.map(|(_, name)| name)))]
    area: Vec<String>,

    /// Only quirks about this path: a path, or a part of a path pattern; may be repeated
    #[arg(long, value_name = "PATH")]
    path: Vec<String>,

    /// Only quirks with this text in their id or description, in any case; may be repeated
    #[arg(long, value_name = "TEXT")]
    search: Vec<String>,

    /// Print JSON
    #[arg(long, global = true)]
    json: bool,

    #[command(flatten)]
    api: ApiOptions,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show everything about one quirk
    #[command(after_help = "Examples:\n  standin quirks show packages-feature-gate")]
    Show {
        /// The id of the quirk
        id: String,
    },
    /// Run the proofs, each with its quirk on and off
    #[command(after_help = "Examples:\n  standin quirks prove\n  standin quirks prove packages-feature-gate")]
    Prove {
        /// Ids of quirks; all quirks when omitted
        ids: Vec<String>,
    },
}

impl Quirks {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let engine = self.api.engine()?;
        match &self.action {
            None => self.list(&engine),
            Some(Action::Show { id }) => self.show(&engine, id),
            Some(Action::Prove { ids }) => self.prove(&engine, ids),
        }
    }

    fn list(&self, engine: &Engine) -> Result<Exit, CliError> {
        let flags = self.flags(engine)?;
        let quirks: Vec<&Quirk> = engine.quirks().iter().filter(|quirk| self.selects(quirk)).collect();
        if self.json {
            let list: Vec<Value> = quirks.iter().map(|quirk| describe::quirk_json(quirk, &flags)).collect();
            print(&format!("{:#}\n", json!({"quirks": list})))?;
        } else {
            print(&format_list(&quirks, &flags))?;
        }
        let is_filtered = !(self.area.is_empty() && self.path.is_empty() && self.search.is_empty());
        if quirks.is_empty() && is_filtered {
            print_status("no quirk matches");
            return Ok(Exit::NothingToRun);
        }
        Ok(Exit::Success)
    }

    fn selects(&self, quirk: &Quirk) -> bool {
        let is_any = |list: &[String], matches: &dyn Fn(&String) -> bool| list.is_empty() || list.iter().any(matches);
        let contains = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let is_about = |path: &String| {
            let operations = quirk.when.operations.iter().map(|(_, pattern)| pattern);
            let mut patterns = quirk.when.paths.iter().chain(operations);
            patterns.any(|pattern| pattern.matches(path) || pattern.to_string().contains(path.as_str()))
        };
        let describes = |part: &String| [&quirk.id, &quirk.on, &quirk.off].into_iter().any(|text| contains(text, part));
        is_any(&self.area, &|area| quirk.area.name() == area)
            && is_any(&self.path, &is_about)
            && is_any(&self.search, &describes)
    }

    fn show(&self, engine: &Engine, id: &str) -> Result<Exit, CliError> {
        let quirk = find(engine, id)?;
        let flags = self.flags(engine)?;
        if self.json {
            print(&format!("{:#}\n", describe::quirk_json(quirk, &flags)))?;
            return Ok(Exit::Success);
        }
        let state = if describe::is_on(&flags, quirk) { "on" } else { "off" };
        let mut text = format!("{}  (is {state})\n\n  on   {}\n  off  {}\n", quirk.id, quirk.on, quirk.off);
        let applies = describe::when(quirk);
        if !applies.is_empty() {
            let _ = writeln!(text, "\n  when  {}", applies.join("; "));
        }
        let _ =
            writeln!(text, "{}  {}", if applies.is_empty() { "\n  does" } else { "  does" }, describe::effect(quirk));
        text.push_str("\n  evidence\n");
        for evidence in &quirk.evidence {
            let verified = evidence.verified.as_ref().map(|day| format!(", verified {day}")).unwrap_or_default();
            let _ = writeln!(text, "    {}: {}{verified}", evidence.source, evidence.at);
        }
        text.push_str("\n  proof\n");
        for step in proof_of(quirk)?.steps() {
            let statuses =
                |expect: &Expect| expect.statuses.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
            let comes = match &step.on_and_off {
                Some((on, off)) if on.statuses == off.statuses => format!("{}, another body off", statuses(on)),
                Some((on, off)) => format!("{} on, {} off", statuses(on), statuses(off)),
                None => statuses(&step.expect),
            };
            let token = step.token.as_ref().map(|token| format!(" as {}", token.name)).unwrap_or_default();
            let _ = writeln!(text, "    {} {}{token}: {comes}", step.method, step.path);
        }
        let _ = writeln!(text, "\n  declared in {}:{}", quirk.file, quirk.line);
        let _ = writeln!(text, "  switch it off with --quirk -{0}, prove it with standin quirks prove {0}", quirk.id);
        print(&text)?;
        Ok(Exit::Success)
    }

    fn prove(&self, engine: &Engine, ids: &[String]) -> Result<Exit, CliError> {
        let scenario = self.api.scenario(engine)?;
        let quirks = match ids {
            [] => engine.quirks().iter().collect(),
            ids => ids.iter().map(|id| find(engine, id)).collect::<Result<Vec<_>, _>>()?,
        };
        let (mut held, mut list, mut text) = (0, Vec::new(), String::new());
        for quirk in &quirks {
            let proof = proof_of(quirk)?;
            let report = proof.run(engine, &scenario);
            held += usize::from(report.problem.is_none());
            let _ = match &report.problem {
                None => writeln!(text, "ok    {}", quirk.id),
                Some(problem) => writeln!(text, "FAIL  {}\n      {problem}", quirk.id),
            };
            let statuses = |steps: &[StepReport]| -> Vec<Option<u16>> {
                steps.iter().map(|step| step.reply.as_ref().map(|received| received.response.status)).collect()
            };
            list.push(json!({"id": quirk.id, "problem": report.problem, "on": statuses(&report.on), "off": statuses(&report.off)}));
        }
        match self.json {
            true => print(&format!("{:#}\n", json!({"held": held, "of": quirks.len(), "proofs": list})))?,
            false => print(&format!("{text}{held} of {} proofs hold\n", quirks.len()))?,
        }
        Ok(match (quirks.len(), held) {
            (0, _) => Exit::NothingToRun,
            (all, held) if all == held => Exit::Success,
            _ => Exit::Failure,
        })
    }

    /// The flags of a server with these options.
    fn flags(&self, engine: &Engine) -> Result<QuirkFlags, CliError> {
        self.api.flags(engine, Some(&self.api.scenario(engine)?))
    }
}

fn format_list(quirks: &[&Quirk], flags: &QuirkFlags) -> String {
    let (mut text, mut file) = (String::new(), "");
    for quirk in quirks {
        if quirk.file != file {
            file = &quirk.file;
            let _ = writeln!(text, "{}{file}", if text.is_empty() { "" } else { "\n" });
        }
        let (state, sentence) = if describe::is_on(flags, quirk) { ("on ", &quirk.on) } else { ("off", &quirk.off) };
        let _ = writeln!(text, "  {state}  {}\n         {sentence}", quirk.id);
    }
    text
}

fn find<'e>(engine: &'e Engine, id: &str) -> Result<&'e Quirk, CliError> {
    engine.quirks().get(id).ok_or_else(|| {
        let near = nearest(id, engine.quirks().iter().map(|quirk| quirk.id.as_str()));
        let advice =
            near.map_or_else(|| "`standin quirks` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        CliError::Usage(format!("unknown quirk `{id}`; {advice}"))
    })
}

fn proof_of(quirk: &Quirk) -> Result<Proof<'_>, CliError> {
    Ok(Proof::of(quirk).map_err(|diagnostic| Diagnostics::new(&quirk.file, "", vec![diagnostic]))?)
}
