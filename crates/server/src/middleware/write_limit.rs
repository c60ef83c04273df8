//! How much somebody may change in an hour (wire contract, section 10).
//!
//! What a user or an app can make grow (records that ended, events of the trail) must not fill the
//! disk, so changes are bounded also where requests are not. What changes something is read from
//! the table of routes: rows that leave an event. It counts once it is done, and so does what its
//! client did not wait for; what was refused changed nothing. Counts are of this process alone, in
//! bounded memory.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use counterfoil_domain::rate_limit::{Counts, RateKey};
use http::StatusCode;

use crate::limiter::{Limited, Who};
use crate::state::ServerState;

/// One request that may change something. Several may be under way when the last change of an hour
/// is made, so there are at most as many more as somebody has requests at a time.
#[derive(Clone)]
pub(crate) struct WriteMeter(Arc<Metered>);

struct Metered {
    state: ServerState,
    /// Who asks, once they proved it.
    known: OnceLock<RateKey>,
    settled: AtomicBool,
}

impl WriteMeter {
    /// The meter of a request.
    pub(crate) fn new(state: ServerState) -> Self {
        Self(Arc::new(Metered {
            state,
            known: OnceLock::new(),
            settled: AtomicBool::new(false),
        }))
    }

    /// Lets whoever asks go on, or refuses those who changed as much as they may.
    pub(crate) fn admit(&self, who: Who<'_>) -> Result<(), Limited> {
        let key = match who {
            // Nobody changes anything without credentials.
            Who::Stranger => return Ok(()),
            Who::User(account) => RateKey::User(account),
            Who::App(app, _) => RateKey::App(app),
        };
        let metered = &*self.0;
        let Some(limiter) = metered.state.write_limiter() else {
            return Ok(());
        };
        let now = metered.state.authority().now();
        if limiter.book(key).lock().status(key, now).remaining() == 0 {
            return Err(Limited::TooFast);
        }
        metered.known.get_or_init(|| key);
        Ok(())
    }

    /// Ends the request, and counts it if it did what was asked.
    pub(crate) fn finish(&self, status: StatusCode) {
        let metered = &*self.0;
        if !metered.settled.swap(true, Ordering::Relaxed) && status.is_success() {
            metered.count();
        }
    }
}

impl Metered {
    fn count(&self) {
        if let (Some(key), Some(limiter)) = (self.known.get(), self.state.write_limiter()) {
            let now = self.state.authority().now();
            let mut book = limiter.book(*key).lock();
            if book.admit(*key, now).is_ok() {
                book.finish(*key, Counts::Yes, now);
            }
        }
    }
}

/// A client that goes away does not undo what it asked for.
impl Drop for Metered {
    fn drop(&mut self) {
        if !self.settled.swap(true, Ordering::Relaxed) {
            self.count();
        }
    }
}

impl fmt::Debug for WriteMeter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WriteMeter(…)")
    }
}
