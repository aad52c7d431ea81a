//! The states of a kind of record as a diagram.

use std::fmt::Write as _;

use crate::openapi::Lifecycle;

/// One arrow of the diagram.
pub(super) struct Step {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cause: String,
}

/// The arrows of a lifecycle. `*` stands for any state.
pub(super) fn steps(lifecycle: &Lifecycle) -> Vec<Step> {
    let caused = lifecycle.transitions.iter().map(|row| (&row.from, &row.to, row.on.clone()));
    let timed = lifecycle.timed.iter().map(|row| (&row.from, &row.to, format!("{} after {}", row.after, row.since)));
    let mut steps = Vec::new();
    for (from, to, cause) in caused.chain(timed) {
        let Some(to) = to else { continue };
        let any = vec!["*".to_owned()];
        for from in if from.is_empty() { &any } else { from } {
            steps.push(Step { from: from.clone(), to: to.clone(), cause: cause.clone() });
        }
    }
    steps
}

/// As a Mermaid state diagram.
pub(super) fn mermaid(lifecycle: &Lifecycle) -> String {
    let mut text = "stateDiagram-v2\n".to_owned();
    for Step { from, to, cause } in steps(lifecycle) {
        // Braces and colons have a meaning in labels.
        let cause = cause.replace(['{', '}', ':'], "");
        let from = if from == "*" { "any" } else { &from };
        let _ = writeln!(text, "    {from} --> {to}: {cause}");
    }
    text
}

/// As a graph for Graphviz.
pub(super) fn dot(kind: &str, lifecycle: &Lifecycle) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = format!("digraph {} {{\n", quoted(kind));
    for Step { from, to, cause } in steps(lifecycle) {
        let _ = writeln!(text, "    {} -> {} [label={}];", quoted(&from), quoted(&to), quoted(&cause));
    }
    text.push_str("}\n");
    text
}
