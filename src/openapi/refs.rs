//! Resolves references between files: the targets are copied into the components of the document, once each.
//!
//! Nothing is fetched, and no file outside the given folders is opened. An absolute URL is looked up next to them:
//! `https://…/entities/a.json` is `entities/a.json` beside the given folder, if that file exists.

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::document::Document;
use super::{Code, Note, escape_pointer, load};
use crate::diagnostics::{SourceFile, YamlNode};

/// The files that references can lead to.
pub struct References {
    roots: Vec<PathBuf>,
    /// Folders by URL prefix.
    mapped: Vec<(String, PathBuf)>,
    read: HashMap<PathBuf, Option<Value>>,
    /// Where targets were looked for and not found, in the folders that references may lead to.
    missing: BTreeSet<PathBuf>,
}

/// One document whose references are being resolved.
struct Bundle<'a> {
    references: &'a mut References,
    /// Component names by target: file and fragment.
    names: HashMap<(PathBuf, String), String>,
    /// Targets that are still to be copied: name, file and value. A queue, because chains of references can be longer
    /// than the stack is deep.
    waiting: Vec<(String, PathBuf, Value)>,
    /// References without a target, and their JSON pointers in the document.
    dangling: Vec<(String, String)>,
    /// The targets of references within the document, and the JSON pointers of the first reference to each. They are
    /// checked at the end.
    within: IndexMap<String, String>,
}

/// The place of a value in its document: a step below the place of what contains it. Its JSON pointer is written only for
/// references, which most values are not.
#[derive(Clone, Copy)]
enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Element(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write_to(&mut pointer);
        pointer
    }

    fn write_to(&self, pointer: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write_to(pointer);
                pointer.push('/');
                pointer.push_str(&escape_pointer(name));
            }
            Self::Element(parent, index) => {
                parent.write_to(pointer);
                pointer.push_str(&format!("/{index}"));
            }
        }
    }
}

impl References {
    /// References among the files below `roots`, and to URLs with a prefix of `mapped` below its folder.
    pub fn among(roots: &[PathBuf], mapped: &[(String, PathBuf)]) -> Self {
        let folders = roots.iter().filter_map(|root| root.canonicalize().ok());
        let folders =
            folders.map(|root| if root.is_dir() { root } else { root.parent().map(Path::to_owned).unwrap_or(root) });
        let mapped = mapped.iter().filter_map(|(url, folder)| Some((url.clone(), folder.canonicalize().ok()?)));
        Self { roots: folders.collect(), mapped: mapped.collect(), read: HashMap::new(), missing: BTreeSet::new() }
    }

