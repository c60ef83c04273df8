//! `/settings/security/two-factor`: one-time codes, turned on in two steps, and off.

use axum::response::Response;
use counterfoil_authority::{
    DisableRefused, EnrolmentError, KeyError, ShownSeed, StoreError, UseCaseError,
};
use counterfoil_domain::account::{EnrolmentRefused, TwoFactor};
use counterfoil_domain::second_factor::SecondFactor;
use counterfoil_html::security::{
    EnrolmentProblem, SetUpTwoFactor, TurnOffTwoFactor, TwoFactorPage, TwoFactorState,
    two_factor_is_off,
};
use http::StatusCode;

use super::{GoneOn, PATH as SECURITY, recovery_codes};
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed};

const PATH: &str = "/settings/security/two-factor";
const CONFIRM: &str = "/settings/security/two-factor/confirm";
const OFF: &str = "/settings/security/two-factor/off";

/// `GET /settings/security/two-factor`
pub(in crate::pages) async fn show(signed: Signed) -> Response {
    page(&signed, StatusCode::OK).await
}

async fn page(signed: &Signed, status: StatusCode) -> Response {
    let account = signed.person().account();
    let state = match account.two_factor {
        TwoFactor::Off => TwoFactorState::Off,
        TwoFactor::On if signed.authority().requires_second_factor(account) => {
            TwoFactorState::Required
        }
        TwoFactor::On => TwoFactorState::On,
    };
    let due = match signed.authority().second_factor_of(account) {
        SecondFactor::DueAt(at) => Some(at),
        SecondFactor::There | SecondFactor::Optional | SecondFactor::OverdueSince(_) => None,
    };
    let view = TwoFactorPage {
        begin_csrf: &signed.csrf(PATH),
        state,
        due,
    };
    signed.page(status, &view).await
}

/// `POST /settings/security/two-factor`: shows a secret. Sent again, it shows the same one, which
/// nothing accepts before it is confirmed.
pub(in crate::pages) async fn begin(Sent { by: fresh, .. }: Sent<Fresh>) -> Response {
    match fresh.authority().begin_enrolment(fresh.person()).await {
        Ok(seed) => set_up(&fresh, &seed, None).await,
        Err(error) => failed(&fresh, error),
    }
}

async fn set_up(fresh: &Fresh, seed: &ShownSeed, problem: Option<EnrolmentProblem>) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = SetUpTwoFactor {
        csrf: &fresh.csrf(CONFIRM),
        secret: &seed.secret,
        otpauth_url: &seed.otpauth_url,
        login: fresh.person().account().login.as_str(),
        problem,
    };
    fresh.page(status, &view).await
}

/// `POST /settings/security/two-factor/confirm`: the answer shows the recovery codes, this once.
pub(in crate::pages) async fn confirm(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let code = fields.text("code");
    if !has_six_digits(code) {
        return match fresh.authority().begin_enrolment(fresh.person()).await {
            Ok(seed) => set_up(&fresh, &seed, Some(EnrolmentProblem::NoDigits)).await,
            Err(error) => failed(&fresh, error),
        };
    }
    let confirmed = fresh
        .authority()
        .confirm_enrolment(fresh.person(), code)
        .await;
    let confirmed = match confirmed {
        Ok(confirmed) => confirmed,
        Err(EnrolmentError::WrongCode(seed)) => {
            return set_up(&fresh, &seed, Some(EnrolmentProblem::WrongCode)).await;
        }
        Err(EnrolmentError::UseCase(UseCaseError::Refused(EnrolmentRefused::Gone))) => {
            return gone(&fresh).await;
        }
        Err(error) => return failed(&fresh, error),
    };
    match GoneOn::from(&fresh, &confirmed.cookie).await {
        Ok(on) => {
            let codes: Vec<&str> = confirmed.value.iter().map(|code| code.as_str()).collect();
            let response = recovery_codes::shown(&on.signed, &codes, None).await;
            on.with_cookie(response)
        }
        Err(response) => response,
    }
}

/// No seed waits any more. One that was confirmed, as by a form that was sent twice, is in use: the
/// page says so. Otherwise another one is shown.
async fn gone(fresh: &Fresh) -> Response {
    if fresh.person().account().two_factor == TwoFactor::On {
        return recovery_codes::shown_before(fresh).await;
    }
    match fresh.authority().begin_enrolment(fresh.person()).await {
        Ok(seed) => set_up(fresh, &seed, Some(EnrolmentProblem::Gone)).await,
        Err(error) => failed(fresh, error),
    }
}

/// Six digits, with blanks or without.
fn has_six_digits(code: &str) -> bool {
    let mut digits = code.chars().filter(|character| !character.is_whitespace());
    digits.clone().count() == 6 && digits.all(|digit| digit.is_ascii_digit())
}

fn failed(fresh: &Fresh, error: EnrolmentError) -> Response {
    let error = match error {
        EnrolmentError::UseCase(UseCaseError::Store(error))
        | EnrolmentError::Key(KeyError::Store(error)) => error,
        EnrolmentError::Key(error) => {
            tracing::error!(cause = %error, "a seed was not sealed");
            StoreError::Closed
        }
        // Whoever is too late sees no page but the one that says so.
        EnrolmentError::Overdue => return fresh.go("/"),
        EnrolmentError::WrongCode(_)
        | EnrolmentError::UseCase(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => {
            return fresh.go("/login");
        }
    };
    problems::show(fresh, error.into())
}

/// `GET /settings/security/two-factor/off`
pub(in crate::pages) async fn ask_to_turn_off(signed: Signed) -> Response {
    let account = signed.person().account();
    let is_off = account.two_factor == TwoFactor::Off;
    if is_off || signed.authority().requires_second_factor(account) {
        return signed.go(PATH);
    }
    let view = TurnOffTwoFactor {
        csrf: &signed.csrf(OFF),
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /settings/security/two-factor/off`
pub(in crate::pages) async fn turn_off(Sent { by: fresh, .. }: Sent<Fresh>) -> Response {
    let disabled = fresh
        .authority()
        .disable_own_two_factor(fresh.person())
        .await;
    let disabled = match disabled {
        Ok(disabled) => disabled,
        Err(UseCaseError::Refused(DisableRefused::Required)) => {
            return page(&fresh, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
        Err(UseCaseError::Refused(DisableRefused::NotFound(_)) | UseCaseError::CallerGone(_)) => {
            return fresh.go("/login");
        }
        Err(UseCaseError::Store(error)) => return problems::show(&fresh, error.into()),
    };
    let status = two_factor_is_off(fresh.language());
    if !disabled.value {
        // They were off, and the session is as it was.
        return fresh.go_and_tell(SECURITY, status).await;
    }
    match GoneOn::from(&fresh, &disabled.cookie).await {
        Ok(on) => on.go_and_tell(SECURITY, status).await,
        Err(response) => response,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_digits_are_six_digits_with_blanks_or_without() {
        for code in ["123456", "123 456", " 123456 ", "12\u{a0}34 56"] {
            assert!(has_six_digits(code), "{code:?}");
        }
        for code in [
            "",
            "12345",
            "1234567",
            "12345a",
            "abcdefghij",
            "１２３４５６",
        ] {
            assert!(!has_six_digits(code), "{code:?}");
        }
    }
}
