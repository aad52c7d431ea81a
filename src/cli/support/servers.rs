//! The base URLs of a running server, by gateway.

use std::collections::HashMap;

use clap::Args;

use super::inputs::url;
use crate::api::Gateways;
use crate::cli::CliError;
use crate::scenarios::Upstream;

/// Base URLs of a running server.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "A running server")]
pub(crate) struct ServerOptions {
    /// Base URL of the default gateway, such as http://127.0.0.1:4010/apigw
    #[arg(long, value_name = "URL", value_parser = url)]
    pub gateway: Option<String>,

    /// Base URL of the fallback gateway, such as http://127.0.0.1:4010/api2
    #[arg(long, value_name = "URL", value_parser = url, requires = "gateway")]
    fallback: Option<String>,

    /// Base URL of the separate host `partners`
    #[arg(long, value_name = "URL", value_parser = url, requires = "gateway")]
    partners: Option<String>,

    /// Base URL of another gateway or separate host, by its name in standin.yaml; may be repeated
    #[arg(long = "upstream", value_name = "NAME=URL", value_parser = named_url, requires = "gateway")]
    named: Vec<(String, String)>,
}

impl ServerOptions {
    /// The upstream of each gateway and separate host that has a base URL.
    ///
    /// # Errors
    /// If a name is neither a gateway nor a separate host of the API.
    pub(crate) fn upstreams(&self, gateways: &Gateways) -> Result<HashMap<String, Upstream>, CliError> {
        let main = self.gateway.iter().map(|url| (gateways.default_gateway().name.as_str(), url));
        let fallback = self.fallback.iter().map(|url| (gateways.fallback().name.as_str(), url));
        let partners = self.partners.iter().map(|url| ("partners", url));
        let named = self.named.iter().map(|(name, url)| (name.as_str(), url));
        upstreams(gateways, main.chain(fallback).chain(partners).chain(named))
    }
}

/// Upstreams by the names of gateways and separate hosts; the last base URL of a name counts.
///
/// # Errors
/// If a name is neither a gateway nor a separate host of the API.
pub(crate) fn upstreams<'u>(
    gateways: &Gateways,
    named: impl Iterator<Item = (&'u str, &'u String)>,
) -> Result<HashMap<String, Upstream>, CliError> {
    let hosts = gateways.separate_hosts.iter().map(|(name, _)| name.as_str());
    let known: Vec<&str> = gateways.list.iter().map(|gateway| gateway.name.as_str()).chain(hosts).collect();
    let upstream = |(name, url): (&str, &String)| match known.contains(&name) {
        true => Ok((name.to_owned(), Upstream::new(url))),
        false => {
            let known = known.join(", ");
            Err(CliError::Usage(format!("the API has no gateway or separate host `{name}`; it has: {known}")))
        }
    };
    named.map(upstream).collect()
}

/// Parses `NAME=URL`.
pub(crate) fn named_url(text: &str) -> Result<(String, String), String> {
    let (name, base) = text.split_once('=').ok_or("write NAME=URL, such as partners=https://partners.example.com")?;
    Ok((name.to_owned(), url(base)?))
}
