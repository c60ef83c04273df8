//! `/settings/developers`: somebody's own apps, and those of organizations that they own
//! (wire contract, section 33).

pub(super) mod edit;
pub(super) mod end;
mod form;
pub(super) mod secrets;
pub(super) mod transfer;

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::app::{ClientId, OwnApp};
use counterfoil_html::developers::MyApps;
use http::StatusCode;

use super::problems::{self, PageProblem};
use super::visit::{Signed, Turned};

/// The list, to which a page leads on that is done.
const LIST: &str = "/settings/developers";

/// `GET /settings/developers`
pub(super) async fn list(signed: Signed) -> Response {
    match signed.authority().list_own_apps(signed.person()).await {
        Ok(apps) => {
            let view = MyApps { apps: &apps };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&signed, error.into()),
    }
}

/// Where the pages of an app are.
fn path_of(client_id: &ClientId) -> String {
    format!("{LIST}/{client_id}")
}

/// An app of somebody, or the page that says that there is none.
async fn found(signed: &Signed, client_id: &ClientId) -> Result<OwnApp, Turned> {
    let found = signed.authority().find_own_app(signed.person(), client_id);
    found.await.map_err(|error| not_there(signed, error).into())
}

/// What is answered for what is not there, or is no more; whatever it is that was looked for.
fn not_there<R>(signed: &Signed, error: UseCaseError<R>) -> Response {
    match error {
        UseCaseError::Refused(_) => problems::show(signed, PageProblem::NotFound),
        UseCaseError::CallerGone(_) => signed.go("/login"),
        UseCaseError::Store(error) => problems::show(signed, error.into()),
    }
}
