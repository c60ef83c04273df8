//! What ends with a token that is shown once: a new one, and another value for one that is there.

use axum::response::{IntoResponse as _, Response};
use counterfoil_authority::{
    Issued, MakeToken, MakeTokenRefused, RegenerateTokenRefused, UseCaseError,
};
use counterfoil_domain::authorization::{OwnToken, RegenerationRefused};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_html::tokens::{
    Limit, MadeToken, NewToken, RegenerateToken, TokenForm, TokenProblems,
};
use http::StatusCode;

use super::{form, lapsed, offer};
use crate::pages::carried::Carried;
use crate::pages::confirm::ask_to_confirm;
use crate::pages::path::TokenId;
use crate::pages::problems::{self, PageProblem};
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Turned};

const NEW: &str = "/settings/tokens/new";

/// `GET /settings/tokens/new`
pub(in crate::pages) async fn show_new(signed: Signed) -> Response {
    let formats = &signed.authority().settings().token_formats;
    let form = form::prefilled(&signed.query(), formats);
    new_form(&signed, StatusCode::OK, &form, &TokenProblems::default()).await
}

/// `POST /settings/tokens/new`: its answer shows the token.
pub(in crate::pages) async fn make(
    Sent {
        by: fresh,
        fields,
        once,
    }: Sent<Fresh>,
) -> Response {
    let form = form::sent(&fields);
    let mut problems = TokenProblems::default();
    let note = form::name(&form, &mut problems);
    let life = form::life(&form, &offer(&fresh), &mut problems);
    let (Some(note), Some(life)) = (note, life) else {
        return refused(&fresh, &form, &problems).await;
    };
    let Some(once) = once else {
        return problems::show(&fresh, PageProblem::NoForm);
    };
    let scopes = form::scopes(&form);
    let request = MakeToken { note, scopes, life };
    let made = fresh
        .authority()
        .make_own_token(fresh.person(), once, request);
    let problems = match made.await {
        Ok(issued) => return show_made(&fresh, &issued).await,
        Err(UseCaseError::CallerGone(reason)) => return lapsed(&fresh, reason).await,
        Err(UseCaseError::Store(error)) => return problems::show(&fresh, error.into()),
        Err(UseCaseError::Refused(MakeTokenRefused::ProofTooOld(_))) => {
            return ask_to_confirm(&fresh, &Carried::of(fresh.path(), &fields)).await;
        }
        Err(UseCaseError::Refused(MakeTokenRefused::ForAdministrators(scopes))) => {
            form::for_administrators(scopes)
        }
        Err(UseCaseError::Refused(MakeTokenRefused::LivesTooLong(_))) => form::lives_too_long(),
        Err(UseCaseError::Refused(MakeTokenRefused::Creation(reason))) => {
            match form::not_made(reason) {
                Some(problems) => problems,
                None => return fresh.go("/login"),
            }
        }
    };
    refused(&fresh, &form, &problems).await
}

async fn refused(signed: &Signed, form: &TokenForm, problems: &TokenProblems) -> Response {
    new_form(signed, StatusCode::UNPROCESSABLE_ENTITY, form, problems).await
}

async fn new_form(
    signed: &Signed,
    status: StatusCode,
    form: &TokenForm,
    problems: &TokenProblems,
) -> Response {
    let (csrf, once) = signed.csrf_once(NEW);
    let view = NewToken {
        csrf: &csrf,
        once: &once,
        offer: &offer(signed),
        standing: signed.person().account().standing,
        form,
        problems,
    };
    signed.page(status, &view).await
}

async fn show_made(signed: &Signed, issued: &Issued) -> Response {
    let view = MadeToken {
        token: &issued.token,
        authorization: &issued.authorization,
        api: signed.state().base().rest(),
    };
    signed.page(StatusCode::OK, &view).await
}

/// `GET /settings/tokens/{token_id}/regenerate`
pub(in crate::pages) async fn show_regenerate(TokenId(id): TokenId, signed: Signed) -> Response {
    let (form, problems) = (TokenForm::default(), TokenProblems::default());
    regenerate_form(&signed, id, StatusCode::OK, &form, &problems).await
}

/// `POST /settings/tokens/{token_id}/regenerate`: its answer shows the token.
pub(in crate::pages) async fn regenerate(
    TokenId(id): TokenId,
    Sent {
        by: fresh,
        fields,
        once,
    }: Sent<Fresh>,
) -> Response {
    let form = form::sent(&fields);
    let mut problems = TokenProblems::default();
    let Some(life) = form::life(&form, &offer(&fresh), &mut problems) else {
        return not_regenerated(&fresh, id, &form, &problems).await;
    };
    let Some(once) = once else {
        return problems::show(&fresh, PageProblem::NoForm);
    };
    let made = fresh
        .authority()
        .regenerate_own_token(fresh.person(), once, (id, life));
    let problems = match made.await {
        Ok(issued) => return show_made(&fresh, &issued).await,
        Err(UseCaseError::CallerGone(reason)) => return lapsed(&fresh, reason).await,
        Err(UseCaseError::Store(error)) => return problems::show(&fresh, error.into()),
        Err(UseCaseError::Refused(RegenerateTokenRefused::LivesTooLong(_))) => {
            form::lives_too_long()
        }
        Err(UseCaseError::Refused(RegenerateTokenRefused::Regeneration(reason))) => match reason {
            RegenerationRefused::NotFound(_) => {
                return problems::show(&fresh, PageProblem::NotFound);
            }
            RegenerationRefused::TooManyOnPages(made) => {
                form::limited(Limit::MadeInAnHour(made.limit))
            }
        },
    };
    not_regenerated(&fresh, id, &form, &problems).await
}

async fn not_regenerated(
    signed: &Signed,
    id: AuthorizationId,
    form: &TokenForm,
    problems: &TokenProblems,
) -> Response {
    regenerate_form(signed, id, StatusCode::UNPROCESSABLE_ENTITY, form, problems).await
}

async fn regenerate_form(
    signed: &Signed,
    id: AuthorizationId,
    status: StatusCode,
    form: &TokenForm,
    problems: &TokenProblems,
) -> Response {
    let token = match found(signed, id).await {
        Ok(token) => token,
        Err(turned) => return turned.into_response(),
    };
    let (csrf, once) = signed.csrf_once(&format!("/settings/tokens/{id}/regenerate"));
    let view = RegenerateToken {
        csrf: &csrf,
        once: &once,
        token: &token,
        offer: &offer(signed),
        form,
        problems,
    };
    signed.page(status, &view).await
}

/// A token of somebody, or the page that says that there is none.
pub(super) async fn found(signed: &Signed, id: AuthorizationId) -> Result<OwnToken, Turned> {
    let found = signed.authority().find_own_token(signed.person(), id).await;
    found.map_err(|error| {
        let response = match error {
            UseCaseError::Refused(_) => problems::show(signed, PageProblem::NotFound),
            UseCaseError::CallerGone(_) => signed.go("/login"),
            UseCaseError::Store(error) => problems::show(signed, error.into()),
        };
        response.into()
    })
}
