//! Requests and their bounds.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::thread;

use tokio::net::UnixStream;

use super::super::test_folder::TestFolder;
use super::*;

#[tokio::test]
async fn a_request_carries_its_peer() {
    let server = Server::start(ServeSettings::default()).await;
    assert!(server.ask(LAST_GET).await.ends_with("127.0.0.1 tls=false"));
}

#[tokio::test]
async fn several_sockets_serve_one_router_and_a_unix_socket_goes_with_the_server() {
    let folder = TestFolder::new();
    let path = folder.join("http.sock");
    let unix = ListenAddress::Unix(path.clone());
    let server = Server::start_with(
        &[unix, "127.0.0.1:0".parse().unwrap()],
        ServeSettings::default(),
    )
    .await;
    let stream = UnixStream::connect(&path).await.unwrap();
    assert!(ask(stream, LAST_GET).await.ends_with("unix tls=false"));

    server.stop.send(()).unwrap();
    server.stopped.await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn connections_to_a_single_socket_go_round_the_workers() {
    let folder = TestFolder::new();
    let path = folder.join("http.sock");
    let bound = bind(&[ListenAddress::Unix(path.clone())]).await.unwrap();
    let workers = Workers::start(NonZeroUsize::new(3).unwrap()).unwrap();
    let settings = ServeSettings {
        places: workers.places(),
        ..ServeSettings::default()
    };
    let name = async || thread::current().name().unwrap_or("nameless").to_owned();
    let router = Router::new().route("/peer", get(name));
    let (stop, stopping) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(bound, router, settings, async {
        let _ = stopping.await;
    }));
    let mut names = Vec::new();
    for _ in 0..4 {
        let stream = UnixStream::connect(&path).await.unwrap();
        let answer = ask(stream, LAST_GET).await;
        names.push(answer.lines().last().unwrap().to_owned());
    }
    assert_eq!(names, ["worker-0", "worker-1", "worker-2", "worker-0"]);
    stop.send(()).unwrap();
    served.await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    for headers in [100, 40] {
        let server = Server::start(with_limits(|limits| limits.headers = headers)).await;
        let request = |count| {
            let mut request = "GET /peer HTTP/1.1\r\nConnection: close\r\n".to_owned();
            (1..count).for_each(|index| write!(request, "X-{index}: 1\r\n").unwrap());
            request + "\r\n"
        };
        assert_eq!(status_of(&server.ask(request(headers)).await), "200");
        assert_eq!(status_of(&server.ask(request(headers + 1)).await), "431");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused_and_the_client_sees_why() {
    let server = Server::start(ServeSettings::default()).await;
    let request = |bytes| {
        format!(
            "GET /peer HTTP/1.1\r\nConnection: close\r\nX: {}\r\n\r\n",
            "a".repeat(bytes)
        )
    };
    assert_eq!(status_of(&server.ask(request(32_000)).await), "200");
    assert_eq!(status_of(&server.ask(request(33_000)).await), "431");
    // Far more than the buffers of both sides hold.
    assert_eq!(status_of(&server.ask(request(8_000_000)).await), "431");
}

/// A request whose body the handler does not read: its head, and its body.
fn unread(more_headers: &str, length: usize) -> (String, Vec<u8>) {
    let head = format!(
        "POST /peer HTTP/1.1\r\nHost: localhost\r\n{more_headers}Content-Length: {length}\r\n\r\n"
    );
    (head, vec![b'x'; length])
}

#[tokio::test]
async fn a_body_that_comes_after_the_answer_leaves_the_connection_as_it_was() {
    let server = Server::start(ServeSettings::default()).await;
    let mut client = server.connect().await;
    for length in [1, 8_000_000] {
        let (head, body) = unread("", length);
        client.write_all(head.as_bytes()).await.unwrap();
        let answer = read_until(&mut client, "tls=false").await;
        assert_eq!(status_of(&answer), "200");
        assert!(!answer.contains("connection: close"), "{answer}");
        client.write_all(&body).await.unwrap();
    }
    client.write_all(LAST_GET.as_bytes()).await.unwrap();
    assert_eq!(status_of(&rest_of(client).await), "200");
}

#[tokio::test]
async fn a_body_that_will_not_be_read_is_the_last_and_the_client_is_told() {
    let server = Server::start(ServeSettings::default()).await;
    let (asks_first, _) = unread("Expect: 100-continue\r\n", 10);
    let answer = server.ask(asks_first).await;
    assert_eq!(status_of(&answer), "200");
    assert!(answer.contains("connection: close"), "{answer}");

    let (head, body) = unread("", 17 * 1024 * 1024);
    let answer = server.ask([head.as_bytes(), &body].concat()).await;
    assert_eq!(status_of(&answer), "200");
    assert!(answer.contains("connection: close"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_after_the_answer_ends_the_connection() {
    let server = Server::start(ServeSettings::default()).await;
    let (head, _) = unread("", 10);
    assert_eq!(status_of(&server.ask(head).await), "200");
}

#[tokio::test]
async fn a_client_that_closes_its_side_still_gets_the_answer() {
    let server = Server::start(ServeSettings::default()).await;
    let mut client = server.connect().await;
    client.write_all(GET.as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(status_of(&rest_of(client).await), "200");
}

#[tokio::test]
async fn changed_limits_apply_to_the_next_connection() {
    let settings = ServeSettings::default();
    let limits = settings.limits.clone();
    let server = Server::start(settings).await;
    assert_eq!(status_of(&server.ask(LAST_GET).await), "200");
    limits.set(ConnectionLimits {
        headers: 1,
        ..ConnectionLimits::default()
    });
    assert_eq!(status_of(&server.ask(LAST_GET).await), "431");
}
