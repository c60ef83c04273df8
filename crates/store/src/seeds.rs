//! Seed files that were applied.

use std::convert::Infallible;

use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject};
use counterfoil_domain::principal::Attribution;

use crate::engine::Store;
use crate::error::{ChangeError, StoreError};
use crate::statement::{params, statements};
use crate::writing::{Change, Locks, Operation};

statements! {
    INSERT = "INSERT INTO seeds (digest, applied_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    FIND = "SELECT 1 FROM seeds WHERE digest = $1";
}

impl Store {
    /// Writes that a seed file with this digest, in hexadecimal digits, was applied as a whole.
    /// What it led to has events of its own.
    pub async fn record_seeding(
        &self,
        digest: String,
        by: Attribution,
    ) -> Result<(), ChangeError<Infallible>> {
        let (operation, locks) = (Operation::RecordSeeding, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                tx.execute(INSERT, params![digest.as_str(), by.at]).await?;
                let event =
                    Event::new(Action::Seeded, Subject::default()).with(Detail::FileDigest(digest));
                Ok(Outcome::new((), event))
            })
        })
        .await
    }

    /// Whether a seed file with this digest, in hexadecimal digits, was applied as a whole before.
    pub async fn was_seeded(&self, digest: &str) -> Result<bool, StoreError> {
        let digest = digest.to_owned();
        self.read(move |tx| {
            Box::pin(async move { Ok(tx.optional(FIND, params![digest]).await?.is_some()) })
        })
        .await
    }
}
