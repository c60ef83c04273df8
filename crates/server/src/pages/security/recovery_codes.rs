//! `/settings/security/recovery-codes`: other ones, shown once, and saved.
//!
//! The page that shows them is a form that holds them. It can send them back to be answered as a
//! file, so that nothing keeps them; only codes that are in use are answered.

use axum::response::Response;
use counterfoil_authority::{StoreError, UseCaseError};
use counterfoil_domain::account::{RecoveryCodesRefused, TwoFactor};
use counterfoil_domain::principal::Lapsed;
use counterfoil_html::security::{
    NewRecoveryCodes, NewRecoveryCodesProblem, RecoveryCodes, RecoveryCodesProblem,
    recovery_codes_file, recovery_codes_saved,
};
use http::StatusCode;

use super::{GoneOn, PATH as SECURITY};
use crate::pages::fields::Fields;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};
use crate::pages::{headers, problems};

const PATH: &str = "/settings/security/recovery-codes";
const SAVED: &str = "/settings/security/recovery-codes/saved";
const FILE: &str = "/settings/security/recovery-codes/file";

/// The field with all codes: one whose contents are never carried along.
const CODES: &str = "recovery_code";
/// The most codes that are looked at.
const MOST: usize = 32;

/// `GET /settings/security/recovery-codes`
pub(in crate::pages) async fn show(signed: Signed) -> Response {
    if signed.person().account().two_factor == TwoFactor::Off {
        return signed.go("/settings/security/two-factor");
    }
    page(&signed, None).await
}

async fn page(signed: &Signed, problem: Option<NewRecoveryCodesProblem>) -> Response {
    let account = signed.person().account().id;
    let left = match signed.authority().recovery_codes_left(account).await {
        Ok(left) => left,
        Err(error) => return problems::show(signed, error.into()),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (csrf, once) = signed.csrf_once(PATH);
    let view = NewRecoveryCodes {
        csrf: &csrf,
        once: &once,
        left,
        problem,
    };
    signed.page(status, &view).await
}

/// What is said in place of codes that were shown before.
pub(super) async fn shown_before(signed: &Signed) -> Response {
    page(signed, Some(NewRecoveryCodesProblem::ShownBefore)).await
}

/// `POST /settings/security/recovery-codes`: the answer shows them, this once.
pub(in crate::pages) async fn replace(
    Sent {
        by: fresh, once, ..
    }: Sent<Fresh>,
) -> Response {
    let Some(once) = once else {
        return page(&fresh, None).await;
    };
    let replaced = fresh
        .authority()
        .replace_recovery_codes(fresh.person(), once)
        .await;
    let replaced = match replaced {
        Ok(replaced) => replaced,
        Err(UseCaseError::CallerGone(Lapsed::Repeated)) => return shown_before(&fresh).await,
        Err(UseCaseError::Refused(RecoveryCodesRefused::NoSecondFactor(_))) => {
            return fresh.go("/settings/security/two-factor");
        }
        Err(
            UseCaseError::Refused(RecoveryCodesRefused::NotFound(_)) | UseCaseError::CallerGone(_),
        ) => return fresh.go("/login"),
        Err(UseCaseError::Store(error)) => return problems::show(&fresh, error.into()),
    };
    match GoneOn::from(&fresh, &replaced.cookie).await {
        Ok(on) => {
            let codes: Vec<&str> = replaced.value.iter().map(|code| code.as_str()).collect();
            let response = shown(&on.signed, &codes, None).await;
            on.with_cookie(response)
        }
        Err(response) => response,
    }
}

/// The page with the codes.
pub(super) async fn shown(
    signed: &Signed,
    codes: &[&str],
    problem: Option<RecoveryCodesProblem>,
) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = RecoveryCodes {
        saved_csrf: &signed.csrf(SAVED),
        file_csrf: &signed.csrf(FILE),
        codes,
        problem,
    };
    signed.page(status, &view).await
}

/// The codes that a form holds, if all of them are in use.
async fn in_use<'a>(
    signed: &Signed,
    fields: &'a Fields,
) -> Result<Option<Vec<&'a str>>, StoreError> {
    let codes: Vec<_> = fields.text(CODES).split(' ').take(MOST).collect();
    let are = signed
        .authority()
        .are_recovery_codes(signed.person(), &codes);
    Ok(are.await?.then_some(codes))
}

/// `POST /settings/security/recovery-codes/file`: the codes that it was sent with, as a file.
pub(in crate::pages) async fn file(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    match in_use(&signed, &fields).await {
        Ok(Some(codes)) => {
            let name = "attachment; filename=\"recovery-codes.txt\"";
            headers::file(signed.language(), name, recovery_codes_file(&codes))
        }
        Ok(None) => page(&signed, Some(NewRecoveryCodesProblem::Gone)).await,
        Err(error) => problems::show(&signed, error.into()),
    }
}

/// `POST /settings/security/recovery-codes/saved`: leads on once the box is ticked.
pub(in crate::pages) async fn saved(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    if fields.has("saved") {
        let status = recovery_codes_saved(signed.language());
        return signed.go_and_tell(SECURITY, status).await;
    }
    match in_use(&signed, &fields).await {
        Ok(Some(codes)) => shown(&signed, &codes, Some(RecoveryCodesProblem::NotTicked)).await,
        Ok(None) => page(&signed, Some(NewRecoveryCodesProblem::Gone)).await,
        Err(error) => problems::show(&signed, error.into()),
    }
}
