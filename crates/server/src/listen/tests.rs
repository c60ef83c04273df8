//! The listener as clients meet it: bytes in, bytes out.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, State};
use axum::routing::{get, post};
use axum::{Error, Router};
use http::StatusCode;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, duplex};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::activity::Protocol;
use super::http_connection::HttpConnection;
use super::stage::StageControl;
use super::test_folder::TestFolder;
use super::*;

const GET: &str = "GET /peer HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LAST_GET: &str = "GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// `/peer` tells what the listener said of the peer, `/body` reads the body, `/wait` answers when the test says so.
fn router(gate: Arc<Notify>) -> Router {
    let peer =
        async |Extension(peer): Extension<Peer>| format!("{} tls={}", peer.address, peer.tls);
    let body = async |body: Body| match to_bytes(body, usize::MAX).await {
        Ok(bytes) => (StatusCode::OK, bytes.len().to_string()),
        Err(error) if timed_out(&error) => (StatusCode::REQUEST_TIMEOUT, String::new()),
        Err(_) => (StatusCode::BAD_REQUEST, String::new()),
    };
    let wait = async |State(gate): State<Arc<Notify>>| {
        gate.notify_waiters();
        gate.notified().await;
        "waited"
    };
    Router::new()
        .route("/peer", get(peer).post(peer))
        .route("/body", post(body))
        .route("/wait", get(wait))
        .with_state(gate)
}

fn timed_out(error: &Error) -> bool {
    BodyTimedOut::is_behind(error)
}

/// A running listener.
struct Server {
    address: SocketAddr,
    gate: Arc<Notify>,
    stop: oneshot::Sender<()>,
    stopped: JoinHandle<()>,
}

impl Server {
    async fn start(settings: ServeSettings) -> Self {
        Self::start_with(&[], settings).await
    }

