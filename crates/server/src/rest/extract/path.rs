//! What stands in a path. What cannot be there is not found, whatever the reason.

use std::borrow::Cow;

use axum::extract::FromRequestParts;
use counterfoil_domain::account::AccountRef;
use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Slug, TeamRef};
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

/// A user or an organization, by id.
pub(crate) struct PathAccountId(pub(crate) AccountId);

/// An organization, by its login or its id, as the template has it.
pub(crate) struct PathOrganization(pub(crate) AccountRef);

/// An organization, and the login of a user.
pub(crate) struct PathMember(pub(crate) AccountRef, pub(crate) Login);

/// A team, by its organization and its slug, its id, or the ids of both, as the template has it.
pub(crate) struct PathTeam(pub(crate) TeamRef);

/// A team, and the login of a user.
pub(crate) struct PathTeamMember(pub(crate) TeamRef, pub(crate) Login);

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
        *segment = decoded(texts.next().unwrap_or_default())?;
    }
    Ok(segments)
}

fn decoded(text: &str) -> Result<Cow<'_, str>, ApiProblem> {
    let text = percent_decode_str(text).decode_utf8();
    text.map_err(|_| Problem::NotFound.into())
}

impl FromRequestParts<ServerState> for PathId {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [text] = read(parts)?;
        id(&text).map(Self)
    }
}

impl FromRequestParts<ServerState> for PathLogin {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [text] = read(parts)?;
        login(&text).map(Self)
    }
}

impl FromRequestParts<ServerState> for PathAccountId {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _: &ServerState) -> Result<Self, ApiProblem> {
        let [text] = read(parts)?;
        id(&text).map(AccountId).map(Self)
    }
}

/// A segment with the name of its parameter.
type Named<'p> = (&'static str, Cow<'p, str>);

/// Extractors that read by the names of parameters, so that a handler serves every template that
/// names the same thing.
macro_rules! named {
    ($($name:ident($($read:ident),+);)+) => {$(
        impl FromRequestParts<ServerState> for $name {
            type Rejection = ApiProblem;

            async fn from_request_parts(
                parts: &mut Parts,
                _: &ServerState,
            ) -> Result<Self, ApiProblem> {
                let segments = read_named(parts)?;
                Ok(Self($($read(&segments)?),+))
            }
        }
    )+};
}

named! {
    PathOrganization(organization);
    PathMember(organization, member);
    PathTeam(team);
    PathTeamMember(team, member);
}

fn read_named(parts: &Parts) -> Result<Vec<Named<'_>>, ApiProblem> {
    let facts = RequestFacts::of(parts).ok_or(Problem::Internal)?;
    let segments = facts.parameter_names().zip(facts.parameters.texts(parts));
    segments
        .map(|(name, text)| Ok((name, decoded(text)?)))
        .collect()
}

fn organization(segments: &[Named<'_>]) -> Result<AccountRef, ApiProblem> {
    match segments {
        [("org", text), ..] => login(text).map(AccountRef::Login),
        [("org_id", text), ..] => id(text).map(AccountId).map(AccountRef::Id),
        // The table has no such template.
        _ => Err(Problem::Internal.into()),
    }
}

fn team(segments: &[Named<'_>]) -> Result<TeamRef, ApiProblem> {
    match segments {
        [("org", organization), ("team_slug", text), ..] => {
            Ok(TeamRef::Slug(login(organization)?, slug(text)?))
        }
        [("team_id", text), ..] => id(text).map(TeamId).map(TeamRef::Id),
        [("org_id", organization), ("team_id", text), ..] => {
            let organization = AccountId(id(organization)?);
            Ok(TeamRef::Ids(organization, TeamId(id(text)?)))
        }
        _ => Err(Problem::Internal.into()),
    }
}

fn member(segments: &[Named<'_>]) -> Result<Login, ApiProblem> {
    match segments {
        [.., ("username", text)] => login(text),
        _ => Err(Problem::Internal.into()),
    }
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
