//! What stands around all handlers: one service that does by plain functions, a file each in
//! `middleware/`, what holds for every request.
//!
//! In order, for a request: its id, its place in the tables of routes, whether it names its host,
//! whose it is, what it prefers of its answer. What cannot be negotiated, and a browser's preflight
//! request, are answered here, where the surface has such; everything else goes to its handler. For
//! the answer: its final form, compression, `HEAD`, the headers that every answer has, a count and
//! a line in the log.
//!
//! A chain of layers would do the same with a box on the heap, a clone of the state and an entry
//! among the request's extensions for each (decision 11 in `docs/decisions`).

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::extract::Request;
use axum::response::Response;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::rate_limit::RateStatus;
use counterfoil_wire::header;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, Method};

use crate::answer_body::AnswerBody;
use crate::facts::RequestFacts;
use crate::handler::{Again, Reply, Work};
use crate::limiter::{RateBucket, Who};
use crate::listen::Peer;
use crate::metrics::Counted;
use crate::middleware::access_log::SeenClient;
use crate::middleware::client_address::client_address;
use crate::middleware::finalize::{Finalized, Preferences, finalize};
use crate::middleware::negotiate::{self, Negotiated};
use crate::middleware::rate_limit::Meter;
use crate::middleware::request_head::{self, RequestHead};
use crate::middleware::request_id::RequestId;
use crate::middleware::request_trace;
use crate::middleware::token_headers::{self, SeenToken};
use crate::middleware::write_limit::WriteMeter;
use crate::middleware::{access_log, common_headers, compress, head, host, panics, preflight};
use crate::problem::ApiProblem;
use crate::refused::FrontRefused;
use crate::route::Route;
use crate::routing::{self, Found, Routing};
use crate::state::{ServerState, Strangers};
use crate::surface::{HeaderSet, Policy, Surface};

/// The service that answers requests. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    state: ServerState,
    routing: Arc<Routing>,
}

/// An answer on its way: the handler's work and what is to be done with its reply.
pub struct FrontFuture {
    work: Stage,
    exchange: Exchange,
    /// Where a handler may have another one answer, and nowhere else: a check does not pay for it.
    second: Option<Box<Second>>,
}

/// What it takes to ask a second handler.
struct Second {
    routing: Arc<Routing>,
    /// What the answer has besides, once that handler is asked.
    headers: Option<HeaderMap>,
}

enum Stage {
    /// The handler works.
    Working(Work),
    /// The answer was clear without a handler.
    Clear(Option<Box<Reply>>),
}

/// What the answer needs to know of the request.
struct Exchange {
    state: ServerState,
    id: RequestId,
    started: Instant,
    /// As it came: `HEAD` reaches handlers as `GET`.
    method: Method,
    place: Option<usize>,
    route: Option<&'static Route>,
    surface: &'static Surface,
    tls: bool,
    negotiated: Option<Negotiated>,
    accept_encoding: Vec<HeaderValue>,
    address: Option<ClientAddress>,
    seen_token: Option<SeenToken>,
    client: Option<SeenClient>,
    meter: Option<Meter>,
    writes: Option<WriteMeter>,
    preferences: Preferences,
    span: tracing::Span,
    trace: tracing::Span,
}

impl Front {
    /// The front before these routes, whose templates the state counts under.
    pub(crate) fn new(state: ServerState, routing: Routing) -> Self {
        Self {
            state,
            routing: Arc::new(routing),
        }
    }

    /// Answers a request.
    pub fn answer(&self, mut request: Request) -> FrontFuture {
        let state = &self.state;
        let id = state.request_ids().give();
        let origin = state.settings().origins.of(&request);
        let method = request.method().clone();
        if method == Method::HEAD {
            *request.method_mut() = Method::GET;
        }
        let mut found = self.routing.find(request.method(), request.uri().path());
        if let Some(plain) = found.plain.take() {
            *request.uri_mut() = routing::with_path(request.uri(), plain);
        }
        let (route, surface) = (found.route, found.surface);
        let policy = &surface.policy;
        let asked = RequestHead::of(request.headers());
        let peer = request.extensions().get::<Peer>();
        let (negotiated, early) = open(policy, &request, &method, &asked);
        let address = peer.map(|peer| {
            client_address(*peer, request.headers(), &state.settings().trusted_proxies)
        });
        let meter = early
            .is_none()
            .then(|| meter(state, &found, address))
            .flatten();
        let early =
            early.or_else(|| refuse_stranger(state, policy, meter.as_ref(), request.headers()));
        let exchange = Exchange {
            state: state.at(origin),
            id,
            started: Instant::now(),
            place: found.place,
            route,
            surface,
            tls: peer.is_some_and(|peer| peer.tls),
            negotiated,
            accept_encoding: request_head::kept(&asked.accept_encoding),
            address,
            seen_token: SeenToken::for_route(route),
            client: client(state, route),
            meter,
            writes: writes(state, route),
            preferences: Preferences::new(
                request.method(),
                &asked,
                policy.headers == HeaderSet::Api,
                route.and_then(|route| route.operation),
            ),
            span: tracing::debug_span!("request", request.id = %id),
            trace: request_trace::begin(state, &request, &method, found.place),
            method,
        };
        let work = match early {
            Some(reply) => Stage::Clear(Some(Box::new(reply))),
            None => Stage::Working(exchange.ask(request, found)),
        };
        FrontFuture {
            work,
            exchange,
            second: policy.may_ask_again.then(|| Box::new(self.second())),
        }
    }

