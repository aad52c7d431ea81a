use crate::request::{QUIRKS_HEADER, REJECTED_HEADER, Response};

/// Receives one line for each request: status, method, target without credentials, error and applied quirks.
pub type AccessLog = fn(&str);

/// Formats the line of one request. `target` is its method and URI.
pub(super) fn format_line(target: &str, response: &Response) -> String {
    // The only place that reads these facts from headers.
    let header = |wanted| {
        let (_, value) = response.headers.iter().find(|(name, _)| *name == wanted)?;
        value.to_str().ok()
    };
    let error = header(REJECTED_HEADER).map(|error| format!("  ({error})")).unwrap_or_default();
    let quirks = header(QUIRKS_HEADER).map(|ids| format!("  [{ids}]")).unwrap_or_default();
    format!("{} {target}{error}{quirks}", response.status.as_u16())
}
