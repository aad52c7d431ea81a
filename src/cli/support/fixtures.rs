//! Making fixtures and writing them to folders.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::inputs::read_all;
use super::notes::summary;
use super::output::{print_status, progress};
use crate::cli::CliError;
use crate::cli::api::ApiOptions;
use crate::fixtures::formats::{self, File};
use crate::fixtures::{About, Fixtures, Source, Wanted};
use crate::pipeline::{Engine, Session};
use crate::scenarios::{NOW, Workflows, credentials};

/// Makes the fixtures of an API in the state that the options describe.
pub(crate) fn make<'a>(engine: &'a Engine, api: &ApiOptions, wanted: &Wanted) -> Result<Fixtures<'a>, CliError> {
    let scenario = api.scenario(engine)?;
    let now = api.now.or(scenario.now).unwrap_or(NOW);
    let state = api.state(engine, &scenario, now, true)?;
    let credentials = credentials(engine, &state, &scenario);
    if let Some(summary) = summary(engine) {
        print_status(&summary);
    }
    let paths: Vec<PathBuf> = wanted.workflows.iter().map(PathBuf::from).collect();
    let mut workflows = Workflows::read(&read_all(&paths)?)?;
    report_passed_over(&workflows);
    if !scenario.steps.is_empty() {
        workflows.list.extend(Workflows::read(std::slice::from_ref(&scenario.source))?.list);
    }
    let about =
        About { scenario: scenario.name, seed: api.seed, now, quirks: api.quirks.clone(), quirk: api.quirk.clone() };
    let state = Session::new(state);
    let source = Source { engine, state: &state, credentials: &credentials, workflows: &workflows, about };
    let bar = progress(Fixtures::count(&source, wanted));
    let fixtures = Fixtures::make(&source, wanted, &|| bar.inc(1));
    bar.finish_and_clear();
    Ok(fixtures)
}

/// Prints which files are neither scenarios nor workflow documents.
pub(crate) fn report_passed_over(workflows: &Workflows) {
    for file in &workflows.passed_over {
        print_status(&format!("note: {file} is neither a scenario nor a workflow document"));
    }
}

/// Writes files below a folder. Files that its index lists and that are not written again are removed; others stay.
pub(crate) fn write(folder: &Path, files: &[File]) -> Result<(), CliError> {
    let written: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    let index = std::fs::read_to_string(folder.join(formats::INDEX)).unwrap_or_default();
    for old in formats::Recipe::read(&index).map(|recipe| recipe.files).unwrap_or_default() {
        if !written.contains(old.as_str()) {
            let _ = std::fs::remove_file(folder.join(old));
        }
    }
    for file in files {
        let path = folder.join(&file.path);
        let created = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        created.and_then(|()| std::fs::write(&path, &file.text)).map_err(|error| cannot_write(&path, &error))?;
    }
    Ok(())
}

/// The error of a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Usage(format!("cannot write {}: {error}; choose another path with --out", path.display()))
}
