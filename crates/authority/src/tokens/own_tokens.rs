//! A user's own tokens as pages show them: listed, made, edited, regenerated, deleted.
//!
//! Only personal tokens are the user's to change here. Those of apps go with the access of their
//! app, and those that administrators made are shown and no more.

use counterfoil_domain::app::KeptSecret;
use counterfoil_domain::authorization::{
    Authorization, AuthorizationChange, AuthorizationChangeRefused, CreationRefused,
    DeletionRefused, EndedToken, NameTaken, NewAuthorization, NoSuchToken, OwnToken,
    OwnTokenCounts, Purpose, RegenerationRefused, ScopeChange,
};
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page;
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_domain::text::Note;
use counterfoil_domain::token::PlainToken;
use counterfoil_domain::token_life::{LivesTooLong, TokenLife, WantedLife};
use counterfoil_store::{Regeneration, StoreError};

use crate::authority::Authority;
use crate::sessions::person::{FreshPerson, Person};
use crate::tokens::authorizations::Issued;
use crate::use_case::UseCaseError;

/// A personal token that a user makes on a page.
#[derive(Clone, Debug)]
pub struct MakeToken {
    /// What the user calls it.
    pub note: Note,
    /// The scopes.
    pub scopes: ScopeSet,
    /// How long it is to live.
    pub life: WantedLife,
}

/// What a personal token is to be like from now on.
#[derive(Clone, Debug)]
pub struct EditToken {
    /// What the user calls it.
    pub note: Note,
    /// All its scopes.
    pub scopes: ScopeSet,
}

