//! What people see in a browser: pages out of values, in each language, with their style.
//!
//! A view is a struct with the values that a page shows; [`View::render`] makes HTML of it for a
//! [`Frame`], which is what all pages have in common: language, time zone, who is signed in.
//! Nothing here knows requests, and nothing decides who may see a page.
//!
//! Words are messages of `locales/`, of which the build makes a function each; a template that
//! lacks a word, or a word that lacks a language, does not compile. Templates have `if` and `for`
//! and nothing else to decide.

pub mod addresses;
pub mod admin;
mod agent;
pub mod app_access;
mod assets;
mod brand;
mod colour;
pub mod components;
pub mod developers;
pub mod errors;
mod frame;
pub mod home;
mod layout;
pub mod link;
pub mod mail;
pub mod oauth;
pub mod profile;
mod scopes;
pub mod security;
pub mod sessions;
pub mod sign_in;
mod stranger;
#[cfg(test)]
mod tests;
mod text;
mod time;
pub mod tokens;
mod view;
mod words;

pub use crate::assets::{Asset, assets};
pub use crate::brand::{Brand, BrandAsset, LOGO_BYTES_MAX, LogoRefused};
pub use crate::colour::{Colour, ColourRefused};
pub use crate::frame::{Frame, SignedIn};
pub use crate::scopes::{Group, Risk, ScopeInWords};
pub use crate::stranger::Stranger;
pub use crate::text::Text;
pub use crate::view::View;
