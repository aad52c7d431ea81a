use std::io::IsTerminal as _;

use crate::cli::CliError;

/// A future that completes on Ctrl-C or SIGTERM. Signals count from this call on, not from the first poll, because a
/// program that reads the banner may send one at once.
///
/// # Errors
/// When the system cannot install the handlers.
pub(crate) fn shutdown_signal() -> Result<impl Future<Output = ()>, CliError> {
    #[cfg(unix)]
    use tokio::signal::unix::{SignalKind, signal};
    #[cfg(unix)]
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    })
}

/// A future that calls `report` on each SIGHUP, and completes on one that is sent because the terminal of the program is
/// closed. Systems without that signal never send one.
///
/// # Errors
/// When the system cannot install the handler.
pub(crate) fn on_hangup(report: impl Fn()) -> Result<impl Future<Output = ()>, CliError> {
    #[cfg(unix)]
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    let had_terminal = has_terminal();
    Ok(async move {
        #[cfg(unix)]
        while hangup.recv().await.is_some() && (has_terminal() || !had_terminal) {
            report();
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    })
}

/// Whether any standard stream is a terminal. None is after their terminal is closed.
fn has_terminal() -> bool {
    std::io::stdin().is_terminal() || std::io::stdout().is_terminal() || std::io::stderr().is_terminal()
}
