//! Where no surface is, and what answers there: an error in the JSON of the API, which asks for
//! nothing first. Surfaces that need nothing else take their policy from here.

use counterfoil_wire::problem::Problem;

use crate::handler::{self, Reply};
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::problem::ApiProblem;
use crate::surface::{HeaderSet, Policy, Surface};

/// Nothing is done around handlers beyond what every request gets.
pub(crate) const PLAIN: Policy = Policy {
    negotiates: false,
    headers: HeaderSet::Common,
    has_private_mode: false,
    may_ask_again: false,
    bucket: RateBucket::Unlimited,
    nothing_here: |request, state| handler::call(not_found, request, state),
    say: |refused| Reply::Problem(refused.into()),
};

/// All paths that no surface has.
pub(crate) static NOWHERE: Surface = Surface {
    name: "Nowhere",
    root: "",
    below: &[],
    routes: &[],
    class: RouteClass::Other,
    policy: PLAIN,
};

async fn not_found() -> ApiProblem {
    Problem::NotFound.into()
}
