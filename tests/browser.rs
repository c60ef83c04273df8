//! Pages in a real browser: Debian's Chromium, driven by playwright-core, once: on SQLite, and what
//! is about several nodes on PostgreSQL.
//!
//! One browser process serves all tests of a run ([`driver`]). A test opens windows, each with
//! cookies of its own ([`window`]), on a site of its own ([`site`]), whose clock it moves.

mod account;
mod administration;
mod apps;
mod checks;
mod driver;
mod gallery;
mod links;
mod markup;
mod nodes;
mod passkeys;
mod readme;
mod sessions;
mod sheets;
mod site;
mod tokens;
mod twice;
mod window;
