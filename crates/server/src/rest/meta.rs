//! The root of the API, and what it says about itself (wire contract, section 20).

use axum::extract::State;
use counterfoil_wire::problem::Problem;
use counterfoil_wire::version;
use counterfoil_wire::view::{Meta, RateLimitView, Root};

use super::extract::{CurrentRate, OptionalCaller};
use crate::answer::Answer;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// `GET /`
pub(super) async fn root(caller: OptionalCaller, State(state): State<ServerState>) -> Answer {
    caller.answer(&Root(state.base()))
}

/// `GET /meta`
pub(super) async fn meta(caller: OptionalCaller, State(state): State<ServerState>) -> Answer {
    let release = state.settings().enterprise_version.to_str();
    let meta = Meta {
        verifiable_password_authentication: true,
        installed_version: release.unwrap_or_default(),
    };
    caller.answer(&meta)
}

/// `GET /versions`
pub(super) async fn versions(caller: OptionalCaller) -> Answer {
    caller.answer(&version::SUPPORTED)
}

/// `GET /rate_limit`: how whoever asks stands. Without limits nothing can be said about them (wire
/// contract, section 10).
pub(super) async fn rate_limit(
    caller: OptionalCaller,
    CurrentRate(stands): CurrentRate,
) -> Result<Answer, ApiProblem> {
    let stands = stands.ok_or(Problem::RateLimitsOff)?;
    let view = RateLimitView::from(stands);
    Ok(Answer::momentary(caller.reader(), &view))
}
