//! `/login/passkey`: signing in without a password.

use axum::response::Response;
use counterfoil_authority::PasskeyError;
use counterfoil_html::sign_in::{PasskeyPurpose, SignInProblem};

use super::count;
use crate::pages::carried::borrowed;
use crate::pages::ceremony::{self, ask, assertion, party};
use crate::pages::problems;
use crate::pages::sent::Sent;
use crate::pages::sign_in::{Onward, finish, form, with_return_to};
use crate::pages::visit::Visit;

/// `POST /login/passkey`: makes a challenge, which is why it is no `GET`.
pub(in crate::pages) async fn begin(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let Ok(party) = party(&visit) else {
        return form(&visit, &onward, "", None);
    };
    let options = visit
        .authority()
        .begin_passkey_sign_in(visit.visitor(), &party, &visit.origin())
        .await;
    match options {
        Ok(options) => ask(
            &visit,
            PasskeyPurpose::SignIn,
            &visit.csrf(ceremony::SIGN_IN),
            &borrowed(&onward.fields()),
            &with_return_to("/login", &onward.return_to),
            &options,
        ),
        Err(error) => refused(&visit, &onward, error),
    }
}

/// `POST /login/passkey/answer`
pub(in crate::pages) async fn answer(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let Ok(party) = party(&visit) else {
        return form(&visit, &onward, "", None);
    };
    let signed_in = visit
        .authority()
        .finish_passkey_sign_in(visit.visitor(), &party, assertion(&fields), visit.origin())
        .await;
    count(&visit, &signed_in);
    match signed_in {
        Ok(signed_in) => finish(&visit, &onward, signed_in).await,
        Err(error) => refused(&visit, &onward, error),
    }
}

fn refused(visit: &Visit, onward: &Onward, error: PasskeyError) -> Response {
    let problem = match error {
        PasskeyError::Suspended => SignInProblem::Suspended,
        PasskeyError::TooManyChallenges => SignInProblem::PasskeysBusy,
        PasskeyError::Store(error) => return problems::show(visit, error.into()),
        PasskeyError::Refused(_)
        | PasskeyError::Over
        | PasskeyError::NoPasskeys
        | PasskeyError::CallerGone(_) => SignInProblem::Passkey,
    };
    form(visit, onward, "", Some(problem))
}
