//! Putting a backup in the place of a database without bringing back what has ended since.
//!
//! A backup knows nothing of what was revoked after it. So what it holds counts only where the
//! database that it replaces agrees: what ended there stays ended, passwords, second factors and
//! client secrets are those of that database, and the audit trail goes on where it stood. Where
//! that database is gone, unreadable or does not go on from the backup, nothing proves that a token
//! still lives, and all of them end.

use std::convert::Infallible;
use std::path::PathBuf;

use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::audit::{Action, Detail, Event, Outcome, Subject, WriterId};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::Attribution;

use crate::audit::{self, Ending};
use crate::authorizations::digest_from;
use crate::engine::{Store, sqlite};
use crate::error::{ChangeError, OpenError, StoreError, WriteError};
use crate::keys::{AuditKeyRecord, KeyRecord};
use crate::maintenance::Schema;
use crate::statement::{Statement, statements};
use crate::tx::{Tx, params};
use crate::verify::BackupRefused;
use crate::writing::{Change, Locks, Operation};

statements! {
    // The end of a page does not ask what has ended: a database without statistics, as a restored
    // one is, would be read as a whole for each page.
    DIGESTS_PAGE_END = "SELECT max(id) FROM (SELECT id FROM token_digests WHERE id > $1 ORDER BY id LIMIT $2) AS page";
    END_SOME_DIGESTS = "UPDATE token_digests SET ended_at = $1, end_reason = $2
        WHERE ended_at IS NULL AND id > $3 AND id <= $4 RETURNING authorization_id, digest";
    PAGE_END = "SELECT max(id) FROM (SELECT id FROM authorizations WHERE id > $1 ORDER BY id LIMIT $2) AS page";
    END_SOME = "UPDATE authorizations SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL AND id > $3 AND id <= $4";
    SET_GENERATION = "UPDATE installation SET generation = $1 WHERE id = 1";
}

/// Rows that one statement ends at most, so that each stays within the time that a statement may
/// take.
const AT_A_TIME: u32 = 10_000;

/// A restore to be made.
pub struct Restoration<'a> {
    /// The backup.
    pub backup: PathBuf,
    /// The database's file, which it takes the place of. It need not be there.
    pub database: PathBuf,
    /// What the file that is replaced is called from then on, beside it; a number is added when
    /// that is taken.
    pub set_aside: PathBuf,
    /// The id under which the event is written.
    pub writer: WriterId,
    /// The generation of the restored database.
    pub generation: [u8; 16],
    /// Who restores.
    pub by: Attribution,
    /// Opens the key under which the restored database vouches for events, or makes one where it
    /// has none, when all keys that it needs are at hand. The error is a sentence.
    pub open_keys: &'a OpenKeys<'a>,
}

/// See [`Restoration::open_keys`].
pub(crate) type OpenKeys<'a> =
    dyn Fn(&[KeyRecord], Option<&AuditKeyRecord>) -> Result<TrailKey, String> + 'a;

/// The key under which a database vouches for events.
pub struct TrailKey {
    /// The key.
    pub key: AuditKey,
    /// What the database is to hold of it, where it holds nothing yet.
    pub made: Option<AuditKeyRecord>,
}

/// A restore that was made.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The schema that the database is at.
    pub schema: Schema,
    /// Where the file that was replaced is now, if there was one.
    pub set_aside: Option<PathBuf>,
    /// Why the replaced database proved nothing; `None` when it did.
    pub beyond_proof: Option<BeyondProof>,
    /// What was carried over and ended.
    pub counts: RestoredCounts,
}

/// Why nothing proves which tokens of a backup live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeyondProof {
    /// There was no database to replace.
    NothingThere,
    /// It cannot be read, and this is why.
    Unreadable(String),
    /// It is another installation's.
    AnotherInstallation,
    /// It is this installation's, but does not hold all that the backup holds: it is older, or went
    /// another way.
    NotAfterTheBackup,
}

