//! `POST /login/oauth/introspect` (RFC 7662) and `POST /login/oauth/revoke` (RFC 7009): what an app
//! is told of a token of its own, and how it ends one. About any other token nothing is told,
//! unless to an app that an operator marked as a resource server; it ends its own alone all the
//! same.

use axum::extract::{Request, State};
use axum::response::Response;
use counterfoil_authority::{AppCaller, AppTokenError, SecretUse};
use counterfoil_domain::oauth::RefreshToken;
use counterfoil_wire::oauth::{
    ActiveToken, Encoding, INACTIVE, StandardError, TokenError, TokenRequest,
};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use super::answer;
use super::client::{app, client_in_header, failed, public_app};
use crate::json_body;
use crate::state::ServerState;

/// An app that proved who it is, and the token that it names.
struct Named {
    app: AppCaller,
    token: String,
}

/// `POST /login/oauth/introspect`
pub(super) async fn introspect(State(state): State<ServerState>, request: Request) -> Response {
    let Named { app, token } = match named(&state, request, SecretUse::Proof).await {
        Ok(named) => named,
        Err(error) => return refuse(error),
    };
    match state.authority().introspect_token(&app, &token).await {
        Ok(token) => {
            let account = token.account();
            let active = ActiveToken {
                scopes: token.effective_scopes(),
                client_id: token.app().map(|app| app.client_id.as_str()),
                login: account.login.as_str(),
                owner: account.id,
                issued_at: token.created_at(),
                expires_at: token.expires_at(),
            };
            said(StatusCode::OK, active.write(state.base().origin()))
        }
        Err(AppTokenError::NotFound) => said(StatusCode::OK, INACTIVE.to_owned()),
        Err(error) => refuse(error_of(&error)),
    }
}

/// `POST /login/oauth/revoke`
pub(super) async fn revoke(State(state): State<ServerState>, request: Request) -> Response {
    let Named { app, token } = match named(&state, request, SecretUse::Exchange).await {
        Ok(named) => named,
        Err(error) => return refuse(error),
    };
    match end(&state, &app, &token).await {
        Ok(()) | Err(AppTokenError::NotFound) => said(StatusCode::OK, String::new()),
        Err(error) => refuse(error_of(&error)),
    }
}

/// Ends what a user gave an app, by either of its tokens.
async fn end(state: &ServerState, app: &AppCaller, token: &str) -> Result<(), AppTokenError> {
    if let Some(refresh) = RefreshToken::claimed(token) {
        return state
            .authority()
            .revoke_by_refresh_token(app, refresh)
            .await;
    }
    state.authority().revoke_token_of_app(app, token).await
}

/// Reads the body, never the query, where a token would end in logs.
async fn named(
    state: &ServerState,
    request: Request,
    wanted: SecretUse,
) -> Result<Named, StandardError> {
    let (parts, body) = request.into_parts();
    let body = json_body::read(Request::from_parts(parts.clone(), body), state).await;
    let body = body.map_err(|_| StandardError::InvalidRequest)?;
    let asked = TokenRequest::parse(&body, "").map_err(|_| StandardError::InvalidRequest)?;
    let client = asked.client.and(client_in_header(&parts));
    let client = client.map_err(|_| StandardError::InvalidClient)?;
    // Who holds a token may end it, though the app has no secret to prove it by.
    let app = if wanted == SecretUse::Exchange && client.secret.is_none() {
        public_app(&parts, state, client).await
    } else {
        app(&parts, state, client, wanted).await
    };
    let app = app.map_err(|error| match error {
        TokenError::TemporarilyUnavailable | TokenError::TooManyRequests => {
            StandardError::TemporarilyUnavailable
        }
        _ => StandardError::InvalidClient,
    })?;
    let token = asked.token.ok_or(StandardError::InvalidRequest)?;
    Ok(Named { app, token })
}

fn error_of(error: &AppTokenError) -> StandardError {
    match error {
        AppTokenError::ClientGone | AppTokenError::NotFound => StandardError::InvalidClient,
        AppTokenError::Busy => StandardError::TemporarilyUnavailable,
        AppTokenError::Store(error) => {
            failed(error);
            StandardError::TemporarilyUnavailable
        }
    }
}

fn refuse(error: StandardError) -> Response {
    let status = match error {
        StandardError::InvalidClient => StatusCode::UNAUTHORIZED,
        StandardError::InvalidRequest => StatusCode::BAD_REQUEST,
        StandardError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
    };
    let mut response = said(status, error.write());
    let headers = response.headers_mut();
    match error {
        StandardError::InvalidClient => {
            let basic = HeaderValue::from_static("Basic realm=\"Counterfoil\"");
            headers.insert(WWW_AUTHENTICATE, basic);
        }
        StandardError::TemporarilyUnavailable => {
            headers.insert(RETRY_AFTER, HeaderValue::from(1));
        }
        StandardError::InvalidRequest => {}
    }
    response
}

fn said(status: StatusCode, body: String) -> Response {
    answer(status, Encoding::Json, body)
}
