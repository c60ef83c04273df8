//! A PostgreSQL server of the benchmark's own, which makes every commit last, and databases with
//! many tokens on it.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::bench::database::{Passwords, TOKENS_OF_A_USER, schema, token_lines};
use crate::bench::process::Cores;
use crate::bench::scene::{Installation, LOGIN};
use crate::bench::sides::nginx::free_address;
use crate::bench::{Bench, machine};
use crate::say;
use crate::workspace::{output, succeed};

/// Where each version has a folder.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Where the data is: a server that does not run as root must get there, and a disk must be under
/// it.
const FOLDER: &str = "/var/tmp/counterfoil-bench-postgres";
/// Who the server runs as when the benchmark runs as root.
const USER: &str = "postgres";

/// What differs from the defaults, but for the memory for pages. Commits are synced, as they are by
/// default.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
max_connections = 400
max_wal_size = '8GB'
checkpoint_timeout = '15min'
logging_collector = off
shared_preload_libraries = 'pg_stat_statements'
";

/// How long the server may take to start or to stop.
const PATIENCE: Duration = Duration::from_mins(2);

/// One part in so many of the machine's memory is for PostgreSQL's pages: what its manual advises
/// to begin with.
const MEMORY_SHARE: u64 = 4;

pub(crate) struct Cluster {
    child: Child,
    address: SocketAddr,
    programs: PathBuf,
}

/// A database with tokens, and the folder of the installation that has its keys.
pub(crate) struct FilledDatabase {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// Its tokens, one on a line.
    pub(crate) tokens: PathBuf,
    pub(crate) users: u64,
}

impl Cluster {
    /// Starts the server on both cores, with the data of an earlier run if there was one.
    pub(crate) fn start(bench: &Bench) -> Result<Self> {
        let programs = programs()?;
        let folder = Path::new(FOLDER);
        let data = folder.join("data");
        if !data.join("PG_VERSION").exists() {
            make(&programs, folder, &data)?;
        }
        let address = free_address()?;
        let mut command = unprivileged(Cores::Two.server(programs.join("postgres")))?;
        command.arg("-D").arg(&data);
        command.args(["-p", &address.port().to_string(), "-k", FOLDER]);
        let pages = format!("shared_buffers={}kB", machine::memory_kib()? / MEMORY_SHARE);
        command.args(["-c", &pages]);
        let log = File::create(bench.file("postgres.log"))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .context("PostgreSQL could not be started")?;
        let cluster = Self {
            child,
            address,
            programs,
        };
        cluster.wait(bench)?;
        Ok(cluster)
    }

    fn wait(&self, bench: &Bench) -> Result<()> {
        let since = Instant::now();
        loop {
            let mut ready = self.command("pg_isready");
            ready.stdout(Stdio::null());
            if ready.status()?.success() {
                return Ok(());
            }
            if since.elapsed() > PATIENCE {
                let said = fs::read_to_string(bench.file("postgres.log")).unwrap_or_default();
                bail!("PostgreSQL did not start; it said: {said}");
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    /// A client program that is told where the server is.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        self.complete(&mut command);
        command
    }

    /// The same on the cores of the load.
    pub(crate) fn load(&self, program: &str, cores: Cores) -> Command {
        let mut command = cores.load(self.programs.join(program));
        self.complete(&mut command);
        command
    }

    fn complete(&self, command: &mut Command) {
        command
            .env("PGHOST", self.address.ip().to_string())
            .env("PGPORT", self.address.port().to_string())
            .env("PGUSER", USER)
            .stdin(Stdio::null());
    }

    /// The URL of a database.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@{}/{database}", self.address)
    }

    /// What statements print: rows as lines, columns apart by `|`.
    pub(crate) fn ask(&self, database: &str, statements: &str) -> Result<String> {
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d"]);
        command.args([database, "-c", statements]);
        Ok(output(command, "psql")?.trim().to_owned())
    }

    fn has(&self, database: &str) -> Result<bool> {
        let sought = format!("SELECT count(*) FROM pg_database WHERE datname = '{database}'");
        Ok(self.ask("postgres", &sought)? == "1")
    }

    /// Makes an empty database, in place of one that an earlier run left.
    fn make_empty(&self, database: &str) -> Result<()> {
        self.remove(database)?;
        self.ask("postgres", &format!("CREATE DATABASE {database}"))
            .map(drop)
    }

    fn remove(&self, database: &str) -> Result<()> {
        let remove = format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)");
        self.ask("postgres", &remove).map(drop)
    }

    /// Copies a database, in place of one of that name that an earlier run left.
    pub(crate) fn copy(&self, from: &str, to: &str) -> Result<()> {
        self.remove(to)?;
        self.ask("postgres", &format!("CREATE DATABASE {to} TEMPLATE {from}"))?;
        // What the copy left to be written would be written during a measurement.
        self.ask(to, "CHECKPOINT").map(drop)
    }

    /// An installation with its data in this database.
    pub(crate) fn installation(
        &self,
        bench: &Bench,
        folder: &Path,
        database: &str,
    ) -> Installation {
        Installation::at(bench, folder).with("COUNTERFOIL_DATABASE_URL", self.url(database))
    }

    /// Finds or makes a database with so many tokens.
    pub(crate) fn filled(&self, bench: &Bench, tokens: u64) -> Result<FilledDatabase> {
        self.with_users(bench, tokens, tokens.div_ceil(TOKENS_OF_A_USER))
    }

