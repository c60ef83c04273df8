//! What a gateway is answered.

use std::fmt::Write as _;

use bytes::{Bytes, BytesMut};
use counterfoil_authority::CheckedToken;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

use super::table::NO_STORE;
use crate::answer::Ready;
use crate::fragments::ScopeTexts;
use crate::handler::{IntoReply, Reply};
use crate::metrics::GatewayOutcome;
use crate::state::ServerState;

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
/// When to ask again after a failure of ours, in seconds.
const SHORTLY: HeaderValue = HeaderValue::from_static("1");

/// A request that must not pass, and one sentence that says why.
pub(crate) struct Refusal {
    outcome: GatewayOutcome,
    status: StatusCode,
    sentence: &'static str,
    header: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// 400: the gateway's own configuration asks for nothing that can be understood.
    pub(super) fn bad_request(sentence: &'static str) -> Self {
        Self::new(
            GatewayOutcome::BadRequest,
            StatusCode::BAD_REQUEST,
            sentence,
        )
    }

    /// 404: there is no such rule.
    pub(super) fn unknown_rule() -> Self {
        Self::new(
            GatewayOutcome::UnknownRule,
            StatusCode::NOT_FOUND,
            "There is no such rule.",
        )
    }

    /// 401 with a challenge.
    pub(super) fn unauthorized(
        outcome: GatewayOutcome,
        challenge: &HeaderValue,
        sentence: &'static str,
    ) -> Self {
        Self {
            header: Some((WWW_AUTHENTICATE, challenge.clone())),
            ..Self::new(outcome, StatusCode::UNAUTHORIZED, sentence)
        }
    }

    /// 403: another scope would help.
    pub(super) fn insufficient_scope(challenge: HeaderValue) -> Self {
        Self {
            header: Some((WWW_AUTHENTICATE, challenge)),
            ..Self::new(
                GatewayOutcome::MissingScope,
                StatusCode::FORBIDDEN,
                "The token lacks a scope that is needed.",
            )
        }
    }

    /// 403: no other token of this kind would help.
    pub(super) fn forbidden(outcome: GatewayOutcome, sentence: &'static str) -> Self {
        Self::new(outcome, StatusCode::FORBIDDEN, sentence)
    }

    /// 503: it cannot be told whether the token counts.
    pub(super) fn unavailable() -> Self {
        Self {
            header: Some((RETRY_AFTER, SHORTLY)),
            ..Self::new(
                GatewayOutcome::Unavailable,
                StatusCode::SERVICE_UNAVAILABLE,
                "It cannot be told at present whether the token is valid.",
            )
        }
    }

    /// Why, in a sentence that holds nothing of the request.
    pub(super) fn reason(&self) -> &'static str {
        self.sentence
    }

    /// How it is counted.
    pub(super) fn outcome(&self) -> GatewayOutcome {
        self.outcome
    }

    fn new(outcome: GatewayOutcome, status: StatusCode, sentence: &'static str) -> Self {
        Self {
            outcome,
            status,
            sentence,
            header: None,
        }
    }
}

impl IntoReply for Refusal {
    fn into_reply(self) -> Reply {
        let mut ready = Ready::new(self.status);
        ready.headers.insert(CACHE_CONTROL, NO_STORE);
        ready.headers.insert(CONTENT_TYPE, PLAIN);
        ready.headers.extend(self.header);
        ready.body = Bytes::from_static(self.sentence.as_bytes());
        Reply::Ready(ready)
    }
}

/// 200, and who is asking.
pub(super) fn admitted(state: &ServerState, token: &CheckedToken) -> Ready {
    let headers = state.gateway().admitted().fill(identity(token));
    Ready::prefilled(StatusCode::OK, headers)
}

/// The values of the identity headers, in the order of their template. All stand in one piece of
/// memory.
fn identity(token: &CheckedToken) -> [HeaderValue; 6] {
    let account = token.account();
    let mut buffer = ValueBuffer::new();
    let login = buffer.add(|text| text.write_str(account.login.as_str()));
    let user_id = buffer.add(|text| write!(text, "{}", account.id));
    let effective = ScopeTexts::of(token).effective(token.standing());
    let scopes = buffer.add(|text| text.write_str(effective));
    let client_id = buffer.add(|text| match token.app() {
        Some(app) => text.write_str(app.client_id.as_str()),
        None => Ok(()),
    });
    let id = buffer.add(|text| write!(text, "{}", token.id()));
    let expires = buffer.add(|text| match token.expires_at() {
        Some(at) => write!(text, "{at}"),
        None => Ok(()),
    });
    let whole = buffer.0.freeze();
    let value = |(start, end): (usize, usize)| {
        HeaderValue::from_maybe_shared(whole.slice(start..end))
            .expect("logins, ids, scopes and times are printable")
    };
    [login, user_id, scopes, client_id, id, expires].map(value)
}

/// Texts one after another.
struct ValueBuffer(BytesMut);

impl ValueBuffer {
    /// Room for the values of most tokens.
    const USUAL_BYTES: usize = 256;

    fn new() -> Self {
        Self(BytesMut::with_capacity(Self::USUAL_BYTES))
    }

    /// Adds a text, and says where it begins and ends.
    fn add(&mut self, write: impl FnOnce(&mut BytesMut) -> std::fmt::Result) -> (usize, usize) {
        let start = self.0.len();
        write(&mut self.0).expect("memory takes any text");
        (start, self.0.len())
    }
}
