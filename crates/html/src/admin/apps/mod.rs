//! All apps, whoever owns them.

mod built_in;
mod list;
mod one;
mod owner;
#[cfg(test)]
mod samples;
mod secret;
mod switches;

use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::App;
use counterfoil_domain::language::Language;
use counterfoil_domain::login::Login;

pub use built_in::MakeBuiltInApps;
pub use list::AppList;
pub use one::AppPage;
pub use owner::{TransferAnyApp, TransferProblem};
#[cfg(test)]
pub(crate) use samples::samples;
pub use secret::PublishSecret;
pub use switches::{MarkResourceServer, SuspendApp, UnsuspendApp};

use self::list::is_of_installation;
use crate::stranger::Stranger;
use crate::words;

/// What a change of an app did, as the next page says it.
#[derive(Clone, Copy, Debug)]
pub enum Done<'a> {
    /// The app was suspended.
    Suspended(&'a AppInUse),
    /// Its suspension was lifted.
    Unsuspended(&'a AppInUse),
    /// A secret that ends so counts as published.
    Published(&'a str),
    /// The app is a resource server.
    Marked(&'a str),
    /// It is none any more.
    Unmarked(&'a str),
    /// The app of this name belongs to this account.
    Transferred(&'a str, &'a Login),
    /// So many of the apps of a new installation were made, or live again.
    Made(usize),
}

impl Done<'_> {
    /// The sentence, as plain text.
    pub fn said(self, language: Language) -> String {
        let words = words::AdminApps(language);
        let text = match self {
            Self::Suspended(used) if is_of_installation(used) => {
                words.was_turned_off(name_of(&used.app))
            }
            Self::Suspended(used) => words.was_suspended(name_of(&used.app)),
            Self::Unsuspended(used) if is_of_installation(used) => {
                words.was_turned_on(name_of(&used.app))
            }
            Self::Unsuspended(used) => words.was_unsuspended(name_of(&used.app)),
            Self::Published(end) => words.was_published(end),
            Self::Marked(name) => words.was_marked(Stranger(name)),
            Self::Unmarked(name) => words.was_unmarked(Stranger(name)),
            Self::Transferred(name, owner) => words.was_transferred(Stranger(name), owner.as_str()),
            Self::Made(count) => words.were_made(count),
        };
        text.plain()
    }
}

/// The list, from which the other pages are reached.
const LIST: &str = "/admin/apps";

/// Where the pages of an app are.
fn path_of(app: &App) -> String {
    format!("{LIST}/{}", app.summary.client_id)
}

fn name_of(app: &App) -> Stranger<'_> {
    Stranger(app.summary.name.as_str())
}
