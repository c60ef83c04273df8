//! The end of all tokens of an app, and of the app: whoever wants it types its name.

use axum::response::Response;
use counterfoil_html::developers::{DeleteApp, Done, RevokeAllTokens};
use http::StatusCode;

use super::{LIST, found, not_there, path_of};
use crate::pages::path::AppId;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Turned};

/// `GET /settings/developers/{client_id}/revoke-all`
pub(in crate::pages) async fn ask_to_revoke_all(
    signed: Signed,
    AppId(client_id): AppId,
) -> Result<Response, Turned> {
    let app = found(&signed, &client_id).await?;
    let view = RevokeAllTokens {
        csrf: &signed.csrf(signed.path()),
        app: &app,
        typed: None,
    };
    Ok(signed.page(StatusCode::OK, &view).await)
}

/// `POST /settings/developers/{client_id}/revoke-all`
pub(in crate::pages) async fn revoke_all(
    AppId(client_id): AppId,
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Result<Response, Turned> {
    let app = found(&fresh, &client_id).await?;
    let (name, typed) = (app.app.summary.name.as_str(), fields.text("name"));
    if typed.trim() != name.trim() {
        let view = RevokeAllTokens {
            csrf: &fresh.csrf(fresh.path()),
            app: &app,
            typed: Some(typed),
        };
        return Ok(fresh.page(StatusCode::UNPROCESSABLE_ENTITY, &view).await);
    }
    let ended = fresh
        .authority()
        .revoke_tokens_of_own_app(fresh.person(), &client_id);
    let count = ended.await.map_err(|error| not_there(&fresh, error))?;
    let status = Done::AllRevoked(name, count).said(fresh.language());
    Ok(fresh.go_and_tell(&path_of(&client_id), status).await)
}

/// `GET /settings/developers/{client_id}/delete`
pub(in crate::pages) async fn ask_to_delete(
    signed: Signed,
    AppId(client_id): AppId,
) -> Result<Response, Turned> {
    let app = found(&signed, &client_id).await?;
    let view = DeleteApp {
        csrf: &signed.csrf(signed.path()),
        app: &app,
        typed: None,
    };
    Ok(signed.page(StatusCode::OK, &view).await)
}

/// `POST /settings/developers/{client_id}/delete`
pub(in crate::pages) async fn delete(
    AppId(client_id): AppId,
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Result<Response, Turned> {
    let app = found(&fresh, &client_id).await?;
    let (name, typed) = (app.app.summary.name.as_str(), fields.text("name"));
    if typed.trim() != name.trim() {
        let view = DeleteApp {
            csrf: &fresh.csrf(fresh.path()),
            app: &app,
            typed: Some(typed),
        };
        return Ok(fresh.page(StatusCode::UNPROCESSABLE_ENTITY, &view).await);
    }
    let deleted = fresh.authority().delete_own_app(fresh.person(), &client_id);
    deleted.await.map_err(|error| not_there(&fresh, error))?;
    let status = Done::Deleted(name).said(fresh.language());
    Ok(fresh.go_and_tell(LIST, status).await)
}
