//! When sign-ins are refused because too many went wrong before.
//!
//! Failures are counted for known and unknown logins alike and expire by time only: no success
//! clears them. Three bounds hold: per text that was typed and address, per address over all of
//! them, and per login over all addresses, after which addresses that the login did not sign in
//! from lately are slowed down, and in the end refused. The numbers are settings.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// Under what failures are counted: a keyed digest of the text that was typed as a login (see
/// [`fold_typed`]), so that the store never holds what somebody typed into the wrong field. A login
/// and an e-mail address of one user are two subjects: a lock does not tell that they belong
/// together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SignInSubject(pub [u8; 32]);

/// The form in which a text that was typed as a login is compared, whether there is such a user or
/// not: what has an `@` as e-mail addresses are, by its lower case; everything else as logins are,
/// by the lower case of its ASCII letters alone.
///
/// ```
/// use counterfoil_domain::sign_in::fold_typed;
///
/// assert_eq!(fold_typed("Mona"), "mona");
/// assert_eq!(fold_typed("Mona@Example.org"), "mona@example.org");
/// // The Kelvin sign is no letter k: a login never has one.
/// assert_eq!(fold_typed("\u{212a}ate"), "\u{212a}ate");
/// ```
pub fn fold_typed(typed: &str) -> String {
    if typed.contains('@') {
        typed.to_lowercase()
    } else {
        typed.to_ascii_lowercase()
    }
}

/// What went wrong in a sign-in that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The login or the password.
    Password,
    /// The one-time code after a right password.
    Code,
    /// Nothing but that the user is suspended: counted for the address alone, since it was no
    /// guess.
    Suspended,
    /// A passkey that came without a password: counted for the address alone, since nobody can
    /// guess one, and so nobody is to lock its owner out by wrong ones.
    Passkey,
}

impl FailureKind {
    /// The word the store and the audit trail use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Code => "code",
            Self::Suspended => "suspended",
            Self::Passkey => "passkey",
        }
    }
}

/// How many sign-ins may fail, and what happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockoutPolicy {
    /// Failures of one typed text from one address within `window` that lock the pair.
    pub per_login_and_address: u32,
    /// Failures of one address over all logins within `window` that lock the address.
    pub per_address: u32,
    /// Failures of one login over all addresses within `login_window`, after which unknown
    /// addresses are slowed down.
    pub per_login: u32,
    /// How long an address that is slowed down waits after each failure.
    pub slow_wait: Duration,
    /// Failures of one login over all addresses within `login_window`, after which unknown
    /// addresses are refused.
    pub per_login_slowed: u32,
    /// How far back the first two counts look.
    pub window: Duration,
    /// How far back the counts of a login look.
    pub login_window: Duration,
    /// How long a lock lasts at first.
    pub lock: Duration,
    /// How long it can last after doubling.
    pub longest_lock: Duration,
    /// For how long an address that signed in counts as known.
    pub known_address: Duration,
    /// Wrong one-time codes of one account since its last right one, over all addresses and all
    /// time, after which no one-time code is right until a recovery code or an administrator helps.
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
            slow_wait: Duration::from_mins(1),
            per_login_slowed: 600,
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
pub struct LockoutState {
    /// Until when this typed text is locked for this address.
    pub pair_locked_until: Option<Timestamp>,
    /// Failures of the address within the window.
    pub address_failures: u32,
    /// Failures of the login within its window, whatever of its names was typed.
    pub login_failures: u32,
    /// When this login last failed from this address, if that was within the time for which such an
    /// address is slowed down.
    pub login_failed_here_at: Option<Timestamp>,
    /// When this login last signed in from this address.
    pub login_signed_in_here_at: Option<Timestamp>,
    /// When anybody last signed in from this address.
    pub anybody_signed_in_here_at: Option<Timestamp>,
}

/// Whether a sign-in may be tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockoutDecision {
    /// It may be tried: the password decides.
    Open,
    /// It may not, whatever the password.
    Closed(LockedFor),
}

/// For whom sign-in is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockedFor {
    /// For this typed text at this address.
    Pair,
    /// For the address, whatever is typed.
    Address,
    /// For this login at addresses that it did not sign in from lately.
    Login,
}

