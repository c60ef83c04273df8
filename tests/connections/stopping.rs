//! What becomes of connections when the program is told to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, Command};
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{Connection, finish};

use super::{LISTENING, PATIENCE, Stage, assert_calm, socket_to};

/// What a client is told that asks before it sends a body.
const CONTINUE: &[u8; 25] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A server that can be stopped while something is asked of it, and whose last words are read.
struct Stoppable {
    base_url: String,
    // None once it is waited for.
    child: Option<Child>,
    stderr: BufReader<ChildStderr>,
}

impl Stoppable {
    fn start(stage: &Stage, listen: &str) -> Self {
        let mut child = stage.program.spawn(&["serve", "--listen", listen]);
        let stderr = child.stderr.take().expect("standard error was piped");
        let mut server = Self {
            base_url: String::new(),
            child: Some(child),
            stderr: BufReader::new(stderr),
        };
        let mut first = String::new();
        let read = server.stderr.read_line(&mut first);
        read.expect("standard error is text");
        let url = first.trim_end().strip_prefix(LISTENING);
        let url = url.unwrap_or_else(|| panic!("it said {first}"));
        url.trim_end_matches('/').clone_into(&mut server.base_url);
        server
    }

    fn connect(&self) -> Connection {
        Connection::open(&self.base_url).expect("the server accepts connections")
    }

    fn tell_to_stop(&self) {
        let id = self.child.as_ref().expect("nobody waited yet").id();
        let status = Command::new("sh")
            .args(["-c", "kill -s TERM \"$0\"", &id.to_string()])
            .status();
        assert!(status.expect("sh can be started").success());
    }

    /// Waits until nobody new gets in.
    #[track_caller]
    fn wait_until_closed_to_newcomers(&self) {
        let address = self.base_url.trim_start_matches("http://");
        let since = Instant::now();
        while TcpStream::connect(address).is_ok() {
            assert!(since.elapsed() < PATIENCE, "newcomers still get in");
            std::thread::yield_now();
        }
    }

    /// Waits for the end, which must be a good one.
    #[track_caller]
    fn ends_well(mut self) {
        let child = self.child.take().expect("nobody waited yet");
        let ended = finish(child, "serve", PATIENCE);
        let mut said = String::new();
        let read = self.stderr.read_to_string(&mut said);
        read.expect("standard error is text");
        assert!(ended.status.success(), "{}: {said}", ended.status);
        assert_calm(&said);
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself; there is nothing to be done about either failure here.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A connection on which the server has read a request's headers and waits for its body, which is
/// given back.
fn begin_request(stage: &Stage, server: &Stoppable) -> (Connection, Vec<u8>) {
    let mut head = stage.creation("in flight", &[("expect", "100-continue")]);
    let end = head.windows(4).position(|four| four == b"\r\n\r\n");
    let body = head.split_off(end.expect("a head has an end") + 4);
    let mut socket = socket_to(&server.base_url);
    socket.write_all(&head).expect("a request can be sent");
    let mut interim = [0; CONTINUE.len()];
    let read = socket.read_exact(&mut interim);
    read.expect("the server asks for the body");
    assert_eq!(&interim, CONTINUE);
    let connection = Connection::over_tcp(socket);
    (connection.expect("a socket takes its options"), body)
}

#[test]
fn sigterm_finishes_a_request_in_flight_and_lets_nobody_new_in() {
    let stage = Stage::with(&[]);
    let server = Stoppable::start(&stage, "127.0.0.1:0");
    let mut idle = server.connect();
    let reply = idle.ask("GET", "/healthz", &[], None);
    reply.unwrap().assert_status(200);
    let (mut busy, body) = begin_request(&stage, &server);

    server.tell_to_stop();
    assert_eq!(idle.rest(), b"", "an idle connection closes at once");
    server.wait_until_closed_to_newcomers();
    busy.send(&body).unwrap();
    let reply = busy.reply().unwrap();
    reply.assert_status(201);
    assert_eq!(reply.header("connection"), Some("close"));
    assert_eq!(busy.rest(), b"");
    server.ends_well();
    assert_eq!(stage.addresses_of_creations(), ["127.0.0.1"]);
}

#[test]
fn a_request_that_never_ends_delays_the_stop_no_longer_than_the_setting() {
    let stage = Stage::with(&[("LIMITS__SHUTDOWN_TIME", "1s")]);
    let server = Stoppable::start(&stage, "127.0.0.1:0");
    let (mut busy, body) = begin_request(&stage, &server);
    busy.send(&body[1..]).unwrap();
    let since = Instant::now();
    server.tell_to_stop();
    assert_eq!(busy.rest(), b"");
    server.ends_well();
    let took = since.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(stage.addresses_of_creations().is_empty());
}

#[test]
fn silent_and_waiting_connections_do_not_delay_the_stop() {
    let stage = Stage::with(&[("LIMITS__CONNECTIONS", "2")]);
    let server = Stoppable::start(&stage, "127.0.0.1:0");
    let silent: Vec<_> = (0..6).map(|_| server.connect()).collect();
    let since = Instant::now();
    server.tell_to_stop();
    server.ends_well();
    let took = since.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    for mut connection in silent {
        assert_eq!(connection.rest(), b"");
    }
}

#[test]
fn the_next_server_has_the_same_address_at_once() {
    let stage = Stage::with(&[]);
    let mut listen = "127.0.0.1:0".to_owned();
    for number in 0..3 {
        let server = Stoppable::start(&stage, &listen);
        server
            .base_url
            .trim_start_matches("http://")
            .clone_into(&mut listen);
        let mut connection = server.connect();
        let creation = stage.creation(&format!("start {number}"), &[]);
        connection.send(&creation).unwrap();
        connection.reply().unwrap().assert_status(201);
        // The connection is still open, so that its end is the server's doing.
        server.tell_to_stop();
        server.ends_well();
    }
}
