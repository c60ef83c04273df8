//! A connection's byte stream that notes what happens on it, and closes without cutting its last
//! answer off.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::activity::Activity;

/// How long a closing connection waits for the client to see the last answer.
pub(super) const LINGER_TIME: Duration = Duration::from_secs(2);
/// How many bytes of a refused request are thrown away meanwhile.
pub(super) const LINGER_BYTES: usize = 16 * 1024 * 1024;
/// How many of them at a time.
const LINGER_CHUNK: usize = 16 * 1024;

/// The stream between the socket, or the TLS session, and HTTP.
pub(super) struct WatchedStream<S> {
    inner: S,
    activity: Arc<Activity>,
    closing: Closing,
}

/// How far closing has come.
enum Closing {
    /// Not begun, or the peer has not been told yet.
    Open,
    /// Our side is closed; what still comes is thrown away. To close the socket while bytes wait in
    /// it makes the system send a reset, which may destroy the answer before the client has read
    /// it.
    Lingering {
        until: Pin<Box<Sleep>>,
        bytes_left: usize,
    },
    Closed,
}

impl<S> WatchedStream<S> {
    pub(super) fn new(inner: S, activity: Arc<Activity>) -> Self {
        Self {
            inner,
            activity,
            closing: Closing::Open,
        }
    }

    fn noting_write(&self, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &poll {
            Poll::Pending => self.activity.write_blocked(),
            Poll::Ready(Ok(bytes)) => self.activity.wrote(*bytes),
            Poll::Ready(Err(_)) => {}
        }
        poll
    }

    /// HTTP flushes when it has written all that it has.
    fn noting_flush(&self, poll: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        if poll.is_pending() {
            self.activity.write_blocked();
        } else {
            self.activity.wrote_all();
        }
        poll
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for WatchedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        if buffer.filled().len() > before {
            self.activity.received();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for WatchedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.noting_write(poll)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write_vectored(cx, slices);
        self.noting_write(poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.inner).poll_flush(cx);
        self.noting_flush(poll)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Closing::Open = this.closing {
            let poll = Pin::new(&mut this.inner).poll_shutdown(cx);
            ready!(this.noting_flush(poll))?;
            this.closing = if this.activity.has_unread_bytes() {
                Closing::Lingering {
                    until: Box::pin(sleep(LINGER_TIME)),
                    bytes_left: LINGER_BYTES,
                }
            } else {
                Closing::Closed
            };
        }
        if let Closing::Lingering { until, bytes_left } = &mut this.closing {
            ready!(poll_linger(&mut this.inner, until.as_mut(), bytes_left, cx));
            this.closing = Closing::Closed;
        }
        Poll::Ready(Ok(()))
    }
}

/// Throws away what comes until the client closes its side, the time is over or too much came.
fn poll_linger<S: AsyncRead + Unpin>(
    stream: &mut S,
    until: Pin<&mut Sleep>,
    bytes_left: &mut usize,
    cx: &mut Context<'_>,
) -> Poll<()> {
    let mut scratch = [0; LINGER_CHUNK];
    while *bytes_left > 0 {
        let mut buffer = ReadBuf::new(&mut scratch);
        match Pin::new(&mut *stream).poll_read(cx, &mut buffer) {
            Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                *bytes_left = bytes_left.saturating_sub(buffer.filled().len());
            }
            Poll::Ready(_) => return Poll::Ready(()),
            Poll::Pending => return until.poll(cx),
        }
    }
    Poll::Ready(())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::super::activity::Protocol;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn closing_after_a_request_was_read_does_not_wait() {
        let (_client, server) = duplex(1024);
        let mut stream = WatchedStream::new(
            server,
            Activity::begin(Protocol::Http1, Arc::default(), Instant::now()),
        );
        let before = Instant::now();
        stream.shutdown().await.unwrap();
        assert_eq!(Instant::now(), before);
    }

    #[tokio::test(start_paused = true)]
    async fn closing_over_unread_bytes_waits_for_the_client_or_a_little_while() {
        let activity = Activity::begin(Protocol::Http1, Arc::default(), Instant::now());
        activity.received();
        let (mut client, server) = duplex(64);
        let mut stream = WatchedStream::new(server, Arc::clone(&activity));
        let reader = async {
            // More than the pipe holds: somebody has to read at the other end.
            client.write_all(&[b'x'; 1000]).await.unwrap();
            let mut rest = Vec::new();
            client.read_to_end(&mut rest).await.unwrap();
            drop(client);
        };
        let before = Instant::now();
        tokio::join!(reader, async { stream.shutdown().await.unwrap() });
        assert_eq!(Instant::now(), before);

        let (_silent_client, server) = duplex(64);
        let mut stream = WatchedStream::new(server, activity);
        stream.shutdown().await.unwrap();
        assert_eq!(Instant::now() - before, LINGER_TIME);
    }
}
