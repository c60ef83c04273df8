//! `POST /login/oauth/authorize`: what somebody answers an app.

use axum::response::{IntoResponse, Response};
use counterfoil_authority::{AnswerRefused, FoundRequest, UseCaseError};
use counterfoil_domain::oauth::{AppRequest, RedirectUri, RequestHandle};
use counterfoil_html::oauth::{FlowProblem, FlowProblemPage, OtherAccount};
use counterfoil_wire::oauth::{AuthorizeError, granted, refused};
use http::StatusCode;

use super::{PATH, anew, failed, lapsed, problem, to_app};
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
        "allow" => allow(&signed, &handle, &found.request).await,
        "cancel" => cancel(&signed, &handle, &found.request).await,
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
    if found.is_answered {
        return Some(answered(signed, request).await);
    }
    let is_of_this_session = request.session == person.session().id;
    if !is_of_this_session || !signed.authority().may_still_give(person, request) {
        return Some(anew(signed, &request.query));
    }
    None
}

async fn allow(signed: &Signed, handle: &RequestHandle, request: &AppRequest) -> Response {
    match signed.authority().allow_app(signed.person(), handle).await {
        Ok((request, code)) => {
            let answer = granted(&code, request.state.as_ref());
            to_app(
                StatusCode::SEE_OTHER,
                &request.redirect.with_answer(&answer),
            )
        }
        Err(error) => not_done(signed, request, error).await,
    }
}

async fn cancel(signed: &Signed, handle: &RequestHandle, request: &AppRequest) -> Response {
    match signed.authority().deny_app(signed.person(), handle).await {
        Ok(request) => {
            let answer = refused(AuthorizeError::AccessDenied, request.state.as_ref());
            to_app(
                StatusCode::SEE_OTHER,
                &request.redirect.with_answer(&answer),
            )
        }
        Err(error) => not_done(signed, request, error).await,
    }
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
