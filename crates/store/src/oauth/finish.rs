//! The end of every flow: what the app gets, and whether it expires.

use counterfoil_domain::audit::Outcome;
use counterfoil_domain::authorization::Authorization;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::oauth::ExpiringLife;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::tx::Tx;
use crate::{apps, authorizations};

/// What an app gets at the end of a flow, and at each refresh.
#[derive(Clone, Debug)]
pub struct FlowResult {
    /// The record of its token.
    pub authorization: Authorization,
    /// Until when its tokens live, where it got a refresh token beside the other one.
    pub life: Option<ExpiringLife>,
}

/// Where the app's tokens expire, has one that was just made do so and keeps its first refresh
/// token. Every flow ends here.
pub(super) async fn finish_flow(
    tx: &mut Tx,
    made: Outcome<Authorization>,
    refresh: SecretDigest,
    now: Timestamp,
) -> Result<Outcome<FlowResult>, StoreError> {
    let authorization = made.value();
    let expires = match authorization.kind.app() {
        Some(app) => apps::expiring_tokens(tx, app.id).await?.are_enabled(),
        None => false,
    };
    if !expires {
        return Ok(made.map(|authorization| FlowResult {
            authorization,
            life: None,
        }));
    }
    let life = authorizations::begin(tx, authorization, refresh, now).await?;
    Ok(made.map(|authorization| FlowResult {
        authorization: Authorization {
            expires_at: Some(life.access_until),
            ..authorization
        },
        life: Some(life),
    }))
}
