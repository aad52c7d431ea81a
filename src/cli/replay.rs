use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use rayon::prelude::*;

use super::api::{ApiOptions, read_all, read_credentials, url};
use super::{Exit, Stop, print, progress, talk};
use crate::engine::{Engine, Session};
use crate::exchange::World;
use crate::scenarios::{
    Credentials, InProcess, Remote, Scenario, Stories, Story, StoryReport, Upstream, WrongFiles, credentials, report,
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
    pub(super) fn run(self) -> Result<Exit, Stop> {
        let stories = Stories::read(&read_all(&self.paths)?).or_else(|files| self.all_wrong(files))?;
        let stories = Stories { as_runner: self.as_runner, ..stories };
        for file in &stories.passed_over {
            talk(&format!("note: {file} is neither a scenario nor a workflow document"));
        }
        let bar = progress(stories.list.len());
        let told = |story: &Story, report: Result<StoryReport, Stop>| {
            bar.set_message(story.name.clone());
            bar.inc(1);
            report
        };
        let reports: Vec<Result<StoryReport, Stop>> = match (&self.gateway, &self.fallback, &self.tokens) {
            (Some(gateway), Some(fallback), Some(tokens)) => {
                let credentials = read_credentials(tokens)?;
                let mut remote = Remote::new(gateway, fallback, self.partners.as_deref());
                let now = self.api.now.unwrap_or_else(Timestamp::now);
                let tell = |story| told(story, Ok(self.tell(&stories, story, &mut remote, &credentials, now)));
                stories.list.iter().map(tell).collect()
            }
            _ => {
                let engine = self.api.engine()?;
                let scenario = self.scenario(&engine)?;
                let tell = |story| told(story, self.tell_in_process(&engine, &scenario, &stories, story));
                stories.list.par_iter().map(tell).collect()
            }
        };
        bar.finish_and_clear();
        let reports = all_or_complaints(reports)?;
        print(&match self.report {
            Form::Text => report::text(&reports),
            Form::Json => format!("{:#}\n", report::json(&reports)),
            Form::Tap => report::tap(&reports),
            Form::Junit => report::junit(&reports),
        })?;
        Ok(match report::count(&reports) {
            (_, failed, _) if failed > 0 => Exit::Failure,
            (0, _, _) => Exit::NothingRan,
            _ => Exit::Success,
        })
    }

    /// The scenario of stories that bring none.
    fn scenario(&self, engine: &Engine) -> Result<Scenario, Stop> {
        match (&self.api.scenario, Scenario::embedded(Scenario::DOCUMENTS)) {
            (None, Some(text)) if self.api.swagger.is_empty() => Ok(Scenario::read(&text)?),
            _ => self.api.scenario(engine),
        }
    }

    /// What is wrong with files that cannot be read, and with those that can but whose stories cannot begin.
    fn all_wrong(&self, files: WrongFiles) -> Result<Stories, Stop> {
        let WrongFiles { mut wrong, rest } = files;
        if self.gateway.is_none() {
            let engine = self.api.engine()?;
            let scenario = self.scenario(&engine)?;
            let begun = rest.list.iter().map(|story| self.begin(&engine, &scenario, story).map(|_| ()));
            match all_or_complaints(begun.collect()) {
                Ok(_) => {}
                Err(Stop::Complaints(complaints)) => wrong.extend(complaints),
                Err(stop) => return Err(stop),
            }
        }
        Err(Stop::Complaints(wrong))
    }

    fn tell(
        &self,
        stories: &Stories,
        story: &Story,
        upstream: &mut dyn Upstream,
        credentials: &Credentials,
        now: Timestamp,
    ) -> StoryReport {
        stories.replay(story, upstream, credentials, now, self.api.seed.unwrap_or(0))
    }

    /// The world in which a story begins, who is in it, and when.
    fn begin(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        story: &Story,
    ) -> Result<(World, Credentials, Timestamp), Stop> {
        let scenario = story.scenario.as_ref().unwrap_or(scenario);
        let now = self.api.now.or(story.now).or(scenario.now).unwrap_or_else(Timestamp::now);
        let world = self.api.world(engine, scenario, now, true)?;
        let credentials = credentials(&world, scenario);
        if let Some(scenario) = &story.scenario {
            scenario.check_tokens(&credentials)?;
        }
        Ok((world, credentials, now))
    }

    fn tell_in_process(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        stories: &Stories,
        story: &Story,
    ) -> Result<StoryReport, Stop> {
        let (world, credentials, now) = self.begin(engine, scenario, story)?;
        let mut upstream = InProcess { engine, session: Session::new(world), now };
        Ok(self.tell(stories, story, &mut upstream, &credentials, now))
    }
}

/// What came of each story, where all could begin; else what is wrong with all files.
fn all_or_complaints<T>(told: Vec<Result<T, Stop>>) -> Result<Vec<T>, Stop> {
    let (mut all, mut wrong) = (Vec::new(), Vec::new());
    for told in told {
        match told {
            Ok(one) => all.push(one),
            // Several stories may begin in one scenario that is wrong.
            Err(Stop::Complaints(mut files)) => {
                files.retain(|file| !wrong.contains(file));
                wrong.extend(files);
            }
            Err(stop) => return Err(stop),
        }
    }
    if wrong.is_empty() { Ok(all) } else { Err(Stop::Complaints(wrong)) }
}
