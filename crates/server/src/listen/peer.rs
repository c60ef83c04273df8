//! Who is at the other end of a connection.

use counterfoil_domain::network::ClientAddress;

/// The other end of the connection that a request came over: an extension of every request that the
/// listener hands on.
///
/// This is what the listener knows, not yet the client: a proxy may stand between, which the
/// middleware for the client's address looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The peer's address: of the socket, or what a trusted proxy said of it in the PROXY protocol.
    pub address: ClientAddress,
    /// Whether the connection is encrypted up to this process.
    pub tls: bool,
    /// Whether the headers on this connection were written by whom the address belongs to. Not so
    /// when a proxy relays somebody without saying whom (`PROXY UNKNOWN`): the address is then the
    /// proxy's and the headers are a stranger's.
    pub headers_are_its_own: bool,
}

impl Peer {
    /// A peer on a connection without encryption, whose headers are its own.
    pub fn plain(address: ClientAddress) -> Self {
        Self {
            address,
            tls: false,
            headers_are_its_own: true,
        }
    }
}
