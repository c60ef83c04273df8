//! Every route there is: the surfaces, each with its table of rows. The router, the places under
//! which requests are counted and the page of routes are made from this list and from nothing else.

use crate::gateway::GATEWAY;
use crate::graphql::GRAPHQL;
use crate::nothing_here::NOWHERE;
use crate::oauth::OAUTH;
use crate::ops::OPS;
pub use crate::pages::PAGES;
pub use crate::rest::{REST, api_description};

pub use crate::credential::Credential;
pub use crate::limiter::RateBucket;
pub use crate::route::Route;
pub use crate::surface::Surface;

/// All surfaces. A new one is a folder and an entry here.
pub static SURFACES: &[&Surface] = &[&REST, &GRAPHQL, &GATEWAY, &OAUTH, &OPS, &PAGES];

/// The surface that a path lies in which no route serves.
pub(crate) fn surface_of(path: &str) -> &'static Surface {
    let has = |surface: &&&Surface| surface.has(path);
    SURFACES.iter().find(has).copied().unwrap_or(&NOWHERE)
}
