//! Opens the sockets to listen on.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use listenfd::ListenFd;
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::address::ListenAddress;
use super::limits::BACKLOG;
use super::unix_socket::{self, BoundUnixSocket, UnixSocketError};

/// How often the system may choose a port for a name that has several addresses.
const CHOICES_OF_A_PORT: u32 = 16;

/// A socket that is open and waits for connections. Dropping it closes it, and removes the file of
/// a Unix socket that [`bind`] made.
#[derive(Debug)]
pub struct Bound {
    socket: BoundSocket,
    local: LocalAddress,
    /// The host name that it was listed under.
    name: Option<String>,
}

/// The socket of a [`Bound`].
#[derive(Debug)]
pub(super) enum BoundSocket {
    /// At least one; several listen on the same address, and the system spreads connections over
    /// them.
    Tcp(Vec<TcpListener>),
    Unix(BoundUnixSocket),
}

/// Where a [`Bound`] socket listens in fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalAddress {
    /// An IP address and the real port.
    Ip(SocketAddr),
    /// The path of a Unix socket; empty for one without a path that systemd handed over.
    Unix(PathBuf),
}

impl Bound {
    /// Where the socket listens, with the real port.
    pub fn local(&self) -> &LocalAddress {
        &self.local
    }

    /// The real port; none for a Unix socket.
    pub fn port(&self) -> Option<u16> {
        match &self.local {
            LocalAddress::Ip(address) => Some(address.port()),
            LocalAddress::Unix(_) => None,
        }
    }

    /// What to tell a person who wants to connect: a URL with the host as it was listed, or
    /// `unix:PATH`. A Unix socket never speaks TLS.
    pub fn url(&self, tls: bool) -> String {
        match &self.local {
            LocalAddress::Ip(address) => {
                let scheme = if tls { "https" } else { "http" };
                match &self.name {
                    Some(name) => format!("{scheme}://{name}:{}", address.port()),
                    None => format!("{scheme}://{address}"),
                }
            }
            LocalAddress::Unix(_) => self.local.to_string(),
        }
    }

    /// Opens the address so often in all, so that as many workers can accept for themselves. A
    /// socket that cannot be opened again stays alone: whoever accepts there hands connections on.
    #[must_use]
    pub fn spread(mut self, sockets: NonZeroUsize) -> Self {
        if let (BoundSocket::Tcp(listeners), LocalAddress::Ip(address)) =
            (&mut self.socket, &self.local)
            && let Err(error) = open_again(listeners, *address, sockets)
        {
            tracing::debug!(cause = %error, %address, "one socket accepts for all workers");
            listeners.truncate(1);
        }
        self
    }

    pub(super) fn into_socket(self) -> BoundSocket {
        self.socket
    }

    fn tcp(listener: TcpListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let local = LocalAddress::Ip(listener.local_addr()?);
        let socket = BoundSocket::Tcp(vec![listener]);
        Ok(Self {
            socket,
            local,
            name: None,
        })
    }

