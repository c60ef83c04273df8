//! What was counted of tokens and the database, and how far the count under way has come.

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::TokenCounts;
use parking_lot::Mutex;

/// What was counted, and when the count came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Live tokens by kind.
    pub tokens: TokenCounts,
    /// How much room the database takes.
    pub database_bytes: u64,
    /// When.
    pub at: Timestamp,
}

/// The count under way, and the last whole one.
#[derive(Debug, Default)]
pub(crate) struct TakingInventory {
    pub(super) under_way: Mutex<UnderWay>,
    pub(super) last: Mutex<Option<Inventory>>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UnderWay {
    pub(super) after: Option<AuthorizationId>,
    pub(super) tokens: TokenCounts,
    pub(super) pieces: u32,
}
