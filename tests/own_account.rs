//! What people do on the pages of their own accounts.

mod profile;
mod security;
