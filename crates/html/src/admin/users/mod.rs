//! Users: found, and looked at.

mod list;
#[cfg(test)]
mod samples;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::scope::Standing;

pub use list::UserList;
#[cfg(test)]
pub(crate) use samples::samples;

use crate::components::Badge;
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
