//! Tokens as operators handle them: made for somebody, listed, revoked, whosever they are.

use counterfoil_domain::account::{Account, NoSuchUser};
use counterfoil_domain::app::{ClientId, KeptSecret, NoSuchApp};
use counterfoil_domain::authorization::{
    Authorization, CreationRefused, ForApp, NewAuthorization, NoSuchToken, Provenance, Purpose,
};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::login::Login;
use counterfoil_domain::scope::{Scope, ScopeSet, Standing};
use counterfoil_domain::text::{Fingerprint, Note};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token::PlainToken;
use counterfoil_domain::token_life::LivesTooLong;
use counterfoil_store::{OwnedAuthorization, StoreError, TokenRecord, Whose};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::tokens::authorizations::Issued;
use crate::use_case::UseCaseError;

/// A token that an operator makes.
#[derive(Clone, Debug)]
pub struct IssueToken {
    /// For whom.
    pub login: Login,
    /// For which app; a personal access token without one.
    pub client_id: Option<ClientId>,
    /// The scopes.
    pub scopes: ScopeSet,
    /// The note; a personal access token needs one.
    pub note: Option<Note>,
    /// What tells several tokens of one app apart.
    pub fingerprint: Option<Fingerprint>,
    /// From when on the token is refused.
    pub expires_at: Option<Timestamp>,
    /// A given token instead of a new one.
    pub token: Option<PlainToken>,
    /// How it is made.
    pub provenance: Provenance,
}

/// Why no token was made for a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueRefused {
    /// There is no user of the login.
    #[error(transparent)]
    NoSuchUser(#[from] NoSuchUser),
    /// There is no app of the client id.
    #[error(transparent)]
    NoSuchApp(#[from] NoSuchApp),
    /// A personal token needs a note.
    #[error("a personal access token needs a note")]
    NoteMissing,
    /// An operator gives no ordinary user a token with scopes that are for administrators.
    #[error("only a site administrator's token may have {}", names(.0))]
    ForAdministrators(Vec<Scope>),
    /// It was to live longer than the settings allow.
    #[error(transparent)]
    LivesTooLong(#[from] LivesTooLong),
    /// What is in the way of any such token.
    #[error(transparent)]
    Creation(#[from] CreationRefused),
}

fn names(scopes: &[Scope]) -> String {
    let names: Vec<_> = scopes.iter().map(|scope| scope.name()).collect();
    names.join(", ")
}

impl Authority {
    /// Makes a token for somebody, as an operator or a file asks for it.
    pub async fn issue_token(
        &self,
        request: IssueToken,
        operator: &Operator,
    ) -> Result<Issued, UseCaseError<IssueRefused>> {
        let life = self.settings().token_life;
        let expires_at = life.grant(request.expires_at, self.now());
        let expires_at = expires_at.map_err(UseCaseError::refused)?;
        let owner = self.user(&request.login).await?;
        // They would count for nothing, also once the user is made an administrator.
        let refused: Vec<_> = request.scopes.for_administrators().collect();
        let is_given = !request.provenance.is_the_owners_wish();
        if is_given && owner.standing == Standing::Ordinary && !refused.is_empty() {
            return Err(UseCaseError::Refused(IssueRefused::ForAdministrators(
                refused,
            )));
        }
        let purpose = match (&request.client_id, request.note) {
            (Some(client_id), note) => Purpose::App(ForApp {
                app: self.app(client_id).await?.summary.id,
                note,
                fingerprint: request.fingerprint,
            }),
            (None, Some(note)) => Purpose::Personal { note },
            (None, None) => return Err(UseCaseError::Refused(IssueRefused::NoteMissing)),
        };
        let token = request.token.unwrap_or_else(|| self.new_token(&purpose));
        let new = NewAuthorization {
            owner: owner.id,
            purpose,
            scopes: request.scopes,
            note_url: None,
            provenance: request.provenance,
            expires_at,
            token: KeptSecret::from(&token),
        };
        let limits = self.settings().token_limits;
        let authorization = self
            .store()
            .create_authorization(new, limits, self.attribute_to(operator.principal()))
            .await?;
        Ok(Issued {
            authorization,
            token,
        })
    }

    /// The live tokens of a user with scopes for administrators that count for nothing: they were
    /// given while the user was no administrator, or before the user was one again.
    pub async fn tokens_asleep(
        &self,
        owner: &Account,
    ) -> Result<Vec<OwnedAuthorization>, StoreError> {
        self.store().tokens_asleep(owner.id, self.now()).await
    }

    /// Live tokens with ids above `after`, of one user or of all, at most `limit`.
    pub async fn list_tokens(
        &self,
        login: Option<&Login>,
        after: AuthorizationId,
        limit: u32,
    ) -> Result<Vec<OwnedAuthorization>, UseCaseError<NoSuchUser>> {
        let owner = match login {
            Some(login) => Some(self.user(login).await?.id),
            None => None,
        };
        Ok(self
            .store()
            .tokens_after(owner, after, limit, self.now())
            .await?)
    }

    /// Tokens that are over and not removed yet, with ids above `after`, of one user or of all, at
    /// most `limit`.
    pub async fn list_tokens_over(
        &self,
        login: Option<&Login>,
        after: AuthorizationId,
        limit: u32,
    ) -> Result<Vec<TokenRecord>, UseCaseError<NoSuchUser>> {
        let owner = match login {
            Some(login) => Some(self.user(login).await?.id),
            None => None,
        };
        let now = self.now();
        Ok(self
            .store()
            .tokens_over_after(owner, after, limit, now)
            .await?)
    }

    /// All that is known of a token, live or not; it does not count as a use.
    pub async fn inspect_token(
        &self,
        token: &PlainToken,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.store().inspect_token(token.digest(), self.now()).await
    }

    /// Revokes a token by its id, whosever it is.
    pub async fn revoke_any_token(
        &self,
        id: AuthorizationId,
        operator: &Operator,
    ) -> Result<Authorization, UseCaseError<NoSuchToken>> {
        let by = self.attribute_to(operator.principal());
        Ok(self
            .store()
            .revoke_authorization(None, id, EndReason::RevokedByOperator, by)
            .await?)
    }

    /// Revokes a token that was found somewhere.
    pub async fn revoke_found_token(
        &self,
        token: &PlainToken,
        operator: &Operator,
    ) -> Result<Authorization, UseCaseError<NoSuchToken>> {
        let found = self
            .store()
            .find_by_digest(token.digest(), self.now())
            .await?;
        let id = found
            .ok_or(UseCaseError::Refused(NoSuchToken))?
            .authorization
            .id;
        self.revoke_any_token(id, operator).await
    }

    /// Revokes all tokens of a user, and says how many there were.
    pub async fn revoke_tokens_of_user(
        &self,
        login: &Login,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<NoSuchUser>> {
        let account = self.user(login).await?;
        Ok(self
            .store()
            .revoke_all(
                Whose::Account(account.id),
                self.attribute_to(operator.principal()),
            )
            .await?)
    }

    /// Revokes all tokens of an app, and says how many there were.
    pub async fn revoke_tokens_of_app(
        &self,
        client_id: &ClientId,
        operator: &Operator,
    ) -> Result<u64, UseCaseError<NoSuchApp>> {
        let app = self.app(client_id).await?;
        Ok(self
            .store()
            .revoke_all(
                Whose::App(app.summary.id),
                self.attribute_to(operator.principal()),
            )
            .await?)
    }
}
