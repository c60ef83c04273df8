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
use http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, VARY};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use crate::answer::{Answer, Ready, Tag};
use crate::answer_body::AnswerBody;
use crate::handler::Reply;
use crate::middleware::request_head::{self, RequestHead};
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// What the request asks of the form of its answer.
pub(crate) struct Wishes {
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
pub(crate) struct Presented {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
    /// Whether the headers came from a template, so that only the request's id is missing.
    pub(crate) dressed: bool,
    /// What went wrong, for the log.
    pub(crate) problem: Option<ApiProblem>,
}

impl Wishes {
    /// What a request to this operation wishes.
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
pub(crate) fn present(reply: Reply, wishes: &Wishes, state: &ServerState) -> Presented {
    match reply {
        Reply::Answer(answer) => show(answer, wishes, state),
        Reply::Ready(ready) => send(ready, wishes, state),
        Reply::Problem(problem) => explain(HeaderMap::new(), problem, wishes, state),
        Reply::Response(response) => pass_on(response, wishes, state),
    }
}

fn show(answer: Answer, wishes: &Wishes, state: &ServerState) -> Presented {
    let mut headers = answer.headers(state.authority().now());
    let last_modified = answer.last_modified;
    let body = wishes.form(answer.body);
    let tag = Tag::of(answer.reader, &body);
    let met = wishes.are_met_by(&tag, || last_modified, state);
    headers.insert(ETAG, tag.value);
    tagged(answer.status, headers, body, met)
}

/// What is ready is sent as it is, unless the client has it already or is curl.
fn send(ready: Ready, wishes: &Wishes, state: &ServerState) -> Presented {
    let Ready {
        status,
        mut headers,
        body,
        tag,
        dressed,
    } = ready;
    let Some(tag) = tag else {
        return Presented {
            status,
            headers: varying(headers, wishes),
            body: AnswerBody::from(body),
            dressed,
            problem: None,
        };
    };
    let (body, tag) = if wishes.pretty {
        let body = wishes.form(body);
        let tag = Tag::of(tag.reader, &body);
        headers.insert(ETAG, tag.value.clone());
        (body, tag)
    } else {
        if !dressed {
            headers.insert(ETAG, tag.value.clone());
        }
        (body, tag)
    };
    let last_modified = || headers.get(LAST_MODIFIED).and_then(parse_http_date);
    let met = wishes.are_met_by(&tag, last_modified, state);
    let presented = tagged(status, headers, body, met);
    Presented {
        dressed,
        ..presented
    }
}

fn tagged(status: StatusCode, mut headers: HeaderMap, body: Bytes, met: bool) -> Presented {
    let (status, body) = if met {
        headers.remove(CONTENT_TYPE);
        (StatusCode::NOT_MODIFIED, AnswerBody::default())
    } else {
        (status, AnswerBody::from(body))
    };
    Presented {
        status,
        headers,
        body,
        dressed: false,
        problem: None,
    }
}

fn explain(
    mut headers: HeaderMap,
    problem: ApiProblem,
    wishes: &Wishes,
    state: &ServerState,
) -> Presented {
    let url = state
        .documentation()
        .url(problem.problem.page(wishes.operation));
    let body = serde_json::to_vec(&problem.problem.body(&url))
        .expect("a problem has text keys and plain values");
    headers.insert(CONTENT_TYPE, header::JSON);
    headers.insert(VARY, header::vary(Audience::Anyone));
    headers.extend(problem.problem.header());
    Presented {
        status: problem.problem.status(),
        headers,
        body: AnswerBody::from(wishes.form(body.into())),
        dressed: false,
        problem: Some(problem),
    }
}

/// An answer of a framework's own making. An extractor's refusal has its problem with it.
fn pass_on(response: Response, wishes: &Wishes, state: &ServerState) -> Presented {
    let (mut parts, body) = response.into_parts();
    match parts.extensions.remove() {
        Some(problem) => explain(parts.headers, problem, wishes, state),
        None => Presented {
            status: parts.status,
            headers: varying(parts.headers, wishes),
            body: AnswerBody::from(body),
            dressed: false,
            problem: None,
        },
    }
}

fn varying(mut headers: HeaderMap, wishes: &Wishes) -> HeaderMap {
    if wishes.varies && !headers.contains_key(VARY) {
        headers.insert(VARY, header::vary(Audience::Anyone));
    }
    headers
}
