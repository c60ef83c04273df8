//! Whether somebody must have a second factor, and from when on.
//!
//! This is the one place that decides it, for passwords at the API, for pages and for tokens. It
//! asks what the settings require, since when the installation requires it, and what the account
//! is. All three are the same on every node, so the answer is too.

use std::time::Duration;

use crate::account::{Account, NoSuchUser, TwoFactor};
use crate::scope::Standing;
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// Of whom a second factor is required.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub enum RequiredOf {
        /// Of nobody: each user decides.
        #[default]
        Nobody = "nobody",
        /// Of site administrators alone.
        Administrators = "administrators",
        /// Of every user of the installation.
        Everyone = "everyone",
    }
}

/// What the settings require.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactorPolicy {
    /// Of whom a second factor is required.
    pub required_of: RequiredOf,
    /// How long somebody may do without, from when it is first required of them.
    pub grace: Duration,
    /// Whether the tokens of who did without for longer end.
    pub ends_tokens: bool,
}

impl Default for SecondFactorPolicy {
    fn default() -> Self {
        Self {
            required_of: RequiredOf::Nobody,
            grace: Duration::from_hours(14 * 24),
            ends_tokens: false,
        }
    }
}

/// Since when this installation requires a second factor, of whom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequiredSince {
    /// Of site administrators. What is required of everyone is required of them too.
    pub administrators: Option<Timestamp>,
    /// Of everyone, administrators or not.
    pub everyone: Option<Timestamp>,
}

/// Whether a user may be left without a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastFactor {
    /// The last one may go.
    MayGo,
    /// One is required, so that the last one stays.
    MustStay,
}

/// Why one-time codes were not turned off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DisableRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// A second factor is required of the user, and this is the last one.
    #[error("a second factor is required, and this is the last one")]
    Required,
}

/// How an account stands to what is required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactor {
    /// It has one, whether that is required or not.
    There,
    /// It has none, and none is required.
    Optional,
    /// It has none, and must have one at this time.
    DueAt(Timestamp),
    /// It should have had one at this time.
    OverdueSince(Timestamp),
}

impl SecondFactor {
    /// Whether the password alone opens nothing any more.
    pub fn is_overdue(self) -> bool {
        matches!(self, Self::OverdueSince(_))
    }
}

impl SecondFactorPolicy {
    /// Whether a second factor is required of an account.
    pub fn is_required_of(&self, account: &Account) -> bool {
        match self.required_of {
            RequiredOf::Nobody => false,
            RequiredOf::Administrators => account.standing == Standing::SiteAdministrator,
            RequiredOf::Everyone => true,
        }
    }

    /// Whether an account may be left without a second factor.
    pub fn last_factor_of(&self, account: &Account) -> LastFactor {
        if self.is_required_of(account) {
            LastFactor::MustStay
        } else {
            LastFactor::MayGo
        }
    }

    /// How an account stands at `now`. Its grace begins when a second factor is first required of
    /// it: with the requirement, with the account, or with its rights as an administrator. Turning
    /// the factor off begins no new one.
    pub fn judge(&self, account: &Account, since: &RequiredSince, now: Timestamp) -> SecondFactor {
        match account.two_factor {
            TwoFactor::On => return SecondFactor::There,
            TwoFactor::Off => {}
        }
        if !self.is_required_of(account) {
            return SecondFactor::Optional;
        }
        // What no process has written down yet is required from now on.
        let as_anybody = since.everyone.unwrap_or(now);
        let as_administrator = {
            let rights = account.administrator_since.unwrap_or(account.created_at);
            since.administrators.unwrap_or(now).max(rights)
        };
        let began = match (self.required_of, account.standing) {
            (RequiredOf::Everyone, Standing::Ordinary) => as_anybody,
            (RequiredOf::Everyone, Standing::SiteAdministrator) => as_anybody.min(as_administrator),
            (RequiredOf::Administrators | RequiredOf::Nobody, _) => as_administrator,
        };
        let due = began.max(account.created_at).plus(self.grace);
        if now < due {
            SecondFactor::DueAt(due)
        } else {
            SecondFactor::OverdueSince(due)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::AccountId;
    use crate::login::Login;
    use crate::scope::AdministratorEpoch;

    const DAY: Duration = Duration::from_hours(24);

    fn day(number: u32) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000).plus(DAY * number)
    }

