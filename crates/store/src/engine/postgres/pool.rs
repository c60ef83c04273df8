//! Connections that are made when they are needed and kept for the next who needs one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use counterfoil_domain::audit::WriterId;
use deadpool::Runtime;
use deadpool::managed::{
    Manager, Metrics, Object, Pool, PoolError, RecycleError, RecycleResult, Timeouts,
};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::{Client, Config, NoTls};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::context::Context;
use crate::engine::postgres::connection::{Condition, PostgresConnection, SessionOptions};
use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::options::{SharedOptions, StatementMode};
use crate::engine::postgres::reason::not_connected;
use crate::engine::postgres::transaction;
use crate::error::StoreError;
use crate::tx::Tx;

/// Beyond the time that the server gives a statement, for its answer to arrive.
const WAY: std::time::Duration = std::time::Duration::from_secs(2);

/// How long one of several hosts may take to accept a connection before the next one is tried: the
/// feed of changes and the look-ups of checks cannot wait for one that is gone.
const ONE_OF_SEVERAL: std::time::Duration = std::time::Duration::from_millis(500);

/// How long a connection may say nothing before its other end is asked whether it is there.
const SILENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) options: SharedOptions,
    pub(super) tls: Option<MakeRustlsConnect>,
    /// Where connections live, whoever uses them.
    pub(super) runtime: Handle,
    pub(super) context: Context,
    /// The process's id; each connection writes events under one of its own that begins with it.
    pub(super) process: WriterId,
    pub(super) made: Arc<AtomicU64>,
}

impl Connector {
    /// A connection for transactions. It runs one at a time, so each has a writer of its own under
    /// whose id they record events, and no two transactions wait for each other's number.
    pub(super) async fn connect(&self) -> Result<Tx, PostgresFailure> {
        let connection = self.client(&self.options.config).await?;
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let writer = WriterId(format!("{}.{number}", self.process.0));
        let connection = PostgresConnection::new(connection, &self.session_options());
        Ok(Tx::new(connection, Arc::new(writer), self.context.clone()))
    }

    async fn client(&self, config: &Config) -> Result<(Client, AbortHandle), PostgresFailure> {
        let mut config = self.watched(config);
        if self.options.statements == StatementMode::Prepared {
            // A pooler refuses options that it does not know; there, each transaction begins with
            // them.
            config.options(self.session_settings());
        }
        // Each host has its time, so that one which is gone leaves some to the next.
        let hosts = u32::try_from(config.get_hosts().len()).unwrap_or(u32::MAX);
        let time_limit = self.options.connect_timeout.saturating_mul(hosts.max(1));
        let made = timeout(time_limit, self.handshake(config)).await;
        made.map_err(|_| PostgresFailure::TimedOut)?
    }

    /// How long one host may take to accept a connection.
    fn time_limit_for_each_of(&self, hosts: usize) -> std::time::Duration {
        let time_limit = self.options.connect_timeout;
        if hosts > 1 {
            time_limit.min(ONE_OF_SEVERAL)
        } else {
            time_limit
        }
    }

    /// This with what notices that the other end has gone without saying so.
    pub(super) fn watched(&self, config: &Config) -> Config {
        let time_limit = self.time_limit_for_each_of(config.get_hosts().len());
        let mut config = config.clone();
        config
            .connect_timeout(time_limit)
            .keepalives(true)
            .keepalives_idle(SILENCE)
            .keepalives_interval(SILENCE / 2)
            .keepalives_retries(2)
            // What was sent and not even received is not waited for as long as the system would.
            .tcp_user_timeout(SILENCE * 2);
        config
    }

    /// The connection, and what carries it for as long as it lives.
    async fn handshake(
        &self,
        mut config: Config,
    ) -> Result<(Client, AbortHandle), PostgresFailure> {
        if let Some(tls) = &self.tls {
            config.ssl_mode(SslMode::Require);
            let (client, connection) = config.connect(tls.clone()).await?;
            Ok((client, self.runtime.spawn(connection).abort_handle()))
        } else {
            config.ssl_mode(SslMode::Disable);
            let (client, connection) = config.connect(NoTls).await?;
            Ok((client, self.runtime.spawn(connection).abort_handle()))
        }
    }

    /// As options of the session.
    fn session_settings(&self) -> String {
        let [statement, lock] = self.time_outs();
        format!(
            "-c statement_timeout={statement} -c lock_timeout={lock} -c idle_in_transaction_session_timeout={}",
            statement * 2
        )
    }

    /// As statements that a transaction begins with.
    fn transaction_settings(&self) -> String {
        match self.options.statements {
            StatementMode::Prepared => String::new(),
            StatementMode::Unnamed => {
                let [statement, lock] = self.time_outs();
                format!("SET LOCAL statement_timeout={statement};SET LOCAL lock_timeout={lock}")
            }
        }
    }

    /// In milliseconds.
    fn time_outs(&self) -> [u128; 2] {
        [self.options.statement_timeout, self.options.lock_timeout].map(|time| time.as_millis())
    }

    fn session_options(&self) -> SessionOptions {
        SessionOptions {
            statements: self.options.statements,
            time_limit: self.options.statement_timeout + WAY,
            settings: self.transaction_settings(),
        }
    }
}

impl Manager for Connector {
    type Type = Tx;
    type Error = PostgresFailure;

    async fn create(&self) -> Result<Tx, PostgresFailure> {
        let mut tx = self.connect().await?;
        // After a failover this may be another server than the one that was looked at when the
        // store was opened.
        tx.postgres().demand_lasting_commits().await?;
        Ok(tx)
    }

    async fn recycle(&self, tx: &mut Tx, _: &Metrics) -> RecycleResult<PostgresFailure> {
        let connection = tx.postgres();
        if connection.is_closed() {
            return Err(RecycleError::message("closed"));
        }
        match connection.condition() {
            Condition::Idle => connection.catch_up().await.map_err(RecycleError::Backend),
            // Whoever used it last was dropped in the middle.
            Condition::InTransaction | Condition::Failed => transaction::roll_back(tx)
                .await
                .map_err(RecycleError::Backend),
            Condition::Unknown => Err(RecycleError::message("in an unknown condition")),
        }
    }
}

/// Connections of one kind of work.
pub(super) type Connections = Pool<Connector>;
/// A connection in use; it goes back when it is dropped.
pub(super) type Connected = Object<Connector>;

/// A pool of at most `size` connections.
pub(super) fn pool(connector: &Connector, size: usize) -> Connections {
    let wait = Some(connector.options.connect_timeout);
    Pool::builder(connector.clone())
        .max_size(size.max(1))
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait,
            create: None,
            recycle: wait,
        })
        .build()
        .expect("a pool with a runtime has what its timeouts need")
}

/// A connection of the pool.
pub(super) async fn take(pool: &Connections) -> Result<Connected, StoreError> {
    pool.get().await.map_err(|error| match error {
        PoolError::Backend(failure) => {
            let options = &pool.manager().options;
            not_connected(&failure, options)
        }
        PoolError::Closed => StoreError::Closed,
        PoolError::Timeout(_) => {
            StoreError::Unavailable("no connection to PostgreSQL became free in time".into())
        }
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            StoreError::Unavailable(error.to_string().into())
        }
    })
}
