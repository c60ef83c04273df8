//! Accepts connections, as many as the setting allows, until told to stop.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::network::{ClientAddress, TrustedProxies};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::bind::{Bound, BoundSocket};
use super::connection::Accepted;
use super::limits::LiveLimits;
use super::service::Answerer;
use super::stage::{Stage, StageControl, Stages};
use super::tls::TlsReloader;

/// How long accepting pauses when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// The most connections at a time, over all sockets. Beyond them connections are not refused: they wait in the
    /// system's queue, and one accepted connection per socket waits with them, until another ends.
    pub connections: u32,
    /// What one connection may cost; may be changed while serving.
    pub limits: LiveLimits,
    /// The certificate for connections over IP. A Unix socket is never encrypted.
    pub tls: Option<Arc<TlsReloader>>,
    /// Whether trusted proxies begin each connection with the PROXY protocol. Nobody else may.
    pub proxy_protocol: bool,
    /// The proxies whose word about the client's address is taken.
    pub trusted_proxies: Arc<TrustedProxies>,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            connections: 10_000,
            limits: LiveLimits::default(),
            tls: None,
            proxy_protocol: false,
            trusted_proxies: Arc::default(),
        }
    }
}

/// What every connection of a server shares.
pub(super) struct Shared<A> {
    pub(super) answerer: A,
    pub(super) limits: LiveLimits,
    pub(super) proxy_protocol: bool,
    pub(super) trusted_proxies: Arc<TrustedProxies>,
    connections: Arc<Semaphore>,
}

/// Answers requests on all sockets until `shutdown` is ready, and then as long as requests in flight need, at most the
/// time for stopping.
///
/// Every request carries a [`Peer`](super::Peer). The sockets close, and a Unix socket's file goes, as soon as `shutdown` is
/// ready; idle connections close then too. If the returned future is dropped, everything closes at once.
pub async fn serve<A, F>(bound: Vec<Bound>, answerer: A, settings: ServeSettings, shutdown: F)
where
    A: Answerer,
    F: Future<Output = ()>,
{
    let connections = Arc::new(Semaphore::new(permits(settings.connections)));
    let shared = Arc::new(Shared {
        answerer,
        limits: settings.limits,
        proxy_protocol: settings.proxy_protocol,
        trusted_proxies: settings.trusted_proxies,
        connections: Arc::clone(&connections),
    });
    let (control, stages) = StageControl::new();
    let mut sockets = JoinSet::new();
    for socket in bound {
        let (shared, stages, tls) = (Arc::clone(&shared), stages.clone(), settings.tls.clone());
        sockets.spawn(async move {
            match socket.into_socket() {
                BoundSocket::Tcp(listener) => accept_all(listener, tls, shared, stages).await,
                BoundSocket::Unix(socket) => {
                    let (listener, _file) = socket.into_parts();
                    accept_all(listener, None, shared, stages).await;
                }
            }
        });
    }
    drop(stages);
    shutdown.await;

    control.enter(Stage::Draining);
    while sockets.join_next().await.is_some() {}
    // A connection holds a permit as long as it lives, so to get all of them is to be the last.
    let all_ended = || connections.acquire_many(settings.connections);
    if timeout(shared.limits.now().shutdown_time, all_ended())
        .await
        .is_err()
    {
        let left = permits(settings.connections) - connections.available_permits();
        tracing::warn!(
            connections = left,
            "closing connections that did not finish in time"
        );
        control.enter(Stage::Closing);
        let _ = all_ended().await;
    }
}

fn permits(connections: u32) -> usize {
    usize::try_from(connections).expect("32 bits fit into an address")
}

/// A socket that connections come from.
trait Listener {
    type Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static;

    fn accept(&self) -> impl Future<Output = io::Result<(Self::Stream, ClientAddress)>> + Send;
}

impl Listener for TcpListener {
    type Stream = tokio::net::TcpStream;

    async fn accept(&self) -> io::Result<(Self::Stream, ClientAddress)> {
        let (stream, address) = self.accept().await?;
        // Answers are written whole: to wait for more before sending would only delay them.
        stream.set_nodelay(true)?;
        Ok((stream, ClientAddress::from(address)))
    }
}

impl Listener for UnixListener {
    type Stream = tokio::net::UnixStream;

    async fn accept(&self) -> io::Result<(Self::Stream, ClientAddress)> {
        let (stream, _) = self.accept().await?;
        Ok((stream, ClientAddress::Unix))
    }
}

async fn accept_all<L: Listener, A: Answerer>(
    listener: L,
    tls: Option<Arc<TlsReloader>>,
    shared: Arc<Shared<A>>,
    stages: Stages,
) {
    let mut draining = stages.clone();
    let accept = async {
        let mut had_room = true;
        loop {
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_about_one_connection(&error) => continue,
                Err(error) => {
                    if had_room {
                        tracing::error!(%error, "cannot accept connections, trying on");
                    }
                    had_room = false;
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            had_room = true;
            let permit = Arc::clone(&shared.connections).acquire_owned().await;
            let (shared, stages) = (Arc::clone(&shared), stages.clone());
            let accepted = Accepted {
                stream,
                address,
                tls: tls.clone(),
            };
            tokio::spawn(async move {
                let _permit = permit.expect("the semaphore is never closed");
                accepted.run(&shared, stages).await;
            });
        }
    };
    tokio::select! {
        () = draining.draining() => {}
        () = accept => {}
    }
}

/// Whether the client is to blame, so that the next connection may well succeed.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotConnected
            | io::ErrorKind::InvalidInput
    )
}
