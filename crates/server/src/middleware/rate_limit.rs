//! Rate limits, where the installation sets them (wire contract, section 10).
//!
//! Who sends no credentials is counted by address before anything else is done. Who sends some is
//! counted once they proved to be right, as the user or app that they are; what was refused before
//! that counts for the address after all. What is answered 304 does not count, nor does asking how
//! one stands. Counts are of this process alone.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::rate_limit::{Counts, RateKey, RateRefused, RateStatus};
use http::StatusCode;

use crate::handler::Reply;
use crate::limiter::{Limited, RateBucket, Who};
use crate::state::ServerState;

/// One request's place among the counts.
#[derive(Clone)]
pub(crate) struct Meter(Arc<Metered>);

struct Metered {
    state: ServerState,
    address: ClientAddress,
    bucket: RateBucket,
    /// As whom it was counted; the first one counts.
    known: OnceLock<Known>,
    finished: AtomicBool,
}

#[derive(Clone, Copy)]
struct Known {
    key: RateKey,
    outcome: Outcome,
}

#[derive(Clone, Copy)]
enum Outcome {
    Admitted,
    Refused,
    /// The request is one that does not count.
    Free,
}

impl Meter {
    /// The meter of a request that came from this address.
    pub(crate) fn new(state: ServerState, address: ClientAddress, bucket: RateBucket) -> Self {
        Self(Arc::new(Metered {
            state,
            address,
            bucket,
            known: OnceLock::new(),
            finished: AtomicBool::new(false),
        }))
    }

    /// Counts the request as one of whoever asks, or says why it goes no further.
    pub(crate) fn admit(&self, who: Who<'_>) -> Result<(), Limited> {
        let metered = &*self.0;
        let (Some(limiter), None) = (metered.state.rate_limiter(), metered.known.get()) else {
            return Ok(());
        };
        let key = metered.key_of(who);
        let now = metered.state.authority().now();
        let (outcome, answer) = match metered.bucket {
            RateBucket::Free | RateBucket::Unlimited => (Outcome::Free, Ok(())),
            RateBucket::Core => match limiter.book(key).lock().admit(key, now) {
                Ok(_) => (Outcome::Admitted, Ok(())),
                Err(refused) => (Outcome::Refused, Err(metered.limited(refused, who))),
            },
        };
        // Extractors of one request run one after the other.
        metered.known.get_or_init(|| Known { key, outcome });
        answer
    }

    /// Counts what was answered before anybody was known for the address, which may have used up
    /// what it has.
    pub(crate) fn settle(&self, reply: &Reply) -> Result<(), Limited> {
        if self.0.known.get().is_some() {
            return Ok(());
        }
        let status = match reply {
            Reply::Problem(problem) => problem.problem.status(),
            // What extractors refuse.
            Reply::Response(response) => response.status(),
            Reply::Answer(answer) => answer.status,
            Reply::Ready(ready) => ready.status,
            Reply::Again(_) => return Ok(()),
        };
        // Who sends no credentials was counted before. With credentials that nobody looked at,
        // nobody is a stranger.
        if status == StatusCode::UNAUTHORIZED {
            self.admit(Who::Stranger)
        } else {
            Ok(())
        }
    }

    /// Ends the request, and says how the one who asked stands.
    pub(crate) fn finish(&self, status: StatusCode) -> Option<RateStatus> {
        let counts = if status == StatusCode::NOT_MODIFIED {
            Counts::No
        } else {
            Counts::Yes
        };
        self.0.finish(counts)
    }

    /// How the one who asks stands.
    pub(crate) fn stands(&self) -> Option<RateStatus> {
        let metered = &*self.0;
        let key = metered.known.get()?.key;
        let now = metered.state.authority().now();
        let book = metered.state.rate_limiter()?.book(key).lock();
        Some(book.status(key, now))
    }
}

impl Metered {
    fn key_of(&self, who: Who<'_>) -> RateKey {
        match who {
            Who::Stranger => RateKey::of_address(self.address),
            Who::User(account) => RateKey::User(account),
            Who::App(app, _) => RateKey::App(app),
        }
    }

    fn limited(&self, refused: RateRefused, who: Who<'_>) -> Limited {
        match (refused, who) {
            (RateRefused::Secondary(_), _) => Limited::TooFast,
            (RateRefused::Primary(_), Who::Stranger) => Limited::Address(self.address),
            (RateRefused::Primary(_), Who::User(account)) => Limited::User(account),
            (RateRefused::Primary(_), Who::App(_, client_id)) => Limited::App(client_id.clone()),
        }
    }

    fn finish(&self, counts: Counts) -> Option<RateStatus> {
        let known = self.known.get()?;
        let limiter = self.state.rate_limiter()?;
        let now = self.state.authority().now();
        let mut book = limiter.book(known.key).lock();
        let is_first = !self.finished.swap(true, Ordering::Relaxed);
        Some(match known.outcome {
            Outcome::Admitted if is_first => book.finish(known.key, counts, now),
            Outcome::Admitted | Outcome::Refused | Outcome::Free => book.status(known.key, now),
        })
    }
}

/// A client that went away leaves no request running.
impl Drop for Metered {
    fn drop(&mut self) {
        self.finish(Counts::Yes);
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter(…)")
    }
}
