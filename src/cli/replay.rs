use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use rayon::prelude::*;

use super::api::{ApiOptions, read_all, read_credentials, url};
use super::{CliError, Exit, print, print_status, progress};
use crate::pipeline::{Engine, Session};
use crate::request::State;
use crate::scenarios::{
    Credentials, InProcess, InvalidFiles, Remote, Scenario, Transport, Workflow, WorkflowReport, Workflows,
    credentials, report,
};

/// Replays scenarios with steps and workflow documents
///
/// Against a mock in this process, each story in a fresh world with its clock at the document's verifiedAt, or
/// against a running server with --gateway, --fallback and --tokens.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Files and folders; what each file is is told by its content
    #[arg(required = true)]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    api: ApiOptions,

    /// Base URL of the main gateway of a running server, such as http://127.0.0.1:4010/apigw
    #[arg(long, value_name = "URL", value_parser = url, requires = "fallback", requires = "tokens")]
    gateway: Option<String>,

    /// Base URL of its fallback, such as http://127.0.0.1:4010/api2
    #[arg(long, value_name = "URL", value_parser = url, requires = "gateway")]
    fallback: Option<String>,

    /// Base URL for /v1/partners, where it is another than the gateway's
    #[arg(long, value_name = "URL", value_parser = url, requires = "gateway")]
    partners: Option<String>,

    /// Its tokens, as `standin tokens --json` prints them
    #[arg(long, value_name = "FILE", requires = "gateway")]
    tokens: Option<PathBuf>,

    /// Tells documents as their own runner does: what is to be extracted may be missing where its variable has a value, and
    /// before a step come the prerequisites of the document about its call, up to five documents deep
    #[arg(long)]
    as_runner: bool,

    /// The form of the report
    #[arg(long, value_enum, default_value_t = Form::Text)]
    report: Form,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    Text,
    Json,
    Tap,
    Junit,
}

impl Replay {
    pub(super) fn run(self) -> Result<Exit, CliError> {
        let workflows = Workflows::read(&read_all(&self.paths)?).or_else(|files| self.all_errors(files))?;
        let workflows = Workflows { as_runner: self.as_runner, ..workflows };
        for file in &workflows.ignored_files {
            print_status(&format!("note: {file} is neither a scenario nor a workflow document"));
        }
        let bar = progress(workflows.list.len());
        let told = |workflow: &Workflow, report: Result<WorkflowReport, CliError>| {
            bar.set_message(workflow.name.clone());
            bar.inc(1);
            report
        };
        let reports: Vec<Result<WorkflowReport, CliError>> = match (&self.gateway, &self.fallback, &self.tokens) {
            (Some(gateway), Some(fallback), Some(tokens)) => {
                let credentials = read_credentials(tokens)?;
                let mut remote = Remote::new(gateway, fallback, self.partners.as_deref());
                let now = self.api.now.unwrap_or_else(Timestamp::now);
                let tell =
                    |workflow| told(workflow, Ok(self.tell(&workflows, workflow, &mut remote, &credentials, now)));
                workflows.list.iter().map(tell).collect()
            }
            _ => {
                let engine = self.api.engine()?;
                let scenario = self.scenario(&engine)?;
                let tell = |workflow| told(workflow, self.replay_in_process(&engine, &scenario, &workflows, workflow));
                workflows.list.par_iter().map(tell).collect()
            }
        };
        bar.finish_and_clear();
        let reports = all_or_diagnostics(reports)?;
        print(&match self.report {
            Form::Text => report::text(&reports),
            Form::Json => format!("{:#}\n", report::json(&reports)),
            Form::Tap => report::tap(&reports),
            Form::Junit => report::junit(&reports),
        })?;
        Ok(match report::count(&reports) {
            (_, failed, _) if failed > 0 => Exit::Failure,
            (0, _, _) => Exit::NothingToRun,
            _ => Exit::Success,
        })
    }

    /// The scenario of stories that bring none.
    fn scenario(&self, engine: &Engine) -> Result<Scenario, CliError> {
        match (&self.api.scenario, Scenario::embedded(Scenario::DOCUMENTS)) {
            (None, Some(text)) if self.api.swagger.is_empty() => Ok(Scenario::read(&text)?),
            _ => self.api.scenario(engine),
        }
    }

    /// What is wrong with files that cannot be read, and with those that can but whose stories cannot begin.
    fn all_errors(&self, files: InvalidFiles) -> Result<Workflows, CliError> {
        let InvalidFiles { mut diagnostics, rest } = files;
        if self.gateway.is_none() {
            let engine = self.api.engine()?;
            let scenario = self.scenario(&engine)?;
            let begun = rest.list.iter().map(|workflow| self.begin(&engine, &scenario, workflow).map(|_| ()));
            match all_or_diagnostics(begun.collect()) {
                Ok(_) => {}
                Err(CliError::Diagnostics(more)) => diagnostics.extend(more),
                Err(stop) => return Err(stop),
            }
        }
        Err(CliError::Diagnostics(diagnostics))
    }

    fn tell(
        &self,
        workflows: &Workflows,
        workflow: &Workflow,
        transport: &mut dyn Transport,
        credentials: &Credentials,
        now: Timestamp,
    ) -> WorkflowReport {
        workflows.replay(workflow, transport, credentials, now, self.api.seed.unwrap_or(0))
    }

    /// The world in which a story begins, who is in it, and when.
    fn begin(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        workflow: &Workflow,
    ) -> Result<(State, Credentials, Timestamp), CliError> {
        let scenario = workflow.scenario.as_ref().unwrap_or(scenario);
        let now = self.api.now.or(workflow.now).or(scenario.now).unwrap_or_else(Timestamp::now);
        let state = self.api.state(engine, scenario, now, true)?;
        let credentials = credentials(&state, scenario);
        if let Some(scenario) = &workflow.scenario {
            scenario.check_tokens(&credentials)?;
        }
        Ok((state, credentials, now))
    }

    fn replay_in_process(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        workflows: &Workflows,
        workflow: &Workflow,
    ) -> Result<WorkflowReport, CliError> {
        let (state, credentials, now) = self.begin(engine, scenario, workflow)?;
        let mut transport = InProcess { engine, session: Session::new(state), now };
        Ok(self.tell(workflows, workflow, &mut transport, &credentials, now))
    }
}

/// What came of each story, where all could begin; else what is wrong with all files.
fn all_or_diagnostics<T>(told: Vec<Result<T, CliError>>) -> Result<Vec<T>, CliError> {
    let (mut all, mut diagnostics) = (Vec::new(), Vec::new());
    for told in told {
        match told {
            Ok(one) => all.push(one),
            // Several stories may begin in one scenario that is wrong.
            Err(CliError::Diagnostics(mut files)) => {
                files.retain(|file| !diagnostics.contains(file));
                diagnostics.extend(files);
            }
            Err(stop) => return Err(stop),
        }
    }
    if diagnostics.is_empty() { Ok(all) } else { Err(CliError::Diagnostics(diagnostics)) }
}
