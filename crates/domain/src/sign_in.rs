//! When sign-ins are refused because too many went wrong before.
//!
//! Failures are counted for known and unknown logins alike and expire by time only: no success clears them. Three bounds
//! hold: per login and address, per address over all logins, and per login over all addresses, after which only addresses
//! that signed in lately are served. The numbers are settings.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// Under what failures are counted: a keyed digest of the account, or of the login that was typed when there is no such
/// account, so that the store never holds what somebody typed into the wrong field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignInSubject(pub [u8; 32]);

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The login or the password.
    Password,
    /// The one-time code after a right password.
    Code,
}

impl FailureKind {
    /// The word the store and the audit trail use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
        }
    }
}

/// The bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// Failures of one login from one address within `window` that lock the pair.
    pub per_login_and_address: u32,
    /// Failures of one address over all logins within `window` that lock the address.
    pub per_address: u32,
    /// Failures of one login over all addresses within `login_window`, after which only known addresses are served.
    pub per_login: u32,
    /// How far back the first two counts look.
    pub window: Duration,
    /// How far back the third count looks.
    pub login_window: Duration,
    /// How long a lock lasts at first.
    pub lock: Duration,
    /// How long it can last after doubling.
    pub longest_lock: Duration,
    /// For how long an address that signed in counts as known.
    pub known_address: Duration,
    /// Wrong one-time codes of one account since its last right one, over all addresses and all time, after which no one-time
    /// code is right until a recovery code or an administrator helps.
    pub wrong_codes: u32,
    /// How often in a minute a login is asked for a missing code from one address.
    pub code_questions: u32,
}

impl Default for LockoutPolicy {
    fn default() -> Self {
        Self {
            per_login_and_address: 10,
            per_address: 50,
            per_login: 100,
            window: Duration::from_mins(10),
            login_window: Duration::from_hours(1),
            lock: Duration::from_mins(10),
            longest_lock: Duration::from_hours(24),
            known_address: Duration::from_hours(30 * 24),
            wrong_codes: 100,
            code_questions: 30,
        }
    }
}

/// What the store knows about earlier failures, read before a password is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateFacts {
    /// Until when this login is locked for this address.
    pub pair_locked_until: Option<Timestamp>,
    /// Failures of the address within the window.
    pub address_failures: u32,
    /// Failures of the login within its window.
    pub login_failures: u32,
    /// When this login last signed in from this address.
    pub address_last_signed_in: Option<Timestamp>,
}

/// Whether a sign-in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Open,
    /// It may not, and trying again makes sense only after this long.
    Closed {
        /// How long to wait.
        retry_after: Duration,
    },
}

impl LockoutPolicy {
    /// Decides before any costly work is done.
    pub fn gate(&self, facts: &GateFacts, now: Timestamp) -> Gate {
        if let Some(until) = facts.pair_locked_until.filter(|until| *until > now) {
            return Gate::Closed {
                retry_after: until.since(now),
            };
        }
        if facts.address_failures >= self.per_address {
            return Gate::Closed {
                retry_after: self.window,
            };
        }
        if facts.login_failures >= self.per_login && !self.knows_address(facts, now) {
            return Gate::Closed {
                retry_after: self.login_window,
            };
        }
        Gate::Open
    }

    /// Whether the login signed in from the address lately.
    pub fn knows_address(&self, facts: &GateFacts, now: Timestamp) -> bool {
        facts
            .address_last_signed_in
            .is_some_and(|at| at.plus(self.known_address) > now)
    }

    /// The lock that a failure leads to, given how many the pair has had within the window, this one included, and the
    /// longest lock that wrong codes have led to lately: the next one after a wrong code is twice as long.
    pub fn lock_after(
        &self,
        kind: FailureKind,
        pair_failures: u32,
        longest_code_lock: Option<Duration>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if pair_failures < self.per_login_and_address {
            return None;
        }
        let lock = match (kind, longest_code_lock) {
            (FailureKind::Code, Some(longest)) => longest.saturating_mul(2).max(self.lock),
            (FailureKind::Code, None) | (FailureKind::Password, _) => self.lock,
        };
        Some(now.plus(lock.min(self.longest_lock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

    #[test]
    fn wrong_codes_double_the_lock_up_to_a_day() {
        let policy = LockoutPolicy::default();
        let mut minutes = Vec::new();
        let mut longest = None;
        for _ in 0..10 {
            let until = policy.lock_after(FailureKind::Code, 10, longest, NOW);
            let lock = until.unwrap().since(NOW);
            minutes.push(lock.as_secs() / 60);
            longest = Some(lock);
        }
        assert_eq!(minutes, [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440]);
    }

    #[test]
    fn wrong_passwords_lock_for_the_same_time_each_time() {
        let policy = LockoutPolicy::default();
        let longest = Some(Duration::from_hours(5));
        let after = |failures| policy.lock_after(FailureKind::Password, failures, longest, NOW);
        assert_eq!(after(9), None);
        assert_eq!(after(10), Some(NOW.plus(policy.lock)));
    }

    #[test]
    fn a_login_under_attack_is_served_from_addresses_it_signed_in_from_lately() {
        let policy = LockoutPolicy::default();
        let attacked = GateFacts {
            login_failures: 100,
            ..GateFacts::default()
        };
        assert!(matches!(policy.gate(&attacked, NOW), Gate::Closed { .. }));
        let known = GateFacts {
            address_last_signed_in: Some(NOW.minus(Duration::from_hours(29 * 24))),
            ..attacked
        };
        assert_eq!(policy.gate(&known, NOW), Gate::Open);
        let long_ago = GateFacts {
            address_last_signed_in: Some(NOW.minus(Duration::from_hours(31 * 24))),
            ..attacked
        };
        assert!(matches!(policy.gate(&long_ago, NOW), Gate::Closed { .. }));
    }
}
