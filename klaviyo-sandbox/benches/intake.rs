//! How many rows a second the sandbox takes: validated and held, and down the sink; and how many small
//! requests it answers. `cargo bench -p klaviyo-sandbox`; a word after `--` picks what to measure.
//!
//! The sandbox runs in a process of its own. On Linux its processor time is told beside the time on the
//! wall: it depends little on who else wants the machine's cores, the client among them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use klaviyo_gen::operations::{BULK_CREATE_EVENTS, BULK_IMPORT_PROFILES, GET_PROFILES};
use klaviyo_gen::{Operation, REVISION};
use klaviyo_sandbox::Sandbox;
use serde_json::{Value, json};

const CONNECTIONS: usize = 2;
const RUNS: usize = 3;
/// The length of a row for the sink, in bytes, with its comma.
const ROW: usize = 330;

/// What the benchmark calls itself with, to be the sandbox.
const SERVE: &str = "--serve";
const SINK: &str = "--sink";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    if has(SERVE) {
        return serve(has(SINK));
    }
    let picked = arguments.iter().find(|it| !it.starts_with('-'));
    let wanted = |what: &str| picked.is_none_or(|word| what.contains(word.as_str()));

    if wanted("profiles") {
        let (customers, each) = (300_000, 10_000);
        let bodies: Vec<_> = (0..customers / each)
            .map(|batch| profiles(batch * each, each))
            .collect();
        let server = Server::start(&[]);
        measure(
            "profiles",
            customers,
            &bodies,
            &BULK_IMPORT_PROFILES,
            &server,
        );
    }
    if wanted("events") {
        let (orders, each) = (100_000, 1_000);
        let bodies: Vec<_> = (0..orders / each)
            .map(|batch| events(batch * each, each))
            .collect();
        let server = Server::start(&[]);
        measure("events", orders, &bodies, &BULK_CREATE_EVENTS, &server);
    }
    if wanted("requests") {
        let requests = 20_000;
        let bodies = vec![String::new(); requests];
        let server = Server::start(&[]);
        measure("small requests", requests, &bodies, &GET_PROFILES, &server);
    }
    if wanted("sink") {
        let (batches, each) = (600, 10_000);
        let bodies = vec![fixed_rows(each); batches];
        let what = format!("rows of {ROW} bytes down the sink");
        let server = Server::start(&[SINK]);
        measure(
            &what,
            batches * each,
            &bodies,
            &BULK_IMPORT_PROFILES,
            &server,
        );
    }
}

/// Is the sandbox until standard input ends.
fn serve(sink: bool) {
    let builder = Sandbox::builder().limits(false).job_time(Duration::ZERO);
    let sandbox = builder.sink(sink).start_thread().expect("a free port");
    println!("{}", sandbox.url());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).expect("a pipe");
}

/// The sandbox in a process of its own, which ends with this one.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(flags: &[&str]) -> Self {
        let this = std::env::current_exe().expect("the benchmark's own file");
        let mut process = Command::new(this)
            .arg(SERVE)
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let mut url = String::new();
        let output = process.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut url).expect("a line");
        let address = url.trim().trim_start_matches("http://").to_owned();
        Self { process, address }
    }

    /// The processor time that it has taken, in seconds, on Linux.
    fn processor_time(&self) -> Option<f64> {
        /// Linux counts it in hundredths of a second, whatever its own clock.
        const TICKS: f64 = 100.0;
        let path = format!("/proc/{}/stat", self.process.id());
        let stat = std::fs::read_to_string(path).ok()?;
        // The name may hold anything, a bracket too; user and system time are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')')?;
        let mut times = fields.split_whitespace().skip(11).map(str::parse::<f64>);
        Some((times.next()?.ok()? + times.next()?.ok()?) / TICKS)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        self.process.wait().expect("it ends with its input");
    }
}

/// Sends the bodies several times and prints how many rows a second each time took, by the wall's
/// clock and by the sandbox's processor time.
fn measure(what: &str, rows: usize, bodies: &[String], operation: &Operation, server: &Server) {
    let megabytes = bodies.iter().map(String::len).sum::<usize>() as f64 / 1e6;
    let address = &server.address;
    let (mut wall, mut processor) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        call("POST", "/_sandbox/reset", &mut connect(address));
        let used = server.processor_time();
        #[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
        let start = Instant::now();
        send(bodies, operation, address);
        // Applies what the jobs hold, so that it counts too.
        call("GET", "/_sandbox/state", &mut connect(address));
        wall.push(rows as f64 / start.elapsed().as_secs_f64());
        let more = used.zip(server.processor_time());
        processor.extend(more.map(|(before, after)| rows as f64 / (after - before)));
    }
    println!("{rows} {what}, {megabytes:.0} MB");
    println!("  a second: {wall:.0?}");
    println!("  a second of the sandbox's processor time: {processor:.0?}");
}

