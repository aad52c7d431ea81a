use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use rayon::prelude::*;

use super::api::ApiOptions;
use super::support::fixtures::report_ignored_files;
use super::support::inputs::{read_all, read_credentials};
use super::support::output::{print, progress};
use super::support::servers::ServerOptions;
use super::{CliError, Exit};
use crate::pipeline::{Engine, Session};
use crate::request::{Clock, State};
use crate::scenarios::{
    Credentials, InProcess, InvalidFiles, Remote, Scenario, Shard, Transport, Workflow, WorkflowReport, Workflows,
    credentials, report,
};

/// Run the steps of scenarios and workflow documents, and report which ones fail
///
/// By default the requests go to a mock inside this process: each scenario starts with a new state, and the clock stands at
/// the document's verifiedAt. With --gateway they go to a running server; --tokens gives its tokens.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  standin replay workflows/ --report junit > report.xml\n  standin replay workflows/ --shard 2/8 --report github\n  standin replay workflows/ --tokens tokens.json --gateway http://127.0.0.1:4010/apigw \\\n    --fallback http://127.0.0.1:4010/api2"
)]
pub(super) struct Replay {
    /// Scenario files and workflow documents, or folders of them; the content decides which a file is
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    /// Tokens and ids of the server, as `standin tokens --json` prints them
    #[arg(long, value_name = "FILE", requires = "gateway")]
    tokens: Option<PathBuf>,

    /// Run documents as their own runner does: a value to extract may be missing if its variable is set, and the
    /// prerequisites of the document about a step's endpoint run before the step, at most five documents deep
    #[arg(long)]
    as_runner: bool,

    /// Run documents with the status `skip` or `deprecated` too
    #[arg(long)]
    with_skipped: bool,

    /// Format of the report
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    report: ReportFormat,

    /// Run one part of the workflows only, such as 2/8: the second of eight CI jobs
    #[arg(long, value_name = "N/COUNT")]
    shard: Option<Shard>,

    #[command(flatten)]
    server: ServerOptions,

    #[command(flatten)]
    api: ApiOptions,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReportFormat {
    /// One line for each workflow, with the failed steps
    Text,
    /// All steps with their requests and responses
    Json,
    /// Test Anything Protocol, version 14
    Tap,
    /// JUnit XML
    Junit,
    /// Errors at the lines of the files, in GitHub Actions
    Github,
    /// A page with all steps, which needs no other file
    Html,
}

impl Replay {
    pub(super) fn run(mut self) -> Result<Exit, CliError> {
        self.api.use_folder_of(&self.paths);
        let folder = self.api.folder()?;
        let mut files = read_all(&self.paths)?;
        // A folder may hold the whole API.
        files.retain(|file| folder.scenarios.contains(file) || !folder.contains(&file.name));
        let engine = self.api.engine_of(&folder)?;
        let workflows = Workflows::read_in(&files, engine.scenarios());
        let workflows = workflows.or_else(|files| self.all_errors(&engine, files))?;
        let workflows = Workflows { as_runner: self.as_runner, with_skipped: self.with_skipped, ..workflows };
        report_ignored_files(&workflows);
        let is_selected = |position| self.shard.is_none_or(|shard| shard.has_position(position));
        let selected: Vec<&Workflow> = workflows
            .list
            .iter()
            .enumerate()
            .filter(|(position, _)| is_selected(*position))
            .map(|(_, one)| one)
            .collect();
        let bar = progress(selected.len());
        let count = |workflow: &Workflow, report: Result<WorkflowReport, CliError>| {
            bar.set_message(workflow.name.clone());
            bar.inc(1);
            report
        };
        let reports: Vec<Result<WorkflowReport, CliError>> = match (&self.server.gateway, &self.tokens) {
            (Some(_), tokens) => {
                let credentials =
                    tokens.as_deref().map(read_credentials).transpose()?.unwrap_or_default().for_api(&engine);
                let mut remote = Remote::new(self.server.upstreams(&engine.api().gateways)?);
                let now = self.api.now.unwrap_or_else(Timestamp::now);
                let run = |workflow| {
                    count(workflow, Ok(self.run_workflow(&workflows, workflow, &mut remote, &credentials, now)))
                };
                selected.into_iter().map(run).collect()
            }
            _ => {
                let scenario = self.scenario(&engine)?;
                let run = |workflow| count(workflow, self.run_in_process(&engine, &scenario, &workflows, workflow));
                selected.into_par_iter().map(run).collect()
            }
        };
        bar.finish_and_clear();
        let reports = all_or_diagnostics(reports)?;
        print(&match self.report {
            ReportFormat::Text => report::text(&reports),
            ReportFormat::Json => format!("{:#}\n", report::json(&reports)),
            ReportFormat::Tap => report::tap(&reports),
            ReportFormat::Junit => report::junit(&reports),
            ReportFormat::Github => report::github(&reports),
            ReportFormat::Html => report::html(&reports),
        })?;
        Ok(match report::count(&reports) {
            (_, failed, _) if failed > 0 => Exit::Failure,
            // Another shard has the workflows.
            (0, _, _) if workflows.list.is_empty() || self.shard.is_none() => Exit::NothingToRun,
            _ => Exit::Success,
        })
    }

