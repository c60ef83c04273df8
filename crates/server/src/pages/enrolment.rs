//! Links by which somebody sets a second factor up who should have one by now. The password alone
//! does not lead there, since whoever stole it could go the same way; nor does the link alone: it
//! asks for a sign-in, with all its bounds (wire contract, section 34).

use axum::response::{IntoResponse, Response};
use counterfoil_authority::UseCaseError;
use counterfoil_domain::link::{LinkAccount, LinkCode, LinkRefused, OpenLink};
use counterfoil_html::security::{EnrolAsAnother, EnrolByLink, PasskeyProblem, enrolment_asked};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::ceremony::party;
use super::cookies::Cookie;
use super::fields::Fields;
use super::headers::Ends;
use super::problems;
use super::security::passkeys::{self, Came};
use super::security::two_factor::{self, Confirmed};
use super::sent::Sent;
use super::visit::{self, Fresh, Signed, Turned, Visit};

/// Where the forms of a link go.
const PATH: &str = "/link";

/// `GET /link`, of such a link.
pub(super) async fn show(visit: Visit, link: &OpenLink) -> Response {
    let fresh = match owner(visit, link).await {
        Ok(fresh) => fresh,
        Err(turned) => return turned.into_response(),
    };
    page(&fresh, "", None)
}

/// The page that has the ways to a second factor.
fn page(fresh: &Fresh, name: &str, problem: Option<PasskeyProblem>) -> Response {
    let view = EnrolByLink {
        csrf: &Visit::csrf(fresh, PATH),
        login: fresh.person().account().login.as_str(),
        offers_passkeys: party(fresh).is_ok(),
        name,
        problem,
    };
    Visit::page(fresh, passkeys::status(problem), Ends::Here, &view)
}

/// `POST /link`, of such a link: shows a secret, and turns codes on by the first code of it; or has
/// the browser make a passkey, and adds it.
pub(super) async fn send(
    visit: Visit,
    (code, link): (&LinkCode, &OpenLink),
    fields: &Fields,
) -> Response {
    let fresh = match owner(visit, link).await {
        Ok(fresh) => fresh,
        Err(turned) => return turned.into_response(),
    };
    if fields.has("name") {
        return send_passkey(&fresh, code, fields).await;
    }
    if !fields.has("code") {
        return two_factor::begin_in(&fresh, Some(code)).await;
    }
    match two_factor::confirm_in(&fresh, Some(code), fields.text("code")).await {
        Confirmed::Done(response) => without_link(&fresh, response),
        Confirmed::NotYet(response) => response,
    }
}

/// A form about a passkey: a name for one that is to be made, or one that was made.
async fn send_passkey(fresh: &Fresh, code: &LinkCode, fields: &Fields) -> Response {
    let came = if fields.has("client_data") {
        passkeys::add_in(fresh, Some(code), fields).await
    } else {
        passkeys::begin_in(fresh, Some(code), fields).await
    };
    match came {
        Came::Added(response) => without_link(fresh, response),
        Came::Not(response) => response,
        Came::Again(problem) => page(fresh, fields.text("name"), problem),
    }
}

/// The link was used up.
fn without_link(fresh: &Fresh, mut response: Response) -> Response {
    let forgotten = fresh.names().forget(Cookie::Link);
    response.headers_mut().append(SET_COOKIE, forgotten);
    response
}

/// Whose link it is, signed in and sure of it; else where they go first.
async fn owner(visit: Visit, link: &OpenLink) -> Result<Fresh, Turned> {
    let person = match visit.person().await {
        Ok(Some(person)) => person,
        Ok(None) => return Err(visit.go_by("/login").into()),
        Err(error) => return Err(problems::show(&visit, error.into()).into()),
    };
    let signed = Signed::new(visit, person);
    let account = signed.person().account();
    match &link.account {
        Some(owner) if owner.id == account.id => {
            visit::fresh(signed).map_err(|signed| signed.go_by("/login/confirm").into())
        }
        other => {
            let owner = other.as_ref().map(|LinkAccount { login, .. }| login);
            let view = EnrolAsAnother {
                sign_out_csrf: &signed.csrf("/logout"),
                login: account.login.as_str(),
                owner: owner.map_or("", |login| login.as_str()),
            };
            let page = Visit::page(&signed, StatusCode::FORBIDDEN, Ends::Here, &view);
            Err(page.into())
        }
    }
}

/// `POST /login/enrolment`: has a link mailed. What is said is the same whether there is an address
/// that it could go to.
pub(super) async fn ask(Sent { by: signed, .. }: Sent<Signed>) -> Response {
    let authority = signed.authority();
    if !authority.sends_mail() {
        return signed.go("/");
    }
    match authority.ask_enrolment(signed.person()).await {
        Ok(()) => {
            let minutes = authority.settings().links.enrolment.as_secs().div_ceil(60);
            let status = enrolment_asked(signed.language(), minutes);
            signed.go_and_tell("/", status).await
        }
        // There is one by now.
        Err(UseCaseError::Refused(LinkRefused::HasSecondFactor)) => signed.go("/"),
        Err(UseCaseError::Refused(LinkRefused::OutboxFull)) => {
            problems::show(&signed, problems::PageProblem::Busy)
        }
        Err(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => signed.go("/login"),
        Err(UseCaseError::Store(error)) => problems::show(&signed, error.into()),
    }
}
