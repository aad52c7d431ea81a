//! Workflows: the steps of a scenario file, a workflow document, or the proof of a quirk.

use jiff::Timestamp;

use super::document::Document;
use super::read::Scenario;
use super::step::{OnFail, Step};
use crate::api::ScenarioFiles;
use crate::diagnostics::{Diagnostics, SourceFile};
use crate::openapi::PathPattern;

/// Why a workflow is not replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Skip {
    /// The status of the document, `skip` or `deprecated`.
    #[error("its status is {0}")]
    Status(String),
    /// The document has no test request.
    #[error("it has no test request")]
    NoTest,
    /// The scenario has no steps.
    #[error("it has no steps")]
    NoSteps,
}

/// Steps that are replayed in order.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The file.
    pub file: String,
    /// The name in reports.
    pub name: String,
    /// `METHOD /path` that a document is about; empty for a scenario.
    pub endpoint: String,
    /// Why it is not replayed, if it is not.
    pub skip: Option<Skip>,
    /// The time at which it starts.
    pub now: Option<Timestamp>,
    /// The part of the API that it is about; empty if it names none.
    pub domain: String,
    /// Its own scenario, if the file is one.
    pub scenario: Option<Scenario>,
    /// Whether all its steps go through the fallback gateway.
    pub(super) fallback: bool,
    /// The token of steps that name none.
    pub(super) token: Option<String>,
    pub(super) steps: Vec<Step>,
    /// The number of steps, from the first, that only prepare the others.
    pub(super) prerequisites: usize,
}

/// Workflows that are replayed together. A document about an endpoint sets the gateway of this endpoint for all of them.
#[derive(Clone, Debug, Default)]
pub struct Workflows {
    /// In the order of the files.
    pub list: Vec<Workflow>,
    /// Files that are neither scenarios nor workflow documents.
    pub ignored_files: Vec<String>,
    /// Replays as the documents' own runner does (sections D2 and D5 of the sales and clients catalogue): a value to extract
    /// may be missing if its variable has a value already, and the prerequisites of a document run before every step that
    /// sends the request which the document is about.
    pub as_runner: bool,
    /// Also replays documents whose status says that they are not.
    pub with_skipped: bool,
}

/// Files that cannot be read.
#[derive(Debug)]
pub struct InvalidFiles {
    /// The errors of each.
    pub diagnostics: Vec<Diagnostics>,
    /// The workflows of the other files. Some errors show only when a workflow starts.
    pub rest: Workflows,
}

impl Workflows {
    /// Reads files; their scenarios may extend embedded ones.
    ///
    /// # Errors
    /// The errors of all files.
    pub fn read(files: &[SourceFile]) -> Result<Self, InvalidFiles> {
        Self::read_in(files, &ScenarioFiles::embedded(&[]))
    }

    /// Reads files whose scenarios may extend one of these. The content tells scenarios from workflow documents, not the
    /// file extension.
    ///
    /// # Errors
    /// The errors of all files.
    pub fn read_in(files: &[SourceFile], scenarios: &ScenarioFiles) -> Result<Self, InvalidFiles> {
        let (mut workflows, mut diagnostics) = (Self::default(), Vec::new());
        for file in files {
            let workflow = if Document::recognises(&file.text) {
                Document::read(file).map(|document| Workflow::from_document(file, document))
            } else if Scenario::recognises(&file.text) {
                Scenario::read_in(file, scenarios).map(Workflow::from_scenario)
            } else {
                workflows.ignored_files.push(file.name.clone());
                continue;
            };
            match workflow {
                Ok(workflow) => workflows.list.push(workflow),
                Err(errors) => diagnostics.push(errors),
            }
        }
        if diagnostics.is_empty() { Ok(workflows) } else { Err(InvalidFiles { diagnostics, rest: workflows }) }
    }

    /// The last document whose endpoint is exactly this method and path. Endpoints with path parameters never match.
    pub(super) fn find_document(&self, method: &str, path: &str) -> Option<&Workflow> {
        let is_about = |workflow: &&Workflow| workflow.endpoint.split_once(' ') == Some((method, path));
        self.list.iter().rev().find(is_about)
    }

    /// Whether the first document about a method and path uses the fallback gateway.
    pub(super) fn uses_fallback(&self, method: &str, path: &str) -> bool {
        let is_about = |workflow: &&Workflow| {
            let endpoint = workflow.endpoint.split_once(' ');
            endpoint.is_some_and(|(known, pattern)| {
                known == method && PathPattern::parse(pattern).is_some_and(|pattern| pattern.matches(path))
            })
        };
        self.list.iter().find(is_about).is_some_and(|workflow| workflow.fallback)
    }
}

impl Workflow {
    fn from_document(file: &SourceFile, document: Document) -> Self {
        let skip = match document.status.as_str() {
            _ if document.test.is_empty() => Some(Skip::NoTest),
            "skip" | "deprecated" => Some(Skip::Status(document.status)),
            _ => None,
        };
        let prerequisites = document.prerequisites.len();
        let mut steps = document.prerequisites;
        // `onFail` of a test request does not count: the workflow fails with its test.
        steps.extend(document.test.into_iter().map(|step| Step { on_fail: OnFail::Abort, ..step }));
        Self {
            file: file.name.clone(),
            endpoint: document.endpoint,
            skip,
            now: document.verified_at,
            domain: document.domain,
            fallback: document.fallback,
            token: document.token,
            prerequisites,
            ..Self::from_steps(&document.title, steps)
        }
    }

    fn from_scenario(scenario: Scenario) -> Self {
        Self {
            file: scenario.source.name.clone(),
            skip: scenario.steps.is_empty().then_some(Skip::NoSteps),
            now: scenario.now,
            ..Self::from_steps(&scenario.name, scenario.steps.clone())
        }
        .with_scenario(scenario)
    }

    fn with_scenario(self, scenario: Scenario) -> Self {
        Self { scenario: Some(scenario), ..self }
    }

    /// A workflow without a file of its own.
    pub(super) fn from_steps(name: &str, steps: Vec<Step>) -> Self {
        Self {
            file: String::new(),
            name: name.to_owned(),
            endpoint: String::new(),
            skip: None,
            now: None,
            domain: String::new(),
            scenario: None,
            fallback: false,
            token: None,
            steps,
            prerequisites: 0,
        }
    }
}
