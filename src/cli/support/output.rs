use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::CliError;

/// Writes a result to stdout. A reader that closes the pipe early is no error.
///
/// # Errors
/// When stdout fails otherwise, such as on a full disk.
pub(crate) fn print(text: &str) -> Result<(), CliError> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(CliError::OutputFailed(error)),
        _ => Ok(()),
    }
}

/// Writes a line to stderr. Errors are ignored: stderr may be closed or full.
pub(crate) fn print_status(text: &str) {
    let mut err = anstream::stderr().lock();
    let _ = err.write_all(format!("{text}\n").as_bytes());
}

/// Whether stderr is a terminal that supports escape codes and `NO_COLOR` is not set.
pub(crate) fn supports_color() -> bool {
    let stderr = std::io::stderr();
    stderr.is_terminal() && anstream::AutoStream::choice(&stderr) != anstream::ColorChoice::Never
}

/// A progress bar on stderr; hidden where stderr is not a terminal.
pub(crate) fn progress(length: usize) -> ProgressBar {
    if !supports_color() {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(length as u64).with_style(style)
}
