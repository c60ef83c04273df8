//! When and from where tokens were last used. Written in batches, without an event: nobody decides
//! anything by one use.

use std::collections::BTreeMap;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{Value, statements};
use crate::writing::Note;

/// Uses in one statement. They come by the ten thousand where many tokens are in use, and nodes
/// share one database.
const AT_ONCE: usize = 16;

/// [`AT_ONCE`] uses as a table: what was used, when and from where. Both engines give the columns
/// of `VALUES` these names: column1, column2, column3. The first row tells PostgreSQL the types.
macro_rules! uses {
    () => {
        "(VALUES (CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS TEXT)),
            ($4, $5, $6), ($7, $8, $9), ($10, $11, $12), ($13, $14, $15), ($16, $17, $18), ($19, $20, $21), ($22, $23, $24),
            ($25, $26, $27), ($28, $29, $30), ($31, $32, $33), ($34, $35, $36), ($37, $38, $39), ($40, $41, $42),
            ($43, $44, $45), ($46, $47, $48)) AS used"
    };
}

statements! {
    // An update of several rows takes them in any order.
    HOLD_USED = @Exclusive "SELECT id FROM authorizations
        WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ORDER BY id";
    NOTE_USES = concat!("UPDATE authorizations SET last_used_at = used.column2, last_used_address = used.column3 FROM ", uses!(),
        " WHERE authorizations.id = used.column1 AND ended_at IS NULL
            AND (last_used_at IS NULL OR last_used_at < used.column2) RETURNING grant_id, last_used_at");
    NOTE_USES_OF_DIGESTS = concat!("UPDATE token_digests SET last_used_at = used.column2 FROM ", uses!(),
        " WHERE token_digests.authorization_id = used.column1 AND ended_at IS NULL
            AND (last_used_at IS NULL OR last_used_at < used.column2)");
    HOLD_GRANTS_USED = @Exclusive "SELECT id FROM grants
        WHERE id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) ORDER BY id";
    NOTE_USES_OF_GRANTS = concat!("UPDATE grants SET last_used_at = used.column2 FROM ", uses!(),
        " WHERE grants.id = used.column1 AND ended_at IS NULL
            AND (last_used_at IS NULL OR last_used_at < used.column2)");
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
        // Tokens in the order of their ids and all of them before their grants, as by whoever ends
        // several.
        uses.sort_unstable_by_key(|used| used.id);
        self.note(Note::LastUses, move |tx| {
            Box::pin(async move {
                let mut of_grants = BTreeMap::new();
                for uses in uses.chunks(AT_ONCE) {
                    tx.lock(HOLD_USED, &ids(uses.iter().map(|used| used.id)))
                        .await?;
                    let rows = uses
                        .iter()
                        .map(|used| (used.id, used.at, Some(used.address.to_string())));
                    for mut row in tx.rows(NOTE_USES, &table(rows)).await? {
                        if let Some(grant) = row.optional_integer(0)? {
                            let at = row.integer(1)?;
                            let last = of_grants.entry(grant).or_insert(at);
                            *last = at.max(*last);
                        }
                    }
                }
                for uses in uses.chunks(AT_ONCE) {
                    let rows = uses.iter().map(|used| (used.id, used.at, None));
                    tx.execute(NOTE_USES_OF_DIGESTS, &table(rows)).await?;
                }
                let of_grants: Vec<_> = of_grants.into_iter().collect();
                for uses in of_grants.chunks(AT_ONCE) {
                    tx.lock(HOLD_GRANTS_USED, &ids(uses.iter().map(|(grant, _)| *grant)))
                        .await?;
                    let rows = uses.iter().map(|(grant, at)| (*grant, *at, None));
                    tx.execute(NOTE_USES_OF_GRANTS, &table(rows)).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// So many ids as a statement takes: the places that are left are nobody's.
fn ids(ids: impl Iterator<Item = impl Into<Value>>) -> Vec<Value> {
    let mut params: Vec<Value> = ids.map(Into::into).collect();
    params.resize(AT_ONCE, Value::Null);
    params
}

/// So many uses as a statement takes: the rows that are left are of nothing.
fn table<Id: Into<Value>, At: Into<Value>>(
    uses: impl Iterator<Item = (Id, At, Option<String>)>,
) -> Vec<Value> {
    let mut params: Vec<Value> = uses
        .flat_map(|(id, at, address)| [id.into(), at.into(), address.into()])
        .collect();
    params.resize(AT_ONCE * 3, Value::Null);
    params
}
