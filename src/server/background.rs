use std::io;
use std::net::SocketAddr;
use std::sync::{LazyLock, mpsc};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::{Backend, BindError, Limits, Server};

/// The number of threads that serve the requests of all background servers.
const THREADS: usize = 2;

/// The threads of all background servers of the process.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread().worker_threads(THREADS).thread_name("standin").enable_io().enable_time().build()
});

/// A server that runs on threads of its own, for callers that are not asynchronous or have a runtime of their own.
///
/// Dropping it closes its ports before the drop returns; requests that are being served still end.
pub struct BackgroundServer {
    api: SocketAddr,
    control: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    stopped: mpsc::Receiver<()>,
}

impl BackgroundServer {
    /// Binds free ports of an address and serves.
    ///
    /// # Errors
    /// When the address cannot be bound, or the system starts no threads.
    pub fn start(address: SocketAddr, backend: impl Backend, limits: Limits) -> Result<Self, BindError> {
        let failed = |error| BindError { address, error };
        let runtime = RUNTIME.as_ref().map_err(|error| failed(io::Error::new(error.kind(), error.to_string())))?;
        let (report, bound) = mpsc::sync_channel(1);
        let (stop, requested) = oneshot::channel();
        let (ended, stopped) = mpsc::sync_channel(1);
        // A test that drops the server does not wait for requests that are still being served.
        let limits = Limits { drain: Duration::ZERO, ..limits };
        runtime.spawn(async move {
            let server = match Server::bind(address, Some(address)).await {
                Ok(server) => server,
                Err(error) => return drop(report.send(Err(error))),
            };
            let _ = report.send(server.addresses().map_err(|error| BindError { address, error }));
            let stop = async { drop(requested.await) };
            server.run(backend, limits, None, stop).await;
            let _ = ended.send(());
        });
        let reported = bound.recv().map_err(|_| failed(io::ErrorKind::BrokenPipe.into()))?;
        let (api, control) = reported?;
        Ok(Self { api, control: control.unwrap_or(api), stop: Some(stop), stopped })
    }

    /// The address of the API.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// The address of the control API.
    pub fn control(&self) -> SocketAddr {
        self.control
    }
}

impl Drop for BackgroundServer {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
            let _ = self.stopped.recv();
        }
    }
}
