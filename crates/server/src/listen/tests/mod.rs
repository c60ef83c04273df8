//! The listener as clients meet it: bytes in, bytes out.

mod challenges;
mod frames;
mod places;
mod proxies;
mod requests;
mod stopping;
mod tls;
mod unread;
mod waiting;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Extension, State};
use axum::routing::{get, post};
use axum::{Error, Router};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::*;

const GET: &str = "GET /peer HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LAST_GET: &str = "GET /peer HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// How long the answer of `/large` is, in bytes.
const LARGE: usize = 100_000;

/// `/peer` tells what the listener said of the peer, `/body` reads the body, `/wait` answers when
/// the test says so, and `/large` answers much.
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
        .route("/large", get(async || vec![b'x'; LARGE]))
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
