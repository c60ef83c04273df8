//! How a command makes itself heard: a socket in the data folder over which it asks the server to
//! catch up.
//!
//! A command changes the database, not the server, which answers from memory for up to a second
//! before it looks again. A command's exit is an acknowledgement, though: once `token revoke` has
//! returned, nobody may accept the token. So the command asks the server over this socket to read
//! the feed of changes, and exits when the server has. Where there is no such server to be reached,
//! it waits until whatever another process remembers is too old to be believed.
//!
//! The socket has mode 0600 in a folder of mode 0700: whoever may write to it may write to the
//! database.

use std::fs;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use counterfoil_authority::{Authority, LEASE};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::config::{Database, Settings};
use crate::data_folder::{CONTROL_SOCKET, DataFolder, folder_of};

/// The only thing that can be asked.
const CATCH_UP: &[u8] = b"catch up\n";
/// The answer when everything committed before the question is heard of.
const DONE: &[u8] = b"done\n";
/// The answer when the database cannot be read.
const FAILED: &[u8] = b"failed\n";
/// How long a question may take to arrive.
const PATIENCE: Duration = Duration::from_secs(1);
/// Beyond the lease, for clocks that tick unevenly.
const MARGIN: Duration = Duration::from_millis(50);
const MODE: u32 = 0o600;

/// The server's end.
pub(crate) struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ControlSocket {
    /// Listens in this folder, on which no other server runs. What an earlier one left behind goes.
    pub(crate) fn bind(folder: &DataFolder) -> io::Result<Self> {
        let path = folder.path().join(CONTROL_SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(MODE))?;
        // A server that was killed leaves it behind, and everything in the folder belongs to the
        // folder's owner.
        let owner = fs::metadata(folder.path())?;
        if owner.uid() != fs::symlink_metadata(&path)?.uid() {
            lchown(&path, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(Self { listener, path })
    }

    /// Answers commands until the server stops.
    pub(crate) async fn run(self, authority: Authority, mut stopped: watch::Receiver<()>) {
        loop {
            tokio::select! {
                // Nothing is ever sent: a change is the end of the sender.
                _ = stopped.changed() => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let authority = authority.clone();
                        tokio::spawn(async move {
                            // Whoever left without the answer waits out the lease.
                            let _ = timeout(PATIENCE, answer(stream, &authority)).await;
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection to the control socket failed; the command waits a second instead");
                        sleep(MARGIN).await;
                    }
                },
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        // The next server removes what stays.
        drop(fs::remove_file(&self.path));
    }
}

async fn answer(mut stream: UnixStream, authority: &Authority) -> io::Result<()> {
    let mut question = [0; CATCH_UP.len()];
    stream.read_exact(&mut question).await?;
    if question != CATCH_UP {
        return Ok(());
    }
    let answer = match authority.catch_up().await {
        Ok(()) => DONE,
        Err(error) => {
            tracing::error!(cause = %error.causes(), "the changes of a command were not read from the feed");
            FAILED
        }
    };
    stream.write_all(answer).await
}

/// Returns when no live process accepts what was true before the last commit of this one. Without a
/// data folder there is nobody to ask.
pub(crate) async fn make_known(folder: Option<&DataFolder>, settings: &Settings) {
    let committed = Instant::now();
    let everybody_heard = match folder {
        Some(folder) => served_here_and_heard(folder, settings).await,
        None => false,
    };
    if !everybody_heard {
        sleep((LEASE + MARGIN).saturating_sub(committed.elapsed())).await;
    }
}

/// Whether whoever serves from this database serves from this folder, and has heard.
async fn served_here_and_heard(folder: &DataFolder, settings: &Settings) -> bool {
    let served = folder.is_served().unwrap_or(true);
    let heard = served
        && ask(&folder.path().join(CONTROL_SOCKET))
            .await
            .unwrap_or(false);
    // A database elsewhere may have servers elsewhere, which nobody here can reach.
    let shared = match settings.database() {
        Database::Sqlite(file) => !lies_in(&file, folder.path()),
        Database::Postgres(_) => true,
    };
    (heard || !served) && !shared
}

/// Asks the server to catch up, and says whether it has. Longer than the lease there is nothing to
/// wait for.
async fn ask(socket: &Path) -> io::Result<bool> {
    let conversation = async {
        let mut stream = UnixStream::connect(socket).await?;
        stream.write_all(CATCH_UP).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer == DONE)
    };
    timeout(LEASE, conversation).await.unwrap_or(Ok(false))
}

fn lies_in(file: &Path, folder: &Path) -> bool {
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    same(folder_of(file), folder)
}
