//! A server of a test's own, which the test may stop, break and start again.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::contents::contents;
use super::disk::ClusterDisk;
use super::programs::program;
use super::session::Session;
use crate::folder::TestFolder;
use crate::process::Supervised;
use crate::process::finish;
use crate::secrets;
use crate::unprivileged;

/// How long making a cluster or a copy of one may take before it counts as a hang.
const LIMIT: Duration = Duration::from_mins(2);
/// How often a start is tried when somebody else takes the port first.
const ATTEMPTS: usize = 8;
/// Ports that the system gives to nobody by itself, so that they are still free after a stop.
const PORTS: std::ops::Range<u16> = 15_000..32_000;
/// The user that may do everything.
const SUPERUSER: &str = "postgres";
/// What a server says once it accepts connections, a standby too.
const READY: &str = "database system is ready to accept";

/// For every cluster.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 400
shared_buffers = '64MB'
# Tests make servers fail on purpose; what clients do wrong is told to them.
log_min_messages = log
logging_collector = off
wal_level = replica
max_wal_senders = 8
max_replication_slots = 8
hot_standby = on
";

/// For clusters whose data need not last.
const FLEETING: &str = "
fsync = off
full_page_writes = off
";

/// Everybody on this machine may enter, for replication too.
const ACCESS: &str = "
local all all trust
host all all 127.0.0.1/32 trust
local replication all trust
host replication all 127.0.0.1/32 trust
";

/// What a test wants otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClusterOptions<'a> {
    /// Whether what was committed must outlive the machine: then the data is on the disk and
    /// synced; else in memory.
    pub lasting: bool,
    /// Settings of `postgresql.conf`.
    pub settings: &'a [(&'a str, &'a str)],
    /// Lines of `pg_hba.conf` that come before those that let everybody on loopback in.
    pub access: &'a [&'a str],
}

/// See the module. Dropping it ends the server at once and removes its data.
#[derive(Debug)]
pub struct Cluster {
    server: Mutex<Option<Supervised>>,
    port: u16,
    /// Filled once the database is there that others are copied from.
    pub(super) template: OnceLock<()>,
    // Last, so that it outlives the server.
    pub(super) place: Place,
}

/// Where a server keeps what it keeps.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) data: PathBuf,
    /// Where its log of changes is, unless that is among the data.
    pub(super) log: Option<PathBuf>,
    /// A disk of its own for some of it.
    pub(super) disk: Option<ClusterDisk>,
    // Last, so that it outlives what is mounted in it.
    pub(super) folder: TestFolder,
}

impl Cluster {
    /// Makes a cluster and starts its server.
    pub fn start(options: ClusterOptions<'_>) -> Self {
        Self::make_in(Place::plain(options.lasting), options)
    }

    pub(super) fn make_in(place: Place, options: ClusterOptions<'_>) -> Self {
        let mut initdb = words("initdb", &[]);
        initdb.extend(["--pgdata".into(), place.data.clone().into_os_string()]);
        if let Some(log) = &place.log {
            initdb.extend(["--waldir".into(), log.clone().into_os_string()]);
            // Small files, so that a full disk is soon noticed.
            initdb.push("--wal-segsize=1".into());
        }
        let rest = "--username=postgres --auth=trust --encoding=UTF8 --locale=C";
        initdb.extend(rest.split(' ').map(OsString::from));
        if place.disk.is_none() {
            initdb.push("--no-sync".into());
        }
        place.run(&initdb);
        place.configure(options);
        Self::launch(place)
    }

    /// Makes a standby that follows this server by streaming, and starts it. It gives itself this
    /// name to the primary, which may then ask for its confirmation by `synchronous_standby_names`.
    #[must_use]
    pub fn standby(&self, name: &str, options: ClusterOptions<'_>) -> Self {
        let place = Place::plain(options.lasting);
        let mut copy = words(
            "pg_basebackup",
            &["--write-recovery-conf", "--checkpoint=fast"],
        );
        let from = format!(
            "host=127.0.0.1 port={} user={SUPERUSER} application_name={name}",
            self.port
        );
        copy.extend(["--dbname".into(), from.into(), "--no-sync".into()]);
        copy.extend(["--pgdata".into(), place.data.clone().into_os_string()]);
        place.run(&copy);
        place.configure(options);
        Self::launch(place)
    }

