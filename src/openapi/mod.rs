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
//! | `record_schema`, `documented_fields` | the fields of a kind of record |
//! | `documented_records` | which operations are on a kind of record, and where their responses have it |
//! | `sources` | shows parts of the files |
//! | [`record_path`] | finds the record inside a documented response |
//! | `limit_composition` | bounds the work that schemas can cause |
//! | [`schema`] | validates and coerces values |
//! | [`generate`] | generates values from schemas, and repairs invalid ones |
//! | [`shape`] | names, order and types of an example |
//! | [`resource`] | kinds of records, from `*.resources.yaml` |
//! | `note`, [`inspect`] | problems of contracts, each with a code |
//! | `xml` | writes values as XML |
//! | [`media_range`] | media types and ranges |
//! | [`conform`] | checks that a response is as documented |
//! | `names`, [`random`], [`template`] | case conversion, random sources, path templates |

pub mod conform;
mod document;
mod documented_fields;
mod documented_records;
pub mod generate;
pub mod infer;
pub mod inspect;
mod limit_composition;
pub mod load;
pub mod media_range;
mod names;
pub mod normalize;
mod note;
pub mod operation;
pub mod path_pattern;
pub mod random;
pub mod record_path;
mod record_schema;
pub mod refs;
pub mod resource;
pub mod role;
mod scalars;
pub mod schema;
pub mod shape;
mod sources;
pub mod template;
mod xml;

pub use crate::diagnostics::locate::escape_pointer;
pub use document::Document;
pub use documented_fields::DocumentedFields;
pub use documented_records::{DocumentedRecord, DocumentedRecords};
pub use load::{ApiChoice, ApiFolder};
pub use names::{is_id, is_own_id, is_plain_id, singular, snake};
pub use note::{ALL as CODES, Code, Explanation, Note, Severity};
pub use operation::{
    Body, BodyMedia, Callback, Credential, HeaderSpec, MediaSpec, Operation, PageParameter, Parameter,
    ParameterLocation, ParameterStyle, RequestValue, ResponseSpec, StatusMap, UrlTemplate, is_merge_patch, is_patch,
};
pub use path_pattern::PathPattern;
pub use record_path::RecordPath;
pub use record_schema::record_schema;
pub use resource::{
    Action, Behaviour, Effect, Field, FieldType, IdForm, Lifecycle, ListStep, Notify, Procedure, REQUEST_VARIABLES,
    Receivers, Rejection, Resource, Resources, Rule, RuleError, SentRequest, Step, StepAction, Subject, Target,
    TimedTransition, Transition, Trigger, Values,
};
pub use role::{PARENT_FIELD, Parent, Role, RoleKind};
pub(crate) use schema::problem as schema_problem;
pub use schema::{Schema, TextChoice, Types, Violation};
pub use shape::{Member, Shape};
pub use sources::ApiSources;
pub use xml::{escape_attribute, escape_text, write_xml};

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::path::PathBuf;
use std::sync::Arc;

use foldhash::fast::FixedState;
use rayon::prelude::*;

use refs::References;

use crate::diagnostics::{Diagnostics, SourceFile};

/// The contracts of one API, read.
pub struct Contract {
    /// Every operation, in the order of the files and then of the paths.
    pub operations: Vec<Operation>,
    /// The requests that the API sends to URLs that no contract knows.
    pub webhooks: Vec<Callback>,
    /// The kinds of records, by name.
    pub resources: Resources,
    /// What was unusual in the contracts.
    pub notes: Vec<Note>,
    /// The files that references lead to, also those that do not exist.
    pub referenced_files: BTreeSet<PathBuf>,
    /// Where the responses of the operations have their records.
    pub documented_records: DocumentedRecords,
}

/// Contracts in one form, whatever version they were written in.
pub struct Documents<'t> {
    list: Vec<Document<'t>>,
    notes: Vec<Note>,
    referenced_files: BTreeSet<PathBuf>,
}