    fn unix(socket: BoundUnixSocket) -> Self {
        let local = LocalAddress::Unix(socket.path().to_owned());
        let socket = BoundSocket::Unix(socket);
        Self {
            socket,
            local,
            name: None,
        }
    }
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

/// Opens every address, in order; all or none. Must be called inside a Tokio runtime.
///
/// `[::]:PORT` accepts IPv4 as well, unless the list asks for IPv4 on the same port too; every
/// other IPv6 address is IPv6 only. A Unix socket gets mode 0660; a file that a dead process left
/// in its place is removed, a living one is an error.
pub async fn bind(addresses: &[ListenAddress]) -> Result<Vec<Bound>, ListenError> {
    let mut all = Vec::new();
    for address in addresses {
        match address {
            ListenAddress::Ip(ip) => all.push(bind_ip(*ip, addresses)?),
            ListenAddress::Name { host, port } => {
                all.append(&mut bind_name(host, *port, addresses).await?);
            }
            ListenAddress::Unix(path) => all.push(bind_unix(path).await?),
            ListenAddress::Systemd => all.append(&mut take_from_systemd(ListenFd::from_env())?),
        }
    }
    Ok(all)
}

fn bind_ip(address: SocketAddr, all: &[ListenAddress]) -> Result<Bound, ListenError> {
    let open = || -> io::Result<Bound> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        if address.is_ipv6() {
            socket.set_only_v6(!takes_ipv4_too(address, all))?;
        }
        // A restart must not wait until the last connections of its predecessor have left
        // TIME_WAIT.
        socket.set_reuse_address(true)?;
        socket.bind(&address.into())?;
        // Only now may others join, and only ours do: had it been set before, a second server would
        // bind the same address without a word, and take half of the connections.
        socket.set_reuse_port(true)?;
        socket.listen(BACKLOG)?;
        Bound::tcp(socket.into())
    };
    open().map_err(|source| ListenError::Bind {
        address: ListenAddress::Ip(address),
        source,
    })
}

/// Opens an address, at which the first of these listens, until there are so many sockets.
fn open_again(
    listeners: &mut Vec<TcpListener>,
    address: SocketAddr,
    sockets: NonZeroUsize,
) -> io::Result<()> {
    let Some(first) = listeners.first().map(SockRef::from) else {
        return Ok(());
    };
    // What systemd handed over shares its port only if it was told to.
    if !first.reuse_port()? {
        return Ok(());
    }
    let only_v6 = address.is_ipv6().then(|| first.only_v6()).transpose()?;
    for _ in listeners.len()..sockets.get() {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::STREAM,
            Some(Protocol::TCP),
        )?;
        if let Some(only_v6) = only_v6 {
            socket.set_only_v6(only_v6)?;
        }
        socket.set_reuse_address(true)?;
        socket.set_reuse_port(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        listeners.push(socket.into());
    }
    Ok(())
}

/// Whether this is `[::]` and nobody else wants IPv4 on its port.
fn takes_ipv4_too(address: SocketAddr, all: &[ListenAddress]) -> bool {
    let same_port_over_ipv4 = |other: &ListenAddress| match other {
        ListenAddress::Ip(other) => other.is_ipv4() && other.port() == address.port(),
        // A name may resolve to IPv4, so the port is left to it.
        ListenAddress::Name { port, .. } => *port == address.port(),
        ListenAddress::Unix(_) | ListenAddress::Systemd => false,
    };
    address.ip().is_unspecified() && !all.iter().any(same_port_over_ipv4)
}

async fn bind_name(
    host: &str,
    port: u16,
    all: &[ListenAddress],
) -> Result<Vec<Bound>, ListenError> {
    let resolved = resolve(host, port).await?;
    let mut attempts = if port == 0 { CHOICES_OF_A_PORT } else { 1 };
    loop {
        attempts -= 1;
        match bind_resolved(host, &resolved, all) {
            // The port that the system chose on one address was somebody's on another.
            Err(error) if error.is_in_use() && attempts > 0 => {}
            outcome => return outcome,
        }
    }
}

/// The addresses of a name. Those of loopback are known, whatever a hosts file or a resolver says
/// (RFC 6761 section 6.3): who listens there counts on nobody else coming.
async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, ListenError> {
    let name = ListenAddress::Name {
        host: host.to_owned(),
        port,
    };
    if name.is_loopback() {
        return Ok(vec![
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ]);
    }
    match tokio::net::lookup_host((host, port)).await {
        Ok(resolved) => Ok(resolved.collect()),
        Err(source) => Err(ListenError::Resolve {
            host: host.to_owned(),
            source,
        }),
    }
}

