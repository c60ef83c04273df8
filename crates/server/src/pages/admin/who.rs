//! Who is let in: site administrators, as the store knows them at this request. It is looked at
//! again when a change is made.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::response::Response;
use counterfoil_authority::{Operator, Person};
use counterfoil_html::errors::ErrorPage;
use http::StatusCode;
use http::request::Parts;

use crate::pages::by;
use crate::pages::carried::Carried;
use crate::pages::confirm::ask_to_confirm;
use crate::pages::fields::Fields;
use crate::pages::problems::{self, PageProblem, Shows};
use crate::pages::sent::By;
use crate::pages::visit::{Signed, Turned, Visit, fresh};
use crate::state::ServerState;

/// A request by a site administrator, to look at something.
#[derive(Clone)]
pub(crate) struct Administrator {
    signed: Signed,
    operator: Operator,
}

/// A form of a site administrator who proved a short while ago, in the session that they use, who
/// they are.
#[derive(Clone)]
pub(crate) struct FreshAdministrator(Administrator);

impl Administrator {
    /// Whoever else is signed in is told that there is nothing.
    fn of(signed: Signed) -> Result<Self, Turned> {
        match signed.person().as_operator() {
            Some(operator) => Ok(Self { signed, operator }),
            None => Err(problems::show(&signed, PageProblem::NotFound).into()),
        }
    }

    /// What use cases take.
    pub(crate) fn operator(&self) -> &Operator {
        &self.operator
    }
}

impl Deref for Administrator {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.signed
    }
}

impl Deref for FreshAdministrator {
    type Target = Administrator;

    fn deref(&self) -> &Administrator {
        &self.0
    }
}

impl Shows for Administrator {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        self.signed.shown(status, view)
    }

    fn id(&self) -> String {
        self.signed.id()
    }
}

impl Shows for FreshAdministrator {
    fn shown(&self, status: StatusCode, view: &ErrorPage<'_>) -> Response {
        self.0.shown(status, view)
    }

    fn id(&self) -> String {
        self.0.id()
    }
}

/// Whoever is not signed in is asked to, and led back.
impl FromRequestParts<ServerState> for Administrator {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        Self::of(Signed::from_request_parts(parts, state).await?)
    }
}

impl By for FreshAdministrator {
    const SIGNED_IN: bool = true;

    fn is_there_for(person: &Person) -> bool {
        person.as_operator().is_some()
    }

    async fn admit(visit: Visit, person: Option<Person>, form: &Fields) -> Result<Self, Turned> {
        let administrator = Administrator::of(Signed::admit(visit, person, form).await?)?;
        match fresh(administrator.signed.clone()) {
            Ok(_) => Ok(Self(administrator)),
            Err(signed) => {
                let carried = Carried::of(signed.path(), form);
                Err(ask_to_confirm(&signed, &carried).await.into())
            }
        }
    }

    fn anew(visit: &Visit, person: Option<Person>, form: &Fields) -> Response {
        by::anew(visit, person, form)
    }
}
