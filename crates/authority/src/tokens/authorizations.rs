//! Issuing, finding, changing and revoking tokens.

use counterfoil_domain::app::{ClientId, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationChangeRefused, CreationRefused, ForApp,
    NewAuthorization, NoSuchToken, Purpose,
};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::ClientProof;
use counterfoil_domain::scope::ScopeSet;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::PlainToken;
use counterfoil_store::{ChangeError, GotOrCreated, StoreError};

use crate::apps::client::{ClientClaim, ClientError};
use crate::authority::Authority;
use crate::principal::Caller;
use crate::token_cache::OwnedToken;
use crate::use_case::UseCaseError;

/// A token that a user asks for with a password.
#[derive(Clone, Debug)]
pub struct CreateAuthorization {
    /// Personal, or of an app.
    pub purpose: RequestedPurpose,
    /// The scopes.
    pub scopes: ScopeSet,
    /// A URL that goes with the note.
    pub note_url: Option<NoteUrl>,
}

/// What a user asks for a token for.
#[derive(Clone, Debug)]
pub enum RequestedPurpose {
    /// A personal access token.
    Personal {
        /// What the user calls it, at most 255 characters.
        note: Note,
    },
    /// A token of an app.
    App {
        /// The app, as it claims to be one.
        client: ClientClaim,
        /// What the user calls it, at most 255 characters.
        note: Option<Note>,
        /// What tells several tokens of one app apart.
        fingerprint: Option<Fingerprint>,
    },
}

/// A token that an app asks for on behalf of a user, unless there is one.
#[derive(Clone, Debug)]
pub struct GetOrCreateAuthorization {
    /// The app.
    pub client: ClientClaim,
    /// The scopes, should one be made.
    pub scopes: ScopeSet,
    /// The note, should one be made.
    pub note: Option<Note>,
    /// A URL that goes with the note.
    pub note_url: Option<NoteUrl>,
    /// The fingerprint to match; without one only a token without one matches.
    pub fingerprint: Option<Fingerprint>,
}

/// A new authorization with its token, which exists nowhere else.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The record.
    pub authorization: Authorization,
    /// The token.
    pub token: PlainToken,
}

/// What get-or-create found or made.
#[derive(Clone, Debug)]
pub enum GotOrIssued {
    /// A live authorization was there; its token is not known any more.
    Existing(Authorization),
    /// There was none.
    Issued(Issued),
}

/// Whatever may stop a user's wish for a token.
#[derive(Debug, thiserror::Error)]
pub enum CreationError {
    /// The app through which the user asks was not believed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It was not made.
    #[error(transparent)]
    UseCase(#[from] UseCaseError<CreationRefused>),
}

impl From<ChangeError<CreationRefused>> for CreationError {
    fn from(error: ChangeError<CreationRefused>) -> Self {
        Self::UseCase(error.into())
    }
}

impl Authority {
    /// One page of the caller's authorizations; `client_id` leaves only those of one app.
    pub async fn list_authorizations(
        &self,
        caller: &Caller,
        client_id: Option<ClientId>,
        page: Page,
    ) -> Result<Paged<Authorization>, StoreError> {
        let client_id = client_id.map(|id| id.as_str().to_owned());
        self.store()
            .list_authorizations(caller.account().id, client_id, page, self.now())
            .await
    }

    /// One of the caller's authorizations.
    pub async fn find_authorization(
        &self,
        caller: &Caller,
        id: AuthorizationId,
    ) -> Result<OwnedToken, UseCaseError<NoSuchToken>> {
        let found = self.owned_token(caller.account().id, id).await?;
        found.ok_or(UseCaseError::Refused(NoSuchToken))
    }

