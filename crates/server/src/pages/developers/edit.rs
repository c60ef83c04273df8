//! A new app, and name, URLs and switches of one that is there.

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::app::{App, AppCreationRefused, OwnApp, RegistrationRefused};
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::Standing;
use counterfoil_html::developers::{AppForm, AppLimit, AppProblems, Done, EditApp, RegisterApp};
use http::StatusCode;

use super::form::Held;
use super::secrets::{lapsed, show_made};
use super::{LIST, form, found, not_there, path_of};
use crate::pages::path::AppId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Turned};

const NEW: &str = "/settings/developers/new";

/// `GET /settings/developers/new`
pub(in crate::pages) async fn show_new(signed: Signed) -> Response {
    let (form, problems) = (AppForm::default(), AppProblems::default());
    new_form(&signed, StatusCode::OK, &form, problems).await
}

/// `POST /settings/developers/new`: its answer shows the first secret.
pub(in crate::pages) async fn register(
    Sent {
        by: fresh,
        fields,
        once,
    }: Sent<Fresh>,
) -> Response {
    let form = form::sent(&fields);
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let request = match form::read(&form, held(&fresh, None)) {
        Ok(request) => request,
        Err(problems) => return new_form(&fresh, refused, &form, problems).await,
    };
    let Some(once) = once else {
        return problems::show(&fresh, PageProblem::NoForm);
    };
    let organization = match form.owner.as_str() {
        "" => None,
        login => match Login::parse(login) {
            Ok(login) => Some(login),
            Err(_) => return problems::show(&fresh, PageProblem::NotFound),
        },
    };
    let made = fresh
        .authority()
        .register_app(fresh.person(), once, organization.as_ref(), request);
    let reason = match made.await {
        Ok(made) => return show_made(&fresh, &made).await,
        Err(UseCaseError::CallerGone(reason)) => return lapsed(&fresh, reason).await,
        Err(UseCaseError::Store(error)) => return problems::show(&fresh, error.into()),
        Err(UseCaseError::Refused(reason)) => reason,
    };
    let live = fresh.authority().settings().app_limits.per_user;
    let limit = match reason {
        RegistrationRefused::TooManyOnPages { limit } => AppLimit::MadeInAnHour(limit),
        RegistrationRefused::Creation(AppCreationRefused::TooManyApps) => match organization {
            Some(_) => AppLimit::OfOrganization(live),
            None => AppLimit::LiveApps(live),
        },
        // An organization that is not there for whoever asks, or not any more.
        RegistrationRefused::Creation(AppCreationRefused::OwnerGone) => {
            return problems::show(&fresh, PageProblem::NotFound);
        }
        RegistrationRefused::Creation(AppCreationRefused::ClientIdTaken) => {
            return fresh.go("/login");
        }
    };
    let problems = AppProblems {
        limit: Some(limit),
        ..AppProblems::default()
    };
    new_form(&fresh, refused, &form, problems).await
}

/// What the entries of this person are held against. Administrators speak for the installation.
fn held<'a>(signed: &'a Signed, app: Option<&'a App>) -> Held<'a> {
    let is_administrator = signed.person().account().standing == Standing::SiteAdministrator;
    Held {
        app,
        brand: (!is_administrator).then(|| signed.brand().name()),
    }
}

async fn new_form(
    signed: &Signed,
    status: StatusCode,
    form: &AppForm,
    problems: AppProblems,
) -> Response {
    let owned = signed.authority().owned_organizations(signed.person());
    let organizations = match owned.await {
        Ok(organizations) => organizations,
        Err(error) => return problems::show(signed, error.into()),
    };
    let (csrf, once) = signed.csrf_once(NEW);
    let view = RegisterApp {
        csrf: &csrf,
        once: &once,
        organizations: &organizations,
        form,
        problems,
    };
    signed.page(status, &view).await
}

/// `GET /settings/developers/{client_id}`
pub(in crate::pages) async fn show(
    signed: Signed,
    AppId(client_id): AppId,
) -> Result<Response, Turned> {
    let app = found(&signed, &client_id).await?;
    let (form, problems) = (form::kept(&app.app), AppProblems::default());
    Ok(page(&signed, StatusCode::OK, &app, &form, problems).await)
}

/// `POST /settings/developers/{client_id}`
pub(in crate::pages) async fn edit(
    AppId(client_id): AppId,
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Result<Response, Turned> {
    let app = found(&fresh, &client_id).await?;
    let form = form::sent(&fields);
    let request = match form::read(&form, held(&fresh, Some(&app.app))) {
        Ok(request) => request,
        Err(problems) => {
            let refused = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(page(&fresh, refused, &app, &form, problems).await);
        }
    };
    let edited = fresh
        .authority()
        .edit_own_app(fresh.person(), &client_id, request);
    let edited = edited.await.map_err(|error| not_there(&fresh, error))?;
    let name = edited.summary.name.as_str();
    let status = Done::Saved(name).said(fresh.language());
    Ok(fresh.go_and_tell(LIST, status).await)
}

async fn page(
    signed: &Signed,
    status: StatusCode,
    app: &OwnApp,
    form: &AppForm,
    problems: AppProblems,
) -> Response {
    let view = EditApp {
        csrf: &signed.csrf(&path_of(&app.app.summary.client_id)),
        app,
        form,
        problems,
    };
    signed.page(status, &view).await
}
