//! Initial states and workflows: scenario files, workflow documents, proofs of quirks.
//!
//! | file | what it does |
//! |---|---|
//! | `read`, `find`, `seed` | scenario files and the states that they describe |
//! | [`snapshot`](Snapshot) | the whole state of a session as a scenario file |
//! | [`credentials`](Credentials) | tokens and ids of a server |
//! | `document`, `step`, `extract`, `variables` | workflow documents and their vocabulary |
//! | `workflow`, `runner` | what is replayed, and the replay |
//! | `message`, `body`, `transport`, `remote` | requests and responses, and where they go |
//! | `outcome`, [`report`] | what a replay produces, as text, JSON, TAP, JUnit, annotations and a page |
//! | `proof` | the steps that prove a quirk |
//! | [`shard`](Shard) | a part of the work, for one of several jobs |

mod body;
mod credentials;
mod document;
mod extract;
mod find;
mod message;
mod outcome;
mod proof;
mod read;
#[cfg(feature = "client")]
mod remote;
pub mod report;
mod runner;
mod seed;
mod shard;
mod snapshot;
mod step;
mod transport;
mod variables;
#[cfg(feature = "client")]
mod webhook_sender;
mod workflow;

pub use body::{data_of, decode_body, encode_body};
pub use credentials::Credentials;
pub use document::Document;
pub use find::FindError;
pub use message::{
    PlainRequest, PlainResponse, Received, collect_leaves, header_pairs, percent_encoded, query_pairs, unescaped,
};
pub use outcome::{Outcome, Reason, StepReport, WorkflowReport};
pub use proof::{NOW, Proof, ProofReport};
pub use read::{Scenario, TokenSpec};
#[cfg(feature = "client")]
pub use remote::{Remote, Upstream, post};
pub use seed::{SeedError, Start, credentials, put_record};
pub use shard::{Shard, ShardError};
pub use snapshot::{Snapshot, SnapshotFormat, SnapshotText, load_state, write_snapshot};
pub use step::{Expect, ExpectedWebhook, OnFail, Step};
pub use transport::{InProcess, Transport};
#[cfg(feature = "client")]
pub use webhook_sender::{UrlPrefix, UrlPrefixError, WebhookSender};
pub use workflow::{InvalidFiles, Skip, Workflow, Workflows};

/// The JSON Schema of scenario files.
pub const JSON_SCHEMA: &str = include_str!("scenario.schema.json");
