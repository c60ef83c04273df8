//! The kinds of addresses that a server listens on, alone and together.

use counterfoil_testkit::process::{ApiClient, Connection};

use super::{CREATION, Stage};

#[test]
fn ipv6_is_served_and_its_addresses_are_recorded() {
    let stage = Stage::with(&[]);
    let server = stage.start(&["--listen", "[::1]:0"]);
    assert!(server.running.base_url.starts_with("http://[::1]:"));
    let reply = server.answer_to(&stage.creation("over IPv6", &[]));
    reply.assert_status(201);
    assert_eq!(stage.addresses_of_creations(), ["::1"]);
    server.is_well();
}

#[test]
fn several_addresses_serve_one_database_at_once() {
    let stage = Stage::with(&[]);
    let server = stage.start(&[
        "--listen",
        "127.0.0.1:0",
        "--listen",
        "[::1]:0",
        "--listen",
        "127.0.0.1:0",
        "--listen",
        "unix:api.sock",
    ]);
    let socket = stage.folder.path().join("api.sock");
    assert_eq!(server.address("unix:"), "unix:api.sock");
    let addresses = [
        server.running.base_url.clone(),
        server.address("http://[::1]:"),
        format!("unix:{}", socket.display()),
    ];
    let said = server.running.stderr();
    assert_eq!(said.matches("listening on http://127.0.0.1:").count(), 2);

    // A token that is made at one address is good at all of them.
    for (number, one) in addresses.iter().enumerate() {
        let mut connection = Connection::open(one).unwrap();
        let creation = stage.creation(&format!("token {number}"), &[]);
        connection.send(&creation).unwrap();
        let reply = connection.reply().unwrap();
        let token = reply.assert_status(201).token();
        for other in &addresses {
            let mut client = ApiClient::with_token(other, &token).unwrap();
            client.must("GET", "/user", None).assert_status(200);
        }
    }
    let from = stage.addresses_of_creations();
    assert_eq!(from, ["127.0.0.1", "::1", "unix"]);
    server.is_well();
}

#[test]
fn a_unix_socket_serves_without_a_port() {
    let stage = Stage::with(&[("PUBLIC_URL", "https://tokens.example.org")]);
    let server = stage.start(&["--listen", "unix:api.sock"]);
    let socket = format!("unix:{}", stage.folder.path().join("api.sock").display());
    let mut connection = Connection::open(&socket).unwrap();
    connection
        .send(&stage.creation("over a socket", &[]))
        .unwrap();
    let reply = connection.reply().unwrap();
    let url = reply.assert_status(201).json()["url"].clone();
    let wanted = format!("https://tokens.example.org{CREATION}/{}", reply.id());
    assert_eq!(url, wanted);
    // What is no HTTP is refused here too.
    let mut broken = Connection::open(&socket).unwrap();
    broken.send(b"hello\r\n\r\n").unwrap();
    broken.reply().unwrap().assert_status(400);
    drop(server);
}

#[test]
fn what_is_logged_during_a_request_has_its_id_where_details_are_wanted() {
    let stage = Stage::with(&[("LOGGING__LEVEL", "debug")]);
    let server = stage.start(&[]);
    let mut connection = server.connect();
    let target = "/gateway/verify?scopes=no-such-scope";
    let reply = connection.ask("GET", target, &[], None).unwrap();
    let id = reply
        .header("x-github-request-id")
        .expect("every answer has one");
    let line = format!("request{{request.id={id}}}: counterfoil_server::gateway");
    server.wait_for_log(&line, || server.ask());
    server.is_well();
}
