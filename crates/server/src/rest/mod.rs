//! The REST API: its routes, the handlers behind them, a file for each kind of resource, and how it
//! says what is refused.

mod administration;
mod app_tokens;
mod authorizations;
mod description;
mod extract;
mod grants;
mod legacy_token_urls;
mod members;
mod meta;
mod nothing_here;
mod organizations;
mod problem;
mod routes;
mod teams;
mod user;
mod users;

pub use description::api_description;

use crate::handler::{self, Reply};
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::surface::{HeaderSet, Policy, Surface};

/// See the module.
pub static REST: Surface = Surface {
    name: "The REST API",
    root: "/api/v3",
    below: &[],
    routes: routes::ROUTES,
    class: RouteClass::RestRead,
    policy: Policy {
        negotiates: true,
        headers: HeaderSet::Api,
        has_private_mode: true,
        may_ask_again: false,
        bucket: RateBucket::Core,
        nothing_here: |request, state| handler::call(nothing_here::nothing_here, request, state),
        say: |refused| Reply::Problem(refused.into()),
    },
};
