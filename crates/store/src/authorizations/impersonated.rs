//! Who may act as a user at present.

use counterfoil_domain::id::AccountId;
use counterfoil_domain::login::Login;
use counterfoil_domain::security::Impersonation;
use counterfoil_domain::timestamp::Timestamp;

use crate::error::StoreError;
use crate::liveness::live_at;
use crate::statement::{params, statements};
use crate::tx::Tx;

statements! {
    LIVE = concat!("SELECT m.login, a.created_at, a.expires_at, a.last_used_at FROM authorizations a
        JOIN accounts m ON m.id = a.maker_account_id
        WHERE a.account_id = $1 AND a.kind = 'impersonation' AND a.ended_at IS NULL AND ", live_at!("a.", "$2", "$3"),
        " ORDER BY a.created_at DESC, a.id DESC LIMIT $4");
}

/// The live tokens that administrators made to act as a user, the newest first.
pub(crate) async fn impersonations(
    tx: &mut Tx,
    owner: AccountId,
    most: u32,
    now: Timestamp,
) -> Result<Vec<Impersonation>, StoreError> {
    let sought = params![owner, now, tx.idle_since(now), most];
    let mut found = Vec::new();
    for mut row in tx.rows(LIVE, sought).await? {
        found.push(Impersonation {
            maker: Login::from_stored(row.text(0)?),
            since: row.timestamp(1)?,
            until: row.optional_timestamp(2)?,
            last_used_at: row.optional_timestamp(3)?,
        });
    }
    Ok(found)
}