    async fn start_with(more: &[ListenAddress], settings: ServeSettings) -> Self {
        let addresses = [&["127.0.0.1:0".parse().unwrap()], more].concat();
        let bound = bind(&addresses).await.unwrap();
        let LocalAddress::Ip(address) = *bound[0].local() else {
            panic!("the first is TCP")
        };
        let gate = Arc::new(Notify::new());
        let (stop, stopping) = oneshot::channel();
        let stopped = tokio::spawn(serve(bound, router(Arc::clone(&gate)), settings, async {
            let _ = stopping.await;
        }));
        Self {
            address,
            gate,
            stop,
            stopped,
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn ask(&self, request: impl AsRef<[u8]>) -> String {
        ask(self.connect().await, request).await
    }
}

/// Whether a new connection gets an answer, rather than none or an error.
async fn answers_newcomers(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else {
        return false;
    };
    let _ = stream.write_all(LAST_GET.as_bytes()).await;
    stream.read_u8().await.is_ok()
}

/// Sends bytes and reads until the server closes.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: impl AsRef<[u8]>) -> String {
    stream.write_all(request.as_ref()).await.unwrap();
    rest_of(stream).await
}

async fn rest_of(mut stream: impl AsyncRead + Unpin) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

/// Reads one answer whose body ends with this text, and leaves the connection open.
async fn read_until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(end.as_bytes()) {
        answer.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(answer).unwrap()
}

fn with_limits(change: impl FnOnce(&mut ConnectionLimits)) -> ServeSettings {
    let mut limits = ConnectionLimits::default();
    change(&mut limits);
    ServeSettings {
        limits: LiveLimits::new(limits),
        ..ServeSettings::default()
    }
}

fn status_of(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

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

#[tokio::test]
async fn an_answer_before_the_end_of_a_large_body_reaches_the_client() {
    let server = Server::start(ServeSettings::default()).await;
    let head = "POST /peer HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n".as_bytes();
    let answer = server.ask([head, &vec![b'x'; 8_000_000]].concat()).await;
    assert_eq!(status_of(&answer), "200");
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

#[tokio::test]
async fn beyond_the_limit_a_connection_waits_until_another_ends() {
    let settings = ServeSettings {
        connections: 1,
        ..ServeSettings::default()
    };
    let server = Server::start(settings).await;
    let mut first = server.connect().await;
    first.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut first, "tls=false").await;

    let mut second = server.connect().await;
    second.write_all(LAST_GET.as_bytes()).await.unwrap();
    first.write_all(GET.as_bytes()).await.unwrap();
    read_until(&mut first, "tls=false").await;
    assert!(
        second.try_read(&mut [0; 1]).is_err(),
        "the second connection is not served yet"
    );

    drop(first);
    assert_eq!(status_of(&rest_of(second).await), "200");
}

/// A connection over a pipe, so that the paused clock moves only when both sides wait.
fn piped(protocol: Protocol) -> impl AsyncRead + AsyncWrite + Unpin {
    let (client, server) = duplex(64 * 1024);
    tokio::spawn(async move {
        let (_control, stages) = StageControl::new();
        let connection = HttpConnection {
            peer: Peer::plain("192.0.2.1".parse().unwrap()),
            protocol,
            limits: Arc::default(),
            stages,
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

fn behind_proxies(proxies: &[&str]) -> ServeSettings {
    let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    ServeSettings {
        proxy_protocol: true,
        trusted_proxies: Arc::new(proxies.into()),
        ..ServeSettings::default()
    }
}

#[tokio::test]
async fn a_trusted_proxy_must_say_for_whom_it_speaks() {
    let server = Server::start(behind_proxies(&["127.0.0.0/8"])).await;
    let header = "PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n";
    assert!(
        server
            .ask(format!("{header}{LAST_GET}"))
            .await
            .ends_with("192.0.2.1 tls=false")
    );
    assert!(
        server
            .ask(format!("PROXY UNKNOWN\r\n{LAST_GET}"))
            .await
            .ends_with("127.0.0.1 tls=false")
    );

    let mut silent = server.connect().await;
    silent.write_all(LAST_GET.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = silent.read_to_end(&mut answer).await;
    assert_eq!(answer, b"");
}

#[tokio::test]
async fn nobody_else_may_speak_the_proxy_protocol() {
    let server = Server::start(behind_proxies(&["10.0.0.0/8"])).await;
    let header = "PROXY TCP4 192.0.2.1 127.0.0.1 4711 443\r\n";
    assert_eq!(
        status_of(&server.ask(format!("{header}{LAST_GET}")).await),
        "400"
    );
    assert!(server.ask(LAST_GET).await.ends_with("127.0.0.1 tls=false"));
}

fn self_signed(folder: &TestFolder, name: &str) -> SelfSigned {
    SelfSigned {
        folder: folder.join(name),
        names: vec!["localhost".to_owned()],
    }
}

fn encrypted(source: TlsSource) -> (Arc<TlsReloader>, ServeSettings) {
    let tls = Arc::new(TlsReloader::new(source).unwrap());
    let settings = ServeSettings {
        tls: Some(Arc::clone(&tls)),
        ..ServeSettings::default()
    };
    (tls, settings)
}

/// A client that trusts this certificate only.
async fn connect_tls(
    server: &Server,
    trusted: &CertificateFiles,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(&trusted.certificate).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![alpn.to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, server.connect().await)
        .await
}

#[tokio::test]
async fn https_is_served_under_a_certificate_of_our_own() {
    let folder = TestFolder::new();
    let own = self_signed(&folder, "own");
    let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
    let server = Server::start(settings).await;
    let stream = connect_tls(&server, &own.files(), b"http/1.1")
        .await
        .unwrap();
    assert!(ask(stream, LAST_GET).await.ends_with("127.0.0.1 tls=true"));
}

#[tokio::test]
async fn http_2_is_spoken_with_clients_that_choose_it() {
    let folder = TestFolder::new();
    let own = self_signed(&folder, "own");
    let (_, settings) = encrypted(TlsSource::SelfSigned(own.clone()));
    let server = Server::start(settings).await;
    let mut stream = connect_tls(&server, &own.files(), b"h2").await.unwrap();
    // Preface, empty SETTINGS, and HEADERS of stream 1 that end both headers and stream: GET https / (404) from HPACK's
    // static table, with the authority `a` as a literal.
    let request = [
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".as_slice(),
        &[0, 0, 0, 4, 0, 0, 0, 0, 0],
        &[0, 0, 6, 1, 5, 0, 0, 0, 1, 0x82, 0x87, 0x84, 0x01, 1, b'a'],
    ];
    stream.write_all(&request.concat()).await.unwrap();
    loop {
        let mut frame = [0; 9];
        stream.read_exact(&mut frame).await.unwrap();
        let [_, high, low, kind, _, _, _, _, stream_id] = frame;
        let mut payload = vec![0; usize::from(u16::from_be_bytes([high, low]))];
        stream.read_exact(&mut payload).await.unwrap();
        if kind == 1 {
            // `:status: 404` is entry 13 of the static table (RFC 7541 appendix A), and the high bit says entry.
            assert_eq!((stream_id, payload.first()), (1, Some(&0x8d)));
            break;
        }
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_served_after_a_reload_and_a_broken_one_is_not() {
    let folder = TestFolder::new();
    let (old, new) = (self_signed(&folder, "old"), self_signed(&folder, "new"));
    let files = CertificateFiles {
        certificate: folder.join("server.crt"),
        key: folder.join("server.key"),
    };
    let install = |own: &SelfSigned| {
        let made = own.make_or_keep().unwrap();
        fs::copy(&made.certificate, &files.certificate).unwrap();
        fs::copy(&made.key, &files.key).unwrap();
    };
    install(&old);
    let (tls, settings) = encrypted(TlsSource::Files(files.clone()));
    let server = Server::start(settings).await;
    assert!(connect_tls(&server, &old.files(), b"h2").await.is_ok());

    install(&new);
    assert!(
        connect_tls(&server, &old.files(), b"h2").await.is_ok(),
        "not before the reload"
    );
    tls.reload().unwrap();
    assert!(connect_tls(&server, &old.files(), b"h2").await.is_err());
    assert!(connect_tls(&server, &new.files(), b"h2").await.is_ok());

    fs::copy(old.files().key, &files.key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Mismatch { .. })));
    fs::write(&files.key, "half a k").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Unusable(path)) if path == files.key));
    fs::remove_file(&files.certificate).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Read { .. })));
    assert!(
        connect_tls(&server, &new.files(), b"h2").await.is_ok(),
        "the last good one stays"
    );
}
