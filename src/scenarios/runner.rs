//! Replays workflows: sends the request of each step and checks the response.

use std::sync::Arc;

use http::{HeaderName, HeaderValue, Method};
use jiff::Timestamp;
use serde_json::Value;

use super::body::is_json;
use super::credentials::Credentials;
use super::message::{PlainRequest, PlainResponse, query_pairs};
use super::outcome::{Outcome, Reason, StepReport, WorkflowReport};
use super::step::{Expect, OnFail, Step};
use super::transport::Transport;
use super::variables::{Unresolved, Variables};
use super::workflow::{Skip, Workflow, Workflows};
use crate::diagnostics::nearest;

/// Maximum depth of documents whose prerequisites run before a step of another document.
const MAX_DEPTH: usize = 5;

/// The name that a step gives in place of a token to send none.
const NO_TOKEN: &str = "none";

impl Workflows {
    /// Replays a workflow. Variables such as `{{today_date}}` are relative to `now`; `seed` is that of random values.
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
        let is_included = |skip: &&Skip| self.with_skipped && matches!(skip, Skip::Status(_));
        if let Some(why) = workflow.skip.as_ref().filter(|skip| !is_included(skip)) {
            return report(Outcome::Skipped(why.to_string()), Vec::new());
        }
        // The params of the file itself are those of the server that it was written for.
        let own = workflow.scenario.iter().flat_map(|scenario| &scenario.params);
        let params: Vec<(String, String)> = own.chain(&credentials.params).cloned().collect();
        let variables = Variables::new(&params, now, seed);
        let mut runner = Runner { workflows: self, workflow, transport, credentials, variables };
        if let Some(unset) = runner.find_unset_variable() {
            return report(Outcome::Failed, vec![unset]);
        }
        let mut steps = Vec::new();
        match runner.run_steps(&workflow.steps, 0, &mut steps) {
            Ok(()) => report(Outcome::Passed, steps),
            Err(_) => report(Outcome::Failed, steps),
        }
    }
}

/// Runs the steps of one workflow.
struct Runner<'a> {
    workflows: &'a Workflows,
    workflow: &'a Workflow,
    transport: &'a mut dyn Transport,
    credentials: &'a Credentials,
    variables: Variables,
}

/// Why a step fails, and a sentence about it.
type Problem = (Reason, String);

