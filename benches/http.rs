//! The mock over HTTP against a bare hyper server that returns the same bytes: `cargo bench --bench http`.
//!
//! Both are loaded in turn (A B A B ...) by the same client, so that a change in the speed of the machine affects both. The
//! figure to quote is the CPU time of the server process per request, and its ratio. The environment variable `STANDIN` names
//! another program to measure; `STANDIN_BENCH_JSON` a file for the figures. Linux only: it reads `/proc`.

#![allow(clippy::print_stdout, clippy::panic, reason = "a bench prints its figures, and ends with an error")]

use std::convert::Infallible;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::json;

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const STARTS: usize = 9;

const STAFF: &str = "Authorization: Bearer staff-harmony-7c1e94d0\r\n";

/// The load on a server in one round.
#[derive(Clone, Copy)]
struct Load {
    /// Requests per second.
    rate: f64,
    /// CPU time of the server per request, us.
    cpu: f64,
}

/// One round with the mock, and one with the bare server.
type Round = (Load, Load);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(index) = arguments.iter().position(|argument| argument == "--bare") {
        return bare(arguments[index + 1].parse().expect("a status"), arguments[index + 2].clone());
    }
    println!("{:>32}  {:>10} {:>10}  {:>9} {:>9}  {:>9}", "", "requests/s", "bare", "us", "bare", "CPU ratio");
    let rows: Vec<serde_json::Value> = requests().iter().map(|(name, request)| measure(name, request)).collect();
    let (_, get) = &requests()[0];
    let mut starts: Vec<f64> = (0..STARTS)
        .map(|_| {
            let since = Instant::now();
            let mock = Server::mock();
            once(&mock.address, get);
            since.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let start = median(&mut starts);
    println!("\ncold start to the first response: {start:.0} ms");
    let mock = Server::mock();
    once(&mock.address, get);
    let resident = mock.resident();
    println!("resident memory after it: {resident:.1} MB");
    if let Some(file) = std::env::var_os("STANDIN_BENCH_JSON") {
        let figures = json!({"requests": rows, "start_ms": start, "resident_mb": resident});
        std::fs::write(&file, format!("{figures:#}\n")).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}

/// The requests that are measured, and their names.
fn requests() -> [(&'static str, String); 4] {
    let package = "/api2/business/payments/v1/client_packages/y2g7pmb4vd09leas";
    // An unknown query parameter makes each request another one, whose response is not in the cache.
    let uncached = format!("{package}?n={{n}}");
    let created =
        r#"{"client_id":"k4w9zr2tq7mh1xpe","package_id":"r5xq81kfhz2wno7t","price":"120.0","valid_from":"2026-02-08"}"#;
    [
        ("GET client package", request("GET", package, "")),
        ("GET client package, not cached", request("GET", &uncached, "")),
        ("GET 25 clients, not cached", request("GET", "/api2/platform/v1/clients?n={n}", "")),
        ("POST client package", request("POST", "/api2/platform/v1/payment/client_packages", created)),
    ]
}

/// Measures a request in rounds; prints the medians and returns them.
fn measure(name: &str, request: &str) -> serde_json::Value {
    let mock = Server::mock();
    let (status, body) = once(&mock.address, request);
    let bare = Server::bare(status, &body);
    assert_eq!(once(&bare.address, request), (status, body), "the bare server returns the same");
    let rounds: Vec<Round> = (0..ROUNDS).map(|_| (mock.load(request), bare.load(request))).collect();
    let median_of = |figure: fn(&Round) -> f64| median(&mut rounds.iter().map(figure).collect::<Vec<_>>());
    let rates = (median_of(|(mock, _)| mock.rate), median_of(|(_, bare)| bare.rate));
    let times = (median_of(|(mock, _)| mock.cpu), median_of(|(_, bare)| bare.cpu));
    let ratio = median_of(|(mock, bare)| mock.cpu / bare.cpu);
    println!("{name:>32}  {:>10.0} {:>10.0}  {:>9.1} {:>9.1}  {ratio:>9.2}", rates.0, rates.1, times.0, times.1);
    json!({
        "request": name,
        "per_second": rates.0,
        "per_second_bare": rates.1,
        "cpu_us": times.0,
        "cpu_us_bare": times.1,
        "cpu_ratio": ratio,
    })
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{STAFF}{kind}Content-Length: {length}\r\n\r\n{body}")
}

/// A server in a process of its own, which ends when it is dropped.
struct Server {
    child: Child,
    address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn mock() -> Self {
        let program = std::env::var_os("STANDIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_standin").into());
        let mut command = Command::new(program);
        command.args(["serve", "--port", "0", "--now", "2026-02-08T10:00:00Z"]);
        Self::start(command)
    }

    fn bare(status: u16, body: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["--bare", &status.to_string(), body]);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines().map_while(Result::ok);
        let line = lines.find(|line| line.contains("http://")).expect("it prints its address");
        // Keeps the pipe open for what the server prints next.
        std::thread::spawn(move || lines.for_each(drop));
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        Self { child, address: address.to_owned() }
    }

    /// Sends a request from all connections during a round.
    fn load(&self, request: &str) -> Load {
        let (before, since) = (self.cpu(), Instant::now());
        let counts: Vec<u64> = std::thread::scope(|scope| {
            let clients: Vec<_> =
                (0..CONNECTIONS).map(|number| scope.spawn(move || self.client(number, request, since))).collect();
            clients.into_iter().map(|client| client.join().expect("no panic")).collect()
        });
        let count = counts.iter().sum::<u64>() as f64;
        Load { rate: count / since.elapsed().as_secs_f64(), cpu: (self.cpu() - before) * 1e6 / count }
    }

    fn client(&self, number: usize, request: &str, since: Instant) -> u64 {
        let mut connection = connect(&self.address);
        let (mut count, round) = (0, since.elapsed().as_nanos());
        while since.elapsed() < ROUND {
            exchange(&mut connection, &request.replace("{n}", &format!("{number}-{round}-{count}")));
            count += 1;
        }
        count
    }

    /// CPU seconds of the process so far, user and system.
    fn cpu(&self) -> f64 {
        const TICKS_A_SECOND: f64 = 100.0;
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
        let ticks = |index: usize| fields[index].parse::<f64>().expect("ticks");
        (ticks(11) + ticks(12)) / TICKS_A_SECOND
    }

    /// Resident memory, MB.
    fn resident(&self) -> f64 {
        const PAGE: f64 = 4096.0;
        self.proc("statm").split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).expect("pages") * PAGE
            / 1e6
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).expect("this bench needs Linux")
    }
}

