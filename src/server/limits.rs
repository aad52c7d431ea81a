use std::time::Duration;

/// Limits on the time and memory that clients can use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// From accepting a connection to its first byte, and from the first byte to the end of the headers.
    pub header: Duration,
    /// From a response to the next request on the same connection.
    pub idle: Duration,
    /// From the end of the headers to the end of the body.
    pub body: Duration,
    /// For the client to accept written bytes.
    pub write: Duration,
    /// From the shutdown signal to the end of the last request.
    pub drain: Duration,
    /// Size of the headers including the request line, bytes.
    pub header_bytes: usize,
    /// Size of the path with its query, bytes.
    pub uri_bytes: usize,
    /// Size of the body, bytes.
    pub body_bytes: usize,
    /// Number of open connections to the API; further ones are closed.
    pub connections: usize,
    /// The same for the control API.
    pub control_connections: usize,
    /// Number of requests to the API that run on threads of their own at the same time; further ones wait. Each thread takes
    /// tens of MiB of address space.
    pub threads: usize,
    /// The same for the control API.
    pub control_threads: usize,
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
            control_connections: 512,
            threads: 8,
            control_threads: 4,
        }
    }
}
