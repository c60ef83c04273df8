//! One-time links: what an invitation, a forgotten password or a new e-mail address is answered
//! with.
//!
//! Whoever holds the link may do one thing, once. To look at it changes nothing, since programs
//! that scan mail open links; what the person then fills in spends it. A newer link of its kind
//! ends the older one of the same account, but one that undoes a change of address: whoever stole
//! an account would else change the address twice.

use std::fmt;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::account::EmailTaken;
use crate::digest::SecretDigest;
use crate::email::EmailAddress;
use crate::entropy::{BASE62, Entropy, random_text};
use crate::id::{AccountId, LinkId};
use crate::login::Login;
use crate::timestamp::Timestamp;
use crate::words::words;

words! {
    /// What a link is for.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum LinkKind {
        /// Making the first administrator of an installation.
        SetUp = "set_up",
        /// Choosing the first password of an account that somebody else made.
        Invitation = "invitation",
        /// Choosing another password, in the place of one that was forgotten.
        Reset = "reset",
        /// Showing that an e-mail address is one's own.
        Address = "address",
        /// Taking back a change of addresses.
        AddressUndo = "address_undo",
        /// Turning on a second factor where the password alone is not enough to.
        Enrolment = "enrolment",
    }
}

impl LinkKind {
    /// Whether a newer one of an account leaves the older ones alone.
    pub const fn is_kept_beside_newer(self) -> bool {
        match self {
            Self::AddressUndo => true,
            Self::SetUp | Self::Invitation | Self::Reset | Self::Address | Self::Enrolment => false,
        }
    }
}

/// The secret of a link, as its holder has it: 22 characters of base 62, which carry 131 bits.
#[derive(Clone)]
pub struct LinkCode(Zeroizing<String>);

impl LinkCode {
    const LENGTH: usize = 22;

    /// A new one, drawn from this source.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self(Zeroizing::new(random_text(entropy, BASE62, Self::LENGTH)))
    }

    /// The code in `text`, which has nothing around it.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == Self::LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }

    /// As it stands in the link.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkCode(…)")
    }
}

/// For how long links work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkLives {
    /// The link that makes the first administrator.
    pub set_up: Duration,
    /// An invitation, which waits for somebody who is perhaps away.
    pub invitation: Duration,
    /// The link by which another password is chosen.
    pub reset: Duration,
    /// The link that verifies an address.
    pub address: Duration,
    /// The link that takes back a change of addresses.
    pub address_undo: Duration,
    /// The link by which a second factor is set up.
    pub enrolment: Duration,
}

impl Default for LinkLives {
    fn default() -> Self {
        let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
        Self {
            set_up: hour,
            invitation: 7 * day,
            reset: hour,
            address: day,
            address_undo: 7 * day,
            enrolment: hour,
        }
    }
}

impl LinkLives {
    /// For how long a link of this kind works.
    pub const fn of(&self, kind: LinkKind) -> Duration {
        match kind {
            LinkKind::SetUp => self.set_up,
            LinkKind::Invitation => self.invitation,
            LinkKind::Reset => self.reset,
            LinkKind::Address => self.address,
            LinkKind::AddressUndo => self.address_undo,
            LinkKind::Enrolment => self.enrolment,
        }
    }
}

/// A link that works, as its page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLink {
    /// The id of its row.
    pub id: LinkId,
    /// What it is for.
    pub kind: LinkKind,
    /// Whose it is; nobody's where it makes the first account.
    pub account: Option<LinkAccount>,
    /// The e-mail address that it is about.
    pub address: Option<EmailAddress>,
    /// The user who had it made, if one did.
    pub maker: Option<Login>,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Whose a link is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAccount {
    /// The id of the account that it acts on.
    pub id: AccountId,
    /// The login of that account, as pages show it.
    pub login: Login,
}

/// Why a link was not made for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LinkRefused {
    /// There is no such live user.
    #[error("there is no such user")]
    NoSuchUser,
    /// The user is suspended, and would not get in with a new password either.
    #[error("this user is suspended; `counterfoil user unsuspend` lifts that")]
    Suspended,
    /// Somebody with a password needs no invitation.
    #[error(
        "this user has a password already; `counterfoil user reset` makes a link for another one"
    )]
    HasPassword,
    /// There is no address to which it could be mailed.
    #[error("this user has no e-mail address that it could be sent to")]
    NoAddress,
    /// Somebody with a second factor needs no link for one.
    #[error("this user has a second factor already")]
    HasSecondFactor,
    /// There was an administrator already.
    #[error("there is, or was, a site administrator already")]
    SetUpDone,
    /// As much mail waits as may.
    #[error("too much mail waits to be sent")]
    OutboxFull,
}

/// Nobody is there to make one for.
impl From<crate::account::NoSuchUser> for LinkRefused {
    fn from(_: crate::account::NoSuchUser) -> Self {
        Self::NoSuchUser
    }
}

/// Why a link did not do what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum LinkSpendRefused {
    /// It was used, it ended or expired, it is of another kind, or there never was one.
    #[error("this link was used or has expired")]
    Dead,
    /// The account is suspended.
    #[error("this account is suspended")]
    Suspended,
    /// The login that was chosen was given before.
    #[error("this login is taken")]
    LoginTaken,
    /// The address belongs to somebody else by now.
    #[error("this e-mail address is taken")]
    AddressTaken,
}

impl From<EmailTaken> for LinkSpendRefused {
    fn from(_: EmailTaken) -> Self {
        Self::AddressTaken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Repeating;
    impl Entropy for Repeating {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn a_code_is_read_as_it_was_made_and_in_no_other_form() {
        let code = LinkCode::generate(&Repeating);
        let again = LinkCode::parse(code.expose()).expect("it is one");
        assert_eq!(again.digest(), code.digest());
        let code = code.expose().to_owned();
        for text in [
            "",
            &code[1..],
            &format!("{code}0"),
            &format!(" {}", &code[1..]),
            &format!("{}-", &code[1..]),
            &format!("{}é", &code[2..]),
        ] {
            assert!(LinkCode::parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn a_code_does_not_print() {
        let code = LinkCode::generate(&Repeating);
        assert_eq!(format!("{code:?}"), "LinkCode(…)");
    }

    #[test]
    fn only_links_that_undo_are_kept_beside_newer_ones() {
        for kind in [
            LinkKind::SetUp,
            LinkKind::Invitation,
            LinkKind::Reset,
            LinkKind::Address,
        ] {
            assert!(!kind.is_kept_beside_newer(), "{kind:?}");
        }
        assert!(LinkKind::AddressUndo.is_kept_beside_newer());
    }
}
