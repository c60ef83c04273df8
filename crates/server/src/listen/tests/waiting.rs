//! Clients that keep the server waiting. The clock is paused: it moves only when both sides wait.

use std::time::Duration;

use tokio::io::{DuplexStream, duplex};
use tokio::time::Instant;

use super::super::activity::Protocol;
use super::super::http_connection::HttpConnection;
use super::super::places::Places;
use super::super::shutdown::ShutdownControl;
use super::*;

/// A connection over a pipe, so that the paused clock moves only when both sides wait.
pub(super) fn piped(protocol: Protocol) -> DuplexStream {
    let (client, server) = duplex(64 * 1024);
    tokio::spawn(async move {
        let (_control, shutdown) = ShutdownControl::new();
        let places = Places::new(1, Arc::default(), ConnectionCounts::default());
        let place = Arc::new(places).take("192.0.2.1".parse().unwrap());
        let connection = HttpConnection {
            peer: Peer::plain("192.0.2.1".parse().unwrap()),
            protocol,
            limits: Arc::default(),
            shutdown,
            since: Instant::now(),
            place: &place.unwrap(),
        };
        connection.serve(server, &router(Arc::default())).await;
    });
    client
}

#[tokio::test(start_paused = true)]
async fn a_head_that_trickles_in_ends_the_connection() {
    for head in ["", "GET /peer HTTP/1.1\r\nHost: loc"] {
        let before = Instant::now();
        assert_eq!(ask(piped(Protocol::Http1), head).await, "");
        assert_eq!((Instant::now() - before).as_secs(), 10);
    }
}

#[tokio::test(start_paused = true)]
async fn a_later_head_is_timed_from_its_first_byte() {
    let mut client = piped(Protocol::Http1);
    client.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut client, "tls=false").await;
    tokio::time::advance(Duration::from_mins(1)).await;
    let before = Instant::now();
    assert_eq!(ask(client, "GET /peer").await, "");
    assert_eq!((Instant::now() - before).as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_ends() {
    let mut client = piped(Protocol::Http1);
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(9)).await;
        client.write_all(GET.as_bytes()).await.unwrap();
        read_until(&mut client, "tls=false").await;
    }
    let before = Instant::now();
    assert_eq!(rest_of(client).await, "");
    assert_eq!((Instant::now() - before).as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_in_is_cut_off_by_total_time() {
    let mut client = piped(Protocol::Http1);
    let before = Instant::now();
    let head = b"POST /body HTTP/1.1\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n";
    client.write_all(head).await.unwrap();
    // The server waits for the body from here on.
    assert_eq!(status_of(&read_until(&mut client, "\r\n\r\n").await), "100");
    for _ in 0..9 {
        tokio::time::advance(Duration::from_secs(3)).await;
        client.write_all(b"x").await.unwrap();
    }
    assert_eq!(status_of(&read_until(&mut client, "\r\n\r\n").await), "408");
    assert_eq!((Instant::now() - before).as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_its_answers_is_dropped() {
    let mut client = piped(Protocol::Http1);
    let before = Instant::now();
    // Asks until no answer fits into the pipe any more; the write fails when the server has gone.
    while client.write_all(GET.as_bytes()).await.is_ok() {}
    assert_eq!((Instant::now() - before).as_secs(), 75);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_a_byte_now_and_then_is_dropped_all_the_same() {
    let mut client = piped(Protocol::Http1);
    let before = Instant::now();
    let large = "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(10);
    client.write_all(large.as_bytes()).await.unwrap();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        client.read_u8().await.unwrap();
        // Empty lines between requests mean nothing, but they show whether the server is still
        // there.
        if client.write_all(b"\r\n").await.is_err() {
            break;
        }
    }
    let took = (Instant::now() - before).as_secs();
    assert!((75..=77).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn an_old_connection_ends_with_its_next_answer() {
    let mut client = piped(Protocol::Http1);
    let before = Instant::now();
    loop {
        client.write_all(GET.as_bytes()).await.unwrap();
        let answer = read_until(&mut client, "tls=false").await;
        if answer.contains("connection: close") {
            break;
        }
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    assert_eq!(rest_of(client).await, "");
    let took = (Instant::now() - before).as_secs();
    assert!((3_600..=3_660).contains(&took), "{took}");
}
