//! `/settings/security/passkeys`: the passkeys of an account.

use axum::response::Response;
use counterfoil_authority::{RegistrationError, RegistrationOptions, UseCaseError};
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::passkey::relying_party::NoPasskeysHere;
use counterfoil_domain::passkey::{MOST_PASSKEYS, Passkey, PasskeyName, RegistrationRefused};
use counterfoil_html::security::{
    AddPasskey, PasskeyPlace, PasskeyProblem, PasskeyRow, Passkeys, passkey_added,
};
use http::StatusCode;

use super::{GoneOn, recovery_codes};
use crate::pages::ceremony::{known, party, registration};
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Visit};

pub(super) const PATH: &str = "/settings/security/passkeys";
const ADD: &str = "/settings/security/passkeys/add";
/// The kinds of keys that are accepted, as COSE numbers them: `ES256`, `EdDSA`, `RS256`.
const ALGORITHMS: &[i64] = &[-7, -8, -257];

/// Passkeys as rows of a list, the newest first.
pub(super) fn rows<'a>(visit: &Visit, passkeys: &'a [Passkey]) -> Vec<PasskeyRow<'a>> {
    let rows = passkeys.iter().rev();
    rows.map(|passkey| row(visit, passkey)).collect()
}

pub(super) fn row<'a>(visit: &Visit, passkey: &'a Passkey) -> PasskeyRow<'a> {
    let is_here = party(visit).is_ok_and(|party| party.id() == passkey.rp_id);
    PasskeyRow {
        id: passkey.id,
        name: passkey.name.as_str(),
        made: passkey.created_at,
        last_used: passkey.last_used_at,
        elsewhere: (!is_here).then_some(passkey.rp_id.as_str()),
    }
}

/// `GET /settings/security/passkeys`
pub(in crate::pages) async fn list(signed: Signed) -> Response {
    page(&signed, "", None).await
}

async fn page(signed: &Signed, name: &str, problem: Option<PasskeyProblem>) -> Response {
    let account = signed.person().account();
    let passkeys = match signed.authority().passkeys_of(account).await {
        Ok(passkeys) => passkeys,
        Err(error) => return problems::show(signed, error.into()),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(PasskeyProblem::Busy) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let view = Passkeys {
        csrf: &signed.csrf(PATH),
        passkeys: &rows(signed, &passkeys),
        place: match party(signed) {
            Ok(_) => PasskeyPlace::Here,
            Err(NoPasskeysHere::Address) => PasskeyPlace::Address,
            Err(NoPasskeysHere::Plain | NoPasskeysHere::OtherHost) => PasskeyPlace::OtherHost,
        },
        is_first_factor: account.two_factor == TwoFactor::Off,
        name,
        problem,
    };
    signed.page(status, &view).await
}

/// `POST /settings/security/passkeys`: makes a challenge, and has the browser make a passkey.
pub(in crate::pages) async fn begin(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let typed = fields.text("name");
    let name = match PasskeyName::parse(typed) {
        Ok(name) => name,
        Err(refused) => return page(&fresh, typed, Some(PasskeyProblem::Name(refused))).await,
    };
    let Ok(party) = party(&fresh) else {
        return page(&fresh, typed, None).await;
    };
    let options = fresh
        .authority()
        .begin_passkey_registration(fresh.person(), None, &party)
        .await;
    match options {
        Ok(options) => ask(&fresh, &name, &options).await,
        Err(error) => refused(&fresh, typed, error).await,
    }
}

async fn ask(fresh: &Fresh, name: &PasskeyName, options: &RegistrationOptions) -> Response {
    let view = AddPasskey {
        csrf: &fresh.csrf(ADD),
        name: name.as_str(),
        login: options.login.as_str(),
        display_name: &options.display_name,
        challenge: options.challenge.as_str(),
        rp_id: &options.rp_id,
        user_handle: &options.user_handle.to_base64url(),
        known: &known(&options.exclude),
        algorithms: ALGORITHMS,
    };
    fresh.page(StatusCode::OK, &view).await
}

/// `POST /settings/security/passkeys/add`: the answer shows recovery codes, this once, if it is the
/// first second factor.
pub(in crate::pages) async fn add(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let typed = fields.text("name");
    let name = match PasskeyName::parse(typed) {
        Ok(name) => name,
        Err(refused) => return page(&fresh, typed, Some(PasskeyProblem::Name(refused))).await,
    };
    let Ok(party) = party(&fresh) else {
        return page(&fresh, typed, None).await;
    };
    let added = fresh
        .authority()
        .finish_passkey_registration(fresh.person(), None, &party, name, registration(&fields))
        .await;
    let added = match added {
        Ok(added) => added,
        Err(error) => return refused(&fresh, typed, error).await,
    };
    let on = match GoneOn::from(&fresh, &added.cookie).await {
        Ok(on) => on,
        Err(response) => return response,
    };
    match &added.value.recovery_codes {
        Some(codes) => {
            let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
            let response = recovery_codes::shown(&on.signed, &codes, None).await;
            on.with_cookie(response)
        }
        None => {
            let name = added.value.passkey.name.as_str();
            let status = passkey_added(fresh.language(), name);
            on.go_and_tell(PATH, status).await
        }
    }
}

async fn refused(fresh: &Fresh, name: &str, error: RegistrationError) -> Response {
    let problem = match error {
        // Whoever is too late sees no page but the one that says so.
        RegistrationError::Overdue => return fresh.go("/"),
        RegistrationError::TooManyChallenges => PasskeyProblem::Busy,
        RegistrationError::Answer(_) => PasskeyProblem::NotMade,
        RegistrationError::UseCase(UseCaseError::Refused(refused)) => match refused {
            RegistrationRefused::Taken => PasskeyProblem::Taken,
            RegistrationRefused::TooMany => PasskeyProblem::TooMany(MOST_PASSKEYS),
            RegistrationRefused::OlderProgram => PasskeyProblem::TooEarly,
            RegistrationRefused::NoSuchUser(_) | RegistrationRefused::DeadLink => {
                return fresh.go("/login");
            }
        },
        RegistrationError::UseCase(UseCaseError::CallerGone(_)) => return fresh.go("/login"),
        RegistrationError::UseCase(UseCaseError::Store(error)) => {
            return problems::show(fresh, error.into());
        }
    };
    page(fresh, name, Some(problem)).await
}
