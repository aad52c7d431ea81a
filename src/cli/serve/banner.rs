use std::net::SocketAddr;

use serde_json::{Map, Value, json};

use crate::api::identity::Reason;
use crate::openapi::Operation;
use crate::pipeline::Engine;
use crate::scenarios::Credentials;

/// What is known of a server when it listens.
pub(super) struct Banner<'a> {
    pub(super) engine: &'a Engine,
    pub(super) scenario: &'a str,
    pub(super) credentials: &'a Credentials,
    pub(super) api: SocketAddr,
    pub(super) control: SocketAddr,
    /// The token of the control API, if it needs one.
    pub(super) admin_token: Option<&'a str>,
    /// The code with which a browser logs in.
    pub(super) login: Option<&'a str>,
    /// Whether the control port has the web page.
    pub(super) has_page: bool,
}

impl Banner<'_> {
    /// One line for programs.
    pub(super) fn json(&self) -> String {
        let Self { engine, scenario, credentials, api, control, admin_token, login, has_page } = self;
        let gateways = engine.api().gateways.list.iter();
        let urls: Map<String, Value> = gateways
            .map(|gateway| (gateway.name.to_string(), format!("http://{api}{}", gateway.prefix()).into()))
            .collect();
        let authorizations: Map<String, Value> = credentials
            .tokens
            .iter()
            .filter_map(|(name, _)| Some((name.clone(), credentials.authorization(name)?.into())))
            .collect();
        let known = credentials.to_json();
        let ready = json!({
            "url": format!("http://{api}"),
            "urls": urls,
            "control_url": format!("http://{control}"),
            "admin_token": admin_token,
            "page_url": has_page.then(|| self.page_url()),
            "login_url": login.map(|code| format!("http://{control}/login?code={code}")),
            "scenario": scenario,
            "tokens": known["tokens"],
            "authorizations": authorizations,
            "params": known["params"],
            "pid": std::process::id(),
        });
        format!("{ready}\n")
    }

    /// The URL of the web page; if the control API needs a token, the one with which a browser logs in, once.
    pub(super) fn page_url(&self) -> String {
        match self.login {
            Some(code) => format!("http://{}/login?code={code}", self.control),
            None => format!("http://{}/", self.control),
        }
    }

    /// Addresses, the API and why it applies, tokens, and a command to try.
    pub(super) fn text(&self) -> String {
        let Self { engine, scenario, credentials, api, control, admin_token, login, has_page } = self;
        let (operations, quirks) = (engine.contract().operations.len(), engine.quirks().iter().count());
        let quirks = if quirks == 0 { String::new() } else { format!(", {quirks} quirks") };
        let mut text = format!("standin: {operations} operations{quirks}, scenario {scenario}\n");
        if let Reason::Host(_) = engine.reason() {
            text.push_str(&format!("API {}: {}\n", engine.api().name, engine.reason()));
        }
        text.push('\n');
        let gateways = &engine.api().gateways;
        let mut addresses: Vec<(&str, String)> = gateways
            .list
            .iter()
            .map(|gateway| (gateway.title.as_str(), format!("http://{api}{}", gateway.prefix())))
            .collect();
        addresses.push(("control", format!("http://{control}")));
        if *has_page && login.is_none() {
            addresses.push(("web page", self.page_url()));
        }
        let width = addresses.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        text.extend(addresses.iter().map(|(name, url)| format!("{name:width$}  {url}\n")));
        if let Some(token) = admin_token {
            text.push_str(&format!("\ncontrol API\n  Authorization: Bearer {token}\n"));
        }
        if let Some(code) = login {
            text.push_str(&format!("  in a browser, once: http://{control}/login?code={code}\n"));
        }
        if !credentials.tokens.is_empty() {
            let width = credentials.tokens.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            text.push_str("\ntokens\n");
            text.extend(credentials.tokens.iter().map(|(name, value)| format!("  {name:width$}  {value}\n")));
        }
        if let Some(command) = example_command(engine, credentials, *api) {
            text.push_str(&format!("\ntry\n  {command}\n"));
        }
        text
    }
}

/// A request that succeeds, as a curl command: a GET without parameters, of an operation with a handler if there is one.
fn example_command(engine: &Engine, credentials: &Credentials, api: SocketAddr) -> Option<String> {
    let is_plain = |(_, operation): &(usize, &Operation)| {
        operation.method == http::Method::GET
            && !operation.path.contains('{')
            && operation.parameters.iter().all(|parameter| !parameter.required)
    };
    let mut plain = engine.contract().operations.iter().enumerate().filter(is_plain);
    let (_, operation) = plain.clone().find(|(index, _)| engine.has_handler(*index)).or_else(|| plain.next())?;
    let pages = operation.parameters.iter().find(|parameter| parameter.name == "per_page");
    let query = pages.map_or("", |_| "?per_page=1");
    let url = format!("http://{api}{}{}{query}", engine.api().gateways.fallback().prefix(), operation.path);
    let token = credentials.tokens.first().and_then(|(name, _)| credentials.authorization(name));
    Some(match token {
        Some(token) => format!("curl -H 'Authorization: {token}' '{url}'"),
        None => format!("curl '{url}'"),
    })
}
