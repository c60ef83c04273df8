//! What a user is told at the next page.

use counterfoil_domain::id::SessionId;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::writing::Note;

statements! {
    TELL = "UPDATE sessions SET status = $2 WHERE id = $1 AND ended_at IS NULL";
    // What was told meanwhile stays for the page after.
    TOLD = "UPDATE sessions SET status = NULL WHERE id = $1 AND status = $2";
}

impl Store {
    /// Keeps what the user of a session is to be told at the next page.
    pub async fn tell_at_next_page(&self, id: SessionId, status: String) -> Result<(), StoreError> {
        self.note(Note::StatusLine, move |tx| {
            Box::pin(async move { tx.execute(TELL, params![id, status]).await.map(drop) })
        })
        .await
    }

    /// Forgets what the user of a session was told.
    pub async fn was_told(&self, id: SessionId, status: String) -> Result<(), StoreError> {
        self.note(Note::StatusLine, move |tx| {
            Box::pin(async move { tx.execute(TOLD, params![id, status]).await.map(drop) })
        })
        .await
    }
}
