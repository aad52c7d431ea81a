use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderMap, Method};
use jiff::Timestamp;
use smallvec::SmallVec;

use crate::model::Record;

/// What a client sends.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as sent, with the prefix of the door, percent-encoded.
    pub path: CompactString,
    /// The query as sent, without the question mark.
    pub query: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, whole.
    pub body: Bytes,
    /// When it was sent: the caller's clock. A world with a frozen clock does not look at it.
    pub at: Timestamp,
}

/// Which base URL a call came through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gateway {
    /// The main gateway: `/apigw`, and no prefix.
    Main,
    /// The fallback: `/api2`.
    Fallback,
}

impl Gateway {
    /// The name as quirks and fixtures write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Fallback => "fallback",
        }
    }

    /// What stands before a path that goes through it.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Main => "/apigw",
            Self::Fallback => "/api2",
        }
    }
}

/// The kinds of tokens that the API knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A member of staff, for the business of that member.
    Staff,
    /// A directory, for the business named by `X-On-Behalf-Of`.
    Directory,
    /// An app, for the business named by `X-On-Behalf-Of`.
    App,
    /// A client of a business: a JWT.
    Client,
    /// A business.
    Business,
    /// An operator.
    Operator,
    /// An administrator of the platform.
    Admin,
    /// A service of the platform; the same header as an administrator.
    Internal,
}

impl TokenKind {
    /// All kinds, in the order in which they are listed.
    pub const ALL: [Self; 8] = [
        Self::Staff,
        Self::Directory,
        Self::App,
        Self::Client,
        Self::Business,
        Self::Operator,
        Self::Admin,
        Self::Internal,
    ];

    /// The name as scenarios and quirks write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Directory => "directory",
            Self::App => "app",
            Self::Client => "client",
            Self::Business => "business",
            Self::Operator => "operator",
            Self::Admin => "admin",
            Self::Internal => "internal",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Who calls, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The kind of the token.
    pub kind: TokenKind,
    /// The business the call is about; a directory or app token has none without `X-On-Behalf-Of`.
    pub business: Option<CompactString>,
    /// The member of staff behind a staff token.
    pub staff: Option<CompactString>,
    /// The client behind a client token.
    pub client: Option<CompactString>,
    /// The directory behind a directory or app token.
    pub directory: Option<CompactString>,
}

impl Caller {
    /// Whoever calls an API of which no family says what tokens it has.
    pub fn anyone() -> Self {
        Self { kind: TokenKind::Internal, business: None, staff: None, client: None, directory: None }
    }

    /// Whether what belongs to any business is shown to them: the platform's own people, and whoever asks for what is
    /// public.
    pub fn sees_all(&self) -> bool {
        self.business.is_none() && matches!(self.kind, TokenKind::Admin | TokenKind::Internal)
    }
}

/// The values of a path's parameters, decoded, in the order of the path.
pub type PathValues = SmallVec<[CompactString; 2]>;

/// The query of a call, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(SmallVec<[(CompactString, CompactString); 4]>);

impl Query {
    /// Reads a query string; a name without `=` has an empty value.
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = query.into_iter().flat_map(|query| query.split('&')).filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(name), decode(value))
                })
                .collect(),
        )
    }

    /// The value of that name; the last one when it was sent twice.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Says that the value of that name is this one.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.into(), value.into()));
    }

    /// All pairs in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn decode(text: &str) -> CompactString {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().as_ref().into()
}

/// The business that a record names, whichever of the API's two words it has for that.
pub fn record_business(record: &Record) -> Option<&str> {
    ["business_uid", "business_id"].iter().find_map(|name| record.get(name).as_text())
}

/// The client that a record names, under either of the API's two words for that.
pub fn record_client(record: &Record) -> Option<&str> {
    ["client_uid", "client_id"].iter().find_map(|name| record.get(name).as_text())
}
