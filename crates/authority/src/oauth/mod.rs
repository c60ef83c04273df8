//! The web application flow and the device flow: apps that ask users for access, and what they
//! exchange for tokens.

pub(crate) mod authorize;
pub(crate) mod device;
pub(crate) mod exchange;
pub(crate) mod flow_tokens;
pub(crate) mod refresh;
