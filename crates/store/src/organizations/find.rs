//! Reading organizations, and what of their members and teams others decide by.

use counterfoil_domain::id::{AccountId, TeamId};
use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, OrganizationRefused, Role};
use counterfoil_domain::text::DisplayName;

use crate::error::{StoreError, WriteError};
use crate::organizations::Refusable;
use crate::statement::{Row, params, statements};
use crate::tx::Tx;

/// The columns that [`organization_from`] reads. The organization that owns the apps of the
/// installation is found by nothing here: it has no members and never changes or ends. Its login
/// stands here as `BuiltInApp::owner_login` says it.
macro_rules! live_organizations {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.login, o.name, o.created_at, o.updated_at FROM accounts o
            WHERE o.ended_at IS NULL AND o.kind = 'organization' AND o.login_key <> 'built_in' ",
            $rest
        )
    };
}

statements! {
    FIND = live_organizations!("AND o.id = $1");
    FIND_BY_LOGIN = live_organizations!("AND o.login_key = $1 AND o.released_at IS NULL");
    LIST = live_organizations!("ORDER BY o.login_key");
    ROLE = "SELECT role FROM organization_members
        WHERE organization_id = $1 AND account_id = $2 AND ended_at IS NULL";
    OWNED = "SELECT organization_id FROM organization_members WHERE account_id = $1 AND role = $2 AND ended_at IS NULL";
    OWNED_ALONE = "SELECT o.login FROM organization_members m JOIN accounts o ON o.id = m.organization_id
        WHERE m.account_id = $1 AND m.role = $2 AND m.ended_at IS NULL AND o.ended_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM organization_members x WHERE x.organization_id = m.organization_id
            AND x.account_id <> m.account_id AND x.role = $2 AND x.ended_at IS NULL)
        ORDER BY o.login_key";
    ORGANIZATION = "SELECT organization_id FROM teams WHERE id = $1";
}

/// The live organization of an id, which is needed.
pub(super) async fn live(tx: &mut Tx, id: AccountId) -> Refusable<Organization> {
    let found = by_id(tx, id).await?;
    found.ok_or(WriteError::Refused(OrganizationRefused::NotFound))
}

/// The live organization of an id, if it is one's.
pub(super) async fn by_id(tx: &mut Tx, id: AccountId) -> Result<Option<Organization>, StoreError> {
    let row = tx.optional(FIND, params![id]).await?;
    row.map(|mut row| organization_from(&mut row, 0))
        .transpose()
}

/// The live organization of a login in its comparable form.
pub(super) async fn by_login(tx: &mut Tx, key: &str) -> Result<Option<Organization>, StoreError> {
    let row = tx.optional(FIND_BY_LOGIN, params![key]).await?;
    row.map(|mut row| organization_from(&mut row, 0))
        .transpose()
}

/// All live organizations, by login.
pub(super) async fn all(tx: &mut Tx) -> Result<Vec<Organization>, StoreError> {
    let rows = tx.rows(LIST, &[]).await?;
    rows.into_iter()
        .map(|mut row| organization_from(&mut row, 0))
        .collect()
}

/// As what somebody is a member of an organization.
pub(super) async fn role(
    tx: &mut Tx,
    organization: AccountId,
    account: AccountId,
) -> Result<Option<Role>, StoreError> {
    let row = tx.optional(ROLE, params![organization, account]).await?;
    row.map(|mut row| role_from(&row.text(0)?)).transpose()
}

/// The organizations that somebody is an owner of.
pub(crate) async fn owned_by(
    tx: &mut Tx,
    account: AccountId,
) -> Result<Vec<AccountId>, StoreError> {
    let owned = params![account, Role::Admin.as_str()];
    let rows = tx.rows(OWNED, owned).await?.into_iter();
    rows.map(|mut row| row.integer(0).map(AccountId)).collect()
}

/// The logins of the organizations of which somebody is the last owner.
pub(crate) async fn owned_alone(tx: &mut Tx, account: AccountId) -> Result<Vec<Login>, StoreError> {
    let owned = params![account, Role::Admin.as_str()];
    let rows = tx.rows(OWNED_ALONE, owned).await?.into_iter();
    rows.map(|mut row| row.text(0).map(Login::from_stored))
        .collect()
}

/// The organization that a team is or was in.
pub(crate) async fn organization_of(
    tx: &mut Tx,
    team: TeamId,
) -> Result<Option<AccountId>, StoreError> {
    let row = tx.optional(ORGANIZATION, params![team]).await?;
    row.map(|mut row| row.integer(0).map(AccountId)).transpose()
}

/// An organization from five columns, of which `first` is the first.
pub(super) fn organization_from(row: &mut Row, first: usize) -> Result<Organization, StoreError> {
    Ok(Organization {
        id: AccountId(row.integer(first)?),
        login: Login::from_stored(row.text(first + 1)?),
        name: row.optional_text(first + 2)?.map(DisplayName::from_stored),
        created_at: row.timestamp(first + 3)?,
        updated_at: row.timestamp(first + 4)?,
    })
}

/// The role that a word stands for.
pub(super) fn role_from(word: &str) -> Result<Role, StoreError> {
    Role::from_stored(word).ok_or(StoreError::Inconsistent {
        table: "organization_members",
        column: "role",
    })
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::built_in::BuiltInApp;

    use super::*;

    #[test]
    fn the_owner_of_the_apps_of_the_installation_is_left_out_by_its_login() {
        let left_out = format!("o.login_key <> '{}'", BuiltInApp::owner_login().key());
        for statement in [FIND, FIND_BY_LOGIN, LIST] {
            assert!(statement.text.contains(&left_out), "{}", statement.name);
        }
    }
}
