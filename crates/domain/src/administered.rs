//! Users and apps as site administrators are shown them.

use crate::account::{Account, HeldEmail};
use crate::app::App;
use crate::login::Login;
use crate::network::ClientAddress;
use crate::timestamp::Timestamp;

/// A user in a page of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedUser {
    /// The user, as the list has them.
    pub account: Account,
    /// When they last signed in, as far as that was written down: once a day, for each address.
    pub signed_in_at: Option<Timestamp>,
}

/// A user, with what they have and what an act would end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserFacts {
    /// The user, as of the reading.
    pub account: Account,
    /// The primary address, verified or not.
    pub address: Option<HeldEmail>,
    /// Whether they ever chose a password.
    pub has_password: bool,
    /// How many passkeys they have, for whichever host.
    pub passkeys: u64,
    /// The same as [`ListedUser::signed_in_at`].
    pub signed_in_at: Option<Timestamp>,
    /// How many live sessions there are.
    pub sessions: u64,
    /// When one of them was last used.
    pub session_used_at: Option<Timestamp>,
    /// Live tokens, of whichever kind.
    pub tokens: LiveTokens,
    /// Live apps that they own.
    pub apps: u64,
    /// Organizations of which nobody else is an owner, by login.
    pub owns_alone: Vec<Login>,
    /// Network addresses from which their sign-in is locked.
    pub locked_addresses: u64,
    /// Whether so many codes were wrong that no one-time code is accepted any more.
    pub codes_exhausted: bool,
}

impl UserFacts {
    /// Whether something keeps them from signing in that an administrator can lift.
    pub fn is_locked(&self) -> bool {
        self.locked_addresses > 0 || self.codes_exhausted
    }
}

/// The live tokens of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveTokens {
    /// How many there are.
    pub total: u64,
    /// How many of them are of apps.
    pub of_apps: u64,
    /// When and from where one was last used, as far as that was written down.
    pub last_use: Option<(Timestamp, Option<ClientAddress>)>,
}

/// An app as site administrators look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppInUse {
    /// The app as it is now, also one that is suspended.
    pub app: App,
    /// The login of whose it is.
    pub owner: Login,
    /// Whether that is an organization.
    pub is_of_organization: bool,
    /// Whether the owner is suspended, so that the app begins and proves nothing either.
    pub owner_is_suspended: bool,
    /// How many people have given it access.
    pub users: u64,
    /// Live tokens that they gave it.
    pub tokens: u64,
    /// When any token of it was last used, as far as that was written down.
    pub last_used_at: Option<Timestamp>,
    /// Whether everybody may know one of its secrets.
    pub is_published: bool,
}