    fn second(&self) -> Second {
        Second {
            routing: Arc::clone(&self.routing),
            headers: None,
        }
    }
}

/// What is decided before a handler is asked: whether the request names its host, and under the
/// REST API what was negotiated; and the answer if it is clear.
fn open(
    policy: &Policy,
    request: &Request,
    method: &Method,
    asked: &RequestHead<'_>,
) -> (Option<Negotiated>, Option<Reply>) {
    if let Err(refused) = host::check(request.version(), request.uri(), asked) {
        return (
            policy.negotiates.then(Negotiated::default),
            Some((policy.say)(refused)),
        );
    }
    if !policy.negotiates {
        return (None, None);
    }
    if let Some(reply) = preflight::preflight(method, asked) {
        return (None, Some(reply));
    }
    match negotiate::negotiate(asked) {
        Ok(negotiated) => (Some(negotiated), None),
        Err(problem) => (
            Some(Negotiated::default()),
            Some((policy.say)(FrontRefused::NotNegotiated(problem))),
        ),
    }
}

/// Where a request is counted, if anything is limited there.
fn meter(state: &ServerState, found: &Found, address: Option<ClientAddress>) -> Option<Meter> {
    state.rate_limiter()?;
    let bucket = found.route.map(|route| route.bucket);
    match bucket.unwrap_or(found.surface.policy.bucket) {
        RateBucket::Unlimited => None,
        bucket => Some(Meter::new(state.clone(), address?, bucket)),
    }
}

/// Counts who sends no credentials before anything is done for them, and in private mode does
/// nothing more. What a path leads to is no matter there: none of them tells whether it is one.
fn refuse_stranger(
    state: &ServerState,
    policy: &Policy,
    meter: Option<&Meter>,
    headers: &HeaderMap,
) -> Option<Reply> {
    let private = policy.has_private_mode && state.settings().strangers == Strangers::Refused;
    if (meter.is_none() && !private) || headers.contains_key(AUTHORIZATION) {
        return None;
    }
    let counted = meter.map_or(Ok(()), |meter| meter.admit(Who::Stranger));
    let refused = match counted {
        Err(limited) => FrontRefused::Limited(limited),
        Ok(()) if private => FrontRefused::Private,
        Ok(()) => return None,
    };
    Some((policy.say)(refused))
}

/// Where it is left for the log who asks, if a line will say it.
fn client(state: &ServerState, route: Option<&Route>) -> Option<SeenClient> {
    let changes = route.is_some_and(|route| route.audit.is_some());
    SeenClient::place(state.settings().logged_clients, changes)
}

/// Where what a request changes is counted, if it may change something.
fn writes(state: &ServerState, route: Option<&Route>) -> Option<WriteMeter> {
    route?.audit?;
    state.write_limiter()?;
    Some(WriteMeter::new(state.clone()))
}

impl Future for FrontFuture {
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Self {
            work,
            exchange,
            second,
        } = self.get_mut();
        let _traced = exchange.trace.enter();
        let reply = ready!(work.poll(exchange, cx));
        match second {
            // A reply and an answer are large. Where no second handler can be asked, as for checks,
            // both are moved as seldom as possible.
            None => Poll::Ready(Ok(exchange.finish(reply))),
            Some(second) => second.settle(reply, work, exchange, cx).map(Ok),
        }
    }
}

impl Stage {
    #[inline]
    fn poll(&mut self, exchange: &Exchange, cx: &mut Context<'_>) -> Poll<Reply> {
        match self {
            Self::Working(work) => {
                let _entered = exchange.span.enter();
                panics::catching(
                    || work.as_mut().poll(cx),
                    || exchange.say(FrontRefused::Panicked),
                )
            }
            Self::Clear(reply) => {
                let reply = reply.take();
                Poll::Ready(*reply.expect("a future that is ready is not polled again"))
            }
        }
    }
}

