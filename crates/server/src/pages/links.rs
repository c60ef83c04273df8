//! `/link/{code}` and `/link`: what somebody does who has a link that works once.
//!
//! To open a link changes nothing, since programs that scan mail open links: its code goes into a
//! cookie, so that it stands in no address of the page that asks. What is then sent uses it up.

use axum::response::Response;
use counterfoil_authority::{
    FirstAdministrator, GivePasswordError, LinkError, RevokeTokens, UseCaseError,
};
use counterfoil_domain::email::EmailAddress;
use counterfoil_domain::link::{LinkAccount, LinkCode, LinkKind, LinkSpendRefused, OpenLink};
use counterfoil_domain::login::Login;
use counterfoil_domain::password::{Password, PasswordRefused};
use counterfoil_html::View;
use counterfoil_html::link::{
    AcceptInvitation, DeadLink, EmailProblem, LinkDone, LinkDoneWhat, LoginProblem, NewPassword,
    PasswordProblem, SetUp, UndoAddresses, VerifyAddress,
};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::assets::Name;
use super::cookies::Cookie;
use super::enrolment;
use super::fields::Fields;
use super::headers::Ends;
use super::problems::{self, PageProblem};
use super::sent::Sent;
use super::visit::Visit;

/// Where the form of a link goes.
const PATH: &str = "/link";

/// What is wrong with what was sent, and what was typed, which comes again.
#[derive(Clone, Debug, Default)]
struct Tried {
    login: String,
    email: String,
    revoke: bool,
    login_problem: Option<LoginProblem>,
    email_problem: Option<EmailProblem>,
    password_problem: Option<PasswordProblem>,
}

impl Tried {
    fn of(fields: &Fields) -> Self {
        Self {
            login: fields.text("login").trim().to_owned(),
            email: fields.text("email").trim().to_owned(),
            revoke: fields.has("revoke"),
            ..Self::default()
        }
    }

    fn is_refused(&self) -> bool {
        self.login_problem.is_some()
            || self.email_problem.is_some()
            || self.password_problem.is_some()
    }
}

