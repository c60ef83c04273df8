//! What a client may cost.

use std::time::Duration;

use crate::config::rule::{length, whole};
use crate::config::section::section;

/// In seconds.
const HOUR: u64 = 60 * 60;

section! {
    /// What one client may cost. Whoever goes beyond gets the answer that HTTP has for it, or a
    /// closed connection.
    pub struct Limits = "limits", "limits." {
        /// The most bytes of a request's first line and headers together; more is answered 431.
        header_bytes: u32 = 32_768, whole("bytes", 4_096, 262_144), Live;
        /// The most headers of a request; more is answered 431.
        headers: u32 = 100, whole("headers", 16, 1_000), Live;
        /// The most bytes of a request's body; more is answered 413.
        body_bytes: u32 = 1_048_576, whole("bytes", 1_024, 16_777_216), Restart;
        /// How much a user may change in an hour over the API, and an app that acts by its client
        /// secret; more is answered 403 with `Retry-After`. Requests that change nothing do not
        /// count. 0 for any number. Each server counts by itself, in memory, from its start.
        writes_per_hour: u32 = 5_000, whole("changes", 0, 1_000_000_000), Restart;
        /// The most connections at a time. Beyond them the connection that has been idle longest
        /// makes room; where none is idle, new ones wait. One address, which for IPv6 is a /64, may
        /// have a twentieth of them, but at least 64; this machine, Unix sockets and trusted
        /// proxies may have nine tenths each. More are closed at once.
        connections: u32 = 10_000, whole("connections", 1, 1_000_000), Restart;
        /// How long a request's first line and headers may take to arrive; then the
        /// connection closes.
        header_time: Duration = Duration::from_secs(10), length(1, HOUR, "10s"), Live;
        /// How long a request's body may take to arrive; longer is answered 408.
        body_time: Duration = Duration::from_secs(30), length(1, HOUR, "30s"), Live;
        /// How long a connection may wait for its next request, or a client leave an answer unread;
        /// then the connection closes. What a client takes of an answer gives it more
        /// time, a second for each 1,000 bytes.
        idle_time: Duration = Duration::from_secs(75), length(1, HOUR, "75s"), Live;
        /// How long a connection may live. Then it ends without a request lost: on
        /// HTTP/2 by `GOAWAY`, on HTTP/1.1 with the next answer.
        connection_time: Duration = Duration::from_hours(1), length(1, 24 * HOUR, "1h"), Live;
        /// The most memory, in bytes, that answers may take which their clients do not read, over
        /// all connections. Beyond it the connections whose answers have been unread longest are
        /// closed.
        unread_answer_bytes: u32 = 67_108_864, whole("bytes", 1_048_576, 4_294_967_295), Live;
        /// How long a TLS handshake may take, and the PROXY protocol's header before
        /// it; then the connection closes.
        tls_handshake_time: Duration = Duration::from_secs(10), length(1, HOUR, "10s"), Live;
        /// How long requests in flight may take to finish when the server stops; then their
        /// connections close.
        shutdown_time: Duration = Duration::from_secs(10), length(1, HOUR, "10s").or_nothing(), Live;
    }
}
