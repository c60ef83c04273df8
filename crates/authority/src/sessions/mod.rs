//! People who sign in with a browser: who somebody is by a session, and what they do with sessions.

pub(crate) mod forms;
mod last_uses;
pub(crate) mod listing;
pub(crate) mod person;
pub(crate) mod sign_in;
pub(crate) mod uses;
