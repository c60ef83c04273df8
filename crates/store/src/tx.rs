//! An open transaction: a connection that runs statements, and what is gathered while it is open
//! and written at its end, its events and its entries in the feed of changes.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use counterfoil_domain::audit::{Event, WriterId};
use counterfoil_domain::change::Change;
use counterfoil_domain::principal::Attribution;
use counterfoil_domain::timestamp::Timestamp;

use crate::audit::{Ending, Numbers, Recorded};
use crate::changes::{Announcements, NumberedChange};
use crate::context::Context;
use crate::engine::connection::AnyConnection;
use crate::error::StoreError;
use crate::liveness::Liveness;

/// An open transaction, or a connection that reads. Statements are run as on the connection itself.
#[derive(Debug)]
pub(crate) struct Tx {
    connection: AnyConnection,
    context: Context,
    recorded: Recorded,
    announcements: Announcements,
}

/// How much a transaction had gathered at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gathered {
    numbers: Numbers,
    noted: usize,
}

impl Deref for Tx {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}

impl Tx {
    /// On this connection, whose transactions record their events under the id of `writer`.
    pub(crate) fn new(
        connection: impl Into<AnyConnection>,
        writer: Arc<WriterId>,
        context: Context,
    ) -> Self {
        let mut connection = connection.into();
        connection.count_in(Arc::clone(&context.shared));
        Self {
            connection,
            context,
            recorded: Recorded::under(writer),
            announcements: Announcements::default(),
        }
    }

    /// The connection, once the transaction has ended or is to be ended by hand.
    pub(crate) fn into_connection(self) -> AnyConnection {
        self.connection
    }

    /// What the process that opened the store brought.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// By what tokens are judged.
    pub(crate) fn liveness(&self) -> &Liveness {
        &self.context.liveness
    }

    /// A token whose last sign of life is not after this is idle at `now`.
    pub(crate) fn idle_since(&self, now: Timestamp) -> Timestamp {
        self.liveness().life().idle_since(now)
    }

    /// Who asks, as of the moment at which their turn came.
    pub(crate) fn renewed(&self, by: Attribution) -> Attribution {
        Attribution {
            at: self.now(by.at),
            ..by
        }
    }

    /// Now, for somebody who asked a while ago.
    pub(crate) fn now(&self, asked: Timestamp) -> Timestamp {
        self.liveness().now(asked)
    }

    /// Says that something is no longer as it was: in the feed, and to whoever listens once this is
    /// committed. Every write that ends or changes what a cache may hold calls it, in the same
    /// transaction.
    pub(crate) fn announce(&mut self, change: Change, now: Timestamp) {
        self.announcements.announce(change, now);
    }

    /// Records `event` as part of the open transaction, under the next number of the process that
    /// writes.
    pub(crate) async fn record(
        &mut self,
        by: &Attribution,
        event: Event,
    ) -> Result<(), StoreError> {
        self.recorded.add(by, event);
        if self.recorded.is_full() {
            return self.write_recorded().await;
        }
        Ok(())
    }

    /// Notes that a token ended. Its event is recorded when it is known who ended it.
    pub(crate) fn note_ending(&mut self, ending: Ending) {
        self.recorded.note_ending(ending);
    }

    /// Records an event for each token that ended: a search by a token's digest finds it whatever
    /// ended the token.
    pub(crate) async fn record_endings(&mut self, by: &Attribution) -> Result<(), StoreError> {
        for ending in self.recorded.take_endings() {
            self.record(by, ending.event()).await?;
        }
        Ok(())
    }

    /// Writes the events that wait. Called when the work that recorded them is done.
    pub(crate) async fn write_recorded(&mut self) -> Result<(), StoreError> {
        let Self {
            connection,
            context,
            recorded,
            ..
        } = self;
        recorded.write(connection, context).await
    }

    /// Writes down the number of the last event where that was put off until the transaction ends.
    pub(crate) async fn write_numbers(&mut self) -> Result<(), StoreError> {
        self.recorded.write_numbers(&mut self.connection).await
    }

    /// [`Tx::write_recorded`], and the number of the last event where that was put off: for a
    /// transaction that carries one piece of work.
    pub(crate) async fn write_all_recorded(&mut self) -> Result<(), StoreError> {
        self.write_recorded().await?;
        self.write_numbers().await
    }

    /// Whether the transaction has put off an event or a number that must be written before it is
    /// committed.
    pub(crate) fn is_unwritten(&self) -> bool {
        self.recorded.is_unwritten()
    }

    /// Writes into the feed what was announced. The last thing that a transaction does: from here
    /// on until it ends nobody else can announce anything.
    pub(crate) async fn write_announced(&mut self) -> Result<(), StoreError> {
        self.announcements.write(&mut self.connection).await
    }

    /// Whether something was written into the feed.
    pub(crate) fn has_noted(&self) -> bool {
        self.announcements.noted() > 0
    }

    /// What was written into the feed, to be told after the commit.
    pub(crate) fn take_noted(&mut self) -> Vec<NumberedChange> {
        self.announcements.take_noted()
    }

    /// How much was gathered so far.
    pub(crate) fn gathered(&self) -> Gathered {
        Gathered {
            numbers: self.recorded.numbers(),
            noted: self.announcements.noted(),
        }
    }

    /// Forgets what was gathered since then, since it was undone.
    pub(crate) fn undo_to(&mut self, gathered: Gathered) {
        self.announcements.undo_beyond(gathered.noted);
        self.recorded.undo_to(gathered.numbers);
    }

    /// Forgets all that was gathered: the transaction was undone, or another one begins. Another
    /// process may have written since the last one, which may not have been committed either.
    pub(crate) fn forget_gathered(&mut self) {
        self.announcements.clear();
        self.recorded.clear();
    }
}
