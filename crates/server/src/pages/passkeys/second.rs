//! `/login/code/passkey`: the step after a password.

use axum::response::Response;
use counterfoil_authority::PasskeyError;
use counterfoil_domain::session::CookieSecret;
use counterfoil_html::sign_in::{CodeProblem, PasskeyPurpose};

use super::count;
use crate::pages::carried::borrowed;
use crate::pages::ceremony::{self, ask, assertion, party};
use crate::pages::cookies::Cookie;
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::sign_in::{CodeWay, Onward, anew, code_form, finish, with_return_to};
use crate::pages::visit::Visit;

/// `POST /login/code/passkey`: makes a challenge.
pub(in crate::pages) async fn begin(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let (Some(half), Ok(party)) = (visit.secret(Cookie::HalfSignIn), party(&visit)) else {
        return anew(&visit, &onward);
    };
    let options = visit
        .authority()
        .begin_passkey_second_factor(&half, visit.visitor(), &party, &visit.origin())
        .await;
    match options {
        Ok(options) => ask(
            &visit,
            PasskeyPurpose::SecondStep,
            &visit.csrf(ceremony::SECOND_STEP),
            &borrowed(&onward.fields()),
            &with_return_to("/login/code", &onward.return_to),
            &options,
        ),
        Err(error) => refused(&visit, &onward, &half, error).await,
    }
}

/// `POST /login/code/passkey/answer`
pub(in crate::pages) async fn answer(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let (Some(half), Ok(party)) = (visit.secret(Cookie::HalfSignIn), party(&visit)) else {
        return anew(&visit, &onward);
    };
    let signed_in = visit
        .authority()
        .finish_passkey_second_factor(
            &half,
            visit.visitor(),
            &party,
            assertion(&fields),
            visit.origin(),
        )
        .await;
    count(&visit, &signed_in);
    match signed_in {
        Ok(signed_in) => finish(&visit, &onward, signed_in).await,
        Err(error) => refused(&visit, &onward, &half, error).await,
    }
}

async fn refused(
    visit: &Visit,
    onward: &Onward,
    half: &CookieSecret,
    error: PasskeyError,
) -> Response {
    let problem = match error {
        PasskeyError::Refused(_) | PasskeyError::NoPasskeys => CodeProblem::Passkey,
        PasskeyError::TooManyChallenges => CodeProblem::PasskeysBusy,
        PasskeyError::Over | PasskeyError::Suspended | PasskeyError::CallerGone(_) => {
            return anew(visit, onward);
        }
        PasskeyError::Store(error) => return problems::show(visit, error.into()),
    };
    code_form(visit, onward, half, CodeWay::App, Some(problem)).await
}
