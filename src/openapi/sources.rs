use std::collections::BTreeSet;
use std::path::Path;

use super::load::{self, LoadError};
use super::{ApiFolder, Contract};
use crate::diagnostics::SourceFile;
use crate::diagnostics::path_text;

/// The files that an API was read from, to show parts of them. Their texts are read again when they are needed.
#[derive(Clone, Debug)]
pub struct ApiSources {
    /// The names of those that the user gave, and of those that their references lead to.
    given: BTreeSet<String>,
}

impl ApiSources {
    /// The files of a folder, and those that its contracts refer to.
    pub fn new(folder: &ApiFolder, contract: &Contract) -> Self {
        let is_given = |file: &&SourceFile| folder.roots.iter().any(|root| Path::new(&file.name).starts_with(root));
        let given = folder.files().filter(is_given).map(|file| file.name.clone());
        let referenced = contract.referenced_files.iter().map(|path| path_text(path));
        Self { given: given.chain(referenced).collect() }
    }

    /// Reads a file by its name. `None` if it is not one of the API: no other file can be read.
    pub fn read(&self, name: &str) -> Option<Result<SourceFile, LoadError>> {
        match self.given.contains(name) {
            true => Some(load::read(Path::new(name))),
            false => load::embedded_file(name).map(Ok),
        }
    }
}
