//! The web application flow: apps that ask users for access, and codes that they exchange for
//! tokens.

pub(crate) mod authorize;
pub(crate) mod exchange;