fn connect(address: &str) -> TcpStream {
    let connection = TcpStream::connect(address).expect("it listens");
    connection.set_nodelay(true).expect("it is TCP");
    connection
}

fn once(address: &str, request: &str) -> (u16, String) {
    let text = exchange(&mut connect(address), request);
    let status = text.get(9..12).and_then(|status| status.parse().ok()).expect("a status");
    (status, text.split_once("\r\n\r\n").expect("a body").1.to_owned())
}

/// Sends a request and reads the whole response, by its Content-Length.
fn exchange(connection: &mut TcpStream, request: &str) -> String {
    connection.write_all(request.as_bytes()).expect("sent");
    let (mut response, mut part) = (Vec::new(), [0; 8192]);
    loop {
        let read = connection.read(&mut part).expect("a response");
        assert!(read > 0, "the server closed the connection");
        response.extend_from_slice(&part[..read]);
        let Some(end) = response.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&response[..end]).to_lowercase();
        let length =
            head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
        if response.len() >= end + 4 + length.expect("a length") {
            return String::from_utf8_lossy(&response).into_owned();
        }
    }
}

/// hyper and nothing else: reads the body and returns the given bytes.
#[tokio::main(flavor = "current_thread")]
async fn bare(status: u16, body: String) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    println!("http://{}/", listener.local_addr().expect("an address"));
    let body = Bytes::from(body);
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.set_nodelay(true);
        let body = body.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let body = body.clone();
            async move {
                let _ = request.into_body().collect().await;
                let response = Response::builder().status(status).header("content-type", "application/json");
                Ok::<_, Infallible>(response.body(Full::new(body)).expect("a response"))
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
