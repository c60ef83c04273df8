//! The feed of changes: what caches must forget, in the order in which it was committed.
//!
//! Each entry gets its number from one row, in the transaction that makes the change. Whoever wants
//! the next number waits for that transaction to end, so numbers are committed in their order, and
//! a reader that has seen one has missed none before it. What this process commits it hears of at
//! once, before anybody is answered; what others commit it reads here.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use counterfoil_domain::change::Change;
use counterfoil_domain::id::{AccountId, AppId, AuthorizationId};
use counterfoil_domain::timestamp::Timestamp;
use parking_lot::RwLock;

use crate::engine::connection::AnyConnection;
use crate::error::StoreError;
use crate::statement::{Batched, Row, params, statements};

statements! {
    TAKE_NUMBERS = "UPDATE change_feed SET number = number + $1 WHERE id = 1 RETURNING number";
    INSERT = "INSERT INTO changes (number, kind, subject_id, digest_head, changed_at) VALUES ($1, $2, $3, $4, $5)";
    HEAD = "SELECT f.number, i.generation FROM change_feed f LEFT JOIN installation i ON i.id = 1 WHERE f.id = 1";
    AFTER = "SELECT number, kind, subject_id, digest_head, changed_at FROM changes WHERE number > $1 AND number <= $2 ORDER BY number";
}

static INSERT_CHANGES: LazyLock<Batched> = LazyLock::new(|| Batched::insert(INSERT));

/// Entries that are read at a time. Who is further behind forgets everything instead: that is
/// cheaper, and as true.
const MOST_READ: u32 = 1000;

/// A change with its number in the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberedChange {
    /// The number, ascending without gaps over the whole database.
    pub number: i64,
    /// What changed.
    pub change: Change,
    /// When, by the clock of whoever changed it.
    pub at: Timestamp,
}

/// How far somebody has read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPosition {
    /// The number of the last change that was heard of.
    pub number: i64,
    /// The generation of the database: another one means that the database was replaced.
    pub generation: Vec<u8>,
}

/// What the feed says to somebody who has read up to some position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedRead {
    /// These, and no others, came since; none when nothing did.
    Changes(Vec<NumberedChange>),
    /// What came since cannot be told: everything may have changed. Read on from this position.
    Lost(FeedPosition),
}

/// A reading of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedReading {
    /// What it says.
    pub read: FeedRead,
    /// What time it was for the database during the reading, where nodes follow its clock.
    pub database_time: Option<Timestamp>,
    /// How long the reading waited for a connection before it was sent.
    pub waited: Duration,
}

