//! `POST /login/oauth/authorize`: what somebody answers an app.

use axum::response::{IntoResponse, Response};
use counterfoil_authority::{AnswerRefused, FoundRequest, UseCaseError};
use counterfoil_domain::app::AppSwitch;
use counterfoil_domain::oauth::{AppRequest, RedirectUri, RequestHandle};
use counterfoil_html::oauth::{FlowProblem, FlowProblemPage, OtherAccount};
use counterfoil_wire::oauth::{Alongside, AuthorizeError, granted, refused};
use http::StatusCode;

use super::{PATH, anew, failed, issuer_for, lapsed, problem, to_app};
use crate::pages::headers::Ends;
use crate::pages::sent::Sent;
use crate::pages::visit::Signed;

/// See the module. The form carries nothing but the handle of what was asked: no field of it can
/// widen that.
pub(in crate::pages) async fn answer(
    Sent {
        by: signed, fields, ..
    }: Sent<Signed>,
) -> Response {
    let Some(handle) = RequestHandle::parse(fields.text("request")) else {
        return over(&signed).await;
    };
    let found = match signed.authority().app_request(&handle).await {
        Ok(Some(found)) => found,
        Ok(None) => return over(&signed).await,
        Err(error) => return failed(&signed, error).into_response(),
    };
    if let Some(other) = not_waiting(&signed, &found).await {
        return other;
    }
    match fields.text("answer") {
        "allow" => allow(&signed, &handle, &found).await,
        "cancel" => cancel(&signed, &handle, &found).await,
        _ => anew(&signed, &found.request.query),
    }
}

/// What is shown in place of the answer where the request does not wait for one of this person, in
/// this session.
async fn not_waiting(signed: &Signed, found: &FoundRequest) -> Option<Response> {
    let person = signed.person();
    let request = &found.request;
    if request.account != person.account().id {
        let view = OtherAccount {
            now: person.account().login.as_str(),
            before: found.login.as_str(),
            anew: &format!("{PATH}?{}", request.query),
        };
        let status = StatusCode::FORBIDDEN;
        return Some(signed.page_that(Ends::AtApp, status, &view).await);
    }
    // Nothing leads to it any more, whatever the answer.
    if found.is_suspended {
        let status = StatusCode::BAD_REQUEST;
        return Some(problem(signed, status, FlowProblem::Suspended));
    }
    if found.is_answered {
        return Some(answered(signed, request).await);
    }
    let is_of_this_session = request.session == person.session().id;
    // What was switched on while the page was read counts.
    let wants_challenge = found.switches.has(AppSwitch::RequirePkce);
    let proves_too_little = wants_challenge && request.challenge.is_none();
    let may_give = signed.authority().may_still_give(person, request);
    if !is_of_this_session || proves_too_little || !may_give {
        return Some(anew(signed, &request.query));
    }
    None
}

async fn allow(signed: &Signed, handle: &RequestHandle, found: &FoundRequest) -> Response {
    match signed.authority().allow_app(signed.person(), handle).await {
        Ok((request, code)) => back(signed, found, &request, |alongside| {
            granted(&code, alongside)
        }),
        Err(error) => not_done(signed, &found.request, error).await,
    }
}

async fn cancel(signed: &Signed, handle: &RequestHandle, found: &FoundRequest) -> Response {
    match signed.authority().deny_app(signed.person(), handle).await {
        Ok(request) => back(signed, found, &request, |alongside| {
            refused(AuthorizeError::AccessDenied, alongside)
        }),
        Err(error) => not_done(signed, &found.request, error).await,
    }
}

/// Back to the app with an answer.
fn back(
    signed: &Signed,
    found: &FoundRequest,
    request: &AppRequest,
    answer: impl FnOnce(Alongside<'_>) -> String,
) -> Response {
    let issuer = issuer_for(signed, found.switches);
    let answer = answer(Alongside {
        issuer: issuer.as_deref(),
        state: request.state.as_ref(),
    });
    let address = request.redirect.with_answer(&answer);
    to_app(StatusCode::SEE_OTHER, &address)
}

async fn not_done(
    signed: &Signed,
    request: &AppRequest,
    error: UseCaseError<AnswerRefused>,
) -> Response {
    match error {
        UseCaseError::Refused(AnswerRefused::NotWaiting) => answered(signed, request).await,
        UseCaseError::Refused(AnswerRefused::AppGone(_)) => {
            problem(signed, StatusCode::NOT_FOUND, FlowProblem::UnknownApp(None))
        }
        UseCaseError::CallerGone(reason) => lapsed(signed, &request.query, reason),
        UseCaseError::Store(error) => failed(signed, error).into_response(),
    }
}

/// The page for a second answer, with a way to the app.
async fn answered(signed: &Signed, request: &AppRequest) -> Response {
    let home = request.redirect.home();
    let view = FlowProblemPage {
        problem: FlowProblem::Answered,
        back: home
            .as_deref()
            .map(|home| (RedirectUri::destination(&request.redirect), home)),
    };
    let status = StatusCode::CONFLICT;
    signed.page_that(Ends::AtApp, status, &view).await
}

async fn over(signed: &Signed) -> Response {
    let view = FlowProblemPage {
        problem: FlowProblem::Over,
        back: None,
    };
    let status = StatusCode::FORBIDDEN;
    signed.page_that(Ends::AtApp, status, &view).await
}
