//! Finding the files: the embedded ones, or those of `--swagger`.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rust_embed::RustEmbed;

use crate::diagnostics::SourceFile;
use crate::diagnostics::path_text;

/// Bounds of one contract file and of one folder: real ones stay far below.
const MAX_FILE_BYTES: u64 = 64 << 20;
const MAX_FILES: usize = 10_000;

#[derive(RustEmbed)]
#[folder = "swagger/"]
struct Embedded;

/// The files of an API, sorted by what they are.
///
/// | file | content |
/// |---|---|
/// | a file with `openapi` or `swagger` in it, whatever its name | a contract |
/// | `standin.yaml` | the API: gateways, tokens, ownership, dialects |
/// | `*.quirks.yaml` | departures of the API from its contract |
/// | `*.resources.yaml` | kinds of records |
/// | a `.yaml` or `.json` file with `scenario` in it | a scenario |
/// | any other `.json`, `.yaml`, `.yml` | a contract without a version |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiFolder {
    /// OpenAPI and Swagger documents.
    pub contracts: Vec<SourceFile>,
    /// The description of the API, `standin.yaml`: none or one.
    pub settings: Vec<SourceFile>,
    /// Quirks files.
    pub quirks: Vec<SourceFile>,
    /// Resources files.
    pub resources: Vec<SourceFile>,
    /// Scenarios beside the contracts.
    pub scenarios: Vec<SourceFile>,
    /// Files below the given folders that could not be read, and why.
    pub unread: Vec<(String, String)>,
    /// The paths as given: references may lead below them and nowhere else.
    pub roots: Vec<PathBuf>,
    /// Which API the user wants.
    pub choice: ApiChoice,
    /// Folders that stand for the beginnings of URLs, in references.
    pub ref_map: Vec<(String, PathBuf)>,
}

/// Which API applies to contracts: `--api`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ApiChoice {
    /// The one that a `standin.yaml` or the hosts of the contracts identify.
    #[default]
    Auto,
    /// None: the contracts alone.
    None,
    /// The embedded one of that name.
    Named(String),
}

/// Why files could not be found or read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The path is not there or cannot be read.
    #[error("{path}: {error}")]
    Unreadable {
        /// The path as given.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The file is larger than any contract.
    #[error("{path}: larger than {} MiB, which no contract is", MAX_FILE_BYTES >> 20)]
    TooLarge {
        /// The path.
        path: PathBuf,
    },
    /// The folder holds more files than any API has.
    #[error("{path}: more than {MAX_FILES} files")]
    TooMany {
        /// The path as given.
        path: PathBuf,
    },
    /// There is no contract in what was given.
    #[error("no contract in {}: a contract is a .json, .yaml or .yml file", paths.iter().map(|path| path_text(path)).collect::<Vec<_>>().join(", "))]
    NothingThere {
        /// The paths as given.
        paths: Vec<PathBuf>,
    },
}

impl ApiFolder {
    /// The API that is built into this program.
    pub fn embedded() -> Self {
        Self::embedded_ref().clone()
    }

    /// The same without a copy.
    pub fn embedded_ref() -> &'static Self {
        static FOLDER: LazyLock<ApiFolder> = LazyLock::new(|| {
            let mut names: Vec<_> = Embedded::iter().collect();
            names.sort();
            let mut folder = ApiFolder::default();
            for name in names {
                if let Some(file) = Embedded::get(&name) {
                    folder.add(SourceFile::new(format!("swagger/{name}"), String::from_utf8_lossy(&file.data)));
                }
            }
            folder
        });
        &FOLDER
    }

    /// The files and folders that a user names.
    ///
    /// # Errors
    /// If a path cannot be read, or no contract is among them.
    pub fn from_paths(paths: &[PathBuf]) -> Result<Self, LoadError> {
        let mut folder = Self { roots: paths.to_vec(), ..Self::default() };
        for path in paths {
            for file in files_below(path)? {
                match read(&file) {
                    Ok(text) => folder.add(text),
                    // A file that the user names must be readable; one that is found in a folder may be unrelated.
                    Err(error) if file == *path => return Err(error),
                    Err(error) => folder.unread.push((path_text(&file), error.to_string())),
                }
            }
        }
        match folder.contracts.is_empty() {
            true => Err(LoadError::NothingThere { paths: paths.to_vec() }),
            false => Ok(folder),
        }
    }

    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &SourceFile> {
        [&self.contracts, &self.settings, &self.quirks, &self.resources, &self.scenarios].into_iter().flatten()
    }

    /// Whether one of the contracts says that it is one: it has `openapi` or `swagger` at its top.
    pub fn names_contract(&self) -> bool {
        let is_json = |text: &str| {
            let mut start = text.trim_start().lines().take(3);
            text.trim_start().starts_with('{')
                && start.any(|line| line.contains("\"openapi\"") || line.contains("\"swagger\""))
        };
        self.contracts.iter().any(|contract| names_version(&contract.text) || is_json(&contract.text))
    }

    /// Whether a file of that name is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.files().any(|file| file.name == name)
    }

    fn add(&mut self, text: SourceFile) {
        let name = text.name.rsplit('/').next().unwrap_or(&text.name);
        let list = match name.split_once('.') {
            Some((_, "quirks.yaml" | "quirks.yml")) => &mut self.quirks,
            Some((_, "resources.yaml" | "resources.yml")) => &mut self.resources,
            Some(("standin", "yaml" | "yml")) => &mut self.settings,
            Some((_, rest))
                if matches!(rest.rsplit('.').next(), Some("json" | "yaml" | "yml")) && is_scenario(&text.text) =>
            {
                &mut self.scenarios
            }
            Some((_, rest)) if matches!(rest.rsplit('.').next(), Some("json" | "yaml" | "yml")) => &mut self.contracts,
            _ => return,
        };
        // A contract may have any name.
        let list = if names_version(&text.text) { &mut self.contracts } else { list };
        list.push(text);
    }
}

