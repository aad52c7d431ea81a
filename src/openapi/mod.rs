//! Reads contracts: Swagger and OpenAPI files of any version become [`Operation`]s.
//!
//! | file | purpose |
//! |---|---|
//! | [`load`] | finds the files of an API and sorts them by their names |
//! | [`normalize`] | rewrites every version to one shape |
//! | `scalars` | plain YAML scalars that look like numbers |
//! | [`refs`] | resolves references between files |
//! | [`operation`] | operations with parameters, bodies and responses |
//! | [`role`], [`infer`] | what each operation does to which kind of record |
//! | [`record_path`] | finds the record inside a documented response |
//! | [`schema`] | validates and coerces values |
//! | [`generate`] | generates values from schemas, and repairs invalid ones |
//! | [`shape`] | names, order and types of an example |
//! | [`resource`] | kinds of records, from `*.resources.yaml` |
//! | `note`, [`inspect`] | problems of contracts, each with a code |
//! | [`conform`] | checks that a response is as documented |
//! | `names`, [`random`], [`template`] | case conversion, random sources, path templates |

pub mod conform;
mod document;
pub mod generate;
pub mod infer;
pub mod inspect;
pub mod load;
mod names;
pub mod normalize;
mod note;
pub mod operation;
pub mod path_pattern;
pub mod random;
pub mod record_path;
pub mod refs;
pub mod resource;
pub mod role;
mod scalars;
pub mod schema;
pub mod shape;
pub mod template;

pub use document::Document;
pub use load::ApiFolder;
pub use names::{is_id, singular, snake};
pub use note::{ALL as CODES, Code, Explanation, Note, Severity, escape_pointer};
pub use operation::{Body, MediaSpec, Operation, Parameter, ParameterLocation, ResponseSpec};
pub use path_pattern::PathPattern;
pub use record_path::RecordPath;
pub use resource::{Field, FieldType, Lifecycle, Resource, Resources, Transition};
pub use role::{Parent, Role, RoleKind};
pub use schema::{Schema, Violation};
pub use shape::{Member, Shape};

use std::collections::HashMap;

use refs::References;

use crate::diagnostics::Diagnostics;

/// The contracts of one API.
pub struct Contract {
    /// Every operation, in the order of the files and then of the paths.
    pub operations: Vec<Operation>,
    /// The kinds of records.
    pub resources: Resources,
    /// Problems of the files.
    pub notes: Vec<Note>,
    /// Whether the quirks and resources of the embedded API apply.
    pub is_embedded_api: bool,
}

impl Contract {
    /// Reads the contracts of an API folder and its resources files.
    ///
    /// A contract that cannot be read is skipped with a note. Resources files are read strictly.
    ///
    /// `is_known` tells whether a path belongs to a dialect of the embedded API, whose resources apply only then.
    ///
    /// # Errors
    /// If a resources file is invalid.
    pub fn read(folder: &ApiFolder, is_known: &dyn Fn(&str) -> bool) -> Result<Self, Diagnostics> {
        let mut references = References::among(&folder.roots, &folder.ref_map);
        let mut operations: Vec<Operation> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut notes: Vec<Note> =
            folder.unread.iter().map(|(file, why)| Note::new(Code::FileUnreadable, file, "", why)).collect();
        for file in &folder.contracts {
            let Some(mut document) = normalize::read(file, &mut notes) else { continue };
            references.resolve_into(&mut document, &mut notes);
            for operation in operation::read(&document, &mut notes) {
                match known.get(&operation.key) {
                    Some(index) => {
                        let message =
                            format!("{} is already served from {}", operation.key, operations[*index].location());
                        notes.push(Note::new(Code::OperationRepeated, &file.name, "", message));
                    }
                    None => {
                        known.insert(operation.key.clone(), operations.len());
                        operations.push(operation);
                    }
                }
            }
        }
        let is_embedded_api = !folder.uses_embedded || operations.iter().any(|operation| is_known(&operation.path));
        let resources = if is_embedded_api { Resources::read(&folder.resources)? } else { Resources::default() };
        infer::assign(&mut operations, &resources);
        Ok(Self { operations, resources, notes, is_embedded_api })
    }
}
