use std::collections::{BTreeMap, HashMap, HashSet};

use super::handlers::Handlers;
use crate::diagnostics::{Diagnostic, Diagnostics, SourceFile, nearest};
use crate::openapi::resource::{NamedFunction, OperationReference, ReferenceTarget};
use crate::openapi::{ApiFolder, Code, Contract, Note};
use crate::request::Handler;

/// At most this many missing operations are listed in one note.
const MAX_LISTED: usize = 3;

/// The Rust functions of one operation.
#[derive(Clone, Copy, Debug, Default)]
pub struct OperationFunctions {
    /// Serves the operation instead of the CRUD handler.
    pub handler: Option<Handler>,
    /// The index of the procedure that serves the operation.
    pub procedure: Option<usize>,
    /// The index of the procedure that runs after the CRUD handler has created or changed a record.
    pub after_procedure: Option<usize>,
}

impl OperationFunctions {
    /// Whether the CRUD handler does not serve the operation.
    pub fn is_served(&self) -> bool {
        self.handler.is_some() || self.procedure.is_some()
    }
}

/// Looks up the functions that resources files name, by the key of their operation.
///
/// An operation that no contract has is a mistake in a resources file of the user. The embedded resources files are also
/// used with other copies of the API's contracts, which may lack operations: there it becomes a note of the contract.
///
/// # Errors
/// All mistakes of the first wrong file: a function or an operation that does not exist, with its line.
pub fn bind(
    handlers: Handlers,
    files: &[SourceFile],
    contract: &mut Contract,
) -> Result<HashMap<String, OperationFunctions>, Diagnostics> {
    let mut bound: HashMap<String, OperationFunctions> = HashMap::new();
    let mut diagnostics: BTreeMap<&str, Vec<Diagnostic>> = BTreeMap::new();
    let mut missing: BTreeMap<&str, Vec<&OperationReference>> = BTreeMap::new();
    // Without references, nothing is looked up, and a contract can have a hundred thousand operations.
    let has_references = !contract.resources.references().is_empty();
    let operations = if has_references { contract.operations.as_slice() } else { &[] };
    let keys: HashSet<&str> = operations.iter().map(|operation| &*operation.key).collect();
    let mut similar: HashMap<String, &str> = HashMap::new();
    for operation in operations {
        similar.entry(without_parameter_names(&operation.key)).or_insert(&operation.key);
    }
    for reference in contract.resources.references() {
        let exact = keys.get(reference.operation.as_str()).copied();
        // Handlers read path values by position, so other copies of a contract may name parameters differently.
        let key = match reference.target {
            ReferenceTarget::Transition | ReferenceTarget::Trigger(_) | ReferenceTarget::Role(..) => exact,
            _ => exact.or_else(|| similar.get(&without_parameter_names(&reference.operation)).copied()),
        };
        if key.is_none() {
            missing.entry(&reference.file).or_default().push(reference);
        }
        let key = key.unwrap_or(&reference.operation).to_owned();
        let found = find(handlers, reference, bound.entry(key).or_default());
        diagnostics.entry(&reference.file).or_default().extend(found.err());
    }
    for (reference, kind) in triggers_of_other_kinds(contract, &bound) {
        diagnostics.entry(&reference.file).or_default().push(on_other_kind(reference, kind));
    }
    let mut notes = Vec::new();
    for (file, references) in missing {
        if is_embedded(files, file) {
            notes.push(note_missing(file, &references));
        } else {
            let unknown = references.into_iter().map(|reference| unknown_operation(reference, contract));
            diagnostics.entry(file).or_default().extend(unknown);
        }
    }
    if let Some((file, list)) = diagnostics.into_iter().find(|(_, list)| !list.is_empty()) {
        let text = find_file(files, file).map_or("", |source| source.text.as_str());
        return Err(Diagnostics::new(file, text, list));
    }
    contract.notes.extend(notes);
    Ok(bound)
}

