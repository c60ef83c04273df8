//! More connections than there may be, and clients that take more than they give.

use std::io::{ErrorKind, Write as _};
use std::net::TcpStream;

use counterfoil_testkit::process::{Connection, request};

use super::{Stage, socket_to};

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

#[test]
fn connections_beyond_the_limit_wait_and_are_served_then() {
    let stage = Stage::with(&[("LIMITS__CONNECTIONS", "2")]);
    let server = stage.start(&[]);
    let mut held = [server.connect(), server.connect()];
    let mut ask_all = || {
        for connection in &mut held {
            let reply = connection.ask("GET", "/healthz", &[], None);
            reply.unwrap().assert_status(200);
        }
    };
    ask_all();
    let last = request("GET", "/healthz", &[("connection", "close")], None);
    let waiting: Vec<TcpStream> = (0..WAITING)
        .map(|_| {
            let mut socket = socket_to(&server.running.base_url);
            socket.write_all(&last).unwrap();
            socket
        })
        .collect();
    // Long enough for a server without a limit to have answered them.
    for _ in 0..100 {
        ask_all();
    }
    assert!(!waiting.iter().any(has_answer));
    drop(held);
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
