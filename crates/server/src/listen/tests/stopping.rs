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
    assert_eq!(rest_of(idle).await, "", "an idle connection ends at once");
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