/// The rules and effects on operations that are about another kind of record, with that kind if it is known: they would never
/// happen. A Rust handler can write records of any kind.
fn triggers_of_other_kinds<'c>(
    contract: &'c Contract,
    bound: &HashMap<String, OperationFunctions>,
) -> Vec<(&'c OperationReference, Option<&'c str>)> {
    let is_served = |key: &str| bound.get(key).is_some_and(OperationFunctions::is_served);
    let find = |key: &str| contract.operations.iter().find(|operation| *operation.key == *key);
    let references = contract.resources.references().iter();
    let of_other = references.filter_map(|reference| {
        let ReferenceTarget::Trigger(kind) = &reference.target else { return None };
        let operation = find(&reference.operation).filter(|operation| !is_served(&operation.key))?;
        let own = operation.role.resource.as_deref();
        (own != Some(kind)).then_some((reference, own))
    });
    of_other.collect()
}

fn on_other_kind(reference: &OperationReference, kind: Option<&str>) -> Diagnostic {
    let key = &reference.operation;
    match kind {
        Some(kind) => Diagnostic::new(reference.span, format!("`{key}` is about records of the kind `{kind}`"))
            .help(format!("move the entry to `{kind}`")),
        None => Diagnostic::new(reference.span, format!("`{key}` is about no record"))
            .help("say which with `operations`, such as `{POST /v1/orders/ship: act}`"),
    }
}

/// `GET /v1/orders/*` for `GET /v1/orders/{id}`.
fn without_parameter_names(key: &str) -> String {
    let parts = key.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn find_file<'f>(files: &'f [SourceFile], name: &str) -> Option<&'f SourceFile> {
    files.iter().find(|source| source.name == name)
}

/// Whether a resources file is one of the embedded API.
fn is_embedded(files: &[SourceFile], file: &str) -> bool {
    let embedded = &ApiFolder::embedded_ref().resources;
    find_file(files, file).is_some_and(|source| embedded.iter().any(|known| known.text == source.text))
}

fn find(
    handlers: Handlers,
    reference: &OperationReference,
    functions: &mut OperationFunctions,
) -> Result<(), Diagnostic> {
    match &reference.target {
        ReferenceTarget::Handler(function) => functions.handler = Some(find_named(handlers.handlers(), function)?),
        ReferenceTarget::Procedure(index) => functions.procedure = Some(*index),
        ReferenceTarget::AfterProcedure(index) => functions.after_procedure = Some(*index),
        ReferenceTarget::Transition | ReferenceTarget::Trigger(_) | ReferenceTarget::Role(..) => {}
    }
    Ok(())
}

fn find_named<F: Copy + 'static>(
    mut known: impl Iterator<Item = &'static (&'static str, F)> + Clone,
    function: &NamedFunction,
) -> Result<F, Diagnostic> {
    let names = known.clone().map(|(name, _)| *name);
    let found = known.find(|(name, _)| *name == function.name).map(|(_, found)| *found);
    found.ok_or_else(|| {
        let diagnostic = Diagnostic::new(function.span, format!("unknown handler `{}`", function.name));
        match nearest(&function.name, names) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("handlers are Rust functions; remove the row to use the CRUD handler"),
        }
    })
}

fn unknown_operation(reference: &OperationReference, contract: &Contract) -> Diagnostic {
    let key = &reference.operation;
    let diagnostic = Diagnostic::new(reference.span, format!("no contract has the operation `{key}`"));
    match nearest(key, contract.operations.iter().map(|operation| &*operation.key)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("write `METHOD /path` as the contract has it, such as `POST /v1/orders`"),
    }
}

fn note_missing(file: &str, references: &[&OperationReference]) -> Note {
    let mut keys: Vec<&str> = references.iter().map(|reference| reference.operation.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let listed = keys.iter().take(MAX_LISTED).copied().collect::<Vec<_>>().join(", ");
    let more = keys.len().saturating_sub(MAX_LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Note::new(Code::OperationMissing, file, "", format!("no contract has {listed}{more}"))
}
