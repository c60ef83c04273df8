//! Stopping while clients are connected.

use std::time::Duration;

use super::*;

/// Whether a new connection gets an answer, rather than none or an error.
async fn answers_newcomers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return false;
    };
    let _ = stream.write_all(LAST_GET.as_bytes()).await;
    stream.read_u8().await.is_ok()
}

#[tokio::test]
async fn a_request_in_flight_is_answered_while_the_server_stops() {
    let server = Server::start(ServeSettings::default()).await;
    let mut idle = server.connect().await;
    idle.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut idle, "tls=false").await;

    let arrived = server.gate.notified();
    let mut busy = server.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    arrived.await;

    server.stop.send(()).unwrap();
    assert_eq!(rest_of(idle).await, "", "an idle connection ends by itself");
    assert!(!answers_newcomers(server.address).await);
    server.gate.notify_waiters();
    let answer = rest_of(busy).await;
    assert!(
        answer.contains("connection: close") && answer.ends_with("waited"),
        "{answer}"
    );
    server.stopped.await.unwrap();
}

#[tokio::test]
async fn a_server_that_stops_waits_no_longer_than_the_setting() {
    let server = Server::start(with_limits(|limits| limits.shutdown_time = Duration::ZERO)).await;
    let arrived = server.gate.notified();
    let mut busy = server.connect().await;
    busy.write_all(b"GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await
        .unwrap();
    arrived.await;
    server.stop.send(()).unwrap();
    server.stopped.await.unwrap();
    assert_eq!(rest_of(busy).await, "");
}

#[tokio::test]
async fn a_request_that_comes_just_as_the_server_stops_is_answered_as_the_last_of_its_connection() {
    let server = Server::start(ServeSettings::default()).await;
    let mut kept = server.connect().await;
    kept.write_all(GET.as_bytes()).await.unwrap();
    let answer = read_until(&mut kept, "tls=false").await;
    assert!(!answer.contains("connection: close"), "{answer}");
    // Nobody has accepted this one: the test and the server take turns on one thread.
    let mut new = std::net::TcpStream::connect(server.address).unwrap();
    server.stop.send(()).unwrap();
    std::io::Write::write_all(&mut new, GET.as_bytes()).unwrap();
    new.set_nonblocking(true).unwrap();
    // Until the server has heard that it must stop.
    while answers_newcomers(server.address).await {}
    kept.write_all(GET.as_bytes()).await.unwrap();
    for stream in [kept, TcpStream::from_std(new).unwrap()] {
        let answer = rest_of(stream).await;
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("tls=false"), "{answer}");
    }
    server.stopped.await.unwrap();
}