fn bind_resolved(
    host: &str,
    resolved: &[SocketAddr],
    all: &[ListenAddress],
) -> Result<Vec<Bound>, ListenError> {
    let mut bound: Vec<Bound> = Vec::new();
    let mut unavailable = None;
    for address in resolved {
        let mut address = *address;
        if let Some(LocalAddress::Ip(first)) = bound.first().map(Bound::local) {
            // One name, one port, also when the system chose it.
            address.set_port(first.port());
        }
        match bind_ip(address, all) {
            Ok(socket) => bound.push(Bound {
                name: Some(host.to_owned()),
                ..socket
            }),
            Err(error) if error.is_in_use() || error.is_permission_denied() => return Err(error),
            // Some machines have no IPv6, though their hosts file may say so; the other addresses
            // of the name serve then.
            Err(error) => unavailable = Some(error),
        }
    }
    match unavailable {
        Some(error) if bound.is_empty() => Err(error),
        _ if bound.is_empty() => Err(ListenError::NoAddress(host.to_owned())),
        _ => Ok(bound),
    }
}

async fn bind_unix(path: &Path) -> Result<Bound, ListenError> {
    let socket = unix_socket::bind(path)
        .await
        .map_err(|source| ListenError::UnixSocket {
            path: path.to_owned(),
            source,
        })?;
    Ok(Bound::unix(socket))
}

fn take_from_systemd(mut handed: ListenFd) -> Result<Vec<Bound>, ListenError> {
    if handed.len() == 0 {
        return Err(ListenError::NothingFromSystemd);
    }
    (0..handed.len())
        .map(|index| take_one_from_systemd(&mut handed, index).map_err(ListenError::FromSystemd))
        .collect()
}

fn take_one_from_systemd(handed: &mut ListenFd, index: usize) -> io::Result<Bound> {
    let taken = io::Error::other("the socket was taken before");
    // The crate tells the kinds of socket apart only by refusing; a refused one stays in its place.
    if let Ok(listener) = handed.take_tcp_listener(index) {
        return Bound::tcp(listener.ok_or(taken)?);
    }
    let listener = handed.take_unix_listener(index)?.ok_or(taken)?;
    Ok(Bound::unix(BoundUnixSocket::from_systemd(listener)?))
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The system refused the IP address: it is in use, not this machine's, or its port needs a
    /// right.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address as far as it was resolved.
        address: ListenAddress,
        /// What the system said.
        source: io::Error,
    },
    /// The host name could not be looked up.
    #[error("cannot find the address of {host}")]
    Resolve {
        /// The host name.
        host: String,
        /// What the resolver said.
        source: io::Error,
    },
    /// The host name exists and has no address.
    #[error("{0} has no address to listen on")]
    NoAddress(String),
    /// The Unix socket could not be made.
    #[error("cannot listen on unix:{}", path.display())]
    UnixSocket {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        source: UnixSocketError,
    },
    /// `systemd` was asked for and no socket was handed over.
    #[error(
        "systemd handed over no socket: start the service through its socket unit, or listen on an address"
    )]
    NothingFromSystemd,
    /// What systemd handed over is no listening stream socket.
    #[error("cannot use a socket that systemd handed over")]
    FromSystemd(#[source] io::Error),
}

impl ListenError {
    /// Whether the process lacks a right, as for ports below 1024.
    pub fn is_permission_denied(&self) -> bool {
        self.io_kind() == Some(io::ErrorKind::PermissionDenied)
    }

    /// Whether another process, or another entry of the list, listens there already.
    pub fn is_in_use(&self) -> bool {
        let unix_in_use = matches!(
            self,
            Self::UnixSocket {
                source: UnixSocketError::InUse,
                ..
            }
        );
        unix_in_use || self.io_kind() == Some(io::ErrorKind::AddrInUse)
    }