/// A file that is built into this program, by its name, such as `swagger/clients.json`.
pub fn embedded_file(name: &str) -> Option<SourceFile> {
    let file = Embedded::get(name.strip_prefix("swagger/")?)?;
    Some(SourceFile::new(name, String::from_utf8_lossy(&file.data)))
}

/// Whether a YAML text has a key `openapi` or `swagger` at its top.
fn names_version(text: &str) -> bool {
    // Keys of JSON have quotes, and a JSON contract can be one line of many megabytes.
    if text.starts_with("{\"") {
        return false;
    }
    let is_version = |line: &str| {
        let key = line.split(':').next().unwrap_or_default().trim().trim_matches(['"', '\'']);
        line.contains(':') && matches!(key, "openapi" | "swagger")
    };
    text.lines().filter(|line| !line.starts_with([' ', '#', '{', '"'])).any(is_version)
}

/// Whether a text is a scenario: it has a line that begins with `scenario:`, or it is a JSON object with this key first.
pub fn is_scenario(text: &str) -> bool {
    match text.trim_start().strip_prefix('{') {
        Some(first_key) => first_key.trim_start().starts_with("\"scenario\""),
        None => text.lines().any(|line| line.starts_with("scenario:")),
    }
}

/// The files below a path in the order of their names, without hidden ones, which are those of other programs. Links to folders are not followed, and only what is a file is one: a
/// pipe would never end, a link may lead nowhere.
pub fn files_below(path: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |error| LoadError::Unreadable { path: path.to_owned(), error };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let (mut found, mut folders) = (Vec::new(), vec![path.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if std::fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()) {
                found.push(entry.path());
            }
            if found.len() + folders.len() > MAX_FILES {
                return Err(LoadError::TooMany { path: path.to_owned() });
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Reads one file as text; invalid UTF-8 becomes replacement characters.
///
/// # Errors
/// When it cannot be read or is larger than any file of this kind.
pub fn read(path: &Path) -> Result<SourceFile, LoadError> {
    let unreadable = |error| LoadError::Unreadable { path: path.to_owned(), error };
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_FILE_BYTES {
        return Err(LoadError::TooLarge { path: path.to_owned() });
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(SourceFile::new(path_text(path), decode(bytes)))
}

/// Reads one file of any size, such as a snapshot.
///
/// # Errors
/// When it cannot be read.
pub fn read_large(path: &Path) -> Result<SourceFile, LoadError> {
    let bytes = std::fs::read(path).map_err(|error| LoadError::Unreadable { path: path.to_owned(), error })?;
    Ok(SourceFile::new(path_text(path), decode(bytes)))
}

/// The text of a YAML or JSON file: UTF-8, or UTF-16 with or without a byte order mark (YAML 1.2, section 5.2). The first
/// character is ASCII, so its zero byte reveals the byte order.
fn decode(bytes: Vec<u8>) -> String {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    let text: String = match bytes.as_slice() {
        [0xFF, 0xFE, ..] | [1..=255, 0, ..] => utf16(u16::from_le_bytes),
        [0xFE, 0xFF, ..] | [0, 1..=255, ..] => utf16(u16::from_be_bytes),
        // Valid UTF-8 is checked much faster than invalid UTF-8 is replaced, and not copied.
        _ => String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
    };
    // The byte order mark is not part of the text.
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}
