//! Clients that keep the server waiting. Its limits are set to one second; only they take time
//! here.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use counterfoil_testkit::process::Connection;
use serde_json::json;

use super::{CREATION, PATIENCE, Stage};

/// How often a slow client sends a byte.
const PACE: Duration = Duration::from_millis(50);

/// The limit that a test is about.
const LIMIT: Duration = Duration::from_secs(1);

const ONE_SECOND: &str = "1s";

/// A client that sends one byte after another until it is told to stop or the server is gone.
struct Trickle {
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

impl Trickle {
    fn over(mut socket: TcpStream) -> Self {
        let (stop, stopped) = channel::<()>();
        let thread = thread::spawn(move || {
            while stopped.recv_timeout(PACE).is_err_and(is_timeout) {
                if socket.write_all(b"x").is_err() {
                    return;
                }
            }
        });
        Self { stop, thread }
    }

    fn stop(self) {
        drop(self.stop);
        self.thread.join().expect("the client does not panic");
    }
}

fn is_timeout(error: std::sync::mpsc::RecvTimeoutError) -> bool {
    error == std::sync::mpsc::RecvTimeoutError::Timeout
}

/// Waits for the server to close without an answer.
#[track_caller]
fn assert_closed_in_silence(mut connection: Connection, since: Instant) {
    assert_eq!(connection.rest(), b"");
    assert_took_the_limit(since);
}

#[track_caller]
fn assert_took_the_limit(since: Instant) {
    let took = since.elapsed();
    assert!((LIMIT..PATIENCE).contains(&took), "{took:?}");
}

#[test]
fn headers_that_trickle_in_end_the_connection() {
    let stage = Stage::with(&[("LIMITS__HEADER_TIME", ONE_SECOND)]);
    let server = stage.start(&[]);
    let since = Instant::now();
    let mut socket = server.socket();
    socket
        .write_all(b"GET /api/v3/user HTTP/1.1\r\nhost: counterfoil.test\r\nx-slow: ")
        .unwrap();
    let connection = Connection::over_tcp(socket.try_clone().unwrap()).unwrap();
    let trickle = Trickle::over(socket);
    assert_closed_in_silence(connection, since);
    trickle.stop();
    server.is_well();
}

#[test]
fn a_client_that_connects_and_sends_nothing_is_closed() {
    let stage = Stage::with(&[("LIMITS__HEADER_TIME", ONE_SECOND)]);
    let server = stage.start(&[]);
    let since = Instant::now();
    let silent: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for connection in silent {
        assert_closed_in_silence(connection, since);
    }
    server.is_well();
}

#[test]
fn a_second_request_that_trickles_in_ends_the_connection() {
    let stage = Stage::with(&[("LIMITS__HEADER_TIME", ONE_SECOND)]);
    let server = stage.start(&[]);
    let mut connection = server.connect();
    connection
        .ask("GET", "/healthz", &[], None)
        .unwrap()
        .assert_status(200);
    let since = Instant::now();
    connection.send(b"GET /hea").unwrap();
    assert_closed_in_silence(connection, since);
    server.is_well();
}

#[test]
fn a_connection_that_asks_nothing_more_is_closed() {
    let stage = Stage::with(&[("LIMITS__IDLE_TIME", ONE_SECOND)]);
    let server = stage.start(&[]);
    let mut connection = server.connect();
    let since = Instant::now();
    for _ in 0..3 {
        let reply = connection.ask("GET", "/healthz", &[], None);
        reply.unwrap().assert_status(200);
    }
    assert_closed_in_silence(connection, since);
    server.is_well();
}

#[test]
fn a_body_that_trickles_in_is_answered_408_and_makes_nothing() {
    let stage = Stage::with(&[("LIMITS__BODY_TIME", ONE_SECOND)]);
    let server = stage.start(&[]);
    let since = Instant::now();
    let mut socket = server.socket();
    let head = format!(
        "POST {CREATION} HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {}\r\ncontent-length: 1000\r\n\r\n{{",
        stage.authorization()
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut connection = Connection::over_tcp(socket.try_clone().unwrap()).unwrap();
    let trickle = Trickle::over(socket);
    let reply = connection.reply().unwrap();
    assert_took_the_limit(since);
    trickle.stop();
    reply.assert_status(408);
    assert!(reply.json()["message"].is_string(), "{}", reply.text());
    // What else the client meant by these bytes nobody can tell.
    connection.close_writing().unwrap();
    assert_eq!(connection.rest(), b"");
    let mut user = stage.user.connect(&server.running.base_url).unwrap();
    let listed = user.must("GET", "/authorizations", None);
    assert_eq!(listed.json(), json!([]));
    server.is_well();
}

#[test]
fn slow_clients_do_not_keep_others_waiting() {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    let slow: Vec<_> = (0..200)
        .map(|number| {
            let mut connection = server.connect();
            let head = format!("POST {CREATION} HTTP/1.1\r\nhost: counterfoil.test\r\n");
            connection.send(head.as_bytes()).unwrap();
            if number % 2 == 0 {
                let rest = format!(
                    "authorization: {}\r\ncontent-length: 1000\r\n\r\n{{",
                    stage.authorization()
                );
                connection.send(rest.as_bytes()).unwrap();
            }
            connection
        })
        .collect();
    let reply = server.answer_to(&stage.creation("while others dawdle", &[]));
    reply.assert_status(201);
    drop(slow);
    server.is_well();
}
