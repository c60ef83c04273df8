//! The line that a request leaves in the log.
//!
//! It has the id of the request, which its answer and its events have too; from which address the
//! client came and who it proved to be, by ids, unless the settings say otherwise; and the route's
//! template, never the path, the query, a header or a body, and of methods those that are known: a
//! client may send any text as one. What may have changed something is logged at `info`, failures
//! of ours at `error` with their cause, everything else at `debug`. Being busy is no failure: a
//! flood of sign-ins would fill the log with lines that say nothing new, and the metrics count
//! them.
//!
//! It is written outside the span of its request, which names the id for what is logged while the
//! request is worked on: so no line has it twice, and every line of this kind has it in the same
//! place.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use counterfoil_authority::CheckedToken;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::{AccountId, AuthorizationId};
use counterfoil_domain::network::ClientAddress;
use http::{Method, StatusCode};

use crate::metrics::{UNMATCHED, method_label};
use crate::middleware::request_id::RequestId;
use crate::problem::ApiProblem;

/// Whether the lines of requests say from where the client came and who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoggedClients {
    /// By address, and by the ids of account, app and token.
    #[default]
    Shown,
    /// Not at all.
    Hidden,
}

/// Who a request was proved to come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProvenClient {
    /// The user.
    pub(crate) account: Option<AccountId>,
    /// The app, by its client secret or its token.
    pub(crate) app: Option<ClientId>,
    /// The record of the token.
    pub(crate) token: Option<AuthorizationId>,
    /// Why a gateway was told to refuse it.
    pub(crate) reason: Option<&'static str>,
}

/// Where the extractor that found out who asks leaves it for the log.
#[derive(Clone, Debug, Default)]
pub(crate) struct SeenClient(Arc<OnceLock<ProvenClient>>);

impl ProvenClient {
    /// Whose token it is.
    pub(crate) fn by_token(token: &CheckedToken) -> Self {
        Self {
            account: Some(token.account().id),
            app: token.app().map(|app| app.client_id.clone()),
            token: Some(token.id()),
            reason: None,
        }
    }
}

impl SeenClient {
    /// A place for who sends a request; none where no line will tell, so that nothing is spent on
    /// it. `changes` is whether a success of the operation changes something.
    pub(crate) fn place(clients: LoggedClients, changes: bool) -> Option<Self> {
        let is_told = clients == LoggedClients::Shown && changes;
        (is_told || tracing::enabled!(tracing::Level::DEBUG)).then(Self::default)
    }

    /// Leaves it. A request has one; the first one counts.
    pub(crate) fn note(&self, client: ProvenClient) {
        // Two extractors of one request look at the same header.
        drop(self.0.set(client));
    }

    fn seen(&self) -> Option<&ProvenClient> {
        self.0.get()
    }
}

/// What a line says.
pub(crate) struct Line<'a> {
    pub(crate) id: RequestId,
    /// Whether address and ids of the client may be told.
    pub(crate) clients: LoggedClients,
    /// From where the client came.
    pub(crate) address: Option<ClientAddress>,
    /// Who it is.
    pub(crate) client: Option<&'a SeenClient>,
    pub(crate) method: &'a Method,
    /// None when no template matched.
    pub(crate) template: Option<&'a str>,
    pub(crate) status: StatusCode,
    pub(crate) took: Duration,
    /// Whether a success of this operation changes something.
    pub(crate) changes: bool,
    pub(crate) problem: Option<&'a ApiProblem>,
}

/// The line at a level, with what it says beside.
macro_rules! line {
    ($level:ident, $line:ident, $message:literal $(, $name:ident)?) => {{
        let is_shown = $line.clients == LoggedClients::Shown;
        let client = $line.client.and_then(SeenClient::seen).filter(|_| is_shown);
        tracing::$level!(
            request.id = %$line.id,
            client.address = $line.address.filter(|_| is_shown).map(display),
            account.id = client.and_then(|client| client.account).map(|id| id.0),
            app.client_id = client.and_then(|client| client.app.as_ref()).map(ClientId::as_str),
            token.id = client.and_then(|client| client.token).map(|id| id.0),
            http.method = method_label($line.method),
            http.route = $line.template.unwrap_or(UNMATCHED),
            http.status = $line.status.as_u16(),
            reason = $line.client.and_then(SeenClient::seen).and_then(|client| client.reason),
            duration_us = u64::try_from($line.took.as_micros()).unwrap_or(u64::MAX),
            $($name,)?
            $message
        );
    }};
}

/// Writes the line, if the level wants it.
pub(crate) fn log(line: &Line<'_>) {
    let failed = line.problem.filter(|problem| !problem.is_busy());
    // A red health check has logged its cause where it was found.
    if line.status.is_server_error()
        && let Some(problem) = failed
    {
        let cause = problem.cause.as_deref().map(chain).unwrap_or_default();
        line!(error, line, "request failed", cause);
    } else if line.changes && line.status.is_success() {
        line!(info, line, "request completed");
    } else {
        line!(debug, line, "request completed");
    }
}

/// An error with the errors behind it, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
