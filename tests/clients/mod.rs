//! Clients that other people wrote, unchanged, against the real program. They are the judges: a
//! behaviour that breaks one of them is wrong, whatever a page says.
//!
//! They are installed by `cargo xtask setup` at fixed versions. Nothing in them is patched; they
//! are only told another address and other credentials.

mod auth_basic;
mod browsing;
mod conversation;
mod curl;
mod driver;
mod gh;
mod gh_sign_in;
mod gidgethub;
mod go_github;
mod hub;
mod installation;
mod java;
mod jupyterhub;
mod oauth_libraries;
mod octokit_apps;
mod octokit_device;
mod octokit_oauth_app;
mod octokit_rest;
mod organization;
mod page_of_apps;
mod passport;
mod pygithub;
mod quickstart_https;
mod reference_page;
mod social_auth;
mod web_flow;
