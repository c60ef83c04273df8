//! Requests as old, hasty or taciturn clients send them.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;

use counterfoil_testkit::process::request;
use counterfoil_wire::conditional::{http_date, parse_http_date};
use http::HeaderValue;
use serde_json::json;

use super::{CREATION, Server, Stage};

const USER: &str = "/api/v3/user";

fn plain_server() -> (Stage, Server) {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    (stage, server)
}

#[test]
fn every_answer_says_when_it_was_made() {
    let (_stage, server) = plain_server();
    for path in [USER, "/healthz", "/nowhere"] {
        let mut connection = server.connect();
        let asking = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        connection.send(asking.as_bytes()).unwrap();
        let reply = connection.reply().unwrap();
        let date = HeaderValue::from_str(reply.header("date").unwrap()).unwrap();
        // The date comes back in the form in which it was sent, the fixed one.
        assert_eq!(parse_http_date(&date).map(http_date), Some(date), "{path}");
    }
}

#[test]
fn a_client_that_closes_its_side_still_gets_its_answer() {
    let (stage, server) = plain_server();
    let mut connection = server.connect();
    connection
        .send(&stage.creation("half closed", &[]))
        .unwrap();
    connection.close_writing().unwrap();
    connection.reply().unwrap().assert_status(201);
    assert_eq!(connection.rest(), b"");
    server.is_well();
}

#[test]
fn a_client_that_closes_its_side_amid_a_request_makes_nothing() {
    let (stage, server) = plain_server();
    let whole = stage.creation("cut off", &[]);
    // Amid the first line, amid the headers, before the body and amid it.
    let body = whole
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    for length in [0, 4, 40, body - 2, body, body + 1, whole.len() - 1] {
        let mut connection = server.connect();
        connection.send(&whole[..length]).unwrap();
        connection.close_writing().unwrap();
        let rest = connection.rest();
        let answered = rest.is_empty() || rest.starts_with(b"HTTP/1.1 400 ");
        assert!(answered, "{length}: {}", String::from_utf8_lossy(&rest));
    }
    let mut user = stage.user.connect(&server.running.base_url).unwrap();
    assert_eq!(user.must("GET", "/authorizations", None).json(), json!([]));
    server.is_well();
}

#[test]
fn http_1_0_is_answered_and_the_connection_closed() {
    let (stage, server) = plain_server();
    let authorization = stage.authorization();
    let mut connection = server.connect();
    let head = format!("GET {USER} HTTP/1.0\r\nauthorization: {authorization}\r\n\r\n");
    connection.send(head.as_bytes()).unwrap();
    let reply = connection.reply().unwrap();
    reply.assert_status(200);
    assert_eq!(reply.version, "HTTP/1.0");
    assert_eq!(reply.json()["login"], "octocat");
    assert_eq!(connection.rest(), b"");

    let body = json!({ "note": "old" }).to_string();
    let old = format!(
        "POST {CREATION} HTTP/1.0\r\nauthorization: {authorization}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    server.answer_to(old.as_bytes()).assert_status(201);
    server.is_well();
}

#[test]
fn http_1_0_may_keep_its_connection() {
    let (_stage, server) = plain_server();
    let mut connection = server.connect();
    for _ in 0..2 {
        let kept = b"GET /healthz HTTP/1.0\r\nconnection: keep-alive\r\n\r\n";
        connection.send(kept).unwrap();
        let reply = connection.reply().unwrap();
        reply.assert_status(200);
        assert_eq!(reply.header("connection"), Some("keep-alive"));
    }
    server.is_well();
}

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let (stage, server) = plain_server();
    let authorization = stage.authorization();
    let headers = [("authorization", authorization.as_str())];
    let get = |path: &str| request("GET", path, &headers, None);
    let all = [
        get(USER),
        stage.creation("first", &[]),
        get("/api/v3/nothing"),
        stage.creation("second", &[]),
        request("HEAD", "/healthz", &[], None),
    ]
    .concat();
    let mut connection = server.connect();
    connection.send(&all).unwrap();
    let mut next = |status: u16| {
        let reply = connection.reply().unwrap();
        reply.assert_status(status);
        reply.json()
    };
    assert_eq!(next(200)["login"], "octocat");
    assert_eq!(next(201)["note"], "first");
    assert_eq!(next(404)["message"], "Not Found");
    assert_eq!(next(201)["note"], "second");
    connection.close_writing().unwrap();
    let last = connection.rest();
    assert!(last.starts_with(b"HTTP/1.1 200 ") && last.ends_with(b"\r\n\r\n"));
    server.is_well();
}

#[test]
fn a_request_that_comes_byte_by_byte_is_answered() {
    let (stage, server) = plain_server();
    let mut connection = server.connect();
    for byte in stage.creation("byte by byte", &[]) {
        connection.send(&[byte]).unwrap();
    }
    connection.reply().unwrap().assert_status(201);
    server.is_well();
}

#[test]
fn whoever_asks_before_sending_a_body_is_told_to_go_on() {
    let (stage, server) = plain_server();
    let whole = stage.creation("expected", &[("expect", "100-continue")]);
    let body = whole
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let mut socket = server.socket();
    socket.write_all(&whole[..body]).unwrap();
    let mut interim = [0; 25];
    socket.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    socket.write_all(&whole[body..]).unwrap();
    socket.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    server.is_well();
}

#[test]
fn a_refusal_before_the_body_has_come_leaves_the_connection_for_the_next_request() {
    let (stage, server) = plain_server();
    let nobody = request("POST", CREATION, &[], Some(&json!({ "note": "late" })));
    let body = nobody
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap()
        + 4;
    let mut connection = server.connect();
    for _ in 0..3 {
        connection.send(&nobody[..body]).unwrap();
        let refusal = connection.reply().unwrap();
        refusal.assert_status(401);
        assert_eq!(refusal.header("connection"), None);
        connection.send(&nobody[body..]).unwrap();
    }
    connection.send(&stage.creation("late", &[])).unwrap();
    connection.reply().unwrap().assert_status(201);
    server.is_well();
}

#[test]
fn a_refusal_of_whoever_asks_before_sending_a_body_says_that_the_connection_ends() {
    let (_stage, server) = plain_server();
    let asks = [
        ("content-length", "10"),
        ("expect", "100-continue"),
        ("content-type", "application/json"),
    ];
    let mut connection = server.connect();
    connection
        .send(&request("POST", CREATION, &asks, None))
        .unwrap();
    let refusal = connection.reply().unwrap();
    refusal.assert_status(401);
    assert_eq!(refusal.header("connection"), Some("close"));
    assert_eq!(connection.rest(), b"");
    server.is_well();
}
