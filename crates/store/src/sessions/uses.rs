//! When and from where sessions were last used. Written in batches, without an event.

use counterfoil_domain::id::SessionId;
use counterfoil_domain::network::ClientAddress;
use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::writing::Note;

statements! {
    NOTE_USE = "UPDATE sessions SET last_used_at = $2, address = $3, agent = coalesce($4, agent)
        WHERE id = $1 AND ended_at IS NULL AND last_used_at < $2";
}

/// The last use of a session that is to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionUse {
    /// Of which session.
    pub id: SessionId,
    /// When.
    pub at: Timestamp,
    /// From where; personal.
    pub address: ClientAddress,
    /// The program that the browser said it is; personal.
    pub agent: Option<String>,
}

impl Store {
    /// Writes down last uses. A later one that another node has written stays.
    pub async fn note_session_uses(&self, mut uses: Vec<SessionUse>) -> Result<(), StoreError> {
        // In one order, so that two nodes do not wait for each other.
        uses.sort_unstable_by_key(|used| used.id);
        self.note(Note::LastUses, move |tx| {
            Box::pin(async move {
                for used in uses {
                    let address = used.address.to_string();
                    let row = params![used.id, used.at, address, used.agent];
                    tx.execute(NOTE_USE, row).await?;
                }
                Ok(())
            })
        })
        .await
    }
}
