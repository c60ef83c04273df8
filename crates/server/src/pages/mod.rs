//! The pages: what people see in a browser (wire contract, section 30).
//!
//! A handler takes who asks as its witness: [`visit::Visit`] for whoever it is, [`visit::Signed`]
//! for somebody who is signed in, [`visit::Fresh`] for who proved a short while ago who they are,
//! [`admin::Administrator`] and [`admin::FreshAdministrator`] for site administrators. A form comes
//! as [`sent::Sent`] around one of them, and only if a page of ours gave it to the browser that
//! sends it. Pages are views of `counterfoil-html`; a form that is refused is shown again with what
//! was typed (422), one that is done leads on (303), unless its answer shows a secret.

mod addresses;
mod admin;
mod app_access;
mod assets;
mod attention;
mod by;
mod carried;
mod ceremony;
mod confirm;
mod cookies;
mod developers;
mod device;
mod enrolment;
mod fields;
mod forgotten;
mod headers;
mod home;
mod links;
mod looked_at;
mod oauth;
mod passkeys;
mod pasted;
mod path;
mod problems;
mod profile;
mod return_to;
mod routes;
mod security;
mod sender;
mod sent;
mod sessions;
mod shown;
mod sign_in;
mod stale;
mod tokens;
mod visit;

use axum::response::Response;
use http::StatusCode;

use self::problems::PageProblem;
use self::visit::Visit;
use crate::handler::{self, Reply};
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::refused::FrontRefused;
use crate::surface::{HeaderSet, Policy, Surface};

/// See the module.
pub static PAGES: Surface = Surface {
    name: "Pages",
    root: "",
    below: &[
        "/admin",
        "/assets",
        "/link",
        "/login",
        "/logout",
        "/settings",
    ],
    routes: routes::ROUTES,
    class: RouteClass::Pages,
    policy: Policy {
        negotiates: false,
        headers: HeaderSet::Own,
        has_private_mode: false,
        may_ask_again: true,
        bucket: RateBucket::Unlimited,
        nothing_here: |request, state| handler::call(nothing_here, request, state),
        say,
    },
};

async fn nothing_here(visit: Visit) -> Response {
    problems::show(&visit, PageProblem::NotFound)
}

/// What is said where the front has nothing but the refusal.
#[expect(
    clippy::needless_pass_by_value,
    reason = "as the policy of every surface has it"
)]
fn say(refused: FrontRefused) -> Reply {
    let (status, text) = match refused {
        FrontRefused::InvalidHost => (StatusCode::BAD_REQUEST, "The request names no host."),
        FrontRefused::Limited(_) => (StatusCode::TOO_MANY_REQUESTS, "Too many requests."),
        FrontRefused::NotNegotiated(_) | FrontRefused::Private => {
            (StatusCode::NOT_FOUND, "Page not found.")
        }
        FrontRefused::Panicked => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something failed. Look whether your change was saved before you try again.",
        ),
    };
    Reply::Response(problems::plain(status, text.to_owned()))
}
