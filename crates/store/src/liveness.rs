//! By which clock and which rule the store judges whether a token lives.
//!
//! A caller says when it asked, and then waits for the writer, at worst for seconds. Whether
//! something lives is judged by the clock when its turn comes, so that nothing is changed, reset or
//! found in the way that had lapsed by then.

use std::sync::{Arc, OnceLock};

use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::TokenLife;

use crate::engine::Store;
use crate::tx::Tx;

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

    /// Now, or `asked` while there is no clock or the clock was set back.
    fn now(&self, asked: Timestamp) -> Timestamp {
        self.0.get().map_or(asked, |(_, clock)| clock().max(asked))
    }
}

impl std::fmt::Debug for Liveness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Liveness({:?})", self.life())
    }
}

impl Store {
    /// Has tokens judged by this rule and this clock from now on. Only the first call counts.
    /// Before it, and in a store that nobody told, tokens live until they expire, as of the time
    /// that each caller says.
    pub fn judge_by(&self, life: TokenLife, clock: StoreClock) {
        // One installation has one rule: whoever opens a second set of use cases over a store
        // brings the same.
        drop(self.context().liveness.0.set((life, clock)));
    }
}

impl Tx {
    /// A token whose last sign of life is not after this is idle at `now`.
    pub(crate) fn idle_since(&self, now: Timestamp) -> Timestamp {
        self.liveness().life().idle_since(now)
    }

    /// Who asks, as of the moment at which their turn came.
    pub(crate) fn renewed(&self, by: Attribution) -> Attribution {
        Attribution {
            at: self.now(by.at),
            ..by
        }
    }

    /// Now, for somebody who asked a while ago.
    pub(crate) fn now(&self, asked: Timestamp) -> Timestamp {
        self.liveness().now(asked)
    }
}

/// The condition under which an authorization that has not ended is live: it has not expired by the
/// one parameter, and was made or seen after the other, [`Tx::idle_since`]. The first argument
/// stands before each column.
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
