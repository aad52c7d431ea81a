//! ParseMode swagger: files become [`Operation`]s, whatever version they were written in.
//!
//! | file | what it does |
//! |---|---|
//! | [`load`] | finds the files and sorts them by what they are |
//! | [`normalise`] | the only place that knows versions |
//! | [`refs`] | brings in what stands in other files |
//! | [`operation`] | what the rest of the house works with |
//! | [`role`] | which operation does what to which resource; [`record_path`]: where answers have their record |
//! | [`schema`] | checks and coerces; `recursion`: how deep a value may be for that |
//! | [`generate`] | makes a value where nothing else is known; `matching`: a text for a pattern |
//! | [`mod@fit`] | bends a value to its schema |
//! | [`shape`] | what an example tells about names, order and types |
//! | [`resource`] | what is remembered, where people wrote it down |
//! | `note`, [`inspect`] | what was odd, with a code |
//! | [`conform`] | whether an answer is as documented |

pub mod conform;
pub mod fit;
pub mod generate;
pub mod inspect;
pub mod load;
mod matching;
pub mod normalize;
mod note;
pub mod operation;
pub mod pattern;
pub mod record_path;
mod recursion;
pub mod refs;
pub mod resource;
pub mod role;
pub mod schema;
pub mod shape;

pub use load::ApiFolder;
pub use note::{ALL as CODES, Code, Explanation, Note, Severity, escaped};
pub use operation::{Body, MediaSpec, Operation, Parameter, ParameterLocation, ResponseSpec};
pub use pattern::PathPattern;
pub use record_path::RecordPath;
pub use resource::{Field, FieldType, Lifecycle, Resource, Resources, Transition};
pub use role::{Parent, Role, RoleKind};
pub use schema::{Schema, Violation};
pub use shape::{Member, Shape};

use std::collections::HashMap;

use refs::References;

use crate::diagnostics::Diagnostics;

/// The contracts of one API, read.
pub struct Contract {
    /// Every operation, in the order of the files and then of the paths.
    pub operations: Vec<Operation>,
    /// What is remembered, by kind.
    pub resources: Resources,
    /// What was odd.
    pub notes: Vec<Note>,
    /// Whether the quirks and resources beside the contracts are about them.
    pub is_embedded_api: bool,
}

impl Contract {
    /// Reads the contracts of a library and the resources files beside them.
    ///
    /// A contract that cannot be read costs itself and leaves a note; a resources file is written by hand
    /// for this program and is read strictly.
    ///
    /// `is_known` says of a path whether a family speaks of it; resources that are borrowed hold only where one does.
    ///
    /// # Errors
    /// When a resources file is wrong.
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
        role::assign(&mut operations, &resources);
        Ok(Self { operations, resources, notes, is_embedded_api })
    }
}
