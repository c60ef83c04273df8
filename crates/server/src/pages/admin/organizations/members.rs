//! One organization, and its members: added, given another role, removed.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{MemberFilter, Organization, OrganizationRefused, Role};
use counterfoil_html::admin::LOGIN_FIELD;
use counterfoil_html::admin::organizations::{
    AddMember, ChangeRole, Done, MemberProblem, OrganizationPage, RemoveMember,
};
use http::StatusCode;

use super::place::{OfMember, OfOrganization};
use super::{found, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there, page_of};
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::Turned;

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// `GET /admin/organizations/{org}`
pub(in crate::pages) async fn show(
    administrator: Administrator,
    OfOrganization(login): OfOrganization,
) -> Response {
    let (organization, used) = match found(&administrator, &login).await {
        Ok(found) => found,
        Err(page) => return page.into_response(),
    };
    let (filter, page) = (MemberFilter::default(), page_of(&administrator));
    let members = administrator.authority().list_organization_members(
        organization.id,
        filter,
        page,
        administrator.operator(),
    );
    match members.await {
        Ok(members) => {
            let view = OrganizationPage {
                organization: &organization,
                used,
                members: &members,
                page,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&administrator, error.into()),
    }
}

/// `GET /admin/organizations/{org}/members`
pub(in crate::pages) async fn ask_to_add(
    administrator: Administrator,
    OfOrganization(login): OfOrganization,
) -> Response {
    match found(&administrator, &login).await {
        Ok((organization, _)) => {
            let role = Some(Role::Member);
            add_page(&administrator, &organization, ("", role), None).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/members`
pub(in crate::pages) async fn add(
    OfOrganization(login): OfOrganization,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let organization = match found(&administrator, &login).await {
        Ok((organization, _)) => organization,
        Err(page) => return page.into_response(),
    };
    let typed = fields.text(LOGIN_FIELD).trim();
    let role = Role::from_stored(fields.text("role"));
    let problem = match (Login::parse(typed), role) {
        _ if typed.is_empty() => MemberProblem::NoLogin,
        (Err(_), _) => MemberProblem::NoSuchUser,
        (Ok(_), None) => MemberProblem::NoRole,
        (Ok(member), Some(role)) => {
            match set_role(&administrator, &organization, &member, role).await {
                Ok(response) => return response,
                Err(problem) => problem,
            }
        }
    };
    add_page(&administrator, &organization, (typed, role), Some(problem)).await
}

/// `GET /admin/organizations/{org}/members/{login}`
pub(in crate::pages) async fn ask_role(
    administrator: Administrator,
    OfMember(organization, login): OfMember,
) -> Response {
    match member(&administrator, &organization, &login).await {
        Ok((organization, login, role)) => {
            let of = (&organization, &login);
            role_page(&administrator, of, Some(role), None).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/members/{login}`
pub(in crate::pages) async fn change_role(
    OfMember(organization, login): OfMember,
    Sent {
        by: administrator,
        fields,
        ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let (organization, login, _) = match member(&administrator, &organization, &login).await {
        Ok(member) => member,
        Err(page) => return page.into_response(),
    };
    let role = Role::from_stored(fields.text("role"));
    let problem = match role {
        None => MemberProblem::NoRole,
        Some(role) => match set_role(&administrator, &organization, &login, role).await {
            Ok(response) => return response,
            Err(problem) => problem,
        },
    };
    let of = (&organization, &login);
    role_page(&administrator, of, role, Some(problem)).await
}

/// `GET /admin/organizations/{org}/members/{login}/remove`
pub(in crate::pages) async fn ask_to_remove(
    administrator: Administrator,
    OfMember(organization, login): OfMember,
) -> Response {
    match member(&administrator, &organization, &login).await {
        Ok((organization, login, role)) => {
            let of = (&organization, &login, role);
            remove_page(&administrator, of, None).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/organizations/{org}/members/{login}/remove`
pub(in crate::pages) async fn remove(
    OfMember(organization, login): OfMember,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let (organization, login, role) = match member(&administrator, &organization, &login).await {
        Ok(member) => member,
        Err(page) => return page.into_response(),
    };
    let removed = administrator.authority().remove_organization_member(
        &organization.login,
        &login,
        administrator.operator(),
    );
    match removed.await {
        Ok(()) => {
            let done = Done::Removed {
                login: &login,
                organization: &organization.login,
            };
            let status = done.said(administrator.language());
            let path = path_of(&organization.login);
            administrator.go_and_tell(&path, status).await
        }
        Err(UseCaseError::Refused(OrganizationRefused::LastOwner)) => {
            let of = (&organization, &login, role);
            remove_page(&administrator, of, Some(MemberProblem::LastOwner)).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

/// Gives somebody a role, or says what is wrong with that.
async fn set_role(
    administrator: &FreshAdministrator,
    organization: &Organization,
    login: &Login,
    role: Role,
) -> Result<Response, MemberProblem> {
    let set = administrator.authority().set_organization_member(
        &organization.login,
        login,
        role,
        administrator.operator(),
    );
    match set.await {
        Ok(_) => {
            let done = Done::IsMember {
                login,
                organization: &organization.login,
                role,
            };
            let status = done.said(administrator.language());
            let path = path_of(&organization.login);
            Ok(administrator.go_and_tell(&path, status).await)
        }
        Err(UseCaseError::Refused(OrganizationRefused::NoSuchUser)) => {
            Err(MemberProblem::NoSuchUser)
        }
        Err(UseCaseError::Refused(OrganizationRefused::LastOwner)) => Err(MemberProblem::LastOwner),
        Err(error) => Ok(not_there(administrator, error)),
    }
}

/// Somebody in an organization, with what they are there; whoever is not in it is not there.
async fn member(
    administrator: &Administrator,
    organization: &Login,
    login: &Login,
) -> Result<(Organization, Login, Role), Turned> {
    let (organization, _) = found(administrator, organization).await?;
    let account = administrator.authority().find_account(login).await;
    let account = account.map_err(|error| Turned::from(not_there(administrator, error)))?;
    let role =
        administrator
            .authority()
            .role_in(organization.id, account.id, administrator.operator());
    match role.await {
        Ok(Some(role)) => Ok((organization, account.login, role)),
        Ok(None) => Err(problems::show(administrator, PageProblem::NotFound).into()),
        Err(error) => Err(problems::show(administrator, error.into()).into()),
    }
}

fn status_of(problem: Option<MemberProblem>) -> StatusCode {
    problem.map_or(StatusCode::OK, |_| REFUSED)
}

async fn add_page(
    administrator: &Administrator,
    organization: &Organization,
    (login, role): (&str, Option<Role>),
    problem: Option<MemberProblem>,
) -> Response {
    let view = AddMember {
        csrf: &administrator.csrf(&format!("{}/members", path_of(&organization.login))),
        organization,
        login,
        role,
        problem,
    };
    administrator.page(status_of(problem), &view).await
}

async fn role_page(
    administrator: &Administrator,
    (organization, login): (&Organization, &Login),
    role: Option<Role>,
    problem: Option<MemberProblem>,
) -> Response {
    let action = format!("{}/members/{login}", path_of(&organization.login));
    let view = ChangeRole {
        csrf: &administrator.csrf(&action),
        organization,
        login,
        role,
        problem,
    };
    administrator.page(status_of(problem), &view).await
}

async fn remove_page(
    administrator: &Administrator,
    (organization, login, role): (&Organization, &Login, Role),
    problem: Option<MemberProblem>,
) -> Response {
    let action = format!("{}/members/{login}/remove", path_of(&organization.login));
    let view = RemoveMember {
        csrf: &administrator.csrf(&action),
        organization,
        login,
        role,
        problem,
    };
    administrator.page(status_of(problem), &view).await
}
