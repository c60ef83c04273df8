//! Who asks, read from a request for whichever surface it came to: a login and password, a token,
//! an app's client id and secret.
//!
//! Nothing here knows how a refusal is said. [`AuthError`] is what each surface has its own words
//! for, in its extractors.

mod app;
mod error;
mod request;
mod user;

pub(crate) use app::{app, app_in_pair};
pub(crate) use error::AuthError;
pub(crate) use request::{admit, origin, told};
pub(crate) use user::{Caller, by_password, by_token, caller};
