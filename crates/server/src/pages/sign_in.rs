//! `/login`, `/login/code`, `/login/recovery`, `/logout`: signing in by steps, and out.

use std::time::Duration;

use axum::response::Response;
use counterfoil_authority::{
    FactorsAwaited, GiveCodeError, PageSignIn, SignInError, SignedIn, UseCaseError,
};
use counterfoil_domain::password::Password;
use counterfoil_domain::second_factor::SecondFactor;
use counterfoil_domain::session::{CODE_AWAITED, CookieSecret};
use counterfoil_html::sign_in::{
    Code, CodeProblem, RecoveryCode, SecondPasskey, SignIn, SignInProblem, SignOut,
    recovery_codes_left,
};
use counterfoil_html::{Stranger, View};
use http::StatusCode;
use http::header::SET_COOKIE;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::carried::{Carried, borrowed};
use super::ceremony;
use super::cookies::Cookie;
use super::fields::Fields;
use super::headers::Ends;
use super::oauth::app_behind;
use super::problems::{self, PageProblem};
use super::return_to::return_to;
use super::sent::Sent;
use super::stale;
use super::visit::{Signed, Visit};
use crate::metrics::SignInOutcome;

/// Where somebody goes on to, and the form that is carried along.
#[derive(Clone, Debug, Default)]
pub(super) struct Onward {
    pub(super) return_to: String,
    carried: Option<Carried>,
    /// The app that waits there, by its name.
    app: Option<String>,
}

impl Onward {
    pub(super) async fn of(visit: &Visit, fields: &Fields) -> Self {
        let return_to = return_to(fields.text("return_to"));
        Self {
            return_to: return_to.to_owned(),
            carried: Carried::parse(fields.text("carried")),
            app: app_behind(visit, return_to).await,
        }
    }

    /// The fields by which a form carries it along.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let return_to = Some(&self.return_to).filter(|path| *path != "/");
        let return_to = return_to.map(|path| ("return_to", path.clone()));
        let carried = self.carried.as_ref();
        let carried = carried.map(|carried| ("carried", carried.to_text()));
        return_to.into_iter().chain(carried).collect()
    }
}

/// Which codes a page asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeWay {
    /// Those of an authenticator app.
    App,
    /// Recovery codes.
    Recovery,
}

/// A path of ours with where to go on to from there.
pub(super) fn with_return_to(path: &str, return_to: &str) -> String {
    if return_to == "/" {
        return path.to_owned();
    }
    let return_to = utf8_percent_encode(return_to, NON_ALPHANUMERIC);
    format!("{path}?return_to={return_to}")
}

/// `GET /login`
pub(super) async fn show(visit: Visit) -> Response {
    let onward = Onward::of(&visit, &visit.query()).await;
    match visit.person().await {
        Ok(Some(_)) => visit.go(&onward.return_to),
        Ok(None) => form(&visit, &onward, "", None),
        Err(error) => problems::show(&visit, error.into()),
    }
}

