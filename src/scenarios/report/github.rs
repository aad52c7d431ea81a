//! Workflow commands of GitHub Actions, which show errors at the lines of files.

use std::fmt::Write as _;

use super::{count, step_text};
use crate::scenarios::{StepReport, WorkflowReport};

/// An error for each failed step, at its line, and a line with the numbers.
pub fn github(reports: &[WorkflowReport]) -> String {
    let mut out = String::new();
    for report in reports {
        for step in report.steps.iter().filter(|step| step.problem.is_some()) {
            let (file, line) = place(report, step);
            let title = property(&format!("{}: step {}", report.name, step.id));
            let _ = writeln!(out, "::error file={},line={line},title={title}::{}", property(file), message(step));
        }
    }
    let (passed, failed, skipped) = count(reports);
    let _ = writeln!(out, "{passed} passed, {failed} failed, {skipped} skipped");
    out
}

/// The file and line of a step; of a workflow that could not start, the beginning of its file.
fn place<'r>(report: &'r WorkflowReport, step: &'r StepReport) -> (&'r str, usize) {
    match step.file.as_str() {
        "" => (&report.file, 1),
        file => (file, step.line.max(1)),
    }
}

fn message(step: &StepReport) -> String {
    let problem = step.problem.as_deref().unwrap_or_default();
    let rest: Vec<String> = step_text(step).lines().skip(1).map(|line| line.trim().to_owned()).collect();
    data(&format!("{problem}\n{}", rest.join("\n")))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
