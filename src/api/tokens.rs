use compact_str::CompactString;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::model::{Record, Store};
use crate::request::{ApiError, Caller, ErrorKind, Query, State};

/// The tokens of an API: the `tokens` section of `standin.yaml`. The default is an API without tokens.
///
/// Tokens are records of the kind `token`; the id of the record is the value that clients send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// The schemes of the Authorization header that carry a token, the default one first.
    pub schemes: Vec<Scheme>,
    /// The kinds of tokens.
    pub kinds: Vec<TokenKind>,
    /// How a caller says on whose behalf it calls.
    pub on_behalf_of: Option<OnBehalfOf>,
}

/// A scheme of the Authorization header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name (`Bearer`), compared without case.
    pub name: String,
    /// Whether the token may be a parameter (`Token token="x"`, `Token email="…", token="x"`).
    pub has_parameters: bool,
}

/// A kind of token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenKind {
    /// Its name, as scenarios and quirks use it.
    pub name: CompactString,
    /// The kind of record that a token stands for.
    pub subject: Option<CompactString>,
    /// The owners that a caller can act for with the on-behalf-of header.
    pub acts_for: ActsFor,
    /// The scheme of the Authorization header, if it is not the default one.
    pub scheme: Option<String>,
    /// Whether a caller without an owner sees the records of all owners.
    pub sees_all: bool,
    /// The Rust function of the API that makes the value of a scenario's token.
    pub value: Option<String>,
}

/// The owners that a kind of token can act for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ActsFor {
    /// Only the owner of its own record.
    #[default]
    Own,
    /// The owners that name the token's subject in this field.
    OwnedBy(String),
    /// Any owner.
    Any,
}

/// How a caller names the owner that it acts for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnBehalfOf {
    /// The header.
    pub header: HeaderName,
    /// The query parameter that is used if the header is absent.
    pub query: Option<String>,
}

impl Tokens {
    /// Whether the API has tokens.
    pub fn are_declared(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// The kind of that name.
    pub fn kind(&self, name: &str) -> Option<&TokenKind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The names of all kinds, in the order of the file.
    pub fn kind_names(&self) -> Vec<&str> {
        self.kinds.iter().map(|kind| kind.name.as_str()).collect()
    }

    /// The value of an Authorization header that carries a token of that kind.
    pub fn authorization(&self, kind: &str, token: &str) -> String {
        let scheme = self.kind(kind).and_then(|kind| kind.scheme.as_deref());
        let default = || self.schemes.first().map_or("Bearer", |scheme| scheme.name.as_str());
        format!("{} {token}", scheme.unwrap_or_else(default))
    }

    /// The headers by which callers identify themselves, besides Authorization.
    pub fn is_caller_header(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("authorization")
            || self.on_behalf_of.as_ref().is_some_and(|rule| name.eq_ignore_ascii_case(rule.header.as_str()))
    }

    /// The token of an Authorization header with a scheme of the API.
    pub fn credentials<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let (name, rest) = headers.get(AUTHORIZATION)?.to_str().ok()?.trim().split_once(' ')?;
        let scheme = self.schemes.iter().find(|scheme| name.eq_ignore_ascii_case(&scheme.name))?;
        let mut value = rest.trim();
        if scheme.has_parameters {
            let mut parts = value.split(',').map(str::trim);
            let named = parts.clone().find_map(|part| part.strip_prefix("token="));
            value = named.or_else(|| parts.next())?.trim().trim_matches('"');
        }
        Some(value).filter(|value| !value.is_empty())
    }

    /// The caller of a request.
    ///
    /// # Errors
    /// Unauthenticated if the token is missing, malformed, unknown or expired; foreign owner if the on-behalf-of header
    /// names an owner that the token cannot act for.
    pub fn authenticate(&self, state: &State, headers: &HeaderMap, query: &Query) -> Result<Caller, ApiError> {
        let value = self.credentials(headers).ok_or_else(ApiError::unauthenticated)?;
        let token = state.store.get("token", value).ok_or_else(ApiError::unauthenticated)?;
        let kind = self.kind(token.text("kind")).ok_or_else(ApiError::unauthenticated)?;
        if token.get("exp").as_integer().is_some_and(|expiry| expiry <= state.now().as_second()) {
            return Err(ApiError::unauthenticated());
        }
        let mut caller = caller_of(kind, token, state);
        if kind.acts_for != ActsFor::Own
            && let Some(wanted) = self.requested_owner(headers, query)
        {
            let subject = kind.subject.as_deref().and_then(|kind| caller.subject(kind));
            let owner = find_owner(state, &kind.acts_for, subject.map_or("", CompactString::as_str), wanted);
            caller.owner = Some(owner.ok_or_else(foreign_owner)?);
        }
        Ok(caller)
    }

    /// The owner that a request names: in the header, else in the query.
    fn requested_owner<'r>(&self, headers: &'r HeaderMap, query: &'r Query) -> Option<&'r str> {
        let rule = self.on_behalf_of.as_ref()?;
        let header = headers.get(&rule.header).and_then(|header| header.to_str().ok()).map(str::trim);
        let in_query = || query.get(rule.query.as_deref()?).filter(|wanted| !wanted.is_empty());
        header.filter(|wanted| !wanted.is_empty()).or_else(in_query)
    }

    /// The owner that a request without a token names in its query, if it exists.
    pub fn owner_in_query(&self, state: &State, query: &Query) -> Option<CompactString> {
        let name = self.on_behalf_of.as_ref()?.query.as_deref()?;
        let wanted = query.get(name)?;
        state.ownership.owner(&state.store, wanted).map(|owner| owner.id.clone())
    }
}

/// The caller that a token record describes: `{kind}_uid` is the record of that kind.
fn caller_of(kind: &TokenKind, token: &Record, state: &State) -> Caller {
    let id = |field: &str| Some(token.text(field)).filter(|id| !id.is_empty()).map(CompactString::from);
    let subject_of = |subject: &crate::model::Subject| Some((subject.kind.clone(), id(&subject.token_field)?));
    Caller {
        kind: kind.name.clone(),
        owner: id(&state.ownership.token_field),
        subjects: state.ownership.subjects.iter().filter_map(subject_of).collect(),
        sees_all: kind.sees_all,
    }
}

/// The owner with that id or name, if a token can act for it.
fn find_owner(state: &State, acts_for: &ActsFor, subject: &str, wanted: &str) -> Option<CompactString> {
    let (ownership, store): (_, &Store) = (&state.ownership, &state.store);
    let by_name = || {
        let mut all = store.all(&ownership.kind);
        all.find(|owner| ownership.names.iter().any(|field| owner.text(field) == wanted))
    };
    let owner = ownership.owner(store, wanted).or_else(by_name)?;
    match acts_for {
        ActsFor::OwnedBy(field) if owner.text(field) != subject => None,
        _ => Some(owner.id.clone()),
    }
}

fn foreign_owner() -> ApiError {
    ApiError::new(ErrorKind::ForeignOwner, "Unauthorized")
}
