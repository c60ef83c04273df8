//! Clients that are cheap enough to be many: one request after the other over HTTP/1.1, with or
//! without TLS.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long a connection or an answer is waited for. Whoever waits longer has not been served.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// How a server is reached.
#[derive(Clone)]
pub(crate) struct Target {
    address: SocketAddr,
    encryption: Option<Encryption>,
}

#[derive(Clone)]
struct Encryption {
    http_1: TlsConnector,
    http_2: TlsConnector,
}

impl Target {
    /// The server at this URL, whose own certificate is in its data folder if it has one.
    pub(crate) fn of(base_url: &str, data: &Path) -> Self {
        let (scheme, authority) = base_url.split_once("://").expect("a URL has a scheme");
        let port = authority.rsplit_once(':').expect("the URL names a port").1;
        let port = port.parse().expect("a port is a number");
        let encryption = (scheme == "https").then(|| {
            let file = data.join("tls/self-signed.crt");
            let certificate = CertificateDer::from_pem_file(file).expect("the server made it");
            Encryption {
                http_1: connector(&certificate, b"http/1.1"),
                http_2: connector(&certificate, b"h2"),
            }
        });
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            encryption,
        }
    }

    /// Connects from an address of this machine, to ask over HTTP/1.1.
    pub(super) async fn connect(&self, from: IpAddr) -> io::Result<Client> {
        let connector = self
            .encryption
            .as_ref()
            .map(|encryption| &encryption.http_1);
        let stream = patiently(self.open(from, connector)).await?;
        Ok(Client {
            stream,
            received: Vec::new(),
        })
    }

    /// Connects from an address of this machine, to send frames of HTTP/2.
    pub(crate) async fn connect_http_2(&self, from: IpAddr) -> io::Result<Box<dyn Stream>> {
        let encryption = self.encryption.as_ref();
        let encryption = encryption.expect("HTTP/2 is spoken over TLS only");
        patiently(self.open(from, Some(&encryption.http_2))).await
    }

    async fn open(
        &self,
        from: IpAddr,
        connector: Option<&TlsConnector>,
    ) -> io::Result<Box<dyn Stream>> {
        let stream = open_tcp(self.address, from).await?;
        Ok(match connector {
            None => Box::new(stream),
            Some(connector) => {
                let name = ServerName::from(self.address.ip());
                Box::new(connector.connect(name, stream).await?)
            }
        })
    }
}

async fn open_tcp(to: SocketAddr, from: IpAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::new(from, 0))?;
    let stream = socket.connect(to).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn connector(trusted: &CertificateDer<'static>, protocol: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = versions
        .expect("the provider has the usual versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsConnector::from(Arc::new(config))
}

/// What `work` comes to, unless it takes too long.
pub(crate) async fn patiently<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(PATIENCE, work).await {
        Ok(result) => result,
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// Somebody who asks over one connection.
pub(super) struct Client {
    stream: Box<dyn Stream>,
    received: Vec<u8>,
}

/// A request, but for who sends it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: &'static str,
    pub(super) path: String,
    /// The value of `Authorization`.
    pub(super) authorization: Option<String>,
    /// On whose behalf the proxy says that it asks.
    pub(super) forwarded_for: Option<String>,
    pub(super) body: Option<String>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            authorization: None,
            forwarded_for: None,
            body: None,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut text = format!(
            "{} {} HTTP/1.1\r\nhost: localhost\r\n",
            self.method, self.path
        );
        for (name, value) in [
            ("authorization", &self.authorization),
            ("x-forwarded-for", &self.forwarded_for),
        ] {
            if let Some(value) = value {
                let _ = write!(text, "{name}: {value}\r\n");
            }
        }
        if let Some(body) = &self.body {
            let length = body.len();
            let _ = write!(
                text,
                "content-type: application/json\r\ncontent-length: {length}\r\n"
            );
        }
        text.push_str("\r\n");
        text.push_str(self.body.as_deref().unwrap_or_default());
        text.into_bytes()
    }
}

impl Client {
    /// Sends a request and reads its answer.
    pub(super) async fn ask(&mut self, asked: &Asked) -> io::Result<Answer> {
        patiently(async {
            self.stream.write_all(&asked.bytes()).await?;
            self.answer().await
        })
        .await
    }

    /// Waits until the server ends the connection.
    pub(super) async fn closed(&mut self) {
        while self.receive().await.is_ok() {}
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let head_end = loop {
            if let Some(at) = position(&self.received, b"\r\n\r\n") {
                break at + 4;
            }
            self.receive().await?;
        };
        let head: Vec<u8> = self.received.drain(..head_end).collect();
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let malformed = || io::Error::from(io::ErrorKind::InvalidData);
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length = length.map_or(Ok(0), |length| length.trim().parse());
        let length: usize = length.map_err(|_| malformed())?;
        while self.received.len() < length {
            self.receive().await?;
        }
        let body: Vec<u8> = self.received.drain(..length).collect();
        Ok(Answer {
            status: status.ok_or_else(malformed)?,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    async fn receive(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

fn position(bytes: &[u8], sought: &[u8]) -> Option<usize> {
    bytes
        .windows(sought.len())
        .position(|window| window == sought)
}
