//! Serves a contract of another API in-process.

use http::HeaderMap;
use serde_json::{Value, json};
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Session};
use standin::request::{Response, Settings, State};
use standin::scenarios::{Scenario, Start};

use crate::vocabulary::{noon, request};

/// A contract that is served.
pub(crate) struct Served {
    pub(crate) engine: Engine,
    pub(crate) session: Session,
}

/// The records of each kind, in their order.
pub(crate) fn records(state: &State) -> Vec<Value> {
    let records = state.store.kinds().flat_map(|(kind, _)| state.store.all(kind));
    records.map(|record| json!([record.kind, **record])).collect()
}

/// A response.
pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl From<Response> for Received {
    fn from(response: Response) -> Self {
        Self {
            status: response.status.as_u16(),
            headers: response.headers.into_iter().collect(),
            text: String::from_utf8(response.body.to_vec()).expect("UTF-8"),
        }
    }
}

impl Received {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Served {
    pub(crate) fn new(contract: &str, settings: Settings) -> Self {
        let contracts = vec![SourceFile::new("api.yaml", contract)];
        Self::of(&ApiFolder { contracts, ..ApiFolder::default() }, settings)
    }

    pub(crate) fn of(folder: &ApiFolder, settings: Settings) -> Self {
        Self::with_engine(Engine::new(folder).expect("the files are valid"), settings)
    }

    pub(crate) fn with_engine(engine: Engine, settings: Settings) -> Self {
        let scenario = engine.scenarios().find(Scenario::EMPTY).expect("every API has it");
        let scenario = Scenario::read_in(scenario, engine.scenarios()).expect("the scenario is valid");
        let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
        let start = Start { clock: standin::request::Clock::Frozen(noon()), now: noon(), flags, seed: None };
        let mut state = scenario.seed(&engine, start).expect("the scenario is valid");
        state.settings = settings;
        Self { engine, session: Session::new(state) }
    }

    pub(crate) fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Received {
        self.engine.answer(&self.session, &request(noon(), method, target, headers, body)).into()
    }

    pub(crate) fn get(&self, target: &str) -> Received {
        self.send("GET", target, &[], "")
    }

    pub(crate) fn delete(&self, target: &str) -> Received {
        self.send("DELETE", target, &[], "")
    }

    pub(crate) fn post(&self, target: &str, body: &str) -> Received {
        self.call("POST", target, body)
    }

    pub(crate) fn call(&self, method: &str, target: &str, body: &str) -> Received {
        self.send(method, target, &[("content-type", "application/json")], body)
    }
}
