//! An app goes to whichever user or organization.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::TransferRefused;
use counterfoil_domain::login::Login;
use counterfoil_html::admin::apps::{Done, TransferAnyApp, TransferProblem};
use http::StatusCode;

use super::{found, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there};
use crate::pages::path::AppId;
use crate::pages::sent::Sent;

/// `GET /admin/apps/{client_id}/transfer`
pub(in crate::pages) async fn ask(
    administrator: Administrator,
    AppId(client_id): AppId,
) -> Response {
    match found(&administrator, &client_id).await {
        Ok(used) => page(&administrator, &used, "", None).await,
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/apps/{client_id}/transfer`
pub(in crate::pages) async fn transfer(
    AppId(client_id): AppId,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    let typed = fields.text("owner").trim();
    let problem = match Login::parse(typed) {
        _ if typed.is_empty() => TransferProblem::NoLogin,
        Err(_) => TransferProblem::NoSuchOwner,
        Ok(to) if to.key() == used.owner.key() => TransferProblem::IsOwner,
        Ok(to) => {
            let given =
                administrator
                    .authority()
                    .transfer_app(&client_id, &to, administrator.operator());
            match given.await {
                Ok(given) => {
                    let done = Done::Transferred(given.summary.name.as_str(), &to);
                    let status = done.said(administrator.language());
                    let path = path_of(&client_id);
                    return administrator.go_and_tell(&path, status).await;
                }
                Err(UseCaseError::Refused(TransferRefused::RecipientGone)) => {
                    TransferProblem::NoSuchOwner
                }
                Err(UseCaseError::Refused(TransferRefused::TooManyApps)) => {
                    let limit = administrator.authority().settings().app_limits.per_user;
                    TransferProblem::TooManyApps(limit)
                }
                Err(error) => return not_there(&administrator, error),
            }
        }
    };
    page(&administrator, &used, typed, Some(problem)).await
}

async fn page(
    administrator: &Administrator,
    used: &AppInUse,
    to: &str,
    problem: Option<TransferProblem>,
) -> Response {
    let action = format!("{}/transfer", path_of(&used.app.summary.client_id));
    let view = TransferAnyApp {
        csrf: &administrator.csrf(&action),
        used,
        to,
        problem,
    };
    let status = problem.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    administrator.page(status, &view).await
}
