//! `POST /login/oauth/access_token`: a token in exchange for a code, for a device that was let in,
//! or for a refresh token.

use axum::extract::{Request, State};
use axum::response::Response;
use counterfoil_authority::{
    AppCaller, BadRefreshToken, ExchangeError, ExchangeRefused, FlowTokens, SecretUse, UseCaseError,
};
use counterfoil_domain::oauth::{AuthorizationCode, Proofs, RefreshToken};
use counterfoil_domain::principal::Lapsed;
use counterfoil_wire::oauth::{
    DEVICE_GRANT, Encoding, IssuedRefreshToken, IssuedToken, TokenError, TokenRequest,
};
use http::StatusCode;
use http::request::Parts;

use super::client::{app, client_in_header, failed};
use super::no_token::no_token;
use super::{answer, device, encoding, refuse, standard_errors};
use crate::json_body;
use crate::state::ServerState;

/// The grant type of a code, which may be left out.
const CODE: &str = "authorization_code";
/// The grant type of a refresh token.
const REFRESH: &str = "refresh_token";

/// See the module.
pub(super) async fn exchange(State(state): State<ServerState>, request: Request) -> Response {
    let Ok(encoding) = encoding(request.headers()) else {
        return answer(StatusCode::NOT_ACCEPTABLE, Encoding::Form, String::new());
    };
    let (parts, body) = request.into_parts();
    let body = json_body::read(Request::from_parts(parts.clone(), body), &state).await;
    let Ok(body) = body else {
        return refuse(encoding, TokenError::InvalidRequest);
    };
    let asked = TokenRequest::parse(&body, parts.uri.query().unwrap_or_default());
    let named = match &asked {
        Ok(asked) => asked.client.id.as_deref(),
        Err(malformed) => malformed.client_id.as_deref(),
    };
    let named = standard_errors::named(&parts, named);
    let issued = match asked {
        Ok(asked) => issue(&parts, &state, asked).await,
        Err(_) => Err(TokenError::InvalidRequest),
    };
    let error = match issued {
        Ok(issued) => return answer(StatusCode::OK, encoding, written(&issued, encoding)),
        Err(error) => error,
    };
    if standard_errors::are_for(&parts, &state, named.as_ref(), error).await {
        return standard_errors::refuse(error);
    }
    refuse(encoding, error)
}

/// The body of the answer with what was issued.
fn written(issued: &FlowTokens, encoding: Encoding) -> String {
    let token = IssuedToken {
        access_token: issued.token.expose(),
        scopes: &issued.authorization.scopes,
        refresh: issued.refresh.as_ref().map(|(token, life)| {
            let refresh_token = token.expose();
            let life = *life;
            IssuedRefreshToken {
                refresh_token,
                life,
            }
        }),
    };
    token.write(encoding)
}

async fn issue(
    parts: &Parts,
    state: &ServerState,
    mut asked: TokenRequest,
) -> Result<FlowTokens, TokenError> {
    if asked.has_secret_in_query {
        state.metrics().count_secret_in_query();
    }
    match asked.grant_type.as_deref() {
        Some(DEVICE_GRANT) => return device::poll(parts, state, asked).await,
        Some(REFRESH) => return refresh(parts, state, asked).await,
        _ => {}
    }
    let client = std::mem::take(&mut asked.client).and(client_in_header(parts));
    let client = client.map_err(|_| TokenError::IncorrectClientCredentials)?;
    let app = app(parts, state, client, SecretUse::Exchange).await?;
    match asked.grant_type.as_deref() {
        None | Some(CODE) => exchange_code(state, &app, asked).await,
        Some(_) => Err(TokenError::UnsupportedGrantType),
    }
}

async fn exchange_code(
    state: &ServerState,
    app: &AppCaller,
    asked: TokenRequest,
) -> Result<FlowTokens, TokenError> {
    let code = asked.code.ok_or(TokenError::CodeMissing)?;
    let code = AuthorizationCode::claimed(&code);
    let proofs = Proofs::new(asked.redirect_uri, asked.code_verifier);
    let exchanged = state.authority().exchange_code(app, &code, proofs).await;
    exchanged.map_err(said)
}

/// Other tokens for a refresh token. What a device got is refreshed without a secret.
async fn refresh(
    parts: &Parts,
    state: &ServerState,
    asked: TokenRequest,
) -> Result<FlowTokens, TokenError> {
    let app = device::device_app(parts, state, asked.client).await?;
    let token = asked.refresh_token.ok_or(TokenError::RefreshTokenMissing)?;
    let token = RefreshToken::claimed(&token).ok_or(TokenError::BadRefreshToken)?;
    let refreshed = state.authority().refresh_token(&app, token).await;
    refreshed.map_err(|error| match error {
        UseCaseError::CallerGone(Lapsed::Client) => TokenError::IncorrectClientCredentials,
        UseCaseError::Refused(BadRefreshToken) | UseCaseError::CallerGone(_) => {
            TokenError::BadRefreshToken
        }
        UseCaseError::Store(error) => failed(&error),
    })
}

fn said(error: ExchangeError) -> TokenError {
    match error {
        UseCaseError::Refused(refused) => match refused {
            ExchangeRefused::BadCode => TokenError::BadVerificationCode,
            ExchangeRefused::OtherRedirect => TokenError::RedirectUriMismatch,
            ExchangeRefused::Creation(refused) => {
                no_token(refused, TokenError::BadVerificationCode)
            }
        },
        UseCaseError::CallerGone(Lapsed::Client) => TokenError::IncorrectClientCredentials,
        UseCaseError::CallerGone(_) => TokenError::BadVerificationCode,
        UseCaseError::Store(error) => failed(&error),
    }
}
