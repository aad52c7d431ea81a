use compact_str::CompactString;
use http::header::{AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderName};
use serde_json::Value as Json;

use super::super::{Caller, Context, PathValues, Query};
use crate::expressions::Value;
use crate::model::{FieldValue, Fields};
use crate::openapi::template::parameter_names;
use crate::openapi::{Operation, RequestValue, UrlTemplate};

/// The parts of a request that expressions can read.
#[derive(Clone, Copy)]
pub struct RequestView<'r> {
    pub(super) operation: &'r Operation,
    path: &'r PathValues,
    query: &'r Query,
    headers: &'r HeaderMap,
    body: &'r Json,
    pub(super) caller: &'r Caller,
}

impl<'r> RequestView<'r> {
    /// The request of a context.
    pub fn of(ctx: &Context<'r>) -> Self {
        Self {
            operation: ctx.operation,
            path: ctx.path,
            query: ctx.query,
            headers: &ctx.request.headers,
            body: ctx.body,
            caller: ctx.caller,
        }
    }

    /// The URL of a callback with the values of the request. `None` if it lacks one.
    pub(super) fn resolve(&self, url: &UrlTemplate) -> Option<String> {
        url.resolve(|value| match value {
            RequestValue::Method => Some(self.operation.method.to_string()),
            RequestValue::Header(name) => {
                let name = HeaderName::try_from(name).ok().filter(is_shown)?;
                Some(self.headers.get(name)?.to_str().ok()?.to_owned())
            }
            RequestValue::Query(name) => self.query.get(name).map(str::to_owned),
            RequestValue::Path(name) => {
                let index = parameter_names(&self.operation.path).position(|known| known == name)?;
                self.path.get(index).map(ToString::to_string)
            }
            RequestValue::Body(pointer) => match self.body.pointer(pointer)? {
                Json::String(text) => Some(text.clone()),
                Json::Number(number) => Some(number.to_string()),
                _ => None,
            },
            RequestValue::Unknown => None,
        })
    }

    /// As an object: `method`, and by name `path`, `query`, `headers` and `body`. Credentials are left out.
    pub(super) fn value(&self) -> Value {
        let names = parameter_names(&self.operation.path).map(CompactString::from);
        let path = names.zip(self.path.iter().map(FieldValue::from)).collect::<Fields>();
        let query = self.query.iter().map(|(name, value)| (name.into(), value.into())).collect::<Fields>();
        let headers = self.headers.iter().filter(|(name, _)| is_shown(name));
        let headers = headers.filter_map(|(name, value)| Some((name.as_str().into(), value.to_str().ok()?.into())));
        let members: Vec<(CompactString, Value)> = vec![
            ("method".into(), FieldValue::from(self.operation.method.as_str()).into()),
            ("path".into(), FieldValue::from(path).into()),
            ("query".into(), FieldValue::from(query).into()),
            ("headers".into(), FieldValue::from(headers.collect::<Fields>()).into()),
            ("body".into(), FieldValue::from(self.body).into()),
        ];
        Value::Object(members.into())
    }
}

/// Whether expressions can read a header: it has no credentials.
fn is_shown(name: &HeaderName) -> bool {
    ![AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(name)
}

/// The caller as an object: the `kind` of its token, its `owner`, and the ids of its records by their kind.
pub(super) fn caller_value(caller: &Caller) -> Value {
    let known = [
        ("kind".into(), FieldValue::from(&caller.kind)),
        ("owner".into(), caller.owner.clone().into()),
        ("sees_all".into(), caller.sees_all_owners().into()),
    ];
    let subjects = caller.subjects.iter().map(|(kind, id)| (kind.clone(), FieldValue::from(id)));
    FieldValue::from(known.into_iter().chain(subjects).collect::<Fields>()).into()
}
