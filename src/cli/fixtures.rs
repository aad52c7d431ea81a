use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::api::ApiOptions;
use super::support::fixtures::{make, write};
use super::support::output::print;
use super::{CliError, Exit};
use crate::diagnostics::nearest;
use crate::diagnostics::path_text;
use crate::fixtures::coverage::Coverage;
use crate::fixtures::formats::{self, Format, Recipe};
use crate::fixtures::{About, Fixtures, Wanted, changes, findings};
use crate::openapi::load::{self, LoadError};
use crate::pipeline::Engine;
use crate::scenarios::Shard;

/// Generate contract fixtures: requests with the responses they get
///
/// For each operation: a request that succeeds, and requests around it that are rejected, with one violation each. For each
/// quirk that is on: the steps of its proof. For each given scenario or workflow document, and for the selected scenario:
/// its steps in order.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin fixtures --out fixtures/\n  standin fixtures --operation '*/payment/client_packages*' --status 2xx,422 --out fixtures/\n  standin fixtures --format pact --out pacts/\n  standin fixtures --coverage coverage.html\n  standin fixtures --check fixtures/"
)]
pub(super) struct MakeFixtures {
    /// Scenarios with steps and workflow documents, whose steps become fixtures
    workflows: Vec<PathBuf>,

    /// Only these operations: `METHOD /path` or a path; `*` matches any text; may be repeated
    #[arg(long, value_name = "GLOB")]
    operation: Vec<String>,

    /// Only responses of these statuses, such as 2xx or 422
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<String>,

    /// Only one part of the operations, such as 2/8: the second of eight CI jobs
    #[arg(long, value_name = "N/COUNT")]
    shard: Option<Shard>,

    /// Output format
    #[arg(long, default_value = "json", value_parser = format())]
    format: &'static dyn Format,

    /// Folder to write to. Without it, formats with a single file are printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Compare with an existing folder instead, and list what changed by its cause. Options that are not set are taken from
    /// its index.json
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "format"])]
    check: Option<PathBuf>,

    /// Replace fixtures in the folder that were made with other options
    #[arg(long, requires = "out")]
    force: bool,

    /// Write a page that shows which operations and statuses have fixtures, and needs no other file
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    coverage: Option<PathBuf>,

    /// Print the summary, or the changes, as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    api: ApiOptions,
}

impl MakeFixtures {
    pub(super) fn run(mut self) -> Result<Exit, CliError> {
        if let Some(folder) = self.check.take() {
            return self.check(&folder);
        }
        let engine = self.api.engine()?;
        let wanted = self.wanted();
        let fixtures = make(&engine, &self.api, &wanted)?;
        self.reject_unmatched_patterns(&fixtures)?;
        let operations = engine.contract().operations.iter().filter(|operation| wanted.operation(&operation.key));
        let coverage = Coverage::of(operations, &fixtures.list);
        if let Some(path) = &self.coverage {
            std::fs::write(path, coverage.html()).map_err(|error| {
                CliError::Usage(format!(
                    "cannot write {}: {error}; choose another file with --coverage",
                    path_text(path)
                ))
            })?;
        }
        match &self.out {
            None if self.coverage.is_some() => {}
            Some(folder) => {
                write(folder, &formats::folder(&fixtures, self.format), self.force)?;
                print(&if self.json { format!("{:#}\n", coverage.json()) } else { coverage.text() })?;
            }
            None => {
                let files = self.format.write(&fixtures);
                let [file] = files.as_slice() else {
                    let (name, count) = (self.format.name(), files.len() + 1);
                    return Err(CliError::Usage(format!("{name} writes {count} files; set a folder with --out DIR")));
                };
                print(&file.text)?;
            }
        }
        Ok(if fixtures.list.is_empty() { Exit::NothingToRun } else { Exit::Success })
    }

    fn wanted(&self) -> Wanted {
        let workflows = self.workflows.iter().map(|path| path_text(path)).collect();
        Wanted { operations: self.operation.clone(), statuses: self.status.clone(), shard: self.shard, workflows }
    }