impl LockoutPolicy {
    /// Decides before any costly work is done.
    pub fn decide(&self, state: &LockoutState, now: Timestamp) -> LockoutDecision {
        if state.pair_locked_until.is_some_and(|until| until > now) {
            return LockoutDecision::Closed(LockedFor::Pair);
        }
        if state.address_failures >= self.per_address {
            return LockoutDecision::Closed(LockedFor::Address);
        }
        let known = self.is_lately(state.login_signed_in_here_at, now);
        if !known && self.is_too_soon_or_too_much(state, now) {
            return LockoutDecision::Closed(LockedFor::Login);
        }
        LockoutDecision::Open
    }

    /// Whether a login that fails as often may not be tried at present from an address that it is
    /// not known at.
    fn is_too_soon_or_too_much(&self, state: &LockoutState, now: Timestamp) -> bool {
        let too_soon = state
            .login_failed_here_at
            .is_some_and(|at| at.plus(self.slow_wait) > now);
        state.login_failures >= self.per_login_slowed
            || (self.is_attacked(state.login_failures) && too_soon)
    }

    /// Whether a login with so many failures is under attack.
    pub fn is_attacked(&self, login_failures: u32) -> bool {
        login_failures >= self.per_login
    }

    /// Whether anybody signed in from the address lately: such addresses have places of their own
    /// in the queue.
    pub fn is_known_address(&self, state: &LockoutState, now: Timestamp) -> bool {
        self.is_lately(state.anybody_signed_in_here_at, now)
    }

    fn is_lately(&self, signed_in_at: Option<Timestamp>, now: Timestamp) -> bool {
        signed_in_at.is_some_and(|at| at.plus(self.known_address) > now)
    }

    /// The lock that a failure leads to, given how many the pair has had within the window, this
    /// one included, and the longest lock that wrong codes have led to lately: the next one after a
    /// wrong code is twice as long.
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
            (FailureKind::Suspended | FailureKind::Passkey, _) => return None,
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

    const MINUTE: Duration = Duration::from_mins(1);

    fn attacked(failures: u32) -> LockoutState {
        LockoutState {
            login_failures: failures,
            ..LockoutState::default()
        }
    }

    #[test]
    fn a_login_under_attack_is_served_at_once_where_it_signed_in_lately() {
        let policy = LockoutPolicy::default();
        for failures in [100, 600, 100_000] {
            let at = |days: u64| LockoutState {
                login_failed_here_at: Some(NOW),
                login_signed_in_here_at: Some(NOW.minus(Duration::from_hours(days * 24))),
                ..attacked(failures)
            };
            assert_eq!(policy.decide(&at(29), NOW), LockoutDecision::Open);
            assert_eq!(
                policy.decide(&at(31), NOW),
                LockoutDecision::Closed(LockedFor::Login)
            );
        }
    }

    #[test]
    fn a_login_under_attack_is_tried_once_a_minute_from_each_unknown_address() {
        let policy = LockoutPolicy::default();
        let failed_before = |failures, ago| LockoutState {
            login_failed_here_at: Some(NOW.minus(ago)),
            ..attacked(failures)
        };
        assert_eq!(policy.decide(&attacked(599), NOW), LockoutDecision::Open);
        let soon = Duration::from_micros(59_999_999);
        for (failures, ago, decision) in [
            (99, Duration::ZERO, LockoutDecision::Open),
            (100, soon, LockoutDecision::Closed(LockedFor::Login)),
            (100, MINUTE, LockoutDecision::Open),
            (599, MINUTE, LockoutDecision::Open),
            (600, MINUTE, LockoutDecision::Closed(LockedFor::Login)),
        ] {
            assert_eq!(
                policy.decide(&failed_before(failures, ago), NOW),
                decision,
                "{failures}"
            );
        }
        assert_eq!(
            policy.decide(&attacked(600), NOW),
            LockoutDecision::Closed(LockedFor::Login)
        );
    }

    #[test]
    fn that_somebody_else_signed_in_from_an_address_unlocks_nothing() {
        let policy = LockoutPolicy::default();
        let state = LockoutState {
            anybody_signed_in_here_at: Some(NOW),
            ..attacked(600)
        };
        assert_eq!(
            policy.decide(&state, NOW),
            LockoutDecision::Closed(LockedFor::Login)
        );
        assert!(policy.is_known_address(&state, NOW));
    }
}
