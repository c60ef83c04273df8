//! The apps that a new installation has, in an older one.

use axum::response::Response;
use counterfoil_html::admin::apps::{Done, MakeBuiltInApps};
use http::StatusCode;

use super::{LIST, missing};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there};
use crate::pages::problems;
use crate::pages::sent::Sent;

/// `GET /admin/apps/built-in`
pub(in crate::pages) async fn ask(administrator: Administrator) -> Response {
    let missing = match missing(&administrator).await {
        Ok(missing) => missing,
        Err(error) => return problems::show(&administrator, error.into()),
    };
    let view = MakeBuiltInApps {
        csrf: &administrator.csrf(&format!("{LIST}/built-in")),
        missing: &missing,
    };
    administrator.page(StatusCode::OK, &view).await
}

/// `POST /admin/apps/built-in`
pub(in crate::pages) async fn make(
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let made = administrator
        .authority()
        .make_built_in_apps(administrator.operator());
    match made.await {
        Ok(made) => {
            let count = made.created.len() + made.revived.len();
            let status = Done::Made(count).said(administrator.language());
            administrator.go_and_tell(LIST, status).await
        }
        Err(error) => not_there(&administrator, error),
    }
}
