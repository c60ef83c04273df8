//! `/login/confirm/passkey`: a fresh proof of who somebody is.

use axum::response::Response;
use counterfoil_authority::PasskeyError;
use counterfoil_html::sign_in::{ConfirmProblem, PasskeyPurpose};

use crate::handler::Reply;
use crate::pages::carried::{Carried, borrowed};
use crate::pages::ceremony::{self, ask, assertion, party};
use crate::pages::confirm::{fields_of, form, go_on};
use crate::pages::problems;
use crate::pages::return_to::return_to;
use crate::pages::sent::Sent;
use crate::pages::sign_in::with_return_to;
use crate::pages::visit::Signed;

/// `POST /login/confirm/passkey`: makes a challenge.
pub(in crate::pages) async fn begin(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let onward = return_to(fields.text("return_to"));
    let carried = Carried::parse(fields.text("carried"));
    let Ok(party) = party(&signed) else {
        return form(&signed, onward, carried.as_ref(), None).await;
    };
    let options = signed
        .authority()
        .begin_passkey_confirmation(signed.person(), &party)
        .await;
    match options {
        Ok(options) => ask(
            &signed,
            PasskeyPurpose::Confirm,
            &signed.csrf(ceremony::CONFIRM),
            &borrowed(&fields_of(onward, carried.as_ref())),
            &with_return_to("/login/confirm", onward),
            &options,
        ),
        Err(error) => refused(&signed, onward, carried.as_ref(), error).await,
    }
}

/// `POST /login/confirm/passkey/answer`: what was asked for before is done then, or its page is
/// shown.
pub(in crate::pages) async fn answer(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Reply {
    let onward = return_to(fields.text("return_to"));
    let carried = Carried::parse(fields.text("carried"));
    let Ok(party) = party(&signed) else {
        return Reply::Response(form(&signed, onward, carried.as_ref(), None).await);
    };
    let confirmed = signed
        .authority()
        .finish_passkey_confirmation(signed.person(), &party, assertion(&fields))
        .await;
    match confirmed {
        Ok(secret) => go_on(&signed, onward, carried.as_ref(), &secret),
        Err(error) => Reply::Response(refused(&signed, onward, carried.as_ref(), error).await),
    }
}

async fn refused(
    signed: &Signed,
    onward: &str,
    carried: Option<&Carried>,
    error: PasskeyError,
) -> Response {
    let problem = match error {
        PasskeyError::Refused(_) | PasskeyError::NoPasskeys | PasskeyError::Over => {
            ConfirmProblem::Passkey
        }
        PasskeyError::TooManyChallenges => ConfirmProblem::PasskeysBusy,
        PasskeyError::Suspended | PasskeyError::CallerGone(_) => return signed.go("/login"),
        PasskeyError::Store(error) => return problems::show(signed, error.into()),
    };
    form(signed, onward, carried, Some(problem)).await
}
