//! Reading swagger: files become [`Operation`]s, whatever version they were written in.
//!
//! [`load`] finds the files and sorts them by what they are; [`normalise`] is the only place that knows
//! versions; [`refs`] brings in what stands in other files; [`operation`] is what the rest of the house works with; [`shape`] is what an example tells
//! about an answer; [`schema`] checks and coerces; [`generate`] makes a value where nothing else is known; [`resource`]
//! names what is remembered.

pub mod generate;
pub mod load;
pub mod normalise;
pub mod operation;
pub mod pattern;
pub mod refs;
pub mod resource;
pub mod schema;
pub mod shape;

pub use load::Library;
pub use operation::{Body, Operation, Parameter, ParameterPlace, Response};
pub use pattern::PathPattern;
pub use resource::{Field, FieldType, Resource, Resources};
pub use schema::Schema;
pub use shape::{Member, Shape};

use std::path::PathBuf;

use refs::References;

use crate::source::{Complaints, Text};

/// Something that was odd in a contract, and what was assumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The file it is about.
    pub file: String,
    /// JSON pointer into the file.
    pub pointer: String,
    /// What is odd and what was assumed.
    pub message: String,
}

/// The contracts of one API, read.
pub struct Contract {
    /// Every operation, in the order of the files and then of the paths.
    pub operations: Vec<Operation>,
    /// What is remembered, by kind.
    pub resources: Resources,
    /// What was odd.
    pub notes: Vec<Note>,
}

impl Contract {
    /// Reads contracts and the resources files beside them. `roots` are the paths that references may lead into.
    ///
    /// A contract that cannot be read costs itself and leaves a note; a resources file is written by hand
    /// for this program and is read strictly.
    ///
    /// # Errors
    /// When a resources file is wrong.
    pub fn read(contracts: &[Text], resources: &[Text], roots: &[PathBuf]) -> Result<Self, Complaints> {
        let mut references = References::among(roots);
        let mut operations: Vec<Operation> = Vec::new();
        let mut notes = Vec::new();
        for file in contracts {
            let Some(mut document) = normalise::read(file, &mut notes) else { continue };
            references.bring_into(&mut document, &mut notes);
            for operation in operation::read(&document, &mut notes) {
                match operations.iter().find(|known| known.key == operation.key) {
                    Some(known) => notes.push(Note {
                        file: file.name.clone(),
                        pointer: String::new(),
                        message: format!(
                            "{} is already served from {}; this one is left out",
                            operation.key, known.file
                        ),
                    }),
                    None => operations.push(operation),
                }
            }
        }
        Ok(Self { operations, resources: Resources::read(resources)?, notes })
    }
}
