//! Who asks, read from a request for whichever surface it came to: a login and password, a token,
//! an app's client id and secret.
//!
//! Nothing here knows how a refusal is said. [`AuthRefused`] is what each surface has its own words
//! for, in its extractors.

mod app;
mod refused;
mod request;
mod user;

pub(crate) use app::{app, app_in_pair};
pub(crate) use refused::AuthRefused;
pub(crate) use user::{Caller, by_password, by_token, caller};
