//! Accounts of users. Organizations are accounts too, of the same space of names; see
//! [`crate::organization`].

use std::convert::Infallible;

use crate::email::EmailAddress;
use crate::id::AccountId;
use crate::login::Login;
use crate::password::PasswordHash;
use crate::scope::{AdministratorEpoch, Standing};
use crate::text::DisplayName;
use crate::timestamp::Timestamp;

/// A user as the store holds one: everything but the hash of the password and the seed of the
/// second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// From the number space that users and organizations share; never used again.
    pub id: AccountId,
    /// Its login, as it was made.
    pub login: Login,
    /// What the user is called.
    pub name: Option<DisplayName>,
    /// The verified primary e-mail address. An unverified one never stands here.
    pub email: Option<EmailAddress>,
    /// Whether the user administers the installation.
    pub standing: Standing,
    /// How often the user was made one.
    pub administrator_epoch: AdministratorEpoch,
    /// Since when they are one, where that was written down; older than their account where it was
    /// not.
    pub administrator_since: Option<Timestamp>,
    /// Whether the user has a second factor.
    pub two_factor: TwoFactor,
    /// Since when the account is suspended, if it is.
    pub suspended_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed; never before `created_at`.
    pub updated_at: Timestamp,
    /// When what everybody sees of the person last changed: login, name, administrator or not.
    /// Neither the password nor the second factor, the e-mail address or a suspension moves it, so
    /// that nobody watches those.
    pub profile_updated_at: Timestamp,
    /// When it was last suspended, or a suspension lifted.
    pub suspension_changed_at: Option<Timestamp>,
    /// Counts up with every change of password, second factor, standing, e-mail address or
    /// suspension: what was remembered under another version no longer counts.
    pub credential_version: i64,
}

/// What tells one account, a user's or an organization's, from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountRef {
    /// Its login, whatever its capitals.
    Login(Login),
    /// The number that no other one ever has.
    Id(AccountId),
}

impl Account {
    /// Whether the account may do nothing at present.
    pub fn is_suspended(&self) -> bool {
        self.suspended_at.is_some()
    }

    /// When anything last changed that everybody sees: the profile, or whether it is suspended.
    pub fn shown_changed_at(&self) -> Timestamp {
        let suspension = self.suspension_changed_at.max(self.suspended_at);
        suspension.map_or(self.profile_updated_at, |changed| {
            self.profile_updated_at.max(changed)
        })
    }
}

/// Whether a user has a second factor: one-time codes, or a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwoFactor {
    /// The password alone signs in; a code that comes with it is passed over.
    Off,
    /// A code or a passkey as well. Who has passkeys alone has no other codes than recovery codes.
    On,
}

/// An account with what is needed to verify its password.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account, as it was when the hash was read.
    pub account: Account,
    /// The password's hash; an account without one cannot sign in with a password.
    pub password: Option<PasswordHash>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// A login that no account has or had, unless it was released.
    pub login: Login,
    /// What the user is called.
    pub name: Option<DisplayName>,
    /// Its primary e-mail address.
    pub email: Option<NewEmail>,
    /// Whether the user administers the installation.
    pub standing: Standing,
    /// What is kept of its password; an account without one cannot sign in with a password.
    pub password: Option<PasswordHash>,
    /// Since when the account is suspended, if it is to be from the start.
    pub suspended_at: Option<Timestamp>,
}

/// An e-mail address to be added.
#[derive(Clone, Debug)]
pub struct NewEmail {
    /// The address, which no other account has.
    pub address: EmailAddress,
    /// Whether it counts as verified: an administrator said so.
    pub verification: Verification,
}

/// Whether an e-mail address is known to be its owner's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// An administrator said so, or a mailed link was opened.
    Verified,
    /// Nobody showed it: it neither signs in nor counts as primary.
    Unverified,
}

/// Why a user was not deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserDeletionRefused {
    /// There is no such user.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// Nobody else is an owner of these organizations.
    #[error("the user is the last owner of an organization")]
    LastOwner(Vec<Login>),
}

/// An address that an account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEmail {
    /// The address as it was written, whatever its capitals.
    pub address: EmailAddress,
    /// Whether it was chosen as the primary one; it counts as such only when it is verified.
    pub primary: bool,
    /// Whether the user has proved that the address is theirs.
    pub verification: Verification,
}

/// A change of an account; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// A new primary e-mail address.
    pub email: Option<NewEmail>,
    /// What the user is to be called.
    pub name: Option<DisplayName>,
    /// Whether the user is to be a site administrator. Every promotion begins another epoch.
    pub standing: Option<Standing>,
}

/// There is no such live user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("there is no such user")]
pub struct NoSuchUser;

/// What is done to a user may be refused for nothing but that they are not there.
impl From<Infallible> for NoSuchUser {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The login was given before. It stays taken when its account has ended, until an administrator
/// releases it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("this login is taken")]
pub struct LoginTaken;

/// Another live account has this e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("this e-mail address is taken")]
pub struct EmailTaken;

/// The user has no second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("this user has no second factor")]
pub struct NoSecondFactor;

/// Why a user got no other recovery codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RecoveryCodesRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// Recovery codes stand for a second factor that is not at hand.
    #[error(transparent)]
    NoSecondFactor(#[from] NoSecondFactor),
}

/// Why a second factor was not turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum EnrolmentRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// No seed waits for its first code: it waited too long, another one took its place, or it was
    /// confirmed already.
    #[error("no secret waits to be confirmed")]
    Gone,
    /// The enrolment link was used, has ended, or belongs to another account.
    #[error("this link was used or has expired")]
    DeadLink,
}

/// Why a user was not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AccountCreationRefused {
    /// The login was given before.
    #[error(transparent)]
    LoginTaken(#[from] LoginTaken),
    /// Another one has the e-mail address.
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
}

/// Why a user was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum AccountChangeRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// Another one has the e-mail address.
    #[error(transparent)]
    EmailTaken(#[from] EmailTaken),
}

/// Why a user did not get another login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RenameRefused {
    /// The user is not there, or was deleted.
    #[error(transparent)]
    NotFound(#[from] NoSuchUser),
    /// The login was given before.
    #[error(transparent)]
    LoginTaken(#[from] LoginTaken),
}

/// Why a login was not released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReleaseRefused {
    /// No account has or had it, or it was released before.
    #[error("this login is not taken")]
    NotTaken,
    /// A live account has it; only what a deleted or renamed one left behind can be released.
    #[error("this login belongs to a user or an organization that was not deleted")]
    Live,
}
