//! The router, made from the table of routes, with the middleware around it.

use std::collections::BTreeSet;

use axum::Router;
use axum::extract::{FromRequestParts as _, MatchedPath, Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, any, get};
use counterfoil_wire::problem::Problem;

use crate::extract::{Caller, OptionalCaller, PasswordCaller};
use crate::middleware::client_address::ClientAddressLayer;
use crate::middleware::{
    access_log, common_headers, compress, head, negotiate, panics, preflight, present,
    token_headers,
};
use crate::ops::{healthz, metrics, readyz};
use crate::problem::RestProblem;
use crate::routes::{Credential, REST_ROOT, ROUTES, Route, credential_of_path};
use crate::state::ServerState;

/// The whole server: the REST API and the health checks.
pub fn app(state: ServerState) -> Router {
    let trusted = state.settings().trusted_proxies.clone();
    health(Router::new())
        .nest(REST_ROOT, rest())
        .fallback(no_such_path)
        .layer(from_fn_with_state(state.clone(), present::present))
        .layer(compress::layer())
        .layer(from_fn(compress::weaken_tag))
        .layer(from_fn(head::head))
        .layer(from_fn_with_state(
            state.clone(),
            common_headers::common_headers,
        ))
        .layer(ClientAddressLayer::new(trusted))
        .layer(from_fn_with_state(state.clone(), access_log::access_log))
        .with_state(state)
}

/// What operators see on a port of its own: health checks and metrics.
pub fn ops(state: ServerState) -> Router {
    health(Router::new())
        .route("/metrics", get(metrics))
        .with_state(state)
}

fn health(router: Router<ServerState>) -> Router<ServerState> {
    router
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
}

fn rest() -> Router<ServerState> {
    let paths: BTreeSet<_> = ROUTES.iter().map(|route| route.path).collect();
    // A fallback of its own keeps the framework from listing the methods of a path in `Allow`.
    let fallbacks = paths.into_iter().fold(Router::new(), |router, path| {
        router.route(path, any(no_such_method))
    });
    ROUTES
        .iter()
        .fold(fallbacks, |router, route| {
            router.route(route.path, handler(route))
        })
        .fallback(no_such_path)
        .layer(panics::layer())
        .layer(from_fn(negotiate::negotiate))
        .layer(from_fn(preflight::preflight))
}

/// What serves a route. Where tokens are taken, the answer says what is known of the one that came.
fn handler(route: &'static Route) -> MethodRouter<ServerState> {
    match route.credential {
        Credential::Password => route.handler(),
        Credential::PasswordOrToken | Credential::Optional => route
            .handler()
            .layer(from_fn_with_state(route, token_headers::token_headers)),
    }
}

async fn no_such_path() -> RestProblem {
    Problem::NotFound.into()
}

/// A path that has operations, but none for this method. It asks who is there before it says that there is nothing: some
/// clients probe for a one-time code this way (wire contract, section 4).
async fn no_such_method(
    State(state): State<ServerState>,
    path: MatchedPath,
    request: Request,
) -> Result<RestProblem, RestProblem> {
    let (mut parts, _) = request.into_parts();
    match credential_of_path(path.as_str()) {
        Some(Credential::Password) => drop(PasswordCaller::read(&mut parts, &state).await?),
        Some(Credential::PasswordOrToken) => drop(Caller::read(&mut parts, &state).await?),
        Some(Credential::Optional) => {
            drop(OptionalCaller::from_request_parts(&mut parts, &state).await?);
        }
        None => {}
    }
    Ok(Problem::NotFound.into())
}
