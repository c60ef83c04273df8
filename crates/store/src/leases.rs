//! Leases: what one process does for all, for as long as it says again that it is there.
//!
//! A lease ends by the database's clock. Its fence rises with each new holder, so that one who was
//! away for longer than it thought is told apart from whoever came after it. What a process did
//! counts only while the fence that it knows is in force, which is looked at in the transaction
//! that writes the result down.

use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;

use crate::engine::Store;
use crate::error::StoreError;
use crate::statement::{params, statements};
use crate::tx::Tx;
use crate::writing::Note;

statements! {
    TAKE = "INSERT INTO leases (name, holder, ends_at, fence) VALUES ($1, $2, $4, 1)
        ON CONFLICT (name) DO UPDATE SET holder = $2, ends_at = $4,
            fence = CASE WHEN leases.holder = $2 AND leases.ends_at > $3 THEN leases.fence ELSE leases.fence + 1 END
        WHERE leases.holder = $2 OR leases.ends_at <= $3 RETURNING fence";
    HOLDS = @Shared "SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND fence = $3 AND ends_at > $4";
    IS_HELD = "SELECT 1 FROM leases WHERE name = $1 AND holder = $2 AND fence = $3 AND ends_at > $4";
    OF_OTHERS = "SELECT 1 FROM leases WHERE name = $1 AND holder <> $2 AND ends_at > $3";
    GIVE_UP = "UPDATE leases SET ends_at = $4 WHERE name = $1 AND holder = $2 AND fence = $3 AND ends_at > $4";
    ONCE = "INSERT INTO leases (name, holder, ends_at, fence) VALUES ($1, $2, $4, 1)
        ON CONFLICT (name) DO UPDATE SET holder = $2, ends_at = $4, fence = leases.fence + 1
        WHERE leases.ends_at <= $3 RETURNING fence";
}

/// What a lease is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseName {
    /// Sending what is in the outbox.
    Mail,
}

impl LeaseName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
        }
    }
}

/// A lease that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    name: LeaseName,
    fence: i64,
}

impl Store {
    /// Takes a lease for a while from `now` on, or keeps it; none where another process has it.
    /// Whoever finds it taken writes nothing.
    pub async fn take_lease(
        &self,
        name: LeaseName,
        life: Duration,
        now: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let process = self.process().0.clone();
        let (others, process) = self
            .read_one(move |tx| {
                Box::pin(async move {
                    let asked = params![name.as_str(), process.as_str(), now];
                    Ok((tx.optional(OF_OTHERS, asked).await?.is_some(), process))
                })
            })
            .await?;
        if others {
            return Ok(None);
        }
        self.note(Note::LeaseTaken, move |tx| {
            Box::pin(async move {
                let taken = params![name.as_str(), process, now, now.plus(life)];
                let row = tx.optional(TAKE, taken).await?;
                row.map(|mut row| {
                    let fence = row.integer(0)?;
                    Ok(Lease { name, fence })
                })
                .transpose()
            })
        })
        .await
    }

    /// Lets others take a lease at once.
    pub async fn give_up_lease(&self, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        let process = self.process().0.clone();
        self.note(Note::LeaseTaken, move |tx| {
            Box::pin(async move {
                let given = params![lease.name.as_str(), process, lease.fence, now];
                tx.execute(GIVE_UP, given).await.map(drop)
            })
        })
        .await
    }
}

/// Whether this process still has a lease, which it then has until the transaction ends.
pub(crate) async fn holds(
    tx: &mut Tx,
    lease: Lease,
    process: &str,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let asked = params![lease.name.as_str(), process, lease.fence, now];
    tx.lock(HOLDS, asked).await?;
    Ok(tx.optional(IS_HELD, asked).await?.is_some())
}

/// Whether nobody did something of this name for a while before `now`; whoever is told so does it.
pub(crate) async fn once_in(
    tx: &mut Tx,
    name: &'static str,
    life: Duration,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let taken = params![name, "", now, now.plus(life)];
    Ok(tx.optional(ONCE, taken).await?.is_some())
}
