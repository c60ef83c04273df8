//! One connection, from the first byte to the last.
//!
//! In order: the PROXY protocol's header if the peer is to send one, the TLS handshake, then HTTP,
//! from its first byte until the client leaves, a deadline passes or the server stops. TLS clients
//! choose between HTTP/2 and HTTP/1.1 (ALPN, RFC 7301); without TLS only HTTP/1.1 is spoken.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::network::{ClientAddress, TrustedProxies};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::activity::Protocol;
use super::challenge::ALPN_CHALLENGE;
use super::http_connection::HttpConnection;
use super::limits::{ConnectionLimits, LiveLimits};
use super::peer::Peer;
use super::places::{Place, Places};
use super::plain_http;
use super::proxy_protocol::{self, ProxyHeaderError, Relayed};
use super::service::Answerer;
use super::shutdown::Shutdown;
use super::stream::Stream;
use super::tls::{ALPN_HTTP2, TlsReloader};
use super::troubles::Trouble;

/// What every connection of a server shares.
pub(super) struct Shared<A> {
    pub(super) answerer: A,
    pub(super) limits: LiveLimits,
    pub(super) proxy_protocol: bool,
    pub(super) trusted_proxies: Arc<TrustedProxies>,
    pub(super) connections: Arc<Places>,
}

/// A connection that was accepted.
pub(super) struct Accepted<'p, S> {
    pub(super) stream: S,
    /// The address of the socket's other end.
    pub(super) address: ClientAddress,
    /// How to encrypt it, unless it is to be plain.
    pub(super) tls: Option<Arc<TlsReloader>>,
    /// The place that it has until it ends.
    pub(super) place: &'p Place,
}

/// A connection that is ready for HTTP.
enum Opened<S> {
    Plain(S),
    Encrypted(Box<TlsStream<S>>),
}

impl<S: Stream> Accepted<'_, S> {
    /// Serves the connection to its end, or until the server no longer waits for it.
    pub(super) async fn run<A: Answerer>(self, shared: &Shared<A>, shutdown: Shutdown) {
        shutdown
            .clone()
            .until_closing(self.serve(shared, shutdown))
            .await;
    }

    async fn serve<A: Answerer>(self, shared: &Shared<A>, mut shutdown: Shutdown) {
        let (address, place) = (self.address, self.place);
        let limits = shared.limits.now();
        let opened = tokio::select! {
            biased;
            opened = self.open(shared, &limits) => opened,
            // Nothing was asked in the time of grace either, so nothing is lost.
            () = shutdown.grace_over() => return,
            () = place.seat.until_asked() => return,
        };
        let (opened, peer, since) = match opened {
            Ok(opened) => opened,
            Err(cause) => {
                if let Some(trouble) = cause.trouble() {
                    place.troubles().tell(trouble, address, &cause);
                }
                return tracing::debug!(%address, %cause, "connection refused");
            }
        };
        let handshake_time = limits.handshake_time;
        let http = |protocol| HttpConnection {
            peer,
            protocol,
            limits,
            shutdown,
            since,
            place,
        };
        let answerer = &shared.answerer;
        // In boxes of their own, so that whoever says nothing takes no room for them.
        match opened {
            Opened::Plain(stream) => {
                Box::pin(http(Protocol::Http1).serve(stream, answerer)).await;
            }
            Opened::Encrypted(stream) => {
                let spoken = stream.get_ref().1.alpn_protocol();
                let (http2, challenge) =
                    (spoken == Some(ALPN_HTTP2), spoken == Some(ALPN_CHALLENGE));
                if challenge {
                    return Box::pin(take_leave(stream, handshake_time)).await;
                }
                let protocol = if http2 {
                    Protocol::Http2
                } else {
                    Protocol::Http1
                };
                Box::pin(http(protocol).serve(*stream, answerer)).await;
            }
        }
    }

    /// Everything before HTTP.
    async fn open<A>(
        mut self,
        shared: &Shared<A>,
        limits: &ConnectionLimits,
    ) -> Result<(Opened<S>, Peer, Instant), OpenError> {
        let within = limits.handshake_time;
        let mut peer = Peer::plain(self.address);
        if shared.proxy_protocol && shared.trusted_proxies.trusts(self.address) {
            let reading = Box::pin(proxy_protocol::read(&mut self.stream));
            let relayed = timeout(within, reading).await;
            match relayed.map_err(|_| OpenError::TimedOut)?? {
                Relayed::For(client) => {
                    let counted = self.place.count_for(client);
                    counted.map_err(|_| OpenError::Share(client))?;
                    peer.address = client;
                }
                Relayed::ForUnknown => peer.headers_are_its_own = false,
                Relayed::Nobody => {}
            }
        }
        let Some(tls) = self.tls else {
            let since = Instant::now();
            // HTTP has buffers, which a client that never says anything must not make us keep.
            timeout(limits.header_time, self.stream.readable())
                .await
                .map_err(|_| OpenError::TimedOut)?
                .map_err(OpenError::Broken)?;
            return Ok((Opened::Plain(self.stream), peer, since));
        };
        peer.tls = true;
        let handshake = Box::pin(shake_hands(self.stream, &tls));
        let stream = timeout(within, handshake)
            .await
            .map_err(|_| OpenError::TimedOut)??;
        Ok((Opened::Encrypted(Box::new(stream)), peer, Instant::now()))
    }
}

async fn shake_hands<S: Stream>(stream: S, tls: &TlsReloader) -> Result<TlsStream<S>, OpenError> {
    let first = stream.first_byte().await.map_err(OpenError::Broken)?;
    if first.is_some_and(plain_http::begins_with) {
        plain_http::refuse(stream)
            .await
            .map_err(OpenError::Broken)?;
        return Err(OpenError::PlainHttp);
    }
    let accepted = TlsAcceptor::from(tls.now()).accept(stream).await;
    accepted.map_err(OpenError::Handshake)
}

/// Ends the connection of an authority: with the handshake it has seen what it came for (RFC 8737
/// section 3).
async fn take_leave<S: Stream>(mut stream: Box<TlsStream<S>>, within: Duration) {
    drop(timeout(within, stream.shutdown()).await);
}

/// Why a connection ended before its first request.
#[derive(Debug, thiserror::Error)]
enum OpenError {
    #[error("the client took too long")]
    TimedOut,
    #[error(transparent)]
    ProxyHeader(#[from] ProxyHeaderError),
    #[error("the connection broke off: {0}")]
    Broken(io::Error),
    #[error("the TLS handshake failed: {0}")]
    Handshake(io::Error),
    #[error("the client speaks HTTP without TLS")]
    PlainHttp,
    #[error("{0} has as many connections as one address may have")]
    Share(ClientAddress),
}

impl OpenError {
    /// What the log says of it, which is nothing about clients that only went away.
    fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Handshake(error) if error.kind() == io::ErrorKind::InvalidData => {
                Some(Trouble::Handshake)
            }
            Self::ProxyHeader(ProxyHeaderError::Missing | ProxyHeaderError::Malformed) => {
                Some(Trouble::ProxyHeader)
            }
            Self::Share(_) => Some(Trouble::Share),
            Self::PlainHttp => Some(Trouble::Handshake),
            Self::TimedOut | Self::Broken(_) | Self::Handshake(_) | Self::ProxyHeader(_) => None,
        }
    }
}
