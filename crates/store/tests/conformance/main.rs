//! What every engine of the store must do, told against the facade alone: one suite for all
//! engines.

#![expect(
    clippy::similar_names,
    clippy::unwrap_used,
    reason = "these are the bodies of tests, which are functions so that each engine runs them, and who meets in a race has short names"
)]

#[macro_use]
mod engines;

mod accounts;
mod addresses;
mod administrator_epochs;
mod app_owners;
mod app_tokens;
mod apps;
mod audit;
mod authorizations;
mod callers;
mod changes;
mod clean_up;
mod cluster;
mod concurrency;
mod contents;
mod emails;
mod enrolments;
mod feed;
mod gateway;
mod grants;
mod hash_classes;
mod keys;
mod leases;
mod limits;
mod links;
mod maintenance;
mod model;
mod nodes;
mod older_programs;
mod opening;
mod operations;
mod organizations;
mod outbox;
mod outbox_bounds;
mod own_account;
mod own_tokens;
mod passkey_challenges;
mod passkeys;
mod passkeys_given;
mod races;
mod refresh_tokens;
mod reused_consent;
mod seeds;
mod server;
mod sessions;
mod sign_in;
mod sign_in_of_users;
mod traces;
mod trail;
mod two_factor;
mod uses;
mod waiting;
mod world;
