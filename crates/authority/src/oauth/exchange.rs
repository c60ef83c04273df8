//! An app exchanges a code for a token.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::CreationRefused;
use counterfoil_domain::oauth::{AuthorizationCode, Proofs, RefreshToken, WrongProof};
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{CodeRedemption, Redeemed};

use crate::apps::client::AppCaller;
use crate::authority::Authority;
use crate::oauth::flow_tokens::FlowTokens;
use crate::use_case::UseCaseError;

/// Why an app got no token for a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeRefused {
    /// The code is unknown, over, used, or another app's, or what it wants proved was not.
    #[error("the code is incorrect or expired")]
    BadCode,
    /// The redirect URI is not the one that the code was sent to.
    #[error("the redirect URI is not the one that the code was sent to")]
    OtherRedirect,
    /// The token cannot be made.
    #[error(transparent)]
    Creation(#[from] CreationRefused),
}

/// Whatever may stop an exchange.
pub type ExchangeError = UseCaseError<ExchangeRefused>;

impl Authority {
    /// Exchanges a code for a token, for the app that it was issued to.
    #[tracing::instrument(name = "oauth.exchange", level = "debug", skip_all)]
    pub async fn exchange_code(
        &self,
        app: &AppCaller,
        code: &AuthorizationCode,
        proofs: Proofs,
    ) -> Result<FlowTokens, ExchangeError> {
        let settings = self.settings();
        let token = PlainToken::generate(&settings.token_formats.app, self.entropy());
        let refresh = RefreshToken::generate(self.entropy());
        let redemption = CodeRedemption {
            code: code.digest(self.digest_key()),
            app: app.id(),
            proofs,
            by_published: app.is_by_published(),
            replay: settings.code_replay,
            token: KeptSecret::from(&token),
            refresh: refresh.digest(),
            expires_at: settings.token_life.cut(None, self.now()),
            limits: settings.token_limits,
        };
        let by = self.attribute_to(app.principal());
        match self.store().redeem_code(redemption, by).await? {
            Redeemed::Issued(made) => Ok(FlowTokens::of(*made, token, refresh)),
            Redeemed::Unknown | Redeemed::Wrong(WrongProof::Verifier) => {
                Err(UseCaseError::Refused(ExchangeRefused::BadCode))
            }
            Redeemed::Wrong(WrongProof::Redirect) => {
                Err(UseCaseError::Refused(ExchangeRefused::OtherRedirect))
            }
        }
    }
}