    /// Copies the targets of all references to other files into the components of a document.
    pub fn resolve_into(&mut self, document: &mut Document, notes: &mut Vec<Note>) {
        let mut bundle = Bundle {
            references: self,
            names: HashMap::new(),
            waiting: Vec::new(),
            dangling: Vec::new(),
            within: IndexMap::new(),
        };
        let file = PathBuf::from(&*document.file);
        bundle.rewrite(&mut document.root, &file, Some(Place::Root));
        let mut schemas = Map::new();
        while let Some((name, path, mut found)) = bundle.waiting.pop() {
            bundle.rewrite(&mut found, &path, None);
            schemas.insert(name, found);
        }
        document.are_paths_referenced = bundle.within.keys().any(|target| target.starts_with("#/paths"));
        let mut dangling = bundle.dangling;
        for (target, at) in bundle.within {
            let pointer = percent_encoding::percent_decode_str(&target[1..]).decode_utf8_lossy();
            if document.root.pointer(&pointer).is_none() {
                dangling.push((target, at));
            }
        }
        let mut reported: Vec<&str> = Vec::new();
        for (target, at) in &dangling {
            if !reported.contains(&target.as_str()) {
                reported.push(target);
                let message = format!("`$ref` target not found: {target}");
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

    /// The files that references were followed to, and those that would be read if they existed.
    pub fn files(self) -> BTreeSet<PathBuf> {
        self.missing.into_iter().chain(self.read.into_keys()).collect()
    }

    /// The file of a reference in the file `from`, if it is below the given folders or next to them.
    fn locate(&mut self, target: &str, from: &Path) -> Option<PathBuf> {
        for path in self.candidates(target, from) {
            // Links are followed first.
            if let Some(path) = path.canonicalize().ok().filter(|path| path.is_file()) {
                return self.allows(target, &path).then_some(path);
            }
            let place = path.parent().and_then(|folder| folder.canonicalize().ok()).zip(path.file_name());
            let place = place.map(|(folder, name)| folder.join(name)).filter(|place| self.allows(target, place));
            self.missing.extend(place);
        }
        None
    }

    /// Where the target of a reference in the file `from` may be; the first one that exists counts.
    fn candidates(&self, target: &str, from: &Path) -> Vec<PathBuf> {
        if let Some((folder, tail)) = self.mapped(target) {
            return vec![folder.join(tail.trim_start_matches('/'))];
        }
        match target.split_once("://") {
            Some(("http" | "https", rest)) => {
                let tails = rest.match_indices('/').map(|(at, _)| &rest[at + 1..]);
                let parents = || self.roots.iter().filter_map(|root| root.parent());
                tails.flat_map(|tail| parents().map(move |parent| parent.join(tail))).collect()
            }
            Some(_) => Vec::new(),
            None => {
                let decoded = percent_encoding::percent_decode_str(target).decode_utf8().ok();
                from.parent().zip(decoded).map(|(folder, target)| folder.join(target.as_ref())).into_iter().collect()
            }
        }
    }

    /// The folder that a URL is mapped to, and the rest of the URL.
    fn mapped<'a>(&'a self, target: &'a str) -> Option<(&'a PathBuf, &'a str)> {
        self.mapped.iter().find_map(|(url, folder)| Some((folder, target.strip_prefix(url.as_str())?)))
    }

    /// Whether a reference may lead to a path: a URL into the folder that it is mapped to or next to the given folders, a
    /// path only into them.
    fn allows(&self, target: &str, path: &Path) -> bool {
        if let Some((folder, _)) = self.mapped(target) {
            return path.starts_with(folder);
        }
        let beside =
            |root: &PathBuf| target.contains("://") && root.parent().is_some_and(|parent| path.starts_with(parent));
        self.roots.iter().any(|root| path.starts_with(root) || beside(root))
    }

    fn document(&mut self, path: &Path) -> Option<&Value> {
        let read = || {
            // A pipe or a device may have no end.
            if !std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) {
                return None;
            }
            let text = load::read(path).ok()?;
            parse(&text)
        };
        self.read.entry(path.to_owned()).or_insert_with(read).as_ref()
    }
}

fn parse(text: &SourceFile) -> Option<Value> {
    match text.text.trim_start().starts_with('{') {
        true => serde_json::from_str(&text.text).ok(),
        false => YamlNode::read_lenient(text).ok().map(|(tree, _)| tree.to_json()),
    }
}

impl Bundle<'_> {
    /// Rewrites every reference below a value of a file. `place` is where the value stands in the document itself, whose
    /// references to itself stay.
    fn rewrite(&mut self, value: &mut Value, file: &Path, place: Option<Place<'_>>) {
        match value {
            Value::Object(map) => {
                // Most objects have few keys: comparing them is faster than looking one up.
                let found = map.iter().find(|(name, _)| *name == "$ref");
                if let Some((_, Value::String(target))) = found {
                    let pointer = || place.map(|place| place.pointer()).unwrap_or_default();
                    if place.is_some() && target.starts_with('#') {
                        if !self.within.contains_key(target) {
                            self.within.insert(target.clone(), pointer());
                        }
                        return;
                    }
                    let target = target.clone();
                    match self.import(&target, file) {
                        Some(name) => {
                            map.insert("$ref".into(), format!("#/components/schemas/{name}").into());
                        }
                        None => {
                            map.remove("$ref");
                            self.dangling.push((target, pointer()));
                        }
                    }
                    return;
                }
                for (name, part) in map {
                    self.rewrite(part, file, place.as_ref().map(|place| Place::Member(place, name)));
                }
            }
            Value::Array(list) => {
                for (index, part) in list.iter_mut().enumerate() {
                    self.rewrite(part, file, place.as_ref().map(|place| Place::Element(place, index)));
                }
            }
            _ => {}
        }
    }

    /// The component name of a reference's target, which is queued for copying if it is new.
    fn import(&mut self, target: &str, from: &Path) -> Option<String> {
        let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
        let path = if file.is_empty() { from.to_owned() } else { self.references.locate(file, from)? };
        let target = (path.clone(), fragment.to_owned());
        if let Some(name) = self.names.get(&target) {
            return Some(name.clone());
        }
        let pointer = percent_encoding::percent_decode_str(fragment).decode_utf8().ok()?;
        let found = self.references.document(&path)?.pointer(&pointer)?.clone();
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = format!("{stem}-{}", self.names.len());
        self.names.insert(target, name.clone());
        self.waiting.push((name.clone(), path, found));
        Some(name)
    }
}
