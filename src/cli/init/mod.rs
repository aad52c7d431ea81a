use std::path::{Path, PathBuf};

use clap::Args;

use super::support::file_kind::FileKind;
use super::support::output::print;
use super::{CliError, Exit};
use crate::diagnostics::path_text;

/// The files of a new API folder: paths and contents. Those that standin reads name their schema, for editors.
const FILES: [(&str, &str); 4] = [
    ("shop.yaml", include_str!("files/shop.yaml")),
    ("shop.resources.yaml", include_str!("files/shop.resources.yaml")),
    ("standin.yaml", include_str!("files/standin.yaml")),
    ("scenarios/first.yaml", include_str!("files/first.yaml")),
];

/// The folder of the schemas in a new API folder. It is hidden, so that no file in it is a part of the API.
const SCHEMAS: &str = ".standin";

/// Write a small API folder to begin with
///
/// A contract of a shop with orders, the lifecycle of an order, a kind of token, and a scenario with steps. `check`, `serve` and
/// `replay` accept it as it is. The files name their JSON Schemas, in `.standin/`, so that editors complete them. Files that exist are not overwritten: the exit code is then 2 and nothing is written.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin init my-api/\n  standin serve --swagger my-api/ --watch\n  standin replay --swagger my-api/ my-api/scenarios/"
)]
pub(super) struct Init {
    /// The folder to write to; it is created if it does not exist
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let paths = FILES.map(|(name, _)| self.folder.join(name));
        if let Some(existing) = paths.iter().find(|path| path.exists()) {
            let existing = path_text(existing);
            return Err(CliError::Usage(format!("{existing} exists; name another folder, such as my-api/")));
        }
        let mut text = String::new();
        for (path, (_, content)) in paths.iter().zip(FILES) {
            write(path, content)?;
            text.push_str(&format!("wrote {}\n", path_text(path)));
        }
        for kind in FileKind::OF_FOLDERS {
            let name = kind.schema_file();
            write(&self.folder.join(SCHEMAS).join(name), kind.json_schema())?;
        }
        let folder = path_text(&self.folder);
        text.push_str(&format!("wrote {folder}/{SCHEMAS}/, the schemas of these files\n"));
        text.push_str(&format!("\nnext\n  standin serve --swagger {folder} --watch\n"));
        print(&text)?;
        Ok(Exit::Success)
    }
}

fn write(path: &Path, content: &str) -> Result<(), CliError> {
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(path, content))
        .map_err(|error| CliError::Usage(format!("cannot write {}: {error}; name another folder", path_text(path))))
}
