//! `POST /api/graphql`: whose token this is, as GraphQL asks (wire contract, section 29).
//!
//! Tools that sign people in ask for `viewer` and decode strictly, so the answer holds exactly what
//! was selected. Only tokens count here. A query is measured before it is run, since a short one
//! can ask for a long answer.

mod errors;
mod extract;
mod limits;
mod schema;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use counterfoil_wire::header::{self, X_GITHUB_MEDIA_TYPE};
use counterfoil_wire::input::Body;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::Value;

use self::errors::Errors;
use self::extract::TokenCaller;
use self::schema::{SCHEMA, Viewer};
use crate::json_body::JsonObject;
use crate::limiter::RateBucket;
use crate::metrics::RouteClass;
use crate::middleware::token_headers::{self, SeenToken};
use crate::nothing_here::PLAIN;
use crate::problem::ApiProblem;
use crate::route::{Route, routes};
use crate::state::ServerState;
use crate::surface::{Policy, Surface};

/// See the module. Its limits are those of the REST API.
pub(crate) static GRAPHQL: Surface = Surface {
    name: "GraphQL",
    root: "",
    below: &[],
    routes: ROUTES,
    class: RouteClass::Graphql,
    policy: Policy {
        bucket: RateBucket::Core,
        ..PLAIN
    },
};

static ROUTES: &[Route] = routes! {
    POST "/api/graphql" => -, Token, -, Core, query;
};

/// What the answers are in.
const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("github.v4; format=json");
/// Who the viewer is may change at any time.
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// `POST /api/graphql`
async fn query(
    TokenCaller { token, from }: TokenCaller,
    State(state): State<ServerState>,
    JsonObject(body): JsonObject,
) -> Result<Response, ApiProblem> {
    // The body may have taken its time, in which the token may have ended.
    let again = state.authority().authenticate_digest(*token.digest(), from);
    let token = again.await?;
    let seen = SeenToken::default();
    seen.note(&token);
    let answer = match read(body.unwrap_or_default()) {
        Ok(request) => {
            let viewer = Viewer::new(token, state);
            errors::shown(SCHEMA.execute(request.data(viewer)).await)
        }
        Err(errors) => errors.alone(),
    };
    let fixed = [
        (CONTENT_TYPE, header::JSON),
        (CACHE_CONTROL, NO_CACHE),
        (X_GITHUB_MEDIA_TYPE, MEDIA_TYPE),
    ];
    let mut response = (fixed, answer).into_response();
    token_headers::describe(response.headers_mut(), &seen, &[]);
    Ok(response)
}

/// The request in a body, within its bounds.
fn read(mut body: Body) -> Result<async_graphql::Request, Errors> {
    let Some(Value::String(text)) = body.remove("query") else {
        return Err(Errors::sentence(
            "A query attribute must be specified and must be a string.",
        ));
    };
    let document = limits::measured(&text)?;
    let mut request = async_graphql::Request::new(text);
    request.set_parsed_query(document);
    match body.remove("variables") {
        None | Some(Value::Null) => {}
        Some(variables @ Value::Object(_)) => {
            request = request.variables(async_graphql::Variables::from_json(variables));
        }
        Some(_) => return Err(Errors::sentence("Variables must be an object.")),
    }
    match body.remove("operationName") {
        None | Some(Value::Null) => Ok(request),
        Some(Value::String(name)) if name.is_empty() => Ok(request),
        Some(Value::String(name)) => Ok(request.operation_name(name)),
        Some(_) => Err(Errors::sentence("The operation's name must be a string.")),
    }
}
