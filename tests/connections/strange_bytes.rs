//! Bytes that belong nowhere, in paths, queries and headers. What comes of them is the client's
//! fault, and said so.

use super::{CREATION, Server, Stage, shown};

/// Texts that somebody will send one day. Those with control characters are no HTTP at all, the
/// others may stand in a header.
const STRANGE: &[&[u8]] = &[
    b"\xff\xfe\xfd",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x90\x99",
    b"caf\xc3\xa9",
    b"\0",
    b"a\0b",
    b"\x01\x02\x03",
    b"\x1b[31m",
    b"\x7f",
    b"a\tb",
    b"a\rb",
    b"a\nb",
    b"%00",
    b"%ff%fe",
    b"%0d%0aset-cookie:%20a",
    b"%",
    b"%zz",
    b"%2e%2e%2f%2e%2e%2f",
    b"../../../../etc/passwd",
    b"\\..\\..",
    b"'\"<>{}|^`",
    b"#",
    b"?",
    b";;,,==",
];

/// The headers that something is read from, anywhere in the program.
const HEADERS: &[&str] = &[
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "origin",
    "range",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-forwarded-for",
    "x-github-api-version",
    "x-github-otp",
    "x-request-id",
];

/// Sends a request and its end, and demands an answer below 500, or none but a closed connection.
#[track_caller]
fn assert_the_clients_fault(server: &Server, bytes: &[u8]) {
    let mut connection = server.connect();
    connection.send(bytes).expect("a request can be sent");
    connection.close_writing().expect("a side can be closed");
    let answer = connection.rest();
    let status = answer.get(9..10);
    let refused = matches!(status, Some(b"2" | b"3" | b"4"));
    let closed = answer.is_empty();
    assert!(
        refused || closed,
        "{} was answered {}",
        shown(bytes),
        shown(&answer)
    );
}

fn server_and_sign_in() -> (Stage, Server, String) {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    let authorization = stage.authorization();
    (stage, server, authorization)
}

#[test]
fn strange_bytes_in_a_path_are_no_failure_of_the_server() {
    let (_stage, server, authorization) = server_and_sign_in();
    for text in STRANGE {
        for (before, after) in [
            ("/", ""),
            ("/api/v3/", ""),
            ("/api/v3/authorizations/", ""),
            ("/api/v3/authorizations/clients/", "/desk"),
            ("/api/v3/users/", ""),
            ("", ""),
        ] {
            let rest = format!(
                "{after} HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {authorization}\r\n\r\n"
            );
            let request = [b"GET ", before.as_bytes(), text, rest.as_bytes()].concat();
            assert_the_clients_fault(&server, &request);
        }
    }
    server.is_well();
}

#[test]
fn strange_bytes_in_a_query_are_no_failure_of_the_server() {
    let (_stage, server, authorization) = server_and_sign_in();
    for text in STRANGE {
        for name in [
            "",
            "page=",
            "per_page=",
            "client_id=",
            "note=",
            "access_token=",
        ] {
            let rest = format!(
                " HTTP/1.1\r\nhost: counterfoil.test\r\nauthorization: {authorization}\r\n\r\n"
            );
            let before = format!("GET {CREATION}?{name}");
            assert_the_clients_fault(
                &server,
                &[before.as_bytes(), text, rest.as_bytes()].concat(),
            );
        }
    }
    server.is_well();
}

#[test]
fn strange_bytes_in_a_header_are_no_failure_of_the_server() {
    let (_stage, server, authorization) = server_and_sign_in();
    for text in STRANGE {
        for name in HEADERS {
            let sign_in = if *name == "authorization" {
                String::new()
            } else {
                format!("authorization: {authorization}\r\n")
            };
            let host = if *name == "host" { "" } else { "host: h\r\n" };
            let before = format!("GET {CREATION} HTTP/1.1\r\n{host}{sign_in}{name}: ");
            assert_the_clients_fault(&server, &[before.as_bytes(), text, b"\r\n\r\n"].concat());
        }
    }
    server.is_well();
}

#[test]
fn strange_bytes_after_a_scheme_are_no_failure_of_the_server() {
    let (_stage, server, _) = server_and_sign_in();
    for text in STRANGE {
        for scheme in ["Basic ", "Bearer ", "token ", "Digest ", ""] {
            let before = format!("GET {CREATION} HTTP/1.1\r\nhost: h\r\nauthorization: {scheme}");
            assert_the_clients_fault(&server, &[before.as_bytes(), text, b"\r\n\r\n"].concat());
        }
    }
    server.is_well();
}

#[test]
fn strange_bytes_in_a_methods_place_are_no_failure_of_the_server() {
    let (_stage, server, _) = server_and_sign_in();
    for text in STRANGE {
        let rest = b" /api/v3/user HTTP/1.1\r\nhost: counterfoil.test\r\n\r\n";
        assert_the_clients_fault(&server, &[*text, rest].concat());
    }
    server.is_well();
}
