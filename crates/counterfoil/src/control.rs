//! How a command makes itself heard: a socket in the data folder over which it asks the server to
//! catch up, to read its settings again, whether it is ready, or where its pages are. A question is
//! a line; the answer ends with the connection.
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

use anyhow::Context;
use counterfoil_authority::{Authority, LEASE};
use counterfoil_server::private_files::folder_of;
use counterfoil_server::{ServerState, demand_ready};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::config::{Database, Settings};
use crate::data_folder::{CONTROL_SOCKET, DataFolder};

/// To read the feed of changes.
const CATCH_UP: &str = "catch up\n";
/// To read the settings and certificates again.
const RELOAD: &str = "reload\n";
/// Whether requests would be served.
const HEALTH: &str = "health\n";
/// What the addresses of pages begin with.
const ORIGIN: &str = "origin\n";
/// The most bytes of a question.
const LONGEST_QUESTION: u64 = 16;
/// The answer when everything committed before the question is heard of.
const DONE: &str = "done\n";
/// The answer when the database cannot be read.
const FAILED: &str = "failed\n";
/// How long a question may take to arrive, and to be answered unless it is about a reload.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long a command waits for a reload, which reads files and may wait for another reload.
const RELOAD_PATIENCE: Duration = Duration::from_secs(30);
/// How long a command waits for an answer about readiness, which may wait for a write.
const HEALTH_PATIENCE: Duration = Duration::from_secs(5);
/// Beyond the lease, for clocks that tick unevenly.
const MARGIN: Duration = Duration::from_millis(50);
const MODE: u32 = 0o600;

/// What came of a reload.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reloaded {
    /// Keys whose new values are in force.
    pub(crate) applied: Vec<String>,
    /// Whether the certificate was loaded again.
    pub(crate) certificate_loaded: bool,
    /// Keys whose new values wait for a restart.
    pub(crate) needs_restart: Vec<String>,
    /// What cannot be used, a sentence each; what was in force before stays so.
    pub(crate) refused: Vec<String>,
}

/// Where the report on a reload is wanted.
pub(crate) type ReloadRequest = oneshot::Sender<Reloaded>;

/// What a server answers from.
#[derive(Clone)]
pub(crate) struct Heard {
    pub(crate) authority: Authority,
    pub(crate) server: ServerState,
    /// What the addresses of pages begin with, by the port that was bound.
    pub(crate) origin: String,
    /// To whatever reads the settings.
    pub(crate) reload: mpsc::Sender<ReloadRequest>,
}

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
    pub(crate) async fn run(self, heard: Heard, mut stopped: watch::Receiver<()>) {
        loop {
            tokio::select! {
                // Nothing is ever sent: a change is the end of the sender.
                _ = stopped.changed() => return,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let heard = heard.clone();
                        // Whoever left without the answer waits out the lease.
                        tokio::spawn(async move { drop(heard.answer(stream).await) });
                    }
                    Err(error) => {
                        tracing::warn!(cause = %error, "a connection to the control socket failed; the command waits a second instead");
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

impl Heard {
    async fn answer(&self, stream: UnixStream) -> anyhow::Result<()> {
        let mut stream = BufReader::new(stream.take(LONGEST_QUESTION));
        let mut question = String::new();
        timeout(PATIENCE, stream.read_line(&mut question)).await??;
        let answer = match question.as_str() {
            CATCH_UP => timeout(PATIENCE, self.catch_up()).await?.to_owned(),
            HEALTH => {
                let ready = demand_ready(&self.server).await;
                ready.err().unwrap_or(DONE).to_owned()
            }
            ORIGIN => self.origin.clone(),
            RELOAD => serde_json::to_string(&self.reload().await?)?,
            _ => return Ok(()),
        };
        let mut stream = stream.into_inner().into_inner();
        stream.write_all(answer.as_bytes()).await?;
        Ok(())
    }

    async fn catch_up(&self) -> &'static str {
        match self.authority.catch_up().await {
            Ok(()) => DONE,
            Err(error) => {
                tracing::error!(cause = %error.causes(), "the changes of a command were not read from the feed");
                FAILED
            }
        }
    }

    async fn reload(&self) -> anyhow::Result<Reloaded> {
        let (report, reported) = oneshot::channel();
        self.reload.send(report).await?;
        Ok(reported.await?)
    }
}

/// Has the server of this folder read its settings again, and waits for what came of it.
pub(crate) async fn reload(folder: &DataFolder) -> anyhow::Result<Reloaded> {
    let answer = ask_server_of(folder, RELOAD, RELOAD_PATIENCE).await?;
    serde_json::from_str(&answer).with_context(|| no_answer(folder))
}

/// Whether the server of this folder would serve requests; else why not.
pub(crate) async fn health(folder: &DataFolder) -> anyhow::Result<Result<(), String>> {
    let answer = ask_server_of(folder, HEALTH, HEALTH_PATIENCE).await?;
    anyhow::ensure!(!answer.is_empty(), no_answer(folder));
    Ok(match answer.as_str() {
        DONE => Ok(()),
        reason => Err(reason.trim_end().to_owned()),
    })
}

/// What the addresses of pages of the server of this folder begin with.
pub(crate) async fn origin(folder: &DataFolder) -> anyhow::Result<String> {
    let origin = ask_server_of(folder, ORIGIN, PATIENCE).await?;
    anyhow::ensure!(!origin.is_empty(), no_answer(folder));
    Ok(origin)
}

async fn ask_server_of(
    folder: &DataFolder,
    question: &str,
    patience: Duration,
) -> anyhow::Result<String> {
    anyhow::ensure!(
        folder.is_served()?,
        "no `counterfoil serve` runs on {}",
        folder.path().display()
    );
    let socket = folder.path().join(CONTROL_SOCKET);
    let answer = timeout(patience, ask(&socket, question)).await;
    answer
        .map_err(anyhow::Error::from)
        .and_then(|answer| Ok(answer?))
        .with_context(|| no_answer(folder))
}

fn no_answer(folder: &DataFolder) -> String {
    let folder = folder.path().display();
    format!("the server that runs on {folder} gives no answer")
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
    let heard = served && has_caught_up(&folder.path().join(CONTROL_SOCKET)).await;
    // A database elsewhere may have servers elsewhere, which nobody here can reach.
    let shared = match settings.database() {
        Database::Sqlite(file) => !lies_in(&file, folder.path()),
        Database::Postgres(_) => true,
    };
    (heard || !served) && !shared
}

/// Asks the server to catch up, and says whether it has. Longer than the lease there is nothing to
/// wait for.
async fn has_caught_up(socket: &Path) -> bool {
    let answer = timeout(LEASE, ask(socket, CATCH_UP)).await;
    matches!(answer, Ok(Ok(answer)) if answer == DONE)
}

async fn ask(socket: &Path, question: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(question.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

fn lies_in(file: &Path, folder: &Path) -> bool {
    let same = |one: &Path, other: &Path| match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    };
    same(folder_of(file), folder)
}
