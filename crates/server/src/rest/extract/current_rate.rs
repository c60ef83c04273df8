//! How whoever asks stands with the rate limits.

use axum::extract::FromRequestParts;
use counterfoil_domain::rate_limit::RateStatus;
use http::request::Parts;

use crate::facts::RequestFacts;
use crate::middleware::rate_limit::Meter;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// See the module; none without rate limits. It comes after the extractor that knows who asks.
pub(crate) struct CurrentRate(pub(crate) Option<RateStatus>);

impl FromRequestParts<ServerState> for CurrentRate {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let meter = RequestFacts::of(parts).and_then(|facts| facts.meter.as_ref());
        Ok(Self(meter.and_then(Meter::stands)))
    }
}
