//! The web application flow and the device flow on the wire (wire contract, sections 22 and 23):
//! what apps send, what they are sent, and in which encoding.

mod authorize;
mod device;
mod encoding;
mod exchange;
mod members;
mod standard;
mod token_error;

pub use crate::oauth::authorize::{Alongside, AuthorizeError, AuthorizeQuery, granted, refused};
pub use crate::oauth::device::{InvalidScopes, IssuedDeviceCode, device_scopes};
pub use crate::oauth::encoding::{Encoding, NotAcceptable};
pub use crate::oauth::exchange::{
    ClientOf, IssuedRefreshToken, IssuedToken, MalformedRequest, TokenRequest, TokenRequestRefused,
};
pub use crate::oauth::standard::{
    ActiveToken, DEVICE_GRANT, INACTIVE, StandardError, issuer, metadata,
};
pub use crate::oauth::token_error::TokenError;

/// Where errors say that they are explained, as recorded: pages of no release in particular.
const SITE: &str = "https://docs.github.com";

/// The value in one part of a query or a form: percent signs decoded, a plus as a blank. Nothing
/// for what is no text.
fn decoded(value: &str) -> Option<String> {
    let blanks = value.replace('+', " ");
    let text = percent_encoding::percent_decode_str(&blanks).decode_utf8();
    text.ok().map(std::borrow::Cow::into_owned)
}

/// The name and the value of each part of a query or a form, the value as it is written.
fn parts(text: &str) -> impl Iterator<Item = (String, &str)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts.filter_map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decoded(name)?, value))
    })
}
