//! Replaying stories against a mock in process, or against any pair of base URLs.

use bytes::Bytes;
use compact_str::CompactString;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::document::Document;
use super::read::Scenario;
use super::seed::Credentials;
use super::step::{Expect, OnFail, Step};
use super::variables::{Unresolved, Variables};
use crate::diagnostics::{Diagnostics, SourceFile, nearest};
use crate::openapi::PathPattern;
use crate::pipeline::{Engine, Session};
use crate::request::{Gateway, Request};

/// What a story sends.
#[derive(Clone, Debug)]
pub struct WireRequest {
    /// Through which door.
    pub gateway: Gateway,
    /// The method.
    pub method: Method,
    /// The path with its query, without the door's prefix.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Value>,
}

impl WireRequest {
    /// The same as a call to the engine, sent at that time.
    pub fn call(&self, at: Timestamp) -> Request {
        let prefix = self.gateway.prefix();
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (self.target.as_str(), None),
        };
        Request {
            method: self.method.clone(),
            path: CompactString::from(format!("{prefix}{path}")),
            query,
            headers: self.headers.clone(),
            body: self.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
            at,
        }
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct WireResponse {
    /// The status.
    pub status: u16,
    /// Index of the operation in the contract; `None` if there is none, or if the response came from a server.
    pub operation: Option<usize>,
    /// The ids of the quirks that changed the response.
    pub quirks: Vec<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; text when it is no JSON.
    pub body: Value,
    /// Whether it is what the contract documents, where that is known.
    pub conforms: Option<Result<(), String>>,
}

/// Who answers the calls of a story.
pub trait Transport {
    /// Sends a call.
    ///
    /// # Errors
    /// A sentence, when no answer came.
    fn send(&mut self, request: &WireRequest) -> Result<WireResponse, String>;
}

/// The mock in this process.
pub struct InProcess<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The session that is called.
    pub session: Session,
    /// The time of every call.
    pub now: Timestamp,
}

impl Transport for InProcess<'_> {
    fn send(&mut self, request: &WireRequest) -> Result<WireResponse, String> {
        ensure_absolute_path(&request.target)?;
        let call = request.call(self.now);
        let answer = self.engine.answer(&self.session, &call);
        let operation = answer.meta.operation;
        let quirks = self.engine.quirks().ids(&answer.meta.quirks).into_iter().map(str::to_owned).collect();
        let (status, body) = (answer.status.as_u16(), decode_body(&answer.body));
        let conforms = operation.and_then(|operation| self.engine.check_body(operation, status, &body));
        Ok(WireResponse { status, operation, quirks, headers: answer.headers.into_iter().collect(), body, conforms })
    }
}

/// A body as JSON, or as text when it is none.
pub fn decode_body(body: &[u8]) -> Value {
    match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(_) if body.is_empty() => Value::Null,
        Err(_) => Value::String(String::from_utf8_lossy(body).into_owned()),
    }
}

/// A story: a scenario's steps, or a workflow document.
#[derive(Clone, Debug)]
pub struct Workflow {
    /// The file.
    pub file: String,
    /// Its name in reports.
    pub name: String,
    /// `METHOD /path` that a document is about; empty for a scenario.
    pub endpoint: String,
    /// Why it is not replayed, if it is not.
    pub skip: Option<String>,
    /// When it is set.
    pub now: Option<Timestamp>,
    /// The part of the API that it is about, if it says so.
    pub domain: String,
    /// Its own scenario, when it brings one.
    pub scenario: Option<Scenario>,
    fallback: bool,
    token: Option<String>,
    steps: Vec<Step>,
    /// How many of the steps, from the first, only prepare what the story is about.
    prerequisites: usize,
}

/// Workflows that are replayed together: a document about an endpoint says for all of them which door it goes through.
#[derive(Clone, Debug, Default)]
pub struct Workflows {
    /// In the order of the files.
    pub list: Vec<Workflow>,
    /// Files that are neither scenarios nor documents.
    pub passed_over: Vec<String>,
    /// Whether they are told as the documents' own runner does (sections D2 and D5 of the sales and clients catalogue): a
    /// value that is to be taken out of an answer and is not there leaves its variable as it was; and a step whose call
    /// another document is about, or its own, is told after the prerequisites of that document.
    pub as_runner: bool,
}

/// Files that cannot be told.
#[derive(Debug)]
pub struct WrongFiles {
    /// What is wrong with each.
    pub diagnostics: Vec<Diagnostics>,
    /// The stories of the other files. Some mistakes are seen only when a story begins.
    pub rest: Workflows,
}

