use std::fmt::Write as _;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::api::ApiOptions;
use super::{CliError, Exit, print};
use crate::diagnostics::{Diagnostics, nearest};
use crate::pipeline::Engine;
use crate::quirks::{Allow, Effect, Matcher, Quirk, RecordCondition, RequestPart};
use crate::request::{QuirkFlags, TokenKind};
use crate::scenarios::{Expect, Proof, StepReport};

/// Lists where the API departs from its contract
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = false)]
pub(super) struct Quirks {
    #[command(subcommand)]
    action: Option<Action>,

    #[command(flatten)]
    api: ApiOptions,

    /// As JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Shows everything about one quirk
    Show {
        /// The quirk's id
        id: String,
    },
    /// Runs the proofs, each with its quirk on and off
    Prove {
        /// The quirks' ids; all when none is named
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
        if self.json {
            let list: Vec<Value> = engine.quirks().iter().map(|quirk| to_json(quirk, &flags)).collect();
            print(&format!("{:#}\n", json!({"quirks": list})))?;
            return Ok(Exit::Success);
        }
        let mut text = String::new();
        let mut file = "";
        for quirk in engine.quirks().iter() {
            if quirk.file != file {
                file = &quirk.file;
                let _ = writeln!(text, "{}{file}", if text.is_empty() { "" } else { "\n" });
            }
            let (state, sentence) = if is_on(&flags, quirk) { ("on ", &quirk.on) } else { ("off", &quirk.off) };
            let _ = writeln!(text, "  {state}  {}\n         {sentence}", quirk.id);
        }
        print(&text)?;
        Ok(Exit::Success)
    }

    fn show(&self, engine: &Engine, id: &str) -> Result<Exit, CliError> {
        let quirk = find(engine, id)?;
        let flags = self.flags(engine)?;
        if self.json {
            print(&format!("{:#}\n", to_json(quirk, &flags)))?;
            return Ok(Exit::Success);
        }
        let state = if is_on(&flags, quirk) { "on" } else { "off" };
        let mut text = format!("{}  (is {state})\n\n  on   {}\n  off  {}\n", quirk.id, quirk.on, quirk.off);
        let applies = when(quirk);
        if !applies.is_empty() {
            let _ = writeln!(text, "\n  when  {}", applies.join("; "));
        }
        let _ = writeln!(text, "{}  {}", if applies.is_empty() { "\n  does" } else { "  does" }, effect(quirk));
        text.push_str("\n  seen in\n");
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
            let _ = writeln!(
                text,
                "    {} {} as {}: {comes}",
                step.method,
                step.path,
                step.token.as_ref().map_or("staff", |token| &token.name)
            );
        }
        let _ = writeln!(text, "\n  written in {}:{}", quirk.file, quirk.line);
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

    /// The switches as a server with these options would have them.
    fn flags(&self, engine: &Engine) -> Result<QuirkFlags, CliError> {
        self.api.flags(engine, Some(&self.api.scenario(engine)?))
    }
}

fn find<'e>(engine: &'e Engine, id: &str) -> Result<&'e Quirk, CliError> {
    engine.quirks().get(id).ok_or_else(|| {
        let near = nearest(id, engine.quirks().iter().map(|quirk| quirk.id.as_str()));
        let advice =
            near.map_or_else(|| "`standin quirks` lists them".to_owned(), |near| format!("did you mean `{near}`?"));
        CliError::Usage(format!("there is no quirk `{id}`; {advice}"))
    })
}

fn proof_of(quirk: &Quirk) -> Result<Proof<'_>, CliError> {
    Ok(Proof::of(quirk).map_err(|diagnostic| Diagnostics::new(&quirk.file, "", vec![diagnostic]))?)
}

fn is_on(flags: &QuirkFlags, quirk: &Quirk) -> bool {
    flags.find(&quirk.id).is_some_and(|(_, on)| on)
}

