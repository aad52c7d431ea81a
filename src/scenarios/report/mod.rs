//! Reports of a replay as text, JSON, TAP, JUnit XML, annotations of GitHub Actions, and a page.

mod diff;
mod github;
mod html;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde_json::{Value, json};

pub use github::github;
pub use html::{html, html_page};

use super::outcome::{Outcome, Reason, StepReport, WorkflowReport};
use crate::openapi::{escape_attribute, escape_text};

/// Maximum number of characters of a body in a report.
const EXCERPT: usize = 400;

/// The numbers of workflows that passed, failed and were skipped.
pub fn count(reports: &[WorkflowReport]) -> (usize, usize, usize) {
    let of = |wanted: fn(&Outcome) -> bool| reports.iter().filter(|report| wanted(&report.outcome)).count();
    (
        of(|outcome| *outcome == Outcome::Passed),
        of(|outcome| *outcome == Outcome::Failed),
        of(|outcome| matches!(outcome, Outcome::Skipped(_))),
    )
}

/// One line for each workflow; under a failed one the request and the response.
pub fn text(reports: &[WorkflowReport]) -> String {
    let mut out = String::new();
    for report in reports {
        let _ = match &report.outcome {
            Outcome::Passed => writeln!(out, "ok    {}  {} ({} steps)", report.file, report.name, report.steps.len()),
            Outcome::Skipped(why) => writeln!(out, "skip  {}  {} ({why})", report.file, report.name),
            Outcome::Failed => writeln!(out, "FAIL  {}  {}", report.file, report.name),
        };
        for step in report.steps.iter().filter(|step| step.problem.is_some()) {
            out.push_str(&step_text(step));
        }
    }
    out.push_str(&summary(reports));
    let (passed, failed, skipped) = count(reports);
    let _ = writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped");
    out
}

/// A summary of ten and more workflows that name their domain: outcomes by domain, failures by reason, and the number whose
/// last response matches the contract.
fn summary(reports: &[WorkflowReport]) -> String {
    let mut out = String::new();
    let domains: BTreeSet<&str> = reports.iter().map(|report| report.domain.as_str()).collect();
    if domains.iter().all(|domain| domain.is_empty()) || reports.len() < 10 {
        return out;
    }
    let _ = writeln!(out, "\n{:<26} passed failed skipped", "");
    for domain in domains {
        let of: Vec<WorkflowReport> = reports.iter().filter(|report| report.domain == domain).cloned().collect();
        let (passed, failed, skipped) = count(&of);
        let _ = writeln!(out, "{domain:<26} {passed:>6} {failed:>6} {skipped:>7}");
    }
    let mut reasons: BTreeMap<Reason, usize> = BTreeMap::new();
    for reason in reports.iter().filter_map(|report| report.steps.last()?.reason) {
        *reasons.entry(reason).or_default() += 1;
    }
    for (reason, count) in reasons {
        let _ = writeln!(out, "{count:>4} {}", reason.name());
    }
    let (matching, judged) = conforming(reports);
    if judged > 0 {
        let _ = writeln!(out, "the last response matches the contract in {matching} of {judged} passed workflows");
    }
    out
}

/// The number of passed workflows whose last response matches the contract, and the number for which this is known.
pub fn conforming(reports: &[WorkflowReport]) -> (usize, usize) {
    let passed = reports.iter().filter(|report| report.outcome == Outcome::Passed);
    let judged: Vec<bool> =
        passed.filter_map(|report| Some(report.steps.last()?.reply.as_ref()?.conforms.as_ref()?.is_ok())).collect();
    (judged.iter().filter(|conforms| **conforms).count(), judged.len())
}

fn step_text(step: &StepReport) -> String {
    let problem = step.problem.as_deref().unwrap_or_default();
    let mut out =
        format!("      {}:{}: step {}: {problem}\n        sent  {}\n", step.file, step.line, step.id, step.sent);
    if let Some(body) = &step.sent_body {
        let _ = writeln!(out, "        body  {}", excerpt(body));
    }
    if let Some(received) = &step.reply {
        let response = &received.response;
        let _ = writeln!(out, "        got   {} {}", response.status, excerpt(&response.body));
        if !received.quirks.is_empty() {
            let _ = writeln!(out, "        quirks  {}", received.quirks.join(", "));
        }
    }
    out
}

