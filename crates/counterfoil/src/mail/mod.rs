//! Mail to people: what carries letters to the mail server of the settings, and their words.

mod smtp;
mod words;

pub(crate) use self::smtp::{Smtp, Unsent};
pub(crate) use self::words::{Links, test_letter};
