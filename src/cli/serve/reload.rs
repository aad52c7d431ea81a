use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use notify::RecommendedWatcher;

use super::load::{Loaded, Loader};
use super::sources::Sources;
use super::watch::watch;
use crate::cli::CliError;
use crate::cli::support::notes::format_notes;
use crate::cli::support::output::print_status;
use crate::openapi::{Code, Note, Severity};
use crate::pipeline::{Engine, Mock};

/// How long files must be left alone before they are read: programs write a file in several steps.
const QUIET: Duration = Duration::from_millis(100);
/// How long a reload is put off at most while files change all the time.
const MAX_WAIT: Duration = Duration::from_secs(1);
/// How often the files are read again because they have changed while they were read.
const MAX_TRIES: usize = 10;

/// Why the files are read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trigger {
    /// A file may have changed.
    Files,
    /// SIGHUP was received.
    Signal,
}

/// Replaces the engine of a mock when the files of its API change.
pub(super) struct Reloader {
    loader: Loader,
    mock: Arc<Mock>,
    /// The files that references led to when the API was last read.
    referenced: BTreeSet<PathBuf>,
    /// The files as they were last loaded, with success or without.
    sources: Sources,
    /// Whether they could not be loaded.
    is_broken: bool,
    /// Receives what the watch reports; `None` if files are not watched.
    report: Option<Sender<Trigger>>,
    watcher: Option<RecommendedWatcher>,
}

impl Reloader {
    /// Reloads the API that a mock serves now from these sources.
    pub(super) fn new(loader: Loader, mock: Arc<Mock>, sources: Sources) -> Self {
        let referenced = mock.engine().contract().referenced_files.clone();
        Self { loader, mock, referenced, sources, is_broken: false, report: None, watcher: None }
    }

    /// Watches the files: changes trigger a reload.
    ///
    /// # Errors
    /// When there is no file, or the system cannot watch one.
    pub(super) fn watch(&mut self, report: &Sender<Trigger>) -> Result<(), CliError> {
        if self.sources.is_empty() {
            let advice = "name contracts with --swagger, or a file with --scenario";
            return Err(CliError::Usage(format!("--watch: the API is embedded and has no files to watch; {advice}")));
        }
        self.report = Some(report.clone());
        let watched = self.watch_again(&self.sources.clone());
        watched.map_err(|error| CliError::Usage(format!("--watch: {error}")))?;
        // A file may have changed after it was read and before it was watched.
        let _ = report.send(Trigger::Files);
        Ok(())
    }

    /// Reloads on each trigger, until there can be no further one.
    pub(super) fn run(mut self, triggers: &Receiver<Trigger>) {
        while let Ok(first) = triggers.recv() {
            let is_asked = settle(first, triggers);
            // As for requests, a panic is a bug and costs only the reload.
            if catch_unwind(AssertUnwindSafe(|| self.reload(is_asked))).is_err() {
                print_status("not reloaded: the API is served as it was before");
            }
        }
    }

    /// Loads the files if they have changed. `is_asked` is whether the user waits for the result.
    fn reload(&mut self, is_asked: bool) {
        let mut changes = String::new();
        for _ in 0..MAX_TRIES {
            let before = Sources::read(&self.loader.api, &self.referenced);
            if before == self.sources && !(is_asked && self.is_broken) {
                if is_asked {
                    print_status("not reloaded: no file has changed");
                }
                return;
            }
            if changes.is_empty() {
                changes = before.changes(&self.sources);
            }
            let loaded = self.loader.load();
            if let Ok(loaded) = &loaded {
                self.referenced.clone_from(&loaded.engine.contract().referenced_files);
                let sources = Sources::of(&self.loader.api, &loaded.folder, &self.referenced);
                if let Err(error) = self.watch_again(&sources) {
                    print_status(&format!("warning: some files are not watched: {error}"));
                }
            }
            // Files that have changed meanwhile were perhaps read in part, or were not watched yet.
            if Sources::read(&self.loader.api, &self.referenced) == before {
                self.sources = before;
                return self.finish(loaded, &changes);
            }
        }
    }

    /// Serves what was loaded, or reports what is wrong with it.
    fn finish(&mut self, loaded: Result<Loaded, CliError>, changes: &str) {
        let checked = loaded.and_then(|loaded| self.check(loaded));
        self.is_broken = checked.is_err();
        match checked {
            Ok(Loaded { engine, state, .. }) => {
                let (operations, quirks) = (engine.contract().operations.len(), engine.quirks().iter().count());
                self.mock.replace(engine, state);
                print_status(&format!("reloaded: {operations} operations, {quirks} quirks ({changes} changed)"));
            }
            Err(error) => {
                error.report();
                print_status("not reloaded: the API is served as it was before");
            }
        }
    }

    /// Rejects an API in which something was lost because a contract is broken. At the start such a contract is served as
    /// far as possible; here a better one is served already.
    fn check(&self, loaded: Loaded) -> Result<Loaded, CliError> {
        let current = self.mock.engine();
        let notes = &loaded.engine.contract().notes;
        let lost: Vec<Note> = notes.iter().filter(|note| is_loss(&current, note)).cloned().collect();
        match lost.is_empty() {
            true => Ok(loaded),
            false => Err(CliError::NewProblems(format_notes(&loaded.folder, &lost))),
        }
    }

    fn watch_again(&mut self, sources: &Sources) -> Result<(), notify::Error> {
        let Some(report) = self.report.clone() else { return Ok(()) };
        // The thread that receives the triggers may have ended.
        let report = move || {
            let _ = report.send(Trigger::Files);
        };
        let api = &self.loader.api;
        let given: Vec<PathBuf> = api.swagger.iter().cloned().chain(api.scenario_file().map(Into::into)).collect();
        // The watcher before is dropped only now, so that no change is missed.
        drop(self.watcher.replace(watch(&given, sources, report)?));
        Ok(())
    }
}

/// Whether a note about new contracts says that something is lost which the current engine has.
fn is_loss(current: &Engine, note: &Note) -> bool {
    let contract = current.contract();
    let is_known = |known: &Note| {
        (&known.file, known.code) == (&note.file, note.code)
            && (known.pointer == note.pointer || known.message == note.message)
    };
    let is_loss = match note.code {
        Code::RefDangling => true,
        Code::NotAContract => contract.operations.iter().any(|operation| *operation.file == note.file),
        code => code.explanation().severity == Severity::Error,
    };
    is_loss && !contract.notes.iter().any(is_known)
}

/// Waits until no further trigger comes for a moment; returns whether a signal is among them.
fn settle(first: Trigger, triggers: &Receiver<Trigger>) -> bool {
    let until = Instant::now() + MAX_WAIT;
    let mut is_asked = first == Trigger::Signal;
    while Instant::now() < until {
        match triggers.recv_timeout(QUIET) {
            Ok(trigger) => is_asked |= trigger == Trigger::Signal,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    is_asked
}
