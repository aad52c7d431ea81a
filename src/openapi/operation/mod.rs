//! One operation of an API with its parameters, request body and documented responses.

mod body;
mod callback;
mod header;
mod page_parameter;
mod parameter;
mod read;
mod response;
mod security;
mod status_map;
mod well_formed;

use std::borrow::Cow;
use std::sync::Arc;

use http::Method;
use rayon::prelude::*;
use serde_json::Value;
use thin_vec::ThinVec;

use super::template::{last_fixed_segment, parameter_names};
use super::{RecordPath, Role, RoleKind, escape_pointer};

pub use body::{Body, BodyMedia, is_merge_patch, is_patch};
pub(in crate::openapi) use callback::read_webhooks;
pub use callback::{Callback, RequestValue, UrlTemplate};
pub use header::HeaderSpec;
pub use page_parameter::PageParameter;
pub(in crate::openapi) use parameter::COLLECTION_FORMAT;
pub use parameter::{Parameter, ParameterLocation, ParameterStyle};
pub use read::{count, read};
pub use response::{MediaSpec, ResponseSpec};
pub use security::Credential;
pub use status_map::StatusMap;

/// One operation: a method on a path.
#[derive(Debug, Default)]
pub struct Operation {
    /// `METHOD /full/path/{parameter}`: unique, and the key under which a handler is registered.
    pub key: Arc<str>,
    /// The HTTP method.
    pub method: Method,
    /// The path template with the base path: `/v1/pets/{id}`.
    pub path: Arc<str>,
    /// Query parameters, headers or form fields that a request must have, with their values, from the query or fragment
    /// of the path key: `/cakes?version=1`, `/#Action=List`. Without a value, any value is allowed.
    pub selectors: ThinVec<(String, Option<String>)>,
    /// Name of the contract's file.
    pub file: Arc<str>,
    /// First line of the operation in that file, from 1.
    pub line: usize,
    /// Its JSON pointer in the contract, if method and path do not tell it.
    pub(super) own_pointer: Option<Box<str>>,
    /// The contract's summary; may be empty.
    pub summary: Box<str>,
    /// The contract's tags.
    pub tags: ThinVec<String>,
    /// Path, query and header parameters.
    pub parameters: ThinVec<Parameter>,
    /// The request body, if one is documented.
    pub body: Option<Box<Body>>,
    /// The alternatives of credentials, each a list of those that are required together. None if it is open.
    pub security: ThinVec<Vec<Credential>>,
    /// The documented responses by status.
    pub responses: StatusMap<ResponseSpec>,
    /// The documented responses of status ranges, by class: 4 for `4XX`.
    pub(super) ranges: StatusMap<ResponseSpec>,
    /// The response of all other statuses.
    pub(super) default: Option<Box<ResponseSpec>>,
    /// The requests that it causes the API to send to URLs that its request has.
    pub callbacks: ThinVec<Callback>,
    /// What it does to which kind of record. Assigned when all operations are known.
    pub role: Role,
}

/// The JSON pointer of an operation whose path is written as it is served.
fn usual_pointer(method: &Method, path: &str) -> String {
    format!("/paths/{}/{}", escape_pointer(path), method.as_str().to_ascii_lowercase())
}

impl Operation {
    /// The success status: the first documented 2xx, otherwise the first documented 3xx, otherwise 200.
    pub fn success(&self) -> u16 {
        let first = |class: std::ops::Range<u16>| self.responses.statuses().find(|status| class.contains(status));
        first(200..300).or_else(|| first(300..400)).unwrap_or(200)
    }

    /// The documented response of the success status.
    pub fn success_response(&self) -> Option<&ResponseSpec> {
        self.responses.get(self.success())
    }

    /// The error with which an operation responds to every request, with its status: it documents only errors, and one is
    /// about the operation (withdrawn, not implemented), or the only one has a body or is the server's. Contracts often
    /// omit the success beside errors that some requests cause.
    pub fn only_error(&self) -> Option<(u16, &ResponseSpec)> {
        let (lowest, spec) = self.responses.iter().next()?;
        if lowest < 400 || self.default.is_some() || self.ranges.statuses().any(|class| class < 4) {
            return None;
        }
        let about_operation =
            [410, 501, 451].into_iter().find_map(|status| Some((status, self.responses.get(status)?)));
        let is_alone = self.responses.len() == 1 && self.ranges.is_empty();
        let only = (is_alone && (lowest >= 500 || spec.first().is_some())).then_some((lowest, spec));
        about_operation.or(only)
    }

