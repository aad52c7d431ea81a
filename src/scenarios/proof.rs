//! Proofs of quirks: steps whose responses differ between a quirk on and the same quirk off.

use jiff::Timestamp;

use super::outcome::StepReport;
use super::read::Scenario;
use super::seed::{Start, credentials};
use super::step::{OnFail, ParseMode, Step, read_steps};
use super::transport::InProcess;
use super::workflow::{Workflow, Workflows};
use crate::diagnostics::{Collector, Diagnostic, Diagnostics, SourceFile};
use crate::pipeline::{Engine, Session};
use crate::quirks::{Quirk, Quirks, Selection};
use crate::request::Clock;

/// The time of proofs, and the default time of fixtures: one of the days on which the evidence was verified.
pub const NOW: Timestamp = Timestamp::constant(1_770_544_800, 0); // 2026-02-08T10:00:00Z

/// The proof of one quirk.
pub struct Proof<'a> {
    quirk: &'a Quirk,
    steps: Vec<Step>,
}

/// The report on a proof.
pub struct ProofReport {
    /// Why the proof fails; `None` if it holds.
    pub problem: Option<String>,
    /// The reports on the steps with the quirk on.
    pub on: Vec<StepReport>,
    /// The reports on the steps with it off.
    pub off: Vec<StepReport>,
}

impl<'a> Proof<'a> {
    /// Reads the proof of a quirk.
    ///
    /// # Errors
    /// An invalid step, or no step that expects different responses.
    pub fn of(quirk: &'a Quirk) -> Result<Self, Diagnostic> {
        let mut diagnostics = Collector::default();
        let steps = read_steps(&quirk.proof, ParseMode::Strict, &mut diagnostics);
        let steps = diagnostics.first(steps)?;
        let differs = steps.iter().filter_map(|step| step.on_and_off.as_ref()).any(|(on, off)| on != off);
        match differs {
            true => Ok(Self { quirk, steps }),
            false => Err(Diagnostic::new(quirk.proof.span, "no step of the proof tells the quirk on from off")
                .help("give a step `on: …` and `off: …`, the responses that it expects")),
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

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Runs the proof in two fresh states of a scenario: with the quirk on and with it off.
    pub fn run(&self, engine: &Engine, scenario: &Scenario) -> ProofReport {
        let (on, off) = (self.run_steps(engine, scenario, true), self.run_steps(engine, scenario, false));
        let is_applied = |report: &StepReport| {
            let received = report.reply.as_ref();
            received.is_some_and(|received| received.quirks.contains(&self.quirk.id))
        };
        let failure = |steps: &[StepReport], state: &str| {
            let step = steps.iter().find(|step| step.problem.is_some())?;
            Some(format!("with the quirk {state}, {} ({}): {}", step.id, step.sent, step.problem.as_deref()?))
        };
        let wrongly_applied = || {
            let header = "x-standin-quirks";
            match (on.iter().any(is_applied), off.iter().any(is_applied)) {
                (false, _) => Some(format!("with the quirk on, no response names it in {header}")),
                (_, true) => Some(format!("with the quirk off, a response names it in {header}")),
                _ => None,
            }
        };
        let problem = failure(&on, "on").or_else(|| failure(&off, "off")).or_else(wrongly_applied);
        ProofReport { problem, on, off }
    }

    fn run_steps(&self, engine: &Engine, scenario: &Scenario, on: bool) -> Vec<StepReport> {
        let Quirk { id, since, until, .. } = self.quirk;
        let date = since.clone().or_else(|| until.clone());
        let selection = Selection { date, changes: vec![(id.clone(), on)], ..Selection::default() };
        let flags = engine.quirks().flags(&selection).unwrap_or_default();
        let start = Start { clock: Clock::Frozen(NOW), now: NOW, flags, seed: None };
        let state = match scenario.seed(engine, start) {
            Ok(state) => state,
            Err(diagnostics) => return vec![StepReport::failed_start(&diagnostics.to_string())],
        };
        let credentials = credentials(engine, &state, scenario);
        let mut transport = InProcess { engine, session: Session::new(state).into(), now: NOW, usage: None };
        Workflows::default().replay(&self.workflow(on), &mut transport, &credentials, NOW, 0).steps
    }

    /// The steps as a workflow that expects the responses with the quirk on or off.
    pub fn workflow(&self, on: bool) -> Workflow {
        let expected = |step: &Step| match &step.on_and_off {
            Some((expect, _)) if on => expect.clone(),
            Some((_, expect)) => expect.clone(),
            None => step.expect.clone(),
        };
        let steps =
            self.steps.iter().map(|step| Step { expect: expected(step), on_fail: OnFail::Abort, ..step.clone() });
        Workflow::from_steps(&self.quirk.id, steps.collect())
    }
}
