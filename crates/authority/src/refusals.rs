//! Attempts refused during a lock: counted here, written to the audit trail once a minute for each login and address.

use std::collections::HashMap;

use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::RefusalCount;
use parking_lot::Mutex;

/// Pairs of login and address counted apart at a time; refusals beyond are counted together.
const MOST_PAIRS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Refusals(Mutex<State>);

#[derive(Default)]
struct State {
    counts: HashMap<(SignInSubject, String), RefusalCount>,
    beyond: u64,
    since: Option<Timestamp>,
}

impl Refusals {
    /// Counts one refused attempt.
    pub(crate) fn note(
        &self,
        subject: SignInSubject,
        account: Option<AccountId>,
        address: ClientAddress,
        now: Timestamp,
    ) {
        let mut state = self.0.lock();
        state.since.get_or_insert(now);
        let key = (subject, address.key());
        if let Some(count) = state.counts.get_mut(&key) {
            count.count += 1;
        } else if state.counts.len() < MOST_PAIRS {
            state.counts.insert(
                key,
                RefusalCount {
                    account,
                    address: Some(address),
                    count: 1,
                },
            );
        } else {
            state.beyond += 1;
        }
    }

    /// What was counted, once a minute has passed since the first of it, or at once when `closing`.
    pub(crate) fn take_due(&self, now: Timestamp, closing: bool) -> Vec<RefusalCount> {
        let mut state = self.0.lock();
        let due = state
            .since
            .is_some_and(|since| closing || now.since(since).as_secs() >= 60);
        if !due {
            return Vec::new();
        }
        let taken = std::mem::take(&mut *state);
        let beyond = (taken.beyond > 0).then_some(RefusalCount {
            account: None,
            address: None,
            count: taken.beyond,
        });
        taken.counts.into_values().chain(beyond).collect()
    }
}
