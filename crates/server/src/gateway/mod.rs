//! The gateway check: may this request pass, and whose token does it carry?
//!
//! A proxy asks before it passes a request on, and sends the client's headers along. 200 without a
//! body means that it may pass, and says in `X-Auth-…` headers who is asking; every one of them is
//! always there. 401 means that there is no token that counts, 403 that there is one and it is not
//! enough, 503 that it cannot be told at present. Nothing here reads a body or looks at a password,
//! and no answer may be kept.
//!
//! Whatever the method, the answer is the same: proxies pass on that of the client.

mod answer;
mod refusals;
mod table;
mod unknown_names;
mod verify;

use verify::{by_query, by_rule, for_address, nowhere};

use crate::metrics::RouteClass;
use crate::nothing_here::PLAIN;
use crate::route::{Route, routes};
use crate::surface::Surface;

pub(crate) use table::Gateway;
pub use table::GatewaySettings;

/// Where the check lies. A rule of the settings may follow.
pub const GATEWAY_VERIFY: &str = "/gateway/verify";

/// See the module.
pub(crate) static GATEWAY: Surface = Surface {
    name: "The gateway check",
    root: "/gateway",
    below: &[],
    routes: ROUTES,
    class: RouteClass::Gateway,
    policy: PLAIN,
};

static ROUTES: &[Route] = routes! {
    ANY "/verify" => -, TokenInPlaces, -, Unlimited, by_query;
    ANY "/verify/{rule}" => -, TokenInPlaces, -, Unlimited, by_rule;
    // For proxies that always append the address of the client's request, which says nothing about
    // what is needed.
    ANY "/verify/{rule}/for" => -, TokenInPlaces, -, Unlimited, for_address;
    ANY "/verify/{rule}/for/" => -, TokenInPlaces, -, Unlimited, for_address;
    ANY "/verify/{rule}/for/{*address}" => -, TokenInPlaces, -, Unlimited, for_address;
    ANY "/{*path}" => -, Nothing, -, Unlimited, nowhere;
};
