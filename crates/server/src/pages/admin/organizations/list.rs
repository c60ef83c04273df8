//! All organizations, and a new one.

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::login::{Login, NewLoginRefused};
use counterfoil_domain::organization::{NewOrganization, OrganizationRefused};
use counterfoil_domain::text::{DisplayName, TextRefused};
use counterfoil_html::admin::organizations::{
    Done, NewOrganizationForm, NewOrganizationProblem, OrganizationList,
};
use http::StatusCode;

use super::{LIST, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there, page_of};
use crate::pages::problems;
use crate::pages::sent::Sent;

/// `GET /admin/organizations`
pub(in crate::pages) async fn list(administrator: Administrator) -> Response {
    let form = NewOrganizationForm::default();
    show(&administrator, StatusCode::OK, form, None).await
}

/// `POST /admin/organizations`
pub(in crate::pages) async fn create(
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let form = NewOrganizationForm {
        login: fields.text("organization"),
        name: fields.text("name"),
    };
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let new = match read(form) {
        Ok(new) => new,
        Err(problem) => return show(&administrator, refused, form, Some(problem)).await,
    };
    let made = administrator
        .authority()
        .create_organization(new, administrator.operator());
    match made.await {
        Ok(made) => {
            let status = Done::Created(&made.login).said(administrator.language());
            administrator
                .go_and_tell(&path_of(&made.login), status)
                .await
        }
        Err(UseCaseError::Refused(OrganizationRefused::LoginTaken)) => {
            let problem = Some(NewOrganizationProblem::LoginTaken);
            show(&administrator, refused, form, problem).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

async fn show(
    administrator: &Administrator,
    status: StatusCode,
    form: NewOrganizationForm<'_>,
    problem: Option<NewOrganizationProblem>,
) -> Response {
    let page = page_of(administrator);
    let listed = administrator
        .authority()
        .organizations_in_use(page, administrator.operator());
    let organizations = match listed.await {
        Ok(organizations) => organizations,
        Err(error) => return problems::show(administrator, error.into()),
    };
    let view = OrganizationList {
        csrf: &administrator.csrf(LIST),
        organizations: &organizations,
        page,
        form,
        problem,
    };
    administrator.page(status, &view).await
}

fn read(form: NewOrganizationForm<'_>) -> Result<NewOrganization, NewOrganizationProblem> {
    use NewOrganizationProblem as Problem;
    let login = Login::parse_new(form.login.trim()).map_err(|refused| match refused {
        NewLoginRefused::Form(_) => Problem::NoLogin,
        NewLoginRefused::ClientId => Problem::LoginOfApp,
    })?;
    let name = match form.name.trim() {
        "" => None,
        name => Some(DisplayName::parse(name).map_err(|refused| match refused {
            TextRefused::TooLong => Problem::LongName,
            TextRefused::Control => Problem::ControlInName,
        })?),
    };
    Ok(NewOrganization { login, name })
}
