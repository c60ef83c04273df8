//! Links that administrators make for users: mailed, or shown this once.

use axum::response::Response;
use counterfoil_authority::{LinkDelivery, UseCaseError};
use counterfoil_domain::account::Verification;
use counterfoil_domain::administered::UserFacts;
use counterfoil_domain::link::LinkRefused;
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::Lapsed;
use counterfoil_html::admin::users::{LinkShownBefore, MadeLink, UserAct};
use http::StatusCode;

use super::{not_there, path_of};
use crate::pages::admin::Administrator;
use crate::pages::problems::{self, PageProblem};

/// Whether a link for this act is mailed: to an address that is not verified goes an invitation
/// alone.
pub(super) fn is_mailed(administrator: &Administrator, act: UserAct, facts: &UserFacts) -> bool {
    let is_reached = facts
        .address
        .as_ref()
        .is_some_and(|held| act == UserAct::Invite || held.verification == Verification::Verified);
    is_reached && administrator.authority().sends_mail()
}

/// On to the page of the user, or the page that shows the link.
pub(super) async fn delivered(
    administrator: &Administrator,
    act: UserAct,
    login: &Login,
    delivery: &LinkDelivery,
) -> Response {
    match delivery {
        LinkDelivery::Mailed => {
            let status = act.done(login.as_str(), administrator.language());
            administrator.go_and_tell(&path_of(login), status).await
        }
        LinkDelivery::Shown(link) => {
            let origin = administrator.own_origin();
            let view = MadeLink {
                login: login.as_str(),
                url: &format!("{origin}/link/{}", link.code.expose()),
                expires_at: link.expires_at,
            };
            administrator.page(StatusCode::OK, &view).await
        }
    }
}

/// Why no link was made.
pub(super) async fn refused(
    administrator: &Administrator,
    login: &Login,
    error: UseCaseError<LinkRefused>,
) -> Response {
    match error {
        UseCaseError::CallerGone(Lapsed::Repeated) => shown_before(administrator).await,
        UseCaseError::Refused(LinkRefused::OutboxFull) => {
            problems::show(administrator, PageProblem::Busy)
        }
        // It was done meanwhile, or there is no reason for it: the page of the user says so.
        UseCaseError::Refused(
            LinkRefused::Suspended
            | LinkRefused::HasPassword
            | LinkRefused::NoAddress
            | LinkRefused::HasSecondFactor
            | LinkRefused::SetUpDone,
        ) => administrator.go(&path_of(login)),
        error => not_there(administrator, error),
    }
}

/// The form was sent before.
pub(super) async fn shown_before(administrator: &Administrator) -> Response {
    administrator
        .page(StatusCode::CONFLICT, &LinkShownBefore)
        .await
}
