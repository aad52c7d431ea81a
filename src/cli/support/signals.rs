use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::oneshot;

use super::output::print_status;
use crate::cli::{CliError, Exit};

/// How long the program may take to end after a signal, if a request does not.
const GRACE: Duration = Duration::from_secs(5);

/// The first Ctrl-C or SIGTERM, and what ends the program if it does not end itself.
pub(crate) struct Shutdown {
    requested: oneshot::Receiver<()>,
    is_orderly: Arc<AtomicBool>,
}

impl Shutdown {
    /// Waits for signals on a thread of its own, because a request can keep all others busy. Signals count from this call on:
    /// a program that reads the banner may send one at once. A second signal ends the program, and so does the first one
    /// after five seconds unless all requests have ended by then.
    ///
    /// # Errors
    /// When the system cannot install the handlers.
    pub(crate) fn listen() -> Result<Self, CliError> {
        let (send, requested) = oneshot::channel();
        let is_orderly = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::new()?
        };
        let known_to_be_orderly = Arc::clone(&is_orderly);
        let wait = async move {
            signals.next().await;
            let _ = send.send(());
            let is_second = tokio::time::timeout(GRACE, signals.next()).await.is_ok();
            if !is_second && known_to_be_orderly.load(Ordering::Relaxed) {
                // All requests have ended; only a file is being written.
                signals.next().await;
            }
            print_status("error: the program ends at once; a request or a file was not finished");
            std::process::exit(i32::from(Exit::Interrupted as u8));
        };
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || runtime.block_on(wait))?;
        Ok(Self { requested, is_orderly })
    }

    /// Completes on the first signal.
    pub(crate) async fn requested(&mut self) {
        let _ = (&mut self.requested).await;
    }

    /// What allows the program to end later.
    pub(crate) fn handle(&self) -> ShutdownHandle {
        ShutdownHandle(Arc::clone(&self.is_orderly))
    }

    /// Allows the program as long as it needs to end, because all requests have ended.
    pub(crate) fn requests_have_ended(&self) {
        self.handle().requests_have_ended();
    }
}

/// Allows a program to end later than five seconds after a signal.
pub(crate) struct ShutdownHandle(Arc<AtomicBool>);

impl ShutdownHandle {
    /// Allows the program as long as it needs to end, because all requests have ended.
    pub(crate) fn requests_have_ended(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Ctrl-C and SIGTERM.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// A future that calls `report` on each SIGHUP, and completes on one that is sent because the terminal of the program is
/// closed.
///
/// # Errors
/// When the system cannot install the handler.
#[cfg(unix)]
pub(crate) fn on_hangup(report: impl Fn()) -> Result<impl Future<Output = ()>, CliError> {
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
    let had_terminal = has_terminal();
    Ok(async move {
        while hangup.recv().await.is_some() && (has_terminal() || !had_terminal) {
            report();
        }
    })
}

/// A future that never completes: the system has no SIGHUP.
///
/// # Errors
/// None on this system.
#[cfg(not(unix))]
pub(crate) fn on_hangup(_: impl Fn()) -> Result<impl Future<Output = ()>, CliError> {
    Ok(std::future::pending())
}

/// A future that completes when stdin is closed, if that is wanted; it is closed when the program that has started this one
/// ends, in whatever manner.
///
/// # Errors
/// When the system starts no thread.
pub(crate) fn on_eof(is_wanted: bool) -> Result<impl Future<Output = ()>, CliError> {
    let (open, closed) = oneshot::channel::<()>();
    let read = move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        drop(open);
    };
    let thread = is_wanted.then(|| std::thread::Builder::new().name("stdin".to_owned()).spawn(read)).transpose()?;
    Ok(async move {
        match thread {
            Some(_) => drop(closed.await),
            None => std::future::pending().await,
        }
    })
}

/// Whether any standard stream is a terminal. None is after their terminal is closed.
#[cfg(unix)]
fn has_terminal() -> bool {
    use std::io::IsTerminal as _;
    std::io::stdin().is_terminal() || std::io::stdout().is_terminal() || std::io::stderr().is_terminal()
}
