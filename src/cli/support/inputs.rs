//! Parsing of arguments and reading of the files that they name.

use std::path::{Path, PathBuf};

use http::Uri;

use crate::cli::CliError;
use crate::diagnostics::SourceFile;
use crate::openapi::load;
use crate::scenarios::Credentials;

/// Reads files, and all files below folders, in the order of the command line.
pub(crate) fn read_all(paths: &[PathBuf]) -> Result<Vec<SourceFile>, CliError> {
    let mut files = Vec::new();
    for path in paths {
        for file in load::files_below(path)? {
            files.push(load::read(&file)?);
        }
    }
    Ok(files)
}

/// Reads the tokens and params of a server, as `standin tokens --json` prints them.
pub(crate) fn read_credentials(path: &Path) -> Result<Credentials, CliError> {
    let file = load::read(path)?;
    let value = serde_json::from_str(&file.text).map_err(|error| {
        CliError::Usage(format!("{}: invalid JSON: {error}; `standin tokens --json` prints this file", file.name))
    })?;
    let advice = "has no tokens; write {\"tokens\": {\"staff\": \"…\"}}, as `standin tokens --json` does";
    Credentials::from_json(&value).ok_or_else(|| CliError::Usage(format!("{}: {advice}", file.name)))
}

/// Parses the base URL of a server.
pub(crate) fn url(text: &str) -> Result<String, String> {
    let is_base = |url: &Uri| {
        matches!(url.scheme_str(), Some("http" | "https"))
            && url.host().is_some_and(|host| !host.is_empty())
            && url.query().is_none()
    };
    match text.parse::<Uri>().is_ok_and(|url| is_base(&url)) {
        true => Ok(text.to_owned()),
        false => Err("write a base URL with http:// or https://, such as http://127.0.0.1:4010".to_owned()),
    }
}

/// Parses `URL=FOLDER`.
pub(crate) fn ref_map(text: &str) -> Result<(String, PathBuf), String> {
    let (url, folder) =
        text.rsplit_once('=').ok_or("write URL=FOLDER, such as https://example.com/schemas=./schemas")?;
    match Path::new(folder).is_dir() {
        true => Ok((url.to_owned(), folder.into())),
        false => Err(format!("{folder} is not a directory")),
    }
}
