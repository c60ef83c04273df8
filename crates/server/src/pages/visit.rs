//! Who looks at a page, and the answer in which it goes out.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use counterfoil_authority::{FreshPerson, Person, StoreError};
use counterfoil_domain::form::{FormCookie, FormPlace, OnceValue};
use counterfoil_domain::language::Language;
use counterfoil_domain::principal::Origin;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::second_factor::SecondFactor;
use counterfoil_domain::session::CookieSecret;
use counterfoil_domain::time_zone::Zone;
use counterfoil_html::security::SecondFactorOverdue;
use counterfoil_html::{Brand, Frame, SignedIn, View};
use http::header::{ACCEPT_LANGUAGE, LOCATION, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::cookies::{Cookie, CookieNames, Reached};
use super::fields::Fields;
use super::headers::{self, Ends};
use super::looked_at::{self, page_above};
use super::pasted::repeatable;
use super::problems::{self, PageProblem};
use crate::auth;
use crate::handler::{IntoReply, Reply};
use crate::limiter::Who;
use crate::middleware::access_log::ProvenClient;
use crate::state::ServerState;

/// The page that somebody gets in place of the one that they asked for.
#[derive(Debug)]
pub(crate) struct Turned(Box<Response>);

impl From<Response> for Turned {
    fn from(response: Response) -> Self {
        Self(Box::new(response))
    }
}

impl IntoResponse for Turned {
    fn into_response(self) -> Response {
        *self.0
    }
}

impl IntoReply for Turned {
    fn into_reply(self) -> Reply {
        Reply::Response(self.into_response())
    }
}

/// A request for a page, whoever sends it.
#[derive(Clone)]
pub(crate) struct Visit {
    state: ServerState,
    names: CookieNames,
    headers: HeaderMap,
    origin: Origin,
    language: Language,
    /// The zone of who is signed in, if they chose one.
    zone: Option<Zone>,
    /// The language that the address asks for.
    chosen: Option<Language>,
    /// The path and the query, as they were asked for.
    here: String,
    /// The same as it may be repeated.
    repeatable: String,
    /// The template of the form that it brings, if it brings one.
    form: Option<&'static str>,
    visitor: CookieSecret,
    is_new: bool,
}

/// A request by somebody who is signed in.
#[derive(Clone)]
pub(crate) struct Signed {
    visit: Visit,
    person: Person,
}

/// A request by somebody who proved a short while ago, in the session that they use, who they are.
#[derive(Clone)]
pub(crate) struct Fresh {
    signed: Signed,
    person: FreshPerson,
}

impl Visit {
    /// What a request says of itself.
    pub(super) fn read(parts: &Parts, state: &ServerState) -> Result<Self, Turned> {
        let Ok(origin) = auth::origin(parts) else {
            return Err(problems::unplaced().into());
        };
        let names = CookieNames::of(state);
        let kept = names.secret(Cookie::Visitor, &parts.headers);
        let is_new = kept.is_none();
        let visitor = kept.unwrap_or_else(|| state.authority().visitor_secret());
        let query = parts.uri.query().unwrap_or_default();
        let chosen = chosen_language(query);
        let accepted = parts.headers.get(ACCEPT_LANGUAGE);
        let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
        let usual = state.settings().pages.language;
        let language = chosen
            .or_else(|| names.language(&parts.headers))
            .unwrap_or_else(|| Language::negotiate(accepted.unwrap_or_default(), usual));
        let here = parts.uri.path_and_query();
        let here = here.map_or("/", |here| here.as_str()).to_owned();
        Ok(Self {
            state: state.clone(),
            names,
            headers: parts.headers.clone(),
            origin,
            language,
            zone: None,
            chosen,
            repeatable: repeatable(&here, &state.authority().settings().token_formats),
            here,
            form: looked_at::form_of(parts),
            visitor,
            is_new,
        })
    }

    /// The use cases.
    pub(crate) fn authority(&self) -> &counterfoil_authority::Authority {
        self.state.authority()
    }

    pub(super) fn state(&self) -> &ServerState {
        &self.state
    }

    /// From where the request came.
    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// The language of the answer.
    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The zone by whose clocks times are told.
    pub(crate) fn zone(&self) -> &Zone {
        self.zone.as_ref().unwrap_or_else(|| self.server_zone())
    }

    /// The zone of those who chose none.
    pub(super) fn server_zone(&self) -> &Zone {
        &self.state.settings().pages.zone
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) fn names(&self) -> &CookieNames {
        &self.names
    }

    /// The secret that forms of a visitor are bound to.
    pub(super) fn visitor(&self) -> &CookieSecret {
        &self.visitor
    }

    /// The origin of the pages, as somebody sees it in the address bar.
    pub(super) fn own_origin(&self) -> &str {
        self.state.base().origin()
    }

    /// Whether passwords may be sent the way that this request came.
    pub(super) fn may_sign_in(&self) -> bool {
        Reached::of(self.state.base()) != Reached::HttpElsewhere
    }

    /// What the query says.
    pub(crate) fn query(&self) -> Fields {
        Fields::parse(self.raw_query().as_bytes()).unwrap_or_default()
    }

    /// The query, as it was written.
    pub(super) fn raw_query(&self) -> &str {
        self.here.split_once('?').map_or("", |(_, query)| query)
    }

    /// The id of the request, by which it is found in the log.
    pub(super) fn request_id(&self) -> String {
        let id = self.origin.request;
        id.map(|id| id.to_string()).unwrap_or_default()
    }

    /// The path.
    pub(crate) fn path(&self) -> &str {
        self.here.split('?').next().unwrap_or_default()
    }

    /// The secret of a cookie that came with the request.
    pub(super) fn secret(&self, cookie: Cookie) -> Option<CookieSecret> {
        self.names.secret(cookie, &self.headers)
    }

    /// Who is signed in, if anybody is.
    pub(super) async fn person(&self) -> Result<Option<Person>, StoreError> {
        match self.secret(Cookie::Session) {
            Some(secret) => self.authority().person(&secret, self.origin()).await,
            None => Ok(None),
        }
    }

    /// The token of a form of a visitor, for the path that it is sent to.
    pub(crate) fn csrf(&self, action: &str) -> String {
        self.authority().form_token(&FormPlace {
            cookie: FormCookie::Visitor(self.visitor.digest()),
            action,
            once: None,
        })
    }

    /// How this installation looks.
    pub(super) fn brand(&self) -> &Brand {
        &self.state.settings().pages.brand
    }

    /// A page for a visitor.
    pub(crate) fn page(
        &self,
        status: StatusCode,
        ends: Ends,
        view: &(dyn View + Sync),
    ) -> Response {
        self.show(status, ends, view, None, None)
    }

    pub(super) fn show(
        &self,
        status: StatusCode,
        ends: Ends,
        view: &(dyn View + Sync),
        signed_in: Option<SignedIn<'_>>,
        told: Option<&str>,
    ) -> Response {
        let pages = &self.state.settings().pages;
        let origin = self.own_origin();
        let frame = Frame {
            language: self.language,
            zone: self.zone(),
            now: self.authority().now(),
            brand: &pages.brand,
            host: origin.split_once("://").map_or(origin, |(_, host)| host),
            here: self.form.map_or(self.repeatable.as_str(), |form| {
                page_above(form, &self.repeatable)
            }),
            signed_in,
            status: told,
        };
        let mut response = headers::page(status, ends, self.language, view.render(&frame));
        self.remember(response.headers_mut());
        response
    }

    /// Has the browser keep what belongs to a visitor.
    fn remember(&self, headers: &mut HeaderMap) {
        if self.is_new {
            let kept = self.names.keep(Cookie::Visitor, &self.visitor, None);
            headers.append(SET_COOKIE, kept);
        }
        if let Some(language) = self.chosen {
            headers.append(SET_COOKIE, self.names.keep_language(language));
        }
    }

    /// On to another page of ours.
    pub(crate) fn go(&self, path: &str) -> Response {
        // A window that an app opened is cut off from it by the policy of any page on the way.
        let mut response = headers::empty(StatusCode::SEE_OTHER, Ends::AtApp);
        let path = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
        let headers = response.headers_mut();
        headers.insert(LOCATION, path);
        self.remember(headers);
        response
    }

    /// On to a page that asks something first, and from there back to this one.
    pub(super) fn go_by(&self, path: &str) -> Response {
        let back = utf8_percent_encode(&self.repeatable, NON_ALPHANUMERIC);
        self.go(&format!("{path}?return_to={back}"))
    }
}

/// The language that `lang=` in a query asks for.
fn chosen_language(query: &str) -> Option<Language> {
    let mut pairs = query.split('&');
    let tag = pairs.find_map(|pair| pair.strip_prefix("lang="))?;
    Language::ALL
        .into_iter()
        .find(|language| language.tag() == tag)
}

impl Signed {
    /// Pages speak to them as they chose, unless the address asks for another language.
    pub(super) fn new(mut visit: Visit, person: Person) -> Self {
        let preferences = person.preferences();
        if let (Some(language), None) = (preferences.language, visit.chosen) {
            visit.language = language;
        }
        visit.zone.clone_from(&preferences.time_zone);
        Self { visit, person }
    }

    /// Who is signed in.
    pub(crate) fn person(&self) -> &Person {
        &self.person
    }

    /// The token of a form, for the path that it is sent to.
    pub(crate) fn csrf(&self, action: &str) -> String {
        self.token(action, None)
    }

    /// The token of a form that counts once, with what makes it so: the fields `csrf` and `once`.
    pub(crate) fn csrf_once(&self, action: &str) -> (String, String) {
        let once = self.authority().once_value();
        (self.token(action, Some(once)), once.to_text())
    }

    pub(super) fn token(&self, action: &str, once: Option<OnceValue>) -> String {
        self.authority().form_token(&FormPlace {
            cookie: self.person.form_cookie(),
            action,
            once,
        })
    }

    /// A page for somebody who is signed in, with what they are to be told.
    pub(crate) async fn page(&self, status: StatusCode, view: &(dyn View + Sync)) -> Response {
        self.page_that(Ends::Here, status, view).await
    }

    pub(super) async fn page_that(
        &self,
        ends: Ends,
        status: StatusCode,
        view: &(dyn View + Sync),
    ) -> Response {
        let sign_out = self.csrf("/logout");
        let signed_in = SignedIn {
            login: self.person.account().login.as_str(),
            sign_out_csrf: &sign_out,
            administers: self.person.account().standing == Standing::SiteAdministrator,
        };
        let told = self.person.status();
        let response = self.visit.show(status, ends, view, Some(signed_in), told);
        self.note_told().await;
        response
    }

    /// Notes that somebody saw what they were to be told, so that no other page tells it.
    async fn note_told(&self) {
        if self.person.status().is_some()
            && let Err(error) = self.authority().was_told(&self.person).await
        {
            tracing::warn!(cause = %error.causes(), "what a page told will be told again");
        }
    }

    /// On to another page, which tells what was done.
    pub(crate) async fn go_and_tell(&self, path: &str, status: String) -> Response {
        let told = self.authority().tell_at_next_page(&self.person, status);
        if let Err(error) = told.await {
            tracing::warn!(cause = %error.causes(), "a page does not tell what was done");
        }
        self.go(path)
    }
}

impl Deref for Signed {
    type Target = Visit;

    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl Fresh {
    /// Who is signed in.
    pub(crate) fn person(&self) -> &FreshPerson {
        &self.person
    }
}

impl Deref for Fresh {
    type Target = Signed;

    fn deref(&self) -> &Signed {
        &self.signed
    }
}

/// Counts a request for the user, and tells the log who it is.
pub(super) async fn admit(parts: &Parts, person: &Person, visit: &Visit) -> Result<(), Turned> {
    let account = person.account().id;
    auth::told(parts, || ProvenClient {
        account: Some(account),
        ..ProvenClient::default()
    });
    auth::admit(parts, Who::User(account))
        .map_err(|_| problems::show(visit, PageProblem::Limited))?;
    if OPEN_TO_ALL.contains(&visit.path()) {
        return Ok(());
    }
    match overdue(visit, person).await {
        Some(response) => Err(response.into()),
        None => Ok(()),
    }
}

/// Where somebody signs out, which everybody may.
const SIGN_OUT: &str = "/logout";
/// Where somebody has a link mailed by which they set a second factor up.
pub(super) const ASK_ENROLMENT: &str = "/login/enrolment";
/// What somebody may do who should have a second factor by now. Setting one up by a link takes a
/// fresh proof of who they are.
const OPEN_TO_ALL: [&str; 3] = [SIGN_OUT, ASK_ENROLMENT, "/login/confirm"];

/// What somebody sees in place of every page who should have a second factor by now.
pub(super) async fn overdue(visit: &Visit, person: &Person) -> Option<Response> {
    match visit.authority().second_factor_of(person.account()) {
        SecondFactor::OverdueSince(since) => {
            let signed = Signed::new(visit.clone(), person.clone());
            let ask_csrf = signed.csrf(ASK_ENROLMENT);
            let view = SecondFactorOverdue {
                since,
                ask_csrf: signed.authority().sends_mail().then_some(&ask_csrf),
                sign_out_csrf: &signed.csrf(SIGN_OUT),
            };
            let told = signed.person.status();
            let page = signed
                .visit
                .show(StatusCode::FORBIDDEN, Ends::Here, &view, None, told);
            signed.note_told().await;
            Some(page)
        }
        SecondFactor::There | SecondFactor::Optional | SecondFactor::DueAt(_) => None,
    }
}

pub(super) fn fresh(signed: Signed) -> Result<Fresh, Box<Signed>> {
    match signed.authority().fresh(signed.person.clone()) {
        Ok(person) => Ok(Fresh { signed, person }),
        Err(_) => Err(Box::new(signed)),
    }
}

impl FromRequestParts<ServerState> for Visit {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        Self::read(parts, state)
    }
}

/// Whoever is not signed in is asked to, and led back.
impl FromRequestParts<ServerState> for Signed {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        let visit = Visit::read(parts, state)?;
        match visit.person().await {
            Ok(Some(person)) => {
                admit(parts, &person, &visit).await?;
                Ok(Self::new(visit, person))
            }
            Ok(None) => Err(visit.go_by("/login").into()),
            Err(error) => Err(problems::show(&visit, error.into()).into()),
        }
    }
}

/// Whoever proved too long ago who they are is asked again, and led back.
impl FromRequestParts<ServerState> for Fresh {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        let signed = Signed::from_request_parts(parts, state).await?;
        fresh(signed).map_err(|signed| signed.go_by("/login/confirm").into())
    }
}
