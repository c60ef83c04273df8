//! `/admin`: how each part is, and what to do where it is not good.

use axum::response::Response;
use counterfoil_authority::Outage;
use counterfoil_domain::health::DatabaseHealth;
use counterfoil_html::admin::health::HealthPage;
use http::StatusCode;

use super::Administrator;
use crate::pages::problems;
use crate::readiness::NotReady;

/// `GET /admin`
pub(in crate::pages) async fn show(administrator: Administrator) -> Response {
    let (state, authority) = (administrator.state(), administrator.authority());
    let database = match state.readiness().demand(authority).await {
        Ok(()) => DatabaseHealth::Good,
        Err(NotReady::NotWriting(Outage::Other)) => DatabaseHealth::TakesNoWrites,
        Err(NotReady::NotWriting(_) | NotReady::NotFollowing(_)) => DatabaseHealth::Silent,
    };
    let certificate = state.metrics().certificate(authority.now());
    let health = authority.health(database, certificate, administrator.operator());
    match health.await {
        Ok(health) => {
            let view = HealthPage { health: &health };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&administrator, error.into()),
    }
}
