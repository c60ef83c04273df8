//! An app is suspended and that is lifted, and it becomes a resource server or is one no more.

use axum::response::{IntoResponse as _, Response};
use counterfoil_domain::administered::AppInUse;
use counterfoil_domain::app::{AppChange, ClientId, SeenTokens};
use counterfoil_html::admin::apps::{Done, MarkResourceServer, SuspendApp, UnsuspendApp};
use http::StatusCode;

use super::{found, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there};
use crate::pages::path::AppId;
use crate::pages::sent::Sent;
use crate::pages::visit::Turned;

/// `GET /admin/apps/{client_id}/suspend`
pub(in crate::pages) async fn ask_to_suspend(
    administrator: Administrator,
    AppId(client_id): AppId,
) -> Response {
    match asked(&administrator, &client_id, "suspend").await {
        Ok((used, csrf)) => {
            let view = SuspendApp {
                csrf: &csrf,
                used: &used,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/apps/{client_id}/suspend`
pub(in crate::pages) async fn suspend(
    AppId(client_id): AppId,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    let suspended = administrator
        .authority()
        .suspend_app(&client_id, administrator.operator());
    match suspended.await {
        Ok(_) => told(&administrator, &client_id, Done::Suspended(&used)).await,
        Err(error) => not_there(&administrator, error),
    }
}

/// `GET /admin/apps/{client_id}/unsuspend`
pub(in crate::pages) async fn ask_to_unsuspend(
    administrator: Administrator,
    AppId(client_id): AppId,
) -> Response {
    match asked(&administrator, &client_id, "unsuspend").await {
        Ok((used, csrf)) => {
            let view = UnsuspendApp {
                csrf: &csrf,
                used: &used,
            };
            administrator.page(StatusCode::OK, &view).await
        }
        Err(page) => page.into_response(),
    }
}

/// `POST /admin/apps/{client_id}/unsuspend`
pub(in crate::pages) async fn unsuspend(
    AppId(client_id): AppId,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    let lifted = administrator
        .authority()
        .unsuspend_app(&client_id, administrator.operator());
    match lifted.await {
        Ok(_) => told(&administrator, &client_id, Done::Unsuspended(&used)).await,
        Err(error) => not_there(&administrator, error),
    }
}

/// `GET /admin/apps/{client_id}/resource-server`
pub(in crate::pages) async fn ask_to_mark(
    administrator: Administrator,
    AppId(client_id): AppId,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    let path = marking(&client_id, !used.app.seen_tokens.are_all());
    let view = MarkResourceServer {
        csrf: &administrator.csrf(&path),
        used: &used,
    };
    administrator.page(StatusCode::OK, &view).await
}

/// `POST /admin/apps/{client_id}/resource-server`
pub(in crate::pages) async fn mark(app: AppId, form: Sent<FreshAdministrator>) -> Response {
    set_marked(SeenTokens::All, app, form).await
}

/// `POST /admin/apps/{client_id}/resource-server/take-back`
pub(in crate::pages) async fn unmark(app: AppId, form: Sent<FreshAdministrator>) -> Response {
    set_marked(SeenTokens::Own, app, form).await
}

async fn set_marked(
    seen_tokens: SeenTokens,
    AppId(client_id): AppId,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let change = AppChange {
        seen_tokens: Some(seen_tokens),
        ..AppChange::default()
    };
    let changed =
        administrator
            .authority()
            .change_app(&client_id, change, administrator.operator());
    match changed.await {
        Ok(app) => {
            let name = app.summary.name.as_str();
            let done = if seen_tokens.are_all() {
                Done::Marked(name)
            } else {
                Done::Unmarked(name)
            };
            told(&administrator, &client_id, done).await
        }
        Err(error) => not_there(&administrator, error),
    }
}

/// Where the form goes to. Two rows, so that a form that is sent twice turns nothing back.
fn marking(client_id: &ClientId, marks: bool) -> String {
    let end = if marks { "" } else { "/take-back" };
    format!("{}/resource-server{end}", path_of(client_id))
}

/// An app, and the token of the form that goes to this place below its page.
async fn asked(
    administrator: &Administrator,
    client_id: &ClientId,
    place: &str,
) -> Result<(AppInUse, String), Turned> {
    let used = found(administrator, client_id).await?;
    let csrf = administrator.csrf(&format!("{}/{place}", path_of(client_id)));
    Ok((used, csrf))
}

/// On to the page of the app, which tells what was done.
async fn told(
    administrator: &FreshAdministrator,
    client_id: &ClientId,
    done: Done<'_>,
) -> Response {
    let status = done.said(administrator.language());
    administrator.go_and_tell(&path_of(client_id), status).await
}
