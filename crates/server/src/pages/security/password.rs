//! `/settings/security/password`: another password.

use axum::response::Response;
use counterfoil_authority::{GivePasswordError, RevokeTokens, UseCaseError};
use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::password::Password;
use counterfoil_html::security::{ChangePassword, PasswordProblem, password_changed};
use http::StatusCode;

use super::{GoneOn, PATH as SECURITY};
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};

const PATH: &str = "/settings/security/password";
/// The box that ends tokens too.
const REVOKE: &str = "revoke_tokens";

/// `GET /settings/security/password`: asks for a fresh proof first, since a form that is carried
/// along loses the password that was typed into it.
pub(in crate::pages) async fn show(fresh: Fresh) -> Response {
    form(&fresh, false, None).await
}

async fn form(signed: &Signed, revokes_tokens: bool, problem: Option<PasswordProblem>) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(PasswordProblem::Busy) => StatusCode::SERVICE_UNAVAILABLE,
        Some(PasswordProblem::Empty | PasswordProblem::Refused(_)) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let view = ChangePassword {
        csrf: &signed.csrf(PATH),
        revokes_tokens,
        problem,
    };
    signed.page(status, &view).await
}

/// `POST /settings/security/password`
pub(in crate::pages) async fn change(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let revokes_tokens = fields.has(REVOKE);
    let typed = fields.text("password");
    if typed.is_empty() {
        return form(&fresh, revokes_tokens, Some(PasswordProblem::Empty)).await;
    }
    let password = match Password::choose(typed) {
        Ok(password) => password,
        Err(refused) => {
            let problem = PasswordProblem::Refused(refused);
            return form(&fresh, revokes_tokens, Some(problem)).await;
        }
    };
    let tokens = if revokes_tokens {
        RevokeTokens::Revoke
    } else {
        RevokeTokens::Keep
    };
    let changed = fresh
        .authority()
        .change_own_password(fresh.person(), password, tokens)
        .await;
    let changed = match changed {
        Ok(changed) => changed,
        Err(error) => return refused(&fresh, revokes_tokens, error).await,
    };
    let revoked = revokes_tokens.then_some(changed.value.tokens_revoked);
    match GoneOn::from(&fresh, &changed.cookie).await {
        Ok(on) => {
            let status = password_changed(fresh.language(), revoked);
            on.go_and_tell(SECURITY, status).await
        }
        Err(response) => response,
    }
}

async fn refused(
    fresh: &Fresh,
    revokes_tokens: bool,
    error: GivePasswordError<NoSuchUser>,
) -> Response {
    let problem = match error {
        GivePasswordError::Password(refused) => PasswordProblem::Refused(refused),
        GivePasswordError::Busy(_) => PasswordProblem::Busy,
        GivePasswordError::UseCase(UseCaseError::Store(error)) => {
            return problems::show(fresh, error.into());
        }
        GivePasswordError::UseCase(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => {
            return fresh.go("/login");
        }
    };
    form(fresh, revokes_tokens, Some(problem)).await
}
