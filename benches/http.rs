//! The mock over HTTP against a bare hyper server that answers the same bytes: `cargo bench --bench http`.
//!
//! Both are loaded in turn (A B A B …) by the same client, so that a machine whose speed drifts drifts for both. The
//! figure to quote is CPU time of the server process for each call, and its ratio. Linux only: it reads `/proc`.

#![allow(clippy::print_stdout, clippy::panic, reason = "a bench says its figures, and what went wrong, directly")]

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

const CONNECTIONS: usize = 32;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// Calls a second and CPU µs for each, of the mock and of the bare server.
type Round = ((f64, f64), (f64, f64));

const STAFF: &str = "Authorization: Bearer staff-harmony-7c1e94d0\r\n";

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(index) = arguments.iter().position(|argument| argument == "--bare") {
        return bare(arguments[index + 1].parse().expect("a status"), arguments[index + 2].clone());
    }
    let get = request("GET", "/api2/business/payments/v1/client_packages/y2g7pmb4vd09leas", "");
    // A query that nobody looks at makes each call another one, to which no answer is known yet.
    let first = request("GET", "/api2/business/payments/v1/client_packages/y2g7pmb4vd09leas?n={n}", "");
    let post = request(
        "POST",
        "/api2/platform/v1/payment/client_packages",
        r#"{"client_id":"k4w9zr2tq7mh1xpe","package_id":"r5xq81kfhz2wno7t","price":"120.0","valid_from":"2026-02-08"}"#,
    );
    println!("{:>22}  {:>10} {:>10}  {:>9} {:>9}  {:>9}", "", "calls/s", "bare", "µs/call", "bare", "CPU ratio");
    let calls = [("GET client package", &get), ("the same, never asked", &first), ("POST client package", &post)];
    for (name, request) in calls {
        let mock = Server::mock();
        let (status, body) = once(&mock.address, request);
        let bare = Server::bare(status, &body);
        assert_eq!(once(&bare.address, request), (status, body), "the bare server answers the same");
        let rounds: Vec<Round> = (0..ROUNDS).map(|_| (mock.load(request), bare.load(request))).collect();
        let median = |figure: fn(&Round) -> f64| {
            let mut figures: Vec<f64> = rounds.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures[ROUNDS / 2]
        };
        println!(
            "{name:>22}  {:>10.0} {:>10.0}  {:>9.1} {:>9.1}  {:>9.2}",
            median(|((rate, _), _)| *rate),
            median(|(_, (rate, _))| *rate),
            median(|((_, cpu), _)| *cpu),
            median(|(_, (_, cpu))| *cpu),
            median(|((_, cpu), (_, bare))| cpu / bare),
        );
    }
    let mut starts: Vec<f64> = (0..9)
        .map(|_| {
            let since = Instant::now();
            let mock = Server::mock();
            once(&mock.address, &get);
            since.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    starts.sort_by(f64::total_cmp);
    println!("\ncold start to the first answer: {:.0} ms", starts[4]);
    let mock = Server::mock();
    once(&mock.address, &get);
    println!("resident memory after it: {:.1} MB", mock.resident());
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let kind = if body.is_empty() { "" } else { "Content-Type: application/json\r\n" };
    format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{STAFF}{kind}Content-Length: {length}\r\n\r\n{body}")
}

/// A server in a process of its own, ended when dropped.
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
        let mut command = Command::new(env!("CARGO_BIN_EXE_standin"));
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
        let line = lines.find(|line| line.contains("http://")).expect("it says where it listens");
        // Keeps the pipe open for what the server says next.
        std::thread::spawn(move || lines.for_each(drop));
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address");
        Self { child, address: address.to_owned() }
    }

    /// Calls a second, and the server's CPU time for each call in µs.
    fn load(&self, request: &str) -> (f64, f64) {
        let (before, since) = (self.cpu(), Instant::now());
        let counts: Vec<u64> = std::thread::scope(|scope| {
            let clients: Vec<_> =
                (0..CONNECTIONS).map(|number| scope.spawn(move || self.client(number, request, since))).collect();
            clients.into_iter().map(|client| client.join().expect("no panic")).collect()
        });
        let calls = counts.iter().sum::<u64>() as f64;
        (calls / since.elapsed().as_secs_f64(), (self.cpu() - before) * 1e6 / calls)
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

/// Sends a request and reads the whole answer, by its Content-Length.
fn exchange(connection: &mut TcpStream, request: &str) -> String {
    connection.write_all(request.as_bytes()).expect("sent");
    let (mut answer, mut part) = (Vec::new(), [0; 8192]);
    loop {
        let read = connection.read(&mut part).expect("an answer");
        assert!(read > 0, "the server closed the connection");
        answer.extend_from_slice(&part[..read]);
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
        let length =
            head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse::<usize>().ok());
        if answer.len() >= end + 4 + length.expect("a length") {
            return String::from_utf8_lossy(&answer).into_owned();
        }
    }
}

/// hyper and nothing else: reads the body, answers the bytes it was given.
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
