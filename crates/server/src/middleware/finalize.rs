//! The final form of an answer: body, entity tag, 304, caching (wire contract, sections 1, 2, 5 and
//! 9).
//!
//! Handlers say what is to be answered; here it becomes bytes. For curl the body is indented, for
//! everyone else it is compact. The tag is made from the bytes and from whose answer it is. Errors
//! name the page of their operation.

use axum::response::Response;
use bytes::Bytes;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_wire::conditional::{is_unmodified_since, parse_http_date};
use counterfoil_wire::documentation::Operation;
use counterfoil_wire::header::{self, Audience};
use counterfoil_wire::pretty::{pretty, wants_pretty};
use counterfoil_wire::problem::Problem;
use http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::answer::{Answer, Ready, Tag};
use crate::answer_body::AnswerBody;
use crate::handler::Reply;
use crate::middleware::request_head::{self, RequestHead};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// What the request asks of the form of its answer.
pub(crate) struct Preferences {
    /// Whether the body is to be indented.
    pretty: bool,
    /// Only `GET` and `HEAD` are answered 304; the latter comes here as the former.
    conditional: bool,
    if_none_match: Vec<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
    /// Whose page errors name.
    operation: Option<Operation>,
    /// Whether answers say on what they depend, as those of the API do.
    varies: bool,
}

/// What is sent, but for the headers that every answer has.
pub(crate) struct Finalized {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
    /// Whether the headers came from a template, so that only the request's id is missing.
    pub(crate) prefilled: bool,
    /// What went wrong, for the log.
    pub(crate) problem: Option<ApiProblem>,
}

impl Preferences {
    /// What a request to this operation prefers.
    pub(crate) fn new(
        method: &Method,
        head: &RequestHead<'_>,
        varies: bool,
        operation: Option<Operation>,
    ) -> Self {
        Self {
            pretty: wants_pretty(head.user_agent),
            conditional: method.is_safe(),
            if_none_match: request_head::kept(&head.if_none_match),
            if_modified_since: head.if_modified_since.cloned(),
            operation,
            varies,
        }
    }

    fn form(&self, compact: Bytes) -> Bytes {
        if self.pretty {
            pretty(&compact).into()
        } else {
            compact
        }
    }

    /// Whether the client has this answer already. A tag it names decides before a date (RFC 9110,
    /// section 13.2.2).
    fn are_met_by(
        &self,
        tag: &Tag,
        last_modified: impl FnOnce() -> Option<Timestamp>,
        state: &ServerState,
    ) -> bool {
        if !self.conditional {
            return false;
        }
        if !self.if_none_match.is_empty() {
            return tag.entity.is_named_by(&self.if_none_match);
        }
        let Some(since) = &self.if_modified_since else {
            return false;
        };
        last_modified().is_some_and(|at| is_unmodified_since(since, at, state.authority().now()))
    }
}

/// See the module.
pub(crate) fn finalize(reply: Reply, preferences: &Preferences, state: &ServerState) -> Finalized {
    match reply {
        Reply::Answer(answer) => finalize_view(answer, preferences, state),
        Reply::Ready(ready) => finalize_ready(ready, preferences, state),
        Reply::Problem(problem) => finalize_problem(HeaderMap::new(), problem, preferences, state),
        Reply::Response(response) => finalize_response(response, preferences, state),
        // The front has asked the other handler.
        Reply::Again(_) => finalize_problem(
            HeaderMap::new(),
            Problem::NotFound.into(),
            preferences,
            state,
        ),
    }
}

fn finalize_view(answer: Answer, preferences: &Preferences, state: &ServerState) -> Finalized {
    let mut headers = answer.headers(state.authority().now());
    let last_modified = answer.last_modified;
    let body = preferences.form(answer.body);
    let tag = Tag::of(answer.reader, &body);
    let met = preferences.are_met_by(&tag, || last_modified, state);
    headers.insert(ETAG, tag.value);
    tagged(answer.status, headers, body, met)
}

/// What is ready is sent as it is, unless the client has it already or is curl.
fn finalize_ready(ready: Ready, preferences: &Preferences, state: &ServerState) -> Finalized {
    let Ready {
        status,
        mut headers,
        body,
        tag,
        prefilled,
    } = ready;
    let Some(tag) = tag else {
        return Finalized {
            status,
            headers: varying(headers, preferences),
            body: AnswerBody::from(body),
            prefilled,
            problem: None,
        };
    };
    let (body, tag) = if preferences.pretty {
        let body = preferences.form(body);
        let tag = Tag::of(tag.reader, &body);
        headers.insert(ETAG, tag.value.clone());
        (body, tag)
    } else {
        if !prefilled {
            headers.insert(ETAG, tag.value.clone());
        }
        (body, tag)
    };
    let last_modified = || headers.get(LAST_MODIFIED).and_then(parse_http_date);
    let met = preferences.are_met_by(&tag, last_modified, state);
    let finalized = tagged(status, headers, body, met);
    Finalized {
        prefilled,
        ..finalized
    }
}

fn tagged(status: StatusCode, mut headers: HeaderMap, body: Bytes, met: bool) -> Finalized {
    let (status, body) = if met {
        headers.remove(CONTENT_TYPE);
        (StatusCode::NOT_MODIFIED, AnswerBody::default())
    } else {
        (status, AnswerBody::from(body))
    };
    Finalized {
        status,
        headers,
        body,
        prefilled: false,
        problem: None,
    }
}

fn finalize_problem(
    mut headers: HeaderMap,
    problem: ApiProblem,
    preferences: &Preferences,
    state: &ServerState,
) -> Finalized {
    let url = state
        .documentation()
        .url(problem.problem.page(preferences.operation));
    let body = serde_json::to_vec(&problem.problem.body(&url))
        .expect("a problem has text keys and plain values");
    headers.insert(CONTENT_TYPE, header::JSON);
    headers.insert(VARY, header::vary(Audience::Anyone));
    headers.extend(problem.problem.header());
    Finalized {
        status: problem.problem.status(),
        headers,
        body: AnswerBody::from(preferences.form(body.into())),
        prefilled: false,
        problem: Some(problem),
    }
}

/// An answer of a framework's own making. An extractor's refusal has its problem with it.
fn finalize_response(
    response: Response,
    preferences: &Preferences,
    state: &ServerState,
) -> Finalized {
    let (mut parts, body) = response.into_parts();
    match parts.extensions.remove() {
        Some(problem) => finalize_problem(parts.headers, problem, preferences, state),
        None => Finalized {
            status: parts.status,
            headers: varying(parts.headers, preferences),
            body: AnswerBody::from(body),
            prefilled: false,
            problem: None,
        },
    }
}

fn varying(mut headers: HeaderMap, preferences: &Preferences) -> HeaderMap {
    if preferences.varies && !headers.contains_key(VARY) {
        headers.insert(VARY, header::vary(Audience::Anyone));
    }
    headers
}
