//! A surface: the part of the server that faces one audience, with everything in which it differs
//! from the others. What happens around handlers asks it, and nothing else knows which one it is.

use crate::handler::{Handler, Reply};
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::refused::FrontRefused;
use crate::route::Route;

/// See the module.
pub struct Surface {
    /// What it is called in documents.
    pub name: &'static str,
    /// Where all of its paths lie. Empty if they stand whole in its routes; then a path that none
    /// of them serves is nobody's.
    pub root: &'static str,
    /// What it serves.
    pub routes: &'static [Route],
    /// What kind of work its routes ask for, those apart that say otherwise.
    pub(crate) class: RouteClass,
    pub(crate) policy: Policy,
}

/// What is done around the handlers of a surface.
pub(crate) struct Policy {
    /// Whether a version of the API and a media type are agreed on, and browsers may ask
    /// beforehand.
    pub(crate) negotiates: bool,
    /// Whether every answer has the headers of the API: its release, on what the answer depends,
    /// and that scripts of other sites may read it.
    pub(crate) has_api_headers: bool,
    /// Whether private mode refuses those who send no credentials.
    pub(crate) has_private_mode: bool,
    /// How a request is counted that no route serves.
    pub(crate) bucket: RateBucket,
    /// What answers where no route does.
    pub(crate) nothing_here: Handler,
    /// How it says what the front refuses.
    pub(crate) say: fn(FrontRefused) -> Reply,
}

impl Surface {
    /// Whether a path lies under its root, known or not: at the root itself or below it, and not at
    /// a neighbour whose name begins like it.
    pub(crate) fn has(&self, path: &str) -> bool {
        !self.root.is_empty()
            && path
                .strip_prefix(self.root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}
