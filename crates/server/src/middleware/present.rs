//! The final form of an answer: body, entity tag, 304, caching (wire contract, sections 1, 2, 5 and 9).
//!
//! Handlers say what is to be answered; here it becomes bytes. For curl the body is indented, for everyone else it is
//! compact. The tag is made from the bytes and from whose answer it is. Errors name the page of their operation.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_wire::conditional::{EntityTag, http_date, is_unmodified_since, parse_http_date};
use counterfoil_wire::documentation::Operation;
use counterfoil_wire::header::{self, Audience};
use counterfoil_wire::pretty::{pretty, wants_pretty};
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, USER_AGENT,
    VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::answer::{Presentable, Tag, Tagged};
use crate::problem::RestProblem;
use crate::routes;
use crate::state::ServerState;

/// What the request asks of the form of its answer.
struct Wishes {
    pretty: bool,
    /// Only `GET` and `HEAD` are answered 304; the latter comes here as the former.
    conditional: bool,
    if_none_match: Vec<HeaderValue>,
    if_modified_since: Option<HeaderValue>,
    operation: Option<Operation>,
}

impl Wishes {
    fn of(request: &Request) -> Self {
        let headers = request.headers();
        let path = request.extensions().get::<MatchedPath>();
        let route = path.and_then(|path| routes::find(request.method(), path.as_str()));
        Self {
            pretty: wants_pretty(headers.get(USER_AGENT)),
            conditional: request.method().is_safe(),
            if_none_match: headers.get_all(IF_NONE_MATCH).iter().cloned().collect(),
            if_modified_since: headers.get(IF_MODIFIED_SINCE).cloned(),
            operation: route.map(|route| route.operation),
        }
    }

    fn form(&self, compact: Bytes) -> Bytes {
        if self.pretty {
            pretty(&compact).into()
        } else {
            compact
        }
    }

    /// Whether the client has this answer already. A tag it names decides before a date (RFC 9110, section 13.2.2).
    fn are_met_by(
        &self,
        tag: &EntityTag,
        last_modified: Option<Timestamp>,
        now: Timestamp,
    ) -> bool {
        if !self.conditional {
            return false;
        }
        if !self.if_none_match.is_empty() {
            return tag.is_named_by(&self.if_none_match);
        }
        let dates = self.if_modified_since.as_ref().zip(last_modified);
        dates.is_some_and(|(since, last_modified)| is_unmodified_since(since, last_modified, now))
    }
}

/// See the module.
pub(crate) async fn present(
    State(state): State<ServerState>,
    request: Request,
    next: Next,
) -> Response {
    let rest = routes::is_rest(request.uri().path());
    let wishes = Wishes::of(&request);
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().get::<RestProblem>().cloned() {
        return explain(response, &problem, &wishes, &state);
    }
    if let Some(presentable) = response.extensions_mut().remove::<Presentable>() {
        return show(response, presentable, &wishes, state.authority().now());
    }
    if let Some(Tagged(body, tag)) = response.extensions_mut().remove() {
        return send(response, body, tag, &wishes, state.authority().now());
    }
    if rest && !response.headers().contains_key(VARY) {
        let vary = header::vary(Audience::Anyone);
        response.headers_mut().insert(VARY, vary);
    }
    response
}

fn explain(
    mut response: Response,
    problem: &RestProblem,
    wishes: &Wishes,
    state: &ServerState,
) -> Response {
    let url = state
        .documentation()
        .url(problem.problem.page(wishes.operation));
    let body = serde_json::to_vec(&problem.problem.body(&url))
        .expect("a problem has text keys and plain values");
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, header::JSON);
    headers.insert(VARY, header::vary(Audience::Anyone));
    headers.extend(problem.problem.header());
    *response.body_mut() = Body::from(wishes.form(body.into()));
    response
}

fn show(
    mut response: Response,
    presentable: Presentable,
    wishes: &Wishes,
    now: Timestamp,
) -> Response {
    let Presentable {
        body,
        reader,
        audience,
        last_modified,
    } = presentable;
    let body = wishes.form(body);
    let tag = EntityTag::of(&reader.0.to_be_bytes(), &body);
    let headers = response.headers_mut();
    headers.insert(ETAG, tag.strong());
    describe(headers, audience, last_modified);
    if wishes.are_met_by(&tag, last_modified, now) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(CONTENT_TYPE, header::JSON);
    *response.body_mut() = Body::from(body);
    response
}

/// What is ready is sent as it is, unless the client has it already or is curl.
fn send(
    mut response: Response,
    body: Bytes,
    tag: Tag,
    wishes: &Wishes,
    now: Timestamp,
) -> Response {
    let (body, tag) = if wishes.pretty {
        let body = wishes.form(body);
        let tag = Tag::of(tag.reader, &body);
        (body, tag)
    } else {
        (body, tag)
    };
    let headers = response.headers_mut();
    let last_modified = headers.get(LAST_MODIFIED).and_then(parse_http_date);
    let met = wishes.are_met_by(&tag.entity, last_modified, now);
    headers.insert(ETAG, tag.value);
    if met {
        headers.remove(CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(body);
    }
    response
}

fn describe(headers: &mut HeaderMap, audience: Audience, last_modified: Option<Timestamp>) {
    headers.insert(VARY, header::vary(audience));
    headers.extend(header::cache_control(audience).map(|value| (CACHE_CONTROL, value)));
    headers.extend(last_modified.map(|at| (LAST_MODIFIED, http_date(at))));
}
