//! What apps do with the tokens that users gave them: check, replace and end them.
//!
//! An app proves itself with its client id and secret. A token of another app, one that has ended
//! and one that never was are the same to it: not found. Nobody's sign-in is counted here, and
//! there is nothing to guess: secrets and tokens carry 128 bits and more. Wrong secrets are counted
//! all the same, by app and address, and leave counted events: they mean a mistake or somebody who
//! tries.

use std::sync::Arc;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{AppSummary, ClientId, ClientSecret, KeptSecret};
use counterfoil_domain::authorization::{Authorization, AuthorizationRefused};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AppId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::password::Password;
use counterfoil_domain::principal::{ClientProof, Origin, Principal, Proof};
use counterfoil_domain::token::{PlainToken, TokenText};
use counterfoil_store::{ChangeError, StoreError};

use crate::authority::Authority;
use crate::authorizations::ClientClaim;
use crate::checks::ClientEntry;
use crate::checks::entry::AppEntry;
use crate::tokens::{CheckedToken, TokenRefused};
use crate::wrong_secrets::Wrong;

/// An app that proved who it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CheckedApp {
    app: Arc<AppEntry>,
    client_secret: SecretDigest,
}

impl CheckedApp {
    /// Its id.
    pub fn id(&self) -> AppId {
        self.app.summary.id
    }

    /// Its client id.
    pub fn client_id(&self) -> &ClientId {
        &self.app.summary.client_id
    }

    /// What is shown of it.
    pub(crate) fn summary(&self) -> &AppSummary {
        &self.app.summary
    }

    fn proof(&self) -> ClientProof {
        ClientProof {
            app: self.id(),
            secret: self.client_secret,
        }
    }
}

/// An app that asks, with where the request came from.
#[derive(Clone, Debug)]
pub struct AppCaller {
    /// The app.
    pub app: CheckedApp,
    /// Where the request came from.
    pub origin: Origin,
}

