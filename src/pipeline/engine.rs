use std::sync::Arc;

use http::{HeaderValue, Method};
use serde_json::{Value, json};

use super::documented_error::CommonErrors;
use super::prepare::Preparations;
use crate::api::identity::{Identity, Reason};
use crate::api::{Api, Dialect, RouteMatch, Routes, ScenarioFiles};
use crate::apis::{self, Handlers, OperationFunctions};
use crate::diagnostics::{Diagnostics, nearest};
use crate::handlers;
use crate::model::Indexes;
use crate::openapi::conform::conform;
use crate::openapi::{ApiFolder, ApiSources, Contract, Documents, Operation, Resources};
use crate::quirks::{Quirks, Rules};
use crate::request::{Context, Handler};

/// The rules of a request without an operation.
static NO_RULES: Rules = Rules::NONE;

/// One API, ready to serve requests.
pub struct Engine {
    pub(super) contract: Contract,
    pub(super) quirks: Quirks,
    pub(super) api: Arc<Api>,
    reason: Reason,
    scenarios: ScenarioFiles,
    sources: ApiSources,
    pub(super) routes: Routes,
    /// One for each operation, in the order of the contract.
    pub(super) endpoints: Vec<Endpoint>,
    /// The id of each quirk as a header value.
    pub(super) quirk_ids: Vec<HeaderValue>,
    /// The same as text that journals share.
    pub(super) quirk_names: Vec<Arc<str>>,
    pub(super) common_errors: CommonErrors,
    pub(super) preparations: Arc<Preparations>,
    indexes: Arc<Indexes>,
}

/// What is looked up for an operation once, when the engine is built.
pub(super) struct Endpoint {
    /// The key of the operation, as journals share it.
    pub(super) key: Arc<str>,
    pub(super) rules: Rules,
    /// Few operations have any.
    functions: Option<Box<OperationFunctions>>,
    dialect: usize,
}

impl Endpoint {
    /// The functions that serve the operation.
    pub(super) fn functions(&self) -> OperationFunctions {
        self.functions.as_deref().copied().unwrap_or_default()
    }
}

/// No contract has an operation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no contract has the operation `{operation}`{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownOperation {
    /// The key that was given.
    pub operation: String,
    /// The most similar key of an operation.
    pub nearest: Option<String>,
}

impl Engine {
    /// Builds the engine of an API folder.
    ///
    /// # Errors
    /// When a quirks, resources or dialects file is wrong. Mistakes in contracts become notes of the contract.
    pub fn new(folder: &ApiFolder) -> Result<Self, Diagnostics> {
        let documents = Documents::read(folder);
        let identity = Identity::of(folder, &documents.hosts())?;
        let Identity { api, reason, scenarios, resources: files, quirks: quirk_files, more_contracts } = identity;
        let mut resources = Resources::read(&files, &api.ownership.kind)?;
        resources.documented_behaviour_only = api.documented_behaviour_only;
        let (mut contract, quirks) =
            rayon::join(|| Contract::of(documents, &more_contracts, resources), || Quirks::read(&quirk_files, &api));
        let quirks = quirks?;
        let operations = &contract.operations;
        contract.resources.set_id_forms(|kind| handlers::id_form(operations, kind));
        contract.resources.bind_notifications((operations, &contract.webhooks), &files)?;
        let sources = ApiSources::new(folder, &contract);
        let of_api = api.handlers.as_deref().and_then(Handlers::named).unwrap_or(Handlers::NONE);
        let key_names = handlers::key_names(&contract.operations, &contract.resources).into();
        let indexes = Arc::new(Indexes { kinds: of_api.indexes().map(Arc::new).collect(), key_names });
        let functions = apis::bind(of_api, &files, &mut contract)?;
        let routes = Routes::new(&contract.operations, &mut contract.notes);
        let endpoint = |operation: &Operation| Endpoint {
            key: Arc::clone(&operation.key),
            rules: Rules::of_operation(&quirks, operation),
            functions: functions.get(&*operation.key).copied().map(Box::new),
            dialect: api.dialects.index_of(&operation.path),
        };
        let endpoints = contract.operations.iter().map(endpoint).collect();
        let header = |id: &str| HeaderValue::from_str(id).expect("an id is letters, digits and hyphens");
        let quirk_ids = quirks.iter().map(|quirk| header(&quirk.id)).collect();
        let quirk_names = quirks.iter().map(|quirk| quirk.id.as_str().into()).collect();
        let (api, common_errors) = (Arc::new(api), CommonErrors::default());
        Ok(Self {
            contract,
            quirks,
            api,
            reason,
            scenarios,
            sources,
            routes,
            endpoints,
            quirk_ids,
            quirk_names,
            common_errors,
            preparations: Arc::default(),
            indexes,
        })
    }

