//! The shapes and manners of the API: what a request may look like, what an answer looks like, byte
//! by byte.
//!
//! Everything here is pure. A module turns bytes of a request into types of the domain, or types of
//! the domain into bytes of an answer; nothing here decides whether something may happen, and
//! nothing here knows the web framework, the store, an async runtime or the clock.

pub mod base;
pub mod conditional;
pub mod credentials;
pub mod documentation;
pub mod filters;
pub mod gateway;
pub mod header;
pub mod input;
pub mod media_type;
pub mod oauth;
pub mod pagination;
pub mod pretty;
pub mod problem;
mod text;
pub mod version;
pub mod view;
