//! `/settings/tokens`: somebody's own tokens (wire contract, section 31).

pub(super) mod delete;
pub(super) mod edit;
mod form;
pub(super) mod list;
pub(super) mod make;

use axum::response::Response;
use counterfoil_domain::expiry_offer::ExpiryOffer;
use counterfoil_domain::principal::Lapsed;
use counterfoil_html::tokens::ShownBefore;
use http::StatusCode;

use super::visit::Signed;

/// The list of live tokens, to which a page leads on that is done.
const LIST: &str = "/settings/tokens";

/// The lifetimes that somebody may choose from now.
fn offer(signed: &Signed) -> ExpiryOffer {
    let authority = signed.authority();
    ExpiryOffer::new(authority.token_life(), signed.zone(), authority.now())
}

/// What is answered when what proved who asks holds no more, or the form was sent before.
async fn lapsed(signed: &Signed, lapsed: Lapsed) -> Response {
    match lapsed {
        Lapsed::Repeated => signed.page(StatusCode::CONFLICT, &ShownBefore).await,
        _ => signed.go("/login"),
    }
}
