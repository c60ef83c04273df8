//! A secret of an app that everybody may know.

use axum::response::{IntoResponse as _, Response};
use counterfoil_html::admin::apps::{Done, PublishSecret};
use http::StatusCode;

use super::{found, path_of};
use crate::pages::admin::{Administrator, FreshAdministrator, not_there};
use crate::pages::path::SecretId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;

/// `GET /admin/apps/{client_id}/secrets/{secret_id}/publish`
pub(in crate::pages) async fn ask_to_publish(
    administrator: Administrator,
    SecretId(client_id, id): SecretId,
) -> Response {
    let used = match found(&administrator, &client_id).await {
        Ok(used) => used,
        Err(page) => return page.into_response(),
    };
    let secrets = match administrator.authority().list_app_secrets(&client_id).await {
        Ok(secrets) => secrets,
        Err(error) => return not_there(&administrator, error),
    };
    let Some(secret) = secrets.iter().find(|secret| secret.id == id) else {
        return problems::show(&administrator, PageProblem::NotFound);
    };
    let action = format!("{}/secrets/{id}/publish", path_of(&client_id));
    let view = PublishSecret {
        csrf: &administrator.csrf(&action),
        used: &used,
        secret,
    };
    administrator.page(StatusCode::OK, &view).await
}

/// `POST /admin/apps/{client_id}/secrets/{secret_id}/publish`
pub(in crate::pages) async fn publish(
    SecretId(client_id, id): SecretId,
    Sent {
        by: administrator, ..
    }: Sent<FreshAdministrator>,
) -> Response {
    let published =
        administrator
            .authority()
            .publish_app_secret(&client_id, id, administrator.operator());
    match published.await {
        Ok(secret) => {
            let status = Done::Published(&secret.last_eight).said(administrator.language());
            administrator
                .go_and_tell(&path_of(&client_id), status)
                .await
        }
        Err(error) => not_there(&administrator, error),
    }
}
