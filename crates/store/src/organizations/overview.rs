//! Organizations with how much hangs on each, as site administrators look at them.

use counterfoil_domain::login::Login;
use counterfoil_domain::organization::{Organization, OrganizationUse};
use counterfoil_domain::page::{Page, Paged};
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::liveness::live_at;
use crate::organizations::find::organization_from;
use crate::statement::{Row, params, statements};

/// Live organizations but for the one that owns the apps of the installation, as in `find`. The
/// first two parameters say when a token lives.
macro_rules! overview {
    ($rest:literal) => {
        concat!(
            "SELECT o.id, o.login, o.name, o.created_at, o.updated_at,
                (SELECT count(*) FROM organization_members m WHERE m.organization_id = o.id AND m.ended_at IS NULL),
                (SELECT count(*) FROM teams t WHERE t.organization_id = o.id AND t.ended_at IS NULL),
                (SELECT count(*) FROM apps p WHERE p.owner_account_id = o.id AND p.ended_at IS NULL),
                (SELECT count(*) FROM apps p JOIN authorizations a ON a.app_id = p.id AND a.ended_at IS NULL AND ",
            live_at!("a.", "$1", "$2"),
            " WHERE p.owner_account_id = o.id AND p.ended_at IS NULL)
            FROM accounts o WHERE o.ended_at IS NULL AND o.kind = 'organization' AND o.login_key <> 'built_in' ",
            $rest
        )
    };
}

statements! {
    OVERVIEW = overview!("ORDER BY o.login_key LIMIT $3 OFFSET $4");
    OVERVIEW_COUNT = "SELECT count(*) FROM accounts WHERE ended_at IS NULL AND kind = 'organization' AND login_key <> 'built_in'";
    OVERVIEW_OF_ONE = overview!("AND o.login_key = $3 AND o.released_at IS NULL");
}

impl Store {
    /// One page of all live organizations, by login, with how much hangs on each.
    pub async fn organizations_in_use(
        &self,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<(Organization, OrganizationUse)>, StoreError> {
        self.read(move |tx| {
            Box::pin(async move {
                let total = tx.one(OVERVIEW_COUNT, &[]).await?.count(0)?;
                let place = params![now, tx.idle_since(now), page.size(), page.offset()];
                let rows = tx.rows(OVERVIEW, place).await?.into_iter();
                let items = rows.map(in_use_from).collect::<Result<_, _>>()?;
                Ok(Paged { items, total })
            })
        })
        .await
    }

    /// The live organization of a login, with how much hangs on it.
    pub async fn organization_in_use(
        &self,
        login: &Login,
        now: Timestamp,
    ) -> Result<Option<(Organization, OrganizationUse)>, StoreError> {
        let key = login.key();
        self.read_one(move |tx| {
            Box::pin(async move {
                let sought = params![now, tx.idle_since(now), key.as_str()];
                let row = tx.optional(OVERVIEW_OF_ONE, sought).await?;
                row.map(in_use_from).transpose()
            })
        })
        .await
    }
}

fn in_use_from(mut row: Row) -> Result<(Organization, OrganizationUse), StoreError> {
    let used = OrganizationUse {
        members: row.count(5)?,
        teams: row.count(6)?,
        apps: row.count(7)?,
        tokens: row.count(8)?,
    };
    Ok((organization_from(&mut row, 0)?, used))
}
