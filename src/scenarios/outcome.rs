//! What a replay produces: an outcome for each workflow, a report for each step.

use serde_json::Value;

use super::message::Received;

/// How a workflow ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every step had the expected response.
    Passed,
    /// The last step that ran failed.
    Failed,
    /// The workflow was not replayed, and why.
    Skipped(String),
}

/// The report on a workflow.
#[derive(Clone, Debug)]
pub struct WorkflowReport {
    /// The file.
    pub file: String,
    /// The name of the workflow.
    pub name: String,
    /// The part of the API that it is about; empty if it names none.
    pub domain: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The steps that ran.
    pub steps: Vec<StepReport>,
}

/// The report on a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// The id of the step.
    pub id: String,
    /// The file of the step: that of the workflow, or of the document whose prerequisites ran before it.
    pub file: String,
    /// Its line in the file, from 1.
    pub line: usize,
    /// What was sent: method, path and query, gateway and token.
    pub sent: String,
    /// The body that was sent.
    pub sent_body: Option<Value>,
    /// The response, if there was one.
    pub reply: Option<Received>,
    /// The body with the expected values, if the body was compared with them.
    pub expected_body: Option<Value>,
    /// What failed, in a sentence.
    pub problem: Option<String>,
    /// The kind of the problem.
    pub reason: Option<Reason>,
}

/// Why a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The request is invalid.
    InvalidRequest,
    /// A variable has no value.
    Variable,
    /// A prerequisite of the document about its request failed.
    Prerequisite,
    /// There was no response.
    NoResponse,
    /// The status is not the expected one.
    Status,
    /// The body is not the expected one.
    Body,
    /// A value to extract is missing in the response.
    Extract,
}

impl Reason {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid request",
            Self::Variable => "variable without a value",
            Self::Prerequisite => "failed prerequisite",
            Self::NoResponse => "no response",
            Self::Status => "unexpected status",
            Self::Body => "unexpected body",
            Self::Extract => "missing value to extract",
        }
    }
}

impl StepReport {
    /// The report on a workflow whose initial state could not be made.
    pub(super) fn failed_start(problem: &str) -> Self {
        Self {
            id: "start".to_owned(),
            file: String::new(),
            line: 0,
            sent: "nothing".to_owned(),
            sent_body: None,
            reply: None,
            expected_body: None,
            problem: Some(problem.to_owned()),
            reason: Some(Reason::InvalidRequest),
        }
    }
}
