//! Hearing that other nodes changed something, the moment they did.
//!
//! A transaction that writes to the feed of changes notifies a channel when it commits. This
//! connection listens on it and calls back, so that the feed is read at once instead of at its next
//! turn. It carries nothing that is relied on: the feed is read all the time, heard of or not, and
//! a notification that is lost costs a fraction of a second. So a connection that fails is made
//! again after a pause, and nobody waits for it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures_util::stream::{BoxStream, StreamExt, poll_fn};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{sleep, timeout};
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls};

use crate::changes::WakeupListener;
use crate::engine::postgres::connection::CHANNEL;
use crate::engine::postgres::failure::PostgresFailure;
use crate::engine::postgres::pool::Connector;

/// How long to wait before a connection that failed is made again: twice as long after each
/// failure, up to the most.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What was heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) notifications: AtomicU64,
    pub(super) is_listening: AtomicBool,
}

/// What the server says without being asked.
type Messages = BoxStream<'static, Result<AsyncMessage, Error>>;

/// Listens for as long as the runtime lives, if there is a connection that can.
pub(super) fn start(connector: &Connector, heard: Arc<Heard>, hear: WakeupListener) {
    let Some(place) = connector.options.listening_place() else {
        return;
    };
    let (place, connector) = (place.clone(), connector.clone());
    let runtime = connector.runtime.clone();
    runtime.spawn(async move {
        let mut pause = PAUSE;
        loop {
            let Err(failure) = listen(&connector, &place, &heard, &hear).await;
            if heard.is_listening.swap(false, Ordering::Relaxed) {
                pause = PAUSE;
            }
            tracing::warn!(cause = %failure, "notifications of other nodes' changes are lost; polling finds them a little later");
            sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    });
}

/// Listens until the connection fails.
async fn listen(
    connector: &Connector,
    place: &Config,
    heard: &Heard,
    hear: &WakeupListener,
) -> Result<Infallible, PostgresFailure> {
    let time_limit = connector.options.connect_timeout;
    let connected = timeout(time_limit, connect(connector, place)).await;
    let (client, mut messages) = connected.map_err(|_| PostgresFailure::TimedOut)??;
    let listen = format!("LISTEN {CHANNEL}");
    let mut asking = std::pin::pin!(timeout(time_limit, client.batch_execute(&listen)));
    loop {
        tokio::select! {
            asked = &mut asking, if !heard.is_listening.load(Ordering::Relaxed) => {
                asked.map_err(|_| PostgresFailure::TimedOut)??;
                heard.is_listening.store(true, Ordering::Relaxed);
                // What was announced while nobody listened.
                hear();
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(_))) => {
                    heard.notifications.fetch_add(1, Ordering::Relaxed);
                    hear();
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(PostgresFailure::broken("the server closed it")),
            },
        }
    }
}

async fn connect(
    connector: &Connector,
    place: &Config,
) -> Result<(Client, Messages), PostgresFailure> {
    let mut config = connector.watched(place);
    if let Some(tls) = &connector.tls {
        config.ssl_mode(SslMode::Require);
        let (client, connection) = config.connect(tls.clone()).await?;
        Ok((client, messages(connection)))
    } else {
        config.ssl_mode(SslMode::Disable);
        let (client, connection) = config.connect(NoTls).await?;
        Ok((client, messages(connection)))
    }
}

fn messages<S, T>(mut connection: tokio_postgres::Connection<S, T>) -> Messages
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    poll_fn(move |context| connection.poll_message(context)).boxed()
}
