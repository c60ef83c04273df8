//! What of the trail is wanted, as people say it, and how that becomes what the trail has.

use counterfoil_domain::app::ClientId;
use counterfoil_domain::audit::NamedActor;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::principal::RequestId;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{AccountName, EventFilter, StoreError, WantedActor};

use crate::authority::Authority;

/// Which events are wanted: those that everything holds of that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrailQuery {
    /// From this time on.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Who did it.
    pub actor: Option<NamedActor>,
    /// The user that it is about, also one that is deleted.
    pub user: Option<Login>,
    /// The app that it is about, also one that is deleted.
    pub app: Option<ClientId>,
    /// The organization that it is about, also one that is deleted.
    pub organization: Option<Login>,
    /// What happened, one of these words of the trail; anything if there is none.
    pub actions: Vec<String>,
    /// The token that was made or ended.
    pub token: Option<SecretDigest>,
    /// The client's address.
    pub address: Option<ClientAddress>,
    /// The request that caused it.
    pub request: Option<RequestId>,
}

/// A name that nobody and nothing has or had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownName {
    /// The user who is to have done it.
    #[error("no user is or was called {0}")]
    ActingUser(Login),
    /// The app that is to have done it.
    #[error("no app has or had the client ID {0}")]
    ActingApp(ClientId),
    /// The user that it is to be about.
    #[error("no user is or was called {0}")]
    User(Login),
    /// The app that it is to be about.
    #[error("no app has or had the client ID {0}")]
    App(ClientId),
    /// The organization that it is to be about.
    #[error("no organization is or was called {0}")]
    Organization(Login),
}

/// Why a query says nothing that the trail could be asked for.
#[derive(Debug, thiserror::Error)]
pub enum TrailQueryError {
    /// A name is not known.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an account is to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AccountKind {
    User,
    Organization,
}

impl Authority {
    /// The query as the trail has it, with ids in place of names.
    pub async fn event_filter(&self, query: TrailQuery) -> Result<EventFilter, TrailQueryError> {
        let actor = match query.actor {
            Some(actor) => Some(self.wanted_actor(actor).await?),
            None => None,
        };
        let users = match query.user {
            Some(login) => {
                let found = self.ever_called(&login, AccountKind::User).await?;
                Some(found.ok_or(UnknownName::User(login))?)
            }
            None => None,
        };
        let app = match query.app {
            Some(client_id) => {
                let found = self.app_ever_known(&client_id).await?;
                Some(found.ok_or(UnknownName::App(client_id))?)
            }
            None => None,
        };
        let organizations = match query.organization {
            Some(login) => {
                let found = self.ever_called(&login, AccountKind::Organization).await?;
                Some(found.ok_or(UnknownName::Organization(login))?)
            }
            None => None,
        };
        Ok(EventFilter {
            since: query.since,
            until: query.until,
            actor,
            users,
            app,
            organizations,
            actions: query.actions,
            token: query.token,
            address: query.address,
            request: query.request,
        })
    }

    async fn wanted_actor(&self, actor: NamedActor) -> Result<WantedActor, TrailQueryError> {
        Ok(match actor {
            NamedActor::User(login) => {
                let found = self.ever_called(&login, AccountKind::User).await?;
                WantedActor::Accounts(found.ok_or(UnknownName::ActingUser(login))?)
            }
            NamedActor::Account(id) => WantedActor::Accounts(vec![id]),
            NamedActor::App(client_id) => {
                let found = self.app_ever_known(&client_id).await?;
                WantedActor::App(found.ok_or(UnknownName::ActingApp(client_id))?)
            }
            NamedActor::OperatingSystemUser(name) => WantedActor::OperatingSystemUser(name),
            NamedActor::Anonymous => WantedActor::Anonymous,
            NamedActor::Program => WantedActor::Program,
        })
    }

    /// Every user, or every organization, that has or had this login; nothing if there is none.
    async fn ever_called(
        &self,
        login: &Login,
        kind: AccountKind,
    ) -> Result<Option<Vec<AccountId>>, StoreError> {
        let called = self.store().ever_called(login).await?;
        let is_of_kind =
            |name: &AccountName| name.is_organization == (kind == AccountKind::Organization);
        let ids: Vec<_> = called
            .iter()
            .filter(|name| is_of_kind(name))
            .map(|name| name.id)
            .collect();
        Ok((!ids.is_empty()).then_some(ids))
    }

    /// The app with this client id, whatever became of it.
    async fn app_ever_known(&self, client_id: &ClientId) -> Result<Option<AppId>, StoreError> {
        self.store().app_ever_known(client_id).await
    }
}
