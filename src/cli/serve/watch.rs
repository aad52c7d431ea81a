use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notify::{Config, Event, RecommendedWatcher, RecursiveMode, Watcher as _};

use super::sources::Sources;

/// What is watched.
struct Scope {
    /// Folders in which every file counts.
    folders: BTreeSet<PathBuf>,
    /// Further files, and the entries of the given paths in the folders that hold them.
    files: BTreeSet<PathBuf>,
}

/// Watches files, and the paths that a user has given: every file below a given folder counts. `report` is called on a
/// thread of its own, also for changes that leave everything as it was, until the watcher is dropped.
///
/// Folders are watched rather than files, because editors replace files by others of the same name.
///
/// # Errors
/// When the system cannot watch a folder.
pub(super) fn watch(
    given: &[PathBuf],
    sources: &Sources,
    report: impl Fn() + Send + 'static,
) -> Result<RecommendedWatcher, notify::Error> {
    let scope = Scope::new(given, sources);
    let (folders, parents) = (scope.folders.clone(), scope.parents());
    let handler = move |event: notify::Result<Event>| {
        // After an error, such as an overflow of the queue, events may be missing.
        if event.map_or(true, |event| scope.contains(&event)) {
            report();
        }
    };
    // As when the files are read, links to folders are not followed.
    let mut watcher = RecommendedWatcher::new(handler, Config::default().with_follow_symlinks(false))?;
    for folder in &folders {
        watcher.watch(folder, RecursiveMode::Recursive)?;
    }
    for folder in &parents {
        watcher.watch(folder, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

impl Scope {
    fn new(given: &[PathBuf], sources: &Sources) -> Self {
        let resolved = given.iter().filter_map(|path| path.canonicalize().ok());
        let folders: BTreeSet<PathBuf> = resolved.filter(|path| path.is_dir()).collect();
        let is_outside = |path: &&Path| !folders.iter().any(|folder| path.starts_with(folder));
        let files = sources.paths().filter(is_outside).map(Path::to_owned);
        // The given path itself may be replaced, and may be a link.
        let files = files.chain(given.iter().filter_map(|path| entry(path))).collect();
        Self { folders, files }
    }

    /// The folders that hold the files.
    fn parents(&self) -> BTreeSet<PathBuf> {
        let existing = |file: &PathBuf| file.parent().filter(|folder| folder.is_dir()).map(Path::to_owned);
        self.files.iter().filter_map(existing).filter(|folder| !self.folders.contains(folder)).collect()
    }

    fn contains(&self, event: &Event) -> bool {
        let is_inside =
            |path: &PathBuf| self.files.contains(path) || self.folders.iter().any(|folder| path.starts_with(folder));
        event.need_rescan() || (!event.kind.is_access() && event.paths.iter().any(is_inside))
    }
}

/// The path of a file or folder, with links resolved in that of the folder that holds it.
fn entry(path: &Path) -> Option<PathBuf> {
    let path = std::path::absolute(path).ok()?;
    Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?))
}
