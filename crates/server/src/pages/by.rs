//! Who may send a form, and what whoever lacks something is asked for: the form is carried along.

use axum::response::Response;
use counterfoil_authority::Person;

use super::carried::Carried;
use super::confirm::ask_to_confirm;
use super::fields::Fields;
use super::sent::By;
use super::sign_in::ask_to_sign_in;
use super::stale::send_again;
use super::visit::{Fresh, Signed, Turned, Visit, fresh};

impl By for Visit {
    const SIGNED_IN: bool = false;

    async fn admit(visit: Visit, _: Option<Person>, _: &Fields) -> Result<Self, Turned> {
        Ok(visit)
    }
}

impl By for Signed {
    const SIGNED_IN: bool = true;

    async fn admit(visit: Visit, person: Option<Person>, form: &Fields) -> Result<Self, Turned> {
        if let Some(person) = person {
            return Ok(Self::new(visit, person));
        }
        let carried = Carried::of(visit.path(), form);
        Err(ask_to_sign_in(&visit, &carried).into())
    }

    fn anew(visit: &Visit, person: Option<Person>, form: &Fields) -> Response {
        anew(visit, person, form)
    }
}

impl By for Fresh {
    const SIGNED_IN: bool = true;

    async fn admit(visit: Visit, person: Option<Person>, form: &Fields) -> Result<Self, Turned> {
        let signed = Signed::admit(visit, person, form).await?;
        match fresh(signed) {
            Ok(fresh) => Ok(fresh),
            Err(signed) => {
                let carried = Carried::of(signed.path(), form);
                Err(ask_to_confirm(&signed, &carried).await.into())
            }
        }
    }

    fn anew(visit: &Visit, person: Option<Person>, form: &Fields) -> Response {
        anew(visit, person, form)
    }
}

/// Nobody can send a form anew whose session has ended: they sign in first.
pub(super) fn anew(visit: &Visit, person: Option<Person>, form: &Fields) -> Response {
    if person.is_some() {
        return send_again(visit, person, form);
    }
    let carried = Carried::of(visit.path(), form);
    ask_to_sign_in(visit, &carried)
}
