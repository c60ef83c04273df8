//! The handlers: who is asking, what is needed, and whether that is met.

use axum::extract::{Request, State};
use counterfoil_authority::{CheckedToken, GatewayError, TokenError};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::gateway::Requirement;
use counterfoil_domain::network::ClientAddress;
use counterfoil_wire::gateway::needed::scopes_of;
use counterfoil_wire::gateway::presented::PresentedToken;
use http::HeaderValue;
use http::request::Parts;

use super::GATEWAY_VERIFY;
use super::answer::{Refusal, admitted};
use super::table::{Challenges, Table};
use crate::answer::Ready;
use crate::facts::RequestFacts;
use crate::state::ServerState;

/// `/gateway/verify?scopes=…`: any live token, or one that has all these scopes.
pub(super) async fn by_query(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    let gateway = state.gateway();
    let unknown = |name: &str| gateway.tell_unknown_scope(name, state.authority());
    let scopes = scopes_of(request.uri.query(), unknown)
        .map_err(|refused| Refusal::bad_request(refused.sentence()))?;
    let requirement = Requirement {
        scopes,
        ..Requirement::ANY_TOKEN
    };
    let table = gateway.table();
    let (token, from) = presented(&request, &state, &table)?;
    let verdict = state
        .authority()
        .verify_token(token, from, &requirement)
        .await;
    let insufficient = || table.insufficient(&requirement.scopes);
    answer(verdict, &state, &table, insufficient)
}

/// `/gateway/verify/{rule}`: what the rule of the settings says, and nothing else.
pub(super) async fn by_rule(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    if request.uri.query().is_some_and(|query| !query.is_empty()) {
        return Err(Refusal::bad_request(
            "A rule says what is needed; it takes no query.",
        ));
    }
    check_rule(&state, &request).await
}

/// `/gateway/verify/{rule}/for/…`: what the rule says. The rest is the address of the client's
/// request.
pub(super) async fn for_address(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    check_rule(&state, &request).await
}

/// A path under `/gateway` where nothing is checked. Nobody is admitted.
pub(super) async fn nowhere() -> Refusal {
    Refusal::unknown_rule()
}

async fn check_rule(state: &ServerState, request: &Parts) -> Result<Ready, Refusal> {
    let table = state.gateway().table();
    let rule = rule_in(request.uri.path()).and_then(|name| table.rule(name));
    let rule = rule.ok_or_else(Refusal::unknown_rule)?;
    let (token, from) = presented(request, state, &table)?;
    let verdict = state
        .authority()
        .verify_token_by_rule(token, from, &rule.rule)
        .await;
    answer(verdict, state, &table, || rule.insufficient.clone())
}

/// The name of the rule in a path. Names have no characters that a path must encode.
fn rule_in(path: &str) -> Option<&str> {
    path.strip_prefix(GATEWAY_VERIFY)?
        .strip_prefix('/')?
        .split('/')
        .next()
}

/// The token of a request, and where the request came from.
fn presented(
    request: &Parts,
    state: &ServerState,
    table: &Table,
) -> Result<(SecretDigest, ClientAddress), Refusal> {
    let formats = &state.authority().settings().token_formats;
    let Challenges {
        none,
        invalid_token,
        invalid_request,
    } = &table.challenges;
    let (challenge, sentence) = match PresentedToken::read(&request.headers, &table.places, formats)
    {
        PresentedToken::Token(token) => return Ok((token, address_of(request)?)),
        PresentedToken::None => (none, "A token is needed."),
        PresentedToken::IllFormed => (invalid_token, "This is no token."),
        PresentedToken::Ambiguous => (
            invalid_request,
            "Only one token may be sent, and only one Authorization header.",
        ),
    };
    Err(Refusal::unauthorized(challenge, sentence))
}

fn address_of(request: &Parts) -> Result<ClientAddress, Refusal> {
    let facts = RequestFacts::of(request);
    facts.and_then(|facts| facts.address).ok_or_else(|| {
        tracing::error!("the listener did not say where a gateway's request came from");
        Refusal::unavailable()
    })
}

/// The answer to a check. `insufficient` is the challenge to a token that lacks a scope.
fn answer(
    verdict: Result<CheckedToken, GatewayError>,
    state: &ServerState,
    table: &Table,
    insufficient: impl FnOnce() -> HeaderValue,
) -> Result<Ready, Refusal> {
    let refused = match verdict {
        Ok(token) => return Ok(admitted(state, &token)),
        Err(refused) => refused,
    };
    Err(match refused {
        GatewayError::Token(TokenError::Unknown) => {
            Refusal::unauthorized(&table.challenges.invalid_token, "This token is not valid.")
        }
        // Another token of the same owner would not help, so no challenge asks for one.
        GatewayError::Token(TokenError::Suspended) => {
            Refusal::forbidden("The owner of this token is suspended.")
        }
        GatewayError::MissingScope => Refusal::insufficient_scope(insufficient()),
        GatewayError::OtherApp => Refusal::forbidden("Tokens of this app are not admitted."),
        GatewayError::OtherPerson => Refusal::forbidden("The owner of this token is not admitted."),
        // Expected under a flood: a line for each would fill the log.
        GatewayError::Token(TokenError::Busy) => Refusal::unavailable(),
        GatewayError::Token(TokenError::Store(cause)) | GatewayError::Store(cause) => {
            tracing::error!(%cause, "a gateway could not be told whether a token is valid");
            Refusal::unavailable()
        }
    })
}
