//! The pages, by a browser without scripts: requests, cookies and forms.

mod admin;
mod admin_apps;
mod admin_audit;
mod admin_health;
mod admin_organizations;
mod admin_settings;
mod admin_tokens;
mod admin_users;
mod alike;
mod app_access;
mod app_names;
mod app_owners;
mod app_switches;
mod developers;
mod elsewhere;
mod events;
mod forms;
mod headers;
mod passkeys;
mod passwords;
mod sessions;
mod sign_in;
mod tokens;
