//! A primary with a synchronous standby: the primary dies, the standby is promoted, and the node
//! finds it by itself.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions};
use counterfoil_testkit::process::{ApiClient, Manner, Program, Proxy, Running};
use serde_json::json;

use super::{PAUSE, RECOVERY, program_in, readiness};
use crate::crash::dice::Dice;
use crate::crash::party::Party;
use crate::crash::say;

const DATABASE: &str = "failover";
/// How often a primary dies in each way.
const ROUNDS: usize = 2;

#[test]
fn nothing_acknowledged_is_lost_with_a_primary_whose_standby_is_promoted() {
    let folder = TestFolder::on_disk();
    let mut primary = primary();
    let mut party = Party::new(&program(&folder, &primary.url(DATABASE)), Dice::announced());
    for round in 1..=ROUNDS {
        let standby = synchronous_standby(&primary);
        let both = format!(
            "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/{DATABASE}?target_session_attrs=read-write",
            primary.port(),
            standby.port()
        );
        let server = program(&folder, &both).start_serve(&[]);
        let recovered = party.work_until(&server.base_url, |work| {
            primary.kill_nine();
            standby.promote();
            let recovered = recovery(&server);
            while work.wait_for(1) {}
            recovered
        });
        let past = program(&folder, &standby.url(DATABASE));
        party.reckon(&past, &server, &format!("failover {round}"));
        assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
        assert!(server.terminate().success());
        report("a primary was killed", recovered, &party);
        primary = standby;
    }
}

/// The connections that were open get no answer any more and no end either, as when a machine is
/// gone.
#[test]
fn a_node_does_not_stay_with_a_primary_that_fell_silent() {
    let folder = TestFolder::on_disk();
    let primary = primary();
    let mut party = Party::new(&program(&folder, &primary.url(DATABASE)), Dice::announced());
    let standby = synchronous_standby(&primary);
    let proxy = Proxy::to(([127, 0, 0, 1], primary.port()).into());
    let through = format!("postgres://postgres@{}/{DATABASE}", proxy.address());
    let server = program(&folder, &through)
        // What was asked before is waited for two seconds longer than this.
        .with_environment("COUNTERFOIL_DATABASE__STATEMENT_TIMEOUT", "1s")
        .start_serve(&[]);
    let recovered = party.work_until(&server.base_url, |work| {
        proxy.forsake_connections();
        proxy.point_to(([127, 0, 0, 1], standby.port()).into());
        primary.kill_nine();
        standby.promote();
        let recovered = recovery(&server);
        while work.wait_for(1) {}
        recovered
    });
    let past = program(&folder, &standby.url(DATABASE));
    party.reckon(&past, &server, "the primary fell silent");
    assert_eq!(proxy.manner(), Manner::Pass);
    report("a primary fell silent", recovered, &party);
}

/// A server that was started anew is another one: what it gave out under the same numbers may be
/// something else.
#[test]
fn what_is_remembered_goes_when_the_feed_is_read_from_another_server() {
    let folder = TestFolder::in_memory();
    let cluster = Cluster::start(ClusterOptions::default());
    cluster.create_database(DATABASE);
    let program = program(&folder, &cluster.url(DATABASE));
    let user = program.add_user("mona");
    let server = program.start_serve(&[]);
    let mut owner = user.connect(&server.base_url).expect("the node accepts");
    let body = json!({ "note": "laptop", "scopes": [] });
    let made = owner.must("POST", "/authorizations", Some(&body));
    let mut holder =
        ApiClient::with_token(&server.base_url, &made.token()).expect("the node accepts");
    holder.must("GET", "/user", None).assert_status(200);
    // What nobody announced here.
    let id = made.id();
    cluster.run(
        DATABASE,
        &format!(
            "UPDATE authorizations SET ended_at = created_at + 1, end_reason = 'revoked' WHERE id = {id};
            UPDATE token_digests SET ended_at = created_at + 1, end_reason = 'revoked' WHERE authorization_id = {id}"
        ),
    );
    holder.must("GET", "/user", None).assert_status(200);
    cluster.restart();
    let restarted = Instant::now();
    while holder.must("GET", "/user", None).status != 401 {
        assert!(restarted.elapsed() < RECOVERY, "it stays remembered");
    }
}

