//! One token deleted, or all.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::authorization::DeletionRefused;
use counterfoil_domain::text::Note;
use counterfoil_html::tokens::{DeleteAllTokens, DeleteToken, Done};
use http::StatusCode;

use super::make::found;
use super::{LIST, lapsed};
use crate::pages::path::TokenId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};

/// `GET /settings/tokens/{token_id}/delete`
pub(in crate::pages) async fn show(TokenId(id): TokenId, signed: Signed) -> Response {
    let token = match found(&signed, id).await {
        Ok(token) => token,
        Err(turned) => return turned.into_response(),
    };
    let view = DeleteToken {
        csrf: &signed.csrf(&format!("/settings/tokens/{id}/delete")),
        token: &token,
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /settings/tokens/{token_id}/delete`
pub(in crate::pages) async fn delete(
    TokenId(id): TokenId,
    Sent { by: signed, .. }: Sent<Signed>,
) -> Response {
    let deleted = signed.authority().delete_own_token(signed.person(), id);
    match deleted.await {
        Ok(deleted) => {
            let name = deleted.note.as_ref().map_or("", Note::as_str);
            let status = Done::Deleted(name).said(signed.language());
            signed.go_and_tell(LIST, status).await
        }
        Err(UseCaseError::Refused(_)) => problems::show(&signed, PageProblem::NotFound),
        Err(UseCaseError::CallerGone(reason)) => lapsed(&signed, reason).await,
        Err(UseCaseError::Store(error)) => problems::show(&signed, error.into()),
    }
}

/// `GET /settings/tokens/delete-all`
pub(in crate::pages) async fn show_all(signed: Signed) -> Response {
    all(&signed, StatusCode::OK, None).await
}

/// `POST /settings/tokens/delete-all`
pub(in crate::pages) async fn delete_all(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let typed = fields.text("count");
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let Ok(expected) = typed.trim().parse() else {
        return all(&fresh, refused, Some(typed)).await;
    };
    let deleted = fresh
        .authority()
        .delete_own_tokens(fresh.person(), expected);
    match deleted.await {
        Ok(count) => {
            let status = Done::AllDeleted(count).said(fresh.language());
            fresh.go_and_tell(LIST, status).await
        }
        Err(UseCaseError::Refused(DeletionRefused::OtherNumber { .. })) => {
            all(&fresh, refused, Some(typed)).await
        }
        Err(UseCaseError::CallerGone(reason)) => lapsed(&fresh, reason).await,
        Err(UseCaseError::Store(error)) => problems::show(&fresh, error.into()),
    }
}

async fn all(signed: &Signed, status: StatusCode, typed: Option<&str>) -> Response {
    let counts = match signed.authority().count_own_tokens(signed.person()).await {
        Ok(counts) => counts,
        Err(error) => return problems::show(signed, error.into()),
    };
    if counts.personal == 0 {
        return signed.go(LIST);
    }
    let view = DeleteAllTokens {
        csrf: &signed.csrf("/settings/tokens/delete-all"),
        counts: &counts,
        typed,
    };
    signed.page(status, &view).await
}
