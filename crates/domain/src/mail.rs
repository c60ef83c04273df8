//! Mail that waits to be sent: kinds and bounds. Its words are made when it goes.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::link::LinkKind;
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// What a mail is about. Kinds and ids are all that is kept of it while it waits.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum MailKind {
        /// Somebody made an account for its recipient.
        Invitation = "invitation",
        /// An operator or administrator had a link for a new password made.
        Reset = "reset",
        /// Somebody who is not signed in asked for one, by a login or an address.
        ResetAsked = "reset_asked",
        /// Somebody wants to have the address that this goes to.
        Address = "address",
        /// The addresses of an account changed; it goes to one that was there before.
        AddressChanged = "address_changed",
        /// An administrator or operator gave the account another address; it goes to the one
        /// before.
        AddressSet = "address_set",
        /// A link by which a second factor can be turned on.
        Enrolment = "enrolment",
        /// The password of an account changed.
        PasswordChanged = "password_changed",
        /// One-time codes are asked for from here on.
        TwoFactorOn = "two_factor_on",
        /// One-time codes are asked for no more.
        TwoFactorOff = "two_factor_off",
        /// A recovery code was used.
        RecoveryCodeUsed = "recovery_code_used",
        /// Other recovery codes were made in the place of those that there were.
        RecoveryCodesReplaced = "recovery_codes_replaced",
        /// Somebody who knows the password gave wrong codes, and is locked out for a while.
        WrongCodes = "wrong_codes",
        /// So many codes were wrong that no one-time code is accepted any more.
        CodesExhausted = "codes_exhausted",
        /// The account has one more passkey.
        PasskeyAdded = "passkey_added",
        /// A passkey of the account ended.
        PasskeyRemoved = "passkey_removed",
        /// A passkey was given whose count of signatures did not grow: it may have been copied.
        PasskeyStalled = "passkey_stalled",
        /// A token got scopes that are for administrators.
        AdministratorScopes = "administrator_scopes",
        /// An administrator or operator gave the account another login.
        Renamed = "renamed",
        /// A refresh token of an app came again, and the app's access by it has ended.
        RefreshRepeated = "refresh_repeated",
        /// An operator gave an app of the user's to another owner.
        AppTransferred = "app_transferred",
        /// An administrator or operator suspended an app of the user's, or of an organization that
        /// the user owns.
        AppSuspended = "app_suspended",
        /// An administrator or operator lifted the suspension of such an app.
        AppUnsuspended = "app_unsuspended",
        /// An administrator or operator noted that everybody may know a secret of such an app.
        AppSecretPublished = "app_secret_published",
        /// An administrator or operator made such an app a resource server, or one no more.
        ResourceServerChanged = "resource_server_changed",
        /// An administrator made the user a member of an organization or a team, changed the user's
        /// role there, or took the user out.
        MembershipChanged = "membership_changed",
        /// An administrator deleted an organization that the user owned.
        OrganizationDeleted = "organization_deleted",
        /// The user became a site administrator, or is one no more.
        StandingChanged = "standing_changed",
        /// An administrator or operator suspended the user.
        Suspended = "suspended",
        /// An administrator or operator lifted the suspension.
        Unsuspended = "unsuspended",
        /// An administrator made a token that acts as the user.
        Impersonated = "impersonated",
        /// An operator revoked tokens of the user.
        TokensRevoked = "tokens_revoked",
        /// An operator lifted the locks on the user's sign-in.
        Unlocked = "unlocked",
        /// An administrator ended the user's sessions.
        SessionsEnded = "sessions_ended",
        /// An administrator or operator deleted the account; it goes to the address that it had.
        Deleted = "deleted",
    }
}

/// Which mail goes first when too much waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// It tells of something that happened.
    Notice,
    /// Somebody waits for it, or it can undo something.
    Security,
}

impl MailKind {
    /// The kind of link in it, if there is one in it.
    pub const fn link(self) -> Option<LinkKind> {
        match self {
            Self::Invitation => Some(LinkKind::Invitation),
            Self::Reset | Self::ResetAsked => Some(LinkKind::Reset),
            Self::Address => Some(LinkKind::Address),
            Self::AddressChanged => Some(LinkKind::AddressUndo),
            Self::Enrolment => Some(LinkKind::Enrolment),
            Self::PasswordChanged
            | Self::TwoFactorOn
            | Self::TwoFactorOff
            | Self::RecoveryCodeUsed
            | Self::RecoveryCodesReplaced
            | Self::AddressSet
            | Self::WrongCodes
            | Self::CodesExhausted
            | Self::PasskeyAdded
            | Self::PasskeyRemoved
            | Self::PasskeyStalled
            | Self::AdministratorScopes
            | Self::RefreshRepeated
            | Self::Renamed
            | Self::AppTransferred
            | Self::AppSuspended
            | Self::AppUnsuspended
            | Self::AppSecretPublished
            | Self::ResourceServerChanged
            | Self::MembershipChanged
            | Self::OrganizationDeleted
            | Self::StandingChanged
            | Self::Suspended
            | Self::Unsuspended
            | Self::Impersonated
            | Self::TokensRevoked
            | Self::Unlocked
            | Self::SessionsEnded
            | Self::Deleted => None,
        }
    }

