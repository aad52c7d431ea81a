//! The HTTP server. Only this module (and the commands that start it) uses hyper and tokio.
//!
//! # Layout
//!
//! - [`Server::bind`] binds both ports; [`Server::run`] accepts connections until the shutdown signal, then drains.
//! - `connection` adds three deadlines to a connection (first byte and headers, idle, writing), because hyper's single
//!   header timeout would close idle keep-alive connections too.
//! - `read` turns a hyper request into a [`crate::request::Request`], `service` passes it to the [`Backend`] and writes
//!   the response, `content_encoding` decodes compressed bodies, `feed_body` sends bodies without an end, `cors` adds the headers for browsers, `access_log` writes one line for each request.
//! - `parking` stores sessions so that another replica of the server can take them up (feature `parking`).
//! - [`BackgroundServer`] runs a server on threads of its own; [`DirectService`] is the API without a socket.
//!
//! A session is locked for the length of one request and never across an await, so a `parking_lot` lock is right.

mod access_log;
mod backend;
mod background;
mod connection;
mod content_encoding;
mod cors;
mod direct;
mod feed_body;
mod head_scan;
mod limits;
#[cfg(feature = "parking")]
pub mod parking;
mod read;
mod response_body;
mod service;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

pub use access_log::{AccessLog, LogFormat};
use backend::Responder;
pub use backend::{Admission, After, Backend, Feed, Pass, Port, Proxy, Reply};
pub use background::BackgroundServer;
use connection::TimedStream;
pub use direct::DirectService;
use feed_body::Stopping;
pub use limits::Limits;

/// The time between two looks for events of clocks that are due.
const TICK: Duration = Duration::from_secs(1);

/// State that all connections share.
pub(crate) struct Shared {
    responder: Responder,
    log: Option<AccessLog>,
    stopping: Stopping,
}

/// A server whose ports are bound and that does not accept connections yet.
pub struct Server {
    api: TcpListener,
    control: Option<TcpListener>,
}

/// Whether all requests ended when a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// All have ended.
    Completely,
    /// Some were still running after `limits.drain`.
    Partly,
}

/// An address could not be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// The error of the system.
    pub error: std::io::Error,
}

impl Server {
    /// Binds the address of the API and optionally that of the control API. Port 0 selects a free port.
    ///
    /// # Errors
    /// When an address is in use or does not belong to this machine.
    pub async fn bind(api: SocketAddr, control: Option<SocketAddr>) -> Result<Self, BindError> {
        let listen = async |address| TcpListener::bind(address).await.map_err(|error| BindError { address, error });
        let api = listen(api).await?;
        let control = match control {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { api, control })
    }

    /// The bound addresses of the API and of the control API.
    ///
    /// # Errors
    /// When the system cannot report them.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, Option<SocketAddr>)> {
        let control = self.control.as_ref().map(TcpListener::local_addr).transpose()?;
        Ok((self.api.local_addr()?, control))
    }

    /// Serves until `stop` completes; then waits for running requests, at most for `limits.drain`.
    pub async fn run(
        self,
        backend: impl Backend,
        limits: Limits,
        log: Option<AccessLog>,
        stop: impl Future<Output = ()>,
    ) -> Drained {
        let (running, stopping) = watch::channel(());
        let responder = Responder::new(Arc::new(backend), limits);
        let shared = Arc::new(Shared { responder, log, stopping });
        let graceful = GracefulShutdown::new();
        // Clients of the API must not keep the control API from being reached.
        let api_slots = Arc::new(Semaphore::new(limits.connections));
        let control_slots = Arc::new(Semaphore::new(limits.control_connections));
        let ticking = tokio::spawn(pass_time(Arc::clone(&shared)));
        tokio::pin!(stop);
        loop {
            let (accepted, port) = tokio::select! {
                accepted = self.api.accept() => (accepted, Port::Api),
                accepted = accept(self.control.as_ref()) => (accepted, Port::Control),
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, _)) => {
                    let slots = if port == Port::Api { &api_slots } else { &control_slots };
                    connect(stream, port, &shared, &graceful, slots);
                }
                // Most likely out of file descriptors; wait until other connections close.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        ticking.abort();
        drop((self.api, self.control, running));
        match tokio::time::timeout(limits.drain, graceful.shutdown()).await {
            Ok(()) => Drained::Completely,
            Err(_) => Drained::Partly,
        }
    }
}

/// Applies events of clocks that are due without a request, until it is aborted.
async fn pass_time(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(TICK).await;
        let backend = Arc::clone(&shared.responder.backend);
        // A panic was written to stderr; the next tick may succeed.
        let _ = tokio::task::spawn_blocking(move || backend.pass_time()).await;
    }
}

/// Accepts the next connection; pending forever without a listener.
async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

fn connect(stream: TcpStream, port: Port, shared: &Arc<Shared>, graceful: &GracefulShutdown, slots: &Arc<Semaphore>) {
    // Connections over the limit are closed at once; deadlines free the slots of the others.
    let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { return };
    let _ = stream.set_nodelay(true);
    let (timed, connection_state) = TimedStream::new(stream, shared.responder.limits);
    let service = {
        let (shared, connection_state) = (Arc::clone(shared), Arc::clone(&connection_state));
        service_fn(move |request| service::serve(&shared, port, request, &connection_state))
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(shared.responder.limits.header_bytes)
        .serve_connection(timed, service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // An error here means that the client broke the connection.
        let _ = connection.await;
        drop(slot);
    });
}
