//! What is called how of all that the trail speaks of by its id, also when it is long gone: nothing
//! that had a name loses its row.

use std::collections::HashMap;

use counterfoil_domain::app::ClientId;
use counterfoil_domain::id::{AccountId, AppId};
use counterfoil_domain::login::Login;

use crate::engine::Store;
use crate::error::StoreError;
use crate::removal::{id_list, padded};
use crate::statement::{Row, Statement, params, statements};
use crate::tx::Tx;

statements! {
    ACCOUNTS = concat!("SELECT id, login, kind FROM accounts WHERE id IN ", id_list!());
    APPS = concat!("SELECT id, client_id FROM apps WHERE id IN ", id_list!());
    TEAMS = concat!("SELECT id, slug FROM teams WHERE id IN ", id_list!());
    HOLDER = "SELECT id, login, kind FROM accounts WHERE login_key = $1 AND released_at IS NULL";
    FORMER_HOLDERS = "SELECT id, login, kind FROM accounts WHERE login_key = $1 AND released_at IS NOT NULL ORDER BY id";
    APP = "SELECT id FROM apps WHERE client_id = $1";
}

/// How an account is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// Which it is.
    pub id: AccountId,
    /// Its login, the last one that it had.
    pub login: String,
    /// Whether it is an organization and no user.
    pub is_organization: bool,
}

/// The names of what events speak of, by the ids.
#[derive(Clone, Debug, Default)]
pub struct TrailNames {
    /// Users and organizations.
    pub accounts: HashMap<i64, AccountName>,
    /// The client ids of apps.
    pub apps: HashMap<i64, String>,
    /// The slugs of teams.
    pub teams: HashMap<i64, String>,
}

/// Ids whose names are wanted; each may stand there more than once.
#[derive(Clone, Debug, Default)]
pub struct IdsToName {
    /// Users and organizations.
    pub accounts: Vec<i64>,
    /// Apps.
    pub apps: Vec<i64>,
    /// Teams.
    pub teams: Vec<i64>,
}

impl Store {
    /// The names of accounts, apps and teams, whatever became of them.
    pub async fn names_of(&self, ids: IdsToName) -> Result<TrailNames, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let mut names = TrailNames::default();
                for row in by_ids(tx, ACCOUNTS, ids.accounts).await? {
                    let name = account_from(row)?;
                    names.accounts.insert(name.id.0, name);
                }
                for mut row in by_ids(tx, APPS, ids.apps).await? {
                    names.apps.insert(row.integer(0)?, row.text(1)?);
                }
                for mut row in by_ids(tx, TEAMS, ids.teams).await? {
                    names.teams.insert(row.integer(0)?, row.text(1)?);
                }
                Ok(names)
            })
        })
        .await
    }

    /// Every account that has or had this login: one, unless an administrator released it.
    pub async fn ever_called(&self, login: &Login) -> Result<Vec<AccountName>, StoreError> {
        let key = login.key();
        self.read(move |tx| {
            Box::pin(async move {
                let mut rows = tx.rows(HOLDER, params![key.as_str()]).await?;
                rows.extend(tx.rows(FORMER_HOLDERS, params![key.as_str()]).await?);
                rows.into_iter().map(account_from).collect()
            })
        })
        .await
    }

    /// The app with this client id, whatever became of it.
    pub async fn app_ever_known(&self, client_id: &ClientId) -> Result<Option<AppId>, StoreError> {
        let client_id = client_id.to_string();
        let found = self
            .read_one(move |tx| {
                Box::pin(async move { tx.optional(APP, params![client_id.as_str()]).await })
            })
            .await?;
        found.map(|mut row| row.integer(0).map(AppId)).transpose()
    }
}

async fn by_ids(
    tx: &mut Tx,
    statement: Statement,
    mut ids: Vec<i64>,
) -> Result<Vec<Row>, StoreError> {
    ids.sort_unstable();
    ids.dedup();
    let mut rows = Vec::with_capacity(ids.len());
    for portion in padded(&ids) {
        rows.extend(tx.rows(statement, &portion).await?);
    }
    Ok(rows)
}

fn account_from(mut row: Row) -> Result<AccountName, StoreError> {
    Ok(AccountName {
        id: AccountId(row.integer(0)?),
        login: row.text(1)?,
        is_organization: row.text(2)? == "organization",
    })
}