    /// Whether it tells of what only administrators and operators do: another password of the
    /// recipient would not help against it.
    pub const fn tells_of_administrators(self) -> bool {
        matches!(
            self,
            Self::AddressSet
                | Self::Renamed
                | Self::AppTransferred
                | Self::AppSuspended
                | Self::AppUnsuspended
                | Self::AppSecretPublished
                | Self::ResourceServerChanged
                | Self::MembershipChanged
                | Self::OrganizationDeleted
                | Self::StandingChanged
                | Self::Suspended
                | Self::Unsuspended
                | Self::Impersonated
                | Self::TokensRevoked
                | Self::Unlocked
                | Self::SessionsEnded
                | Self::Deleted
        )
    }

    /// Whether it gives way when too much waits.
    pub const fn urgency(self) -> Urgency {
        match self.link() {
            Some(_) => Urgency::Security,
            None => Urgency::Notice,
        }
    }
}

/// What a mail says, beside the secret of its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailWords {
    /// What its kind says.
    OfKind(MailKind),
    /// Somebody else wanted to have the address that is its recipient's.
    AddressTaken,
}

words! {
    /// What became of a mail that waits no more.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum MailOutcome {
        /// A server took it.
        Sent = "sent",
        /// A server refused it for good, or none took it for days.
        GivenUp = "given_up",
        /// There was nobody, or no address, that it could go to.
        Nobody = "nobody",
        /// Its recipient, or who caused it, had as many as may be.
        TooMany = "too_many",
        /// Too much waited, and it was not urgent.
        Dropped = "dropped",
        /// The database was restored from a backup, and it had not gone before.
        Restored = "restored",
    }
}

/// What stays the same over all tries of one mail, so that whoever gets it twice can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryId(pub [u8; 16]);

impl DeliveryId {
    /// The one of a mail of this kind about this subject, from random bytes of the change that asks
    /// for it. They do not follow from it.
    pub fn of(random: &[u8; 16], kind: MailKind, subject: &[u8]) -> Self {
        let mut digest = Sha256::new();
        digest.update(b"delivery id");
        digest.update(random);
        digest.update(kind.as_str().as_bytes());
        digest.update([0]);
        digest.update(subject);
        let digest: [u8; 32] = digest.finalize().into();
        let mut id = [0; 16];
        id.copy_from_slice(&digest[..16]);
        Self(id)
    }

    /// 32 lower-case hexadecimal digits.
    pub fn to_hex(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }
}

/// How much mail there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailBounds {
    /// Mails to one address within an hour.
    pub per_recipient: u32,
    /// Links for a forgotten password to one account within an hour.
    pub resets_per_account: u32,
    /// The same by one network address, which is who causes them.
    pub resets_per_address: u32,
    /// Mails that wait at a time, over all recipients.
    pub waiting: u32,
}

impl MailBounds {
    /// What "within an hour" means.
    pub const WINDOW: Duration = Duration::from_hours(1);
}

impl Default for MailBounds {
    fn default() -> Self {
        Self {
            per_recipient: 20,
            resets_per_account: 3,
            resets_per_address: 10,
            waiting: 100_000,
        }
    }
}

/// The first pause after a mail that no server took.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause, which the doubled ones reach.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// How long after it was asked for a mail is given up.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(72);

/// When a mail that was asked for at `made_at` is tried again after so many tries that failed, the
/// last of them `now`; `None` when it is given up. `jitter` is random, and lengthens the pause by
/// up to a quarter, so that what failed together is not tried together.
pub fn next_try(made_at: Timestamp, tries: u32, now: Timestamp, jitter: u8) -> Option<Timestamp> {
    let doubled = tries.saturating_sub(1).min(16);
    let pause = (FIRST_PAUSE * 2_u32.pow(doubled)).min(LONGEST_PAUSE);
    let next = now.plus(pause + pause * u32::from(jitter) / 1_024);
    (next <= made_at.plus(GIVEN_UP_AFTER)).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_end_after_three_days() {
        let made_at = Timestamp::from_seconds(1_000_000);
        let mut now = made_at;
        let mut pauses = Vec::new();
        let mut tries = 1;
        while let Some(next) = next_try(made_at, tries, now, 0) {
            pauses.push(next.since(now).as_secs());
            now = next;
            tries += 1;
        }
        assert_eq!(
            pauses[..11],
            [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
        );
        assert!(pauses[11..].iter().all(|pause| *pause == 3600));
        let waited = now.since(made_at);
        assert!(waited <= GIVEN_UP_AFTER && waited + LONGEST_PAUSE > GIVEN_UP_AFTER);
    }

    #[test]
    fn jitter_lengthens_a_pause_by_a_quarter_at_most() {
        let now = Timestamp::from_seconds(0);
        let pause = |jitter| {
            next_try(now, 10, now, jitter)
                .expect("it is early")
                .since(now)
        };
        assert!(pause(255) > pause(0));
        assert!(pause(255) <= pause(0) * 5 / 4);
    }

    #[test]
    fn what_has_a_link_in_it_goes_before_notices() {
        assert_eq!(MailKind::ResetAsked.urgency(), Urgency::Security);
        assert_eq!(MailKind::AddressChanged.urgency(), Urgency::Security);
        assert_eq!(MailKind::PasswordChanged.urgency(), Urgency::Notice);
        assert!(Urgency::Security > Urgency::Notice);
    }
}
