//! Copying a whole database to another engine, or to another place.
//!
//! The source is read from one state, however much is written meanwhile; the target is written in
//! one transaction, and compared with the source row by row before it is committed. Values stay as
//! they are, sealed ones too: the keys are in no database, and whoever serves from the target needs
//! the same ones. What differs afterwards is the generation, by which every cache knows that this
//! is another database, and one event that says so.

use counterfoil_domain::audit::{Action, Detail, Event, Subject};
use counterfoil_domain::principal::Attribution;

use crate::engine::postgres::PostgresBulk;
use crate::engine::sqlite::{SqliteBulk, all_tables};
use crate::engine::{Engine, Store};
use crate::error::StoreError;
use crate::keys::{self, KeyRecord};
use crate::progress::Progress;
use crate::statement::{Row, Value, params, statements};
use crate::table::Table;
use crate::tx::Tx;

statements! {
    SET_GENERATION = "UPDATE installation SET generation = $1, sending_paused = 1 WHERE id = 1";
}

/// Rows that are held in memory at a time.
const BATCH: u32 = 2_000;
/// How many ids are left out for those that were given and lost.
const LEAP: i64 = 1_000_000;
/// Tables that have rows in a database that nothing was done with: the migrations write them.
const NEVER_EMPTY: [&str; 2] = ["schema_migrations", "change_feed"];

/// A copy that was made.
#[derive(Clone, Debug)]
pub struct CopiedDatabase {
    /// Each table, and how many rows were copied and found the same.
    pub tables: Vec<(String, u64)>,
    /// The keys that the copy needs, and which it does not hold.
    pub keys: Vec<KeyRecord>,
}

/// Why a database was not copied. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is something in the target.
    #[error("the target is not empty: its table {table} has rows; give an empty database")]
    NotEmpty {
        /// The table.
        table: &'static str,
    },
    /// There is nothing in the source.
    #[error("there is no installation in the source, so there is nothing to copy")]
    NothingThere,
    /// The target holds something else than the source.
    #[error("the copy was not kept: row {row} of the table {table} is not the same in the target")]
    Different {
        /// The table.
        table: &'static str,
        /// Which row, in the order of the primary key, from 1 on.
        row: u64,
    },
    /// One of the databases failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Copies everything into `target`, whose schema is made and which holds nothing else. Says in
    /// `progress` how far it is. The copy sends no mail until somebody says that it may.
    pub async fn copy_to(
        &self,
        target: &Self,
        generation: [u8; 16],
        by: Attribution,
        progress: &Progress,
    ) -> Result<CopiedDatabase, CopyError> {
        let mut from = self.snapshot().await?;
        let mut to = target.transaction().await?;
        refuse_filled(&mut to).await?;
        let mut counts = Vec::new();
        progress.begin("copying rows", None);
        let mut counters = Vec::new();
        for table in all_tables() {
            to.tx().execute(table.empty(), &[]).await?;
            let (rows, counter) = copy(table, &mut from, &mut to, progress).await?;
            counts.push((table.name.clone(), rows));
            counters.push(counter);
        }
        let rows: u64 = counts.iter().map(|(_, rows)| rows).sum();
        progress.begin("comparing rows", Some(rows));
        for (table, counter) in all_tables().iter().zip(counters) {
            compare(table, &mut from, &mut to, counter, progress).await?;
        }
        if to
            .tx()
            .execute(SET_GENERATION, params![&generation])
            .await?
            == 0
        {
            return Err(CopyError::NothingThere);
        }
        let event = Event::new(Action::DatabaseCopied, Subject::default()).with(Detail::Rows(rows));
        to.tx().record(&by, event).await?;
        to.tx().write_all_recorded().await?;
        let keys = keys::list(to.tx()).await?;
        to.commit().await?;
        Ok(CopiedDatabase {
            tables: counts,
            keys,
        })
    }

    /// Has ids go on far beyond those that are known, where others were given that nobody knows any
    /// more. No event: an id that is never given tells nothing about anybody.
    pub async fn leap_over_lost_ids(&self) -> Result<(), StoreError> {
        let mut bulk = self.transaction().await?;
        for table in all_tables().iter().filter(|table| table.is_counted) {
            let last = bulk.counter(table).await?;
            bulk.set_counter(table, last + LEAP).await?;
        }
        bulk.commit().await
    }

    async fn snapshot(&self) -> Result<Bulk, StoreError> {
        Ok(match self.engine() {
            Engine::Sqlite(sqlite) => Bulk::Sqlite(sqlite.snapshot()?),
            Engine::Postgres(postgres) => Bulk::Postgres(postgres.snapshot().await?),
        })
    }

    async fn transaction(&self) -> Result<Bulk, StoreError> {
        Ok(match self.engine() {
            Engine::Sqlite(sqlite) => Bulk::Sqlite(sqlite.transaction()?),
            Engine::Postgres(postgres) => Bulk::Postgres(postgres.transaction().await?),
        })
    }
}

