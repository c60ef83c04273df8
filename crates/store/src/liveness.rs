//! By which clock and which rule the store judges whether a token lives.
//!
//! A caller says when it asked, and then waits for the writer, at worst for seconds. Whether
//! something lives is judged by the clock when its turn comes, so that nothing is changed, reset or
//! found in the way that had lapsed by then.

use std::sync::{Arc, OnceLock};

use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::TokenLife;

/// The clock that the store reads inside a transaction.
pub type StoreClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The rule and the clock, once they are known.
#[derive(Clone, Default)]
pub(crate) struct Liveness(Arc<OnceLock<(TokenLife, StoreClock)>>);

impl Liveness {
    /// How long tokens live.
    pub(crate) fn life(&self) -> TokenLife {
        self.0.get().map(|(life, _)| *life).unwrap_or_default()
    }

    /// Makes them known. Only the first call counts.
    pub(crate) fn set(&self, life: TokenLife, clock: StoreClock) {
        drop(self.0.set((life, clock)));
    }

    /// Now, or `asked` while there is no clock or the clock was set back.
    pub(crate) fn now(&self, asked: Timestamp) -> Timestamp {
        self.0.get().map_or(asked, |(_, clock)| clock().max(asked))
    }
}

impl std::fmt::Debug for Liveness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Liveness({:?})", self.life())
    }
}

/// The condition under which an authorization that has not ended is live: it has not expired by the
/// one parameter, and was made or seen after the other, [`crate::tx::Tx::idle_since`]. The first
/// argument stands before each column.
macro_rules! live_at {
    ($table:literal, $now:literal, $idle_since:literal) => {
        concat!(
            "(",
            $table,
            "expires_at IS NULL OR ",
            $table,
            "expires_at > ",
            $now,
            ") AND CASE WHEN ",
            $table,
            "last_used_at > ",
            $table,
            "created_at THEN ",
            $table,
            "last_used_at ELSE ",
            $table,
            "created_at END > ",
            $idle_since
        )
    };
}
pub(crate) use live_at;
