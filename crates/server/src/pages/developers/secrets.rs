//! The secrets of an app: made and shown once, ended each on its own.

use axum::response::Response;
use counterfoil_authority::{CreatedApp, UseCaseError};
use counterfoil_domain::app::SecretCreationRefused;
use counterfoil_domain::principal::Lapsed;
use counterfoil_html::developers::{AppSecrets, Done, EndSecret, MadeSecret, SecretShownBefore};
use http::StatusCode;

use super::{not_there, path_of};
use crate::pages::path::{AppId, SecretId};
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};

/// `GET /settings/developers/{client_id}/secrets`
pub(in crate::pages) async fn list(signed: Signed, AppId(client_id): AppId) -> Response {
    let found = signed
        .authority()
        .own_app_secrets(signed.person(), &client_id);
    match found.await {
        Ok((app, secrets)) => {
            let (csrf, once) = signed.csrf_once(&format!("{}/secrets", path_of(&client_id)));
            let view = AppSecrets {
                csrf: &csrf,
                once: &once,
                app: &app,
                secrets: &secrets,
            };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// `POST /settings/developers/{client_id}/secrets`: its answer shows the secret.
pub(in crate::pages) async fn make(
    AppId(client_id): AppId,
    Sent {
        by: fresh, once, ..
    }: Sent<Fresh>,
) -> Response {
    let Some(once) = once else {
        return problems::show(&fresh, PageProblem::NoForm);
    };
    let made = fresh
        .authority()
        .make_own_app_secret(fresh.person(), once, &client_id);
    match made.await {
        Ok(made) => show_made(&fresh, &made).await,
        Err(UseCaseError::CallerGone(reason)) => lapsed(&fresh, reason).await,
        // The list says so, and has no form for another one.
        Err(UseCaseError::Refused(SecretCreationRefused::TooManySecrets)) => {
            fresh.go(&format!("{}/secrets", path_of(&client_id)))
        }
        Err(error) => not_there(&fresh, error),
    }
}

/// The page with a secret that was just made.
pub(super) async fn show_made(signed: &Signed, made: &CreatedApp) -> Response {
    let view = MadeSecret {
        app: &made.app,
        secret: &made.secret,
    };
    signed.page(StatusCode::OK, &view).await
}

/// What is answered when what proved who asks holds no more, or the form was sent before.
pub(super) async fn lapsed(signed: &Signed, lapsed: Lapsed) -> Response {
    match lapsed {
        Lapsed::Repeated => signed.page(StatusCode::CONFLICT, &SecretShownBefore).await,
        _ => signed.go("/login"),
    }
}

/// `GET /settings/developers/{client_id}/secrets/{secret_id}/revoke`
pub(in crate::pages) async fn ask_to_end(
    signed: Signed,
    SecretId(client_id, id): SecretId,
) -> Response {
    let found = signed
        .authority()
        .own_app_secrets(signed.person(), &client_id);
    let (app, secrets) = match found.await {
        Ok(found) => found,
        Err(error) => return not_there(&signed, error),
    };
    let Some(secret) = secrets.iter().find(|secret| secret.id == id) else {
        return problems::show(&signed, PageProblem::NotFound);
    };
    let view = EndSecret {
        csrf: &signed.csrf(signed.path()),
        app: &app,
        secret,
        is_last: secrets.len() == 1,
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /settings/developers/{client_id}/secrets/{secret_id}/revoke`
pub(in crate::pages) async fn end(
    SecretId(client_id, id): SecretId,
    Sent { by: fresh, .. }: Sent<Fresh>,
) -> Response {
    let ended = fresh
        .authority()
        .end_own_app_secret(fresh.person(), &client_id, id);
    match ended.await {
        Ok(ended) => {
            let status = Done::SecretEnded(&ended.last_eight).said(fresh.language());
            let list = format!("{}/secrets", path_of(&client_id));
            fresh.go_and_tell(&list, status).await
        }
        Err(error) => not_there(&fresh, error),
    }
}
