use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;

use super::api::{ApiOptions, read_all};
use super::{Exit, Stop, print, progress};
use crate::engine::{Engine, Session};
use crate::fixtures::coverage::Coverage;
use crate::fixtures::formats::{self, File, Format};
use crate::fixtures::{About, Fixtures, Source, Wanted};
use crate::scenarios::{NOW, Stories, credentials};

/// Makes contract fixtures: requests with the answers that they get
///
/// For each operation a request that succeeds and those around it that are refused, one violation at a time; for each
/// quirk that is on the steps of its proof; for each story that is named, and for the scenario's own, its steps in order.
#[derive(Debug, Args)]
pub(super) struct MakeFixtures {
    /// Scenarios with steps and workflow documents, whose steps become fixtures
    stories: Vec<PathBuf>,

    #[command(flatten)]
    api: ApiOptions,

    /// Only these operations: `METHOD /path` or a path, `*` stands for any text
    #[arg(long, value_name = "GLOB")]
    operation: Vec<String>,

    /// Only answers of these statuses, such as 2xx or 422
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    status: Vec<String>,

    /// The format
    #[arg(long, default_value = "json", value_parser = format)]
    format: &'static dyn Format,

    /// The folder to write to. Without it a format of one file is printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,

    /// The summary as JSON
    #[arg(long)]
    json: bool,
}

impl MakeFixtures {
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let engine = self.api.engine()?;
        let wanted = Wanted { operations: self.operation.clone(), statuses: self.status.clone() };
        let fixtures = make(&engine, &self.api, &wanted, &self.stories)?;
        let files = self.format.write(&fixtures);
        let operations = engine.contract().operations.iter().filter(|operation| wanted.operation(&operation.key));
        let coverage = Coverage::of(operations, &fixtures.list);
        let summary = || if self.json { format!("{:#}\n", coverage.json()) } else { coverage.text() };
        match &self.out {
            Some(folder) => {
                write(folder, &files)?;
                print(&summary());
            }
            None => {
                // The index is a folder's; what is printed needs none.
                let printed: Vec<&File> = files.iter().filter(|file| file.path != formats::INDEX).collect();
                let [one] = printed.as_slice() else {
                    let (name, count) = (self.format.name(), files.len());
                    return Err(Stop::Usage(format!(
                        "{name} writes {count} files; name a folder for them with --out DIR"
                    )));
                };
                print(&one.text);
            }
        }
        Ok(if fixtures.list.is_empty() { Exit::NothingRan } else { Exit::Success })
    }
}

/// The fixtures of an API in the state that the options describe.
pub(super) fn make(engine: &Engine, api: &ApiOptions, wanted: &Wanted, stories: &[PathBuf]) -> Result<Fixtures, Stop> {
    let scenario = api.scenario(engine)?;
    let now = api.now.or(scenario.now).unwrap_or(NOW);
    let world = api.world(engine, &scenario, now, true)?;
    let credentials = credentials(&world, &scenario);
    let mut told = Stories::read(&read_all(stories)?)?;
    if !scenario.steps.is_empty() {
        told.list.extend(Stories::read(std::slice::from_ref(&scenario.source))?.list);
    }
    let about =
        About { scenario: scenario.name, seed: api.seed, now, quirks: api.quirks.clone(), quirk: api.quirk.clone() };
    let world = Session::new(world);
    let source = Source { engine, world: &world, credentials: &credentials, stories: &told, about };
    let bar = progress(Fixtures::count(&source, wanted));
    let fixtures = Fixtures::make(&source, wanted, &|| bar.inc(1));
    bar.finish_and_clear();
    Ok(fixtures)
}

/// Writes files below a folder. What an earlier run wrote there and this one did not is taken away: the index says what
/// that was, and nothing else is touched.
fn write(folder: &Path, files: &[File]) -> Result<(), Stop> {
    let now: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    for old in formats::listed(&std::fs::read_to_string(folder.join(formats::INDEX)).unwrap_or_default()) {
        if !now.contains(old.as_str()) {
            let _ = std::fs::remove_file(folder.join(old));
        }
    }
    for file in files {
        let path = folder.join(&file.path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, &file.text)?;
    }
    Ok(())
}

fn format(name: &str) -> Result<&'static dyn Format, String> {
    let names: Vec<&str> = formats::ALL.iter().map(|format| format.name()).collect();
    formats::named(name).ok_or_else(|| format!("write one of {}", names.join(", ")))
}
