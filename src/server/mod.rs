//! The HTTP server: hyper and tokio live here and nowhere else.
//!
//! # Layout
//!
//! - [`Server::bind`] takes both ports, [`Server::run`] accepts until it is told to stop and then drains.
//! - `connection` gives a connection three deadlines of its own (first byte and headers, idle, writing), because
//!   hyper's one header timeout would cut idle keep-alive connections too.
//! - `service` turns a request into a [`crate::request::Request`] and an answer into a response; `cors` is for browsers.
//!
//! A session is locked for one call and never across an await: a lock of parking_lot is right.

mod connection;
mod cors;
mod service;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioTimer;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::pipeline::{Engine, Session};
use crate::request::{Request, Response};
use connection::TimedStream;
use service::Port;

/// What a client may take of the server's time and memory.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From the connection to the first byte, and from the first byte to the end of the headers.
    pub header: Duration,
    /// From an answer to the next request on the same connection.
    pub idle: Duration,
    /// From the end of the headers to the end of the body.
    pub body: Duration,
    /// For a client to take what is written to it.
    pub write: Duration,
    /// From the signal to stop to the end.
    pub drain: Duration,
    /// The headers, bytes, request line included.
    pub header_bytes: usize,
    /// The path with its query, bytes.
    pub uri_bytes: usize,
    /// The body, bytes.
    pub body_bytes: usize,
    /// Connections at once; further ones are closed.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(4),
            header_bytes: 64 << 10,
            uri_bytes: 8 << 10,
            body_bytes: 8 << 20,
            connections: 4096,
        }
    }
}

/// Who answers.
pub enum Backend {
    /// The mock, at once.
    Mock {
        /// The API.
        engine: Box<Engine>,
        /// Its world.
        session: Box<Session>,
    },
    /// A function that may block, such as a proxy. Each request runs on a thread of its own.
    Blocking(BlockingHandler),
}

/// Responds to a request and may block.
pub type BlockingHandler = Arc<dyn Fn(&Request) -> Response + Send + Sync>;

/// What every connection shares.
pub(crate) struct Shared {
    pub(crate) backend: Backend,
    pub(crate) limits: Limits,
    /// Who is told of each call.
    pub(crate) log: Option<AccessLog>,
}

/// Hears a line about each call: status, method, path, what is behind the answer.
pub type AccessLog = fn(&str);

/// A server that listens and does not accept yet.
pub struct Server {
    api: TcpListener,
    control: Option<TcpListener>,
}

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}: {error}")]
pub struct BindError {
    /// The address.
    pub address: SocketAddr,
    /// Why.
    pub error: std::io::Error,
}

impl Server {
    /// Listens on an address for the API and, where there is one, on another for control; port 0 is any free one.
    ///
    /// # Errors
    /// When one of them is taken or not ours.
    pub async fn bind(api: SocketAddr, control: Option<SocketAddr>) -> Result<Self, BindError> {
        let listen = async |address| TcpListener::bind(address).await.map_err(|error| BindError { address, error });
        let api = listen(api).await?;
        let control = match control {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { api, control })
    }

    /// Where the API and the control port listen.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, Option<SocketAddr>)> {
        let control = self.control.as_ref().map(TcpListener::local_addr).transpose()?;
        Ok((self.api.local_addr()?, control))
    }

    /// Serves until `stop` is done; then lets running calls end, but not for longer than the limit.
    pub async fn run(self, backend: Backend, limits: Limits, log: Option<AccessLog>, stop: impl Future<Output = ()>) {
        let shared = Arc::new(Shared { backend, limits, log });
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(limits.connections));
        tokio::pin!(stop);
        loop {
            let (accepted, port) = tokio::select! {
                accepted = self.api.accept() => (accepted, Port::Api),
                accepted = accept(self.control.as_ref()) => (accepted, Port::Control),
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, _)) => connect(stream, port, &shared, &graceful, &places),
                // Out of file descriptors, most likely: others have to close first.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
        drop((self.api, self.control));
        let _ = tokio::time::timeout(limits.drain, graceful.shutdown()).await;
    }
}

/// The next connection; none ever where nothing listens.
async fn accept(listener: Option<&TcpListener>) -> std::io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

fn connect(stream: TcpStream, port: Port, shared: &Arc<Shared>, graceful: &GracefulShutdown, places: &Arc<Semaphore>) {
    // One too many is closed at once: whoever holds the others has deadlines.
    let Ok(place) = Arc::clone(places).try_acquire_owned() else { return };
    let _ = stream.set_nodelay(true);
    let (timed, connection_state) = TimedStream::new(stream, shared.limits);
    let service = {
        let (shared, connection_state) = (Arc::clone(shared), Arc::clone(&connection_state));
        service_fn(move |request| {
            let (shared, connection_state) = (Arc::clone(&shared), Arc::clone(&connection_state));
            async move {
                connection_state.busy();
                let response = service::serve(&shared, port, request).await;
                connection_state.idle();
                Ok::<_, std::convert::Infallible>(response)
            }
        })
    };
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(shared.limits.header_bytes)
        .serve_connection(timed, service);
    let connection = graceful.watch(connection);
    tokio::spawn(async move {
        // A connection that breaks is its client's affair.
        let _ = connection.await;
        drop(place);
    });
}
