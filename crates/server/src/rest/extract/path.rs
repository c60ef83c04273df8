//! What stands in a path. What cannot be there is not found, whatever the reason.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Slug;
use counterfoil_wire::problem::Problem;
use http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::facts::RequestFacts;
use crate::problem::ApiProblem;
use crate::state::ServerState;

/// A positive id.
pub(crate) struct PathId(pub(crate) i64);

/// One decoded segment, never empty.
pub(crate) struct PathText(pub(crate) String);

/// The login of a user or an organization.
pub(crate) struct PathLogin(pub(crate) Login);

/// The logins of an organization and of a user.
pub(crate) struct PathMember(pub(crate) Login, pub(crate) Login);

/// The login of an organization, and the slug of one of its teams.
pub(crate) struct PathTeam(pub(crate) Login, pub(crate) Slug);

/// The login of an organization, the slug of one of its teams, and the login of a user.
pub(crate) struct PathTeamMember(pub(crate) Login, pub(crate) Slug, pub(crate) Login);

/// The id of a team, and the login of a user.
pub(crate) struct PathIdMember(pub(crate) i64, pub(crate) Login);

/// Two decoded segments, neither of them empty: the router takes an empty one that is not the last.
pub(crate) struct PathTexts(pub(crate) String, pub(crate) String);

/// The decoded segments of the path that stand for its parameters.
fn read<const N: usize>(parts: &Parts) -> Result<[Cow<'_, str>; N], ApiProblem> {
    let facts = RequestFacts::of(parts).ok_or(Problem::Internal)?;
    let mut texts = facts.parameters.texts(parts);
    // A template has as many parameters as its handler reads.
    if texts.len() != N {
        return Err(Problem::Internal.into());
    }
    let mut segments = [const { Cow::Borrowed("") }; N];
    for segment in &mut segments {
        let encoded = percent_decode_str(texts.next().unwrap_or_default());
        *segment = encoded.decode_utf8().map_err(|_| Problem::NotFound)?;
    }
    Ok(segments)
}

impl FromRequestParts<ServerState> for PathId {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [text] = read(parts)?;
        id(&text).map(Self)
    }
}

/// Extractors of several segments, each read by a function of its own.
macro_rules! several {
    ($($name:ident($($segment:ident: $read:expr),+);)+) => {$(
        impl FromRequestParts<ServerState> for $name {
            type Rejection = ApiProblem;

            async fn from_request_parts(
                parts: &mut Parts,
                _: &ServerState,
            ) -> Result<Self, ApiProblem> {
                let [$($segment),+] = read(parts)?;
                Ok(Self($($read(&$segment)?),+))
            }
        }
    )+};
}

several! {
    PathLogin(one: login);
    PathMember(organization: login, member: login);
    PathTeam(organization: login, team: slug);
    PathTeamMember(organization: login, team: slug, member: login);
    PathIdMember(team: id, member: login);
}

/// Digits only: `+1` and ` 1` are other paths.
fn id(text: &str) -> Result<i64, ApiProblem> {
    let id = text
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten();
    id.filter(|id| *id > 0).ok_or(Problem::NotFound.into())
}

fn login(text: &str) -> Result<Login, ApiProblem> {
    Login::parse(text).map_err(|_| Problem::NotFound.into())
}

fn slug(text: &str) -> Result<Slug, ApiProblem> {
    Slug::parse(text).ok_or(Problem::NotFound.into())
}

impl FromRequestParts<ServerState> for PathText {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [text] = read(parts)?;
        filled(text).map(Self)
    }
}

impl FromRequestParts<ServerState> for PathTexts {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [first, second] = read(parts)?;
        Ok(Self(filled(first)?, filled(second)?))
    }
}

fn filled(segment: Cow<'_, str>) -> Result<String, ApiProblem> {
    if segment.is_empty() {
        Err(Problem::NotFound.into())
    } else {
        Ok(segment.into_owned())
    }
}
