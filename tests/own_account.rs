//! What people do on the pages of their own accounts.

mod notices;
mod profile;
mod security;
