//! More connections than there may be, and clients that take more than they give.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use counterfoil_testkit::process::{Connection, request};

use super::{Server, Stage, socket_to};

/// How many wait when there is no room.
const WAITING: usize = 6;

/// Whether something can be read, or the connection has ended.
fn has_answer(socket: &TcpStream) -> bool {
    let set = |nonblocking| {
        let set = socket.set_nonblocking(nonblocking);
        set.expect("a socket takes its options");
    };
    set(true);
    let peeked = socket.peek(&mut [0]);
    set(false);
    !peeked.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

/// A connection whose request is worked on: the server has its head and waits for its body, which
/// is given back.
fn busy(stage: &Stage, server: &Server) -> (TcpStream, Vec<u8>) {
    let note = "busy ".repeat(40);
    let mut head = stage.creation(&note, &[("expect", "100-continue")]);
    let end = head.windows(4).position(|four| four == b"\r\n\r\n");
    let body = head.split_off(end.expect("a head has an end") + 4);
    let mut socket = server.socket();
    socket.write_all(&head).expect("a request can be sent");
    let mut interim = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    let read = socket.read_exact(&mut interim);
    read.expect("the server asks for the body");
    (socket, body)
}

#[test]
fn connections_beyond_the_limit_wait_while_all_are_at_work_and_are_served_then() {
    let stage = Stage::with(&[("LIMITS__CONNECTIONS", "2")]);
    let server = stage.start(&[]);
    let (mut first, body) = busy(&stage, &server);
    let _second = busy(&stage, &server);
    let last = request("GET", "/healthz", &[("connection", "close")], None);
    let waiting: Vec<TcpStream> = (0..WAITING)
        .map(|_| {
            let mut socket = socket_to(&server.running.base_url);
            socket.write_all(&last).unwrap();
            socket
        })
        .collect();
    // Long enough for a server without a limit to have answered them.
    for byte in body {
        assert!(!waiting.iter().any(has_answer));
        first.write_all(&[byte]).unwrap();
    }
    let mut first = Connection::over_tcp(first).unwrap();
    first.reply().unwrap().assert_status(201);
    // It is idle now, and makes room for those who wait.
    assert_eq!(first.rest(), b"");
    for socket in waiting {
        let mut connection = Connection::over_tcp(socket).unwrap();
        connection.reply().unwrap().assert_status(200);
        assert_eq!(connection.rest(), b"");
    }
    server.is_well();
}

#[test]
fn those_who_hold_all_connections_and_say_nothing_are_closed_for_others() {
    let stage = Stage::with(&[
        ("LIMITS__CONNECTIONS", "2"),
        ("LIMITS__HEADER_SECONDS", "1"),
    ]);
    let server = stage.start(&[]);
    let _silent: Vec<_> = (0..6).map(|_| server.connect()).collect();
    let reply = server.answer_to(&stage.creation("at last", &[]));
    reply.assert_status(201);
    server.is_well();
}

#[test]
fn a_client_that_reads_no_answers_is_closed() {
    let stage = Stage::with(&[("LIMITS__IDLE_SECONDS", "1")]);
    let server = stage.start(&[]);
    let mut socket = server.socket();
    let many = request("GET", "/healthz", &[], None).repeat(100);
    let error = loop {
        if let Err(error) = socket.write_all(&many) {
            break error;
        }
    };
    // A write that timed out would say something else.
    let closed = matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    );
    assert!(closed, "{error}");
    server.is_well();
}

#[test]
fn clients_that_go_without_their_answers_harm_nobody() {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    for number in 0..50 {
        let mut connection = server.connect();
        let creation = stage.creation(&format!("gone {number}"), &[]);
        let length = creation.len() - number % 2;
        connection.send(&creation[..length]).unwrap();
        drop(connection);
    }
    let reply = server.answer_to(&stage.creation("still here", &[]));
    reply.assert_status(201);
    server.is_well();
}
