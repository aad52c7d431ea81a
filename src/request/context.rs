use std::cell::OnceCell;
use std::sync::{Arc, LazyLock};

use compact_str::CompactString;
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::{
    ApiError, Caller, Outcome, PathValues, PreparedBody, Query, Reply, Request, RequestCache, Response, State,
};
use crate::faults::FaultEffect;
use crate::model::{FieldValue, Record};
use crate::openapi::{Contract, DocumentedRecord, DocumentedRecords, Operation, Resources};

/// Handles one operation.
pub type Handler = fn(&mut Context<'_>) -> Result<Reply, ApiError>;

/// Why a stage or an effect ends a request before its handler is done.
#[derive(Debug)]
pub enum Stop {
    /// An error, to be written in the dialect of the path.
    Error(ApiError),
    /// A response without the headers that describe it.
    Response(Box<Response>),
    /// The outcome of the context is final.
    Finished,
}

/// What is known about a request so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Progress {
    /// Only what was sent.
    Received,
    /// The gateway and the operation.
    Routed,
    /// The caller.
    Authenticated,
    /// The query and the body.
    Parsed,
}

/// One request on its way through the pipeline: the parts of the engine and of the session that it uses, and what the
/// stages have found so far.
///
/// Values that stages find live in a [`Findings`] outside of it, so that a handler can hold a reference to one of them
/// while it changes the state.
pub struct Context<'a> {
    /// Records, ids, time and quirk flags.
    pub state: &'a mut State,
    /// Responses to earlier GET requests.
    pub cache: RequestCache<'a>,
    /// All operations of the contracts.
    pub operations: &'a [Operation],
    /// The kinds of records.
    pub resources: &'a Resources,
    /// Where the responses of the operations have their records.
    pub documented_records: &'a DocumentedRecords,
    /// What was sent.
    pub request: &'a Request,
    /// What is known so far.
    pub progress: Progress,
    /// The gateway through which the request came.
    pub gateway: CompactString,
    /// The path without the gateway's prefix.
    pub local_path: &'a str,
    /// The operation; an empty one until the request is routed, and where the path has none.
    pub operation: &'a Operation,
    /// Index of the operation in `operations`; `None` as long as `operation` is empty.
    pub operation_index: Option<usize>,
    /// The index of the procedure that runs after the CRUD handler has created or changed a record.
    pub after_procedure: Option<usize>,
    /// The values of the path's parameters.
    pub path: &'a PathValues,
    /// The caller; an anonymous one until the request is authenticated.
    pub caller: &'a Caller,
    /// The query as sent.
    pub sent_query: &'a Query,
    /// The query after quirks have rewritten it.
    pub query: &'a Query,
    /// The body as sent, until it has been validated.
    pub sent_body: Value,
    /// The body, if it was read and validated before.
    pub prepared_body: Option<Box<PreparedBody>>,
    /// The body after coercion and validation; `null` if there is none.
    pub body: &'a Value,
    /// The result of the request.
    pub outcome: Outcome,
    /// The record that the CRUD handler has created.
    pub created: Option<Arc<Record>>,
    /// Headers of the response that do not depend on its body.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// What faults do to the response, if there are any.
    pub faults: Option<Box<FaultEffect>>,
    /// The operation whose path is most similar to an unknown path.
    pub nearest: Option<String>,
    findings: &'a Findings,
}

/// Storage for the values that stages find. Each can be set once.
#[derive(Default)]
pub struct Findings {
    path: OnceCell<PathValues>,
    rewritten_path: OnceCell<PathValues>,
    caller: OnceCell<Caller>,
    acting_caller: OnceCell<Caller>,
    sent_query: OnceCell<Query>,
    query: OnceCell<Query>,
    body: OnceCell<Value>,
}

static NO_OPERATION: LazyLock<Operation> = LazyLock::new(Operation::default);
static NO_VALUES: LazyLock<PathValues> = LazyLock::new(PathValues::default);
static NO_QUERY: LazyLock<Query> = LazyLock::new(Query::default);
static NO_BODY: Value = Value::Null;
static ANONYMOUS: LazyLock<Caller> = LazyLock::new(Caller::anonymous);

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Error(error)
    }
}

impl From<Response> for Stop {
    fn from(response: Response) -> Self {
        Self::Response(Box::new(response))
    }
}

impl<'a> Context<'a> {
    /// The context of a request before its first stage.
    pub fn new(
        contract: &'a Contract,
        (state, cache): (&'a mut State, RequestCache<'a>),
        request: &'a Request,
        findings: &'a Findings,
    ) -> Self {
        Self {
            state,
            cache,
            operations: &contract.operations,
            resources: &contract.resources,
            documented_records: &contract.documented_records,
            request,
            progress: Progress::Received,
            gateway: CompactString::default(),
            local_path: &request.path,
            operation: &NO_OPERATION,
            operation_index: None,
            after_procedure: None,
            path: &NO_VALUES,
            caller: &ANONYMOUS,
            sent_query: &NO_QUERY,
            query: &NO_QUERY,
            sent_body: Value::Null,
            prepared_body: None,
            body: &NO_BODY,
            outcome: Outcome::Pending,
            created: None,
            headers: Vec::new(),
            faults: None,
            nearest: None,
            findings,
        }
    }

