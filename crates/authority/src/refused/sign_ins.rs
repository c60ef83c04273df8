//! Attempts refused without a look at the password: counted here, written to the audit trail once a
//! minute.
//!
//! What is counted apart must have cost whoever causes it something. A lock is for a login at an
//! address, which took as many failures there; so these are told with both. An invented login costs
//! nothing: all of one address are one count, and so is everything from an address that is refused
//! as a whole. Where a login is under attack, each of any number of addresses is refused before it
//! has paid anything: these are told by the login alone.

use std::collections::HashMap;

use counterfoil_domain::audit::{Action, Subject};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::sign_in::LockedFor;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::CountedRequests;
use parking_lot::Mutex;

/// Counts apart at a time; refusals beyond are counted together.
const MOST_COUNTS: usize = 1_000;

/// Whose sign-in was refused, and from where, as far as it is told.
type Told = (Option<AccountId>, Option<ClientAddress>);

/// What is counted together when there is nothing to tell apart, or no room for it.
const ANYBODY: Told = (None, None);

#[derive(Default)]
pub(crate) struct Refusals(Mutex<State>);

#[derive(Default)]
struct State {
    counts: HashMap<Told, u64>,
    since: Option<Timestamp>,
}

impl Refusals {
    /// Counts one refused attempt.
    pub(crate) fn note(
        &self,
        closed: LockedFor,
        account: Option<AccountId>,
        address: ClientAddress,
        now: Timestamp,
    ) {
        let address = Some(address.counted_as());
        let told = match closed {
            LockedFor::Pair => (account, address),
            LockedFor::Address => (None, address),
            LockedFor::Login => (account, None),
        };
        self.0.lock().add(told, 1, now);
    }

    /// What was counted, once a minute has passed since the first of it, or at once when `closing`.
    pub(crate) fn take_due(&self, now: Timestamp, closing: bool) -> Vec<CountedRequests> {
        let mut state = self.0.lock();
        let due = state
            .since
            .is_some_and(|since| closing || now.since(since).as_secs() >= 60);
        if !due {
            return Vec::new();
        }
        let taken = std::mem::take(&mut *state);
        let counts = taken.counts.into_iter();
        counts
            .map(|((account, address), count)| CountedRequests {
                action: Action::SignInRefused,
                subject: Subject {
                    account,
                    ..Subject::default()
                },
                address,
                count,
            })
            .collect()
    }

    /// Takes back what could not be written.
    pub(crate) fn put_back(&self, refusals: Vec<CountedRequests>, now: Timestamp) {
        let mut state = self.0.lock();
        for refusal in refusals {
            let told = (refusal.subject.account, refusal.address);
            state.add(told, refusal.count, now);
        }
    }
}

impl State {
    fn add(&mut self, told: Told, count: u64, now: Timestamp) {
        self.since.get_or_insert(now);
        let has_room = self.counts.len() < MOST_COUNTS || self.counts.contains_key(&told);
        *self
            .counts
            .entry(if has_room { told } else { ANYBODY })
            .or_default() += count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);
    const MONA: Option<AccountId> = Some(AccountId(7));

    fn address(number: u32) -> ClientAddress {
        ClientAddress::from(std::net::IpAddr::from(number.to_be_bytes()))
    }

    fn told(refusals: &Refusals) -> Vec<(Option<i64>, Option<String>, u64)> {
        let mut told: Vec<_> = refusals
            .take_due(NOW, true)
            .into_iter()
            .map(|refusal| {
                let address = refusal.address.map(|address| address.to_string());
                let account = refusal.subject.account.map(|id| id.0);
                (account, address, refusal.count)
            })
            .collect();
        told.sort();
        told
    }

    #[test]
    fn what_costs_nothing_to_vary_makes_no_more_counts() {
        let refusals = Refusals::default();
        let here = "2001:db8::1".parse().unwrap();
        for _ in 0..5 {
            // Many invented logins, and many addresses of one /64.
            refusals.note(LockedFor::Pair, None, here, NOW);
            refusals.note(
                LockedFor::Address,
                MONA,
                "2001:db8::2".parse().unwrap(),
                NOW,
            );
            refusals.note(LockedFor::Pair, MONA, here, NOW);
        }
        for number in 0..5 {
            refusals.note(LockedFor::Login, MONA, address(number), NOW);
            refusals.note(LockedFor::Login, None, address(number), NOW);
        }
        let network = Some("2001:db8::".to_owned());
        let expected = [
            (None, None, 5),
            (None, network.clone(), 10),
            (Some(7), None, 5),
            (Some(7), network, 5),
        ];
        assert_eq!(told(&refusals), expected);
    }

    #[test]
    fn beyond_a_bound_everything_is_one_count() {
        let refusals = Refusals::default();
        for number in 0..5_000 {
            refusals.note(LockedFor::Address, None, address(number), NOW);
        }
        let told = told(&refusals);
        assert_eq!(told.len(), MOST_COUNTS + 1);
        assert_eq!(told[0], (None, None, 4_000));
    }

    #[test]
    fn what_could_not_be_written_is_counted_on() {
        let refusals = Refusals::default();
        refusals.note(LockedFor::Address, None, address(1), NOW);
        let due = refusals.take_due(NOW, true);
        refusals.put_back(due, NOW);
        refusals.note(LockedFor::Address, None, address(1), NOW);
        assert_eq!(told(&refusals), [(None, Some("0.0.0.1".to_owned()), 2)]);
    }
}
