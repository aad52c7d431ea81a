//! What several commands share. Commands do not import each other.

pub(super) mod address_space;
pub(super) mod browser;
pub(super) mod file_kind;
pub(super) mod fixtures;
pub(super) mod inputs;
pub(super) mod notes;
pub(super) mod output;
pub(super) mod sarif;
pub(super) mod servers;
pub(super) mod signals;

use crate::admin;

/// The part of the help of `serve` that lists the control API, with examples.
pub(super) fn control_api_help() -> String {
    let width = admin::ROUTES.iter().map(|route| route.method.as_str().len() + route.path.len() + 1).max().unwrap_or(0);
    let line =
        |route: &admin::Route| format!("  {:width$}  {}\n", format!("{} {}", route.method, route.path), route.summary);
    let routes: String = admin::ROUTES.iter().map(line).collect();
    format!(
        "Control API:\n{routes}\n\
         Examples:\n  \
         standin serve\n  \
         standin serve --swagger my-api/ --port 8080\n  \
         standin serve --quirks documented --quirk +packages-feature-gate --verbose"
    )
}
