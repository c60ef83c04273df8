//! The end of an organization: whoever wants it types the login.

use axum::response::{IntoResponse as _, Response};
use counterfoil_domain::login::Login;
use counterfoil_html::admin::organizations::{DeleteOrganization, Done};
use http::StatusCode;

use super::place::OfOrganization;
use super::{LIST, found, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there};
use crate::pages::sent::Sent;

/// `GET /admin/organizations/{org}/delete`
pub(in crate::pages) async fn ask(
    administrator: Administrator,
    OfOrganization(login): OfOrganization,
) -> Response {
    page(&administrator, StatusCode::OK, &login, None).await
}

/// `POST /admin/organizations/{org}/delete`
pub(in crate::pages) async fn delete(
    OfOrganization(login): OfOrganization,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let typed = fields.text("organization");
    let is_typed = Login::parse(typed.trim()).is_ok_and(|typed| typed.key() == login.key());
    if !is_typed {
        let refused = StatusCode::UNPROCESSABLE_ENTITY;
        return page(&administrator, refused, &login, Some(typed)).await;
    }
    let deleted = administrator
        .authority()
        .delete_organization(&login, administrator.operator());
    match deleted.await {
        Ok(_) => {
            let status = Done::Deleted(&login).said(administrator.language());
            administrator.go_and_tell(LIST, status).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

async fn page(
    administrator: &Administrator,
    status: StatusCode,
    login: &Login,
    typed: Option<&str>,
) -> Response {
    let (organization, used) = match found(administrator, login).await {
        Ok(found) => found,
        Err(page) => return page.into_response(),
    };
    let view = DeleteOrganization {
        csrf: &administrator.csrf(&format!("{}/delete", path_of(&organization.login))),
        organization: &organization,
        used,
        typed,
    };
    administrator.page(status, &view).await
}
