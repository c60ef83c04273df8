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
use futures_util::FutureExt;

use crate::audit::Ending;
use crate::authorizations::digest_from;
use crate::engine::Store;
use crate::engine::sqlite::{
    LockedFolder, Moment, READY, RestoreError, RestoreFiles, RestoredCounts, Restoring,
    Unverifiable,
};
use crate::error::{ChangeError, StoreError, WriteError};
use crate::keys::{self, AuditKeyRecord, KeyRecord};
use crate::maintenance::{self, Schema};
use crate::oauth;
use crate::outbox;
use crate::passkeys;
use crate::sessions;
use crate::statement::{Statement, params, statements};
use crate::tx::Tx;
use crate::verify::verify_backup;
use crate::writing::{Change, Locks, Operation};
use crate::{codes, devices};

statements! {
    // The end of a page does not ask what has ended: a database without statistics, as a restored
    // one is, would be read as a whole for each page.
    DIGESTS_PAGE_END = "SELECT max(id) FROM (SELECT id FROM token_digests WHERE id > $1 ORDER BY id LIMIT $2) AS page";
    END_SOME_DIGESTS = "UPDATE token_digests SET ended_at = $1, end_reason = $2
        WHERE ended_at IS NULL AND id > $3 AND id <= $4 RETURNING authorization_id, digest";
    PAGE_END = "SELECT max(id) FROM (SELECT id FROM authorizations WHERE id > $1 ORDER BY id LIMIT $2) AS page";
    END_SOME = "UPDATE authorizations SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL AND id > $3 AND id <= $4";
    END_LINKS = "UPDATE links SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL AND expires_at > 0";
    SET_GENERATION = "UPDATE installation SET generation = $1 WHERE id = 1";
}

/// Rows that one statement ends at most, so that each stays within the time that a statement may
/// take.
const AT_A_TIME: u32 = 10_000;

/// A restore to be made.
pub struct RestoreRequest<'a> {
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

/// See [`RestoreRequest::open_keys`].
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
    pub unverifiable: Option<Unverifiable>,
    /// What was carried over and ended.
    pub counts: RestoredCounts,
}

/// Puts a backup in the place of a SQLite database. Whenever this is interrupted, one of the two is
/// in its place, whole.
pub fn restore(restoration: &RestoreRequest<'_>) -> Result<Restored, RestoreError> {
    restore_watched(restoration, &|_| ())
}

/// Restores, and tells when it comes to a moment at which others might do harm.
pub(crate) fn restore_watched(
    asked: &RestoreRequest<'_>,
    watch: &dyn Fn(Moment),
) -> Result<Restored, RestoreError> {
    let folder = LockedFolder::of(RestoreFiles {
        backup: &asked.backup,
        database: &asked.database,
        set_aside: &asked.set_aside,
    })?;
    // Looked at first, so that a file that is no backup is named as it was given.
    verify_backup(&asked.backup)?;
    let mut restoring = folder.prepare(&asked.writer, asked.generation, asked.by.at)?;
    let schema = finish(asked, &mut restoring).now_or_never().expect(READY)?;
    let counts = std::mem::take(&mut restoring.counts);
    let unverifiable = restoring.unverifiable().cloned();
    let set_aside = restoring.put_in_place(watch)?;
    Ok(Restored {
        schema,
        set_aside,
        unverifiable,
        counts,
    })
}

/// Ends what nothing proves to live, and records the restore in the new database.
async fn finish(
    asked: &RestoreRequest<'_>,
    restoring: &mut Restoring<'_>,
) -> Result<Schema, RestoreError> {
    let unverifiable = restoring.unverifiable().is_some();
    let Restoring { tx, counts, .. } = restoring;
    let trail_key = keys::audit_keys(tx).await?.into_iter().next();
    let needed = keys::list(tx).await?;
    let opened = (asked.open_keys)(&needed, trail_key.as_ref()).map_err(RestoreError::Keys)?;
    tx.context().vouch_by(opened.key);
    if let Some(made) = opened.made {
        keys::insert_audit_key(tx, made, asked.by.at).await?;
    }
    let sessions = sessions::end_all(tx, asked.by.at).await?;
    passkeys::forget_challenges(tx).await?;
    counts.named.push(("sessions_that_ended", sessions));
    if unverifiable {
        let tokens = end_all_tokens(tx, &asked.by).await?;
        counts
            .named
            .push(("tokens_that_nothing_proves_to_live", tokens));
    }
    let proof = if unverifiable {
        "none"
    } else {
        "replaced database"
    };
    let carried = counts.named.iter();
    let carried = carried.map(|(name, count)| format!("{name}={count}"));
    let event = Event::new(Action::DatabaseRestored, Subject::default())
        .with(Detail::Proof(proof.to_owned()))
        .with(Detail::CarriedOver(carried.collect()));
    tx.record(&asked.by, event).await?;
    tx.write_all_recorded().await?;
    let gaps = maintenance::gaps_in_audit(tx).await?;
    if !gaps.is_empty() {
        return Err(RestoreError::Unsound(gaps.join("; ")));
    }
    let schema = maintenance::newest_migration(tx).await?;
    Ok(schema.ok_or(StoreError::Inconsistent {
        table: "schema_migrations",
        column: "number",
    })?)
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
                sessions::end_all(tx, by.at).await?;
                passkeys::forget_challenges(tx).await?;
                codes::forget_all(tx).await?;
                devices::forget_all(tx).await?;
                oauth::forget_all_requests(tx).await?;
                tx.execute(END_LINKS, params![by.at, EndReason::Restored.as_str()])
                    .await?;
                outbox::pause_sending(tx, by.at).await?;
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
async fn end_all_tokens(tx: &mut Tx, by: &Attribution) -> Result<u64, StoreError> {
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
            tx.note_ending(Ending { subject, reason });
        }
        tx.record_endings(by).await?;
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
