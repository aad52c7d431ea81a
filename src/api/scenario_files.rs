use std::sync::Arc;

use rust_embed::RustEmbed;

use crate::diagnostics::SourceFile;

#[derive(RustEmbed)]
#[folder = "scenarios/"]
struct Embedded;

/// The scenario files of an API, by name. The name is the file's name without its ending.
#[derive(Clone, Debug)]
pub struct ScenarioFiles(Arc<Vec<(String, SourceFile)>>);

/// The scenario of an API without one: the examples of its contracts.
const EMPTY: &str = "scenario: empty\nabout: The examples of the contracts and nothing else\nexamples: true\n";

impl Default for ScenarioFiles {
    fn default() -> Self {
        Self::of(&[])
    }
}

impl ScenarioFiles {
    /// These files, and `empty` if none of them has that name.
    pub fn of(files: &[SourceFile]) -> Self {
        let name = |file: &SourceFile| {
            let name = file.name.rsplit(['/', '\\']).next().unwrap_or_default();
            name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
        };
        let mut list: Vec<(String, SourceFile)> = files.iter().map(|file| (name(file), file.clone())).collect();
        if !list.iter().any(|(name, _)| name == "empty") {
            list.push(("empty".to_owned(), SourceFile::new("scenarios/empty.yaml", EMPTY)));
        }
        list.sort_by(|(a, _), (b, _)| a.cmp(b));
        Self(Arc::new(list))
    }

    /// The scenarios of the embedded API, with further files.
    pub fn embedded(more: &[SourceFile]) -> Self {
        let embedded = Embedded::iter().filter_map(|name| {
            let file = Embedded::get(&name)?;
            Some(SourceFile::new(format!("scenarios/{name}"), String::from_utf8_lossy(&file.data)))
        });
        Self::of(&more.iter().cloned().chain(embedded).collect::<Vec<_>>())
    }

    /// The scenario of that name.
    pub fn find(&self, name: &str) -> Option<&SourceFile> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, file)| file)
    }

    /// The names of all scenarios, sorted.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}