/// Why a token was not made on a page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MakeTokenRefused {
    /// The user is no site administrator and asked for what only those may have.
    #[error(transparent)]
    ForAdministrators(#[from] ForAdministrators),
    /// Such scopes want a newer proof.
    #[error(transparent)]
    ProofTooOld(#[from] ProofTooOld),
    /// It was to live longer than the settings allow.
    #[error(transparent)]
    LivesTooLong(#[from] LivesTooLong),
    /// What is in the way of any such token.
    #[error(transparent)]
    Creation(#[from] CreationRefused),
}

/// Why a token was not edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditTokenRefused {
    /// It is no live personal token of the user.
    #[error(transparent)]
    NotFound(#[from] NoSuchToken),
    /// The user is no site administrator and asked for what only those may have.
    #[error(transparent)]
    ForAdministrators(#[from] ForAdministrators),
    /// Such scopes want a newer proof.
    #[error(transparent)]
    ProofTooOld(#[from] ProofTooOld),
    /// Another live token has the name.
    #[error(transparent)]
    NameTaken(#[from] NameTaken),
}

/// Why a token was not regenerated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegenerateTokenRefused {
    /// It was to live longer than the settings allow.
    #[error(transparent)]
    LivesTooLong(#[from] LivesTooLong),
    /// What is in the way of any new value.
    #[error(transparent)]
    Regeneration(#[from] RegenerationRefused),
}

/// Scopes that only a site administrator's token may be given.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only a site administrator's token may have these scopes")]
pub struct ForAdministrators(pub Vec<Scope>);

/// Scopes for administrators are given only to who proved a moment ago who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proof of who it is was given too long ago for scopes of administrators")]
pub struct ProofTooOld;

impl From<AuthorizationChangeRefused> for EditTokenRefused {
    fn from(refused: AuthorizationChangeRefused) -> Self {
        match refused {
            AuthorizationChangeRefused::NameTaken(taken) => Self::NameTaken(taken),
            // A note is always given.
            AuthorizationChangeRefused::NotFound(_) | AuthorizationChangeRefused::NoteMissing => {
                Self::NotFound(NoSuchToken)
            }
        }
    }
}

impl Authority {
    /// How long tokens may live, for a form that offers lifetimes.
    pub fn token_life(&self) -> TokenLife {
        self.settings().token_life
    }

    /// How many tokens the lists of the caller have, and what expires soon.
    pub async fn count_own_tokens(&self, person: &Person) -> Result<OwnTokenCounts, StoreError> {
        let owner = person.account().id;
        self.store().count_own_tokens(owner, self.now()).await
    }

    /// One page of the caller's live tokens, the newest first, with what both lists have.
    pub async fn list_own_tokens(
        &self,
        person: &Person,
        page: Page,
    ) -> Result<(OwnTokenCounts, Vec<OwnToken>), StoreError> {
        let owner = person.account().id;
        self.store().own_tokens(owner, page, self.now()).await
    }

    /// One page of the caller's tokens that ended not long ago, with what both lists have.
    pub async fn list_own_ended_tokens(
        &self,
        person: &Person,
        page: Page,
    ) -> Result<(OwnTokenCounts, Vec<EndedToken>), StoreError> {
        let owner = person.account().id;
        self.store().own_ended_tokens(owner, page, self.now()).await
    }

    /// A live personal token of the caller.
    pub async fn find_own_token(
        &self,
        person: &Person,
        id: AuthorizationId,
    ) -> Result<OwnToken, UseCaseError<NoSuchToken>> {
        let owner = person.account().id;
        let found = self.store().own_token(owner, id, self.now()).await?;
        found
            .filter(OwnToken::is_the_owners)
            .ok_or(UseCaseError::Refused(NoSuchToken))
    }

    /// Makes a personal token.
    #[tracing::instrument(name = "own_token.make", level = "debug", skip_all)]
    pub async fn make_own_token(
        &self,
        person: &FreshPerson,
        once: OnceValue,
        request: MakeToken,
    ) -> Result<Issued, UseCaseError<MakeTokenRefused>> {
        let none = ScopeSet::default();
        refuse_for_administrators(person, &request.scopes, &none).map_err(UseCaseError::refused)?;
        self.refuse_old_proof(person, &request.scopes)
            .map_err(UseCaseError::refused)?;
        let caller = person.caller_once(once);
        let expires_at = self.token_life().choose(request.life, self.now());
        let purpose = Purpose::Personal { note: request.note };
        let token = self.new_token(&purpose);
        let new = NewAuthorization {
            owner: caller.account().id,
            purpose,
            scopes: request.scopes,
            note_url: None,
            provenance: caller.provenance(),
            expires_at: expires_at.map_err(UseCaseError::refused)?,
            token: KeptSecret::from(&token),
        };
        let limits = self.settings().token_limits;
        let by = self.attribute_to(caller.principal());
        let authorization = self.store().create_authorization(new, limits, by).await?;
        Ok(Issued {
            authorization,
            token,
        })
    }

    /// Changes name and scopes of a personal token. Its value and its expiry stay.
    #[tracing::instrument(name = "own_token.edit", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn edit_own_token(
        &self,
        person: &Person,
        id: AuthorizationId,
        request: EditToken,
    ) -> Result<Authorization, UseCaseError<EditTokenRefused>> {
        let held = self.held_own_token(person, id).await?;
        refuse_for_administrators(person, &request.scopes, &held.scopes)
            .map_err(UseCaseError::refused)?;
        let is_same = request.scopes.canonical_key() == held.scopes.canonical_key();
        if !is_same {
            self.refuse_old_proof(person, &request.scopes)
                .map_err(UseCaseError::refused)?;
        }
        let change = AuthorizationChange {
            // Scopes that stay are not given anew: those of administrators that count for nothing
            // go on counting for nothing.
            scopes: if is_same {
                ScopeChange::Keep
            } else {
                ScopeChange::Replace(request.scopes)
            },
            note: Some(Some(request.note)),
            ..AuthorizationChange::default()
        };
        let by = self.attribute_to(person.caller().principal());
        let owner = person.account().id;
        Ok(self
            .store()
            .change_authorization(owner, id, change, by)
            .await?)
    }

    /// Puts another token in the place of a personal one, with a lifetime chosen anew. Record, name
    /// and scopes stay; the old token is refused from now on.
    #[tracing::instrument(name = "own_token.regenerate", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn regenerate_own_token(
        &self,
        person: &FreshPerson,
        once: OnceValue,
        (id, life): (AuthorizationId, WantedLife),
    ) -> Result<Issued, UseCaseError<RegenerateTokenRefused>> {
        let expires_at = self.token_life().choose(life, self.now());
        let prefix = &self.settings().token_formats.personal;
        let token = PlainToken::generate(prefix, self.entropy());
        let new = Regeneration {
            token: KeptSecret::from(&token),
            expires_at: expires_at.map_err(UseCaseError::refused)?,
        };
        let limits = self.settings().token_limits;
        let by = self.attribute_to(person.caller_once(once).principal());
        let whose = (person.account().id, id);
        let regenerated = self.store().regenerate_token(whose, new, limits, by);
        let authorization = regenerated.await?;
        Ok(Issued {
            authorization,
            token,
        })
    }

    /// Deletes a personal token.
    #[tracing::instrument(name = "own_token.delete", level = "debug", skip_all, fields(authorization.id = %id))]
    pub async fn delete_own_token(
        &self,
        person: &Person,
        id: AuthorizationId,
    ) -> Result<Authorization, UseCaseError<NoSuchToken>> {
        // What kind of token a record is never changes.
        self.held_own_token(person, id).await?;
        let (owner, reason) = (person.account().id, EndReason::DeletedByOwner);
        let by = self.attribute_to(person.caller().principal());
        Ok(self
            .store()
            .revoke_authorization(Some(owner), id, reason, by)
            .await?)
    }

    /// Deletes all personal tokens of the caller, if they are as many as the caller was told, and
    /// says how many they were.
    #[tracing::instrument(name = "own_token.delete_all", level = "debug", skip_all)]
    pub async fn delete_own_tokens(
        &self,
        person: &FreshPerson,
        expected: u64,
    ) -> Result<u64, UseCaseError<DeletionRefused>> {
        let owner = person.account().id;
        let by = self.attribute_to(person.caller().principal());
        Ok(self
            .store()
            .delete_personal_tokens(owner, expected, by)
            .await?)
    }

    /// Refuses scopes that only an administrator gives, and that count then, to who proved too long
    /// ago who they are.
    fn refuse_old_proof(&self, person: &Person, wanted: &ScopeSet) -> Result<(), ProofTooOld> {
        let gives = person.account().standing == Standing::SiteAdministrator
            && wanted.for_administrators().next().is_some();
        let is_fresh = person.session().is_fresh_for_administrators(self.now());
        if gives && !is_fresh {
            return Err(ProofTooOld);
        }
        Ok(())
    }

    /// The record of a live personal token of the caller.
    async fn held_own_token<R: From<NoSuchToken>>(
        &self,
        person: &Person,
        id: AuthorizationId,
    ) -> Result<Authorization, UseCaseError<R>> {
        match self.find_own_token(person, id).await {
            Ok(own) => Ok(own.authorization),
            Err(error) => Err(error.map(R::from)),
        }
    }
}

/// Refuses scopes for administrators to who is none. A token that has some keeps them, though they
/// count for nothing.
fn refuse_for_administrators(
    person: &Person,
    wanted: &ScopeSet,
    held: &ScopeSet,
) -> Result<(), ForAdministrators> {
    if person.account().standing == Standing::SiteAdministrator {
        return Ok(());
    }
    let refused = wanted.for_administrators();
    let refused: Vec<_> = refused.filter(|scope| !held.covers(*scope)).collect();
    if refused.is_empty() {
        Ok(())
    } else {
        Err(ForAdministrators(refused))
    }
}
