//! `/admin/apps`: every app, whoever owns it.

pub(in crate::pages) mod built_in;
pub(in crate::pages) mod owner;
pub(in crate::pages) mod secrets;
pub(in crate::pages) mod switches;

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::{StoreError, UseCaseError};
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::{ClientId, NoSuchApp};
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_html::admin::apps::{AppList, AppPage};
use http::StatusCode;

use super::{Administrator, not_there, page_of};
use crate::pages::path::AppId;
use crate::pages::problems;
use crate::pages::visit::Turned;

/// The list, from which the other pages are reached.
const LIST: &str = "/admin/apps";

/// Where the pages of an app are.
fn path_of(client_id: &ClientId) -> String {
    format!("{LIST}/{client_id}")
}

/// `GET /admin/apps`
pub(in crate::pages) async fn list(administrator: Administrator) -> Response {
    let page = page_of(&administrator);
    let listed = administrator
        .authority()
        .apps_in_use(page, administrator.operator());
    let apps = match listed.await {
        Ok(apps) => apps,
        Err(error) => return problems::show(&administrator, error.into()),
    };
    let missing = match missing(&administrator).await {
        Ok(missing) => missing,
        Err(error) => return problems::show(&administrator, error.into()),
    };
    let view = AppList {
        apps: &apps,
        page,
        lacks_built_in: !missing.is_empty(),
    };
    administrator.page(StatusCode::OK, &view).await
}

/// `GET /admin/apps/{client_id}`
pub(in crate::pages) async fn show(
    administrator: Administrator,
    AppId(client_id): AppId,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    match administrator.authority().list_app_secrets(&client_id).await {
        Ok(secrets) => {
            let view = AppPage {
                used: &used,
                secrets: &secrets,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

/// An app with how much it is used, or the page that says that there is none.
async fn found(administrator: &Administrator, client_id: &ClientId) -> Result<AppInUse, Turned> {
    let found = administrator
        .authority()
        .app_in_use(client_id, administrator.operator());
    found
        .await
        .map_err(|error| not_there(administrator, error).into())
}

/// Those of the apps of a new installation that are not here.
async fn missing(administrator: &Administrator) -> Result<Vec<&'static BuiltInApp>, StoreError> {
    let mut missing = Vec::new();
    for app in BuiltInApp::ALL {
        match administrator.authority().find_app(&app.client_id()).await {
            // To look for it nothing is proven that could lapse.
            Ok(_) | Err(UseCaseError::CallerGone(_)) => {}
            Err(UseCaseError::Refused(NoSuchApp)) => missing.push(app),
            Err(UseCaseError::Store(error)) => return Err(error),
        }
    }
    Ok(missing)
}