/// The page that asks for login and password.
pub(super) fn form(
    visit: &Visit,
    onward: &Onward,
    login: &str,
    problem: Option<SignInProblem>,
) -> Response {
    if !visit.may_sign_in() {
        return problems::show(visit, PageProblem::NotEncrypted);
    }
    let status = match problem {
        None => StatusCode::OK,
        Some(SignInProblem::TooManyTries { .. } | SignInProblem::Suspended) => {
            StatusCode::FORBIDDEN
        }
        Some(SignInProblem::PasskeysBusy) => StatusCode::TOO_MANY_REQUESTS,
        Some(SignInProblem::Empty { .. } | SignInProblem::Wrong | SignInProblem::Passkey) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let fields = onward.fields();
    let passkey_csrf = ceremony::party(visit)
        .ok()
        .map(|_| visit.csrf("/login/passkey"));
    let view = SignIn {
        csrf: &visit.csrf("/login"),
        carried: &borrowed(&fields),
        continue_to: onward.app.as_deref().map(Stranger),
        login,
        passkey_csrf: passkey_csrf.as_deref(),
        problem,
    };
    visit.page(status, Ends::AtApp, &view)
}

/// Asks somebody to sign in whose session has ended, and carries along the form that they sent.
pub(super) fn ask_to_sign_in(visit: &Visit, carried: &Carried) -> Response {
    let onward = Onward {
        return_to: "/".to_owned(),
        carried: Some(carried.clone()),
        app: None,
    };
    form(visit, &onward, "", None)
}

/// `POST /login`
pub(super) async fn sign_in(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let login = fields.text("login").trim();
    let password = fields.text("password");
    let empty = (login.is_empty(), password.is_empty());
    if !visit.may_sign_in() {
        return form(&visit, &onward, login, None);
    }
    if let (login_is_empty @ true, password) | (login_is_empty, password @ true) = empty {
        let problem = SignInProblem::Empty {
            login: login_is_empty,
            password,
        };
        return form(&visit, &onward, login, Some(problem));
    }
    let password = Password::typed(password);
    let signed_in = visit
        .authority()
        .sign_in_on_page(login.to_owned(), password, visit.visitor(), visit.origin())
        .await;
    count(&visit, signed_in.as_ref().err());
    match signed_in {
        Ok(PageSignIn::SignedIn(signed_in)) => finish(&visit, &onward, signed_in).await,
        Ok(PageSignIn::CodeWanted(half)) => {
            let mut response = match &onward.carried {
                // What was typed is in the page alone.
                Some(_) => code_form(&visit, &onward, &half, CodeWay::App, None).await,
                None => visit.go(&with_return_to("/login/code", &onward.return_to)),
            };
            let kept = visit
                .names()
                .keep(Cookie::HalfSignIn, &half, Some(HALF_KEPT));
            response.headers_mut().append(SET_COOKIE, kept);
            response
        }
        Err(error) => match problem_of(&visit, login, error).await {
            Ok(problem) => form(&visit, &onward, login, Some(problem)),
            Err(problem) => problems::show(&visit, problem),
        },
    }
}

/// How long a browser keeps what stands for a password that waits for its code.
const HALF_KEPT: Duration = CODE_AWAITED;

/// What a page says of a sign-in that was refused, or what is said instead of the page.
async fn problem_of(
    visit: &Visit,
    login: &str,
    error: SignInError,
) -> Result<SignInProblem, PageProblem> {
    match error {
        // Whoever needs a second factor by now is signed in, and sees one page.
        SignInError::BadCredentials
        | SignInError::CodeRequired
        | SignInError::SecondFactorOverdue => Ok(SignInProblem::Wrong),
        SignInError::Suspended => Ok(SignInProblem::Suspended),
        SignInError::TooManyAttempts => {
            let origin = visit.origin();
            let minutes = visit.authority().minutes_locked(login, &origin).await?;
            Ok(SignInProblem::TooManyTries { minutes })
        }
        SignInError::Busy(_) => Err(PageProblem::Busy),
        SignInError::Store(error) => Err(error.into()),
    }
}

fn count(visit: &Visit, error: Option<&SignInError>) {
    visit.state().metrics().count_sign_in(match error {
        None => SignInOutcome::Accepted,
        Some(SignInError::BadCredentials) => SignInOutcome::WrongPassword,
        Some(SignInError::CodeRequired) => SignInOutcome::CodeRequired,
        Some(SignInError::Suspended) => SignInOutcome::Suspended,
        Some(SignInError::SecondFactorOverdue) => SignInOutcome::SecondFactorOverdue,
        Some(SignInError::TooManyAttempts) => SignInOutcome::Locked,
        Some(SignInError::Busy(_) | SignInError::Store(_)) => SignInOutcome::Unavailable,
    });
}

/// Gives the browser its session, and leads on: to the page that somebody wanted to see, or to the
/// form that they had sent, which they send anew.
pub(super) async fn finish(visit: &Visit, onward: &Onward, signed_in: SignedIn) -> Response {
    let authority = visit.authority();
    let person = authority.person(&signed_in.secret, visit.origin()).await;
    let person = match person {
        Ok(person) => person,
        Err(error) => return problems::show(visit, error.into()),
    };
    let mut response = match (&onward.carried, person) {
        (Some(carried), Some(person)) => stale::show(visit, Some(person), carried),
        (None, Some(person)) => {
            let signed = Signed::new(visit.clone(), person);
            match signed_in.recovery_codes_left {
                Some(left) => {
                    let status = recovery_codes_left(visit.language(), left);
                    signed.go_and_tell(&onward.return_to, status).await
                }
                None => visit.go(first_page(&signed, &onward.return_to)),
            }
        }
        // It ended in the same moment.
        (_, None) => visit.go("/login"),
    };
    let life = authority.settings().session_life.absolute;
    let names = visit.names();
    let headers = response.headers_mut();
    headers.append(
        SET_COOKIE,
        names.keep(Cookie::Session, &signed_in.secret, Some(life)),
    );
    headers.append(SET_COOKIE, names.forget(Cookie::HalfSignIn));
    response
}

/// Where somebody goes on to who has signed in. Who has to turn a second factor on is sent there,
/// unless there was something that they wanted to see.
fn first_page<'a>(signed: &Signed, wanted: &'a str) -> &'a str {
    match signed
        .authority()
        .second_factor_of(signed.person().account())
    {
        SecondFactor::DueAt(_) if wanted == "/" => "/settings/security/two-factor",
        _ => wanted,
    }
}

