//! A connection of a test's own, for what no user of the program does: making databases, and
//! looking into them.

use std::future::Future;
use std::sync::OnceLock;
use std::thread;

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A connection. Its functions wait, inside a runtime too.
#[derive(Debug)]
pub(super) struct Session(Client);

impl Session {
    pub(super) fn open(url: &str) -> Result<Self, tokio_postgres::Error> {
        wait(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
            tokio::spawn(connection);
            Ok(Self(client))
        })
    }

    /// Runs statements.
    pub(super) fn run(&self, sql: &str) -> Result<(), tokio_postgres::Error> {
        wait(self.0.batch_execute(sql))
    }

    /// The rows of the answer, as texts.
    pub(super) fn rows(
        &self,
        sql: &str,
    ) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
        let messages = wait(self.0.simple_query(sql))?;
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(
                (0..row.len())
                    .map(|column| row.get(column).map(str::to_owned))
                    .collect(),
            ),
            _ => None,
        });
        Ok(rows.collect())
    }
}

/// Runs this on a thread of its own: the caller may be inside a runtime, where nothing may wait.
fn wait<T: Send>(work: impl Future<Output = T> + Send) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("testkit-postgres")
            .enable_all()
            .build()
            .expect("a thread can be started")
    });
    thread::scope(|scope| {
        let waiting = scope.spawn(|| runtime.block_on(work));
        waiting.join().expect("the driver does not panic")
    })
}
