//! Whose word about a client's address is taken: in `X-Forwarded-For`, and in the PROXY protocol.
//! The audit trail shows whose it was.
//!
//! Each server here listens on two addresses, and who comes over IPv4 is a trusted proxy.

use std::time::Instant;

use counterfoil_testkit::process::Connection;

use super::{PATIENCE, Server, Stage};

const FORWARDED_FOR: &str = "x-forwarded-for";

const BOTH: &[&str] = &["--listen", "[::1]:0", "--listen", "127.0.0.1:0"];

/// A stage and a server, with the addresses for strangers and for proxies.
fn behind_proxies(more: &[(&str, &str)]) -> (Stage, Server, String, String) {
    let stage = Stage::with(&[more, &[("TRUSTED_PROXIES", "127.0.0.0/8")]].concat());
    let server = stage.start(BOTH);
    let for_strangers = server.running.base_url.clone();
    let for_proxies = server.address("http://127.0.0.1:");
    (stage, server, for_strangers, for_proxies)
}

/// Makes a token over a connection of its own, which begins with these bytes.
#[track_caller]
fn create(stage: &Stage, base_url: &str, first: &[u8], headers: &[(&str, &str)]) {
    let note = format!("{base_url} {} {headers:?}", first.escape_ascii());
    let mut connection = Connection::open(base_url).expect("the server accepts connections");
    let bytes = [first, &stage.creation(&note, headers)].concat();
    connection.send(&bytes).expect("a request can be sent");
    let reply = connection.reply();
    let reply = reply.unwrap_or_else(|error| panic!("{note} was not answered: {error}"));
    reply.assert_status(201);
    let url = reply.json()["url"].to_string();
    assert!(url.starts_with("\"http://localhost:"), "{url}");
}

#[test]
fn a_forwarded_address_counts_only_from_a_trusted_proxy() {
    let (stage, server, for_strangers, for_proxies) = behind_proxies(&[]);
    let cases = [
        ("192.0.2.1", "192.0.2.1"),
        // Only the last stranger was seen by a proxy of ours.
        ("198.51.100.9, 192.0.2.1", "192.0.2.1"),
        ("192.0.2.1, 127.0.0.9", "192.0.2.1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("192.0.2.1, somebody", "127.0.0.1"),
        ("", "127.0.0.1"),
    ];
    for (value, _) in cases {
        create(&stage, &for_proxies, b"", &[(FORWARDED_FOR, value)]);
    }
    for (value, _) in cases {
        create(&stage, &for_strangers, b"", &[(FORWARDED_FOR, value)]);
    }
    let mut expected: Vec<&str> = cases.iter().map(|(_, address)| *address).collect();
    expected.extend(["::1"; 6]);
    assert_eq!(stage.addresses_of_creations(), expected);
    server.is_well();
}

#[test]
fn without_trusted_proxies_no_forwarded_header_counts() {
    let stage = Stage::with(&[]);
    let server = stage.start(&[]);
    let claims = [
        (FORWARDED_FOR, "192.0.2.1"),
        ("x-forwarded-host", "evil.example.org"),
        ("x-forwarded-proto", "https"),
        ("forwarded", "for=192.0.2.1;host=evil.example.org"),
        ("x-real-ip", "192.0.2.1"),
    ];
    for claim in claims {
        create(&stage, &server.running.base_url, b"", &[claim]);
    }
    assert_eq!(stage.addresses_of_creations(), ["127.0.0.1"; 5]);
    server.is_well();
}

#[test]
fn one_client_behind_a_proxy_cannot_take_all_connections() {
    let settings = [("PROXY_PROTOCOL", "true"), ("LIMITS__CONNECTIONS", "1000")];
    let (_stage, server, _, for_proxies) = behind_proxies(&settings);
    let ask = |client: &str| {
        let mut connection = Connection::open(&for_proxies).unwrap();
        let header = format!("PROXY TCP4 {client} 127.0.0.1 4711 443\r\n");
        connection.send(header.as_bytes()).unwrap();
        let reply = connection.ask("GET", "/healthz", &[], None);
        (connection, reply)
    };
    // A share is a twentieth, but at least 64.
    let held: Vec<Connection> = (0..64)
        .map(|_| {
            let (connection, reply) = ask("192.0.2.1");
            reply.unwrap().assert_status(200);
            connection
        })
        .collect();
    assert!(ask("192.0.2.1").1.is_err());
    ask("192.0.2.2").1.unwrap().assert_status(200);
    drop(held);
    server.is_well();
}

/// The header of version 2 for a command (1 is PROXY, 0 is LOCAL) and a client over TCP and IPv4.
fn version_2(command: u8, client: [u8; 4]) -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n".to_vec();
    header.extend([0x20 | command, 0x11, 0, 12]);
    header.extend(client);
    header.extend([127, 0, 0, 1]);
    header.extend([0x12, 0x67, 0x01, 0xbb]);
    header
}

