//! What the front refuses by itself, before a handler has the request or in place of its answer.
//! Each surface has its own words for it.

use counterfoil_wire::problem::Problem;

use crate::limiter::Limited;

/// See the module.
#[derive(Debug)]
pub(crate) enum FrontRefused {
    /// The request does not name its host as HTTP demands.
    InvalidHost,
    /// The version of the API or the media type that is asked for cannot be had.
    NotNegotiated(Problem),
    /// Private mode answers nobody without credentials.
    Private,
    /// Whoever asks, or the address, asked too much.
    Limited(Limited),
    /// A handler panicked.
    Panicked,
}
