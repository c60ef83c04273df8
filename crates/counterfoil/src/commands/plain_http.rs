//! A client for plain HTTP/1.1 that wants to know how a request was answered.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, anyhow};
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What is asked.
pub(super) type Question = Request<Empty<Bytes>>;

/// How long one answer may take before the server counts as gone.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The most bytes of an answer.
const LONGEST_ANSWER: usize = 1 << 20;

/// A connection that stays open.
pub(super) struct Connection(SendRequest<Empty<Bytes>>);

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await;
        let stream = stream.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with the sender, to which its errors are told.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request and takes its answer, of which it gives the status.
    pub(super) async fn ask(&mut self, request: &Question) -> anyhow::Result<u16> {
        let answered = timeout(PATIENCE, async {
            let answer = self.0.send_request(request.clone()).await;
            let answer = answer.context("the server did not answer in HTTP/1.1")?;
            let status = answer.status().as_u16();
            let body = Limited::new(answer.into_body(), LONGEST_ANSWER);
            let body = body.collect().await;
            body.map_err(|error| anyhow!(error).context("an answer has no end"))?;
            Ok(status)
        });
        answered.await.context("the server does not answer")?
    }

    /// Waits until another request can be sent, and says whether one can.
    pub(super) async fn stays_open(&mut self) -> bool {
        self.0.ready().await.is_ok()
    }
}
