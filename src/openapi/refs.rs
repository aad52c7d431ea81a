//! References between files: what a `$ref` names elsewhere is brought into the document, once.
//!
//! Nothing is ever fetched, and nothing outside the given folders is opened. An absolute URL is looked for beside them:
//! `https://…/entities/a.json` is `entities/a.json` next to the folder that was given, when there is such a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::normalize::Document;
use super::{Code, Note, escaped, load};
use crate::diagnostics::{SourceFile, YamlNode};

/// The files that references may lead to.
pub struct References {
    roots: Vec<PathBuf>,
    /// Folders that stand for the beginnings of URLs.
    mapped: Vec<(String, PathBuf)>,
    read: HashMap<PathBuf, Option<Value>>,
}

/// One document while references are brought into it.
struct Bundle<'a> {
    references: &'a mut References,
    /// The name that a target has among the components.
    names: HashMap<(PathBuf, String), String>,
    /// What has a name and is not brought in yet: its name, its file and itself. A queue, for chains of references may
    /// be longer than a stack is deep.
    waiting: Vec<(String, PathBuf, Value)>,
    /// What leads nowhere, and where it stands in the document.
    dangling: Vec<(String, String)>,
    /// References within the document, and where they stand; whether they lead somewhere is seen at the end.
    within: Vec<(String, String)>,
    /// Where the value that is being rewritten stands.
    field_path: String,
}

impl References {
    /// References among the files below these paths, and of URLs that begin so below the folders they are mapped to.
    pub fn among(roots: &[PathBuf], mapped: &[(String, PathBuf)]) -> Self {
        let folders = roots.iter().filter_map(|root| root.canonicalize().ok());
        let folders =
            folders.map(|root| if root.is_dir() { root } else { root.parent().map(Path::to_owned).unwrap_or(root) });
        let mapped = mapped.iter().filter_map(|(url, folder)| Some((url.clone(), folder.canonicalize().ok()?)));
        Self { roots: folders.collect(), mapped: mapped.collect(), read: HashMap::new() }
    }

    /// Brings everything that a document refers to in other files into its components.
    pub fn resolve_into(&mut self, document: &mut Document, notes: &mut Vec<Note>) {
        let mut bundle = Bundle {
            references: self,
            names: HashMap::new(),
            waiting: Vec::new(),
            dangling: Vec::new(),
            within: Vec::new(),
            field_path: String::new(),
        };
        let file = PathBuf::from(&document.file);
        bundle.rewrite(&mut document.root, &file, true);
        let mut schemas = Map::new();
        while let Some((name, path, mut found)) = bundle.waiting.pop() {
            bundle.rewrite(&mut found, &path, false);
            schemas.insert(name, found);
        }
        let mut dangling = bundle.dangling;
        for (target, at) in bundle.within {
            let pointer = percent_encoding::percent_decode_str(&target[1..]).decode_utf8_lossy();
            if document.root.pointer(&pointer).is_none() {
                dangling.push((target, at));
            }
        }
        let mut told: Vec<&str> = Vec::new();
        for (target, at) in &dangling {
            if !told.contains(&target.as_str()) {
                told.push(target);
                let message = format!("refers to {target}, which is not there");
                notes.push(Note::new(Code::RefDangling, &document.file, at, message));
            }
        }
        if !schemas.is_empty() {
            let components =
                document.root.as_object_mut().map(|root| root.entry("components").or_insert_with(|| json!({})));
            let known = components
                .and_then(Value::as_object_mut)
                .map(|components| components.entry("schemas").or_insert_with(|| json!({})));
            if let Some(Value::Object(known)) = known {
                known.extend(schemas);
            }
        }
    }

    /// The file that a target leads to from another one, if it is below the given folders or beside them.
    fn locate(&self, target: &str, from: &Path) -> Option<PathBuf> {
        let beside = |tail: &str| {
            let parents = self.roots.iter().filter_map(|root| root.parent());
            parents.map(|parent| parent.join(tail)).find(|path| path.is_file())
        };
        let mapped = || self.mapped.iter().find_map(|(url, folder)| Some((folder, target.strip_prefix(url.as_str())?)));
        if let Some((folder, tail)) = mapped() {
            let path = folder.join(tail.trim_start_matches('/')).canonicalize().ok()?;
            return path.starts_with(folder).then_some(path);
        }
        let path = match target.split_once("://") {
            Some(("http" | "https", rest)) => {
                let mut tails = rest.match_indices('/').map(|(at, _)| &rest[at + 1..]);
                tails.find_map(beside)?
            }
            Some(_) => return None,
            None => from.parent()?.join(percent_encoding::percent_decode_str(target).decode_utf8().ok()?.as_ref()),
        };
        let path = path.canonicalize().ok()?;
        // A URL may lead beside the given folders, a path only into them; a link leads to where it ends.
        let beside =
            |root: &PathBuf| target.contains("://") && root.parent().is_some_and(|parent| path.starts_with(parent));
        let allowed = self.roots.iter().any(|root| path.starts_with(root) || beside(root));
        allowed.then_some(path)
    }

    fn document(&mut self, path: &Path) -> Option<&Value> {
        let read = || {
            let text = load::read(path).ok()?;
            parse(&text)
        };
        self.read.entry(path.to_owned()).or_insert_with(read).as_ref()
    }
}

fn parse(text: &SourceFile) -> Option<Value> {
    match text.text.trim_start().starts_with('{') {
        true => serde_json::from_str(&text.text).ok(),
        false => YamlNode::read(text).ok().map(|tree| tree.to_json()),
    }
}

impl Bundle<'_> {
    /// Rewrites every reference below a value that stands in a file. In the document itself, those within it stay.
    fn rewrite(&mut self, value: &mut Value, file: &Path, is_document: bool) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(target)) = map.get("$ref") {
                    let target = target.clone();
                    if is_document && target.starts_with('#') {
                        self.within.push((target, self.field_path.clone()));
                        return;
                    }
                    match self.bring(&target, file) {
                        Some(name) => {
                            map.insert("$ref".into(), format!("#/components/schemas/{name}").into());
                        }
                        None => {
                            map.remove("$ref");
                            self.dangling.push((target, self.field_path.clone()));
                        }
                    }
                    return;
                }
                for (name, part) in map {
                    self.below(name, part, file, is_document);
                }
            }
            Value::Array(list) => {
                for (index, part) in list.iter_mut().enumerate() {
                    self.below(&index.to_string(), part, file, is_document);
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, step: &str, value: &mut Value, file: &Path, is_document: bool) {
        let length = self.field_path.len();
        if is_document {
            self.field_path.push('/');
            self.field_path.push_str(&escaped(step));
        }
        self.rewrite(value, file, is_document);
        self.field_path.truncate(length);
    }

    /// The name among the components of what a reference leads to; it is brought in when it is new.
    fn bring(&mut self, target: &str, from: &Path) -> Option<String> {
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let path = if file.is_empty() { from.to_owned() } else { self.references.locate(file, from)? };
        let place = (path.clone(), fragment.to_owned());
        if let Some(name) = self.names.get(&place) {
            return Some(name.clone());
        }
        let pointer = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
        let found = self.references.document(&path)?.pointer(&pointer)?.clone();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{stem}-{}", self.names.len());
        self.names.insert(place, name.clone());
        self.waiting.push((name.clone(), path, found));
        Some(name)
    }
}