/// What a restore carried over from the database that it replaced, and what it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoredCounts {
    /// Each count under a name that says what it counts, in words with underscores between them.
    pub named: Vec<(&'static str, u64)>,
}

/// Why a database was not restored. The database that was there is still there.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The backup is no good.
    #[error(transparent)]
    Backup(#[from] BackupRefused),
    /// Somebody works on the database.
    #[error("the database {path} is in use by another process; stop it first, nothing was changed")]
    InUse {
        /// The database.
        path: PathBuf,
    },
    /// The database that is there cannot be used by this program, although another one can.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The keys that it needs are not at hand.
    #[error("{0}")]
    Keys(String),
    /// A file cannot be written.
    #[error("cannot write {path}: {reason}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The restored database is not sound; it was thrown away.
    #[error("the restored database is not sound, and was not kept: {0}")]
    Unsound(String),
    /// One of the databases failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a backup in the place of a SQLite database. Whenever this is interrupted, one of the two is
/// in its place, whole.
pub fn restore(restoration: &Restoration<'_>) -> Result<Restored, RestoreError> {
    sqlite::restore(restoration)
}

/// What was ended because nothing proves that it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnprovenEnded {
    /// Authorizations.
    pub tokens: u64,
}

impl Store {
    /// Ends every token, and makes every cache start anew: for a database that somebody else
    /// restored, so that nobody can say which of its tokens were revoked after the state that it is
    /// in. [`Store::leap_over_lost_ids`] goes before it, or a token that is made meanwhile gets the
    /// id of one that nobody knows any more.
    pub async fn end_unproven(
        &self,
        generation: [u8; 16],
        by: Attribution,
    ) -> Result<UnprovenEnded, ChangeError<Infallible>> {
        let (operation, locks) = (Operation::EndUnproven, Locks::none());
        self.change(operation, by, locks, move |Change { tx, by, .. }| {
            Box::pin(async move {
                let tokens = end_all_tokens(tx, by).await?;
                let changed = tx.execute(SET_GENERATION, params![&generation]).await?;
                if changed == 0 {
                    return Err(WriteError::Store(StoreError::Inconsistent {
                        table: "installation",
                        column: "id",
                    }));
                }
                let event = Event::new(Action::DatabaseRestored, Subject::default())
                    .with(Detail::Proof("none".to_owned()))
                    .with(Detail::Tokens(tokens));
                Ok(Outcome::new(UnprovenEnded { tokens }, event))
            })
        })
        .await
    }
}

/// Ends all live tokens, records each, and says how many authorizations there were.
pub(crate) async fn end_all_tokens(tx: &mut Tx, by: &Attribution) -> Result<u64, StoreError> {
    let reason = EndReason::Restored;
    let mut after = 0;
    while let Some(last) = end_of_page(tx, DIGESTS_PAGE_END, after).await? {
        let some = params![by.at, reason.as_str(), after, last];
        for mut row in tx.rows(END_SOME_DIGESTS, some).await? {
            let subject = Subject {
                authorization: Some(AuthorizationId(row.integer(0)?)),
                token: Some(digest_from(&row.blob(1)?)?),
                ..Subject::default()
            };
            audit::note_ending(tx, Ending { subject, reason });
        }
        audit::record_endings(tx, by).await?;
        after = last;
    }
    let (mut after, mut ended) = (0, 0);
    while let Some(last) = end_of_page(tx, PAGE_END, after).await? {
        let some = params![by.at, reason.as_str(), after, last];
        ended += tx.execute(END_SOME, some).await?;
        after = last;
    }
    Ok(ended)
}

/// The last id of the page that begins after this one; none where there is no more.
async fn end_of_page(
    tx: &mut Tx,
    page_end: Statement,
    after: i64,
) -> Result<Option<i64>, StoreError> {
    let page = params![after, AT_A_TIME];
    tx.one(page_end, page).await?.optional_integer(0)
}
