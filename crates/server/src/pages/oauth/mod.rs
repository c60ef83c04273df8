//! `/login/oauth/authorize`: an app leads a user here, who lets it in or not (wire contract,
//! section 22).

mod answer;
mod asked;
mod authorize;
mod refusal;

pub(super) use self::answer::answer;
pub(super) use self::authorize::authorize;

use axum::response::Response;
use counterfoil_authority::AskingApp;
use counterfoil_domain::app::{AppSwitches, ClientId};
use counterfoil_domain::principal::Lapsed;
use counterfoil_html::oauth::{FlowProblem, FlowProblemPage};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};

use super::headers::{self, Ends};
use super::problems::{self, PageProblem};
use super::visit::{Signed, Turned, Visit};
use counterfoil_wire::oauth::{AuthorizeQuery, issuer};

/// Where all of it happens.
const PATH: &str = "/login/oauth/authorize";

/// The app that a path of ours leads to the question of, by its name; none for another path.
pub(super) async fn app_behind(visit: &Visit, path: &str) -> Option<String> {
    let query = path.strip_prefix(PATH)?.strip_prefix('?')?;
    let client_id = AuthorizeQuery::parse(query).client_id?;
    let client_id = ClientId::parse(&client_id).ok()?;
    // A name that cannot be read now is one that is not shown.
    let app: Option<AskingApp> = visit.authority().asking_app(&client_id).await.ok()?;
    Some(app?.app.summary.name.as_str().to_owned())
}

/// The page that says why there is no question.
fn problem(visit: &Visit, status: StatusCode, problem: FlowProblem<'_>) -> Response {
    let view = FlowProblemPage {
        problem,
        back: None,
    };
    visit.page(status, Ends::AtApp, &view)
}

/// On to an app.
fn to_app(status: StatusCode, address: &str) -> Response {
    let mut response = headers::empty(status, Ends::AtApp);
    if let Ok(address) = HeaderValue::from_bytes(address.as_bytes()) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// Who answers, for an app with these switches, if it is to be told.
fn issuer_for(visit: &Visit, switches: AppSwitches) -> Option<String> {
    let is_told = visit.authority().settings().send_iss.is_for(switches);
    is_told.then(|| issuer(visit.own_origin()))
}

/// The question once more, as the app asked it.
fn anew(signed: &Signed, query: &str) -> Response {
    signed.go(&format!("{PATH}?{query}"))
}

/// What is answered when what proved who asks holds no more.
fn lapsed(signed: &Signed, query: &str, _: Lapsed) -> Response {
    anew(signed, query)
}

fn failed(visit: &Visit, error: impl Into<PageProblem>) -> Turned {
    problems::show(visit, error.into()).into()
}
