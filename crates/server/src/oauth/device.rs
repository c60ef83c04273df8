//! `POST /login/device/code`: a device asks to be let in. Its polls, at the token endpoint.

use axum::extract::{Request, State};
use axum::response::Response;
use counterfoil_authority::{
    BegunDevice, DeviceError, FlowTokens, NamedApp, SecretUse, UseCaseError,
};
use counterfoil_domain::app::ClientId;
use counterfoil_domain::authorization::CreationRefused;
use counterfoil_domain::oauth::{DeviceCode, PollRefused};
use counterfoil_wire::oauth::{
    ClientOf, Encoding, InvalidScopes, IssuedDeviceCode, TokenError, TokenRequest, device_scopes,
};
use http::StatusCode;
use http::request::Parts;

use super::client::{app, client_in_header, client_refused, failed, no_origin};
use super::no_token::no_token;
use super::{answer, encoding, refuse};
use crate::auth;
use crate::json_body;
use crate::middleware::access_log::ProvenClient;
use crate::state::ServerState;

/// Why no device waits.
enum Refused {
    Token(TokenError),
    Scopes(InvalidScopes),
}

impl From<TokenError> for Refused {
    fn from(error: TokenError) -> Self {
        Self::Token(error)
    }
}

/// See the module.
pub(super) async fn ask(State(state): State<ServerState>, request: Request) -> Response {
    let Ok(encoding) = encoding(request.headers()) else {
        return answer(StatusCode::NOT_ACCEPTABLE, Encoding::Form, String::new());
    };
    match begin(&state, request).await {
        Ok(begun) => {
            let issued = IssuedDeviceCode {
                code: &begun.code,
                user_code: &begun.user_code,
                verification_uri: &format!("{}/login/device", state.base().origin()),
            };
            answer(StatusCode::OK, encoding, issued.write(encoding))
        }
        Err(Refused::Scopes(scopes)) => {
            answer(StatusCode::BAD_REQUEST, encoding, scopes.write(encoding))
        }
        Err(Refused::Token(
            error @ (TokenError::DeviceFlowDisabled | TokenError::InvalidRequest),
        )) => answer(StatusCode::BAD_REQUEST, encoding, error.write(encoding)),
        Err(Refused::Token(error)) => refuse(encoding, error),
    }
}

async fn begin(state: &ServerState, request: Request) -> Result<BegunDevice, Refused> {
    let (parts, body) = request.into_parts();
    let origin = auth::origin(&parts).map_err(|_| no_origin())?;
    // Before anything is read of it: whatever it names, it is one of so many.
    if !state.authority().admit_device_request(&origin) {
        return Err(TokenError::TooManyRequests.into());
    }
    let body = json_body::read(Request::from_parts(parts.clone(), body), state).await;
    let body = body.map_err(|_| TokenError::InvalidRequest)?;
    let asked = TokenRequest::parse(&body, parts.uri.query().unwrap_or_default());
    let asked = asked.map_err(|_| TokenError::InvalidRequest)?;
    let app = device_app(&parts, state, asked.client).await?;
    let scopes = device_scopes(asked.scope.as_deref().unwrap_or_default());
    let scopes = scopes.map_err(Refused::Scopes)?;
    let begun = state.authority().begin_device(&app, scopes, &origin).await;
    Ok(begun.map_err(|error| match error {
        DeviceError::Disabled => TokenError::DeviceFlowDisabled,
        // As the token endpoint says it of such an app.
        DeviceError::Suspended => TokenError::IncorrectClientCredentials,
        DeviceError::TooMany => TokenError::TooManyRequests,
        DeviceError::Store(error) => failed(&error),
    })?)
}

/// The app of a device, which need not prove who it is; if it tries, it must.
pub(super) async fn device_app(
    parts: &Parts,
    state: &ServerState,
    client: ClientOf,
) -> Result<NamedApp, TokenError> {
    let client = client.and(client_in_header(parts));
    let client = client.map_err(|_| TokenError::IncorrectClientCredentials)?;
    if client.secret.is_some() {
        let app = app(parts, state, client, SecretUse::Exchange).await?;
        return Ok(NamedApp::from(&app));
    }
    let id = client.id.and_then(|id| ClientId::parse(&id).ok());
    let id = id.ok_or(TokenError::NotFound)?;
    let origin = auth::origin(parts).map_err(|_| no_origin())?;
    let found = state.authority().named_app(&id, origin).await;
    let app = found.map_err(client_refused)?.ok_or(TokenError::NotFound)?;
    auth::told(parts, || ProvenClient {
        app: Some(id),
        ..ProvenClient::default()
    });
    Ok(app)
}

/// A poll: the token, once the user has let the device in.
pub(super) async fn poll(
    parts: &Parts,
    state: &ServerState,
    asked: TokenRequest,
) -> Result<FlowTokens, TokenError> {
    let origin = auth::origin(parts).map_err(|_| no_origin())?;
    let code = asked.device_code.as_deref().map(DeviceCode::claimed);
    // Before anything else is looked up. A device that is told so goes on, and an error of its own
    // would end it for what somebody else at its address does.
    let pause = state.authority().pause_of_polls(&origin, code.as_ref());
    if let Some(interval) = pause.await {
        return Err(TokenError::SlowDown {
            interval: interval.as_secs(),
        });
    }
    let app = device_app(parts, state, asked.client).await?;
    let code = code.ok_or(TokenError::DeviceCodeMissing)?;
    let polled = state.authority().poll_device(&app, &code).await;
    polled
        .map_err(cannot_make)?
        .map_err(|refused| match refused {
            PollRefused::Unknown => TokenError::IncorrectDeviceCode,
            PollRefused::TooEarly(interval) => TokenError::SlowDown {
                interval: interval.as_secs(),
            },
            PollRefused::Pending => TokenError::AuthorizationPending,
            PollRefused::Denied => TokenError::AccessDenied,
            PollRefused::Expired => TokenError::ExpiredToken,
            PollRefused::Disabled => TokenError::DeviceFlowDisabled,
        })
}

/// Why a device gets no token that was let in.
fn cannot_make(error: UseCaseError<CreationRefused>) -> TokenError {
    match error {
        UseCaseError::Refused(refused) => no_token(refused, TokenError::ExpiredToken),
        UseCaseError::CallerGone(_) => TokenError::IncorrectClientCredentials,
        UseCaseError::Store(error) => failed(&error),
    }
}