impl Second {
    /// Has the second handler answer if the first one wants that; what the second one replies is
    /// the answer, whatever it is.
    #[inline(never)]
    fn settle(
        &mut self,
        reply: Reply,
        work: &mut Stage,
        exchange: &Exchange,
        cx: &mut Context<'_>,
    ) -> Poll<Response<AnswerBody>> {
        let reply = match reply {
            Reply::Again(again) if self.headers.is_none() => {
                *work = Stage::Working(exchange.ask_again(*again, self));
                ready!(work.poll(exchange, cx))
            }
            reply => reply,
        };
        let mut response = exchange.finish(reply);
        if let Some(added) = self.headers.take() {
            append(response.headers_mut(), &added);
        }
        Poll::Ready(response)
    }
}

impl Exchange {
    /// What the handler is told.
    fn facts(&self, found: Found) -> RequestFacts {
        RequestFacts {
            id: self.id,
            address: self.address,
            is_head: self.method == Method::HEAD,
            parameters: found.parameters,
            template: found.template,
            credential: found.credential,
            seen_token: self.seen_token.clone(),
            client: self.client.clone(),
            meter: self.meter.clone(),
            writes: self.writes.clone(),
        }
    }

    /// Has the handler of another request answer, which must lie on the same surface.
    fn ask_again(&self, again: Again, second: &mut Second) -> Work {
        let Again { request, headers } = again;
        second.headers = Some(headers);
        let mut found = second.routing.find(request.method(), request.uri().path());
        found.route = found
            .route
            .filter(|_| std::ptr::eq(found.surface, self.surface));
        self.ask(request, found)
    }

    /// Has the handler of a request work.
    #[inline]
    fn ask(&self, mut request: Request, found: Found) -> Work {
        let route = found.route;
        let handler = route.map_or(self.surface.policy.nothing_here, |route| route.handler);
        request.extensions_mut().insert(self.facts(found));
        handler(request, self.state.clone())
    }

    /// Makes the answer of a reply, and says so to metrics and log.
    fn finish(&self, reply: Reply) -> Response<AnswerBody> {
        let settled = self
            .meter
            .as_ref()
            .map_or(Ok(()), |meter| meter.settle(&reply));
        let reply = match settled {
            Ok(()) => reply,
            Err(limited) => self.say(FrontRefused::Limited(limited)),
        };
        let Finalized {
            status,
            headers,
            body,
            prefilled,
            problem,
        } = finalize(reply, &self.preferences, &self.state);
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        if !self.accept_encoding.is_empty() {
            response = compress::compress(response, &self.accept_encoding);
        }
        if self.method == Method::HEAD {
            response = head::without_body(response);
        }
        if let Some(writes) = &self.writes {
            writes.finish(status);
        }
        let stands = self.meter.as_ref().and_then(|meter| meter.finish(status));
        self.add_headers(&mut response, stands, prefilled);
        self.record(&response, problem.as_ref());
        response
    }

    fn add_headers(
        &self,
        response: &mut Response<AnswerBody>,
        stands: Option<RateStatus>,
        prefilled: bool,
    ) {
        let headers = response.headers_mut();
        if let (Some(seen), Some(route)) = (&self.seen_token, self.route) {
            token_headers::describe(headers, seen, route.accepted_scopes());
        }
        if let Some(negotiated) = &self.negotiated
            && !(prefilled && negotiated.is_default())
        {
            negotiated.describe(headers);
        }
        if let Some(stands) = stands {
            headers.extend(header::rate_limit(stands));
        }
        let set = self.surface.policy.headers;
        if !prefilled && set != HeaderSet::Own {
            let release = &self.state.settings().enterprise_version;
            common_headers::add(headers, (set == HeaderSet::Api).then_some(release));
        }
        if self.tls {
            common_headers::add_for_tls(headers);
        }
        common_headers::set_id(headers, self.id);
    }

    /// What the surface says to what is refused around handlers.
    fn say(&self, refused: FrontRefused) -> Reply {
        (self.surface.policy.say)(refused)
    }

    fn record(&self, response: &Response<AnswerBody>, problem: Option<&ApiProblem>) {
        let took = self.started.elapsed();
        request_trace::end(&self.trace, response.status());
        let usual = self.surface.class;
        let counted = Counted {
            class: self.route.map_or(usual, |route| route.class(usual)),
            place: self.place,
            method: &self.method,
            status: response.status(),
            took,
        };
        self.state.metrics().count_request(&counted);
        access_log::log(&access_log::Line {
            id: self.id,
            clients: self.state.settings().logged_clients,
            address: self.address,
            client: self.client.as_ref(),
            method: &self.method,
            template: self.state.template(self.place),
            status: response.status(),
            took,
            changes: self.route.is_some_and(|route| route.audit.is_some()),
            problem,
        });
    }
}

/// Adds headers to those that an answer has, of the same name too.
fn append(headers: &mut HeaderMap, added: &HeaderMap) {
    for (name, value) in added {
        headers.append(name, value.clone());
    }
}

impl tower::Service<Request> for Front {
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = FrontFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> FrontFuture {
        self.answer(request)
    }
}
