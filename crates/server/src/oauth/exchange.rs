//! `POST /login/oauth/access_token`: a token in exchange for a code, or for a device that was let
//! in.

use axum::extract::{Request, State};
use axum::response::Response;
use counterfoil_authority::{ExchangeError, ExchangeRefused, Issued, SecretUse, UseCaseError};
use counterfoil_domain::oauth::{AuthorizationCode, Proofs};
use counterfoil_domain::principal::Lapsed;
use counterfoil_wire::oauth::{DEVICE_GRANT, Encoding, IssuedToken, TokenError, TokenRequest};
use http::StatusCode;
use http::request::Parts;

use super::client::{app, client_in_header, failed};
use super::no_token::no_token;
use super::{answer, device, encoding, refuse};
use crate::json_body;
use crate::state::ServerState;

/// The grant type of a code. It may be left out.
const CODE: &str = "authorization_code";

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
    let issued = match asked {
        Ok(asked) => issue(&parts, &state, asked).await,
        Err(_) => Err(TokenError::InvalidRequest),
    };
    match issued {
        Ok(issued) => {
            let token = IssuedToken {
                access_token: issued.token.expose(),
                scopes: &issued.authorization.scopes,
            };
            answer(StatusCode::OK, encoding, token.write(encoding))
        }
        Err(error) => refuse(encoding, error),
    }
}

async fn issue(
    parts: &Parts,
    state: &ServerState,
    asked: TokenRequest,
) -> Result<Issued, TokenError> {
    if asked.has_secret_in_query {
        state.metrics().count_secret_in_query();
    }
    if asked.grant_type.as_deref() == Some(DEVICE_GRANT) {
        return device::poll(parts, state, asked).await;
    }
    let client = asked.client.and(client_in_header(parts));
    let client = client.map_err(|_| TokenError::IncorrectClientCredentials)?;
    let app = app(parts, state, client, SecretUse::Exchange).await?;
    if asked.grant_type.is_some_and(|wanted| wanted != CODE) {
        return Err(TokenError::UnsupportedGrantType);
    }
    let code = asked.code.ok_or(TokenError::BadVerificationCode)?;
    let code = AuthorizationCode::claimed(&code);
    let proofs = Proofs::new(asked.redirect_uri, asked.code_verifier);
    let exchanged = state.authority().exchange_code(&app, &code, proofs).await;
    exchanged.map_err(said)
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
