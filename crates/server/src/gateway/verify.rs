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
use crate::metrics::GatewayOutcome;
use crate::middleware::access_log::{LoggedClients, ProvenClient};
use crate::state::ServerState;

/// `/gateway/verify?scopes=…`: any live token, or one that has all these scopes.
pub(super) async fn by_query(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    let answer = check_query(&state, &request).await;
    tell(&state, &request, &answer);
    answer
}

async fn check_query(state: &ServerState, request: &Parts) -> Result<Ready, Refusal> {
    let gateway = state.gateway();
    let unknown = |name: &str| gateway.tell_unknown_scope(name, state.authority());
    let scopes = scopes_of(request.uri.query(), unknown)
        .map_err(|refused| Refusal::bad_request(refused.sentence()))?;
    let requirement = Requirement {
        scopes,
        ..Requirement::ANY_TOKEN
    };
    let table = gateway.table();
    let (token, from) = presented(request, state, &table)?;
    let verdict = state
        .authority()
        .verify_token(token, from, &requirement)
        .await;
    seen(request, &verdict);
    let insufficient = || table.insufficient(&requirement.scopes);
    answer(verdict, state, &table, insufficient)
}

/// `/gateway/verify/{rule}`: what the rule of the settings says, and nothing else.
pub(super) async fn by_rule(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    if request.uri.query().is_some_and(|query| !query.is_empty()) {
        let refused = Refusal::bad_request("A rule says what is needed; it takes no query.");
        return refuse(&state, &request, refused);
    }
    let answer = check_rule(&state, &request).await;
    tell(&state, &request, &answer);
    answer
}

/// `/gateway/verify/{rule}/for/…`: what the rule says. The rest is the address of the client's
/// request.
pub(super) async fn for_address(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    let answer = check_rule(&state, &request).await;
    tell(&state, &request, &answer);
    answer
}

/// A path under `/gateway` where nothing is checked. Nobody is admitted.
pub(super) async fn nowhere(
    State(state): State<ServerState>,
    request: Request,
) -> Result<Ready, Refusal> {
    let (request, _) = request.into_parts();
    refuse(&state, &request, Refusal::unknown_rule())
}

/// A refusal without a check.
fn refuse(state: &ServerState, request: &Parts, refused: Refusal) -> Result<Ready, Refusal> {
    let answer = Err(refused);
    tell(state, request, &answer);
    answer
}

/// Counts what the gateway is told, and tells the log of a refusal. It only looks at the answer,
/// which is large to hand on and back.
fn tell(state: &ServerState, request: &Parts, answer: &Result<Ready, Refusal>) {
    let outcome = match answer {
        Ok(_) => GatewayOutcome::Allowed,
        Err(refused) => {
            log_refusal(state, request, refused);
            refused.outcome()
        }
    };
    state.metrics().count_gateway(outcome);
}

async fn check_rule(state: &ServerState, request: &Parts) -> Result<Ready, Refusal> {
    let table = state.gateway().table();
    let name = rule_in(request.uri.path()).unwrap_or_default();
    let rule = table.rule(name).ok_or_else(|| {
        state.gateway().tell_unknown_rule(name, state.authority());
        Refusal::unknown_rule()
    })?;
    let (token, from) = presented(request, state, &table)?;
    let verdict = state
        .authority()
        .verify_token_by_rule(token, from, &rule.rule)
        .await;
    seen(request, &verdict);
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
    let (outcome, challenge, sentence) =
        match PresentedToken::read(&request.headers, &table.places, formats) {
            PresentedToken::Token(token) => return Ok((token, address_of(request)?)),
            PresentedToken::None => (GatewayOutcome::NoToken, none, "A token is needed."),
            PresentedToken::IllFormed => (
                GatewayOutcome::IllFormed,
                invalid_token,
                "This is no token.",
            ),
            PresentedToken::Ambiguous => (
                GatewayOutcome::Ambiguous,
                invalid_request,
                "Only one token may be sent, and only one Authorization header.",
            ),
        };
    Err(Refusal::unauthorized(outcome, challenge, sentence))
}

fn address_of(request: &Parts) -> Result<ClientAddress, Refusal> {
    let facts = RequestFacts::of(request);
    facts.and_then(|facts| facts.address).ok_or_else(|| {
        tracing::error!("the listener did not say where a gateway's request came from");
        Refusal::unavailable()
    })
}

/// Tells the log of a refusal: at `debug` with the line of the request, at `info` once a minute for
/// each reason.
fn log_refusal(state: &ServerState, request: &Parts, refused: &Refusal) {
    let facts = RequestFacts::of(request);
    if let Some(place) = facts.and_then(|facts| facts.client.as_ref()) {
        place.note(ProvenClient {
            reason: Some(refused.reason()),
            ..ProvenClient::default()
        });
    }
    if !tracing::enabled!(tracing::Level::INFO) {
        return;
    }
    let Some(unsaid) = state.gateway().refusals().next(refused.outcome()) else {
        return;
    };
    let is_shown = state.settings().logged_clients == LoggedClients::Shown;
    let address = facts.and_then(|facts| facts.address).filter(|_| is_shown);
    tracing::info!(
        request.id = facts.map(|facts| display(facts.id)),
        client.address = address.map(display),
        reason = refused.reason(),
        unsaid,
        "a gateway was told to refuse a request"
    );
}

/// Tells the log whose token it is, where it has a line for every request.
fn seen<E>(request: &Parts, verdict: &Result<CheckedToken, E>) {
    if let Ok(token) = verdict
        && tracing::enabled!(tracing::Level::DEBUG)
        && let Some(place) = RequestFacts::of(request).and_then(|facts| facts.client.as_ref())
    {
        place.note(ProvenClient::by_token(token));
    }
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
            let challenge = &table.challenges.invalid_token;
            let outcome = GatewayOutcome::UnknownToken;
            Refusal::unauthorized(outcome, challenge, "This token is not valid.")
        }
        // Another token of the same owner would not help, so no challenge asks for one.
        GatewayError::Token(TokenError::Suspended) => {
            let outcome = GatewayOutcome::Suspended;
            Refusal::forbidden(outcome, "The owner of this token is suspended.")
        }
        GatewayError::MissingScope => Refusal::insufficient_scope(insufficient()),
        GatewayError::OtherApp => {
            let outcome = GatewayOutcome::OtherApp;
            Refusal::forbidden(outcome, "Tokens of this app are not admitted.")
        }
        GatewayError::OtherPerson => {
            let outcome = GatewayOutcome::OtherPerson;
            Refusal::forbidden(outcome, "The owner of this token is not admitted.")
        }
        // Expected under a flood: a line for each would fill the log.
        GatewayError::Token(TokenError::Busy) => Refusal::unavailable(),
        GatewayError::Token(TokenError::Store(cause)) | GatewayError::Store(cause) => {
            tracing::error!(cause = %cause.causes(), "a gateway could not be told whether a token is valid");
            Refusal::unavailable()
        }
    })
}
