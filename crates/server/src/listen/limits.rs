//! What one connection may cost, the handle by which that changes while serving, and how many wait
//! to be accepted.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

/// How many connections the system may complete before they are accepted; it lowers this to its own
/// bound (`net.core.somaxconn` on Linux).
pub(super) const BACKLOG: i32 = 4096;

/// The bounds on one connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// The most bytes of a request's first line and headers together; more is answered 431. At most
    /// 262,144, since what they are read into is not much larger.
    pub header_bytes: u32,
    /// The most headers of a request; more is answered 431.
    pub headers: u32,
    /// How long a request's first line and headers may take to arrive, from their first byte or the
    /// start of the connection; then the connection closes.
    pub header_time: Duration,
    /// How long a request's body may take to arrive, from the end of its headers; then reading it
    /// fails with [`BodyTimedOut`](super::BodyTimedOut).
    pub body_time: Duration,
    /// How long a connection may wait between requests, and a client may leave an answer unread;
    /// then it closes. What a client takes of an answer gives it more time, a second for each 1,000
    /// bytes.
    pub idle_time: Duration,
    /// How long a connection may live; then it ends as the protocol has it: on HTTP/2 by `GOAWAY`
    /// and when what is in flight is answered, on HTTP/1.1 with the next answer.
    pub connection_time: Duration,
    /// The most bytes that answers may take which clients have not taken, over all connections;
    /// beyond it the connections whose answers have been unread longest close.
    pub unread_answer_bytes: u64,
    /// How long a TLS handshake, and the PROXY protocol's header before it, may take each; then the
    /// connection closes.
    pub handshake_time: Duration,
    /// How long requests in flight may take to finish once the server is told to stop; then their
    /// connections close.
    pub shutdown_time: Duration,
}

impl ConnectionLimits {
    /// The most bytes that HTTP/1.1 keeps for a connection in either direction: requests that came
    /// early, and answers that the client does not take. One piece of an answer's body may come on
    /// top.
    pub(super) fn http1_buffer(&self) -> u32 {
        (2 * self.header_bytes).max(LEAST_HTTP1_BUFFER)
    }
}

/// What [`ConnectionLimits::http1_buffer`] is at least: less would have answers sent in small
/// pieces.
const LEAST_HTTP1_BUFFER: u32 = 64 * 1024;

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            header_bytes: 32 * 1024,
            headers: 100,
            header_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            idle_time: Duration::from_secs(75),
            connection_time: Duration::from_hours(1),
            unread_answer_bytes: 64 * 1024 * 1024,
            handshake_time: Duration::from_secs(10),
            shutdown_time: Duration::from_secs(10),
        }
    }
}

/// The limits in force. Clones share them; what is set applies to connections made afterwards, and
/// the time for stopping to the next stop.
#[derive(Clone, Debug, Default)]
pub struct LiveLimits(Arc<ArcSwap<ConnectionLimits>>);

impl LiveLimits {
    /// Limits to start with.
    pub fn new(limits: ConnectionLimits) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(limits)))
    }

    /// Replaces the limits.
    pub fn set(&self, limits: ConnectionLimits) {
        self.0.store(Arc::new(limits));
    }

    /// The limits in force now.
    pub fn now(&self) -> Arc<ConnectionLimits> {
        self.0.load_full()
    }
}