fn excerpt(body: &Value) -> String {
    let text = body.to_string();
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// The reports as JSON.
pub fn json(reports: &[WorkflowReport]) -> Value {
    let step = |step: &StepReport| {
        json!({
            "id": step.id,
            "file": step.file,
            "line": step.line,
            "sent": step.sent,
            "body": step.sent_body,
            "status": step.reply.as_ref().map(|received| received.response.status),
            "answer": step.reply.as_ref().map(|received| &received.response.body),
            "expected": step.expected_body,
            "quirks": step.reply.as_ref().map(|received| received.quirks.join(", ")),
            "problem": step.problem,
            "reason": step.reason.map(Reason::name),
            "misfit": step.reply.as_ref().and_then(|received| received.conforms.as_ref()?.as_ref().err()),
        })
    };
    let workflow = |report: &WorkflowReport| {
        let (outcome, why) = match &report.outcome {
            Outcome::Passed => ("passed", None),
            Outcome::Failed => ("failed", None),
            Outcome::Skipped(why) => ("skipped", Some(why)),
        };
        let steps: Vec<Value> = report.steps.iter().map(step).collect();
        json!({"file": report.file, "name": report.name, "domain": report.domain, "outcome": outcome, "why": why, "steps": steps})
    };
    let (passed, failed, skipped) = count(reports);
    json!({
        "passed": passed,
        "failed": failed,
        "skipped": skipped,
        "conforming": conforming(reports).0,
        "judged": conforming(reports).1,
        "stories": reports.iter().map(workflow).collect::<Vec<_>>(),
    })
}

/// The reports as TAP, version 14.
pub fn tap(reports: &[WorkflowReport]) -> String {
    let mut out = format!("TAP version 14\n1..{}\n", reports.len());
    for (place, report) in reports.iter().enumerate() {
        let (verdict, directive) = match &report.outcome {
            Outcome::Passed => ("ok", String::new()),
            Outcome::Failed => ("not ok", String::new()),
            Outcome::Skipped(why) => ("ok", format!(" # SKIP {}", single_line(why))),
        };
        let name = single_line(&format!("{} {}", report.file, report.name)).replace('\\', "\\\\").replace('#', "\\#");
        let _ = writeln!(out, "{verdict} {} - {name}{directive}", place + 1);
        for step in report.steps.iter().filter(|step| step.problem.is_some()) {
            for line in step_text(step).lines() {
                let _ = writeln!(out, "# {}", line.trim_start());
            }
        }
    }
    out
}

/// A text without line breaks and other control characters, which TAP does not allow.
fn single_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// The reports as JUnit XML, one test case for each workflow.
pub fn junit(reports: &[WorkflowReport]) -> String {
    let (_, failed, skipped) = count(reports);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"standin replay\" tests=\"{}\" failures=\"{failed}\" skipped=\"{skipped}\">\n",
        reports.len()
    );
    for report in reports {
        let _ = write!(
            out,
            "  <testcase classname=\"{}\" name=\"{}\"",
            escape_attribute(&report.file),
            escape_attribute(&report.name)
        );
        let _ = match &report.outcome {
            Outcome::Passed => writeln!(out, "/>"),
            Outcome::Skipped(why) => writeln!(out, "><skipped message=\"{}\"/></testcase>", escape_attribute(why)),
            Outcome::Failed => {
                let last = report.steps.last();
                let problem = last.and_then(|step| step.problem.as_deref()).unwrap_or_default();
                let whole = last.map(step_text).unwrap_or_default();
                writeln!(
                    out,
                    "><failure message=\"{}\">{}</failure></testcase>",
                    escape_attribute(problem),
                    escape_text(&whole)
                )
            }
        };
    }
    out.push_str("</testsuite>\n");
    out
}