/// Sends the bodies over a few connections, each on a thread that blocks: the least that a client
/// can be, so that it takes little from what is measured.
fn send(bodies: &[String], operation: &Operation, address: &str) {
    std::thread::scope(|scope| {
        for first in 0..CONNECTIONS {
            scope.spawn(move || {
                let mut stream = connect(address);
                for body in bodies.iter().skip(first).step_by(CONNECTIONS) {
                    let status = ask(&head(operation, body.len()), body, &mut stream);
                    assert_eq!(status, operation.success[0].status);
                }
            });
        }
    });
}

fn connect(address: &str) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(address).expect("a sandbox");
    stream.set_nodelay(true).expect("a socket");
    BufReader::new(stream)
}

fn head(operation: &Operation, length: usize) -> String {
    let is_list = operation
        .parameters
        .iter()
        .any(|parameter| parameter.name == "page[size]");
    // Small pages, so that the answers do not make the figure.
    let query = if is_list { "?page[size]=1" } else { "" };
    format!(
        "{} {}{query} HTTP/1.1\r\nhost: localhost\r\nauthorization: Klaviyo-API-Key pk_sandbox\r\n\
         revision: {REVISION}\r\ncontent-type: application/vnd.api+json\r\ncontent-length: {length}\r\n\r\n",
        operation.method.as_str(),
        operation.path,
    )
}

fn call(method: &str, path: &str, stream: &mut BufReader<TcpStream>) {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n");
    let status = ask(&head, "", stream);
    assert!(status < 300, "{status}");
}

/// Sends one request and reads its answer; gives the status.
fn ask(head: &str, body: &str, stream: &mut BufReader<TcpStream>) -> u16 {
    let socket = stream.get_mut();
    socket.write_all(head.as_bytes()).expect("a connection");
    socket.write_all(body.as_bytes()).expect("a connection");
    let (mut status, mut length) = (0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).expect("an answer");
        let Some((name, value)) = line.trim_end().split_once([' ', ':']) else {
            break;
        };
        match name {
            "HTTP/1.1" => status = value[..3].parse().expect("a status"),
            "content-length" => length = value.trim().parse().expect("a length"),
            _ => {}
        }
    }
    std::io::copy(&mut stream.by_ref().take(length), &mut std::io::sink()).expect("a whole answer");
    status
}

/// Rows of equal length, as core writes them.
fn fixed_rows(count: usize) -> String {
    let row = |number: usize| {
        let start =
            format!(r#"{{"type":"profile","attributes":{{"external_id":"{number:08}","title":""#);
        let end = r#""}}"#;
        let fill = "x".repeat(ROW - 1 - start.len() - end.len());
        start + &fill + end
    };
    let rows: Vec<_> = (0..count).map(row).collect();
    let rows = rows.join(",");
    format!(
        r#"{{"data":{{"type":"profile-bulk-import-job","attributes":{{"profiles":{{"data":[{rows}]}}}}}}}}"#
    )
}

fn profiles(first: usize, count: usize) -> String {
    let rows: Vec<Value> = (first..first + count)
        .map(|number| {
            json!({"type": "profile", "attributes": {
                "external_id": format!("c-{number}"),
                "email": format!("customer{number}@shop.example"),
                "first_name": "Ada",
                "location": {"city": "Turin", "country": "Italy"},
                "properties": {"orders": number % 17, "spend": number as f64 / 7.0, "first": "1997-01-01", "vip": false},
            }})
        })
        .collect();
    let body = json!({"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}});
    body.to_string()
}

fn events(first: usize, count: usize) -> String {
    let groups: Vec<Value> = (first..first + count)
        .map(|number| {
            json!({"type": "event-bulk-create", "attributes": {
                "profile": {"data": {"type": "profile", "attributes": {"external_id": format!("c-{}", number / 3)}}},
                "events": {"data": [{"type": "event", "attributes": {
                    "metric": {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}},
                    "time": "2025-05-01T10:00:00+00:00", "value": 19.5, "value_currency": "USD",
                    "unique_id": format!("run-{number}"), "properties": {"quantity": 2},
                }}]},
            }})
        })
        .collect();
    let body = json!({"data": {"type": "event-bulk-create-job", "attributes": {"events-bulk-create": {"data": groups}}}});
    body.to_string()
}
