//! Issuing, finding, changing and revoking tokens.

use counterfoil_domain::app::{ClientId, KeptSecret};
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationRefused, NewAuthorization, Provenance, Purpose,
};
use counterfoil_domain::id::{AppId, AuthorizationId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::principal::{ClientProof, Lapsed};
use counterfoil_domain::scope::{Scope, ScopeSet};
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::PlainToken;
use counterfoil_domain::token_life::LivesTooLong;
use counterfoil_store::{ChangeError, GotOrCreated, StoreError};

use crate::apps::client::{ClientClaim, ClientRefused};
use crate::authority::Authority;
use crate::checks::OwnedToken;
use crate::principal::Caller;

/// A token that a user asks for with a password.
#[derive(Clone, Debug)]
pub struct CreateAuthorization {
    /// The app it is for; a personal access token without one.
    pub client: Option<ClientClaim>,
    /// The scopes.
    pub scopes: ScopeSet,
    /// The note; a personal access token needs one.
    pub note: Option<Note>,
    /// A URL that goes with the note.
    pub note_url: Option<NoteUrl>,
    /// What tells several tokens of one app apart; a personal access token drops it.
    pub fingerprint: Option<Fingerprint>,
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

/// Why an authorization was not found, made, changed or revoked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorizationError {
    /// The client id or secret is wrong.
    #[error("the client id or secret is wrong")]
    InvalidClient,
    /// It is wrong, like many before it from the same address.
    #[error("too many client secrets were wrong")]
    TooManyWrongSecrets,
    /// Too many look-ups are under way to begin another one.
    #[error("too many clients are being looked up")]
    Busy,
    /// There is no user of this login.
    #[error("there is no user of this login")]
    NoSuchUser,
    /// An operator gives no ordinary user a token with scopes that are for administrators.
    #[error("only a site administrator's token may have {}", names(.0))]
    ForAdministrators(Vec<Scope>),
    /// It was to live longer than the settings allow.
    #[error(transparent)]
    LivesTooLong(#[from] LivesTooLong),
    /// A rule said no.
    #[error(transparent)]
    Refused(AuthorizationRefused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn names(scopes: &[Scope]) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

impl From<ChangeError<AuthorizationRefused>> for AuthorizationError {
    fn from(error: ChangeError<AuthorizationRefused>) -> Self {
        match error {
            ChangeError::Refused(refused) => Self::Refused(refused),
            ChangeError::Lapsed(Lapsed::Client) => Self::InvalidClient,
            // Who asks makes what is their own: they are not there any more as they were.
            ChangeError::Lapsed(_) => Self::Refused(AuthorizationRefused::OwnerGone),
            ChangeError::Store(error) => Self::Store(error),
        }
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
    ) -> Result<OwnedToken, AuthorizationError> {
        let found = self.owned_token(caller.account().id, id).await?;
        found.ok_or(AuthorizationError::Refused(AuthorizationRefused::NotFound))
    }

    /// Makes a personal access token, or a token of the app whose id and secret are given.
    #[tracing::instrument(name = "authorization.create", level = "debug", skip_all)]
    pub async fn create_authorization(
        &self,
        caller: &Caller,
        request: CreateAuthorization,
    ) -> Result<Issued, AuthorizationError> {
        let client = match &request.client {
            Some(claim) => Some(self.verify_client(claim, caller).await?),
            None => None,
        };
        let app = client.map(|client| client.app);
        let purpose = purpose_of(app, request.note, request.fingerprint)?;
        let token = self.new_token(&purpose);
        let new = NewAuthorization {
            owner: caller.account().id,
            purpose,
            scopes: request.scopes,
            note_url: request.note_url,
            provenance: Provenance::PasswordApi,
            expires_at: self.expiry_by_default(),
            token: KeptSecret::from(&token),
        };
        let limits = self.settings().token_limits;
        let by = match client {
            Some(client) => self.attribute_to(&caller.through_app(client)),
            None => self.attribute_to(caller.principal()),
        };
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
    ) -> Result<GotOrIssued, AuthorizationError> {
        let client = self.verify_client(&request.client, caller).await?;
        let purpose = Purpose::App {
            app: client.app,
            note: request.note,
            fingerprint: request.fingerprint,
        };
        let token = self.new_token(&purpose);
        let new = NewAuthorization {
            owner: caller.account().id,
            purpose,
            scopes: request.scopes,
            note_url: request.note_url,
            provenance: Provenance::PasswordApi,
            expires_at: self.expiry_by_default(),
            token: KeptSecret::from(&token),
        };
        let limits = self.settings().token_limits;
        let by = self.attribute_to(&caller.through_app(client));
        let outcome = self
            .store()
            .get_or_create_authorization(new, limits, by)
            .await?;
        Ok(match outcome {
            GotOrCreated::Existing(authorization) => GotOrIssued::Existing(authorization),
            GotOrCreated::Created(authorization) => GotOrIssued::Issued(Issued {
                authorization,
                token,
            }),
        })
    }

    /// Changes one of the caller's authorizations.
    #[tracing::instrument(name = "authorization.change", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn change_authorization(
        &self,
        caller: &Caller,
        id: AuthorizationId,
        change: AuthorizationChange,
    ) -> Result<Authorization, AuthorizationError> {
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
    ) -> Result<(), AuthorizationError> {
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
    ) -> Result<ClientProof, AuthorizationError> {
        let found = self.authenticate_app_beside_user(claim, caller.address());
        found.await.map_err(|refused| match refused {
            ClientRefused::WrongClient => AuthorizationError::InvalidClient,
            ClientRefused::TooManyWrongSecrets => AuthorizationError::TooManyWrongSecrets,
            ClientRefused::Busy => AuthorizationError::Busy,
            ClientRefused::Store(error) => AuthorizationError::Store(error),
        })
    }

    /// When a token that is made now expires, for clients that cannot say.
    fn expiry_by_default(&self) -> Option<Timestamp> {
        self.settings().token_life.cut(None, self.now())
    }

    pub(crate) fn new_token(&self, purpose: &Purpose) -> PlainToken {
        let formats = &self.settings().token_formats;
        let prefix = match purpose {
            Purpose::Personal { .. } => &formats.personal,
            Purpose::App { .. } => &formats.app,
        };
        PlainToken::generate(prefix, self.entropy())
    }
}

/// What a token is for: an app, or its owner.
pub(crate) fn purpose_of(
    app: Option<AppId>,
    note: Option<Note>,
    fingerprint: Option<Fingerprint>,
) -> Result<Purpose, AuthorizationError> {
    if let Some(app) = app {
        return Ok(Purpose::App {
            app,
            note,
            fingerprint,
        });
    }
    let missing = AuthorizationError::Refused(AuthorizationRefused::NoteMissing);
    note.map(|note| Purpose::Personal { note }).ok_or(missing)
}
