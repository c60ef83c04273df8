//! A form that was sent, with who sent it. Nothing of it is looked at by a handler unless one of
//! our own pages gave it to the browser that sends it.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use counterfoil_authority::Person;
use counterfoil_domain::form::{FormCookie, FormPlace, OnceValue};
use counterfoil_wire::problem::Problem;
use http::request::Parts;

use super::cookies::Cookie;
use super::fields::{Fields, ONCE, TOKEN};
use super::problems::{self, PageProblem};
use super::sender::{Sender, sender};
use super::stale::send_again;
use super::visit::{Turned, Visit, admit};
use crate::json_body;
use crate::state::ServerState;

/// See the module.
pub(crate) struct Sent<W> {
    /// Who sent it.
    pub(crate) by: W,
    /// What was sent.
    pub(crate) fields: Fields,
    /// What makes the form count once, if its page gave it that.
    pub(crate) once: Option<OnceValue>,
}

/// Who may send a form.
pub(crate) trait By: Sized {
    /// Whether somebody must be signed in.
    const SIGNED_IN: bool;

    /// Whether there is anything that somebody could send it to.
    fn is_there_for(_: &Person) -> bool {
        true
    }

    /// The witness that a handler gets, or the page that asks for what is missing, which carries
    /// the form along.
    fn admit(
        visit: Visit,
        person: Option<Person>,
        form: &Fields,
    ) -> impl Future<Output = Result<Self, Turned>> + Send;

    /// The page by which a form is sent anew whose token is not its own any more.
    fn anew(visit: &Visit, person: Option<Person>, form: &Fields) -> Response {
        send_again(visit, person, form)
    }
}

impl<W: By + Send> FromRequest<ServerState> for Sent<W> {
    type Rejection = Turned;

    async fn from_request(request: Request, state: &ServerState) -> Result<Self, Turned> {
        let (parts, body) = request.into_parts();
        let visit = Visit::read(&parts, state)?;
        let from = sender(visit.headers(), visit.own_origin());
        if from == Sender::Foreign {
            return Err(problems::show(&visit, PageProblem::ForeignForm).into());
        }
        let fields = read(Request::from_parts(parts.clone(), body), state)
            .await
            .map_err(|problem| problems::show(&visit, problem))?;
        let person = signed_in::<W>(&parts, &visit).await?;
        if person
            .as_ref()
            .is_some_and(|person| !W::is_there_for(person))
        {
            return Err(problems::show(&visit, PageProblem::NotFound).into());
        }
        let once = once_of(&visit, &fields);
        if !once.is_ok_and(|once| is_own::<W>(&visit, &fields, once)) {
            // Entries that a page of somebody else could have made up are not offered again.
            let turned = match from {
                Sender::Own => W::anew(&visit, person, &fields),
                Sender::Unsaid | Sender::Foreign => {
                    problems::show(&visit, PageProblem::ForeignForm)
                }
            };
            return Err(turned.into());
        }
        let by = W::admit(visit, person, &fields).await?;
        let once = once.unwrap_or_default();
        Ok(Self { by, fields, once })
    }
}

async fn signed_in<W: By>(parts: &Parts, visit: &Visit) -> Result<Option<Person>, Turned> {
    if !W::SIGNED_IN {
        return Ok(None);
    }
    let person = visit.person().await;
    let person = person.map_err(|error| problems::show(visit, error.into()))?;
    if let Some(person) = &person {
        admit(parts, person, visit).await?;
    }
    Ok(person)
}

async fn read(request: Request, state: &ServerState) -> Result<Fields, PageProblem> {
    let bytes = json_body::read(request, state).await;
    let bytes = bytes.map_err(|problem| match problem {
        Problem::PayloadTooLarge => PageProblem::TooLarge,
        _ => PageProblem::NoForm,
    })?;
    Fields::parse(&bytes).map_err(|_| PageProblem::NoForm)
}

/// What makes a form count once: nothing for one that counts often. A value that is none of ours or
/// too old is an error.
fn once_of(visit: &Visit, fields: &Fields) -> Result<Option<OnceValue>, TooOld> {
    if !fields.has(ONCE) {
        return Ok(None);
    }
    let once = visit.authority().read_once_value(fields.text(ONCE));
    once.map(Some).ok_or(TooOld)
}

/// The page of a form that counts once was made too long ago.
#[derive(Clone, Copy, Debug)]
struct TooOld;

/// Whether one of our pages gave the form to the browser that sends it. A session that has ended
/// still says so by its cookie.
fn is_own<W: By>(visit: &Visit, fields: &Fields, once: Option<OnceValue>) -> bool {
    let cookie = if W::SIGNED_IN {
        let session = visit.secret(Cookie::Session);
        session.map(|secret| FormCookie::Session(secret.digest()))
    } else {
        Some(FormCookie::Visitor(visit.visitor().digest()))
    };
    cookie.is_some_and(|cookie| {
        let form = FormPlace {
            cookie,
            action: visit.path(),
            once,
        };
        visit.authority().is_own_form(&form, fields.text(TOKEN))
    })
}