/// How many documents deep the runner goes for the prerequisites of a step.
const DEPTH: usize = 5;

impl Workflows {
    /// Reads files; what each is is told by its content, not by its ending.
    ///
    /// # Errors
    /// The mistakes of all files.
    pub fn read(files: &[SourceFile]) -> Result<Self, WrongFiles> {
        let (mut workflows, mut diagnostics) = (Self::default(), Vec::new());
        for file in files {
            let workflow = if Document::recognises(&file.text) {
                Document::read(file).map(|document| Workflow::of_document(file, document))
            } else if Scenario::recognises(&file.text) {
                Scenario::read(file).map(Workflow::of_scenario)
            } else {
                workflows.passed_over.push(file.name.clone());
                continue;
            };
            match workflow {
                Ok(workflow) => workflows.list.push(workflow),
                Err(errors) => diagnostics.push(errors),
            }
        }
        if diagnostics.is_empty() { Ok(workflows) } else { Err(WrongFiles { diagnostics, rest: workflows }) }
    }

    /// Replays one story.
    pub fn replay(
        &self,
        workflow: &Workflow,
        transport: &mut dyn Transport,
        credentials: &Credentials,
        now: Timestamp,
        seed: u64,
    ) -> WorkflowReport {
        let report = |outcome, steps| WorkflowReport {
            file: workflow.file.clone(),
            name: workflow.name.clone(),
            domain: workflow.domain.clone(),
            outcome,
            steps,
        };
        if let Some(why) = &workflow.skip {
            return report(Outcome::Skipped(why.clone()), Vec::new());
        }
        let mut teller = Teller {
            workflows: self,
            workflow,
            transport,
            credentials,
            variables: Variables::new(&credentials.params, now, seed),
        };
        let mut steps = Vec::new();
        match teller.run_steps(&workflow.steps, 0, &mut steps) {
            Ok(()) => report(Outcome::Passed, steps),
            Err(_) => report(Outcome::Failed, steps),
        }
    }

    /// The document about exactly this call, the last where there are several; paths with parameters are never exact.
    fn about(&self, method: &str, path: &str) -> Option<&Workflow> {
        let is_about = |workflow: &&Workflow| workflow.endpoint.split_once(' ') == Some((method, path));
        self.list.iter().rev().find(is_about)
    }

    /// Whether the document about this call goes through the fallback.
    fn fallback_of(&self, method: &str, path: &str) -> bool {
        let about = |workflow: &&Workflow| {
            let endpoint = workflow.endpoint.split_once(' ');
            endpoint.is_some_and(|(known, pattern)| {
                known == method && PathPattern::parse(pattern).is_some_and(|pattern| pattern.matches(path))
            })
        };
        self.list.iter().find(about).is_some_and(|workflow| workflow.fallback)
    }
}

impl Workflow {
    fn of_document(file: &SourceFile, document: Document) -> Self {
        let skip = match document.status.as_str() {
            "skip" | "deprecated" => Some(format!("its status is {}", document.status)),
            _ if document.test.is_empty() => Some("it has no test request".to_owned()),
            _ => None,
        };
        let mut steps = document.prerequisites;
        let prerequisites = steps.len();
        // Whatever a test request says of failing, a story whose point fails has failed.
        steps.extend(document.test.into_iter().map(|step| Step { on_fail: OnFail::Abort, ..step }));
        Self {
            file: file.name.clone(),
            name: document.title,
            endpoint: document.endpoint,
            skip,
            now: document.verified_at,
            domain: document.domain,
            scenario: None,
            fallback: document.fallback,
            token: document.token,
            steps,
            prerequisites,
        }
    }

    /// A story without a file of its own: steps that stand in one of another kind.
    pub(super) fn of_steps(name: &str, steps: Vec<Step>) -> Self {
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

    fn of_scenario(scenario: Scenario) -> Self {
        let skip = scenario.steps.is_empty().then(|| "it has no steps".to_owned());
        Self {
            file: scenario.source.name.clone(),
            name: scenario.name.clone(),
            endpoint: String::new(),
            skip,
            now: scenario.now,
            domain: String::new(),
            fallback: false,
            token: None,
            steps: scenario.steps.clone(),
            prerequisites: 0,
            scenario: Some(scenario),
        }
    }
}

/// How a story came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Every step came out as expected.
    Passed,
    /// The last step told did not.
    Failed,
    /// It was not replayed, and why.
    Skipped(String),
}

/// What happened in a story.
#[derive(Clone, Debug)]
pub struct WorkflowReport {
    /// The file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// The part of the API that it is about, if it says so.
    pub domain: String,
    /// How it came out.
    pub outcome: Outcome,
    /// Its steps as far as they were told.
    pub steps: Vec<StepReport>,
}