    /// The documented response of a success that is sent with that status: of the status itself, otherwise of the
    /// success status. `None` if the status is an error that is not documented as such.
    pub fn success_response_with(&self, status: u16) -> Option<&ResponseSpec> {
        let exact = self.responses.get(status);
        exact.or_else(|| self.success_response().filter(|_| (200..400).contains(&status)))
    }

    /// The documented error of a status or of its range; not the default.
    pub fn documented_error(&self, status: u16) -> Option<&ResponseSpec> {
        self.responses.get(status).or_else(|| self.ranges.get(status / 100))
    }

    /// The documented errors with their statuses, ranges and the default, which have no status, at the end.
    pub fn errors(&self) -> impl Iterator<Item = (Option<u16>, &ResponseSpec)> {
        let exact =
            self.responses.iter().filter(|(status, _)| *status >= 400).map(|(status, spec)| (Some(status), spec));
        let ranges = self.ranges.iter().filter(|(class, _)| *class >= 4).map(|(_, spec)| (None, spec));
        exact.chain(ranges).chain(self.default.iter().map(|spec| (None, &**spec)))
    }

    /// The documented response of a status: exact, otherwise of its range, otherwise the default.
    pub fn response(&self, status: u16) -> Option<&ResponseSpec> {
        let exact = self.responses.get(status);
        exact.or_else(|| self.ranges.get(status / 100)).or(self.default.as_deref())
    }

    /// The documented response of a status, exact or of its range; not the default.
    pub fn documented(&self, status: u16) -> Option<&ResponseSpec> {
        self.responses.get(status).or_else(|| self.ranges.get(status / 100))
    }

    /// The documented statuses as in contracts: `200`, `4XX`, `default`.
    pub fn documented_statuses(&self) -> Vec<String> {
        let exact = self.responses.statuses().map(|status| status.to_string());
        let ranges = self.ranges.statuses().map(|class| format!("{class}XX"));
        exact.chain(ranges).chain(self.default.iter().map(|_| "default".to_owned())).collect()
    }

    /// Where a sample of its success has the record, or the records of a list. `names` are other names of the record.
    pub fn record_path(&self, sample: &Value, names: &[&str]) -> Option<RecordPath> {
        let kind = self.role.resource.as_deref().unwrap_or_default();
        let last = last_fixed_segment(&self.path).unwrap_or_default();
        let names = [&[kind], names, &[last]].concat();
        match self.role.kind {
            RoleKind::List => RecordPath::find_list(sample, &names).or_else(|| RecordPath::find(sample, &names)),
            _ => RecordPath::find(sample, &names),
        }
    }

    /// A parameter of the path, by its index.
    pub fn path_parameter(&self, index: usize) -> Option<&Parameter> {
        let name = parameter_names(&self.path).nth(index)?;
        self.parameters.iter().find(|known| known.location == ParameterLocation::Path && known.name == name)
    }

    /// The documented values of a path parameter, by its index.
    pub fn path_examples(&self, index: usize) -> &[Value] {
        self.path_parameter(index).map_or(&[], |parameter| parameter.examples.as_slice())
    }

    /// Its JSON pointer in the contract.
    pub fn pointer(&self) -> Cow<'_, str> {
        match &self.own_pointer {
            Some(pointer) => Cow::Borrowed(pointer),
            None => Cow::Owned(usual_pointer(&self.method, &self.path)),
        }
    }

    /// Its location: `file:line`.
    pub fn location(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// The number of operations of which something is found at once.
const CHUNK: usize = 4096;

/// What is known of each operation alone, found on all processors.
pub fn of_each<'o, T: Send + 'o>(
    operations: &'o [Operation],
    find: impl Fn(&Operation) -> T + Sync + 'o,
) -> impl Iterator<Item = (&'o Operation, T)> {
    operations.chunks(CHUNK).flat_map(move |chunk| {
        let found: Vec<T> = chunk.par_iter().map(&find).collect();
        chunk.iter().zip(found)
    })
}
