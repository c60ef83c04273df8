//! When and from where tokens were last used. Written in batches, without an event: nobody decides anything by one use.

use std::collections::BTreeMap;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::statements;
use crate::tx::params;

statements! {
    NOTE_USE = "UPDATE authorizations SET last_used_at = $2, last_used_address = $3
        WHERE id = $1 AND ended_at IS NULL AND (last_used_at IS NULL OR last_used_at < $2) RETURNING grant_id";
    NOTE_USE_OF_DIGEST = "UPDATE token_digests SET last_used_at = $2 WHERE authorization_id = $1 AND ended_at IS NULL";
    NOTE_USE_OF_GRANT = "UPDATE grants SET last_used_at = $2
        WHERE id = $1 AND ended_at IS NULL AND (last_used_at IS NULL OR last_used_at < $2)";
}

/// The last use of a token that is to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUse {
    /// Of which token.
    pub id: AuthorizationId,
    /// When.
    pub at: Timestamp,
    /// From where; personal.
    pub address: ClientAddress,
}

impl Store {
    /// Writes down last uses. A later one that somebody else has written stays.
    pub async fn note_uses(&self, mut uses: Vec<TokenUse>) -> Result<(), StoreError> {
        // Tokens in the order of their ids and all of them before their grants, as by whoever ends several.
        uses.sort_unstable_by_key(|used| used.id);
        self.write_freely(move |tx| {
            Box::pin(async move {
                let mut of_grants = BTreeMap::new();
                for used in uses {
                    let noted = params![used.id, used.at, used.address.to_string()];
                    let Some(mut row) = tx.optional(NOTE_USE, noted).await? else {
                        continue;
                    };
                    tx.execute(NOTE_USE_OF_DIGEST, params![used.id, used.at])
                        .await?;
                    if let Some(grant) = row.optional_integer(0)? {
                        let last = of_grants.entry(grant).or_insert(used.at);
                        *last = used.at.max(*last);
                    }
                }
                for (grant, at) in of_grants {
                    tx.execute(NOTE_USE_OF_GRANT, params![grant, at]).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
