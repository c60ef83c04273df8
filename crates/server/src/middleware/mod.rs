//! Rules that hold for all routes, a file each.

pub(crate) mod access_log;
pub mod client_address;
pub(crate) mod common_headers;
pub(crate) mod compress;
pub(crate) mod finalize;
pub(crate) mod head;
pub(crate) mod host;
pub(crate) mod negotiate;
pub(crate) mod panics;
pub(crate) mod preflight;
pub(crate) mod rate_limit;
pub(crate) mod request_head;
pub(crate) mod request_id;
pub(crate) mod request_trace;
pub(crate) mod token_headers;
pub(crate) mod write_limit;
