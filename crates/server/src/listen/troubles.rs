//! What strangers do to connections, said in the log once a minute for each kind and counted in
//! between: whoever can cause a line as often as they like can fill the disk, and hides every other
//! line.

use std::fmt::Display;

use counterfoil_domain::network::ClientAddress;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::once_a_minute::Said;

/// A kind of trouble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The system has no room for another connection.
    Accept,
    /// A trusted proxy did not say for whom it speaks.
    ProxyHeader,
    /// A TLS handshake failed.
    Handshake,
    /// A connection of HTTP/2 ended in an error: its client broke a rule, reset too much or is
    /// gone.
    Protocol,
    /// An address has as many connections as one may have.
    Share,
    /// All places are taken, and nobody is idle.
    NoRoom,
    /// Unread answers take as much memory as they may.
    Unread,
}

impl Trouble {
    const COUNT: usize = 7;
}

/// When each kind was said last, and how often it came since.
#[derive(Debug, Default)]
pub(super) struct Troubles([Mutex<Said>; Trouble::COUNT]);

impl Troubles {
    /// Says what happened, unless the same was said in the last minute.
    pub(super) fn tell(&self, trouble: Trouble, address: ClientAddress, cause: &dyn Display) {
        let Some(unsaid) = self.0[trouble as usize].lock().next(Instant::now()) else {
            return;
        };
        match trouble {
            Trouble::Accept => {
                tracing::error!(%cause, unsaid, "cannot accept connections, trying on");
            }
            Trouble::ProxyHeader => {
                tracing::warn!(%address, %cause, unsaid, "a trusted proxy was refused: it must begin each connection with the PROXY protocol");
            }
            Trouble::Handshake => {
                tracing::info!(%address, %cause, unsaid, "a TLS handshake failed");
            }
            Trouble::Protocol => {
                tracing::info!(%address, %cause, unsaid, "a connection of HTTP/2 ended in an error");
            }
            Trouble::Share => {
                tracing::warn!(%address, %cause, unsaid, "an address has as many connections as one may have; more are closed at once");
            }
            Trouble::NoRoom => {
                tracing::warn!(%address, %cause, unsaid, "all connections are in use; new ones wait (limits.connections)");
            }
            Trouble::Unread => {
                tracing::warn!(%address, %cause, unsaid, "unread answers take too much memory; the oldest are closed (limits.unread_answer_bytes)");
            }
        }
    }
}