    /// Makes a personal access token, or a token of the app whose id and secret are given.
    #[tracing::instrument(name = "authorization.create", level = "debug", skip_all)]
    pub async fn create_authorization(
        &self,
        caller: &Caller,
        request: CreateAuthorization,
    ) -> Result<Issued, CreationError> {
        let (purpose, by) = match request.purpose {
            RequestedPurpose::Personal { note } => {
                (Purpose::Personal { note }, caller.principal().clone())
            }
            RequestedPurpose::App {
                client,
                note,
                fingerprint,
            } => {
                let client = self.verify_client(&client, caller).await?;
                let of = ForApp {
                    app: client.app,
                    note,
                    fingerprint,
                };
                (Purpose::App(of), caller.through_app(client))
            }
        };
        let token = self.new_token(&purpose);
        let wished = (request.scopes, request.note_url);
        let new = self.wished(caller, purpose, wished, &token);
        let limits = self.settings().token_limits;
        let by = self.attribute_to(&by);
        let authorization = self.store().create_authorization(new, limits, by).await?;
        Ok(Issued {
            authorization,
            token,
        })
    }

    /// The caller's authorization for an app and fingerprint, made if there is none.
    #[tracing::instrument(name = "authorization.get_or_create", level = "debug", skip_all)]
    pub async fn get_or_create_authorization(
        &self,
        caller: &Caller,
        request: GetOrCreateAuthorization,
    ) -> Result<GotOrIssued, CreationError> {
        let client = self.verify_client(&request.client, caller).await?;
        let purpose = ForApp {
            app: client.app,
            note: request.note,
            fingerprint: request.fingerprint,
        };
        let token = PlainToken::generate(&self.settings().token_formats.app, self.entropy());
        let wished = (request.scopes, request.note_url);
        let new = self.wished(caller, purpose, wished, &token);
        let limits = self.settings().token_limits;
        let by = self.attribute_to(&caller.through_app(client));
        let outcome = self.store().get_or_create_authorization(new, limits, by);
        Ok(match outcome.await? {
            GotOrCreated::Existing(authorization) => GotOrIssued::Existing(authorization),
            GotOrCreated::Created(authorization) => GotOrIssued::Issued(Issued {
                authorization,
                token,
            }),
        })
    }

    /// What a caller with a password wishes for.
    fn wished<P>(
        &self,
        caller: &Caller,
        purpose: P,
        (scopes, note_url): (ScopeSet, Option<NoteUrl>),
        token: &PlainToken,
    ) -> NewAuthorization<P> {
        NewAuthorization {
            owner: caller.account().id,
            purpose,
            scopes,
            note_url,
            provenance: caller.provenance(),
            expires_at: self.expiry_by_default(),
            token: KeptSecret::from(token),
        }
    }

    /// Changes one of the caller's authorizations.
    #[tracing::instrument(name = "authorization.change", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn change_authorization(
        &self,
        caller: &Caller,
        id: AuthorizationId,
        change: AuthorizationChange,
    ) -> Result<Authorization, UseCaseError<AuthorizationChangeRefused>> {
        Ok(self
            .store()
            .change_authorization(
                caller.account().id,
                id,
                change,
                self.attribute_to(caller.principal()),
            )
            .await?)
    }

    /// Revokes one of the caller's authorizations.
    #[tracing::instrument(name = "authorization.revoke", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn revoke_authorization(
        &self,
        caller: &Caller,
        id: AuthorizationId,
    ) -> Result<(), UseCaseError<NoSuchToken>> {
        let by = self.attribute_to(caller.principal());
        self.store()
            .revoke_authorization(Some(caller.account().id), id, EndReason::DeletedByOwner, by)
            .await?;
        Ok(())
    }

    /// The app of a client, as it is remembered. Whatever is made for it is made only while its
    /// secret is still its own.
    async fn verify_client(
        &self,
        claim: &ClientClaim,
        caller: &Caller,
    ) -> Result<ClientProof, ClientError> {
        let from = caller.address();
        self.authenticate_app_beside_user(claim, from).await
    }

    /// When a token that is made now expires, for clients that cannot say.
    fn expiry_by_default(&self) -> Option<Timestamp> {
        self.settings().token_life.cut(None, self.now())
    }

    pub(crate) fn new_token(&self, purpose: &Purpose) -> PlainToken {
        let formats = &self.settings().token_formats;
        let prefix = match purpose {
            Purpose::Personal { .. } => &formats.personal,
            Purpose::App(_) => &formats.app,
        };
        PlainToken::generate(prefix, self.entropy())
    }
}
