//! Who exists when a story starts, and the stories themselves: scenario files, workflow documents, proofs.

mod document;
mod extract;
mod proof;
mod read;
#[cfg(feature = "client")]
mod remote;
pub mod report;
mod runner;
mod seed;
mod step;
mod variables;

pub use document::Document;
pub use proof::{NOW, Proof, ProofReport};
pub use read::{Scenario, TokenSpec};
#[cfg(feature = "client")]
pub use remote::{Remote, Upstream, post};
pub use runner::{
    InProcess, Outcome, Reason, StepReport, Transport, WireRequest, WireResponse, Workflow, WorkflowReport, Workflows,
    WrongFiles, decode_body,
};
pub use seed::{Credentials, SeedError, Start, credentials};
pub use step::{Expect, OnFail, Step};
