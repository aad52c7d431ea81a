//! Writes the session `default` to the file of `--state` while the server runs.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use super::state_file::StateFile;
use crate::cli::CliError;
use crate::cli::support::output::print_status;
use crate::diagnostics::path_text;
use crate::pipeline::Mock;
use crate::scenarios::{SnapshotFormat, write_snapshot};
use crate::session::SessionVersion;

/// How the state is saved.
#[derive(Clone, Copy, Debug)]
pub(super) struct SaveOptions {
    /// The time between two looks for changes.
    pub(super) interval: Duration,
    /// Whether credentials are saved.
    pub(super) secrets: bool,
}

/// A thread that saves the state. Requests do not wait for it: it works on forks.
pub(super) struct Saver {
    stop: Sender<()>,
    thread: JoinHandle<Result<(), CliError>>,
}

struct Work {
    mock: Arc<Mock>,
    file: StateFile,
    options: SaveOptions,
    /// The version of the session that the file has.
    saved: Option<SessionVersion>,
    /// Whether an error was reported since the last success.
    is_reported: bool,
}

impl Saver {
    /// Starts the thread. `is_loaded` if the session has the state of the file.
    pub(super) fn start(mock: Arc<Mock>, file: StateFile, options: SaveOptions, is_loaded: bool) -> Self {
        let saved = is_loaded.then(|| mock.sessions().default_session().version());
        let (stop, stopped) = channel();
        let work = Work { mock, file, options, saved, is_reported: false };
        Self { stop, thread: std::thread::spawn(move || work.run(&stopped)) }
    }

    /// Saves the state for the last time.
    ///
    /// # Errors
    /// If that fails.
    pub(super) fn finish(self) -> Result<(), CliError> {
        drop(self.stop);
        self.thread.join().unwrap_or_else(|_| Err(CliError::System(io::Error::other("the state was not written"))))
    }
}

impl Work {
    fn run(mut self, stopped: &Receiver<()>) -> Result<(), CliError> {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(self.options.interval) {
            let version = self.mock.sessions().default_session().version();
            if self.saved == Some(version) {
                continue;
            }
            match self.save() {
                Ok(()) => self.is_reported = false,
                Err(error) if !self.is_reported => {
                    self.is_reported = true;
                    let path = path_text(self.file.path());
                    print_status(&format!("error: cannot write {path}: {error}; the next attempts are not reported"));
                }
                Err(_) => {}
            }
        }
        let path = self.file.path().to_owned();
        self.save().map_err(|error| CliError::StateNotWritten { path, error })
    }

    fn save(&mut self) -> io::Result<()> {
        let session = self.mock.sessions().default_session();
        let (state, version) = session.state_and_version();
        let form = (self.options.secrets, SnapshotFormat::Json);
        let text = write_snapshot(&self.mock.engine(), state, session.id(), Timestamp::now(), form);
        self.file.write(text.into_pieces())?;
        self.saved = Some(version);
        Ok(())
    }
}
