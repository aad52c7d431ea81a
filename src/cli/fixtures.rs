use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde_json::json;

use super::api::{ApiOptions, read_all};
use super::serve::summary;
use super::{CliError, Exit, print, print_status, progress};
use crate::diagnostics::nearest;
use crate::fixtures::changes;
use crate::fixtures::coverage::Coverage;
use crate::fixtures::formats::{self, File, Format};
use crate::fixtures::{About, Fixtures, Source, Wanted};
use crate::openapi::load::{self, LoadError};
use crate::pipeline::{Engine, Session};
use crate::scenarios::{NOW, Scenario, Workflows, credentials};

/// Makes contract fixtures: requests with the answers that they get
///
/// For each operation a request that succeeds and those around it that are refused, one violation at a time; for each
/// quirk that is on the steps of its proof; for each story that is named, and for the scenario's own, its steps in order.
#[derive(Debug, Args)]
pub(super) struct MakeFixtures {
    /// Scenarios with steps and workflow documents, whose steps become fixtures
    workflows: Vec<PathBuf>,

    #[command(flatten)]
    api: ApiOptions,

    /// Only these operations: `METHOD /path` or a path, `*` stands for any text
    #[arg(long, value_name = "GLOB")]
    operation: Vec<String>,

    /// Only answers of these statuses, such as 2xx or 422
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = status)]
    status: Vec<String>,

    /// The format
    #[arg(long, default_value = "json", value_parser = format())]
    format: &'static dyn Format,

    /// The folder to write to. Without it a format of one file is printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// Replaces fixtures in the folder that were made with other options
    #[arg(long, requires = "out")]
    force: bool,

    /// Compares with what such a folder holds instead, and tells what is added, gone and changed. What is not said on the
    /// command line is as its index says
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "format"])]
    check: Option<PathBuf>,

    /// The summary, or what has changed, as JSON
    #[arg(long)]
    json: bool,
}

impl MakeFixtures {
    pub(super) fn run(mut self) -> Result<Exit, CliError> {
        if let Some(folder) = self.check.take() {
            return self.check(&folder);
        }
        let engine = self.api.engine()?;
        let wanted = self.wanted();
        let fixtures = make(&engine, &self.api, &wanted)?;
        self.no_operation_is_misspelt(&fixtures)?;
        let operations = engine.contract().operations.iter().filter(|operation| wanted.operation(&operation.key));
        let coverage = Coverage::of(operations, &fixtures.list);
        let summary = || if self.json { format!("{:#}\n", coverage.json()) } else { coverage.text() };
        match &self.out {
            Some(folder) => {
                write(folder, &formats::folder(&fixtures, self.format), self.force)?;
                print(&summary())?;
            }
            None => {
                let files = self.format.write(&fixtures);
                let [one] = files.as_slice() else {
                    let (name, count) = (self.format.name(), files.len() + 1);
                    return Err(CliError::Usage(format!(
                        "{name} writes {count} files; name a folder for them with --out DIR"
                    )));
                };
                print(&one.text)?;
            }
        }
        Ok(if fixtures.list.is_empty() { Exit::NothingToRun } else { Exit::Success })
    }

    fn wanted(&self) -> Wanted {
        let workflows = self.workflows.iter().map(|path| path.display().to_string()).collect();
        Wanted { operations: self.operation.clone(), statuses: self.status.clone(), workflows }
    }

    /// Refuses a pattern of operations that nothing is like: whoever wrote it would find an empty folder.
    fn no_operation_is_misspelt(&self, fixtures: &Fixtures<'_>) -> Result<(), CliError> {
        let operations = &fixtures.engine.contract().operations;
        for pattern in &self.operation {
            let wanted = Wanted { operations: vec![pattern.clone()], ..Wanted::default() };
            let is_of_use = operations.iter().any(|operation| wanted.operation(&operation.key))
                || fixtures.list.iter().any(|fixture| wanted.operation(&fixture.point.key()));
            if !is_of_use {
                let keys = operations.iter().map(|operation| operation.key.as_str());
                let near = nearest(pattern, keys).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
                return Err(CliError::Usage(format!(
                    "--operation: there is none like `{pattern}`; {near}`standin routes` lists them"
                )));
            }
        }
        Ok(())
    }