#[test]
fn a_trusted_proxy_names_its_client_in_the_proxy_protocol() {
    let (stage, server, for_strangers, for_proxies) = behind_proxies(&[("PROXY_PROTOCOL", "true")]);
    let cases: [(&[u8], &str); 5] = [
        (b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n", "192.0.2.1"),
        (b"PROXY TCP6 2001:db8::1 ::1 4711 443\r\n", "2001:db8::1"),
        (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
        (&version_2(1, [203, 0, 113, 7]), "203.0.113.7"),
        (&version_2(0, [203, 0, 113, 7]), "127.0.0.1"),
    ];
    for (header, _) in cases {
        create(&stage, &for_proxies, header, &[]);
    }
    // The client that was named is no proxy itself, and strangers need not name anybody.
    let forwarded = [(FORWARDED_FOR, "198.51.100.9")];
    create(&stage, &for_proxies, cases[0].0, &forwarded);
    create(&stage, &for_strangers, b"", &forwarded);
    let mut expected: Vec<&str> = cases.iter().map(|(_, address)| *address).collect();
    expected.extend(["192.0.2.1", "::1"]);
    assert_eq!(stage.addresses_of_creations(), expected);
    server.is_well();
}

#[test]
fn a_stranger_who_speaks_the_proxy_protocol_is_refused() {
    let (stage, server, for_strangers, _) = behind_proxies(&[("PROXY_PROTOCOL", "true")]);
    let header = b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n".to_vec();
    for header in [header, version_2(1, [203, 0, 113, 7])] {
        let mut connection = Connection::open(&for_strangers).unwrap();
        let bytes = [header, stage.creation("not mine", &[])].concat();
        connection.send(&bytes).unwrap();
        connection.reply().unwrap().assert_status(400);
    }
    assert!(stage.addresses_of_creations().is_empty());
    server.is_well();
}

#[test]
fn a_trusted_proxy_that_names_nobody_is_closed_unanswered() {
    let settings = [
        ("PROXY_PROTOCOL", "true"),
        ("LIMITS__TLS_HANDSHAKE_TIME", "1s"),
    ];
    let (stage, server, _, for_proxies) = behind_proxies(&settings);
    let mut endless = version_2(1, [203, 0, 113, 7]);
    endless[14..16].copy_from_slice(&[0xff, 0xff]);
    let long = vec![b'x'; 300];
    let headers: [&[u8]; 7] = [
        b"",
        b"PROXY TCP4 nobody nowhere 1 2\r\n",
        b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 99999\r\n",
        b"PROXY\r\n",
        &[b"PROXY ", long.as_slice()].concat(),
        &version_2(9, [203, 0, 113, 7]),
        &endless,
    ];
    for header in headers {
        let mut connection = Connection::open(&for_proxies).unwrap();
        let bytes = [header, &stage.creation("nobody's", &[])].concat();
        connection.send(&bytes).unwrap();
        assert_eq!(connection.rest(), b"", "{}", header.escape_ascii());
    }
    // One that says nothing at all has as long as a handshake.
    let since = Instant::now();
    let mut silent = Connection::open(&for_proxies).unwrap();
    assert_eq!(silent.rest(), b"");
    assert!(since.elapsed() < PATIENCE);
    assert!(stage.addresses_of_creations().is_empty());
    server.is_well();
}
