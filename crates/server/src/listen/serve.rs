//! Accepts connections, as many as the setting allows, until told to stop.

use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::network::TrustedProxies;
use tokio::net::{TcpStream, UnixStream};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::accept::{Acceptor, Turns};
use super::bind::{Bound, BoundSocket};
use super::connection::Shared;
use super::counts::ConnectionCounts;
use super::limits::LiveLimits;
use super::places::{self, Places};
use super::service::Answerer;
use super::shutdown::{ShutdownControl, Stage};
use super::tls::TlsReloader;

/// How to serve.
#[derive(Clone, Debug)]
pub struct ServeSettings {
    /// The most connections at a time, over all sockets, at least one. Beyond them the connection
    /// that has been idle longest makes room; where none is idle, new ones wait in the system's
    /// queue until one is or ends. An address (IPv6: a /64) may have a twentieth of them, but at
    /// least 64; this machine and trusted proxies may have nine tenths.
    pub connections: u32,
    /// What one connection may cost; may be changed while serving.
    pub limits: LiveLimits,
    /// The certificate for connections over IP. A Unix socket is never encrypted.
    pub tls: Option<Arc<TlsReloader>>,
    /// Whether trusted proxies begin each connection with the PROXY protocol. Nobody else may.
    pub proxy_protocol: bool,
    /// The proxies whose word about the client's address is taken.
    pub trusted_proxies: Arc<TrustedProxies>,
    /// The runtimes that connections are spread over, see [`Workers`](super::Workers); none stands
    /// for the one that [`serve`] is called on.
    pub places: Vec<Handle>,
    /// Where connections are counted.
    pub counts: ConnectionCounts,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            connections: 10_000,
            limits: LiveLimits::default(),
            tls: None,
            proxy_protocol: false,
            trusted_proxies: Arc::default(),
            places: Vec::new(),
            counts: ConnectionCounts::default(),
        }
    }
}

/// The most files that this many connections need at a time, some more than there are: those that
/// made room for others and have not gone yet.
pub fn files_for(connections: u32) -> u64 {
    let files = places::files(to_usize(connections));
    u64::try_from(files).unwrap_or(u64::MAX)
}

/// Answers requests on all sockets until `shutdown` is ready, and then as long as requests in
/// flight need, at most the time for stopping.
///
/// Every request carries a [`Peer`](super::Peer). The sockets close, and a Unix socket's file goes,
/// as soon as `shutdown` is ready; idle connections close then too. If the returned future is
/// dropped, everything closes at once.
pub async fn serve<A, F>(bound: Vec<Bound>, answerer: A, settings: ServeSettings, shutdown: F)
where
    A: Answerer,
    F: Future<Output = ()>,
{
    let connections = Arc::new(Places::new(
        to_usize(settings.connections),
        Arc::clone(&settings.trusted_proxies),
        settings.counts,
    ));
    let shared = Arc::new(Shared {
        answerer,
        limits: settings.limits,
        proxy_protocol: settings.proxy_protocol,
        trusted_proxies: settings.trusted_proxies,
        connections: Arc::clone(&connections),
    });
    let (mut control, seen) = ShutdownControl::new();
    let acceptor = Acceptor {
        shared: Arc::clone(&shared),
        shutdown: seen,
        tls: settings.tls,
        places: if settings.places.is_empty() {
            Arc::new([Handle::current()])
        } else {
            settings.places.into()
        },
    };
    let mut sockets = JoinSet::new();
    for socket in bound {
        accept_at(socket.into_socket(), &acceptor, &mut sockets);
    }
    drop(acceptor);
    shutdown.await;

    control.enter(Stage::Draining);
    while sockets.join_next().await.is_some() {}
    let shutdown_time = shared.limits.now().shutdown_time;
    if timeout(shutdown_time, connections.all_ended())
        .await
        .is_err()
    {
        tracing::warn!(
            connections = connections.taken(),
            "closing connections that did not finish in time"
        );
        control.enter(Stage::Closing);
        // A connection whose thread is stuck never ends.
        if timeout(LAST_WAIT, connections.all_ended()).await.is_err() {
            tracing::error!("connections that do not end are left behind");
        }
    }
}

/// How long connections may take to close that are told to close at once.
const LAST_WAIT: Duration = Duration::from_secs(2);

fn to_usize(connections: u32) -> usize {
    usize::try_from(connections).expect("32 bits fit into an address")
}

/// Begins to accept at one address: where each place has a socket of its own, each for itself, else
/// the first for all.
fn accept_at<A: Answerer>(socket: BoundSocket, acceptor: &Acceptor<A>, sockets: &mut JoinSet<()>) {
    let places = &acceptor.places;
    match socket {
        BoundSocket::Tcp(listeners) => {
            let alone = listeners.len() < places.len();
            for (listener, own) in listeners.into_iter().zip((0..places.len()).cycle()) {
                let turns = Turns::new(own, alone.then_some(places.len()));
                let accept = acceptor.clone().accept_all::<TcpStream>(listener, turns);
                sockets.spawn_on(accept, &places[own]);
            }
        }
        BoundSocket::Unix(socket) => {
            let turns = Turns::new(0, Some(places.len()));
            let (listener, file) = socket.into_parts();
            // A Unix socket never speaks TLS.
            let acceptor = Acceptor {
                tls: None,
                ..acceptor.clone()
            };
            let accept = async move {
                let _file = file;
                acceptor.accept_all::<UnixStream>(listener, turns).await;
            };
            sockets.spawn_on(accept, &places[0]);
        }
    }
}