impl Runner<'_> {
    /// Runs steps in order until one fails that aborts the workflow. Returns a sentence about that one.
    fn run_steps(&mut self, steps: &[Step], depth: usize, reports: &mut Vec<StepReport>) -> Result<(), String> {
        for step in steps {
            let report = self.run_step(step, depth, reports);
            let failed = report.problem.clone().filter(|_| step.on_fail == OnFail::Abort);
            let what = format!("{}:{}: step {}", report.file, report.line, report.id);
            reports.push(report);
            if let Some(problem) = failed {
                return Err(format!("{what}: {problem}"));
            }
        }
        Ok(())
    }

    /// The report on the first step that would fail because nothing sets one of its variables. As the documents' own runner
    /// does, other documents may set variables.
    fn find_unset_variable(&self) -> Option<StepReport> {
        if self.workflows.as_runner {
            return None;
        }
        let mut known: Vec<&str> = self.variables.names().collect();
        for step in &self.workflow.steps {
            let unset = step.variables().into_iter().find(|name| !known.contains(&name.as_str()));
            if let Some(name) = unset.filter(|_| step.on_fail == OnFail::Abort) {
                let near = nearest(&name, known.iter().copied());
                let advice = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                let problem = format!("`{{{{{name}}}}}` is never set{advice}");
                return Some(StepReport {
                    reason: Some(Reason::Variable),
                    problem: Some(problem),
                    ..self.unsent(step)
                });
            }
            known.extend(step.extract.iter().map(|(name, _)| name.as_str()));
        }
        None
    }

    /// The report on a step whose request is not sent.
    fn unsent(&self, step: &Step) -> StepReport {
        StepReport {
            id: step.id.clone(),
            file: self.workflow.file.clone(),
            line: step.line,
            sent: format!("{} {}", step.method, step.path),
            sent_body: None,
            reply: None,
            expected_body: None,
            problem: None,
            reason: None,
        }
    }

    fn run_step(&mut self, step: &Step, depth: usize, reports: &mut Vec<StepReport>) -> StepReport {
        let mut report = self.unsent(step);
        if let Err((reason, problem)) = self.try_step(step, depth, &mut report, reports) {
            report.reason = Some(reason);
            report.problem = Some(problem);
        }
        report
    }

    fn try_step(
        &mut self,
        step: &Step,
        depth: usize,
        report: &mut StepReport,
        reports: &mut Vec<StepReport>,
    ) -> Result<(), Problem> {
        let path = self.variables.fill_text(&step.path).map_err(unresolved)?;
        let path = self.fill_parameters(path)?;
        let request = self.build_request(step, &path, report)?;
        self.run_prerequisites(&step.method, &path, depth, reports)?;
        report.sent_body.clone_from(&request.body);
        let notified = if step.expect.webhooks.is_empty() { 0 } else { self.notifications()?.len() };
        if let Some(span) = step.advance {
            self.transport.advance(span).map_err(|problem| (Reason::NoResponse, problem))?;
        }
        let received = self.transport.send(&request, self.credentials);
        let received = received.map_err(|problem| (Reason::NoResponse, problem))?;
        let response = report.reply.insert(received).response.clone();
        self.check_response(&step.expect, &response, report)?;
        self.check_webhooks(&step.expect, notified)?;
        self.extract_variables(step, &response)
    }

    /// Runs the prerequisites of the document about a request. The values that they extract do not change the request, which
    /// is complete by then.
    fn run_prerequisites(
        &mut self,
        method: &str,
        path: &str,
        depth: usize,
        reports: &mut Vec<StepReport>,
    ) -> Result<(), Problem> {
        if !self.workflows.as_runner || depth >= MAX_DEPTH {
            return Ok(());
        }
        let Some(document) = self.workflows.find_document(method, path) else { return Ok(()) };
        let workflow = std::mem::replace(&mut self.workflow, document);
        self.variables.advance_clock();
        let result = self.run_steps(&document.steps[..document.prerequisites], depth + 1, reports);
        self.workflow = workflow;
        result.map_err(|problem| (Reason::Prerequisite, problem))
    }

    /// The request of a step; `path` is the path of the step with its variables filled in.
    fn build_request(&mut self, step: &Step, path: &str, report: &mut StepReport) -> Result<PlainRequest, Problem> {
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        let mut query = query_pairs(query);
        for (name, value) in &step.params {
            query.push((name.clone(), self.fill_as_text(value)?));
        }
        let fallback = step.fallback || self.workflow.fallback || self.workflows.uses_fallback(&step.method, path);
        let gateways = &self.credentials.api.gateways;
        let gateway = if fallback { gateways.fallback() } else { gateways.default_gateway() };
        let token = self.token_of(step);
        let mut request = PlainRequest {
            gateway: gateway.name.to_string(),
            method: step.method.clone(),
            path: path.to_owned(),
            query,
            token,
            headers: Vec::new(),
            body: None,
        };
        let (target, name) = (request.target(), request.token.as_deref().unwrap_or(NO_TOKEN));
        report.sent = format!("{} {target} [{}, {name}]", step.method, gateway.title);
        self.check_token(&request)?;
        if Method::from_bytes(step.method.as_bytes()).is_err() {
            return Err(invalid_request(format!("`{}` is not a method", step.method)));
        }
        self.set_headers(step, &mut request)?;
        request.body = step.body.as_ref().map(|body| self.variables.fill(body)).transpose().map_err(unresolved)?;
        // Text is sent as the content type that the step names.
        let named = request.header("content-type");
        let is_text = request.body.as_ref().is_some_and(Value::is_string) && named.is_some();
        if request.body.is_some() && !is_text && !named.is_some_and(is_json) {
            request.set_header("content-type", "application/json".to_owned());
        }
        Ok(request)
    }

    /// Fills path parameters that a document writes as its endpoint does: `{uid}` is the variable of that name, if it is set.
    fn fill_parameters(&mut self, path: String) -> Result<String, Problem> {
        if self.workflow.endpoint.is_empty() || !path.contains('{') {
            return Ok(path);
        }
        let segments = path.split('/').map(|segment| {
            let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match name.filter(|name| self.variables.is_set(name)) {
                Some(name) => self.variables.fill_text(&format!("{{{{{name}}}}}")).map_err(unresolved),
                None => Ok(segment.to_owned()),
            }
        });
        Ok(segments.collect::<Result<Vec<_>, _>>()?.join("/"))
    }

    /// The token that a step names, else that of the workflow, else the default.
    fn token_of(&self, step: &Step) -> Option<String> {
        let named = step.token.as_ref().map(|token| token.name.as_str()).or(self.workflow.token.as_deref());
        named.or_else(|| self.credentials.default_token()).filter(|name| *name != NO_TOKEN).map(str::to_owned)
    }

    fn check_token(&self, request: &PlainRequest) -> Result<(), Problem> {
        let Some(name) = &request.token else { return Ok(()) };
        if self.credentials.accepts_any_token() {
            return Ok(());
        }
        let Some(value) = self.credentials.authorization(name) else {
            let near = nearest(name, self.credentials.tokens.iter().map(|(known, _)| known.as_str()));
            let missing = || "; --tokens gives the tokens of a server".to_owned();
            let advice = near.map_or_else(missing, |near| format!("; did you mean `{near}`?"));
            return Err(invalid_request(format!("there is no token `{name}`{advice}")));
        };
        check_header_value(&value)
    }

    /// Sets the headers of a step, which win over those of its token.
    fn set_headers(&mut self, step: &Step, request: &mut PlainRequest) -> Result<(), Problem> {
        let api = Arc::clone(&self.credentials.api);
        let acts_on_behalf = request.token.as_deref().is_some_and(|name| self.credentials.acts_on_behalf(name));
        if let (true, true, Some(rule)) = (step.on_behalf_of, acts_on_behalf, &api.tokens.on_behalf_of) {
            let variable = api.ownership.fields.first().map_or("", String::as_str);
            let owner = self.variables.fill_text(&format!("{{{{{variable}}}}}")).map_err(unresolved)?;
            check_header_value(&owner)?;
            request.set_header(rule.header.as_str(), owner);
        }
        for (name, value) in &step.headers {
            let value = self.fill_as_text(value)?;
            let known = HeaderName::from_bytes(name.as_bytes());
            let known = known.map_err(|_| invalid_request(format!("`{name}` is not a header name")))?;
            check_header_value(&value)?;
            if known == http::header::AUTHORIZATION {
                request.token = None;
            }
            request.set_header(known.as_str(), value);
        }
        request.name_token(self.credentials);
        Ok(())
    }

    fn check_response(
        &mut self,
        expect: &Expect,
        response: &PlainResponse,
        report: &mut StepReport,
    ) -> Result<(), Problem> {
        if !expect.statuses.contains(&response.status) {
            let expected: Vec<String> = expect.statuses.iter().map(u16::to_string).collect();
            let problem = format!("status {}, expected {}", response.status, expected.join(" or "));
            return Err((Reason::Status, problem));
        }
        if expect.body.is_empty() {
            return Ok(());
        }
        let (mut wanted, mut first) = (response.body.clone(), None);
        for (path, expected) in &expect.body {
            let expected = self.variables.fill(expected).map_err(unresolved)?;
            let found = path.find(&response.body).unwrap_or(Value::Null);
            if found != expected {
                first.get_or_insert_with(|| format!("{} is {found}, expected {expected}", path.written));
                path.put(&mut wanted, expected);
            }
        }
        report.expected_body = Some(wanted);
        first.map_or(Ok(()), |problem| Err((Reason::Body, problem)))
    }

    fn notifications(&self) -> Result<Vec<(String, Value)>, Problem> {
        self.transport.notifications().map_err(invalid_request)
    }

    /// Checks the notifications after the first `known` ones.
    fn check_webhooks(&mut self, expect: &Expect, known: usize) -> Result<(), Problem> {
        if expect.webhooks.is_empty() {
            return Ok(());
        }
        let sent = self.notifications()?.split_off(known);
        for expected in &expect.webhooks {
            let of_event = sent.iter().filter(|(event, _)| *event == expected.event);
            let bodies: Vec<&Value> = of_event.map(|(_, body)| body).collect();
            let mut values = Vec::with_capacity(expected.body.len());
            for (path, value) in &expected.body {
                values.push((path, self.variables.fill(value).map_err(unresolved)?));
            }
            let fits =
                |body: &&&Value| values.iter().all(|(path, value)| path.find(body).unwrap_or(Value::Null) == *value);
            if bodies.iter().find(fits).is_none() {
                let found: Vec<&str> = sent.iter().map(|(event, _)| event.as_str()).collect();
                let found = if found.is_empty() { "none".to_owned() } else { found.join(", ") };
                let what = if bodies.is_empty() { "" } else { " with these values" };
                let problem = format!("no webhook `{}`{what} was sent; sent: {found}", expected.event);
                return Err((Reason::Body, problem));
            }
        }
        Ok(())
    }

    fn extract_variables(&mut self, step: &Step, response: &PlainResponse) -> Result<(), Problem> {
        for (name, extract) in &step.extract {
            match extract.find(&response.body) {
                Some(value) => self.variables.set(name, value),
                None if self.workflows.as_runner && self.variables.is_set(name) => {}
                None => {
                    let problem = format!("cannot extract `{name}`: the response has no {}", extract.written);
                    return Err((Reason::Extract, problem));
                }
            }
        }
        Ok(())
    }

    fn fill_as_text(&mut self, value: &Value) -> Result<String, Problem> {
        Ok(match self.variables.fill(value).map_err(unresolved)? {
            Value::String(text) => text,
            value => value.to_string(),
        })
    }
}

fn check_header_value(value: &str) -> Result<(), Problem> {
    HeaderValue::from_str(value)
        .map(|_| ())
        .map_err(|_| invalid_request(format!("`{value}` contains characters that a header cannot have")))
}

fn invalid_request(problem: String) -> Problem {
    (Reason::InvalidRequest, problem)
}

fn unresolved(Unresolved(why): Unresolved) -> Problem {
    (Reason::Variable, why)
}