    fn account(standing: Standing, created: u32) -> Account {
        Account {
            id: AccountId(1),
            login: Login::parse("mona").expect("a login"),
            name: None,
            email: None,
            standing,
            administrator_epoch: AdministratorEpoch(1),
            administrator_since: None,
            two_factor: TwoFactor::Off,
            suspended_at: None,
            created_at: day(created),
            updated_at: day(created),
            profile_updated_at: day(created),
            suspension_changed_at: None,
            credential_version: 1,
        }
    }

    fn policy(required_of: RequiredOf) -> SecondFactorPolicy {
        SecondFactorPolicy {
            required_of,
            grace: DAY * 14,
            ends_tokens: false,
        }
    }

    fn since(administrators: u32, everyone: Option<u32>) -> RequiredSince {
        RequiredSince {
            administrators: Some(day(administrators)),
            everyone: everyone.map(day),
        }
    }

    #[test]
    fn who_has_one_or_of_whom_none_is_required_is_left_alone() {
        let mut mona = account(Standing::Ordinary, 0);
        let all = since(0, Some(0));
        for (required_of, expected) in [
            (RequiredOf::Nobody, SecondFactor::Optional),
            (RequiredOf::Administrators, SecondFactor::Optional),
            (RequiredOf::Everyone, SecondFactor::OverdueSince(day(14))),
        ] {
            let judged = policy(required_of).judge(&mona, &all, day(100));
            assert_eq!(judged, expected);
        }
        mona.two_factor = TwoFactor::On;
        let judged = policy(RequiredOf::Everyone).judge(&mona, &all, day(100));
        assert_eq!(judged, SecondFactor::There);
    }

    #[test]
    fn the_grace_ends_at_its_last_moment() {
        let mona = account(Standing::Ordinary, 0);
        let judge = |now| policy(RequiredOf::Everyone).judge(&mona, &since(0, Some(3)), now);
        let end = day(17);
        let before = end.minus(Duration::from_micros(1));
        assert_eq!(judge(before), SecondFactor::DueAt(end));
        assert_eq!(judge(end), SecondFactor::OverdueSince(end));
    }

    #[test]
    fn an_account_that_is_made_later_has_its_own_grace() {
        let mona = account(Standing::Ordinary, 50);
        let judged = policy(RequiredOf::Everyone).judge(&mona, &since(0, Some(0)), day(51));
        assert_eq!(judged, SecondFactor::DueAt(day(64)));
    }

    #[test]
    fn a_new_administrator_has_a_grace_unless_it_was_required_before() {
        let mut mona = account(Standing::SiteAdministrator, 0);
        mona.administrator_since = Some(day(30));
        let judge =
            |required_of, everyone| policy(required_of).judge(&mona, &since(0, everyone), day(31));
        let of_administrators = judge(RequiredOf::Administrators, None);
        assert_eq!(of_administrators, SecondFactor::DueAt(day(44)));
        // Promotion gives nobody another fortnight who had theirs as a user.
        let of_everyone = judge(RequiredOf::Everyone, Some(5));
        assert_eq!(of_everyone, SecondFactor::OverdueSince(day(19)));
    }

    #[test]
    fn what_was_required_of_administrators_goes_on_when_it_is_of_everyone() {
        let admin = account(Standing::SiteAdministrator, 0);
        let judged = policy(RequiredOf::Everyone).judge(&admin, &since(0, Some(30)), day(31));
        assert_eq!(judged, SecondFactor::OverdueSince(day(14)));
    }

    #[test]
    fn a_requirement_that_nobody_wrote_down_yet_begins_now() {
        let mona = account(Standing::Ordinary, 0);
        let nothing = RequiredSince::default();
        let judged = policy(RequiredOf::Everyone).judge(&mona, &nothing, day(5));
        assert_eq!(judged, SecondFactor::DueAt(day(19)));
    }
}
