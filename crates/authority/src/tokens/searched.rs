//! Tokens as site administrators look for them, and end one.

use counterfoil_domain::account::NoSuchUser;
use counterfoil_domain::app::NoSuchApp;
use counterfoil_domain::authorization::NoSuchToken;
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::login::Login;
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::token_search::SoughtTokens;
use counterfoil_store::{TokenRecord, Whose};

use crate::authority::Authority;
use crate::principal::Operator;
use crate::use_case::UseCaseError;

/// Why no tokens were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchRefused {
    /// There is no user of the login.
    #[error(transparent)]
    NoSuchUser(#[from] NoSuchUser),
    /// There is no app of the client id.
    #[error(transparent)]
    NoSuchApp(#[from] NoSuchApp),
}

impl Authority {
    /// One page of the tokens that are sought, the newest first: of a user, whatever became of
    /// them, of an app, whose live ones alone are found, or the one of a digest. `last_eight`
    /// narrows those of a user or an app. It counts as a use of none.
    pub async fn search_tokens(
        &self,
        sought: &SoughtTokens,
        last_eight: Option<&str>,
        page: Page,
        _operator: &Operator,
    ) -> Result<Paged<TokenRecord>, UseCaseError<SearchRefused>> {
        let now = self.now();
        let whose = match sought {
            SoughtTokens::Digest(digest) => {
                let found = self.store().inspect_token(*digest, now).await?;
                return Ok(Paged {
                    total: u64::from(found.is_some()),
                    items: found.into_iter().collect(),
                });
            }
            SoughtTokens::User(login) => {
                Whose::Account(self.user::<SearchRefused>(login).await?.id)
            }
            SoughtTokens::App(client_id) => match self.store().find_app(client_id).await? {
                Some(app) => Whose::App(app.summary.id),
                // Of a user who was there before logins of this form were refused.
                None => match Login::parse(client_id.as_str()) {
                    Ok(login) => match self.store().find_account(&login).await? {
                        Some(user) => Whose::Account(user.id),
                        None => return Err(UseCaseError::refused(NoSuchApp)),
                    },
                    Err(_) => return Err(UseCaseError::refused(NoSuchApp)),
                },
            },
        };
        let last_eight = last_eight.map(str::to_owned);
        Ok(self.store().tokens_of(whose, last_eight, page, now).await?)
    }

    /// The last token of an authorization, whosever it is and whatever became of it.
    pub async fn find_any_token(
        &self,
        id: AuthorizationId,
        _operator: &Operator,
    ) -> Result<TokenRecord, UseCaseError<NoSuchToken>> {
        let found = self.store().inspect_authorization(id, self.now()).await?;
        found.ok_or(UseCaseError::Refused(NoSuchToken))
    }
}