/// What happened in a step.
#[derive(Clone, Debug)]
pub struct StepReport {
    /// Its name.
    pub id: String,
    /// The file that it stands in: that of the story, or of a document that the story's runner turned to.
    pub file: String,
    /// Its line in the file.
    pub line: usize,
    /// What was sent: method, path and query, door and token.
    pub sent: String,
    /// The body that was sent.
    pub sent_body: Option<Value>,
    /// The answer, if one came.
    pub reply: Option<WireResponse>,
    /// What is wrong, if anything is.
    pub problem: Option<String>,
    /// What kind of problem it is.
    pub reason: Option<Reason>,
}

/// Why a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// It cannot be sent as it is written.
    Unsendable,
    /// A variable has no value.
    Variable,
    /// A prerequisite of the document about its call failed.
    Prerequisite,
    /// No answer came.
    NoAnswer,
    /// The status is not the expected one.
    Status,
    /// The body is not the expected one.
    Body,
    /// What is to be taken out of the answer is not in it.
    Extract,
}

impl Reason {
    /// A word or two for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsendable => "cannot be sent",
            Self::Variable => "a variable has no value",
            Self::Prerequisite => "a prerequisite of its own document failed",
            Self::NoAnswer => "no answer",
            Self::Status => "unexpected status",
            Self::Body => "unexpected body",
            Self::Extract => "nothing to extract",
        }
    }
}

impl StepReport {
    /// A story that could not begin.
    pub(super) fn broken(problem: &str) -> Self {
        Self {
            id: "start".to_owned(),
            file: String::new(),
            line: 0,
            sent: "nothing".to_owned(),
            sent_body: None,
            reply: None,
            problem: Some(problem.to_owned()),
            reason: Some(Reason::Unsendable),
        }
    }
}

/// Tells the steps of one story, one after the other.
struct Teller<'a> {
    workflows: &'a Workflows,
    workflow: &'a Workflow,
    transport: &'a mut dyn Transport,
    credentials: &'a Credentials,
    variables: Variables,
}

/// What is escaped in a query.
const QUERY: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~').remove(b':').remove(b',');

/// Why a step fails, and a sentence about it.
type Problem = (Reason, String);

