//! How long after an acknowledgement a node still accepts the old state: three nodes behind
//! `HAProxy`, one PostgreSQL. What one node ends is checked on all three in a tight loop, from
//! before the change until all refuse.
//!
//! `COUNTERFOIL_NODE_CHANGES` sets the number of changes of each kind, and asks for the full form.
//! `COUNTERFOIL_NODES_BESIDE` names an older build of the program: it makes the installation, runs
//! the first and the third node and the commands, and the second node brings the schema up to date
//! while they serve.

mod changes;
mod figures;
mod lane;

use std::path::PathBuf;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use counterfoil_testkit::installed;
use counterfoil_testkit::process::Running;

use self::changes::Kind;
use self::figures::Figures;
use self::lane::Lane;
use super::balancer::Balancer;
use super::stage::Stage;

/// Changes of each kind in a test run; the full proof has more.
const CHANGES: usize = 120;
/// Changes of passwords for each hundred other changes: each is a command, which takes longer than
/// a second.
const PASSWORDS_PER_HUNDRED: usize = 5;
/// Those who change and check, each with a user and an app of their own.
const LANES: usize = 2;
/// What no lag may reach.
const MOST: Duration = Duration::from_secs(1);
/// What ninety-nine of a hundred lags stay under while the database is reachable: in the full form,
/// on a machine that does nothing else, and in a test run beside others.
const USUAL: Duration = Duration::from_millis(50);
const USUAL_BESIDE_OTHERS: Duration = Duration::from_millis(400);

#[test]
fn what_one_node_ended_no_node_accepts_a_second_later() {
    let wanted = changes_wanted();
    let (count, usual) = match wanted {
        Some(count) => (count, USUAL),
        None => (CHANGES, USUAL_BESIDE_OTHERS),
    };
    let older = variable("COUNTERFOIL_NODES_BESIDE").map(PathBuf::from);
    let stage = Stage::set_by(older.unwrap_or_else(installed::program));
    let administrator = administrator(&stage);
    let prepared: Vec<_> = (0..LANES)
        .map(|number| lane::prepare(&stage, number))
        .collect();
    let [one, three] =
        ["one", "three"].map(|name| stage.node_of_first_build(name).start_serve(&[]));
    let nodes = [one, stage.node("two").start_serve(&[]), three];
    let balancer = Balancer::before(&stage, nodes.each_ref());
    let figures = Mutex::new(Figures::default());
    thread::scope(|scope| {
        for prepared in prepared {
            let (figures, stage, administrator) = (&figures, &stage, administrator.as_str());
            let (url, nodes) = (balancer.url.as_str(), nodes.each_ref());
            scope.spawn(move || {
                let mut lane = Lane::new(stage, prepared, url, nodes, administrator);
                for kind in Kind::ALL {
                    let count = count_of(kind, count);
                    let lags = lane.measure(kind, count);
                    let mut figures = figures.lock().expect("no thread panics with it");
                    figures.add(kind, lags);
                    if figures.changes(kind) == count * LANES {
                        figures.print(kind);
                    }
                }
            });
        }
    });
    let figures = figures.into_inner().expect("no thread panics with it");
    figures.demand(MOST, usual);
    ended_in_order(nodes);
}

/// How often a lane makes a change of this kind.
fn count_of(kind: Kind, count: usize) -> usize {
    let all = match kind {
        Kind::Password => count * PASSWORDS_PER_HUNDRED / 100,
        _ => count,
    };
    all.div_ceil(LANES)
}

fn administrator(stage: &Stage) -> String {
    let program = stage.first();
    program.add_user("warden");
    let edit = ["user", "edit", "warden", "--admin"];
    program.command(&edit, "").succeeded();
    let create = [
        "token",
        "create",
        "warden",
        "--note",
        "duty",
        "--scopes",
        "site_admin",
    ];
    let made = program.json(&create, "");
    made["token"].as_str().expect("a token").to_owned()
}

fn ended_in_order(nodes: [Running; 3]) {
    for node in nodes {
        let (status, said) = node.terminate_and_hear();
        assert!(status.success(), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

fn changes_wanted() -> Option<usize> {
    let text = variable("COUNTERFOIL_NODE_CHANGES")?;
    Some(
        text.parse()
            .expect("COUNTERFOIL_NODE_CHANGES must be a number"),
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "what a test runs, and for how long, is no setting of the program"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
