//! Who exists when a story starts, and the stories themselves: scenario files, workflow documents, proofs.

mod document;
mod extract;
mod generate;
mod proof;
mod read;
mod remote;
mod replay;
pub mod report;
mod seed;
mod step;
mod variables;

pub use document::Document;
pub use proof::{NOW, Proof, ProofReport};
pub use read::{Scenario, TokenSeed};
pub use remote::{Passage, Remote, post};
pub use replay::{
    InProcess, Outcome, Reason, Reply, Request, StepReport, Stories, Story, StoryReport, Upstream, WrongFiles, body_of,
};
pub use seed::{Credentials, SeedError, Start, credentials, tokens};
pub use step::{Expect, OnFail, Step};