    /// Makes the fixtures of a folder again.
    fn check(mut self, folder: &Path) -> Result<Exit, CliError> {
        let path = folder.join(formats::INDEX);
        let advised = |why: &dyn std::fmt::Display| {
            CliError::Usage(format!("{}: {why}; `standin fixtures --out DIR` writes one", path.display()))
        };
        let index = load::read(&path).map_err(|error| match error {
            LoadError::Unreadable { error, .. } => advised(&error),
            other => other.into(),
        })?;
        let recipe = formats::Recipe::read(&index.text).map_err(|why| advised(&why))?;
        let about = recipe.about;
        if self.api.scenario.is_none() {
            let name = Scenario::embedded(&about.scenario).map(|_| about.scenario.clone()).ok_or_else(|| {
                let (path, scenario) = (path.display(), &about.scenario);
                CliError::Usage(format!(
                    "{path}: its scenario `{scenario}` is not embedded; name the scenario's file with --scenario"
                ))
            })?;
            self.api.scenario = Some(name);
        }
        self.api.seed = self.api.seed.or(about.seed);
        self.api.now = self.api.now.or(Some(about.now));
        if self.api.quirks.is_none() && self.api.quirk.is_empty() {
            (self.api.quirks, self.api.quirk) = (about.quirks, about.quirk);
        }
        let wanted = Some(self.wanted()).filter(|wanted| *wanted != Wanted::default()).unwrap_or(recipe.wanted);
        let format = formats::named(&recipe.format)
            .ok_or_else(|| advised(&format!("there is no format `{}`", recipe.format)))?;
        let engine = self.api.engine()?;
        let now = formats::folder(&make(&engine, &self.api, &wanted)?, format);
        let old = |path: &str| std::fs::read_to_string(folder.join(path)).ok();
        let changes = changes::compare_files(&recipe.files, &now, &old);
        print(&if self.json { format!("{:#}\n", json!({"changes": changes})) } else { changes::text(&changes) })?;
        Ok(if changes.is_empty() { Exit::Success } else { Exit::Failure })
    }
}

/// The fixtures of an API in the state that the options describe.
pub(super) fn make<'a>(engine: &'a Engine, api: &ApiOptions, wanted: &Wanted) -> Result<Fixtures<'a>, CliError> {
    let scenario = api.scenario(engine)?;
    let now = api.now.or(scenario.now).unwrap_or(NOW);
    let state = api.state(engine, &scenario, now, true)?;
    let credentials = credentials(&state, &scenario);
    if let Some(summary) = summary(engine) {
        print_status(&summary);
    }
    let mut told = Workflows::read(&read_all(&wanted.workflows.iter().map(PathBuf::from).collect::<Vec<_>>())?)?;
    for file in &told.ignored_files {
        print_status(&format!("note: {file} is neither a scenario nor a workflow document"));
    }
    if !scenario.steps.is_empty() {
        told.list.extend(Workflows::read(std::slice::from_ref(&scenario.source))?.list);
    }
    let about =
        About { scenario: scenario.name, seed: api.seed, now, quirks: api.quirks.clone(), quirk: api.quirk.clone() };
    let state = Session::new(state);
    let source = Source { engine, state: &state, credentials: &credentials, workflows: &told, about };
    let bar = progress(Fixtures::count(&source, wanted));
    let fixtures = Fixtures::make(&source, wanted, &|| bar.inc(1));
    bar.finish_and_clear();
    Ok(fixtures)
}

/// Writes files below a folder and removes those of an earlier run that are not made any more. `force` replaces other
/// fixtures; files that the index of the folder does not list stay.
pub(super) fn write(folder: &Path, files: &[File], force: bool) -> Result<(), CliError> {
    let read =
        |path: &str| std::fs::read(folder.join(path)).ok().map(|text| String::from_utf8_lossy(&text).into_owned());
    let obsolete = match formats::plan_update(files, &read) {
        Ok(obsolete) => obsolete,
        Err(_) if force => {
            let listed = formats::Recipe::read(&read(formats::INDEX).unwrap_or_default()).map(|recipe| recipe.files);
            formats::obsolete_files(&listed.unwrap_or_default(), files)
        }
        Err(why) => {
            let folder = folder.display();
            return Err(CliError::Usage(format!("--out {folder}: {why}; name another folder, or add --force")));
        }
    };
    for path in &obsolete {
        let _ = std::fs::remove_file(folder.join(path));
    }
    if !obsolete.is_empty() {
        print_status(&format!("removed {} files of an earlier run", obsolete.len()));
    }
    for file in files {
        let path = folder.join(&file.path);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        made.and_then(|()| std::fs::write(&path, &file.text)).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(())
}

/// A file that was to be written and cannot be.
pub(super) fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Usage(format!("cannot write {}: {error}; name another place with --out", path.display()))
}

/// Each format by its name, with a line about it.
fn format() -> impl TypedValueParser<Value = &'static dyn Format> {
    let names = formats::ALL.map(|format| PossibleValue::new(format.name()).help(format.about()));
    PossibleValuesParser::new(names).map(|name| formats::named(&name).expect("it is one of the names"))
}

fn status(text: &str) -> Result<String, String> {
    let is_status =
        matches!(text.as_bytes(), [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] | [b'1'..=b'5', b'x' | b'X', b'x' | b'X']);
    if is_status { Ok(text.to_owned()) } else { Err("write a status such as 422, or a class such as 2xx".to_owned()) }
}