/// `GET /login/code`
pub(super) async fn show_code(visit: Visit) -> Response {
    show_second(&visit, CodeWay::App).await
}

/// `GET /login/recovery`
pub(super) async fn show_recovery(visit: Visit) -> Response {
    show_second(&visit, CodeWay::Recovery).await
}

async fn show_second(visit: &Visit, way: CodeWay) -> Response {
    let onward = Onward::of(visit, &visit.query()).await;
    let Some(half) = visit.secret(Cookie::HalfSignIn) else {
        return visit.go("/login");
    };
    match visit
        .authority()
        .factors_awaited(&half, visit.visitor())
        .await
    {
        Ok(Some(factors)) => second_form(visit, &onward, factors, way, None),
        Ok(None) => visit.go("/login"),
        Err(error) => problems::show(visit, error.into()),
    }
}

/// The page that asks for what the password of this cookie waits for.
pub(super) async fn code_form(
    visit: &Visit,
    onward: &Onward,
    half: &CookieSecret,
    way: CodeWay,
    problem: Option<CodeProblem>,
) -> Response {
    let awaited = visit.authority().factors_awaited(half, visit.visitor());
    match awaited.await {
        Ok(factors) => {
            // It is over, and the page says why.
            let factors = factors.unwrap_or(FactorsAwaited {
                codes: true,
                passkeys: false,
            });
            second_form(visit, onward, factors, way, problem)
        }
        Err(error) => problems::show(visit, error.into()),
    }
}

fn second_form(
    visit: &Visit,
    onward: &Onward,
    factors: FactorsAwaited,
    way: CodeWay,
    problem: Option<CodeProblem>,
) -> Response {
    let (action, other) = match way {
        CodeWay::App => ("/login/code", "/login/recovery"),
        CodeWay::Recovery => ("/login/recovery", "/login/code"),
    };
    let status = match problem {
        None => StatusCode::OK,
        Some(CodeProblem::TooManyTries { .. }) => StatusCode::FORBIDDEN,
        Some(CodeProblem::PasskeysBusy) => StatusCode::TOO_MANY_REQUESTS,
        Some(CodeProblem::Empty | CodeProblem::Wrong | CodeProblem::Passkey) => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
    };
    let csrf = visit.csrf(action);
    let fields = onward.fields();
    let carried = borrowed(&fields);
    let other = with_return_to(other, &onward.return_to);
    let passkey_csrf = (factors.passkeys && ceremony::party(visit).is_ok())
        .then(|| visit.csrf("/login/code/passkey"));
    let passkey_csrf = passkey_csrf.as_deref();
    let (csrf, carried, other) = (&*csrf, &*carried, &*other);
    let view: &(dyn View + Sync) = match way {
        CodeWay::App if factors.codes => &Code {
            csrf,
            carried,
            other,
            passkey_csrf,
            problem,
        },
        CodeWay::App => &SecondPasskey {
            csrf: passkey_csrf,
            carried,
            other,
            problem,
        },
        CodeWay::Recovery => &RecoveryCode {
            csrf,
            carried,
            other,
            has_app: factors.codes,
            problem,
        },
    };
    visit.page(status, Ends::AtApp, view)
}

