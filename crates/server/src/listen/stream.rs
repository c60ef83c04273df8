//! The two kinds of connections, over TCP and over a Unix socket.

use std::io;
use std::mem::MaybeUninit;

use counterfoil_domain::network::ClientAddress;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// A kind of connection, and the socket that it comes from.
pub(super) trait Stream:
    AsyncRead + AsyncWrite + Unpin + Send + Sync + Sized + 'static
{
    /// A listening socket that no runtime has yet.
    type Free: Send;
    /// One that the runtime watches.
    type Listener: Send + Sync;
    /// A connection on its way to another runtime.
    type Moving: Send + 'static;

    fn listen(free: Self::Free) -> io::Result<Self::Listener>;

    fn accept(
        listener: &Self::Listener,
    ) -> impl Future<Output = io::Result<(Self, ClientAddress)>> + Send;

    /// Those that wait to be accepted. The socket closes then: a connection that comes after them
    /// is refused, so that whoever made it knows that nothing was asked.
    fn accept_last(listener: Self::Listener) -> io::Result<Vec<(Self, ClientAddress)>>;

    /// Waits for the first byte, or for the end.
    fn readable(&self) -> impl Future<Output = io::Result<()>> + Send;

    /// Waits for the first byte, and leaves it where it is; none at the end, and on connections
    /// that are never encrypted.
    fn first_byte(&self) -> impl Future<Output = io::Result<Option<u8>>> + Send;

    fn leave(self) -> io::Result<Self::Moving>;

    fn arrive(moving: Self::Moving) -> io::Result<Self>;
}

impl Stream for TcpStream {
    type Free = std::net::TcpListener;
    type Listener = TcpListener;
    type Moving = std::net::TcpStream;

    fn listen(free: Self::Free) -> io::Result<TcpListener> {
        TcpListener::from_std(free)
    }

    async fn accept(listener: &TcpListener) -> io::Result<(Self, ClientAddress)> {
        let (stream, address) = listener.accept().await?;
        // Answers are written whole: to wait for more before sending would only delay them.
        stream.set_nodelay(true)?;
        Ok((stream, ClientAddress::from(address)))
    }

    fn accept_last(listener: TcpListener) -> io::Result<Vec<(Self, ClientAddress)>> {
        let listener = listener.into_std()?;
        std::iter::from_fn(|| listener.accept().ok())
            .map(|(stream, address)| {
                stream.set_nonblocking(true)?;
                stream.set_nodelay(true)?;
                Ok((Self::from_std(stream)?, ClientAddress::from(address)))
            })
            .collect()
    }

    async fn readable(&self) -> io::Result<()> {
        let look = || peek(&SockRef::from(self));
        self.async_io(Interest::READABLE, look).await
    }

    async fn first_byte(&self) -> io::Result<Option<u8>> {
        let mut first = [0];
        let found = self.peek(&mut first).await?;
        Ok((found > 0).then_some(first[0]))
    }

    fn leave(self) -> io::Result<Self::Moving> {
        self.into_std()
    }

    fn arrive(moving: Self::Moving) -> io::Result<Self> {
        Self::from_std(moving)
    }
}

impl Stream for UnixStream {
    type Free = std::os::unix::net::UnixListener;
    type Listener = UnixListener;
    type Moving = std::os::unix::net::UnixStream;

    fn listen(free: Self::Free) -> io::Result<UnixListener> {
        UnixListener::from_std(free)
    }

    async fn accept(listener: &UnixListener) -> io::Result<(Self, ClientAddress)> {
        let (stream, _) = listener.accept().await?;
        Ok((stream, ClientAddress::Unix))
    }

    fn accept_last(listener: UnixListener) -> io::Result<Vec<(Self, ClientAddress)>> {
        let listener = listener.into_std()?;
        std::iter::from_fn(|| listener.accept().ok())
            .map(|(stream, _)| {
                stream.set_nonblocking(true)?;
                Ok((Self::from_std(stream)?, ClientAddress::Unix))
            })
            .collect()
    }

    async fn readable(&self) -> io::Result<()> {
        let look = || peek(&SockRef::from(self));
        self.async_io(Interest::READABLE, look).await
    }

    async fn first_byte(&self) -> io::Result<Option<u8>> {
        Ok(None)
    }

    fn leave(self) -> io::Result<Self::Moving> {
        self.into_std()
    }

    fn arrive(moving: Self::Moving) -> io::Result<Self> {
        Self::from_std(moving)
    }
}

/// Whether there is something to read. The runtime takes a new connection for readable until
/// somebody finds otherwise.
fn peek(socket: &SockRef<'_>) -> io::Result<()> {
    socket.peek(&mut [MaybeUninit::uninit()]).map(drop)
}
