//! The disk of PostgreSQL's own server is full, fails or becomes read-only, under the load and the
//! ledgers of the crash test. The node cannot see that disk. It must take the server's word for
//! what was stored, and for nothing else.
//!
//! PostgreSQL refuses a statement that needs room for data, and goes on. When it cannot write its
//! log of changes it panics: it ends all its processes and starts again by itself, or gives up if
//! that fails too. Then this test starts it, as whatever keeps a server running would.

use std::time::Instant;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions, OnDisk};
use counterfoil_testkit::process::{FailingCalls, Person, Program, Running};

use super::{PATIENCE, connect, health, listed, say, wait_for_readiness};
use crate::crash::dice::Dice;
use crate::crash::installation::program_in;
use crate::crash::party::Party;

const DATABASE: &str = "faults";
/// Room for a few small databases and their log of changes.
const DISK_KIBIBYTES: u32 = 160 * 1024;
/// How often each fault happens to one installation.
const ROUNDS: usize = 3;

/// A node, and a PostgreSQL server whose disk is the test's.
struct Site {
    cluster: Cluster,
    program: Program,
    reader: Person,
    folder: TestFolder,
}

impl Site {
    /// Says so where the system allows none.
    fn on(start: impl FnOnce(ClusterOptions<'_>) -> Option<Cluster>) -> Option<Self> {
        let options = ClusterOptions {
            lasting: true,
            // Nothing of the log of changes is used again, so that it needs new room all the time.
            settings: &[("wal_keep_size", "1GB")],
            ..ClusterOptions::default()
        };
        let Some(cluster) = start(options) else {
            say(
                "a disk of PostgreSQL's own was not tried: it needs root, and loop devices to be damaged",
            );
            return None;
        };
        cluster.create_database(DATABASE);
        let folder = TestFolder::on_disk();
        let program = program_in(&folder)
            .with_environment("COUNTERFOIL_DATABASE_URL", &cluster.url(DATABASE));
        let reader = program.add_user("reader");
        Some(Self {
            cluster,
            program,
            reader,
            folder,
        })
    }

    /// Waits until the node can write, and starts PostgreSQL whenever it has given up. Tells how
    /// often that was.
    fn recover(&self, server: &Running) -> usize {
        let (begun, mut starts) = (Instant::now(), 0);
        while health(server, "/readyz") != 200 {
            starts += usize::from(self.start_again());
            assert!(
                begun.elapsed() < PATIENCE,
                "the node does not recover; PostgreSQL said:\n{}\nand the node:\n{}",
                self.cluster.said(),
                server.stderr()
            );
            std::thread::yield_now();
        }
        starts
    }

    /// Starts PostgreSQL if it does not run. Tells whether that was so.
    fn start_again(&self) -> bool {
        let was_stopped = !self.cluster.is_running();
        if was_stopped {
            self.cluster.start_again();
        }
        was_stopped || self.cluster.start_again_if_it_gave_up()
    }

    /// Holds everything against the ledgers once more, and tells the figures.
    fn report(&self, what: &str, server: &Running, mut party: Party, starts: usize) {
        party.reckon_all(&self.program, server);
        say(&format!(
            "{what}, {ROUNDS} times: PostgreSQL was started {starts} times by the test, the node never; {}",
            party.figures()
        ));
    }
}

/// The server refuses what needs room and goes on, so that reads go on too.
#[test]
fn nothing_is_acknowledged_for_which_postgres_has_no_room() {
    let small = |options: ClusterOptions<'_>| {
        Cluster::start_on_small_disk(DISK_KIBIBYTES, OnDisk::Data, options)
    };
    let Some(site) = Site::on(small) else {
        return;
    };
    let mut party = Party::new(&site.program, Dice::announced());
    let server = site.program.start_serve(&[]);
    for round in 1..=ROUNDS {
        party.work_until(&server.base_url, |work| {
            site.cluster.disk().fill();
            // Until each pair was refused something.
            while work.wait_for(1) {}
        });
        assert!(listed(&mut connect(&site.reader, &server)).is_empty());
        assert_eq!(health(&server, "/healthz"), 200);
        assert!(!site.cluster.has_given_up());
        site.cluster.disk().make_room();
        wait_for_readiness(&server, 200);
        party.reckon(&site.program, &server, &format!("full disk {round}"));
    }
    site.report("the disk was full", &server, party, 0);
    end(server);
}

#[test]
fn nothing_is_acknowledged_that_postgres_has_no_room_to_log() {
    let small = |options: ClusterOptions<'_>| {
        Cluster::start_on_small_disk(DISK_KIBIBYTES, OnDisk::Log, options)
    };
    fails_and_recovers(
        small,
        "the disk of the log was full",
        |site| site.cluster.disk().fill(),
        |site, ()| site.cluster.disk().make_room(),
    );
}

#[test]
fn nothing_is_acknowledged_that_postgres_cannot_sync() {
    calls_fail("fsync,fdatasync");
}

#[test]
fn nothing_is_acknowledged_that_postgres_cannot_write() {
    calls_fail("pwrite64,pwritev,ftruncate");
}

fn calls_fail(calls: &'static str) {
    let on_disk = |options: ClusterOptions<'_>| Some(Cluster::start(options));
    fails_and_recovers(
        on_disk,
        &format!("{calls} failed with EIO"),
        |site| {
            let processes = site.cluster.processes();
            FailingCalls::start_in(&processes, calls, "EIO", "1+", site.folder.path())
        },
        |_, failing| assert!(failing.stop() > 0, "no call failed"),
    );
}

#[test]
fn nothing_is_acknowledged_that_postgres_cannot_write_to_a_disk_that_became_read_only() {
    fails_and_recovers(
        Cluster::start_on_damageable_disk,
        "the disk became read-only",
        |site| site.cluster.disk().damage(),
        |site, ()| {
            if !site.cluster.has_given_up() {
                site.cluster.stop_immediately();
            }
            site.cluster.disk().mount_again();
        },
    );
}

/// Lets the disk fail under load, time and again. Each time nobody is told of success any more, the
/// node says that it cannot write, and once the disk works and PostgreSQL runs it can, without a
/// start of its own.
fn fails_and_recovers<T>(
    start: impl FnOnce(ClusterOptions<'_>) -> Option<Cluster>,
    what: &str,
    fail: impl Fn(&Site) -> T,
    mend: impl Fn(&Site, T),
) {
    let Some(site) = Site::on(start) else {
        return;
    };
    let mut party = Party::new(&site.program, Dice::announced());
    let server = site.program.start_serve(&[]);
    let mut starts = 0;
    for round in 1..=ROUNDS {
        let failed = party.work_until(&server.base_url, |work| {
            let failed = fail(&site);
            while work.wait_for(1) {}
            failed
        });
        wait_for_readiness(&server, 503);
        assert_eq!(health(&server, "/healthz"), 200);
        mend(&site, failed);
        starts += site.recover(&server);
        party.reckon(&site.program, &server, &format!("{what}, round {round}"));
    }
    site.report(what, &server, party, starts);
    end(server);
}

fn end(server: Running) {
    let (status, said) = server.terminate_and_hear();
    assert!(status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
