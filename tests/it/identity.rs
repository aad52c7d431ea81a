//! Which API a folder of contracts belongs to: decided by identity, never by paths.

use serde_json::{Value, json};

use standin::diagnostics::SourceFile;
use standin::openapi::{ApiChoice, ApiFolder};
use standin::pipeline::{Engine, Session};
use standin::request::{Clock, Request, Response};
use standin::scenarios::{Scenario, Start};

use crate::vocabulary::noon;

/// A contract with these paths; each has a GET that documents a list and a POST that documents 201.
fn contract(server: &str, paths: &[&str]) -> SourceFile {
    let item = json!({
        "get": {"responses": {"200": {"description": "", "content": {"application/json": {
            "example": [{"id": "p1", "name": "Rex"}]}}}}},
        "post": {"responses": {"201": {"description": "", "content": {"application/json": {
            "example": {"id": "p1", "name": "Rex"}}}}}},
    });
    let paths: serde_json::Map<String, Value> = paths.iter().map(|path| ((*path).to_owned(), item.clone())).collect();
    let document = json!({"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "servers": [{"url": server}], "paths": paths});
    SourceFile::new("pets.json", document.to_string())
}

fn folder(server: &str, paths: &[&str]) -> ApiFolder {
    ApiFolder { contracts: vec![contract(server, paths)], ..ApiFolder::default() }
}

/// An engine and a session in its default scenario.
fn start(folder: &ApiFolder) -> (Engine, Session) {
    let engine = Engine::new(folder).expect("the files are right");
    let name = engine.api().scenario.clone().unwrap_or_else(|| Scenario::EMPTY.to_owned());
    let file = engine.scenarios().find(&name).expect("the default scenario exists");
    let scenario = Scenario::read_in(file, engine.scenarios()).expect("it is right");
    let flags = engine.quirks().flags(&Default::default()).expect("the default profile");
    let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags, seed: None };
    let session = Session::new(scenario.seed(&engine, start).expect("it fits the API"));
    (engine, session)
}

fn send(engine: &Engine, session: &Session, method: &str, path: &str) -> Response {
    let request = Request {
        method: method.parse().expect("a method"),
        path: path.into(),
        query: None,
        headers: Default::default(),
        body: Default::default(),
        at: noon(),
    };
    engine.answer(session, &request)
}

#[test]
fn paths_like_those_of_an_embedded_api_do_not_make_a_contract_that_api() {
    let paths = [
        "/v3/pets",
        "/business/pets",
        "/client/pets",
        "/oauth/token",
        "/v1/partners/pets",
        "/v2/coupons",
        "/v1/catalog",
        "/platform/v1/clients",
    ];
    let (engine, session) = start(&folder("https://api.example.com", &paths));
    assert_eq!((engine.quirks().iter().count(), engine.api().name.as_str()), (0, ""));
    assert!(!engine.api().tokens.are_declared());
    for path in paths {
        assert_eq!(send(&engine, &session, "GET", path).status, 200, "GET {path}");
        assert_eq!(send(&engine, &session, "POST", path).status, 201, "POST {path}");
    }
    let credentials = standin::scenarios::Credentials::of(&engine, &session.state());
    assert!(credentials.kinds.iter().all(|(_, kind)| kind.is_empty()), "no token of an embedded API exists");
}

#[test]
fn a_server_url_with_such_a_path_does_not_make_a_contract_that_api() {
    let (engine, session) = start(&folder("https://api.example.com/v3", &["/pets"]));
    assert_eq!(engine.quirks().iter().count(), 0);
    assert_eq!(send(&engine, &session, "GET", "/v3/pets").status, 200);
}

#[test]
fn paths_that_begin_with_a_gateway_prefix_of_another_api_are_served() {
    let (engine, session) = start(&folder("https://api.example.com", &["/api2/pets", "/apigw/pets"]));
    for path in ["/api2/pets", "/apigw/pets"] {
        assert_eq!(send(&engine, &session, "GET", path).status, 200, "{path}");
    }
}

#[test]
fn a_quirks_file_beside_a_contract_applies_alone() {
    let quirks = "quirks:
  - id: pets-are-teapots
    area: validation
    on: pets answer 418
    off: pets answer 200
    evidence: [{source: own, at: here}]
    when: {path: /v1/pets, method: GET}
    respond: {status: 418, body: {error: teapot}}
    proof:
      - {id: list, method: GET, path: /v1/pets, on: {status: 418}, off: {status: 200}}
";
    let quirks = vec![SourceFile::new("pets.quirks.yaml", quirks)];
    let (engine, session) =
        start(&ApiFolder { quirks, ..folder("https://api.example.com", &["/v1/pets", "/v1/products"]) });
    assert_eq!(engine.quirks().iter().count(), 1);
    assert_eq!(send(&engine, &session, "GET", "/v1/pets").status, 418);
    assert_eq!(send(&engine, &session, "POST", "/v1/products").status, 201);
    assert_eq!(session.state().store.all("token").count(), 0);
}

#[test]
fn a_resources_file_beside_a_contract_applies_alone() {
    let resources = vec![SourceFile::new("pets.resources.yaml", "pet:\n  plural: pets\n")];
    let folder = ApiFolder { resources, ..folder("https://api.example.com", &["/v1/pets", "/v1/products"]) };
    let (engine, session) = start(&folder);
    assert_eq!(engine.quirks().iter().count(), 0);
    assert_eq!(send(&engine, &session, "POST", "/v1/products").status, 201);
}

#[test]
fn the_hosts_of_most_contracts_identify_an_embedded_api() {
    let own = folder("https://api.vcita.biz", &["/v3/pets"]);
    let (engine, session) = start(&own);
    assert_eq!(engine.api().name, "intandem");
    assert!(engine.reason().to_string().contains("--api none"), "{}", engine.reason());
    assert!(engine.quirks().iter().count() > 300);
    assert_eq!(send(&engine, &session, "GET", "/v3/pets").status, 401);
    // Operations that the contracts lack come from the embedded ones.
    let has = |key: &str| engine.contract().operations.iter().any(|operation| *operation.key == *key);
    assert!(has("POST /platform/v1/payment/client_packages"));

    let minority = ["https://a.example.com", "https://b.example.com", "https://api.vcita.biz"];
    let contracts = minority.iter().enumerate().map(|(index, server)| {
        let path = format!("/p{index}/pets");
        SourceFile::new(format!("{index}.json"), contract(server, &[&path]).text)
    });
    let (engine, _) = start(&ApiFolder { contracts: contracts.collect(), ..ApiFolder::default() });
    assert_eq!(engine.api().name, "");
}

#[test]
fn the_user_can_choose_an_api_or_none() {
    let claimed = folder("https://api.vcita.biz", &["/v3/pets"]);
    let (engine, session) = start(&ApiFolder { choice: ApiChoice::None, ..claimed });
    assert_eq!(send(&engine, &session, "GET", "/v3/pets").status, 200);
    let own = folder("https://api.example.com", &["/v3/pets"]);
    let (engine, session) = start(&ApiFolder { choice: ApiChoice::Named("intandem".to_owned()), ..own });
    assert_eq!(send(&engine, &session, "GET", "/v3/pets").status, 401);
}

#[test]
fn a_contract_may_have_the_name_of_any_other_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "openapi: 3.0.3\ninfo: {title: x, version: '1'}\npaths:\n  /pets:\n    get: {responses: {'200': {description: ok}}}\n";
    std::fs::write(folder.path().join("standin.yaml"), text).expect("written");
    let files = ApiFolder::from_paths(&[folder.path().to_owned()]).expect("a contract");
    assert_eq!((files.contracts.len(), files.settings.len()), (1, 0));
}