impl<'t> Documents<'t> {
    /// Reads the contracts of a folder. A contract that cannot be read leaves a note and nothing else.
    pub fn read(folder: &'t ApiFolder) -> Self {
        let mut references = References::among(&folder.roots, &folder.ref_map);
        let unread = folder.unread.iter();
        let mut notes: Vec<Note> = unread.map(|(file, why)| Note::new(Code::FileUnreadable, file, "", why)).collect();
        let mut list = Vec::new();
        // Files are read on all processors, and combined in their order.
        let read = |file: &'t SourceFile| {
            let mut notes = Vec::new();
            (normalize::read(file, &mut notes), notes)
        };
        let read: Vec<(Option<Document<'t>>, Vec<Note>)> = folder.contracts.par_iter().map(read).collect();
        for (document, more) in read {
            notes.extend(more);
            let Some(mut document) = document else { continue };
            references.resolve_into(&mut document, &mut notes);
            limit_composition::limit_composition(&mut document, &mut notes);
            list.push(document);
        }
        Self { list, notes, referenced_files: references.files() }
    }

    /// The hosts that the contracts name, once for each contract that names one.
    pub fn hosts(&self) -> Vec<String> {
        self.list.iter().filter_map(|document| document.host.clone()).collect()
    }
}

impl Contract {
    /// Reads the contracts of a folder and the resources files beside them. `owner` is the kind of record that owns others,
    /// or empty.
    ///
    /// # Errors
    /// If a resources file is wrong.
    pub fn read(folder: &ApiFolder, owner: &str) -> Result<Self, Diagnostics> {
        let resources = Resources::read(&folder.resources, owner)?;
        Ok(Self::of(Documents::read(folder), &[], resources))
    }

    /// The kinds of records that resources files describe or that operations are about.
    pub fn kinds(&self) -> BTreeSet<&str> {
        let described = self.resources.iter().map(|resource| resource.kind.as_str());
        described.chain(self.operations.iter().filter_map(|operation| operation.role.resource.as_deref())).collect()
    }

    /// The contract of documents. Operations of `more` apply where the documents have no operation of their method and path.
    pub fn of(documents: Documents, more: &[SourceFile], resources: Resources) -> Self {
        let mut operations: Vec<Operation> = Vec::new();
        let mut webhooks = Vec::new();
        let Documents { mut list, mut notes, referenced_files } = documents;
        let count = list.iter().map(operation::count).sum();
        operations.reserve_exact(count);
        // By hash: the keys of a hundred thousand operations would take more memory.
        let mut known: HashMap<u64, u32> = HashMap::with_capacity(count);
        for document in &mut list {
            webhooks.extend(operation::read_webhooks(document));
            let mut repeated = Vec::new();
            let file = Arc::clone(&document.file);
            operation::read(document, &mut notes, |operation| {
                let entry = known.entry(FixedState::default().hash_one(&operation.key));
                let same = match &entry {
                    Entry::Occupied(index) => operations.get(*index.get() as usize),
                    Entry::Vacant(_) => None,
                };
                match same.filter(|same| same.key == operation.key) {
                    Some(same) => {
                        let message = format!("{} is already served from {}", operation.key, same.location());
                        repeated.push(Note::new(Code::OperationRepeated, &file, "", message));
                    }
                    None => {
                        entry.or_insert(operations.len() as u32);
                        operations.push(operation);
                    }
                }
            });
            notes.extend(repeated);
        }
        drop(known);
        add_missing(&mut operations, more);
        // Freeing large documents takes as long as inferring roles from them.
        rayon::join(|| drop(list), || infer::assign(&mut operations, &resources));
        let documented_records = DocumentedRecords::default();
        Self { operations, webhooks, resources, notes, referenced_files, documented_records }
    }
}

/// Adds the operations of contracts whose method and path, apart from the names of parameters, are not served yet.
fn add_missing(operations: &mut Vec<Operation>, contracts: &[SourceFile]) {
    if contracts.is_empty() {
        return;
    }
    let bare = |operation: &Operation| -> String {
        let parts = operation.key.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let known: HashSet<String> = operations.iter().map(bare).collect();
    // Notes about these contracts are no concern of the user.
    let mut notes = Vec::new();
    for file in contracts {
        let Some(mut document) = normalize::read(file, &mut notes) else { continue };
        operation::read(&mut document, &mut notes, |operation| {
            if !known.contains(&bare(&operation)) {
                operations.push(operation);
            }
        });
    }
}
