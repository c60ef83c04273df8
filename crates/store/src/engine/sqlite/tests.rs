//! What only the engine can be asked: which way statements take, how values are bound, and what
//! becomes of a group of writes when one of them or all of them fail.

pub(crate) mod statements;

use std::sync::mpsc;

use counterfoil_domain::audit::form::AuditKey;
use counterfoil_domain::audit::{Action, Event, Subject, WriterId};
use counterfoil_domain::principal::{Attribution, Principal};
use counterfoil_domain::timestamp::Timestamp;
use futures_util::future::BoxFuture;

use super::*;
use crate::engine::{DatabaseLocation, Durability};
use crate::statement::{Row, Value, params};

const fn statement(name: &'static str, text: &'static str) -> Statement {
    Statement {
        name,
        text,
        lock: Lock::None,
    }
}

const COUNT_WRITERS: Statement = statement("COUNT_WRITERS", "SELECT count(*) FROM audit_writers");
const INSERT_WRITER: Statement = statement(
    "INSERT_WRITER",
    "INSERT INTO audit_writers (id, program, started_at, head) VALUES ($1, 'test', 0, 0)",
);

/// A new database in memory's folder.
pub(crate) struct Database {
    pub(crate) sqlite: Arc<Sqlite>,
    pub(crate) folder: PathBuf,
}

