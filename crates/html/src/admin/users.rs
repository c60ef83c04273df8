//! Users: found, looked at, and acted on.

mod act;
mod confirm;
mod invite;
mod list;
mod one;
#[cfg(test)]
mod samples;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::administered::{LiveTokens, UserFacts};
use counterfoil_domain::scope::Standing;

pub use act::UserAct;
pub use confirm::{ConfirmAct, SleepingToken};
pub use invite::{
    EmailProblem, InviteForm, InviteProblems, InviteUser, LinkShownBefore, LoginProblem, MadeLink,
};
pub use list::UserList;
pub use one::OneUser;
#[cfg(test)]
pub(crate) use samples::samples;

use crate::components::Badge;
use crate::frame::Frame;
use crate::text::Text;
use crate::words;

/// The list, from which the other pages are reached.
const LIST: &str = "/admin/users";

/// Where the pages of a user are.
fn path_of(account: &Account) -> String {
    format!("{LIST}/{}", account.login)
}

/// What stands out about a user.
fn badges(words: words::AdminUsers, account: &Account) -> Vec<Badge> {
    let mut badges = Vec::new();
    if account.is_suspended() {
        badges.push(Badge::warn(words.suspended()));
    }
    if account.standing == Standing::SiteAdministrator {
        badges.push(Badge::plain(words.administrator()));
    }
    match account.two_factor {
        TwoFactor::On => badges.push(Badge::ok(words.two_factor())),
        TwoFactor::Off => {}
    }
    badges
}

/// When and from where a token of a user was last used.
fn last_use(words: words::AdminUsers, tokens: &LiveTokens, frame: &Frame<'_>) -> Text {
    match &tokens.last_use {
        Some((at, Some(address))) => words.used_from(address.to_string(), frame.when(*at)),
        Some((at, None)) => words.used(frame.when(*at)),
        None => words.never_used(),
    }
}

/// What keeps a user from signing in that an administrator can lift.
fn locks(words: words::AdminUsers, facts: &UserFacts) -> Text {
    if facts.codes_exhausted {
        words.codes_refused()
    } else {
        words.locked_from(facts.locked_addresses)
    }
}
