//! A Unix socket in the file system, from making it to removing it.
//!
//! A process that was killed leaves its socket file behind, and the system refuses to bind over a
//! file. So a file in the way is removed when it is a socket that nobody answers on, and never
//! otherwise: not a file of another kind, not the socket of a living process.

use std::fs;
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};
use tokio::net::UnixStream;

use super::limits::BACKLOG;

/// Owner and group may connect: the group is how an operator lets a gateway in.
const MODE: u32 = 0o660;

/// A listening Unix socket, with the file that must go when it closes.
#[derive(Debug)]
pub(super) struct BoundUnixSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Only for a socket that we made: systemd keeps its own.
    file: Option<SocketFile>,
}

impl BoundUnixSocket {
    /// A socket that systemd made and goes on owning.
    pub(super) fn from_systemd(listener: UnixListener) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let path = listener.local_addr()?.as_pathname().map(Path::to_owned);
        Ok(Self {
            listener,
            path: path.unwrap_or_default(),
            file: None,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The listener, and the guard to keep as long as it.
    pub(super) fn into_parts(self) -> (UnixListener, Option<SocketFile>) {
        (self.listener, self.file)
    }
}

/// Makes the socket, after a dead one in its place is out of the way.
pub(super) async fn bind(path: &Path) -> Result<BoundUnixSocket, UnixSocketError> {
    remove_stale(path).await?;
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.bind(&SockAddr::unix(path)?)?;
    let file = SocketFile::of(path)?;
    // Nobody can connect before `listen`, so there is no moment with the wrong mode.
    fs::set_permissions(path, fs::Permissions::from_mode(MODE))?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    Ok(BoundUnixSocket {
        listener: socket.into(),
        path: path.to_owned(),
        file: Some(file),
    })
}

async fn remove_stale(path: &Path) -> Result<(), UnixSocketError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(UnixSocketError::NotASocket);
        }
        Ok(_) => {}
    }
    match UnixStream::connect(path).await {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            tracing::info!(path = %path.display(), "removing the socket file of a process that is gone");
            Ok(fs::remove_file(path)?)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Not allowed to ask, or its queue is full: somebody is there for all we know.
        Ok(_) | Err(_) => Err(UnixSocketError::InUse),
    }
}

/// The file of a socket, removed on drop unless it was replaced meanwhile.
#[derive(Debug)]
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    fn of(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            identity: identity(path)?,
        })
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            // A file that cannot be removed is found stale by the next start.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Device and inode, which no other file has at the same time.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// Why a Unix socket cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum UnixSocketError {
    /// A process answers on the socket.
    #[error("another process listens there")]
    InUse,
    /// A file of another kind has the name; it is left alone.
    #[error("a file that is no socket is in its place")]
    NotASocket,
    /// The system refused: no such folder, no right to write in it, or a path that is too long.
    #[error(transparent)]
    Io(#[from] io::Error),
}

#[cfg(test)]
mod tests {
    use super::super::test_folder::TestFolder;
    use super::*;

    #[tokio::test]
    async fn the_socket_is_for_owner_and_group_and_goes_when_it_closes() {
        let folder = TestFolder::new();
        let path = folder.join("http.sock");
        let socket = bind(&path).await.unwrap();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o660
        );
        drop(socket);
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn the_file_of_a_dead_process_is_replaced() {
        let folder = TestFolder::new();
        let path = folder.join("http.sock");
        // The standard library leaves the file behind, as a killed process does.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        bind(&path).await.unwrap();
    }

    #[tokio::test]
    async fn the_socket_of_a_living_process_is_left_alone() {
        let folder = TestFolder::new();
        let path = folder.join("http.sock");
        let _living = bind(&path).await.unwrap();
        assert!(matches!(bind(&path).await, Err(UnixSocketError::InUse)));
        assert!(path.exists());
    }

    #[tokio::test]
    async fn a_file_of_another_kind_is_left_alone() {
        let folder = TestFolder::new();
        let path = folder.join("notes.txt");
        fs::write(&path, "precious").unwrap();
        assert!(matches!(
            bind(&path).await,
            Err(UnixSocketError::NotASocket)
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }

    #[tokio::test]
    async fn a_successor_keeps_its_file_when_the_predecessor_closes() {
        let folder = TestFolder::new();
        let path = folder.join("http.sock");
        let predecessor = bind(&path).await.unwrap();
        fs::rename(&path, folder.join("away.sock")).unwrap();
        let _successor = bind(&path).await.unwrap();
        drop(predecessor);
        assert!(path.exists());
    }
}
