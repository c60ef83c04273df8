//! `/settings/security/two-factor`: one-time codes, turned on in two steps, and off.

use axum::response::Response;
use counterfoil_authority::{EnrolmentError, KeyError, ShownSeed, StoreError, UseCaseError};
use counterfoil_domain::account::EnrolmentRefused;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::second_factor::{DisableRefused, SecondFactor};
use counterfoil_html::security::{
    EnrolmentProblem, SetUpPlace, SetUpTwoFactor, TurnOffTwoFactor, TwoFactorPage, TwoFactorState,
    two_factor_is_off,
};
use http::StatusCode;

use super::{GoneOn, PATH as SECURITY, recovery_codes};
use crate::pages::ceremony::{Ways, ways};
use crate::pages::headers::Ends;
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Visit};

const PATH: &str = "/settings/security/two-factor";
const CONFIRM: &str = "/settings/security/two-factor/confirm";
/// Where the forms of a link go.
const LINK: &str = "/link";
const OFF: &str = "/settings/security/two-factor/off";

/// `GET /settings/security/two-factor`
pub(in crate::pages) async fn show(signed: Signed) -> Response {
    page(&signed, StatusCode::OK).await
}

async fn page(signed: &Signed, status: StatusCode) -> Response {
    let account = signed.person().account();
    let ways = match ways(signed).await {
        Ok(ways) => ways,
        Err(error) => return problems::show(signed, error.into()),
    };
    let due = match signed.authority().second_factor_of(account) {
        SecondFactor::DueAt(at) => Some(at),
        SecondFactor::There | SecondFactor::Optional | SecondFactor::OverdueSince(_) => None,
    };
    let view = TwoFactorPage {
        begin_csrf: &signed.csrf(PATH),
        state: state(signed, ways),
        due,
    };
    signed.page(status, &view).await
}

/// Whether codes are on, and may be turned off: they are the last second factor where there is no
/// passkey.
fn state(signed: &Signed, ways: Ways) -> TwoFactorState {
    let account = signed.person().account();
    if !ways.has_codes() {
        TwoFactorState::Off
    } else if ways.has_passkey_anywhere || !signed.authority().requires_second_factor(account) {
        TwoFactorState::On
    } else {
        TwoFactorState::Required
    }
}

/// `POST /settings/security/two-factor`: shows a secret. Sent again, it shows the same one, which
/// nothing accepts before it is confirmed.
pub(in crate::pages) async fn begin(Sent { by: fresh, .. }: Sent<Fresh>) -> Response {
    begin_in(&fresh, None).await
}

/// Shows a secret: under Security, or at the link that allows it.
pub(in crate::pages) async fn begin_in(fresh: &Fresh, link: Option<&LinkCode>) -> Response {
    show_seed(fresh, link, None).await
}

/// Shows the secret that waits, or another one.
async fn show_seed(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    problem: Option<EnrolmentProblem>,
) -> Response {
    match fresh
        .authority()
        .begin_enrolment(fresh.person(), link)
        .await
    {
        Ok(seed) => set_up(fresh, link, &seed, problem).await,
        Err(error) => failed(fresh, error),
    }
}

async fn set_up(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    seed: &ShownSeed,
    problem: Option<EnrolmentProblem>,
) -> Response {
    let status = match problem {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let (place, csrf) = match link {
        None => (SetUpPlace::Security, fresh.csrf(CONFIRM)),
        Some(_) => (SetUpPlace::Link, Visit::csrf(fresh, LINK)),
    };
    let view = SetUpTwoFactor {
        place,
        csrf: &csrf,
        secret: &seed.secret,
        otpauth_url: &seed.otpauth_url,
        login: fresh.person().account().login.as_str(),
        problem,
    };
    match place {
        SetUpPlace::Security => fresh.page(status, &view).await,
        SetUpPlace::Link => Visit::page(fresh, status, Ends::Here, &view),
    }
}

/// What came of a code.
pub(in crate::pages) enum Confirmed {
    /// Codes are on.
    Done(Response),
    /// They are not.
    NotYet(Response),
}

/// `POST /settings/security/two-factor/confirm`: the answer shows the recovery codes, this once.
pub(in crate::pages) async fn confirm(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    match confirm_in(&fresh, None, fields.text("code")).await {
        Confirmed::Done(response) | Confirmed::NotYet(response) => response,
    }
}

/// Turns codes on by the first code: under Security, or at the link that allows it.
pub(in crate::pages) async fn confirm_in(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    code: &str,
) -> Confirmed {
    if !has_six_digits(code) {
        let problem = Some(EnrolmentProblem::NoDigits);
        return Confirmed::NotYet(show_seed(fresh, link, problem).await);
    }
    let authority = fresh.authority();
    let confirmed = authority.confirm_enrolment(fresh.person(), link, code);
    let confirmed = match confirmed.await {
        Ok(confirmed) => confirmed,
        Err(EnrolmentError::WrongCode(seed)) => {
            let problem = Some(EnrolmentProblem::WrongCode);
            return Confirmed::NotYet(set_up(fresh, link, &seed, problem).await);
        }
        Err(EnrolmentError::UseCase(UseCaseError::Refused(EnrolmentRefused::Gone))) => {
            return Confirmed::NotYet(gone(fresh, link).await);
        }
        Err(error) => return Confirmed::NotYet(failed(fresh, error)),
    };
    Confirmed::Done(match GoneOn::from(fresh, &confirmed.cookie).await {
        Ok(on) => {
            let codes: Vec<&str> = confirmed.value.iter().map(|code| code.as_str()).collect();
            let response = recovery_codes::shown(&on.signed, &codes, None).await;
            on.with_cookie(response)
        }
        Err(response) => response,
    })
}

/// No seed waits any more. One that was confirmed, as by a form that was sent twice, is in use: the
/// page says so. Otherwise another one is shown.
async fn gone(fresh: &Fresh, link: Option<&LinkCode>) -> Response {
    match ways(fresh).await {
        Ok(ways) if ways.has_codes() => recovery_codes::shown_before(fresh).await,
        Ok(_) => show_seed(fresh, link, Some(EnrolmentProblem::Gone)).await,
        Err(error) => problems::show(fresh, error.into()),
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
        // Its page says that it is dead.
        EnrolmentError::UseCase(UseCaseError::Refused(EnrolmentRefused::DeadLink)) => {
            return fresh.go(LINK);
        }
        EnrolmentError::WrongCode(_)
        | EnrolmentError::UseCase(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => {
            return fresh.go("/login");
        }
    };
    problems::show(fresh, error.into())
}

/// `GET /settings/security/two-factor/off`
pub(in crate::pages) async fn ask_to_turn_off(signed: Signed) -> Response {
    let ways = match ways(&signed).await {
        Ok(ways) => ways,
        Err(error) => return problems::show(&signed, error.into()),
    };
    if state(&signed, ways) != TwoFactorState::On {
        return signed.go(PATH);
    }
    let view = TurnOffTwoFactor {
        csrf: &signed.csrf(OFF),
        has_passkeys: ways.has_passkey_anywhere,
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /settings/security/two-factor/off`
pub(in crate::pages) async fn turn_off(Sent { by: fresh, .. }: Sent<Fresh>) -> Response {
    let has_passkeys = match ways(&fresh).await {
        Ok(ways) => ways.has_passkey_anywhere,
        Err(error) => return problems::show(&fresh, error.into()),
    };
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
    let status = two_factor_is_off(fresh.language(), has_passkeys);
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
