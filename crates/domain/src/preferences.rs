//! What a user chose for themselves: how they are called, and in which language and time zone pages
//! speak to them.

use crate::language::Language;
use crate::text::DisplayName;
use crate::time_zone::Zone;

/// How pages and mails speak to a user. What is not chosen is the browser's or the installation's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// The language of pages, mails and messages.
    pub language: Option<Language>,
    /// The zone that times are told in.
    pub time_zone: Option<Zone>,
}

/// A user's profile as they want it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// What the user is called.
    pub name: Option<DisplayName>,
    /// How pages speak to them.
    pub preferences: Preferences,
}
