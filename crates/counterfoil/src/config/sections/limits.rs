//! What a client may cost.

use crate::config::rule::whole;
use crate::config::section::section;

section! {
    /// What one client may cost. Whoever goes beyond gets the answer that HTTP has for it, or a closed connection.
    pub struct Limits = "limits", "limits." {
        /// The most bytes of a request's first line and headers together; more is answered 431.
        header_bytes: u32 = 32_768, whole("bytes", 4_096, 262_144), Live;
        /// The most headers of a request; more is answered 431.
        headers: u32 = 100, whole("headers", 16, 1_000), Live;
        /// The most bytes of a request's body; more is answered 413.
        body_bytes: u32 = 1_048_576, whole("bytes", 1_024, 16_777_216), Restart;
        /// The most connections at a time. Further ones wait until another ends.
        connections: u32 = 10_000, whole("connections", 1, 1_000_000), Restart;
        /// How long a request's first line and headers may take to arrive, in seconds; then the connection closes.
        header_seconds: u32 = 10, whole("seconds", 1, 3_600), Live;
        /// How long a request's body may take to arrive, in seconds; longer is answered 408.
        body_seconds: u32 = 30, whole("seconds", 1, 3_600), Live;
        /// How long a connection may wait for its next request, or a client leave an answer unread, in seconds; then the
        /// connection closes.
        idle_seconds: u32 = 75, whole("seconds", 1, 3_600), Live;
        /// How long a TLS handshake may take, in seconds, and the PROXY protocol's header before it; then the connection
        /// closes.
        tls_handshake_seconds: u32 = 10, whole("seconds", 1, 3_600), Live;
        /// How long requests in flight may take to finish when the server stops, in seconds; then their connections close.
        shutdown_seconds: u32 = 10, whole("seconds", 0, 3_600), Live;
    }
}
