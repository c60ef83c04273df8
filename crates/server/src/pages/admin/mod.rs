//! `/admin`: what only site administrators see and do (wire contract, section 36). A folder, or a
//! file, for each subject.
//!
//! A handler that shows something takes [`Administrator`], one that does something
//! `Sent<FreshAdministrator>`: whoever else is signed in is told that there is nothing, and whoever
//! proved too long ago who they are is asked again. Use cases get the operator of the witness.

pub(super) mod audit;
pub(super) mod health;
pub(super) mod settings;
pub(super) mod users;
mod who;

pub(crate) use who::{Administrator, FreshAdministrator};