    fn launch(place: Place) -> Self {
        let mut said = String::new();
        for _ in 0..ATTEMPTS {
            let port = free_port();
            match place.serve(port) {
                Ok(server) => {
                    return Self {
                        server: Mutex::new(Some(server)),
                        port,
                        template: OnceLock::new(),
                        place,
                    };
                }
                Err(failure) => said = failure,
            }
        }
        panic!("PostgreSQL does not start; it said:\n{said}");
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of one of its databases, over loopback, as the user that may do everything.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{SUPERUSER}@127.0.0.1:{}/{database}", self.port)
    }

    /// The same over a Unix socket, which is reached from other network namespaces too.
    pub fn socket_url(&self, database: &str) -> String {
        let folder = self
            .place
            .folder
            .path()
            .to_string_lossy()
            .replace('/', "%2F");
        format!("postgres://{SUPERUSER}@{folder}:{}/{database}", self.port)
    }

    /// Where its data is: `postgresql.conf`, `pg_hba.conf` and all that.
    pub fn data_folder(&self) -> PathBuf {
        self.place.data_from_outside()
    }

    /// The ids of its processes. The first is the one that all others come from.
    pub fn processes(&self) -> Vec<u32> {
        let read = |path: &Path| std::fs::read_to_string(path).expect("the server runs");
        let file = read(&self.data_folder().join("postmaster.pid"));
        let first = file.lines().next().unwrap_or_default();
        let children = read(Path::new(&format!("/proc/{first}/task/{first}/children")));
        let all = [first].into_iter().chain(children.split_whitespace());
        all.map(|id| id.parse().expect("a process has a number"))
            .collect()
    }

    /// What the server has said lately.
    pub fn said(&self) -> String {
        self.server
            .lock()
            .as_ref()
            .map(Supervised::said)
            .unwrap_or_default()
    }

