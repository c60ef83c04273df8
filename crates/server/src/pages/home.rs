//! `/`: what this is, or what needs the attention of who is signed in.

use axum::response::Response;
use counterfoil_html::home::{Home, Welcome};
use http::StatusCode;

use super::attention::Facts;
use super::headers::Ends;
use super::problems;
use super::visit::{self, Signed, Visit};

/// `GET /`
pub(super) async fn home(visit: Visit) -> Response {
    match visit.person().await {
        Ok(Some(person)) => {
            if let Some(response) = visit::overdue(&visit, &person).await {
                return response;
            }
            let signed = Signed::new(visit, person);
            let facts = match Facts::read(&signed).await {
                Ok(facts) => facts,
                Err(error) => return problems::show(&signed, error.into()),
            };
            let items = facts.items();
            signed.page(StatusCode::OK, &Home { items }).await
        }
        Ok(None) => {
            let is_set_up = match visit.authority().is_administered().await {
                Ok(is_set_up) => is_set_up,
                Err(error) => return problems::show(&visit, error.into()),
            };
            let view = Welcome {
                api: visit.state().base().rest(),
                is_set_up,
            };
            visit.page(StatusCode::OK, Ends::Here, &view)
        }
        Err(error) => problems::show(&visit, error.into()),
    }
}
