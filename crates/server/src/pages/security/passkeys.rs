//! `/settings/security/passkeys`: the passkeys of an account.

use axum::response::Response;
use counterfoil_authority::{RegistrationError, RegistrationOptions, UseCaseError};
use counterfoil_domain::account::TwoFactor;
use counterfoil_domain::link::LinkCode;
use counterfoil_domain::passkey::relying_party::NoPasskeysHere;
use counterfoil_domain::passkey::{MOST_PASSKEYS, Passkey, PasskeyName, RegistrationRefused};
use counterfoil_html::security::{
    AddPasskey, PasskeyPlace, PasskeyProblem, PasskeyRow, Passkeys, SetUpPlace, passkey_added,
};
use http::StatusCode;

use super::{GoneOn, recovery_codes};
use crate::pages::ceremony::{known, party, registration};
use crate::pages::fields::Fields;
use crate::pages::headers::Ends;
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::visit::{Fresh, Signed, Visit};

pub(super) const PATH: &str = "/settings/security/passkeys";
const ADD: &str = "/settings/security/passkeys/add";
/// Where the forms of a link go.
const LINK: &str = "/link";
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
    signed.page(status(problem), &view).await
}

/// The status of the page on which a form comes again.
pub(in crate::pages) fn status(problem: Option<PasskeyProblem>) -> StatusCode {
    match problem {
        None => StatusCode::OK,
        Some(PasskeyProblem::Busy) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What came of a form.
pub(in crate::pages) enum Came {
    /// The passkey was added.
    Added(Response),
    /// Something else is shown first, or instead.
    Not(Response),
    /// The form comes again, with what is wrong; nothing is where no passkeys are made here.
    Again(Option<PasskeyProblem>),
}

/// `POST /settings/security/passkeys`: makes a challenge, and has the browser make a passkey.
pub(in crate::pages) async fn begin(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let came = begin_in(&fresh, None, &fields).await;
    answer(&fresh, &fields, came).await
}

/// Makes a challenge: under Security, or at the link that allows it.
pub(in crate::pages) async fn begin_in(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    fields: &Fields,
) -> Came {
    let name = match PasskeyName::parse(fields.text("name")) {
        Ok(name) => name,
        Err(refused) => return Came::Again(Some(PasskeyProblem::Name(refused))),
    };
    let Ok(party) = party(fresh) else {
        return Came::Again(None);
    };
    let options = fresh
        .authority()
        .begin_passkey_registration(fresh.person(), link, &party)
        .await;
    match options {
        Ok(options) => Came::Not(ask(fresh, link, &name, &options).await),
        Err(error) => refused(fresh, error),
    }
}

async fn ask(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    name: &PasskeyName,
    options: &RegistrationOptions,
) -> Response {
    let (place, csrf) = match link {
        None => (SetUpPlace::Security, fresh.csrf(ADD)),
        Some(_) => (SetUpPlace::Link, Visit::csrf(fresh, LINK)),
    };
    let view = AddPasskey {
        place,
        csrf: &csrf,
        name: name.as_str(),
        login: options.login.as_str(),
        display_name: &options.display_name,
        challenge: options.challenge.as_str(),
        rp_id: &options.rp_id,
        user_handle: &options.user_handle.to_base64url(),
        known: &known(&options.exclude),
        algorithms: ALGORITHMS,
    };
    match place {
        SetUpPlace::Security => fresh.page(StatusCode::OK, &view).await,
        SetUpPlace::Link => Visit::page(fresh, StatusCode::OK, Ends::Here, &view),
    }
}

/// `POST /settings/security/passkeys/add`: the answer shows recovery codes, this once, if it is the
/// first second factor.
pub(in crate::pages) async fn add(
    Sent {
        by: fresh, fields, ..
    }: Sent<Fresh>,
) -> Response {
    let came = add_in(&fresh, None, &fields).await;
    answer(&fresh, &fields, came).await
}

/// Adds what the browser made: under Security, or at the link that allows it.
pub(in crate::pages) async fn add_in(
    fresh: &Fresh,
    link: Option<&LinkCode>,
    fields: &Fields,
) -> Came {
    let name = match PasskeyName::parse(fields.text("name")) {
        Ok(name) => name,
        Err(refused) => return Came::Again(Some(PasskeyProblem::Name(refused))),
    };
    let Ok(party) = party(fresh) else {
        return Came::Again(None);
    };
    let added = fresh
        .authority()
        .finish_passkey_registration(fresh.person(), link, &party, name, registration(fields))
        .await;
    let added = match added {
        Ok(added) => added,
        Err(error) => return refused(fresh, error),
    };
    let on = match GoneOn::from(fresh, &added.cookie).await {
        Ok(on) => on,
        Err(response) => return Came::Added(response),
    };
    let response = if let Some(codes) = &added.value.recovery_codes {
        let codes: Vec<&str> = codes.iter().map(|code| code.as_str()).collect();
        let response = recovery_codes::shown(&on.signed, &codes, None).await;
        on.with_cookie(response)
    } else {
        let name = added.value.passkey.name.as_str();
        let status = passkey_added(fresh.language(), name);
        on.go_and_tell(PATH, status).await
    };
    Came::Added(response)
}

/// What is shown under Security.
async fn answer(fresh: &Fresh, fields: &Fields, came: Came) -> Response {
    match came {
        Came::Added(response) | Came::Not(response) => response,
        Came::Again(problem) => page(fresh, fields.text("name"), problem).await,
    }
}

fn refused(fresh: &Fresh, error: RegistrationError) -> Came {
    let problem = match error {
        // Whoever is too late sees no page but the one that says so.
        RegistrationError::Overdue => return Came::Not(fresh.go("/")),
        RegistrationError::TooManyChallenges => PasskeyProblem::Busy,
        RegistrationError::Answer(_) => PasskeyProblem::NotMade,
        RegistrationError::UseCase(UseCaseError::Refused(refused)) => match refused {
            RegistrationRefused::Taken => PasskeyProblem::Taken,
            RegistrationRefused::TooMany => PasskeyProblem::TooMany(MOST_PASSKEYS),
            RegistrationRefused::OlderProgram => PasskeyProblem::TooEarly,
            // Its page says that it is dead.
            RegistrationRefused::DeadLink => return Came::Not(fresh.go(LINK)),
            RegistrationRefused::NoSuchUser(_) => return Came::Not(fresh.go("/login")),
        },
        RegistrationError::UseCase(UseCaseError::CallerGone(_)) => {
            return Came::Not(fresh.go("/login"));
        }
        RegistrationError::UseCase(UseCaseError::Store(error)) => {
            return Came::Not(problems::show(fresh, error.into()));
        }
    };
    Came::Again(Some(problem))
}
