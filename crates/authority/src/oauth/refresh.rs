//! An app whose tokens expire gets the next ones for a refresh token, and ends its access by one.

use std::convert::Infallible;

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::oauth::RefreshToken;
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{Refreshed, TokenRefresh};

use crate::apps::client::AppCaller;
use crate::authority::Authority;
use crate::oauth::device::NamedApp;
use crate::oauth::flow_tokens::FlowTokens;
use crate::tokens::app_tokens::AppTokenError;
use crate::use_case::UseCaseError;

/// The refresh token is unknown, over, replaced or another app's, or its user is suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the refresh token is incorrect or expired")]
pub struct BadRefreshToken;

/// Nothing but that refuses a refresh.
impl From<Infallible> for BadRefreshToken {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl Authority {
    /// Puts other tokens in the place of those that an app has, for the refresh token beside them.
    /// Who got it at the end of a device flow needs no secret.
    #[tracing::instrument(name = "oauth.refresh", level = "debug", skip_all)]
    pub async fn refresh_token(
        &self,
        app: &NamedApp,
        refresh: SecretDigest,
    ) -> Result<FlowTokens, UseCaseError<BadRefreshToken>> {
        let prefix = &self.settings().token_formats.app;
        let token = PlainToken::generate(prefix, self.entropy());
        let next = RefreshToken::generate(self.entropy());
        let asked = TokenRefresh {
            refresh,
            app: app.id(),
            client: app.standing(),
            token: KeptSecret::from(&token),
            next: next.digest(),
        };
        let by = self.attribute_to(app.principal());
        match self.store().refresh_token(asked, by).await? {
            Refreshed::Issued(made) => Ok(FlowTokens::of(*made, token, next)),
            Refreshed::Refused => Err(UseCaseError::Refused(BadRefreshToken)),
        }
    }

    /// Ends what a user gave the app, by the refresh token of it that counts.
    #[tracing::instrument(name = "oauth.revoke_refresh_token", level = "debug", skip_all)]
    pub async fn revoke_by_refresh_token(
        &self,
        app: &AppCaller,
        refresh: SecretDigest,
    ) -> Result<(), AppTokenError> {
        let by = self.attribute_to(app.principal());
        let revoked = self.store().revoke_by_refresh_token(app.id(), refresh, by);
        Ok(revoked.await?)
    }
}