/// When a rule applies, in words.
fn when(quirk: &Quirk) -> Vec<String> {
    let when = &quirk.when;
    let mut words = Vec::new();
    if let Some(gateway) = when.gateway {
        words.push(format!("gateway {}", gateway.name()));
    }
    let methods: Vec<&str> = when.methods.iter().map(http::Method::as_str).collect();
    let paths: Vec<String> = when.paths.iter().map(ToString::to_string).collect();
    if !paths.is_empty() {
        words.push([methods.join(", "), paths.join(", ")].join(" ").trim().to_owned());
    }
    if !when.except.is_empty() {
        let paths: Vec<String> = when.except.iter().map(ToString::to_string).collect();
        words.push(format!("except {}", paths.join(", ")));
    }
    if when.is_unrouted {
        words.push("no operation has the path".to_owned());
    }
    if !when.tokens.is_empty() {
        let tokens: Vec<&str> = when.tokens.iter().copied().map(TokenKind::name).collect();
        words.push(format!("token {}", tokens.join(" or ")));
    }
    for sent in &when.sent {
        let index = match sent.part {
            RequestPart::Headers => "header",
            RequestPart::Query => "query",
            RequestPart::Body => "body",
        };
        words.push(format!("{} of the {index} {}", sent.field_path.join("/"), is(&sent.is)));
    }
    let kind = when.kind.as_deref().unwrap_or("record");
    match &when.record {
        None => {}
        Some(RecordCondition::Absent) => words.push(format!("the path names no {kind}")),
        Some(RecordCondition::With(fields)) => {
            words.extend(fields.iter().map(|(name, wanted)| format!("{name} of the {kind} {}", is(wanted))));
        }
    }
    if let Some(feature) = &when.without_feature {
        words.push(format!("the business lacks {feature}"));
    }
    words
}

fn is(wanted: &Matcher) -> String {
    let texts = |values: &[Value]| values.iter().map(Value::to_string).collect::<Vec<_>>().join(" or ");
    match wanted {
        Matcher::Absent => "is absent".to_owned(),
        Matcher::Present => "is present".to_owned(),
        Matcher::OneOf(values) => format!("is {}", texts(values)),
        Matcher::NoneOf(values) => format!("is not {}", texts(values)),
    }
}

fn effect(quirk: &Quirk) -> String {
    match &quirk.effect {
        None => "is asked for by a behaviour".to_owned(),
        Some(Effect::Respond(answer)) => format!("answers {} {}", answer.status, answer.body),
        Some(Effect::Coerce(coerce)) => format!("takes {} for {}", coerce.field.join("/"), coerce.to.name()),
        Some(Effect::Allow(Allow::Field(way))) => {
            let field = if way.is_empty() { "the body as a whole".to_owned() } else { way.join("/") };
            format!("takes the call whatever the contract says of {field}")
        }
        Some(Effect::Allow(Allow::Parameter(name))) => format!("takes the call whatever the contract says of {name}"),
        Some(Effect::Reference(refer)) => {
            let field = refer.parameter.clone().unwrap_or_else(|| refer.field.join("/"));
            let (to, answer) = (&refer.to, &refer.answer);
            let what = if refer.is_unique { "names a" } else { "names no" };
            format!("answers {} {} when {field} {what} {to}", answer.status, answer.body)
        }
        Some(Effect::Page(page)) => {
            let most = page.at_most.map(|most| format!("gives {most} at most for {}", page.size));
            let pages = page.offset.as_ref().map(|offset| format!("counts pages in {offset}"));
            most.into_iter().chain(pages).collect::<Vec<_>>().join(" and ")
        }
        Some(Effect::DefaultQuery(ask)) => {
            let asked: Vec<String> = ask.pairs().map(|(name, value)| format!("{name}={value}")).collect();
            format!("answers as if asked for {}", asked.join(" and "))
        }
        Some(Effect::Duplicate(copy)) => format!("shows /{} at /{} as well", copy.from.join("/"), copy.to.join("/")),
        Some(Effect::Expose(show)) => {
            format!("shows {} of the {} at /{}", show.fields.join(", "), show.kind, show.at.join("/"))
        }
        Some(Effect::Override(set)) => {
            let status = set.status.map(|status| format!("answers {status}"));
            let value = set.value.as_ref().map(|(way, value)| format!("says {value} at /{}", way.join("/")));
            status.into_iter().chain(value).collect::<Vec<_>>().join(" and ")
        }
        Some(Effect::Require(require)) => format!("requires {}, saying: {}", require.field.join("/"), require.message),
    }
}

fn to_json(quirk: &Quirk, flags: &QuirkFlags) -> Value {
    let evidence: Vec<Value> = quirk
        .evidence
        .iter()
        .map(|evidence| json!({"source": evidence.source, "at": evidence.at, "verified": evidence.verified}))
        .collect();
    json!({
        "id": quirk.id,
        "area": quirk.area.name(),
        "is_on": is_on(flags, quirk),
        "default": if quirk.is_off_by_default { "off" } else { "on" },
        "on": quirk.on,
        "off": quirk.off,
        "when": when(quirk),
        "effect": effect(quirk),
        "evidence": evidence,
        "file": quirk.file,
        "line": quirk.line,
        "proof": quirk.proof.to_json(),
    })
}
