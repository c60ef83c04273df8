//! The rules of Counterfoil: what a token, a scope, an account, an app, an authorization and a
//! grant are, and what may happen to them.
//!
//! Everything here is pure and synchronous. Time and randomness come in as arguments; nothing here
//! knows HTTP, SQL, JSON or an async runtime. The layers around it (wire, store, authority) depend
//! on this crate and never the reverse.

pub mod access;
pub mod account;
pub mod administered;
pub mod app;
pub mod app_name;
mod app_switches;
mod app_url;
pub mod audit;
pub mod authorization;
pub mod built_in;
pub mod change;
pub mod code;
pub mod digest;
pub mod email;
pub mod entropy;
pub mod expiry_offer;
pub mod form;
pub mod gateway;
pub mod grant;
pub mod health;
pub mod id;
pub mod key;
pub mod language;
pub mod length_of_time;
pub mod lifecycle;
pub mod link;
pub mod login;
pub mod mail;
pub mod moment;
pub mod network;
pub mod oauth;
pub mod organization;
pub mod page;
pub mod passkey;
pub mod password;
pub mod preferences;
pub mod principal;
pub mod rate_limit;
pub mod scope;
pub mod second_factor;
pub mod security;
pub mod session;
pub mod sign_in;
pub mod text;
pub mod time_zone;
pub mod timestamp;
pub mod token;
pub mod token_life;
pub mod token_search;
mod words;
