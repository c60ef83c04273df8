//! `GET /login/oauth/authorize`: the question, or the answer that was given before.

use axum::response::{IntoResponse, Response};
use counterfoil_authority::{
    AppWish, AskingApp, Authority, ConsideredRequest, ReuseRefused, UseCaseError,
};
use counterfoil_domain::app::{App, ClientId};
use counterfoil_domain::oauth::{ConsentNeed, ExpiringLife};
use counterfoil_html::Stranger;
use counterfoil_html::oauth::{Consent, ConsentApp, FlowProblem};
use counterfoil_wire::oauth::{Alongside, AuthorizeQuery, granted};
use http::StatusCode;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::asked::Asked;
use super::refusal::{tell, wish};
use super::{PATH, anew, failed, issuer_for, lapsed, problem, to_app};
use crate::pages::headers::Ends;
use crate::pages::visit::{Signed, Turned, Visit, admit};

/// The longest address, with its query.
const LONGEST: usize = 8 * 1024;

/// See the module.
pub(in crate::pages) async fn authorize(asked: Asked) -> Response {
    match begin(asked).await {
        Ok(response) => response,
        Err(turned) => turned.into_response(),
    }
}

/// In order: is there such an app; who is signed in; and only then everything else, so that nobody
/// learns of an app's settings who is not.
async fn begin(Asked { visit, parts }: Asked) -> Result<Response, Turned> {
    if PATH.len() + visit.raw_query().len() >= LONGEST {
        let page = problem(&visit, StatusCode::BAD_REQUEST, FlowProblem::TooLong);
        return Err(page.into());
    }
    let asked = AuthorizeQuery::parse(visit.raw_query());
    let asking = app(&visit, &asked).await?;
    let person = visit.person().await;
    let Some(person) = person.map_err(|error| failed(&visit, error))? else {
        return Ok(to_sign_in(&visit, &asking));
    };
    admit(&parts, &person, &visit).await?;
    let signed = Signed::new(visit, person);
    if asking.is_suspended {
        let page = problem(&signed, StatusCode::BAD_REQUEST, FlowProblem::Suspended);
        return Err(page.into());
    }
    match wish(asked, &asking, &signed) {
        Ok(wish) => consider(&signed, &asking, wish).await,
        Err(refusal) => tell(&signed, &asking, refusal).await,
    }
}

/// The app that asks.
async fn app(visit: &Visit, asked: &AuthorizeQuery) -> Result<AskingApp, Turned> {
    if asked.unclear == Some("client_id") {
        let incomplete = FlowProblem::Incomplete("client_id");
        return Err(problem(visit, StatusCode::BAD_REQUEST, incomplete).into());
    }
    let text = asked.client_id.as_deref();
    let client_id = text.and_then(|text| ClientId::parse(text).ok());
    let found = match &client_id {
        Some(client_id) => visit.authority().asking_app(client_id).await,
        None => Ok(None),
    };
    let found = found.map_err(|error| failed(visit, error))?;
    found.ok_or_else(|| {
        let unknown = FlowProblem::UnknownApp(client_id.as_ref().map(ClientId::as_str));
        problem(visit, StatusCode::NOT_FOUND, unknown).into()
    })
}

fn to_sign_in(visit: &Visit, asking: &AskingApp) -> Response {
    let here = format!("{PATH}?{}", visit.raw_query());
    let back = utf8_percent_encode(&here, NON_ALPHANUMERIC);
    let client_id = asking.app.summary.client_id.as_str();
    visit.go(&format!("/login?client_id={client_id}&return_to={back}"))
}

/// Gives a code where the user agreed to as much before, and else asks.
async fn consider(signed: &Signed, asking: &AskingApp, wish: AppWish) -> Result<Response, Turned> {
    let (authority, app) = (signed.authority(), asking.app.summary.id);
    let considered = authority.consider(signed.person(), app, wish).await;
    let considered = considered.map_err(|error| failed(signed, error))?;
    if !matches!(considered.need, ConsentNeed::Given(_)) {
        return ask(signed, asking, considered).await;
    }
    let request = considered.request.clone();
    let code = authority
        .reuse_consent(signed.person(), asking.app.clone(), considered)
        .await;
    match code {
        Ok(code) => {
            let issuer = issuer_for(signed, asking.app.switches);
            let alongside = Alongside {
                issuer: issuer.as_deref(),
                state: request.state.as_ref(),
            };
            let address = request.redirect.with_answer(&granted(&code, alongside));
            Ok(to_app(StatusCode::FOUND, &address))
        }
        Err(UseCaseError::Refused(ReuseRefused::ChangedMeanwhile)) => {
            Ok(anew(signed, &request.query))
        }
        Err(UseCaseError::Refused(ReuseRefused::AppGone(_))) => {
            let unknown = FlowProblem::UnknownApp(None);
            Ok(problem(signed, StatusCode::NOT_FOUND, unknown))
        }
        Err(UseCaseError::CallerGone(reason)) => Ok(lapsed(signed, &request.query, reason)),
        Err(UseCaseError::Store(error)) => Err(failed(signed, error)),
    }
}

async fn ask(
    signed: &Signed,
    asking: &AskingApp,
    considered: ConsideredRequest,
) -> Result<Response, Turned> {
    let authority = signed.authority();
    let ConsideredRequest {
        request,
        need,
        withheld,
        allowed,
        ..
    } = considered;
    let handle = authority.keep_app_request(request.clone(), asking.app.clone());
    let handle = handle.await.map_err(|error| failed(signed, error))?;
    let Some(handle) = handle else {
        return Ok(anew(signed, &request.query));
    };
    let summary = &asking.app.summary;
    let view = Consent {
        csrf: &signed.csrf(PATH),
        sign_out_csrf: &signed.csrf("/logout"),
        request: handle.expose(),
        here: &format!("{PATH}?{}", request.query),
        login: signed.person().account().login.as_str(),
        app: ConsentApp {
            name: Stranger(summary.name.as_str()),
            owner: asking.owner.as_str(),
            website: summary.url.as_str(),
            registered_at: asking.app.created_at,
            is_public: asking.is_public,
            users: asking.users,
        },
        scopes: &request.scopes,
        allowed: allowed.as_ref(),
        withheld: &withheld,
        destination: request.redirect.destination(),
        asks_often: need == ConsentNeed::AskedOften,
        expires_at: authority.token_life().cut(None, authority.now()),
        renewed_after: renewed_after(&asking.app, authority),
    };
    Ok(signed.page_that(Ends::AtApp, StatusCode::OK, &view).await)
}

/// After how many hours the app's token gives way to the next one, if its tokens expire.
fn renewed_after(app: &App, authority: &Authority) -> Option<u64> {
    let now = authority.now();
    let life = ExpiringLife::of(authority.token_life(), now, now);
    let is_renewed = app.expiring_tokens.are_enabled();
    is_renewed.then(|| life.access_seconds().div_ceil(60 * 60))
}