/// A machine whose packets are dropped: connections to it neither come about nor fail.
#[test]
fn one_of_several_hosts_that_swallows_connections_holds_up_neither_start_nor_recovery() {
    let folder = TestFolder::in_memory();
    let cluster = Cluster::start(ClusterOptions::default());
    cluster.create_database(DATABASE);
    let swallowing = Swallowing::new();
    let both = format!(
        "postgres://postgres@127.0.0.1:{},127.0.0.1:{}/{DATABASE}",
        swallowing.address.port(),
        cluster.port()
    );
    let program =
        program(&folder, &both).with_environment("COUNTERFOIL_DATABASE__CONNECT_TIMEOUT", "20s");
    let begun = Instant::now();
    let server = program.start_serve(&[]);
    let started = begun.elapsed();
    cluster.restart();
    let recovered = recovery(&server);
    say(&format!(
        "beside a host that swallows connections: started in {started:?}, recovered in {recovered:?}"
    ));
    // Each of the few connections that a start makes one after another waits for half a second
    // first.
    assert!(started < 2 * RECOVERY, "started in {started:?}");
}

/// An address that takes no connection and refuses none: its queue is full, and nobody takes
/// anything out of it.
struct Swallowing {
    address: SocketAddr,
    _listener: tokio::net::TcpListener,
    _waiting: Vec<TcpStream>,
    _runtime: tokio::runtime::Runtime,
}

impl Swallowing {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a test can make a runtime");
        let listener = {
            let _inside = runtime.enter();
            let socket = tokio::net::TcpSocket::new_v4().expect("a socket can be made");
            socket
                .bind(([127, 0, 0, 1], 0).into())
                .expect("loopback has a free port");
            socket.listen(1).expect("a bound socket can listen")
        };
        let address = listener.local_addr().expect("it is bound");
        let mut waiting = Vec::new();
        while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
            waiting.push(stream);
        }
        Self {
            address,
            _listener: listener,
            _waiting: waiting,
            _runtime: runtime,
        }
    }
}

fn report(what: &str, recovered: Duration, party: &Party) {
    say(&format!(
        "{what}: served {recovered:?} after the promotion; {} so far",
        party.figures()
    ));
}

/// Waits until the node can write, which it must soon after the promotion that has just been.
fn recovery(server: &Running) -> Duration {
    let promoted = Instant::now();
    while readiness(server) != 200 {
        assert!(
            promoted.elapsed() < RECOVERY,
            "the node does not serve; it said:\n{}",
            server.stderr()
        );
        std::thread::sleep(PAUSE);
    }
    promoted.elapsed()
}

fn primary() -> Cluster {
    let cluster = Cluster::start(ClusterOptions {
        lasting: true,
        ..ClusterOptions::default()
    });
    cluster.create_database(DATABASE);
    cluster
}

/// A standby that has what the primary acknowledges.
fn synchronous_standby(primary: &Cluster) -> Cluster {
    let standby = primary.standby(
        "standby",
        ClusterOptions {
            lasting: true,
            ..ClusterOptions::default()
        },
    );
    primary.run(
        "postgres",
        "ALTER SYSTEM SET synchronous_standby_names = 'standby'",
    );
    primary.run("postgres", "SELECT pg_reload_conf()");
    let state = "SELECT sync_state FROM pg_stat_replication WHERE application_name = 'standby'";
    primary.wait_until("postgres", state, "sync");
    standby
}

fn program(folder: &TestFolder, url: &str) -> Program {
    program_in(folder, url)
}