/// A transaction that goes through whole tables.
enum Bulk {
    Sqlite(SqliteBulk),
    Postgres(PostgresBulk),
}

impl Bulk {
    fn tx(&mut self) -> &mut Tx {
        match self {
            Self::Sqlite(bulk) => bulk.tx(),
            Self::Postgres(bulk) => bulk.tx(),
        }
    }

    async fn insert(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(bulk) => bulk.insert(table, rows).await,
            Self::Postgres(bulk) => bulk.insert(table, rows).await,
        }
    }

    async fn counter(&mut self, table: &'static Table) -> Result<i64, StoreError> {
        match self {
            Self::Sqlite(bulk) => bulk.counter(table).await,
            Self::Postgres(bulk) => bulk.counter(table).await,
        }
    }

    async fn set_counter(&mut self, table: &'static Table, last: i64) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(bulk) => bulk.set_counter(table, last).await,
            Self::Postgres(bulk) => bulk.set_counter(table, last).await,
        }
    }

    async fn commit(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(bulk) => bulk.commit(),
            Self::Postgres(bulk) => bulk.commit().await,
        }
    }
}

async fn refuse_filled(target: &mut Bulk) -> Result<(), CopyError> {
    for table in all_tables() {
        let is_made_with_rows = NEVER_EMPTY.contains(&table.name.as_str());
        if !is_made_with_rows && target.tx().optional(table.any(), &[]).await?.is_some() {
            return Err(CopyError::NotEmpty { table: &table.name });
        }
    }
    Ok(())
}

/// Copies the rows of a table and the counter of its ids. Says how many rows there were, and where
/// the counter stood: on PostgreSQL it is no part of the state that is read, and goes on when
/// somebody else writes.
async fn copy(
    table: &'static Table,
    from: &mut Bulk,
    to: &mut Bulk,
    progress: &Progress,
) -> Result<(u64, i64), StoreError> {
    let mut pages = Pages::of(table);
    let mut copied = 0;
    loop {
        let rows = pages.next(from.tx()).await?;
        if rows.is_empty() {
            break;
        }
        copied += rows.len() as u64;
        to.insert(table, &rows).await?;
        progress.advance(rows.len() as u64);
    }
    if !table.is_counted {
        return Ok((copied, 0));
    }
    let last = from.counter(table).await?;
    if last > 0 {
        to.set_counter(table, last).await?;
    }
    Ok((copied, last))
}

async fn compare(
    table: &'static Table,
    from: &mut Bulk,
    to: &mut Bulk,
    counter: i64,
    progress: &Progress,
) -> Result<(), CopyError> {
    let (mut ours, mut theirs) = (Pages::of(table), Pages::of(table));
    let mut compared = 0;
    loop {
        let (one, other) = (ours.next(from.tx()).await?, theirs.next(to.tx()).await?);
        let same = one
            .iter()
            .zip(&other)
            .take_while(|(one, other)| one.values == other.values);
        let same = same.count();
        if same < one.len().max(other.len()) {
            let row = compared + same as u64 + 1;
            return Err(CopyError::Different {
                table: &table.name,
                row,
            });
        }
        if one.is_empty() {
            break;
        }
        compared += one.len() as u64;
        progress.advance(one.len() as u64);
    }
    if table.is_counted && to.counter(table).await? != counter {
        return Err(CopyError::Different {
            table: &table.name,
            row: compared + 1,
        });
    }
    Ok(())
}

/// A way through a table in the order of its key, a batch at a time.
struct Pages {
    table: &'static Table,
    after: Option<Vec<Value>>,
}

impl Pages {
    fn of(table: &'static Table) -> Self {
        Self { table, after: None }
    }

    async fn next(&mut self, tx: &mut Tx) -> Result<Vec<Row>, StoreError> {
        let rows = match self.after.take() {
            None => tx.rows(self.table.first(), params![BATCH]).await?,
            Some(mut parameters) => {
                parameters.push(BATCH.into());
                tx.rows(self.table.after(), &parameters).await?
            }
        };
        let key = |row: &Row| {
            self.table
                .key
                .iter()
                .map(|place| row.values[*place].clone())
                .collect()
        };
        // An empty batch begins anew, which nobody asks for.
        self.after = rows.last().map(key);
        Ok(rows)
    }
}
