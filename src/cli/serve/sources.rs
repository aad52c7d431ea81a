use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher as _;
use std::path::{Path, PathBuf};

use foldhash::quality::FixedState;

use crate::cli::api::ApiOptions;
use crate::diagnostics::path_text;
use crate::openapi::{ApiFolder, load};

/// How many changed files are named.
const MAX_NAMES: usize = 3;

/// The files of an API on disk, with a hash of the content of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources(BTreeMap<PathBuf, Source>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Source {
    /// The name for people.
    name: String,
    /// `None` if the file does not exist or cannot be read.
    hash: Option<u64>,
}

impl Sources {
    /// The files that the options name now, and these that references lead to.
    pub(super) fn read(api: &ApiOptions, referenced: &BTreeSet<PathBuf>) -> Self {
        match api.folder() {
            Ok(folder) => Self::of(api, &folder, referenced),
            Err(error) => {
                let mut sources = Self::of(api, &ApiFolder::default(), referenced);
                for path in &api.swagger {
                    sources.add(path, path_text(path), Some(hash(&error.to_string())));
                }
                sources
            }
        }
    }

    /// The files of a folder that was read for the options, and these that references lead to.
    pub(super) fn of(api: &ApiOptions, folder: &ApiFolder, referenced: &BTreeSet<PathBuf>) -> Self {
        let mut sources = Self::default();
        let current = std::env::current_dir().unwrap_or_default();
        for path in referenced {
            let name = path_text(path.strip_prefix(&current).unwrap_or(path));
            sources.add(path, name, load::read(path).ok().map(|file| hash(&file.text)));
        }
        if !api.swagger.is_empty() {
            for file in folder.files() {
                sources.add(Path::new(&file.name), file.name.clone(), Some(hash(&file.text)));
            }
            for (name, error) in &folder.unread {
                sources.add(Path::new(name), name.clone(), Some(hash(error)));
            }
        }
        if let Some(path) = api.scenario_file() {
            let text = load::read(path).ok();
            sources.add(path, path_text(path), text.map(|file| hash(&file.text)));
        }
        sources
    }

    /// Whether there are none: the API is embedded.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The files, links resolved.
    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }

    /// The names of the files that are new, differ or are gone, for people; empty if there are none.
    pub(super) fn changes(&self, before: &Self) -> String {
        let differs = |path: &PathBuf| self.hash(path) != before.hash(path);
        let all: BTreeMap<&PathBuf, &Source> = before.0.iter().chain(&self.0).collect();
        let names: Vec<&str> =
            all.into_iter().filter(|(path, _)| differs(path)).map(|(_, source)| source.name.as_str()).collect();
        match names.len() {
            0..=MAX_NAMES => names.join(", "),
            count => format!("{} and {} more", names[..MAX_NAMES].join(", "), count - MAX_NAMES),
        }
    }

    /// The hash of a file; `None` in `Some` if it cannot be read.
    fn hash(&self, path: &Path) -> Option<Option<u64>> {
        self.0.get(path).map(|source| source.hash)
    }

    fn add(&mut self, path: &Path, name: String, hash: Option<u64>) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.0.insert(path, Source { name, hash });
    }
}

fn hash(text: &str) -> u64 {
    FixedState::default().hash_one(text)
}
