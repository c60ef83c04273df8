//! What people do on the pages of their own accounts.

mod enrolment;
mod notices;
mod profile;
pub(crate) mod security;
