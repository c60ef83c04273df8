//! Look-ups that are under way, so that many who ask for the same token at the same time cost one
//! read.
//!
//! Nobody joins a look-up that was begun before the last change that was heard of: what it finds
//! may be what was revoked in between, and whoever asks after a revocation was acknowledged must
//! not be told so.

use std::collections::HashMap;
use std::sync::Arc;

use counterfoil_domain::digest::SecretDigest;
use counterfoil_store::StoreError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use parking_lot::Mutex;

use crate::checks::entry::TokenEntry;
use crate::checks::recent::Moment;

/// What a look-up finds. Errors are shared among all who wait.
pub(super) type Found = Result<Option<Arc<TokenEntry>>, Arc<StoreError>>;
type Flight = Shared<BoxFuture<'static, Found>>;

#[derive(Default)]
pub(super) struct Flights(Mutex<HashMap<SecretDigest, (Moment, Flight)>>);

impl Flights {
    /// What is found for this digest: by the look-up that is under way if it was begun at this
    /// moment, or else by `look_up`.
    pub(super) async fn join_or_begin(
        &self,
        digest: SecretDigest,
        now: Moment,
        look_up: impl FnOnce() -> BoxFuture<'static, Found>,
    ) -> Found {
        let flight = {
            let mut flights = self.0.lock();
            match flights.get(&digest) {
                Some((begun, flight)) if *begun == now => flight.clone(),
                Some(_) | None => {
                    let flight = look_up().shared();
                    flights.insert(digest, (now, flight.clone()));
                    flight
                }
            }
        };
        let landing = Landing {
            flights: self,
            digest,
            flight: &flight,
        };
        let found = flight.clone().await;
        drop(landing);
        found
    }
}

/// Takes a look-up off the list when somebody who waited for it is done, or has gone away. Those
/// who still wait hold it.
struct Landing<'a> {
    flights: &'a Flights,
    digest: SecretDigest,
    flight: &'a Flight,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let mut flights = self.flights.0.lock();
        let is_this = flights
            .get(&self.digest)
            .is_some_and(|(_, flight)| flight.ptr_eq(self.flight));
        if is_this {
            flights.remove(&self.digest);
        }
    }
}
