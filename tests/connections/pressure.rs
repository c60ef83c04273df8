//! More connections than there may be, and clients that take more than they give.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpStream};

use counterfoil_testkit::process::{Connection, request};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::crowd::resident;
use super::{Server, Stage, socket_to};
use crate::bystander::client::{Stream, Target, patiently};
use crate::bystander::frames;

/// How many wait when there is no room.
const WAITING: usize = 6;

/// How many clients take no answers over HTTP/2, and how many answers each. Without a bound the
/// server grew by 80 MB for them, with it by 11 to 17.
const STALLED: u8 = 120;
const STREAMS: u32 = 100;

/// What such answers may take over all connections, in bytes.
const UNREAD_BYTES: u64 = 8 * 1024 * 1024;
/// What one connection adds before the oldest close.
const ONE_MORE_BYTES: u64 = 1024 * 1024;
/// What a connection may take beside its answers, with TLS and its buffers, and with what closed
/// ones leave to the allocator.
const CONNECTION_BYTES: u64 = 192 * 1024;

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
    let stage = Stage::with(&[("LIMITS__CONNECTIONS", "2"), ("LIMITS__HEADER_TIME", "1s")]);
    let server = stage.start(&[]);
    let _silent: Vec<_> = (0..6).map(|_| server.connect()).collect();
    let reply = server.answer_to(&stage.creation("at last", &[]));
    reply.assert_status(201);
    server.is_well();
}

#[test]
fn a_client_that_reads_no_answers_is_closed() {
    let stage = Stage::with(&[("LIMITS__IDLE_TIME", "1s")]);
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

/// Asks so many times over HTTP/2 and takes none of the answers; back when all have begun.
async fn stalled(target: &Target, from: IpAddr) -> Box<dyn Stream> {
    let work = async {
        let mut stream = target.connect_http_2(from).await?;
        frames::begin(&mut *stream).await?;
        for place in 0..STREAMS {
            let ask = frames::request(2 * place + 1, "/api/v3/", &[]);
            stream.write_all(&ask).await?;
        }
        stream.flush().await?;
        frames::read_heads(&mut *stream, STREAMS).await?;
        Ok(stream)
    };
    patiently(work).await.expect("the newest are served")
}

#[tokio::test]
async fn answers_that_nobody_takes_grow_the_process_by_no_more_than_is_stated() {
    let bound = UNREAD_BYTES.to_string();
    let stage = Stage::with(&[("LIMITS__UNREAD_ANSWER_BYTES", &bound)]);
    let server = stage.start(&["--tls-self-signed"]);
    let data = stage.folder.path().join("counterfoil-data");
    let target = Target::of(&server.running.base_url, &data);
    let address = |number: u8| IpAddr::V4(Ipv4Addr::new(127, 0, 0, 11 + number % 4));
    // Whatever is made once is there before it is measured.
    drop(stalled(&target, address(0)).await);
    let before = resident(&server);
    let (mut held, mut most) = (Vec::new(), before);
    for number in 0..STALLED {
        held.push(stalled(&target, address(number)).await);
        most = most.max(resident(&server));
    }
    let grown = most - before;
    let stated = UNREAD_BYTES + ONE_MORE_BYTES + u64::from(STALLED) * CONNECTION_BYTES;
    assert!(grown <= stated, "it grew by {grown} bytes");
    // The oldest were closed for the others.
    let end = async {
        while held[0].read(&mut [0; 1024]).await? > 0 {}
        Ok(())
    };
    // How it ends depends on what was sent when.
    let ended = patiently(end).await.map_err(|error| error.kind());
    assert_ne!(ended, Err(ErrorKind::TimedOut));
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
