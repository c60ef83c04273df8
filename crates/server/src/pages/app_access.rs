//! `/settings/applications` and `/settings/connections/applications`: the apps that have access to
//! somebody's account, and the end of it (wire contract, section 32).

use axum::response::Response;
use counterfoil_authority::UseCaseError;
use counterfoil_domain::page::Page;
use counterfoil_html::app_access::{
    AppWithAccess, AppsWithAccess, Done, RevokeAccess, RevokeAppToken,
};
use http::StatusCode;

use super::path::{AppId, AppTokenId};
use super::problems::{self, PageProblem};
use super::sent::Sent;
use super::visit::Signed;

/// The list, to which a page leads on that is done.
const LIST: &str = "/settings/applications";
/// Rows on a page.
const AT_A_TIME: u32 = 30;

/// Which page of a list the address asks for.
fn page_of(signed: &Signed) -> Page {
    let number = signed.query().text("page").parse().unwrap_or(1);
    Page::new(number, AT_A_TIME)
}

/// `GET /settings/applications`
pub(super) async fn list(signed: Signed) -> Response {
    let page = page_of(&signed);
    let listed = signed.authority().apps_with_access(signed.person(), page);
    match listed.await {
        Ok(apps) => {
            let view = AppsWithAccess { apps: &apps, page };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => problems::show(&signed, error.into()),
    }
}

/// `GET /settings/connections/applications`: the address that the API hands out, without an app.
pub(super) async fn without_app(signed: Signed) -> Response {
    signed.go(LIST)
}

/// `GET /settings/connections/applications/{client_id}`
pub(super) async fn show(signed: Signed, AppId(client_id): AppId) -> Response {
    let page = page_of(&signed);
    let found = signed
        .authority()
        .app_access(signed.person(), &client_id, page);
    match found.await {
        Ok((access, tokens)) => {
            let view = AppWithAccess {
                access: &access,
                tokens: &tokens,
                page,
            };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// `GET /settings/connections/applications/{client_id}/revoke`
pub(super) async fn ask_to_revoke(signed: Signed, AppId(client_id): AppId) -> Response {
    let page = Page::new(1, 1);
    let found = signed
        .authority()
        .app_access(signed.person(), &client_id, page);
    match found.await {
        Ok((access, _)) => {
            let view = RevokeAccess {
                csrf: &signed.csrf(signed.path()),
                access: &access,
            };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// `POST /settings/connections/applications/{client_id}/revoke`
pub(super) async fn revoke(
    AppId(client_id): AppId,
    Sent { by: signed, .. }: Sent<Signed>,
) -> Response {
    let ended = signed
        .authority()
        .end_app_access(signed.person(), &client_id);
    match ended.await {
        Ok(ended) => {
            let done = Done::AccessRevoked {
                app: ended.app.as_str(),
                tokens: ended.tokens,
            };
            signed.go_and_tell(LIST, done.said(signed.language())).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// `GET /settings/connections/applications/{client_id}/tokens/{token_id}/revoke`
pub(super) async fn ask_to_revoke_token(
    signed: Signed,
    AppTokenId(client_id, id): AppTokenId,
) -> Response {
    let found = signed
        .authority()
        .app_token(signed.person(), &client_id, id);
    match found.await {
        Ok(token) => {
            let view = RevokeAppToken {
                csrf: &signed.csrf(signed.path()),
                token: &token,
            };
            signed.page(StatusCode::OK, &view).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// `POST /settings/connections/applications/{client_id}/tokens/{token_id}/revoke`
pub(super) async fn revoke_token(
    AppTokenId(client_id, id): AppTokenId,
    Sent { by: signed, .. }: Sent<Signed>,
) -> Response {
    let ended = signed
        .authority()
        .end_app_token(signed.person(), &client_id, id);
    match ended.await {
        Ok(token) => {
            let end = &token.authorization.token.last_eight;
            let status = Done::TokenRevoked(end).said(signed.language());
            let app = format!("/settings/connections/applications/{client_id}");
            signed.go_and_tell(&app, status).await
        }
        Err(error) => not_there(&signed, error),
    }
}

/// What is answered for what is not there, or is no more; whatever it is that was looked for.
fn not_there<R>(signed: &Signed, error: UseCaseError<R>) -> Response {
    match error {
        UseCaseError::Refused(_) => problems::show(signed, PageProblem::NotFound),
        UseCaseError::CallerGone(_) => signed.go("/login"),
        UseCaseError::Store(error) => problems::show(signed, error.into()),
    }
}
