//! What a connection does at present.

use tokio::time::Instant;

/// What a connection does, as far as it matters to others who want its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionState {
    /// Nothing is asked, since then.
    Idle(Instant),
    /// Everything is answered, and the client leaves it unread since then.
    Unread(Instant),
    /// A request arrives or is worked on.
    Busy,
}
