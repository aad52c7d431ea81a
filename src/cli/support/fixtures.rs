//! Making fixtures and writing them to folders.

use std::path::{Path, PathBuf};

use super::inputs::read_all;
use super::notes::summary;
use super::output::{print_status, progress};
use crate::cli::CliError;
use crate::cli::api::ApiOptions;
use crate::diagnostics::path_text;
use crate::fixtures::formats::{self, File};
use crate::fixtures::{About, Fixtures, Source, Wanted};
use crate::pipeline::{Engine, Session};
use crate::request::Clock;
use crate::scenarios::{NOW, Workflows, credentials};

/// Makes the fixtures of an API in the state that the options describe.
pub(crate) fn make<'a>(engine: &'a Engine, api: &ApiOptions, wanted: &Wanted) -> Result<Fixtures<'a>, CliError> {
    let scenario = api.scenario(engine)?;
    let now = api.now.or(scenario.now).unwrap_or(NOW);
    let state = api.state(engine, &scenario, Clock::Frozen(now))?;
    let credentials = credentials(engine, &state, &scenario);
    if let Some(summary) = summary(engine) {
        print_status(&summary);
    }
    let paths: Vec<PathBuf> = wanted.workflows.iter().map(PathBuf::from).collect();
    let mut workflows = Workflows::read_in(&read_all(&paths)?, engine.scenarios())?;
    report_ignored_files(&workflows);
    if !scenario.steps.is_empty() {
        workflows.list.extend(Workflows::read_in(std::slice::from_ref(&scenario.source), engine.scenarios())?.list);
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
pub(crate) fn report_ignored_files(workflows: &Workflows) {
    for file in &workflows.ignored_files {
        print_status(&format!("note: {file} is neither a scenario nor a workflow document"));
    }
}

/// Writes files below a folder and removes those of an earlier run that are not made any more. `force` replaces other
/// fixtures; files that the index of the folder does not list stay.
pub(crate) fn write(folder: &Path, files: &[File], force: bool) -> Result<(), CliError> {
    let read =
        |path: &str| std::fs::read(folder.join(path)).ok().map(|text| String::from_utf8_lossy(&text).into_owned());
    let obsolete = match formats::plan_update(files, &read) {
        Ok(obsolete) => obsolete,
        Err(_) if force => {
            let listed = formats::Recipe::read(&read(formats::INDEX).unwrap_or_default()).map(|recipe| recipe.files);
            formats::obsolete_files(&listed.unwrap_or_default(), files)
        }
        Err(why) => {
            let folder = path_text(folder);
            return Err(CliError::Usage(format!("--out {folder}: {why}; name another folder, or add --force")));
        }
    };
    std::fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    let root = folder.canonicalize().map_err(|error| cannot_write(folder, &error))?;
    let (index, others): (Vec<&File>, Vec<&File>) = files.iter().partition(|file| file.path == formats::INDEX);
    for file in others {
        let path = folder.join(&file.path);
        let below = path.parent().unwrap_or(folder);
        let existing = below.ancestors().find(|folder| folder.exists());
        if !existing.is_some_and(|existing| is_inside(&root, existing)) {
            return Err(CliError::Usage(format!("{} leads out of {} by a link", path_text(&path), path_text(folder))));
        }
        std::fs::create_dir_all(below).map_err(|error| cannot_write(below, &error))?;
        replace_file(&path, &file.text)?;
    }
    let removed = obsolete.iter().filter(|path| remove(&root, &folder.join(path))).count();
    if removed > 0 {
        print_status(&format!("removed {removed} files of an earlier run"));
    }
    // The index comes last: a folder with an index is complete.
    index.into_iter().try_for_each(|file| replace_file(&folder.join(&file.path), &file.text))
}

/// Whether a folder is a folder or one below it, links resolved.
fn is_inside(root: &Path, folder: &Path) -> bool {
    folder.canonicalize().is_ok_and(|folder| folder.starts_with(root))
}

/// Removes a file that lies in a folder when links are resolved; a link itself is removed, not what it names.
fn remove(root: &Path, path: &Path) -> bool {
    path.parent().is_some_and(|folder| is_inside(root, folder)) && std::fs::remove_file(path).is_ok()
}

/// Writes a file as a whole: under another name, which then becomes its own. A link is replaced, not what it names.
fn replace_file(path: &Path, text: &str) -> Result<(), CliError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&part);
        cannot_write(path, &error)
    })
}

/// The error of a file that cannot be written.
pub(crate) fn cannot_write(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Usage(format!("cannot write {}: {error}; choose another path with --out", path_text(path)))
}
