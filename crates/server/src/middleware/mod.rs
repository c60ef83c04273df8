//! What happens to every request and answer, one rule a file.

pub mod client_address;