    /// Rejects patterns that match no operation; they are misspelt.
    fn reject_unmatched_patterns(&self, fixtures: &Fixtures<'_>) -> Result<(), CliError> {
        let operations = &fixtures.engine.contract().operations;
        for pattern in &self.operation {
            let wanted = Wanted { operations: vec![pattern.clone()], ..Wanted::default() };
            let is_matched = operations.iter().any(|operation| wanted.operation(&operation.key))
                || fixtures.list.iter().any(|fixture| wanted.operation(&fixture.point.key()));
            if !is_matched {
                let keys = operations.iter().map(|operation| &*operation.key);
                let near = nearest(pattern, keys).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                return Err(CliError::Usage(format!(
                    "--operation: no operation matches `{pattern}`; {near}`standin routes` lists them"
                )));
            }
        }
        Ok(())
    }

    /// Makes the fixtures of a folder again and compares.
    fn check(mut self, folder: &Path) -> Result<Exit, CliError> {
        let path = folder.join(formats::INDEX);
        let Recipe { about, wanted, format, files, .. } = read_index(&path)?;
        let engine = self.api.engine()?;
        self.apply(about, &engine, &path)?;
        let wanted = Some(self.wanted()).filter(|wanted| *wanted != Wanted::default()).unwrap_or(wanted);
        let format =
            formats::named(&format).ok_or_else(|| invalid_index(&path, &format!("unknown format `{format}`")))?;
        let made = formats::folder(&make(&engine, &self.api, &wanted)?, format);
        let old = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
        let changes = changes::compare_files(&files, &made, &old);
        let now = |path: &str| made.iter().find(|file| file.path == path).map(|file| file.text.clone());
        let findings = findings::find(&engine, &changes, &old, &now);
        print(&match self.json {
            true => format!("{:#}\n", json!({"findings": findings, "changes": changes})),
            false => changes::text(&changes, &findings),
        })?;
        Ok(if changes.is_empty() { Exit::Success } else { Exit::Failure })
    }

    /// Sets the options that the command line does not set.
    fn apply(&mut self, about: About, engine: &Engine, path: &Path) -> Result<(), CliError> {
        if self.api.scenario.is_none() {
            if engine.scenarios().find(&about.scenario).is_none() {
                return Err(CliError::Usage(format!(
                    "{}: the API has no scenario `{}`; set the scenario's file with --scenario",
                    path_text(path),
                    about.scenario
                )));
            }
            self.api.scenario = Some(about.scenario);
        }
        self.api.seed = self.api.seed.or(about.seed);
        self.api.now = self.api.now.or(Some(about.now));
        if self.api.quirks.is_none() && self.api.quirk.is_empty() {
            (self.api.quirks, self.api.quirk) = (about.quirks, about.quirk);
        }
        Ok(())
    }
}

fn read_index(path: &Path) -> Result<Recipe, CliError> {
    let index = load::read(path).map_err(|error| match error {
        LoadError::Unreadable { error, .. } => invalid_index(path, &error),
        other => other.into(),
    })?;
    Recipe::read(&index.text).map_err(|error| invalid_index(path, &error))
}

fn invalid_index(path: &Path, error: &dyn std::fmt::Display) -> CliError {
    CliError::Usage(format!("{}: {error}; `standin fixtures --out DIR` writes an index", path_text(path)))
}

/// Accepts the name of a format; the help lists all.
fn format() -> impl TypedValueParser<Value = &'static dyn Format> {
    let names = formats::ALL.map(|format| PossibleValue::new(format.name()).help(format.about()));
    PossibleValuesParser::new(names).map(|name| formats::named(&name).expect("clap accepts the listed names only"))
}

fn status(text: &str) -> Result<String, String> {
    let is_status =
        matches!(text.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] | [b'1'..=b'5', b'x' | b'X', b'x' | b'X']);
    if is_status { Ok(text.to_owned()) } else { Err("write a status such as 422, or a class such as 2xx".to_owned()) }
}
