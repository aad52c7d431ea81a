//! The file of `--state`: a snapshot of the session `default` that survives a crash at any point.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::CliError;
use crate::diagnostics::SourceFile;
use crate::diagnostics::path_text;
use crate::openapi::load;

/// A file that one process at a time replaces. The lock is held until the value is dropped.
pub(super) struct StateFile {
    path: PathBuf,
    folder: PathBuf,
    temporary: PathBuf,
    _lock: File,
}

impl StateFile {
    /// Locks the file, which need not exist. A link is followed.
    ///
    /// # Errors
    /// If another process has locked it, or its folder is missing or cannot be written.
    pub(super) fn open(path: &Path) -> Result<Self, CliError> {
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            return Err(CliError::Usage(format!("--state {}: write the name of a file", path_text(&path))));
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let lock_path = folder.join(format!("{name}.lock"));
        let lock = open_private(&lock_path, false)
            .map_err(|error| CliError::Usage(format!("--state: cannot create {}: {error}", path_text(&lock_path))))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { temporary: folder.join(format!(".{name}.tmp")), folder, path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(CliError::Usage(format!(
                "--state {}: another process uses this file; stop it, or name another file",
                path_text(&path)
            ))),
            Err(TryLockError::Error(error)) => {
                Err(CliError::Usage(format!("--state: cannot lock {}: {error}", path_text(&lock_path))))
            }
        }
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The content; `None` if the file does not exist.
    ///
    /// # Errors
    /// If it cannot be read.
    pub(super) fn read(&self) -> Result<Option<SourceFile>, CliError> {
        match self.path.try_exists() {
            Ok(false) => Ok(None),
            _ => Ok(Some(load::read_large(&self.path)?)),
        }
    }

    /// Replaces the content. A crash at any point leaves the former or the new content: the text is written to another file,
    /// which gets the name when it is on the disk.
    ///
    /// # Errors
    /// If that fails. The file has its former content then, unless the system lost the name.
    pub(super) fn write(&self, pieces: Vec<String>) -> io::Result<()> {
        let mut file = open_private(&self.temporary, true)?;
        for piece in pieces {
            file.write_all(piece.as_bytes())?;
        }
        file.sync_all()?;
        drop(file);
        std::fs::rename(&self.temporary, &self.path)?;
        sync_folder(&self.folder)
    }
}

/// Opens a file that only its owner can read, or creates it.
fn open_private(path: &Path, truncate: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(truncate);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes the names in a folder to the disk.
fn sync_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
