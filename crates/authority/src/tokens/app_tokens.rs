//! What apps do with the tokens that users gave them: check, replace and end them.
//!
//! A token of another app, one that has ended and one that never was are the same to it: not found.
//! Only an app that an operator marked as a resource server is told of tokens that are not its own,
//! and that only where it introspects them.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{KeptSecret, SeenTokens};
use counterfoil_domain::authorization::{Authorization, NoSuchToken, ResetRefused};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::token::{PlainToken, TokenText};
use counterfoil_store::{ChangeError, StoreError};

use crate::apps::client::{AppCaller, ClientError};
use crate::authority::Authority;
use crate::tokens::{CheckedToken, TokenError};

/// Why an app cannot do something with a token.
#[derive(Debug, thiserror::Error)]
pub enum AppTokenError {
    /// There is no such live token of this app, or its owner is suspended.
    #[error("there is no such token of this app")]
    NotFound,
    /// The secret by which the app proved itself was replaced meanwhile, or the app deleted.
    #[error("the client id or secret is wrong")]
    ClientGone,
    /// Too many tokens that are not remembered are being looked up: nobody knows whether this one
    /// is valid.
    #[error("too many tokens are being looked up")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is in the way of a token's end or replacement is that there is no such token; that the one
/// which is to take its place is known says nothing that an app could use.
impl<R: Into<ResetRefused>> From<ChangeError<R>> for AppTokenError {
    fn from(error: ChangeError<R>) -> Self {
        match error {
            ChangeError::Lapsed(_) => Self::ClientGone,
            ChangeError::Refused(refused) => match refused.into() {
                ResetRefused::NotFound(NoSuchToken) | ResetRefused::TokenKnown => Self::NotFound,
            },
            ChangeError::Store(error) => Self::Store(error),
        }
    }
}

/// A token in the place of another one.
#[derive(Clone, Debug)]
pub struct ResetToken {
    /// The record, which is the same but for the token and the time of change.
    pub authorization: Authorization,
    /// Whose it is.
    pub owner: Account,
    /// The new token, which exists nowhere else.
    pub token: PlainToken,
}

impl Authority {
    /// The live token that `text` is, if the app has it. A suspended user's is not reported live:
    /// whoever asks opens doors by the answer.
    pub async fn check_token_of_app(
        &self,
        caller: &AppCaller,
        text: &str,
    ) -> Result<CheckedToken, AppTokenError> {
        self.refuse_lapsed_app(caller).await?;
        self.live_token(caller, text, SeenTokens::Own).await
    }

    /// [`Authority::check_token_of_app`], where a resource server is told of any live token.
    pub async fn introspect_token(
        &self,
        caller: &AppCaller,
        text: &str,
    ) -> Result<CheckedToken, AppTokenError> {
        let seen = self.refuse_lapsed_app(caller).await?;
        self.live_token(caller, text, seen).await
    }

    /// The live token that `text` is, if it is one of these.
    async fn live_token(
        &self,
        caller: &AppCaller,
        text: &str,
        seen: SeenTokens,
    ) -> Result<CheckedToken, AppTokenError> {
        let digest = self.digest_of(text)?;
        let from = caller.address();
        let token = match self.find_live_token(digest, from).await {
            Ok(token) => token,
            Err(TokenError::Unknown | TokenError::Suspended) => {
                return Err(AppTokenError::NotFound);
            }
            Err(TokenError::Busy) => return Err(AppTokenError::Busy),
            Err(TokenError::Store(error)) => return Err(error.into()),
        };
        let is_own = token.app().is_some_and(|own| own.id == caller.id());
        if is_own || seen.are_all() {
            self.note_use(&token, from);
            Ok(token)
        } else {
            Err(AppTokenError::NotFound)
        }
    }

    /// Refuses an app whose secret was replaced since it proved itself: the rest of its request may
    /// have taken its time. Any other is told of these tokens now.
    async fn refuse_lapsed_app(&self, caller: &AppCaller) -> Result<SeenTokens, AppTokenError> {
        match self.tokens_seen_by(caller).await {
            Ok(Some(seen)) => Ok(seen),
            Ok(None) | Err(ClientError::WrongClient | ClientError::TooManyWrongSecrets) => {
                Err(AppTokenError::ClientGone)
            }
            Err(ClientError::Busy) => Err(AppTokenError::Busy),
            Err(ClientError::Store(error)) => Err(error.into()),
        }
    }

    /// Replaces a live token of the app. Id, time of making, scopes and expiry stay; the old token
    /// is refused from now on.
    #[tracing::instrument(name = "app.reset_token", level = "debug", skip_all)]
    pub async fn reset_token_of_app(
        &self,
        caller: &AppCaller,
        text: &str,
    ) -> Result<ResetToken, AppTokenError> {
        let digest = self.digest_of(text)?;
        let prefix = &self.settings().token_formats.app;
        let token = PlainToken::generate(prefix, self.entropy());
        let replacement = KeptSecret::from(&token);
        let by = self.attribute_to(caller.principal());
        let reset = self
            .store()
            .reset_token_of_app(caller.id(), digest, replacement, by)
            .await?;
        Ok(ResetToken {
            authorization: reset.authorization,
            owner: reset.account,
            token,
        })
    }

    /// Revokes a live token of the app. A suspended user's, too: it would be live again with its
    /// owner.
    #[tracing::instrument(name = "app.revoke_token", level = "debug", skip_all)]
    pub async fn revoke_token_of_app(
        &self,
        caller: &AppCaller,
        text: &str,
    ) -> Result<(), AppTokenError> {
        let digest = self.digest_of(text)?;
        let by = self.attribute_to(caller.principal());
        Ok(self
            .store()
            .revoke_token_of_app(caller.id(), digest, by)
            .await?)
    }

    /// Revokes all that the owner of a live token of the app gave the app: the grant and every
    /// token under it.
    #[tracing::instrument(name = "app.revoke_grant", level = "debug", skip_all)]
    pub async fn revoke_grant_of_app(
        &self,
        caller: &AppCaller,
        text: &str,
    ) -> Result<(), AppTokenError> {
        let digest = self.digest_of(text)?;
        let by = self.attribute_to(caller.principal());
        self.store()
            .revoke_grant_of_app(caller.id(), digest, by)
            .await?;
        Ok(())
    }

    /// What is kept of the token that `text` is. What has no form of a token is nobody's.
    fn digest_of(&self, text: &str) -> Result<SecretDigest, AppTokenError> {
        TokenText::parse(text, &self.settings().token_formats)
            .map(TokenText::digest)
            .ok_or(AppTokenError::NotFound)
    }
}
