//! Requests that are too large, or that are none.

use std::iter::repeat_n;

use counterfoil_testkit::process::Reply;
use serde_json::json;

use super::{CREATION, Server, Stage, shown};

/// The first lines of a request that needs nobody to sign in.
const HEAD: &str = "GET /healthz HTTP/1.1\r\nhost: counterfoil.test\r\n";

fn plain_server() -> (Stage, Server) {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    (stage, server)
}

#[track_caller]
fn assert_too_large(reply: &Reply) {
    reply.assert_status(413);
    let said = reply.json();
    assert!(said["message"].is_string(), "{said}");
    assert!(said["documentation_url"].is_string(), "{said}");
}

#[test]
fn a_header_of_a_megabyte_is_answered_431() {
    let (_stage, server) = plain_server();
    let value: String = repeat_n('x', 1 << 20).collect();
    for name in ["x-large", "authorization", "cookie"] {
        let request = format!("{HEAD}{name}: {value}\r\n\r\n");
        server.answer_to(request.as_bytes()).assert_status(431);
    }
    // A name without an end, and a target.
    server
        .answer_to(format!("{HEAD}{value}").as_bytes())
        .assert_status(431);
    let reply = server.answer_to(format!("GET /{value} HTTP/1.1\r\n\r\n").as_bytes());
    assert!(matches!(reply.status, 414 | 431), "{}", reply.status);
    server.is_well();
}

#[test]
fn more_headers_than_there_may_be_are_answered_431() {
    let stage = Stage::with(&[("LIMITS__HEADERS", "16")]);
    let server = stage.start(&[]);
    let with_headers = |count: usize| {
        // The host is one of them.
        let more = "x-more: y\r\n".repeat(count - 1);
        server.answer_to(format!("{HEAD}{more}\r\n").as_bytes())
    };
    with_headers(16).assert_status(200);
    with_headers(17).assert_status(431);
    with_headers(2_000).assert_status(431);
    server.is_well();
}

#[test]
fn a_body_over_the_limit_is_answered_413_in_json() {
    let stage = Stage::with(&[("LIMITS__BODY_BYTES", "1024")]);
    let server = stage.start(&[]);
    let note: String = repeat_n('x', 200).collect();
    server
        .answer_to(&stage.creation(&note, &[]))
        .assert_status(201);
    let note: String = repeat_n('x', 1_100).collect();
    assert_too_large(&server.answer_to(&stage.creation(&note, &[])));
    // In pieces, and without an end: the server need not wait for one.
    let head = format!(
        "POST {CREATION} HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {}\r\ntransfer-encoding: chunked\r\n\r\n",
        stage.authorization()
    );
    let piece = format!("100\r\n{}\r\n", "x".repeat(256));
    assert_too_large(&server.answer_to(format!("{head}{}", piece.repeat(5)).as_bytes()));
    server.is_well();
}

#[test]
fn a_body_of_many_megabytes_is_refused_and_the_client_sees_why() {
    let (stage, server) = plain_server();
    let note: String = repeat_n('x', 8 << 20).collect();
    assert_too_large(&server.answer_to(&stage.creation(&note, &[])));
    let announced = format!(
        "POST {CREATION} HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {}\r\ncontent-length: 99999999999\r\n\r\n",
        stage.authorization()
    );
    assert_too_large(&server.answer_to(format!("{announced}{}", "x".repeat(2 << 20)).as_bytes()));
    let mut user = stage.user.connect(&server.running.base_url).unwrap();
    let listed = user.must("GET", "/authorizations", None);
    assert_eq!(listed.json(), json!([]));
    server.is_well();
}

#[test]
fn what_is_not_http_is_answered_400() {
    let (_stage, server) = plain_server();
    let not_http: &[&[u8]] = &[
        b"hello\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /healthz\r\n\r\n",
        b"GET /healthz HTTP/3.7\r\n\r\n",
        b"GET /healthz HTTP/1.1 and more\r\n\r\n",
        b"GET /health z HTTP/1.1\r\n\r\n",
        b"GE(T /healthz HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n: no name\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nspace : before\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\na: b\r\n folded: c\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\na: b\0c\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /healthz HTTP/1.1\r\ntransfer-encoding: gzip\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        // TLS where none is expected.
        b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00\r\n\r\n",
        // The PROXY protocol of somebody who is not trusted.
        b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\nGET /healthz HTTP/1.1\r\n\r\n",
    ];
    for bytes in not_http {
        let reply = server.answer_to(bytes);
        assert_eq!(reply.status, 400, "{}: {}", shown(bytes), reply.text());
    }
    server.is_well();
}

/// Two programs that read such a request may take it to be for two hosts (RFC 9112, section 3.2).
#[test]
fn a_request_names_its_host_once() {
    let (_stage, server) = plain_server();
    let ask =
        |line: &str, headers: &str| server.answer_to(format!("{line}\r\n{headers}\r\n").as_bytes());
    for headers in [
        "",
        "host: a\r\nhost: b\r\n",
        "host: a\r\nhost: a\r\n",
        "host:\r\n",
        "host: a b\r\n",
        "host: somebody@a\r\n",
        "host: a/b\r\n",
        "host: a:b\r\n",
    ] {
        for path in [
            "/healthz",
            "/api/v3/user",
            "/gateway/verify",
            "/nothing",
            "http://a/healthz",
        ] {
            let reply = ask(&format!("GET {path} HTTP/1.1"), headers);
            reply.assert_status(400);
            assert_eq!(reply.json()["message"], "Invalid Host header", "{headers}");
        }
    }
    for host in ["a", "a:80", "[::1]:8080", "192.0.2.1", "under_score"] {
        ask("GET /healthz HTTP/1.1", &format!("host: {host}\r\n")).assert_status(200);
    }
    ask("GET /healthz HTTP/1.0", "").assert_status(200);
    ask("GET /healthz HTTP/1.0", "host: a\r\nhost: b\r\n").assert_status(400);
    server.is_well();
}

#[test]
fn http_2_without_encryption_is_not_spoken() {
    let (_stage, server) = plain_server();
    let mut connection = server.connect();
    connection
        .send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    // Who speaks HTTP/2 could not read an answer of HTTP/1.1.
    assert_eq!(connection.rest(), b"");
    server.is_well();
}

#[test]
fn a_chunk_that_is_none_never_counts_as_a_failure_of_the_server() {
    let (stage, server) = plain_server();
    let head = format!(
        "POST {CREATION} HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {}\r\ntransfer-encoding: chunked\r\n\r\n",
        stage.authorization()
    );
    for body in ["zz\r\n", "-1\r\n", "ffffffffffffffffff\r\n", "1\r\nab\r\n"] {
        let reply = server.answer_to(format!("{head}{body}").as_bytes());
        assert_eq!(reply.status, 400, "{body:?}: {}", reply.text());
    }
    server.is_well();
}
