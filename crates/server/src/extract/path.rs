//! What stands in a path. What cannot be there is not found, whatever the reason.

use axum::extract::{FromRequestParts, Path};
use counterfoil_wire::problem::Problem;
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::problem::RestProblem;
use crate::state::ServerState;

/// A positive id.
pub(crate) struct PathId(pub(crate) i64);

/// One decoded segment, never empty.
pub(crate) struct PathText(pub(crate) String);

/// Two decoded segments, neither of them empty: the router takes an empty one that is not the last.
pub(crate) struct PathTexts(pub(crate) String, pub(crate) String);

async fn read<T: DeserializeOwned + Send>(
    parts: &mut Parts,
    state: &ServerState,
) -> Result<T, RestProblem> {
    let path = Path::<T>::from_request_parts(parts, state).await;
    path.map(|Path(value)| value)
        .map_err(|_| Problem::NotFound.into())
}

impl FromRequestParts<ServerState> for PathId {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        let text: String = read(parts, state).await?;
        // Digits only: `+1` and ` 1` are other paths.
        let id = text
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())
            .flatten();
        id.filter(|id| *id > 0)
            .map(Self)
            .ok_or(Problem::NotFound.into())
    }
}

impl FromRequestParts<ServerState> for PathText {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        filled(read(parts, state).await?).map(Self)
    }
}

impl FromRequestParts<ServerState> for PathTexts {
    type Rejection = RestProblem;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &ServerState,
    ) -> Result<Self, RestProblem> {
        let (first, second) = read(parts, state).await?;
        Ok(Self(filled(first)?, filled(second)?))
    }
}

fn filled(segment: String) -> Result<String, RestProblem> {
    if segment.is_empty() {
        Err(Problem::NotFound.into())
    } else {
        Ok(segment)
    }
}