/// Why an app was not believed.
#[derive(Debug, thiserror::Error)]
pub enum ClientRefused {
    /// There is no live app with this client id and secret.
    #[error("the client id or secret is wrong")]
    WrongClient,
    /// It is wrong, like many before it from the same address. A right one is never answered so.
    #[error("too many client secrets were wrong")]
    TooManyWrongSecrets,
    /// Too much that is not remembered is being looked up: nobody knows whether this app is known.
    #[error("too many apps are being looked up")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

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

impl From<ChangeError<AuthorizationRefused>> for AppTokenError {
    fn from(error: ChangeError<AuthorizationRefused>) -> Self {
        match error {
            ChangeError::Lapsed(_) => Self::ClientGone,
            // The store refuses for no other reason here.
            ChangeError::Refused(
                AuthorizationRefused::NotFound
                | AuthorizationRefused::AppGone
                | AuthorizationRefused::NoteTaken
                | AuthorizationRefused::NoteMissing
                | AuthorizationRefused::FingerprintTaken
                | AuthorizationRefused::TooManyTokens { .. }
                | AuthorizationRefused::TooManyThisHour { .. }
                | AuthorizationRefused::OwnerGone
                | AuthorizationRefused::EmailUnverified
                | AuthorizationRefused::TokenKnown,
            ) => Self::NotFound,
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
    /// The live app that has this client id and secret.
    pub async fn authenticate_app(
        &self,
        claim: &ClientClaim,
        from: ClientAddress,
    ) -> Result<CheckedApp, ClientRefused> {
        let client = self.current_client(&claim.client_id, from).await?;
        self.believe(client.as_ref(), claim.secret, from)
    }

    /// The app that a Basic pair speaks for: none where no live app has the name as its client id,
    /// so that it is a login.
    pub async fn authenticate_app_by_pair(
        &self,
        name: &str,
        secret: &Password,
        from: ClientAddress,
    ) -> Result<Option<CheckedApp>, ClientRefused> {
        let Ok(client_id) = ClientId::parse(name) else {
            return Ok(None);
        };
        let Some(client) = self.client_by_login(&client_id, from).await? else {
            return Ok(None);
        };
        let secret = str::from_utf8(secret.expose_bytes()).unwrap_or_default();
        let secret = ClientSecret::claimed(secret);
        self.believe(Some(&client), secret, from).map(Some)
    }

    /// The app of a client, if the secret is one of its own. A wrong one is counted; a right one
    /// passes whatever was counted: to compare costs less than to refuse, so nobody at the same
    /// address can keep the app out.
    fn believe(
        &self,
        client: Option<&Arc<ClientEntry>>,
        secret: SecretDigest,
        from: ClientAddress,
    ) -> Result<CheckedApp, ClientRefused> {
        // A comparison of digests tells nothing about the secret, however long it takes.
        if let Some(client) = client.filter(|client| client.secrets.contains(&secret)) {
            return Ok(CheckedApp {
                app: Arc::clone(&client.app),
                client_secret: secret,
            });
        }
        let app = client.map(|client| client.app.summary.id);
        Err(match self.wrong_secrets().note(app, from, self.now()) {
            Wrong::OneMore => ClientRefused::WrongClient,
            Wrong::TooMany => ClientRefused::TooManyWrongSecrets,
        })
    }

    /// The live token that `text` is, if the app has it. A suspended user's is not reported live:
    /// whoever asks opens doors by the answer.
    pub async fn check_token_of_app(
        &self,
        app: &CheckedApp,
        text: &str,
        from: ClientAddress,
    ) -> Result<CheckedToken, AppTokenError> {
        self.refuse_lapsed_app(app, from).await?;
        let digest = self.digest_of(text)?;
        let token = match self.find_live_token(digest, from).await {
            Ok(token) => token,
            Err(TokenRefused::Unknown | TokenRefused::Suspended) => {
                return Err(AppTokenError::NotFound);
            }
            Err(TokenRefused::Busy) => return Err(AppTokenError::Busy),
            Err(TokenRefused::Store(error)) => return Err(error.into()),
        };
        if token.app().is_some_and(|own| own.id == app.id()) {
            self.note_use(&token, from);
            Ok(token)
        } else {
            Err(AppTokenError::NotFound)
        }
    }

    /// Refuses an app whose secret was replaced since it proved itself: the rest of its request may
    /// have taken its time.
    async fn refuse_lapsed_app(
        &self,
        app: &CheckedApp,
        from: ClientAddress,
    ) -> Result<(), AppTokenError> {
        self.follow_changes().await?;
        // A secret that is replaced, and an app that is deleted, is a change of the app.
        if app.app.is_believed() {
            return Ok(());
        }
        let client = match self.current_client(app.client_id(), from).await {
            Ok(client) => client,
            Err(ClientRefused::Busy) => return Err(AppTokenError::Busy),
            Err(ClientRefused::Store(error)) => return Err(error.into()),
            Err(ClientRefused::WrongClient | ClientRefused::TooManyWrongSecrets) => None,
        };
        let holds = client.is_some_and(|client| client.secrets.contains(&app.client_secret));
        holds.then_some(()).ok_or(AppTokenError::ClientGone)
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
        let by = self.by_app(caller);
        let reset = self
            .store()
            .reset_token_of_app(caller.app.id(), digest, replacement, by)
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
        let by = self.by_app(caller);
        Ok(self
            .store()
            .revoke_token_of_app(caller.app.id(), digest, by)
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
        let by = self.by_app(caller);
        self.store()
            .revoke_grant_of_app(caller.app.id(), digest, by)
            .await?;
        Ok(())
    }

    /// What is kept of the token that `text` is. What has no form of a token is nobody's.
    fn digest_of(&self, text: &str) -> Result<SecretDigest, AppTokenError> {
        TokenText::parse(text, &self.settings().token_formats)
            .map(TokenText::digest)
            .ok_or(AppTokenError::NotFound)
    }

    fn by_app(&self, caller: &AppCaller) -> Principal {
        let proof = Proof::ClientSecret(caller.app.proof());
        self.principal(proof, Some(&caller.origin))
    }
}
