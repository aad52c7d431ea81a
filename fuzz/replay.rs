//! Replays a scenario in-process.

use jiff::Timestamp;
use standin::diagnostics::SourceFile;
use standin::pipeline::{Engine, Session};
use standin::request::Clock;
use standin::scenarios::{InProcess, Scenario, Start, Workflows, credentials};

/// Seeds a session with a scenario and replays its steps, unless the file is rejected.
pub(crate) fn replay(engine: &Engine, file: &SourceFile) {
    let Ok(scenario) = Scenario::read_in(file, engine.scenarios()) else { return };
    let now = Timestamp::UNIX_EPOCH;
    let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
    let Ok(state) = scenario.seed(engine, Start { clock: Clock::Frozen(now), now, flags, seed: None }) else { return };
    let credentials = credentials(engine, &state, &scenario);
    let Ok(workflows) = Workflows::read_in(std::slice::from_ref(file), engine.scenarios()) else { return };
    let mut transport = InProcess { engine, session: Session::new(state).into(), now, usage: None };
    for workflow in &workflows.list {
        workflows.replay(workflow, &mut transport, &credentials, now, 0);
    }
}