    /// Runs statements in a database (`postgres` is always there) as the user that may do
    /// everything.
    #[track_caller]
    pub fn run(&self, database: &str, sql: &str) {
        self.session(database)
            .run(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    /// The rows that a statement answers with, as texts.
    #[track_caller]
    pub fn rows(&self, database: &str, sql: &str) -> Vec<Vec<Option<String>>> {
        self.session(database)
            .rows(sql)
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"))
    }

    /// The first column of the first row that a statement answers with.
    #[track_caller]
    pub fn look_up(&self, database: &str, sql: &str) -> Option<String> {
        let rows = self.rows(database, sql);
        rows.into_iter().next()?.into_iter().next()?
    }

    /// Looks until a statement answers with this, for what a server does when it gets round to it.
    #[track_caller]
    pub fn wait_until(&self, database: &str, sql: &str, wanted: &str) {
        let begun = Instant::now();
        let session = self.session(database);
        loop {
            let rows = session
                .rows(sql)
                .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
            let found = rows.into_iter().flatten().flatten().next();
            if found.as_deref() == Some(wanted) {
                return;
            }
            assert!(
                begun.elapsed() < LIMIT,
                "{sql} answers {found:?} and never {wanted:?}"
            );
            std::thread::yield_now();
        }
    }

    /// Ends the server as a crash does: nothing is written any more, and the next start recovers.
    pub fn stop_immediately(&self) {
        self.stop_by("QUIT");
    }

    /// Ends the server as a machine ends that loses its power, as far as one process can.
    pub fn kill_nine(&self) {
        self.stop_by("KILL");
    }

    /// Ends the server in order; its clients lose their connections.
    pub fn stop(&self) {
        self.stop_by("INT");
    }

    fn stop_by(&self, signal: &str) {
        let server = self.server.lock().take();
        server
            .expect("a server that runs can be stopped")
            .end(signal);
    }

    /// Whether the server was started and not stopped since.
    pub fn is_running(&self) -> bool {
        self.server.lock().is_some()
    }

    /// Starts the server again, at the same port.
    pub fn start_again(&self) {
        let mut server = self.server.lock();
        assert!(server.is_none(), "a server that runs cannot be started");
        let started = self.place.serve(self.port);
        *server =
            Some(started.unwrap_or_else(|said| {
                panic!("PostgreSQL does not start again; it said:\n{said}")
            }));
    }

    /// Whether the server has ended by itself.
    pub fn has_given_up(&self) -> bool {
        let mut server = self.server.lock();
        server.as_mut().is_some_and(Supervised::has_ended)
    }

    /// Starts a server again that has ended by itself, as whatever keeps it running would. Tells
    /// whether it had.
    pub fn start_again_if_it_gave_up(&self) -> bool {
        let gave_up = self.has_given_up();
        if gave_up {
            drop(self.server.lock().take());
            self.start_again();
        }
        gave_up
    }

    /// Stops the server in order and starts it again.
    pub fn restart(&self) {
        self.stop();
        self.start_again();
    }

    /// Makes a standby a primary, and waits until it is.
    pub fn promote(&self) {
        self.run("postgres", "SELECT pg_promote()");
    }

    fn session(&self, database: &str) -> Session {
        Session::open(&self.url(database))
            .unwrap_or_else(|error| panic!("cannot connect to {database}: {error:?}"))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // What a server that was stopped holds was read before, or is what the test is about.
        if !self.is_running() || self.has_given_up() {
            return;
        }
        let at = format!("@127.0.0.1:{}/", self.port);
        let mut found = Vec::new();
        for url in secrets::databases_at(&at) {
            let read = || contents(&url).unwrap_or_default();
            found.extend(secrets::search_rows(|its| its == url, read));
        }
        // A test that fails already is read for that.
        assert!(found.is_empty() || std::thread::panicking(), "{found:#?}");
    }
}

impl Place {
    /// A folder of the server's own.
    fn plain(lasting: bool) -> Self {
        let folder = folder(lasting);
        Self {
            data: folder.path().join("data"),
            log: None,
            disk: None,
            folder,
        }
    }

    /// Runs a program of PostgreSQL's to its end.
    fn run(&self, words: &[OsString]) {
        let child = unprivileged::command_behind(&self.entry(), &words[0])
            .args(&words[1..])
            .current_dir(self.folder.path())
            // Its messages are read below, and their language is the environment's.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a program of PostgreSQL's can be started");
        finish(child, &words[0].to_string_lossy(), LIMIT).succeeded();
    }

    fn configure(&self, options: ClusterOptions<'_>) {
        let mut settings = SETTINGS.to_owned();
        if !options.lasting {
            settings.push_str(FLEETING);
        }
        let socket = self.folder.path().display();
        let _ = writeln!(settings, "unix_socket_directories = '{socket}'");
        for (name, value) in options.settings {
            let _ = writeln!(settings, "{name} = '{}'", value.replace('\'', "''"));
        }
        let mut access = options.access.join("\n");
        access.push_str(ACCESS);
        let data = self.data_from_outside();
        for (file, text) in [("postgresql.conf", settings), ("pg_hba.conf", access)] {
            let mut file = File::create(data.join(file)).expect("the folder is the test's");
            let written = file.write_all(text.as_bytes());
            written.expect("the folder is the test's");
            if self.disk.is_some() {
                // Damage must not take it along.
                file.sync_all().expect("the disk works still");
            }
        }
    }

    fn serve(&self, port: u16) -> Result<Supervised, String> {
        let mut words = words("postgres", &["-p", &port.to_string(), "-D"]);
        words.push(self.data.clone().into_os_string());
        let folder = self.folder.path();
        Supervised::start_behind(&self.entry(), &words, folder, "QUIT", READY)
    }

    /// The words that lead to where its disk is mounted.
    fn entry(&self) -> Vec<OsString> {
        let mounts = self.disk.as_ref().map(|disk| &disk.mounts);
        mounts.map_or_else(Vec::new, |mounts| mounts.entry(self.folder.path()))
    }

    fn data_from_outside(&self) -> PathBuf {
        match &self.disk {
            Some(disk) => disk.mounts.path_from_outside(&self.data),
            None => self.data.clone(),
        }
    }
}

/// A folder that the user owns whom servers run as.
fn folder(lasting: bool) -> TestFolder {
    let folder = if lasting {
        TestFolder::on_disk()
    } else {
        TestFolder::in_memory()
    };
    unprivileged::give(folder.path());
    folder
}

fn words(name: &str, arguments: &[&str]) -> Vec<OsString> {
    let mut words = vec![program(name).into_os_string()];
    words.extend(arguments.iter().map(OsString::from));
    words
}

/// A port on which nobody listens now.
pub(super) fn free_port() -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let width = PORTS.end - PORTS.start;
    // Processes that look at the same time begin at different places.
    let beginning = u16::try_from(std::process::id() * 37 % u32::from(width)).unwrap_or(0);
    for _ in 0..width {
        let tried = TRIED.fetch_add(1, Ordering::Relaxed) % width;
        let port = PORTS.start + (beginning + tried) % width;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port of loopback is free");
}
