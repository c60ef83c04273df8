//! An app goes to an organization that whoever looks after it owns.

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::app::{OwnApp, TransferRefused};
use counterfoil_domain::login::Login;
use counterfoil_html::developers::{Done, TransferApp, TransferProblem};
use http::StatusCode;

use super::{LIST, found, not_there};
use crate::pages::path::AppId;
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Turned};

/// `GET /settings/developers/{client_id}/transfer`
pub(in crate::pages) async fn ask(
    signed: Signed,
    AppId(client_id): AppId,
) -> Result<Response, Turned> {
    let app = found(&signed, &client_id).await?;
    Ok(page(&signed, StatusCode::OK, &app, None).await)
}

/// `POST /settings/developers/{client_id}/transfer`
pub(in crate::pages) async fn transfer(
    AppId(client_id): AppId,
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Result<Response, Turned> {
    let app = found(&fresh, &client_id).await?;
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(to) = Login::parse(fields.text("owner")) else {
        let problem = Some(TransferProblem::NotChosen);
        return Ok(page(&fresh, refused, &app, problem).await);
    };
    let given = fresh
        .authority()
        .transfer_own_app(fresh.person(), &client_id, &to);
    Ok(match given.await {
        Ok(given) => {
            let name = given.summary.name.as_str();
            let status = Done::Transferred(name, to.as_str()).said(fresh.language());
            fresh.go_and_tell(LIST, status).await
        }
        Err(UseCaseError::Refused(TransferRefused::TooManyApps)) => {
            let limit = fresh.authority().settings().app_limits.per_user;
            let problem = Some(TransferProblem::TooManyApps(limit));
            page(&fresh, refused, &app, problem).await
        }
        Err(error) => not_there(&fresh, error),
    })
}

async fn page(
    signed: &Signed,
    status: StatusCode,
    app: &OwnApp,
    problem: Option<TransferProblem>,
) -> Response {
    let owned = signed.authority().owned_organizations(signed.person());
    let mut organizations = match owned.await {
        Ok(organizations) => organizations,
        Err(error) => return problems::show(signed, error.into()),
    };
    organizations.retain(|organization| organization.id != app.app.owner);
    let view = TransferApp {
        csrf: &signed.csrf(signed.path()),
        app,
        organizations: &organizations,
        problem,
    };
    signed.page(status, &view).await
}
