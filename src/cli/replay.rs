use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;

use super::api::{ApiOptions, read_all};
use super::{Exit, Stop, print};
use crate::contract::load;
use crate::engine::{Engine, Session};
use crate::scenarios::{
    Credentials, InProcess, Remote, Scenario, Stories, Story, StoryReport, Upstream, credentials, report,
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
    #[arg(long, value_name = "URL", requires = "fallback", requires = "tokens")]
    gateway: Option<String>,

    /// Base URL of its fallback, such as http://127.0.0.1:4010/api2
    #[arg(long, value_name = "URL", requires = "gateway")]
    fallback: Option<String>,

    /// Base URL for /v1/partners, where it is another than the gateway's
    #[arg(long, value_name = "URL", requires = "gateway")]
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
        let stories = Stories { as_runner: self.as_runner, ..Stories::read(&read_all(&self.paths)?)? };
        for file in &stories.passed_over {
            eprintln!("note: {file} is neither a scenario nor a workflow document");
        }
        let bar = progress(stories.list.len());
        let told = |story: &Story, report: Result<StoryReport, Stop>| {
            bar.set_message(story.name.clone());
            bar.inc(1);
            report
        };
        let reports: Vec<StoryReport> = match (&self.gateway, &self.fallback, &self.tokens) {
            (Some(gateway), Some(fallback), Some(tokens)) => {
                let credentials = read_credentials(tokens)?;
                let mut remote = Remote::new(gateway, fallback, self.partners.as_deref());
                let now = self.api.now.unwrap_or_else(Timestamp::now);
                let tell = |story| told(story, Ok(self.tell(&stories, story, &mut remote, &credentials, now)));
                stories.list.iter().map(tell).collect::<Result<_, _>>()?
            }
            _ => {
                let engine = self.api.engine()?;
                let scenario = match (&self.api.scenario, Scenario::embedded(Scenario::DOCUMENTS)) {
                    (None, Some(text)) if self.api.swagger.is_empty() => Scenario::read(&text)?,
                    _ => self.api.scenario(&engine)?,
                };
                let tell = |story| told(story, self.tell_in_process(&engine, &scenario, &stories, story));
                in_parallel(&stories.list, tell).into_iter().collect::<Result<_, _>>()?
            }
        };
        bar.finish_and_clear();
        print(&match self.report {
            Form::Text => report::text(&reports),
            Form::Json => format!("{:#}\n", report::json(&reports)),
            Form::Tap => report::tap(&reports),
            Form::Junit => report::junit(&reports),
        });
        Ok(match report::count(&reports) {
            (_, failed, _) if failed > 0 => Exit::Failure,
            (0, _, _) => Exit::NothingRan,
            _ => Exit::Success,
        })
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

    fn tell_in_process(
        &self,
        engine: &Engine,
        scenario: &Scenario,
        stories: &Stories,
        story: &Story,
    ) -> Result<StoryReport, Stop> {
        let scenario = story.scenario.as_ref().unwrap_or(scenario);
        let now = self.api.now.or(story.now).or(scenario.now).unwrap_or_else(Timestamp::now);
        let world = self.api.world(engine, scenario, now, true)?;
        let credentials = credentials(&world, scenario);
        let mut upstream = InProcess { engine, session: Session::new(world), now };
        Ok(self.tell(stories, story, &mut upstream, &credentials, now))
    }
}

/// Does something with every element on all cores, and returns what came out in the order of the elements. Each story has
/// a world of its own, so that the order in which they are told does not matter.
fn in_parallel<'l, T: Sync, R: Send>(list: &'l [T], work: impl Fn(&'l T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(list.len().max(1));
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            match list.get(place) {
                Some(element) => done.push((place, work(element))),
                None => return done,
            }
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    done.sort_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn read_credentials(path: &std::path::Path) -> Result<Credentials, Stop> {
    let text = load::read(path)?;
    let value = serde_json::from_str(&text.text).map_err(|error| Stop::Usage(format!("{}: {error}", text.name)))?;
    let advice = "has no tokens; write {\"tokens\": {\"staff\": \"…\"}}, as `standin tokens --json` does";
    Credentials::from_json(&value).ok_or_else(|| Stop::Usage(format!("{}: {advice}", text.name)))
}

fn progress(length: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}