#[test]
fn a_fresh_session_with_a_running_clock_knows_the_time_of_its_start() {
    let engine = Engine::new(&folder("https://api.example.com", &["/pets"])).expect("right");
    let file = engine.scenarios().find(Scenario::EMPTY).expect("every API has it");
    let scenario = Scenario::read_in(file, engine.scenarios()).expect("right");
    let start = Start { clock: Clock::Running(noon()), now: noon(), flags: Default::default(), seed: None };
    let session = Session::new(scenario.seed(&engine, start).expect("right"));
    assert_eq!(crate::vocabulary::state_json(&session, None)["now"], "2026-02-08T12:00:00.000Z");
}

#[test]
fn records_of_a_scenario_are_checked_against_the_contract() {
    let pet = json!({"type": "object", "properties": {
        "id": {"type": "string"}, "name": {"type": "string"},
        "status": {"type": "string", "enum": ["sold", "available"]},
        "created_at": {"type": "string", "format": "date-time"},
    }});
    let list = json!({"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": pet}}}}});
    let document = json!({"openapi": "3.0.3", "info": {"title": "Pets", "version": "1"}, "paths": {
        "/pets": {"get": {"responses": list}}, "/pets/{pet_id}": {"get": {"responses": {"200": {"description": ""}}}},
    }});
    let contracts = vec![SourceFile::new("pets.json", document.to_string())];
    let engine = Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("the contract is right");
    let seed = |record: &str| {
        let text = format!("scenario: mine\nrecords:\n  pets:\n    - {record}\n");
        let scenario = Scenario::read(&SourceFile::new("mine.yaml", text)).expect("a scenario");
        let flags = engine.quirks().flags(&Default::default()).expect("no quirks");
        let start = Start { clock: Clock::Frozen(noon()), now: noon(), flags, seed: None };
        scenario.seed(&engine, start).map(|_| ()).map_err(|wrong| wrong.to_string())
    };
    assert_eq!(seed("{id: p1, name: Rex, status: sold, created_at: today-3d}"), Ok(()));
    for (record, message) in [
        ("{id: p1, stauts: sold}", "unknown field `stauts` (did you mean `status`?)"),
        ("{id: p1, status: gone}", "`status` violates the contract"),
        ("{id: p1, created_at: tomorow}", "`created_at` violates the contract"),
    ] {
        let wrong = seed(record).expect_err("invalid");
        assert!(wrong.starts_with("mine.yaml:4:") && wrong.contains(message), "{wrong}");
    }
}