/// What a listener is told of a transaction of this process.
#[derive(Clone, Copy, Debug)]
pub enum CommitOutcome<'a> {
    /// These changes were committed under these numbers.
    Committed(&'a [NumberedChange]),
    /// The commit failed, so these changes may have been made or not, and their numbers may be
    /// given to others.
    Uncertain(&'a [NumberedChange]),
}

/// What is called with the changes of a transaction before anybody is answered.
pub type ChangeListener = Arc<dyn Fn(CommitOutcome<'_>) + Send + Sync>;

/// What is called when another process may have changed something.
pub type WakeupListener = Arc<dyn Fn() + Send + Sync>;

/// Who listens to this process's own commits.
#[derive(Clone, Default)]
pub(crate) struct CommitListeners(Arc<RwLock<Vec<ChangeListener>>>);

impl CommitListeners {
    pub(crate) fn add(&self, listener: ChangeListener) {
        self.0.write().push(listener);
    }

    pub(crate) fn tell(&self, told: CommitOutcome<'_>) {
        let (CommitOutcome::Committed(changes) | CommitOutcome::Uncertain(changes)) = told;
        if changes.is_empty() {
            return;
        }
        for listener in &*self.0.read() {
            listener(told);
        }
    }
}

impl std::fmt::Debug for CommitListeners {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CommitListeners(…)")
    }
}

/// What was committed since `position`, by whatever process.
pub(crate) async fn read(
    connection: &mut AnyConnection,
    position: FeedPosition,
) -> Result<FeedRead, StoreError> {
    let head = connection.one(HEAD, &[]).await?;
    since(connection, head, position).await
}

/// What the feed says, whose head is a row of number and generation.
pub(crate) async fn since(
    connection: &mut AnyConnection,
    mut head: Row,
    position: FeedPosition,
) -> Result<FeedRead, StoreError> {
    let newest = FeedPosition {
        number: head.integer(0)?,
        generation: if head.is_null(1) {
            Vec::new()
        } else {
            head.blob(1)?
        },
    };
    if newest == position {
        return Ok(FeedRead::Changes(Vec::new()));
    }
    let missing = newest.number - position.number;
    if newest.generation != position.generation || !(0..=i64::from(MOST_READ)).contains(&missing) {
        return Ok(FeedRead::Lost(newest));
    }
    let unread = params![position.number, newest.number];
    let rows = connection.rows(AFTER, unread).await?;
    let changes: Option<Vec<_>> = rows
        .into_iter()
        .map(change_from)
        .collect::<Result<_, _>>()?;
    Ok(match changes {
        Some(changes) if i64::try_from(changes.len()) == Ok(missing) => FeedRead::Changes(changes),
        // Old entries are removed in time: whoever still needs one of them has lost sight of the
        // feed. So has who is told of a kind of change that a newer program makes: it may concern
        // anything.
        Some(_) | None => FeedRead::Lost(newest),
    })
}

/// What a transaction says of what it changes.
#[derive(Debug, Default)]
pub(crate) struct Announcements {
    /// What was announced and has no number yet.
    announced: Vec<(Change, Timestamp)>,
    /// What stands in the feed, for whoever listens once it is committed.
    noted: Vec<NumberedChange>,
}

impl Announcements {
    pub(crate) fn announce(&mut self, change: Change, now: Timestamp) {
        self.announced.push((change, now));
    }

    /// Writes into the feed what was announced.
    pub(crate) async fn write(&mut self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let announced = std::mem::take(&mut self.announced);
        if announced.is_empty() {
            return Ok(());
        }
        let mut taken = connection
            .one(TAKE_NUMBERS, params![announced.len() as u64])
            .await?;
        let last = taken.integer(0)?;
        let first = last + 1 - i64::try_from(announced.len()).unwrap_or(i64::MAX);
        let mut rows = Vec::with_capacity(announced.len());
        for (number, (change, at)) in (first..=last).zip(announced) {
            let (kind, subject, head) = match change {
                Change::Authorization { id, digest_head } => ("authorization", id.0, digest_head),
                Change::Account(id) => ("account", id.0, 0),
                Change::App(id) => ("app", id.0, 0),
                Change::Organization(id) => ("organization", id.0, 0),
            };
            rows.push(params![number, kind, subject, head, at].to_vec());
            self.noted.push(NumberedChange { number, change, at });
        }
        // Nobody else announces anything meanwhile, so many take few ways.
        connection.insert_all(&INSERT_CHANGES, rows).await
    }

    /// How many changes stand in the feed.
    pub(crate) fn noted(&self) -> usize {
        self.noted.len()
    }

    pub(crate) fn clear(&mut self) {
        self.announced.clear();
        self.noted.clear();
    }

    /// What is to be told after the commit.
    pub(crate) fn take_noted(&mut self) -> Vec<NumberedChange> {
        self.announced.clear();
        std::mem::take(&mut self.noted)
    }

    /// Forgets what was announced beyond the first `noted`, since it was undone.
    pub(crate) fn undo_beyond(&mut self, noted: usize) {
        self.announced.clear();
        self.noted.truncate(noted);
    }
}

/// The change in a row; none if it is of a kind that this program does not know.
fn change_from(mut row: Row) -> Result<Option<NumberedChange>, StoreError> {
    let subject = row.integer(2)?;
    let change = match row.text(1)?.as_str() {
        "authorization" => Change::Authorization {
            id: AuthorizationId(subject),
            digest_head: row.integer(3)?,
        },
        "account" => Change::Account(AccountId(subject)),
        "app" => Change::App(AppId(subject)),
        "organization" => Change::Organization(AccountId(subject)),
        _ => return Ok(None),
    };
    Ok(Some(NumberedChange {
        number: row.integer(0)?,
        change,
        at: row.timestamp(4)?,
    }))
}
