//! The server over a socket: whatever bytes a connection sends, the server responds or closes it, and serves the next one.
//!
//! The first byte of an input selects the port.

#![no_main]

#[path = "../seeds.rs"]
mod seeds;

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use standin::admin::Admin;
use standin::diagnostics::SourceFile;
use standin::openapi::ApiFolder;
use standin::pipeline::{Engine, Mock, MockLimits};
use standin::request::{Clock, QuirkFlags, State};
use standin::server::{Limits, Server};

const CONTRACT: &str = r##"
openapi: 3.0.0
info: {title: orders, version: "1"}
paths:
  /orders:
    get: {responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object}}}}}}}
    post:
      requestBody: {content: {application/json: {schema: {type: object}}}}
      responses: {"201": {description: ok, content: {application/json: {schema: {type: object}}}}}
"##;

const SEEDS: [&str; 6] = [
    "GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
    "POST /orders HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "GET /s/a/orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    "POST /sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{\"id\":\"a\"}",
    "GET /sessions/a/requests?limit=2 HTTP/1.1\r\nHost: localhost\r\n\r\n",
];

/// How long the server waits for a client.
const LIMIT: Duration = Duration::from_secs(4);

/// The ports of the API and of the control API.
static PORTS: LazyLock<[SocketAddr; 2]> = LazyLock::new(|| {
    let contracts = vec![SourceFile::new("orders.yaml", CONTRACT)];
    let engine = Engine::new(&ApiFolder { contracts, ..ApiFolder::default() }).expect("the contract is valid");
    let state = State::new(0, Clock::Frozen(Default::default()), QuirkFlags::default(), Default::default());
    let limits = MockLimits { memory: Some(64 << 20), ..MockLimits::default() };
    let mock = Arc::new(Mock::new(engine, state, limits));
    let (send, ports) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let local = SocketAddr::from(([127, 0, 0, 1], 0));
            let server = Server::bind(local, Some(local)).await.expect("free ports");
            let (api, control) = server.addresses().expect("addresses");
            send.send([api, control.expect("a control port")]).expect("received");
            // A client that sends no more closes its side. Shorter limits would end requests on a busy machine.
            let limits = Limits { header: LIMIT, body: LIMIT, idle: LIMIT, ..Limits::default() };
            server.run(Admin::new(mock), limits, None, std::future::pending()).await;
        });
    });
    ports.recv().expect("ports")
});

fuzz_target!(|input: &[u8]| {
    let Some((port, bytes)) = input.split_first() else { return };
    let port = PORTS[usize::from(port % 2)];
    exchange(port, bytes);
    let answer = exchange(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with(b"HTTP/1.1 "), "{}", String::from_utf8_lossy(&answer));
});

/// Sends bytes, and reads until the server closes the connection.
fn exchange(port: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(port).expect("a connection");
    stream.set_read_timeout(Some(LIMIT * 2)).expect("a timeout");
    let mut answer = Vec::new();
    // The server may have closed the connection after a part of the bytes.
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let _ = stream.read_to_end(&mut answer);
    answer
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    seeds::mutate(data, size, max_size, seed, &SEEDS)
});