    /// The same, with a number of users of its own.
    pub(crate) fn with_users(
        &self,
        bench: &Bench,
        tokens: u64,
        users: u64,
    ) -> Result<FilledDatabase> {
        let name = format!("filled_{tokens}_{users}_{:016x}", schema(&bench.root)?);
        let filled = FilledDatabase {
            folder: bench.file(&format!("postgres-{name}")),
            tokens: token_lines(bench, "known", tokens)?,
            users,
            name,
        };
        if filled.folder.exists() && self.has(&filled.name)? {
            return Ok(filled);
        }
        say::line(&format!(
            "making a database with {tokens} tokens on PostgreSQL"
        ));
        let making = "filling";
        self.make_empty(making)?;
        let folder = bench.file("postgres-filling");
        remove_folder(&folder)?;
        remove_folder(&filled.folder)?;
        let installation = Passwords::Cheap.of(self.installation(bench, &folder, making));
        installation.add_user()?;
        self.fill(making, &filled)?;
        self.remove(&filled.name)?;
        let rename = format!("ALTER DATABASE {making} RENAME TO {}", filled.name);
        self.ask("postgres", &rename)?;
        // Renamed last, so that one cut short is not taken for a whole one.
        fs::rename(&folder, &filled.folder)?;
        Ok(filled)
    }

    fn fill(&self, database: &str, filled: &FilledDatabase) -> Result<()> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bench/sides/fill.sql");
        let mut command = self.command("psql");
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]);
        let last = fs::metadata(&filled.tokens)?.len() / 41;
        let each = last.div_ceil(filled.users.max(1));
        for (name, value) in [
            ("users", filled.users.to_string()),
            ("each", each.to_string()),
            ("password_of", LOGIN.to_owned()),
        ] {
            command.args(["-v", &format!("{name}={value}")]);
        }
        command.arg("-f").arg(script);
        command
            .stdin(File::open(&filled.tokens)?)
            .stdout(Stdio::null());
        succeed(command, "psql")
    }

    /// Statements that databases were asked since the last call of this, and how often each.
    pub(crate) fn statements(&self, database: &str) -> Result<Vec<(f64, String)>> {
        let counted = format!(
            "SELECT calls, replace(query, E'\\n', ' ') FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
             WHERE d.datname = '{database}' ORDER BY calls DESC"
        );
        let printed = self.ask("postgres", &counted)?;
        self.forget_statements()?;
        let line = |line: &str| {
            let (calls, text) = line.split_once('|')?;
            Some((calls.parse().ok()?, text.to_owned()))
        };
        let read: Option<Vec<_>> = printed.lines().map(line).collect();
        read.with_context(|| format!("psql printed something else: {printed}"))
    }

    /// Begins to count statements anew.
    pub(crate) fn forget_statements(&self) -> Result<()> {
        let begin =
            "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()";
        self.ask("postgres", begin).map(drop)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // In order, so that the next start has nothing to recover: connections are ended, and what
        // was written is kept.
        let mut end = Command::new("kill");
        end.args(["-INT", &self.child.id().to_string()]);
        drop(end.status());
        drop(self.child.wait());
    }
}

fn remove_folder(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(())
}

/// The programs of the newest version.
fn programs() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = Vec::new();
    for entry in
        fs::read_dir(VERSIONS).context("PostgreSQL is not installed: run `cargo xtask setup`")?
    {
        let folder = entry?.path().join("bin");
        let version = folder.parent().and_then(Path::file_name);
        let version = version.and_then(|name| name.to_string_lossy().parse().ok());
        if let Some(version) = version
            && folder.join("postgres").exists()
        {
            versions.push((version, folder));
        }
    }
    let newest = versions.into_iter().max();
    let (_, folder) =
        newest.context("PostgreSQL's server is not installed: run `cargo xtask setup`")?;
    Ok(folder)
}

fn make(programs: &Path, folder: &Path, data: &Path) -> Result<()> {
    remove_folder(folder)?;
    fs::create_dir_all(folder)?;
    if is_root()? {
        let mut give = Command::new("chown");
        give.arg(USER).arg(folder);
        succeed(give, "chown")?;
    }
    let mut command = unprivileged(Command::new(programs.join("initdb")))?;
    command.arg("-D").arg(data).current_dir(folder);
    command.args(["-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"]);
    command.stdout(Stdio::null());
    succeed(command, "initdb")?;
    let file = data.join("postgresql.conf");
    let settings = fs::read_to_string(&file)? + SETTINGS;
    fs::write(file, settings)?;
    Ok(())
}

fn is_root() -> Result<bool> {
    let mut id = Command::new("id");
    id.arg("-u");
    Ok(output(id, "id")?.trim() == "0")
}

/// The command as a user without rights, if it would run as root: PostgreSQL refuses that.
fn unprivileged(command: Command) -> Result<Command> {
    if !is_root()? {
        return Ok(command);
    }
    let mut other = Command::new("setpriv");
    other.args(["--reuid", USER, "--regid", USER, "--clear-groups", "--"]);
    other.arg(command.get_program()).args(command.get_args());
    ensure!(
        Path::new("/usr/bin/setpriv").exists(),
        "setpriv is needed to run PostgreSQL when the benchmark runs as root"
    );
    other.current_dir("/");
    Ok(other)
}
