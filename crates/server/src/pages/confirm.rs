//! `/login/confirm`: somebody who is signed in proves anew who they are, and what they wanted to do
//! is done.

use axum::response::Response;
use counterfoil_authority::SignInError;
use counterfoil_domain::form::{FormCookie, FormPlace};
use counterfoil_domain::password::Password;
use counterfoil_domain::session::CookieSecret;
use counterfoil_html::sign_in::{Confirm, ConfirmProblem, ConfirmWays};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use super::carried::{Carried, borrowed};
use super::ceremony;
use super::cookies::Cookie;
use super::fields::{Fields, ONCE};
use super::headers::Ends;
use super::problems::{self, PageProblem};
use super::return_to::return_to;
use super::sent::Sent;
use super::visit::Signed;
use crate::handler::{Again, Reply};

/// Where the form is sent to.
const PATH: &str = "/login/confirm";

/// `GET /login/confirm`
pub(super) async fn show(signed: Signed) -> Response {
    let onward = return_to(signed.query().text("return_to")).to_owned();
    form(&signed, &onward, None, None).await
}

/// Asks somebody to prove anew who they are, and carries along the form that they sent.
pub(super) async fn ask_to_confirm(signed: &Signed, carried: &Carried) -> Response {
    form(signed, "/", Some(carried), None).await
}

/// The page that asks for a proof, with what is carried along.
pub(super) async fn form(
    signed: &Signed,
    onward: &str,
    carried: Option<&Carried>,
    problem: Option<ConfirmProblem>,
) -> Response {
    let ways = match ceremony::ways(signed).await {
        Ok(ways) => ways,
        Err(error) => return problems::show(signed, error.into()),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(ConfirmProblem::TooManyTries { .. }) => StatusCode::FORBIDDEN,
        Some(ConfirmProblem::PasskeysBusy) => StatusCode::TOO_MANY_REQUESTS,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let fields = fields_of(onward, carried);
    let passkey_csrf = ways
        .has_passkey
        .then(|| signed.csrf("/login/confirm/passkey"));
    let account = signed.person().account();
    let view = Confirm {
        csrf: &signed.csrf(PATH),
        carried: &borrowed(&fields),
        login: account.login.as_str(),
        ways: ways.others,
        passkey_csrf: passkey_csrf.as_deref(),
        problem,
    };
    signed.show(status, Ends::AtApp, &view, None, None)
}

/// The fields by which a form carries along where to go on to, or the form that was sent.
pub(super) fn fields_of(onward: &str, carried: Option<&Carried>) -> Vec<(&'static str, String)> {
    let onward = Some(("return_to", onward.to_owned())).filter(|(_, path)| path != "/");
    let carried = carried.map(|carried| ("carried", carried.to_text()));
    onward.into_iter().chain(carried).collect()
}

/// `POST /login/confirm`: what was asked for before is done then, or its page is shown.
pub(super) async fn confirm(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Reply {
    let onward = return_to(fields.text("return_to"));
    let carried = Carried::parse(fields.text("carried"));
    let ways = match ceremony::ways(&signed).await {
        Ok(ways) => ways.others,
        Err(error) => return Reply::Response(problems::show(&signed, error.into())),
    };
    let (password, code) = (fields.text("password"), fields.text("code").trim());
    let wants_code = ways == ConfirmWays::PasswordAndCode;
    let empty = ConfirmProblem::Empty {
        password: password.is_empty(),
        code: wants_code && code.is_empty(),
    };
    if password.is_empty() || (wants_code && code.is_empty()) {
        return refused(&signed, onward, carried.as_ref(), empty).await;
    }
    let code = Some(code.to_owned()).filter(|_| wants_code);
    let confirmed = signed
        .authority()
        .confirm(signed.person(), Password::typed(password), code)
        .await;
    let problem = match confirmed {
        Ok(secret) => return go_on(&signed, onward, carried.as_ref(), &secret),
        // Whoever needs a second factor by now is not asked this: they see one page.
        Err(
            SignInError::BadCredentials | SignInError::Suspended | SignInError::SecondFactorOverdue,
        ) => ConfirmProblem::WrongPassword,
        Err(SignInError::CodeRequired) => ConfirmProblem::WrongCode,
        Err(SignInError::TooManyAttempts) => {
            let login = signed.person().account().login.as_str();
            let origin = signed.origin();
            match signed.authority().minutes_locked(login, &origin).await {
                Ok(minutes) => ConfirmProblem::TooManyTries { minutes },
                Err(error) => return Reply::Response(problems::show(&signed, error.into())),
            }
        }
        Err(SignInError::Busy(_)) => {
            return Reply::Response(problems::show(&signed, PageProblem::Busy));
        }
        Err(SignInError::Store(error)) => {
            return Reply::Response(problems::show(&signed, error.into()));
        }
    };
    refused(&signed, onward, carried.as_ref(), problem).await
}

async fn refused(
    signed: &Signed,
    onward: &str,
    carried: Option<&Carried>,
    problem: ConfirmProblem,
) -> Reply {
    Reply::Response(form(signed, onward, carried, Some(problem)).await)
}

/// The session goes on under another secret: the browser gets it, and with it the page that was
/// asked for, or the answer to the form that was sent.
pub(super) fn go_on(
    signed: &Signed,
    onward: &str,
    carried: Option<&Carried>,
    secret: &CookieSecret,
) -> Reply {
    let life = signed.authority().settings().session_life.absolute;
    let kept = signed.names().keep(Cookie::Session, secret, Some(life));
    let Some(carried) = carried else {
        let mut response = signed.go(onward);
        response.headers_mut().append(SET_COOKIE, kept);
        return Reply::Response(response);
    };
    let token = signed.authority().form_token(&FormPlace {
        cookie: FormCookie::Session(secret.digest()),
        action: carried.action(),
        once: once_of(signed, carried.fields()),
    });
    let cookie = signed.names().sent(Cookie::Session, secret);
    let mut headers = HeaderMap::new();
    headers.append(SET_COOKIE, kept);
    Reply::Again(Box::new(Again {
        request: carried.sent_again(signed.headers(), cookie, &token),
        headers,
    }))
}

fn once_of(signed: &Signed, fields: &Fields) -> Option<counterfoil_domain::form::OnceValue> {
    signed.authority().read_once_value(fields.text(ONCE))
}