    fn io_kind(&self) -> Option<io::ErrorKind> {
        match self {
            Self::Bind { source, .. }
            | Self::UnixSocket {
                source: UnixSocketError::Io(source),
                ..
            } => Some(source.kind()),
            Self::UnixSocket { .. }
            | Self::Resolve { .. }
            | Self::NoAddress(_)
            | Self::NothingFromSystemd
            | Self::FromSystemd(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn addresses(list: &[&str]) -> Vec<ListenAddress> {
        list.iter()
            .map(|address| address.parse().unwrap())
            .collect()
    }

    #[tokio::test]
    async fn port_zero_becomes_the_real_port() {
        let bound = bind(&addresses(&["127.0.0.1:0", "127.0.0.1:0"]))
            .await
            .unwrap();
        let [first, second] = bound.as_slice() else {
            panic!("two addresses were given")
        };
        assert_ne!(first.port(), Some(0));
        assert_ne!(first.port(), second.port());
        assert_eq!(
            first.url(true),
            format!("https://127.0.0.1:{}", first.port().unwrap())
        );
    }

    #[tokio::test]
    async fn an_address_in_use_is_named_and_nothing_stays_open() {
        let first = bind(&addresses(&["127.0.0.1:0"])).await.unwrap().remove(0);
        let taken = first.local().to_string();
        let error = bind(&addresses(&["127.0.0.1:0", &taken]))
            .await
            .unwrap_err();
        assert!(error.is_in_use());
        assert_eq!(error.to_string(), format!("cannot listen on {taken}"));
    }

    #[tokio::test]
    async fn an_address_that_is_spread_over_workers_is_in_use_for_everybody_else() {
        let sockets = NonZeroUsize::new(3).unwrap();
        for text in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(mut bound) = bind(&addresses(&[text])).await else {
                continue;
            };
            let bound = bound.remove(0).spread(sockets);
            let taken = bound.local().to_string();
            let BoundSocket::Tcp(listeners) = &bound.socket else {
                panic!("an address has TCP sockets")
            };
            assert_eq!(listeners.len(), 3);
            let same = |listener: &TcpListener| listener.local_addr().unwrap().to_string() == taken;
            assert!(listeners.iter().all(same));
            assert!(bind(&addresses(&[&taken])).await.unwrap_err().is_in_use());
        }
    }

    #[tokio::test]
    async fn a_name_gets_one_port_on_all_its_addresses() {
        let bound = bind(&addresses(&["localhost:0"])).await.unwrap();
        assert!(bound.iter().all(|socket| socket.port() == bound[0].port()));
        let address = |ip: IpAddr| LocalAddress::Ip((ip, bound[0].port().unwrap()).into());
        assert_eq!(*bound[0].local(), address(Ipv4Addr::LOCALHOST.into()));
        // A machine without IPv6 has one address by this name.
        if let Some(second) = bound.get(1) {
            assert_eq!(*second.local(), address(Ipv6Addr::LOCALHOST.into()));
        }
        let url = format!("http://localhost:{}", bound[0].port().unwrap());
        assert!(bound.iter().all(|socket| socket.url(false) == url));
    }

    #[test]
    fn the_ipv6_wildcard_takes_ipv4_unless_the_list_asks_for_it_separately() {
        let wildcard = "[::]:8080".parse().unwrap();
        assert!(takes_ipv4_too(
            wildcard,
            &addresses(&["[::]:8080", "127.0.0.1:9090"])
        ));
        assert!(!takes_ipv4_too(
            wildcard,
            &addresses(&["[::]:8080", "0.0.0.0:8080"])
        ));
        assert!(!takes_ipv4_too(
            wildcard,
            &addresses(&["[::]:8080", "127.0.0.1:8080"])
        ));
        assert!(!takes_ipv4_too(
            "[::1]:8080".parse().unwrap(),
            &addresses(&["[::1]:8080"])
        ));
    }

    #[test]
    fn systemd_without_sockets_is_an_error_that_says_what_to_do() {
        let error = take_from_systemd(ListenFd::empty()).unwrap_err();
        assert!(matches!(error, ListenError::NothingFromSystemd));
    }
}
