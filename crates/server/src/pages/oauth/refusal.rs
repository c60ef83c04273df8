//! Why an app may not ask what it asks, and who hears of it: the app, if it knows the user already;
//! else the user, who is not sent to an app by what a stranger wrote into a link.

use axum::response::Response;
use counterfoil_authority::{AppWish, AskingApp};
use counterfoil_domain::app::{AppSwitch, AppSwitches};
use counterfoil_domain::oauth::{
    ChosenRedirect, CodeChallenge, CodeChallengeRefused, RedirectUri, State,
};
use counterfoil_html::oauth::{FlowProblem, FlowProblemPage};
use counterfoil_wire::oauth::{Alongside, AuthorizeError, AuthorizeQuery, refused};
use http::StatusCode;

use super::{failed, issuer_for, to_app};
use crate::pages::headers::Ends;
use crate::pages::visit::{Signed, Turned};

/// Why an app may not ask, with what it is told.
pub(super) struct Refusal {
    error: AuthorizeError,
    /// Where the app is; nowhere if it has no callback that is one.
    redirect: Option<RedirectUri>,
    state: Option<State>,
    /// Whether nobody but the user hears of it.
    is_for_the_user: bool,
}

/// What an app asks for, or why it may not.
pub(super) fn wish(
    asked: AuthorizeQuery,
    asking: &AskingApp,
    signed: &Signed,
) -> Result<AppWish, Refusal> {
    let state = asked.state.as_deref().map(State::parse);
    let is_too_long = matches!(state, Some(None));
    let state = state.flatten();
    let (callbacks, switches) = (&asking.app.callback_urls, asking.app.switches);
    let refuse = |error, redirect: Option<&ChosenRedirect>| Refusal {
        error,
        redirect: redirect.map_or_else(
            || {
                callbacks
                    .first()
                    .and_then(|url| RedirectUri::of_callback(url).ok())
            },
            |redirect| Some(redirect.uri.clone()),
        ),
        state: state.clone(),
        is_for_the_user: asked.unclear.is_some(),
    };
    let malformed = |parameter| AuthorizeError::InvalidRequest { parameter };
    if let Some(parameter) = asked.unclear {
        return Err(refuse(malformed(parameter), None));
    }
    let redirect = RedirectUri::choose(asked.redirect_uri.as_deref(), callbacks, switches)
        .map_err(|_| refuse(AuthorizeError::RedirectUriMismatch, None))?;
    if is_too_long {
        return Err(refuse(malformed("state"), Some(&redirect)));
    }
    if asked
        .response_type
        .as_deref()
        .is_some_and(|kind| kind != "code")
    {
        let error = AuthorizeError::UnsupportedResponseType;
        return Err(refuse(error, Some(&redirect)));
    }
    let challenge = challenge_in(&asked, switches)
        .map_err(|CodeChallengeRefused| refuse(malformed("code_challenge"), Some(&redirect)))?;
    let own_login = signed.person().account().login.as_str();
    let wants_choice = asked.prompt.as_deref() == Some("select_account")
        || asked
            .login
            .is_some_and(|login| !login.eq_ignore_ascii_case(own_login));
    Ok(AppWish {
        redirect,
        scopes: asked.scopes,
        state,
        challenge,
        wants_choice,
        is_public: asking.is_public,
        query: signed.raw_query().to_owned(),
    })
}

/// The challenge of a request, which some apps must send.
fn challenge_in(
    asked: &AuthorizeQuery,
    switches: AppSwitches,
) -> Result<Option<CodeChallenge>, CodeChallengeRefused> {
    let challenge = CodeChallenge::parse(
        asked.code_challenge.as_deref(),
        asked.code_challenge_method.as_deref(),
    )?;
    if challenge.is_none() && switches.has(AppSwitch::RequirePkce) {
        return Err(CodeChallengeRefused);
    }
    Ok(challenge)
}

/// Tells of it whoever is to hear of it.
pub(super) async fn tell(
    signed: &Signed,
    asking: &AskingApp,
    refusal: Refusal,
) -> Result<Response, Turned> {
    let app = asking.app.summary.id;
    let knows = signed.authority().has_granted(signed.person(), app).await;
    let knows = knows.map_err(|error| failed(signed, error))?;
    let issuer = issuer_for(signed, asking.app.switches);
    let alongside = Alongside {
        issuer: issuer.as_deref(),
        state: refusal.state.as_ref(),
    };
    let answer = refused(refusal.error, alongside);
    let redirect = refusal.redirect;
    let address = redirect
        .as_ref()
        .map(|redirect| redirect.with_answer(&answer));
    if let (true, false, Some(address)) = (knows, refusal.is_for_the_user, &address) {
        return Ok(to_app(StatusCode::FOUND, address));
    }
    let problem = match refusal.error {
        AuthorizeError::RedirectUriMismatch => FlowProblem::ReturnAddress,
        AuthorizeError::InvalidRequest { parameter } => FlowProblem::Incomplete(parameter),
        AuthorizeError::UnsupportedResponseType => FlowProblem::Incomplete("response_type"),
        // Who pressed a button knows.
        AuthorizeError::AccessDenied => FlowProblem::Answered,
    };
    let destination = redirect.as_ref().map(RedirectUri::destination);
    let view = FlowProblemPage {
        problem,
        back: destination.zip(address.as_deref()),
    };
    let status = StatusCode::BAD_REQUEST;
    Ok(signed.page_that(Ends::AtApp, status, &view).await)
}