/// `GET /link/{code}`
pub(super) async fn open(Name(code): Name, visit: Visit) -> Response {
    let mut response = visit.go(PATH);
    let cookie = match LinkCode::parse(&code) {
        Some(code) => visit.names().keep_link(&code),
        None => visit.names().forget(Cookie::Link),
    };
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// `GET /link`
pub(super) async fn show(visit: Visit) -> Response {
    match opened(&visit).await {
        Ok(Some((_, link))) if link.kind == LinkKind::Enrolment => {
            enrolment::show(visit, &link).await
        }
        Ok(Some((_, link))) => form(&visit, &link, &Tried::default()),
        Ok(None) => dead(&visit).await,
        Err(problem) => problems::show(&visit, problem),
    }
}

/// `GET /link/done`
pub(super) async fn done(visit: Visit) -> Response {
    let what = match visit.query().text("did") {
        "set-up" => LinkDoneWhat::SetUp,
        "password" => LinkDoneWhat::Password,
        "reset" => LinkDoneWhat::Reset,
        "address" => LinkDoneWhat::Address,
        _ => return problems::show(&visit, PageProblem::NotFound),
    };
    visit.page(StatusCode::OK, Ends::Here, &LinkDone(what))
}

/// `POST /link`
pub(super) async fn send(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let (code, link) = match opened(&visit).await {
        Ok(Some(opened)) => opened,
        Ok(None) => return dead(&visit).await,
        Err(problem) => return problems::show(&visit, problem),
    };
    if link.kind == LinkKind::Enrolment {
        return enrolment::send(visit, (&code, &link), &fields).await;
    }
    let password = fields.text("password");
    let mut tried = Tried::of(&fields);
    let wants_password = matches!(
        link.kind,
        LinkKind::SetUp | LinkKind::Invitation | LinkKind::Reset
    );
    if wants_password && !visit.may_sign_in() {
        return problems::show(&visit, PageProblem::NotEncrypted);
    }
    if wants_password && password.is_empty() {
        tried.password_problem = Some(PasswordProblem::Empty);
    }
    let password = Password::typed(password);
    match link.kind {
        LinkKind::SetUp => set_up(&visit, &code, &link, password, tried).await,
        _ if tried.is_refused() => form(&visit, &link, &tried),
        LinkKind::Invitation => {
            let accepted = visit
                .authority()
                .accept_invitation(&code, password, visit.origin());
            let came = accepted.await.map(|_| "password");
            finish(&visit, &link, tried, came).await
        }
        LinkKind::Reset => {
            let tokens = if tried.revoke {
                RevokeTokens::Revoke
            } else {
                RevokeTokens::Keep
            };
            let reset = visit
                .authority()
                .reset_password(&code, password, tokens, visit.origin());
            let came = reset.await.map(|_| "reset");
            finish(&visit, &link, tried, came).await
        }
        LinkKind::Address => {
            let verified = visit.authority().verify_address(&code, visit.origin());
            let came = verified.await.map(|()| "address");
            finish(&visit, &link, tried, came).await
        }
        LinkKind::AddressUndo => undo(&visit, &code, &link, tried).await,
        LinkKind::Enrolment => dead(&visit).await,
    }
}

/// Takes back a change of addresses, and asks for another password: whoever made the change knows
/// the one that there is.
async fn undo(visit: &Visit, code: &LinkCode, link: &OpenLink, tried: Tried) -> Response {
    match visit.authority().undo_addresses(code, visit.origin()).await {
        Ok(next) => {
            let mut response = visit.go(PATH);
            let cookie = visit.names().keep_link(&next);
            response.headers_mut().append(SET_COOKIE, cookie);
            response
        }
        Err(error) => finish(visit, link, tried, Err(error)).await,
    }
}

async fn set_up(
    visit: &Visit,
    code: &LinkCode,
    link: &OpenLink,
    password: Password,
    mut tried: Tried,
) -> Response {
    let login = Login::parse_new(&tried.login);
    let email = EmailAddress::parse(&tried.email);
    if login.is_err() {
        tried.login_problem = Some(if tried.login.is_empty() {
            LoginProblem::Empty
        } else {
            LoginProblem::Form
        });
    }
    if email.is_err() {
        tried.email_problem = Some(EmailProblem::Form);
    }
    let (Ok(login), Ok(email), None) = (login, email, tried.password_problem) else {
        return form(visit, link, &tried);
    };
    let first = FirstAdministrator {
        login,
        email: Some(email),
        password,
    };
    let made = visit.authority().set_up(code, first, visit.origin()).await;
    finish(visit, link, tried, made.map(|_| "set-up")).await
}

/// Says what was done, or shows the form again with what is wrong with it.
async fn finish(
    visit: &Visit,
    link: &OpenLink,
    mut tried: Tried,
    came: Result<&'static str, LinkError>,
) -> Response {
    let error = match came {
        Ok(did) => {
            let mut response = visit.go(&format!("/link/done?did={did}"));
            let forgotten = visit.names().forget(Cookie::Link);
            response.headers_mut().append(SET_COOKIE, forgotten);
            return response;
        }
        Err(error) => error,
    };
    match error {
        GivePasswordError::Password(refused) => {
            tried.password_problem = Some(problem_of(refused));
        }
        GivePasswordError::UseCase(UseCaseError::Refused(LinkSpendRefused::LoginTaken)) => {
            tried.login_problem = Some(LoginProblem::Taken);
        }
        GivePasswordError::UseCase(UseCaseError::Refused(LinkSpendRefused::AddressTaken))
            if link.kind == LinkKind::SetUp =>
        {
            tried.email_problem = Some(EmailProblem::Taken);
        }
        GivePasswordError::Busy(_) => return problems::show(visit, PageProblem::Busy),
        GivePasswordError::UseCase(UseCaseError::Store(error)) => {
            return problems::show(visit, error.into());
        }
        GivePasswordError::UseCase(UseCaseError::Refused(_) | UseCaseError::CallerGone(_)) => {
            return dead(visit).await;
        }
    }
    form(visit, link, &tried)
}

fn problem_of(refused: PasswordRefused) -> PasswordProblem {
    match refused {
        PasswordRefused::TooShort => PasswordProblem::Short,
        PasswordRefused::TooLong | PasswordRefused::Nul => PasswordProblem::Long,
        PasswordRefused::Common => PasswordProblem::Common,
        PasswordRefused::Own => PasswordProblem::Own,
    }
}

/// The link of the cookie, if it works.
async fn opened(visit: &Visit) -> Result<Option<(LinkCode, OpenLink)>, PageProblem> {
    let Some(code) = visit.names().link(visit.headers()) else {
        return Ok(None);
    };
    let found = visit.authority().open_link(&code).await?;
    Ok(found.map(|link| (code, link)))
}

/// What is said of a link that does nothing.
async fn dead(visit: &Visit) -> Response {
    match visit.authority().is_administered().await {
        Ok(is_administered) => {
            let view = DeadLink {
                awaits_set_up: !is_administered,
            };
            visit.page(StatusCode::NOT_FOUND, Ends::Here, &view)
        }
        Err(error) => problems::show(visit, error.into()),
    }
}

/// What a link asks.
fn form(visit: &Visit, link: &OpenLink, tried: &Tried) -> Response {
    let status = if tried.is_refused() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let csrf = visit.csrf(PATH);
    let login = link.account.as_ref().map(|LinkAccount { login, .. }| login);
    let login = login.map_or("", Login::as_str);
    let address = link.address.as_ref().map_or("", EmailAddress::as_str);
    let page = |view: &(dyn View + Sync)| visit.page(status, Ends::Here, view);
    match link.kind {
        LinkKind::SetUp => page(&SetUp {
            csrf: &csrf,
            login: &tried.login,
            email: &tried.email,
            login_problem: tried.login_problem,
            email_problem: tried.email_problem,
            password_problem: tried.password_problem,
        }),
        LinkKind::Invitation => page(&AcceptInvitation {
            csrf: &csrf,
            login,
            maker: link.maker.as_ref().map(Login::as_str),
            problem: tried.password_problem,
        }),
        LinkKind::Reset => page(&NewPassword {
            csrf: &csrf,
            login,
            revoke: tried.revoke,
            problem: tried.password_problem,
        }),
        LinkKind::Address => page(&VerifyAddress {
            csrf: &csrf,
            login,
            address,
        }),
        LinkKind::AddressUndo => page(&UndoAddresses {
            csrf: &csrf,
            address,
        }),
        LinkKind::Enrolment => problems::show(visit, PageProblem::NotFound),
    }
}
