//! Proofs: steps that come out one way with a quirk on and another with it off.

use jiff::Timestamp;

use super::read::Scenario;
use super::runner::{InProcess, StepReport, Workflow, Workflows};
use super::seed::{Start, credentials};
use super::step::{OnFail, ParseMode, Step, read_steps};
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, SourceFile};
use crate::pipeline::{Engine, Session};
use crate::quirks::{Quirk, Quirks, Selection};
use crate::request::Clock;

/// When proofs are set, and fixtures where nothing else is said: one of the days on which the seeds were verified.
pub const NOW: Timestamp = Timestamp::constant(1_770_544_800, 0); // 2026-02-08T10:00:00Z

/// The proof of one quirk.
pub struct Proof<'a> {
    quirk: &'a Quirk,
    steps: Vec<Step>,
}

/// How a proof came out.
pub struct ProofReport {
    /// Nothing when it holds, else why it does not.
    pub problem: Option<String>,
    /// The steps with the quirk on.
    pub on: Vec<StepReport>,
    /// The steps with it off.
    pub off: Vec<StepReport>,
}

impl<'a> Proof<'a> {
    /// Reads the proof of a quirk.
    ///
    /// # Errors
    /// When a step is wrong, or no step comes out differently.
    pub fn of(quirk: &'a Quirk) -> Result<Self, Diagnostic> {
        let mut diagnostics = Collector::default();
        let steps = read_steps(&quirk.proof, ParseMode::Strict, &mut diagnostics);
        let steps = diagnostics.first(steps)?;
        let differs = steps.iter().filter_map(|step| step.on_and_off.as_ref()).any(|(on, off)| on != off);
        match differs {
            true => Ok(Self { quirk, steps }),
            false => Err(Diagnostic::new(quirk.proof.span, "no step of the proof comes out differently")
                .help("give one `on: …` and `off: …`")),
        }
    }

    /// Checks the proofs of all quirks. `files` are those that declare them.
    ///
    /// # Errors
    /// All mistakes in the first file that has some.
    pub fn check(quirks: &Quirks, files: &[SourceFile]) -> Result<(), Diagnostics> {
        for file in files {
            let quirks = quirks.iter().filter(|quirk| quirk.file == file.name);
            let list: Vec<Diagnostic> = quirks.filter_map(|quirk| Proof::of(quirk).err()).collect();
            if !list.is_empty() {
                return Err(Diagnostics::new(&file.name, &file.text, list));
            }
        }
        Ok(())
    }

    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Runs the proof in two fresh worlds of a scenario: all quirks on, and all but this one.
    pub fn run(&self, engine: &Engine, scenario: &Scenario) -> ProofReport {
        let (on, off) = (self.tell(engine, scenario, true), self.tell(engine, scenario, false));
        let names = |report: &StepReport| {
            let reply = report.reply.as_ref();
            reply.is_some_and(|reply| reply.quirks.contains(&self.quirk.id))
        };
        let failure = |steps: &[StepReport], state: &str| {
            let step = steps.iter().find(|step| step.problem.is_some())?;
            Some(format!("with the quirk {state}, {} ({}): {}", step.id, step.sent, step.problem.as_deref()?))
        };
        let unnamed = || {
            let header = "x-standin-quirks";
            match (on.iter().any(names), off.iter().any(names)) {
                (false, _) => Some(format!("with the quirk on, no answer names it in {header}")),
                (_, true) => Some(format!("with the quirk off, an answer names it in {header}")),
                _ => None,
            }
        };
        let problem = failure(&on, "on").or_else(|| failure(&off, "off")).or_else(unnamed);
        ProofReport { problem, on, off }
    }

    fn tell(&self, engine: &Engine, scenario: &Scenario, on: bool) -> Vec<StepReport> {
        let selection = Selection { changes: vec![(self.quirk.id.clone(), on)], ..Selection::default() };
        let flags = engine.quirks().flags(&selection).unwrap_or_default();
        let start = Start { clock: Clock::Frozen(NOW), now: NOW, flags, seed: None };
        let state = match scenario.seed(engine, start) {
            Ok(state) => state,
            Err(diagnostics) => return vec![StepReport::broken(&diagnostics.to_string())],
        };
        let credentials = credentials(engine, &state, scenario);
        let mut transport = InProcess { engine, session: Session::new(state), now: NOW };
        Workflows::default().replay(&self.workflow(on), &mut transport, &credentials, NOW, 0).steps
    }

    /// The steps as a story, with what is expected with the quirk on or off.
    pub fn workflow(&self, on: bool) -> Workflow {
        let expected = |step: &Step| match &step.on_and_off {
            Some((expect, _)) if on => expect.clone(),
            Some((_, expect)) => expect.clone(),
            None => step.expect.clone(),
        };
        let steps =
            self.steps.iter().map(|step| Step { expect: expected(step), on_fail: OnFail::Abort, ..step.clone() });
        Workflow::of_steps(&self.quirk.id, steps.collect())
    }
}
