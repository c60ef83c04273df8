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
    /// Below which paths there is nothing but this surface, beside its root.
    pub(crate) below: &'static [&'static str],
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
    /// Which headers every answer has.
    pub(crate) headers: HeaderSet,
    /// Whether private mode refuses those who send no credentials.
    pub(crate) has_private_mode: bool,
    /// How a request is counted that no route serves.
    pub(crate) bucket: RateBucket,
    /// Whether a handler may have another one of the surface answer.
    pub(crate) may_ask_again: bool,
    /// What answers where no route does.
    pub(crate) nothing_here: Handler,
    /// How it says what the front refuses.
    pub(crate) say: fn(FrontRefused) -> Reply,
}

/// Which headers every answer of a surface has, those apart that depend on the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeaderSet {
    /// Those that keep browsers from treating an answer as anything but data.
    Common,
    /// The same with those of the API: its release, on what the answer depends, and that scripts of
    /// other sites may read it.
    Api,
    /// Those that its handlers give it.
    Own,
}

impl Surface {
    /// Whether a path lies under its root, known or not: at the root itself or below it, and not at
    /// a neighbour whose name begins like it.
    pub(crate) fn has(&self, path: &str) -> bool {
        let root = Some(&self.root).filter(|root| !root.is_empty());
        let lies_under = |root: &&str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        root.into_iter().chain(self.below).any(lies_under)
    }
}