    /// The operations on a kind of record, with their indexes, in the order of the contract.
    pub fn operations_of(&self, kind: &str) -> impl Iterator<Item = (usize, &'a Operation)> + Clone + use<'a> {
        let operations = self.operations;
        let indexes = self.documented_records.of_kind(operations, kind).iter();
        indexes.map(move |index| (*index as usize, &operations[*index as usize]))
    }

    /// The record in the documented response of an operation, given by its index.
    pub fn documented_record(&self, index: usize) -> Option<&'a DocumentedRecord> {
        self.documented_records.of_operation(self.operations, self.resources, index)
    }

    /// The operations whose path has one segment more than that of the request's operation, in the order of the contract.
    pub fn operations_below(&self) -> impl Iterator<Item = &'a Operation> + use<'a> {
        let (operations, index) = (self.operations, self.operation_index);
        let record = index.and_then(|index| self.documented_record(index));
        let below = record.map_or(&[][..], |record| record.operations_below(operations, &self.operation.path));
        below.iter().map(|index| &operations[*index as usize])
    }

    /// Sets the operation, by its index, and the values of its path parameters.
    pub fn set_operation(&mut self, index: usize, values: PathValues) {
        self.operation = &self.operations[index];
        self.operation_index = Some(index);
        self.path = self.findings.path.get_or_init(|| values);
        self.progress = Progress::Routed;
    }

    /// Sets the values of the path's parameters that handlers read.
    pub fn set_rewritten_path(&mut self, values: PathValues) {
        self.path = self.findings.rewritten_path.get_or_init(|| values);
    }

    /// Sets the query as sent.
    pub fn set_query(&mut self, query: Query) {
        self.sent_query = self.findings.sent_query.get_or_init(|| query);
        self.query = self.sent_query;
    }

    /// Sets the query that handlers read.
    pub fn set_rewritten_query(&mut self, query: Query) {
        self.query = self.findings.query.get_or_init(|| query);
    }

    /// Sets the caller.
    pub fn set_caller(&mut self, caller: Caller) {
        self.caller = self.findings.caller.get_or_init(|| caller);
        self.progress = Progress::Authenticated;
    }

    /// Lets the caller act for an owner that it has not named.
    pub fn act_for(&mut self, owner: CompactString) {
        let caller = Caller { owner: Some(owner), ..self.caller.clone() };
        self.caller = self.findings.acting_caller.get_or_init(|| caller);
    }

    /// Sets the body as sent, before coercion.
    pub fn set_sent_body(&mut self, body: Value) {
        self.sent_body = body;
        self.progress = Progress::Parsed;
    }

    /// Sets the body after coercion and validation.
    pub fn set_body(&mut self, body: Value) {
        self.body = self.findings.body.get_or_init(|| body);
    }

    /// The body as far as it is known: as sent until it has been validated.
    pub fn current_body(&self) -> &Value {
        if self.findings.body.get().is_some() { self.body } else { &self.sent_body }
    }

    /// The id of the record that owns what the request is about.
    ///
    /// # Errors
    /// Unauthorized if the token belongs to no owner and the request names none.
    pub fn owner(&self) -> Result<CompactString, ApiError> {
        self.caller.owner.clone().ok_or_else(ApiError::unauthorized)
    }

    /// A field of the body, also inside an object (`["client_package", "valid_until"]`); `null` if it is missing.
    pub fn body_field(&self, path: &[&str]) -> &Value {
        // Most bodies have few names: comparing them all is faster than hashing one.
        path.iter()
            .try_fold(self.body, |value, name| Some(value.as_object()?.iter().find(|(known, _)| known == name)?.1))
            .unwrap_or(&Value::Null)
    }

    /// A text field of the body; an empty text counts as missing.
    pub fn body_text(&self, name: &str) -> Option<&str> {
        self.body_field(&[name]).as_str().filter(|text| !text.is_empty())
    }

    /// A record of the caller's owner; `None` for a record of another owner.
    pub fn owned_record(&self, kind: &str, id: &str) -> Option<Arc<Record>> {
        let record = self.state.store.get(kind, id)?;
        self.is_own(record).then(|| Arc::clone(record))
    }

    /// Stores a new record; missing fields get the defaults of its kind.
    pub fn insert<N: AsRef<str>>(
        &mut self,
        kind: &str,
        id: CompactString,
        given: impl IntoIterator<Item = (N, FieldValue)>,
    ) -> Arc<Record> {
        let record = match self.resources.get(kind) {
            Some(resource) => resource.record(id, given),
            None => {
                let fields = given.into_iter().map(|(name, value)| (CompactString::from(name.as_ref()), value));
                Record::new(kind, id, fields.collect())
            }
        };
        self.state.store.put(record)
    }

    /// Whether a record belongs to the caller's owner.
    pub fn is_own(&self, record: &Record) -> bool {
        self.caller.owns(record, self.state, self.resources)
    }
}
