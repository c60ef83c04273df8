//! What the paths of organizations name.

use axum::extract::FromRequestParts;
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::Slug;
use http::request::Parts;

use crate::pages::path::read;
use crate::pages::visit::Turned;
use crate::state::ServerState;

/// An organization by its login. What cannot be one is none's.
pub(in crate::pages) struct OfOrganization(pub(in crate::pages) Login);

/// An organization, and somebody in it.
pub(in crate::pages) struct OfMember(pub(in crate::pages) Login, pub(in crate::pages) Login);

/// An organization, and a team of it.
pub(in crate::pages) struct OfTeam(pub(in crate::pages) Login, pub(in crate::pages) Slug);

/// The same, and somebody in the team.
pub(in crate::pages) struct OfTeamMember(
    pub(in crate::pages) Login,
    pub(in crate::pages) Slug,
    pub(in crate::pages) Login,
);

impl FromRequestParts<ServerState> for OfOrganization {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| texts.next().and_then(login).map(Self))
    }
}

impl FromRequestParts<ServerState> for OfMember {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let organization = texts.next().and_then(login)?;
            Some(Self(organization, texts.next().and_then(login)?))
        })
    }
}

impl FromRequestParts<ServerState> for OfTeam {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let organization = texts.next().and_then(login)?;
            Some(Self(organization, texts.next().and_then(Slug::parse)?))
        })
    }
}

impl FromRequestParts<ServerState> for OfTeamMember {
    type Rejection = Turned;

    async fn from_request_parts(parts: &mut Parts, state: &ServerState) -> Result<Self, Turned> {
        read(parts, state, |texts| {
            let organization = texts.next().and_then(login)?;
            let team = texts.next().and_then(Slug::parse)?;
            Some(Self(organization, team, texts.next().and_then(login)?))
        })
    }
}

fn login(text: &str) -> Option<Login> {
    Login::parse(text).ok()
}