impl Teller<'_> {
    /// Tells steps one after the other, each after what its runner turns to before it, until one fails that may not.
    fn run_steps(&mut self, steps: &[Step], depth: usize, told: &mut Vec<StepReport>) -> Result<(), String> {
        for step in steps {
            let report =
                self.run_after(step, &step.expect, |teller, path| teller.prepare(&step.method, path, depth, told));
            let failed = report.problem.clone().filter(|_| step.on_fail == OnFail::Abort);
            let what = format!("{}:{}: step {}", report.file, report.line, report.id);
            told.push(report);
            if let Some(problem) = failed {
                return Err(format!("{what}: {problem}"));
            }
        }
        Ok(())
    }

    /// The prerequisites of the document about a call, where the runner tells them before it. What they extract is known
    /// afterwards, but changes nothing in the request, which was written before.
    fn prepare(&mut self, method: &str, path: &str, depth: usize, told: &mut Vec<StepReport>) -> Result<(), Problem> {
        if !self.workflows.as_runner || depth >= DEPTH {
            return Ok(());
        }
        let Some(about) = self.workflows.about(method, path) else { return Ok(()) };
        let workflow = std::mem::replace(&mut self.workflow, about);
        self.variables.run_again();
        let prepared = self.run_steps(&about.steps[..about.prerequisites], depth + 1, told);
        self.workflow = workflow;
        prepared.map_err(|problem| (Reason::Prerequisite, problem))
    }

    fn run_after(
        &mut self,
        step: &Step,
        expect: &Expect,
        before: impl FnOnce(&mut Self, &str) -> Result<(), Problem>,
    ) -> StepReport {
        let mut report = StepReport {
            id: step.id.clone(),
            file: self.workflow.file.clone(),
            line: step.line,
            sent: format!("{} {}", step.method, step.path),
            sent_body: None,
            reply: None,
            problem: None,
            reason: None,
        };
        if let Err((reason, problem)) = self.try_step(step, expect, before, &mut report) {
            report.reason = Some(reason);
            report.problem = Some(problem);
        }
        report
    }

    fn try_step(
        &mut self,
        step: &Step,
        expect: &Expect,
        before: impl FnOnce(&mut Self, &str) -> Result<(), Problem>,
        report: &mut StepReport,
    ) -> Result<(), Problem> {
        let (request, path) = self.request(step, report)?;
        before(self, &path)?;
        report.sent_body.clone_from(&request.body);
        let reply = self.transport.send(&request).map_err(|problem| (Reason::NoAnswer, problem))?;
        let (status, body) = (reply.status, reply.body.clone());
        report.reply = Some(reply);
        if !expect.statuses.contains(&status) {
            let wanted: Vec<String> = expect.statuses.iter().map(u16::to_string).collect();
            return Err((Reason::Status, format!("answered {status}, expected {}", wanted.join(" or "))));
        }
        for (place, wanted) in &expect.body {
            let wanted = self.variables.fill(wanted).map_err(unresolved)?;
            let found = place.find(&body).unwrap_or(Value::Null);
            if found != wanted {
                return Err((Reason::Body, format!("{} is {found}, expected {wanted}", place.written)));
            }
        }
        for (name, extract) in &step.extract {
            match extract.find(&body) {
                Some(value) => self.variables.set(name, value),
                None if self.workflows.as_runner && self.variables.knows(name) => {}
                None => {
                    let problem = format!("{} is not in the answer, so there is no `{name}`", extract.written);
                    return Err((Reason::Extract, problem));
                }
            }
        }
        Ok(())
    }

    fn missing_token(&self, name: &str) -> String {
        let near = nearest(name, self.credentials.tokens.iter().map(|(known, _)| known.as_str()));
        let advice = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("there is no token `{name}`{advice}")
    }

    /// The call of a step, and its path as the step writes it, variables filled in.
    fn request(&mut self, step: &Step, report: &mut StepReport) -> Result<(WireRequest, String), Problem> {
        let path = self.variables.fill_text(&step.path).map_err(unresolved)?;
        let mut target = path.clone();
        for (name, value) in &step.params {
            let value = match self.variables.fill(value).map_err(unresolved)? {
                Value::String(text) => text,
                value => value.to_string(),
            };
            let separator = if target.contains('?') { '&' } else { '?' };
            target.push(separator);
            target.extend([
                utf8_percent_encode(name, QUERY).to_string(),
                "=".into(),
                utf8_percent_encode(&value, QUERY).to_string(),
            ]);
        }
        let fallback = step.fallback
            || self.workflow.fallback
            || self.workflows.fallback_of(&step.method, path.split('?').next().unwrap_or(&path));
        let gateway = if fallback { Gateway::Fallback } else { Gateway::Main };
        let name = step.token.as_ref().map(|token| token.name.as_str());
        let name = name.or(self.workflow.token.as_deref()).unwrap_or("staff");
        report.sent =
            format!("{} {target} [{}, {name}]", step.method, if fallback { "fallback" } else { "main gateway" });
        let mut headers = HeaderMap::new();
        if name != "none" {
            let known = self.credentials.authorization(name);
            let known = known.ok_or_else(|| invalid_request(self.missing_token(name)))?;
            headers.insert(http::header::AUTHORIZATION, header(&known)?);
        }
        if name == "directory" && step.on_behalf_of {
            let business = self.variables.fill_text("{{business_uid}}").map_err(unresolved)?;
            headers.insert("x-on-behalf-of", header(&business)?);
        }
        for (name, value) in &step.headers {
            let value = match self.variables.fill(value).map_err(unresolved)? {
                Value::String(text) => text,
                value => value.to_string(),
            };
            let name = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| invalid_request(format!("`{name}` is no header name")))?;
            headers.insert(name, header(&value)?);
        }
        let body = step.body.as_ref().map(|body| self.variables.fill(body)).transpose().map_err(unresolved)?;
        if body.is_some() {
            headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let method = Method::from_bytes(step.method.as_bytes())
            .map_err(|_| invalid_request(format!("`{}` is no method", step.method)))?;
        Ok((WireRequest { gateway, method, target, headers, body }, path))
    }
}

fn header(value: &str) -> Result<HeaderValue, Problem> {
    HeaderValue::from_str(value).map_err(|_| invalid_request(format!("`{value}` cannot stand in a header")))
}

fn invalid_request(problem: String) -> Problem {
    (Reason::Unsendable, problem)
}

fn unresolved(Unresolved(why): Unresolved) -> Problem {
    (Reason::Variable, why)
}

/// Rejects request targets without a leading slash. Behind a base URL they would extend the name of the host and send
/// tokens to a host that was not configured (`@other.example/`, `.other.example/`).
pub(super) fn ensure_absolute_path(target: &str) -> Result<(), String> {
    match target.starts_with('/') {
        true => Ok(()),
        false => Err(format!("nothing is sent to `{target}`: it is no path, which begins with a slash")),
    }
}
