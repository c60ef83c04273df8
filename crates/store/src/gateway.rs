//! Whom the names in a gateway's rules stand for.

use counterfoil_domain::gateway::{Holder, HolderKind, HolderLife};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Row, params, statements};

statements! {
    // Two halves, each with an index of its own.
    HOLDERS = "SELECT id, kind, ended_at FROM accounts WHERE login_key = $1 AND released_at IS NULL
        UNION ALL SELECT id, kind, ended_at FROM accounts WHERE login_key = $1 AND released_at IS NOT NULL
        ORDER BY 1";
}

impl Store {
    /// Everybody who has or had a login, ascending by id.
    pub async fn holders_of(&self, login: &Login) -> Result<Vec<Holder>, StoreError> {
        let key = login.key();
        self.read_one(move |tx| {
            Box::pin(async move {
                let rows = tx.rows(HOLDERS, params![key]).await?;
                rows.into_iter().map(holder_from).collect()
            })
        })
        .await
    }
}

fn holder_from(mut row: Row) -> Result<Holder, StoreError> {
    let kind = match row.text(1)?.as_str() {
        "user" => HolderKind::User,
        "organization" => HolderKind::Organization,
        _ => {
            return Err(StoreError::Inconsistent {
                table: "accounts",
                column: "kind",
            });
        }
    };
    Ok(Holder {
        id: AccountId(row.integer(0)?),
        kind,
        life: if row.is_null(2) {
            HolderLife::Live
        } else {
            HolderLife::Ended
        },
    })
}
