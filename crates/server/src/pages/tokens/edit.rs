//! One token, whose name and scopes can be changed.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::{EditToken, EditTokenRefused, UseCaseError};
use counterfoil_domain::authorization::OwnToken;
use counterfoil_domain::text::Note;
use counterfoil_html::tokens::{Done, EditToken as EditPage, TokenForm, TokenProblems};
use http::StatusCode;

use super::make::found;
use super::{LIST, form, lapsed};
use crate::pages::carried::Carried;
use crate::pages::confirm::ask_to_confirm;
use crate::pages::path::TokenId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::Signed;

/// `GET /settings/tokens/{token_id}`
pub(in crate::pages) async fn show(TokenId(id): TokenId, signed: Signed) -> Response {
    let token = match found(&signed, id).await {
        Ok(token) => token,
        Err(turned) => return turned.into_response(),
    };
    let form = kept(&token);
    let problems = TokenProblems::default();
    page(&signed, StatusCode::OK, &token, &form, &problems).await
}

/// `POST /settings/tokens/{token_id}`
pub(in crate::pages) async fn edit(
    TokenId(id): TokenId,
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let token = match found(&signed, id).await {
        Ok(token) => token,
        Err(turned) => return turned.into_response(),
    };
    let form = form::sent(&fields);
    let mut problems = TokenProblems::default();
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let Some(note) = form::name(&form, &mut problems) else {
        return page(&signed, refused, &token, &form, &problems).await;
    };
    let request = EditToken {
        note,
        scopes: form::scopes(&form),
    };
    let edited = signed
        .authority()
        .edit_own_token(signed.person(), id, request);
    let problems = match edited.await {
        Ok(edited) => {
            let name = edited.note.as_ref().map_or("", Note::as_str);
            let status = Done::Saved(name).said(signed.language());
            return signed.go_and_tell(LIST, status).await;
        }
        Err(UseCaseError::CallerGone(reason)) => return lapsed(&signed, reason).await,
        Err(UseCaseError::Store(error)) => return problems::show(&signed, error.into()),
        Err(UseCaseError::Refused(EditTokenRefused::NotFound(_))) => {
            return problems::show(&signed, PageProblem::NotFound);
        }
        Err(UseCaseError::Refused(EditTokenRefused::ProofTooOld(_))) => {
            return ask_to_confirm(&signed, &Carried::of(signed.path(), &fields)).await;
        }
        Err(UseCaseError::Refused(EditTokenRefused::NameTaken(reason))) => form::name_taken(reason),
        Err(UseCaseError::Refused(EditTokenRefused::ForAdministrators(scopes))) => {
            form::for_administrators(scopes)
        }
    };
    page(&signed, refused, &token, &form, &problems).await
}

/// What the form has before somebody changes it.
fn kept(token: &OwnToken) -> TokenForm {
    let authorization = &token.authorization;
    let name = authorization.note.as_ref().map_or("", Note::as_str);
    TokenForm {
        name: name.to_owned(),
        scopes: authorization.scopes.iter().collect(),
        ..TokenForm::default()
    }
}

async fn page(
    signed: &Signed,
    status: StatusCode,
    token: &OwnToken,
    form: &TokenForm,
    problems: &TokenProblems,
) -> Response {
    let id = token.authorization.id;
    let view = EditPage {
        csrf: &signed.csrf(&format!("/settings/tokens/{id}")),
        token,
        standing: signed.person().account().standing,
        form,
        problems,
    };
    signed.page(status, &view).await
}