/// `POST /login/code`
pub(super) async fn give_code(sent: Sent<Visit>) -> Response {
    give(sent, CodeWay::App).await
}

/// `POST /login/recovery`
pub(super) async fn give_recovery_code(sent: Sent<Visit>) -> Response {
    give(sent, CodeWay::Recovery).await
}

async fn give(
    Sent {
        by: visit, fields, ..
    }: Sent<Visit>,
    way: CodeWay,
) -> Response {
    let onward = Onward::of(&visit, &fields).await;
    let code = fields.text("code").trim();
    let Some(half) = visit.secret(Cookie::HalfSignIn) else {
        return anew(&visit, &onward);
    };
    if code.is_empty() {
        return code_form(&visit, &onward, &half, way, Some(CodeProblem::Empty)).await;
    }
    let authority = visit.authority();
    let given = authority.give_code(&half, visit.visitor(), code.to_owned(), visit.origin());
    let error = match given.await {
        Ok(signed_in) => {
            count(&visit, None);
            return finish(&visit, &onward, signed_in).await;
        }
        Err(GiveCodeError::Over) => return anew(&visit, &onward),
        Err(GiveCodeError::SignIn(error)) => error,
    };
    count(&visit, Some(&error));
    match error {
        SignInError::CodeRequired => {
            code_form(&visit, &onward, &half, way, Some(CodeProblem::Wrong)).await
        }
        SignInError::TooManyAttempts => {
            let minutes = authority.settings().lockout.lock.as_secs().div_ceil(60);
            let problem = CodeProblem::TooManyTries { minutes };
            code_form(&visit, &onward, &half, way, Some(problem)).await
        }
        SignInError::Busy(_) => problems::show(&visit, PageProblem::Busy),
        SignInError::Store(error) => problems::show(&visit, error.into()),
        SignInError::BadCredentials | SignInError::Suspended | SignInError::SecondFactorOverdue => {
            anew(&visit, &onward)
        }
    }
}

/// Back to the first step: nothing waits for a code any more.
pub(super) fn anew(visit: &Visit, onward: &Onward) -> Response {
    let mut response = match &onward.carried {
        Some(_) => form(visit, onward, "", None),
        None => visit.go(&with_return_to("/login", &onward.return_to)),
    };
    let forgotten = visit.names().forget(Cookie::HalfSignIn);
    response.headers_mut().append(SET_COOKIE, forgotten);
    response
}

/// `GET /logout`
pub(super) async fn ask_to_sign_out(signed: Signed) -> Response {
    let view = SignOut {
        csrf: &signed.csrf("/logout"),
        login: signed.person().account().login.as_str(),
    };
    signed.page(StatusCode::OK, &view).await
}

/// `POST /logout`
pub(super) async fn sign_out(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let ended = signed.authority().sign_out(signed.person()).await;
    if let Err(UseCaseError::Store(error)) = ended {
        return problems::show(&signed, error.into());
    }
    let mut response = signed.go(return_to(fields.text("return_to")));
    let names = signed.names();
    for cookie in [Cookie::Session, Cookie::HalfSignIn] {
        let forgotten = names.forget(cookie);
        response.headers_mut().append(SET_COOKIE, forgotten);
    }
    response
}