    /// The scenario of workflows that do not name one.
    fn scenario(&self, engine: &Engine) -> Result<Scenario, CliError> {
        match (&self.api.scenario, &engine.api().documents_scenario) {
            (None, Some(name)) => ApiOptions::named(engine, name),
            _ => self.api.scenario(engine),
        }
    }

    /// All errors: of the files that cannot be parsed, and of the parsed ones whose workflows cannot start.
    fn all_errors(&self, engine: &Engine, files: InvalidFiles) -> Result<Workflows, CliError> {
        let InvalidFiles { mut diagnostics, rest } = files;
        if self.server.gateway.is_none() {
            let scenario = self.scenario(engine)?;
            let starts = rest.list.iter().map(|workflow| self.start(engine, &scenario, workflow).map(|_| ()));
            match all_or_diagnostics(starts.collect()) {
                Ok(_) => {}
                Err(CliError::Diagnostics(more)) => diagnostics.extend(more),
                Err(other) => return Err(other),
            }
        }
        Err(CliError::Diagnostics(diagnostics))
    }

    fn run_workflow(
        &self,
        workflows: &Workflows,
        workflow: &Workflow,
        transport: &mut dyn Transport,
        credentials: &Credentials,
        now: Timestamp,
    ) -> WorkflowReport {
        workflows.replay(workflow, transport, credentials, now, self.api.seed.unwrap_or(0))
    }

    /// The initial state of a workflow, its credentials and its time.
    fn start(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        workflow: &Workflow,
    ) -> Result<(State, Credentials, Timestamp), CliError> {
        let scenario = workflow.scenario.as_ref().unwrap_or(scenario);
        let now = self.api.now.or(workflow.now).or(scenario.now).unwrap_or_else(Timestamp::now);
        let state = self.api.state(engine, scenario, Clock::Frozen(now))?;
        let credentials = credentials(engine, &state, scenario);
        if let Some(scenario) = &workflow.scenario {
            scenario.check_tokens(&credentials)?;
        }
        Ok((state, credentials, now))
    }

    fn run_in_process(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        workflows: &Workflows,
        workflow: &Workflow,
    ) -> Result<WorkflowReport, CliError> {
        let (state, credentials, now) = self.start(engine, scenario, workflow)?;
        let mut transport = InProcess { engine, session: Session::new(state).into(), now, usage: None };
        Ok(self.run_workflow(workflows, workflow, &mut transport, &credentials, now))
    }
}

/// The results if there is no error; else the diagnostics of all files.
fn all_or_diagnostics<T>(results: Vec<Result<T, CliError>>) -> Result<Vec<T>, CliError> {
    let (mut all, mut diagnostics) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => all.push(one),
            // Several workflows may start in one invalid scenario.
            Err(CliError::Diagnostics(mut files)) => {
                files.retain(|file| !diagnostics.contains(file));
                diagnostics.extend(files);
            }
            Err(other) => return Err(other),
        }
    }
    if diagnostics.is_empty() { Ok(all) } else { Err(CliError::Diagnostics(diagnostics)) }
}