    /// The same engine with a Rust handler for an operation, given by its key such as `POST /v1/orders`, instead of what the
    /// API folder says. The handler gets the context of the request: its parts, the caller, and the state that it may change.
    ///
    /// # Errors
    /// If no contract has the operation.
    pub fn with_handler(mut self, operation: &str, handler: Handler) -> Result<Self, UnknownOperation> {
        let operations = self.contract.operations.iter();
        let mut keys = operations.map(|operation| &*operation.key);
        let Some(index) = keys.clone().position(|key| key == operation) else {
            let nearest = nearest(operation, &mut keys).map(str::to_owned);
            return Err(UnknownOperation { operation: operation.to_owned(), nearest });
        };
        self.endpoints[index].functions.get_or_insert_default().handler = Some(handler);
        Ok(self)
    }

    /// The contracts.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Whether an operation, given by its index, has a handler or a procedure of its own instead of the CRUD handler.
    pub fn has_handler(&self, operation: usize) -> bool {
        self.endpoints[operation].functions().is_served()
    }

    /// An operation, given by its index, as JSON: method, path, where it is documented, and what implements it.
    pub fn describe_operation(&self, operation: usize) -> Value {
        let (documented, endpoint) = (&self.contract.operations[operation], &self.endpoints[operation]);
        json!({
            "method": documented.method.as_str(),
            "path": documented.path,
            "file": documented.file,
            "line": documented.line,
            "kind": documented.role.kind.to_string(),
            "resource": documented.role.resource,
            "behaviour": endpoint.functions().is_served(),
            "summary": documented.summary,
        })
    }

    /// The API that the contracts belong to.
    pub fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// The Rust handlers of that API.
    pub fn handlers(&self) -> Option<Handlers> {
        self.api.handlers.as_deref().and_then(Handlers::named)
    }

    /// By what its handlers find records.
    pub fn indexes(&self) -> &Arc<Indexes> {
        &self.indexes
    }

    /// The files that it was made from.
    pub fn sources(&self) -> &ApiSources {
        &self.sources
    }

    /// The ids of the quirks that apply to an operation, given by its index, whether they are on or off.
    pub fn quirks_of(&self, operation: usize) -> Vec<&str> {
        self.endpoints[operation].rules.quirks(&self.quirks).map(|quirk| quirk.id.as_str()).collect()
    }

    /// The scenarios that the API has.
    pub fn scenarios(&self) -> &ScenarioFiles {
        &self.scenarios
    }

    /// Why that API applies.
    pub fn reason(&self) -> &Reason {
        &self.reason
    }

    /// The quirks.
    pub fn quirks(&self) -> &Quirks {
        &self.quirks
    }

    /// Checks a body against what the contract documents for a status of an operation, given by its index. `None` if no
    /// JSON body is documented for it.
    pub fn check_body(&self, operation: usize, status: u16, body: &Value) -> Option<Result<(), String>> {
        let media = self.contract.operations[operation].response(status)?.first()?;
        media.is_json().then(|| conform(media, body))
    }

    /// Finds the operation of a method and a path, with or without a gateway's prefix. The responses of an engine name
    /// their operation; this is for those of other servers.
    pub fn find(&self, method: &Method, path: &str) -> Option<&Operation> {
        self.find_index(method, path).map(|index| &self.contract.operations[index])
    }

    /// The index of the operation that serves a method and path, with or without the prefix of a gateway.
    pub(super) fn find_index(&self, method: &Method, path: &str) -> Option<usize> {
        let (_, path) = self.api.gateways.split(path);
        match self.routes.find(method, path) {
            RouteMatch::Operation(index, _) => Some(index),
            _ => None,
        }
    }

    /// What was looked up for the operation of a request; `None` if it has none.
    pub(super) fn endpoint(&self, ctx: &Context<'_>) -> Option<&Endpoint> {
        ctx.operation_index.map(|index| &self.endpoints[index])
    }

    /// The rules for the operation of a request.
    pub(super) fn rules(&self, ctx: &Context<'_>) -> &Rules {
        self.endpoint(ctx).map_or(&NO_RULES, |endpoint| &endpoint.rules)
    }

    /// The dialect of a request's path.
    pub(super) fn dialect(&self, ctx: &Context<'_>) -> &Dialect {
        match self.endpoint(ctx) {
            Some(endpoint) => self.api.dialects.at(endpoint.dialect),
            None => self.api.dialects.of(ctx.local_path),
        }
    }
}
