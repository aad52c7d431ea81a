//! Reading swagger: files become [`Operation`]s, whatever version they were written in.
//!
//! | file | what it does |
//! |---|---|
//! | [`load`] | finds the files and sorts them by what they are |
//! | [`normalise`] | the only place that knows versions |
//! | [`refs`] | brings in what stands in other files |
//! | [`operation`] | what the rest of the house works with |
//! | [`role`] | which operation does what to which resource; [`entity`]: where answers have their record |
//! | [`schema`] | checks and coerces; `recursion`: how deep a value may be for that |
//! | [`generate`] | makes a value where nothing else is known; `matching`: a text for a pattern |
//! | [`mod@fit`] | bends a value to its schema |
//! | [`shape`] | what an example tells about names, order and types |
//! | [`resource`] | what is remembered, where people wrote it down |
//! | `note`, [`inspect`] | what was odd, with a code |
//! | [`conform`] | whether an answer is as documented |

pub mod conform;
pub mod entity;
pub mod fit;
pub mod generate;
pub mod inspect;
pub mod load;
mod matching;
pub mod normalise;
mod note;
pub mod operation;
pub mod pattern;
mod recursion;
pub mod refs;
pub mod resource;
pub mod role;
pub mod schema;
pub mod shape;

pub use entity::Entity;
pub use load::Library;
pub use note::{ALL as CODES, Code, Explanation, Note, Severity, escaped};
pub use operation::{Body, Media, Operation, Parameter, ParameterPlace, Response};
pub use pattern::PathPattern;
pub use resource::{Field, FieldType, Life, Resource, Resources, Transition};
pub use role::{Parent, Role, RoleKind};
pub use schema::{Schema, Violation};
pub use shape::{Member, Shape};

use std::collections::HashMap;

use refs::References;

use crate::source::Complaints;

/// The contracts of one API, read.
pub struct Contract {
    /// Every operation, in the order of the files and then of the paths.
    pub operations: Vec<Operation>,
    /// What is remembered, by kind.
    pub resources: Resources,
    /// What was odd.
    pub notes: Vec<Note>,
    /// Whether the quirks and resources beside the contracts are about them.
    pub is_home: bool,
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
    pub fn read(library: &Library, is_known: &dyn Fn(&str) -> bool) -> Result<Self, Complaints> {
        let mut references = References::among(&library.roots, &library.ref_map);
        let mut operations: Vec<Operation> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut notes: Vec<Note> =
            library.unread.iter().map(|(file, why)| Note::new(Code::FileUnreadable, file, "", why)).collect();
        for file in &library.contracts {
            let Some(mut document) = normalise::read(file, &mut notes) else { continue };
            references.bring_into(&mut document, &mut notes);
            for operation in operation::read(&document, &mut notes) {
                match known.get(&operation.key) {
                    Some(place) => {
                        let message =
                            format!("{} is already served from {}", operation.key, operations[*place].place());
                        notes.push(Note::new(Code::OperationRepeated, &file.name, "", message));
                    }
                    None => {
                        known.insert(operation.key.clone(), operations.len());
                        operations.push(operation);
                    }
                }
            }
        }
        let is_home = !library.is_borrowed || operations.iter().any(|operation| is_known(&operation.path));
        let resources = if is_home { Resources::read(&library.resources)? } else { Resources::default() };
        role::assign(&mut operations, &resources);
        Ok(Self { operations, resources, notes, is_home })
    }
}