impl Database {
    pub(crate) fn new(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let folder = parent.join(format!("counterfoil-engine-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("counterfoil.db");
        let options = OpenOptions {
            location: DatabaseLocation::Sqlite(path.clone()),
            writer: WriterId("test".to_owned()),
            schema: SchemaState::Migrate,
            durability: Durability::Full,
        };
        let sqlite = Arc::new(Sqlite::open(&path, &options).unwrap());
        let key = AuditKey::from_parts([1; 4], [2; 16], &[3; 32]).unwrap();
        sqlite.context.vouch_by(key);
        Self { sqlite, folder }
    }

    fn reader(&self) -> SqliteConnection {
        SqliteConnection::new(self.sqlite.open_reader().unwrap())
    }

    /// Starts a piece of work and returns when it waits for the writer.
    async fn start<F>(&self, work: F) -> tokio::task::JoinHandle<Outcome>
    where
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome> + Clone + Send + 'static,
    {
        let sqlite = Arc::clone(&self.sqlite);
        let started = tokio::spawn(async move { sqlite.write(work).await });
        // The tests run on one thread, so this runs the task up to where it waits for its answer.
        tokio::task::yield_now().await;
        started
    }

    /// Keeps the writer busy until the sender that is given back is used, so that what is started
    /// meanwhile makes one group.
    async fn hold_up(&self) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Outcome>) {
        let (release, held) = mpsc::channel::<()>();
        let (busy, is_busy) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let held_up = self
            .start(move |_| {
                busy.send(()).unwrap();
                held.lock().recv().unwrap();
                Box::pin(async { Ok(()) })
            })
            .await;
        is_busy.recv().unwrap();
        (release, held_up)
    }

    fn count(&self, counting: Statement) -> i64 {
        let mut row = self.reader().optional(counting, &[]).unwrap().unwrap();
        row.integer(0).unwrap()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.sqlite.close();
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

/// A rule that says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct No;
type Outcome = Result<(), WriteError<No>>;

/// Work that inserts a row under this name.
fn insert(
    name: &'static str,
) -> impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome> + Clone + Send + use<> {
    move |tx| Box::pin(async move { Ok(tx.execute(INSERT_WRITER, params![name]).await.map(drop)?) })
}

/// Work that inserts a row and then is refused.
fn insert_and_refuse(
    name: &'static str,
) -> impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome> + Clone + Send + use<> {
    move |tx| {
        Box::pin(async move {
            tx.execute(INSERT_WRITER, params![name]).await?;
            Err(WriteError::Refused(No))
        })
    }
}

#[tokio::test]
async fn a_refused_piece_of_work_leaves_nothing_and_its_neighbours_stay() {
    let database = Database::new("refused");
    let (release, held_up) = database.hold_up().await;
    let before = database.sqlite.stats();
    let group = [
        database.start(insert("one")).await,
        database.start(insert_and_refuse("two")).await,
        database.start(insert("three")).await,
    ];
    assert_eq!(database.sqlite.stats().queued, 3);
    assert_eq!(database.count(COUNT_WRITERS), 0);
    release.send(()).unwrap();
    let [one, two, three] = group;
    assert!(one.await.unwrap().is_ok());
    assert!(matches!(two.await.unwrap(), Err(WriteError::Refused(No))));
    assert!(three.await.unwrap().is_ok());
    assert!(held_up.await.unwrap().is_ok());
    assert_eq!(database.count(COUNT_WRITERS), 2);
    let after = database.sqlite.stats();
    // One commit for the work that held the writer up, one for the group.
    assert_eq!(
        (after.commits - before.commits, after.writes - before.writes),
        (2, 4)
    );
    assert_eq!((after.largest_group, after.queued), (3, 0));
}

/// Work that records an event, and then is refused or not.
fn record(
    outcome: &Outcome,
) -> impl for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, Outcome> + Clone + Send + use<> {
    let refused = outcome.is_err();
    move |tx| {
        Box::pin(async move {
            let by = Attribution {
                principal: Principal::PROGRAM,
                at: Timestamp::from_microseconds(0),
                personal_salt: [0; 16],
            };
            let event = Event::new(Action::AuthorizationCreated, Subject::default());
            tx.record(&by, event).await?;
            if refused {
                return Err(WriteError::Refused(No));
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn events_of_a_group_are_numbered_without_gaps_though_one_between_them_is_undone() {
    let database = Database::new("numbers");
    for _ in 0..2 {
        let (release, held_up) = database.hold_up().await;
        let group = [
            database.start(record(&Ok(()))).await,
            database.start(record(&Err(WriteError::Refused(No)))).await,
            database.start(record(&Ok(()))).await,
        ];
        release.send(()).unwrap();
        assert!(held_up.await.unwrap().is_ok());
        let mut refused = 0;
        for one in group {
            refused += u32::from(one.await.unwrap().is_err());
        }
        assert_eq!(refused, 1);
    }
    let highest = "SELECT max(writer_number) FROM audit_events";
    let head = "SELECT head FROM audit_writers";
    for (text, expected) in [
        ("SELECT count(*) FROM audit_events", 4),
        (highest, 4),
        (head, 4),
    ] {
        assert_eq!(
            database.count(statement("COUNTED", text)),
            expected,
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_failed_commit_fails_all_that_it_carried_and_leaves_nothing() {
    let database = Database::new("commit");
    let (release, held_up) = database.hold_up().await;
    let group = [
        database.start(insert("one")).await,
        // A reference that is checked only at COMMIT, and does not hold: the work itself succeeds.
        database
            .start(|tx| {
                Box::pin(async move {
                    tx.execute(statement("DEFER", "PRAGMA defer_foreign_keys = ON"), &[]).await?;
                    let text = "INSERT INTO recovery_codes (account_id, digest, created_at) VALUES (4711, $1, 0)";
                    Ok(tx.execute(statement("DANGLING", text), params![&[0_u8]]).await.map(drop)?)
                })
            })
            .await,
        database.start(insert_and_refuse("two")).await,
    ];
    release.send(()).unwrap();
    assert!(held_up.await.unwrap().is_ok());
    for one in group {
        let outcome = one.await.unwrap();
        assert!(
            matches!(outcome, Err(WriteError::Store(StoreError::NotCommitted(_)))),
            "{outcome:?}"
        );
    }
    assert_eq!(database.count(COUNT_WRITERS), 0);
    assert_eq!(database.sqlite.stats().failed_commits, 1);
    // The next group finds a writer that works.
    database.start(insert("four")).await.await.unwrap().unwrap();
    assert_eq!(database.count(COUNT_WRITERS), 1);
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_nothing_of_it_stays() {
    let database = Database::new("full");
    database
        .start(|tx| {
            Box::pin(async move {
                // The limit that a file system has, as SQLite knows it.
                let pages = tx
                    .one(statement("PAGES", "PRAGMA page_count"), &[])
                    .await?
                    .integer(0)?;
                let limit = [statement("LIMIT_0", "PRAGMA max_page_count = 1")];
                let set = tx.one(limit[0], &[]).await?.integer(0)?;
                assert_eq!(set, pages, "the limit is never below what there is");
                Ok(())
            })
        })
        .await
        .await
        .unwrap()
        .unwrap();
    let filling = database
        .start(|tx| {
            Box::pin(async move {
                let text = "INSERT INTO audit_writers (id, program, started_at, head) VALUES ($1, $2, 0, 0)";
                for number in 0..100_i64 {
                    let big = params![number.to_string(), "x".repeat(10_000)];
                    tx.execute(statement("BIG", text), big).await?;
                }
                Ok(())
            })
        })
        .await;
    let outcome = filling.await.unwrap();
    assert!(matches!(outcome, Err(WriteError::Store(_))), "{outcome:?}");
    assert_eq!(database.count(COUNT_WRITERS), 0);
    let lift = statement("LIMIT_1", "PRAGMA max_page_count = 1000000");
    database
        .start(move |tx| Box::pin(async move { Ok(tx.one(lift, &[]).await.map(drop)?) }))
        .await
        .await
        .unwrap()
        .unwrap();
    database.start(insert("one")).await.await.unwrap().unwrap();
    assert_eq!(database.count(COUNT_WRITERS), 1);
}

#[tokio::test]
async fn a_panic_fails_its_own_piece_of_work_and_the_writer_goes_on() {
    let database = Database::new("panic");
    let (release, held_up) = database.hold_up().await;
    let one = database.start(insert("one")).await;
    let panicking = database
        .start(|tx| {
            Box::pin(async move {
                tx.execute(INSERT_WRITER, params!["two"]).await?;
                panic!("a bug, on purpose");
            })
        })
        .await;
    let three = database.start(insert("three")).await;
    release.send(()).unwrap();
    assert!(held_up.await.unwrap().is_ok());
    assert!(one.await.unwrap().is_ok());
    assert!(matches!(
        panicking.await.unwrap(),
        Err(WriteError::Store(StoreError::Unavailable(_)))
    ));
    assert!(three.await.unwrap().is_ok());
    assert_eq!(database.count(COUNT_WRITERS), 2);
}

#[tokio::test]
async fn more_work_than_may_wait_is_refused_at_once() {
    let database = Database::new("queue");
    let (release, held_up) = database.hold_up().await;
    let mut waiting = Vec::new();
    for _ in 0..LONGEST_QUEUE {
        waiting.push(database.start(|_| Box::pin(async { Ok(()) })).await);
    }
    assert_eq!(database.sqlite.stats().queued, LONGEST_QUEUE as u64);
    let surplus = database.start(insert("surplus")).await.await.unwrap();
    assert!(matches!(
        surplus,
        Err(WriteError::Store(StoreError::Unavailable(_)))
    ));
    release.send(()).unwrap();
    assert!(held_up.await.unwrap().is_ok());
    for one in waiting {
        assert!(one.await.unwrap().is_ok());
    }
    assert_eq!(database.sqlite.stats().queued, 0);
}

#[tokio::test]
async fn a_database_that_another_process_holds_too_long_fails_the_write_and_recovers() {
    let database = Database::new("busy");
    let at_once = statement("AT_ONCE", "PRAGMA busy_timeout = 0");
    let impatient = database
        .start(move |tx| Box::pin(async move { Ok(tx.one(at_once, &[]).await.map(drop)?) }));
    impatient.await.await.unwrap().unwrap();
    let other = Connection::open(database.folder.join("counterfoil.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let outcome = database.start(insert("one")).await.await.unwrap();
    assert!(
        matches!(outcome, Err(WriteError::Store(StoreError::NotCommitted(_)))),
        "{outcome:?}"
    );
    other.execute_batch("COMMIT").unwrap();
    database.start(insert("one")).await.await.unwrap().unwrap();
}

#[test]
fn a_reader_that_failed_is_not_used_again() {
    let database = Database::new("reader");
    let bad = statement("BAD", "SELECT count(*) FROM no_such_table");
    let failed = database
        .sqlite
        .read(|tx| Box::pin(async move { tx.one(bad, &[]).await.map(drop) }));
    assert!(failed.is_err());
    assert_eq!(database.sqlite.readers.lock().len(), 0);
    let read = database
        .sqlite
        .read(|tx| Box::pin(async move { tx.one(COUNT_WRITERS, &[]).await?.integer(0) }));
    assert_eq!(read.unwrap(), 0);
    assert_eq!(database.sqlite.readers.lock().len(), 1);
}

#[test]
fn a_reader_cannot_write() {
    let database = Database::new("cannot_write");
    let written = database.reader().execute(INSERT_WRITER, params!["one"]);
    assert!(written.is_err());
}

#[test]
fn a_reader_sees_one_state_though_the_writer_commits_in_between() {
    let database = Database::new("one_state");
    let path = database.folder.join("counterfoil.db");
    let seen = database.sqlite.read(|tx| {
        Box::pin(async move {
            let before = tx.one(COUNT_WRITERS, &[]).await?.integer(0)?;
            let other = Connection::open(path)?;
            other.execute("INSERT INTO audit_writers (id, program, started_at, head) VALUES ('x', 'test', 0, 0)", [])?;
            Ok((before, tx.one(COUNT_WRITERS, &[]).await?.integer(0)?))
        })
    });
    assert_eq!(seen.unwrap(), (0, 0));
    assert_eq!(database.count(COUNT_WRITERS), 1);
}

#[test]
fn text_compares_and_sorts_by_bytes() {
    let database = Database::new("bytes");
    let text = "SELECT 'a' = 'A', 'Z' < 'a', 'ä' < 'z'";
    let Row { values, .. } = database
        .reader()
        .optional(statement("BYTES", text), &[])
        .unwrap()
        .unwrap();
    assert_eq!(
        values,
        [Value::from(0_i64), Value::from(1_i64), Value::from(0_i64)]
    );
}
