//! Three nodes behind a balancer, as the page tells it: every command and every file as printed, in
//! one shell, but for where files lie and where `PostgreSQL` listens.

use std::process::Stdio;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions};
use counterfoil_testkit::process::{NetworkNamespace, finish};

use crate::pages::Page;

/// How long all of it may take, on a machine that is busy with other tests.
const LIMIT: Duration = Duration::from_mins(5);

/// What stops however the script ends.
const END: &str = "trap 'kill $(cat node-*.pid haproxy.pid) 2>/dev/null || true' EXIT\n";

/// Stands between the parts of what is said.
const HERE: &str = "---";

/// Asks through the balancer as often as each node has its turn, and says who answered with what.
const ASK: &str = r#"for turn in 1 2 3 4 5 6 7 8 9 10; do
    curl --silent --output answer --write-out "%{http_code} %header{x-node}\n" --user "mona:a good password" \
        http://localhost:8080/api/v3/user
done
"#;

/// Asks the second node itself, as soon as it answers.
const ASK_SECOND: &str = r#"curl --silent --output answer --write-out "%{http_code} ready\n" --retry 30 --retry-connrefused \
    http://127.0.0.1:8082/readyz
"#;

#[test]
fn a_newcomer_runs_three_nodes_and_stops_one_by_following_the_page() {
    let namespace = NetworkNamespace::with_hosts(&[]);
    let folder = TestFolder::on_disk();
    let cluster = Cluster::start(ClusterOptions {
        access: &["local all counterfoil scram-sha-256"],
        ..ClusterOptions::default()
    });
    let program = installed::program();
    let programs = program.parent().expect("a program lies in a folder");
    let data = cluster.data_folder();
    let child = namespace
        .command("/bin/bash", folder.path())
        .args(["-c", &script(&folder, &cluster)])
        .env_clear()
        .env("HOME", folder.path())
        .env(
            "PATH",
            format!("{}:/usr/sbin:/usr/bin:/sbin:/bin", programs.display()),
        )
        // For the commands that the page gives to the user `postgres`.
        .env("PGHOST", data.parent().expect("it lies in a folder"))
        .env("PGPORT", cluster.port().to_string())
        .env("PGUSER", "postgres")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash can be started");
    let said = finish(child, "the walk-through", LIMIT).succeeded().stdout;
    let parts: Vec<_> = said.split(HERE).collect();
    let [before, all, stopping, two, again] = parts.as_slice() else {
        panic!("it did not come so far: {said}");
    };
    assert!(before.contains("\"note\": \"first\""), "{said}");
    assert_eq!(names(all), ["one", "three", "two"], "{said}");
    // Until the signal has reached it the node answers still. What counts is that each is answered.
    assert!(names(stopping).contains(&"three"), "{said}");
    assert_eq!(names(two), ["one", "three"], "{said}");
    assert_eq!(names(again), ["ready"], "{said}");
}

/// The page's commands one after another, with what a reader would see.
fn script(folder: &TestFolder, cluster: &Cluster) -> String {
    let page = Page::read("several-nodes.md");
    let blocks = page.blocks("sh");
    let [database, nodes, balancer, stop, start] = blocks.as_slice() else {
        panic!("the page has another number of blocks: {blocks:?}");
    };
    let file = |path: &str, text: &str| format!("cat > {path} <<'END'\n{text}END\n");
    let toml = file("/etc/counterfoil/counterfoil.toml", &page.block("toml"));
    let haproxy = file("/etc/haproxy/haproxy.cfg", &page.block("haproxy"));
    let script = format!(
        "set -e\n{END}{database}{toml}{nodes}{haproxy}{balancer}echo {HERE}\n{ASK}
        stopped=$(cat /run/counterfoil-2.pid)\n{stop}echo {HERE}\n{ASK}wait $stopped
        echo {HERE}\n{ASK}{start}echo {HERE}\n{ASK_SECOND}"
    );
    let database_url = cluster.socket_url("counterfoil");
    let here = folder.path().to_string_lossy();
    let replacements = [
        ("/etc/counterfoil", format!("{here}/etc")),
        ("/var/log/counterfoil-", format!("{here}/node-")),
        ("/run/counterfoil-", format!("{here}/node-")),
        ("/etc/haproxy/haproxy.cfg", format!("{here}/haproxy.cfg")),
        ("/run/haproxy.pid", format!("{here}/haproxy.pid")),
        ("runuser -u postgres -- ", String::new()),
        (
            "postgres://counterfoil@127.0.0.1:5432/counterfoil",
            database_url.replace("postgres@", "counterfoil@"),
        ),
    ];
    let mut replaced = script;
    for (printed, meant) in &replacements {
        assert!(replaced.contains(printed), "the page has no {printed}");
        replaced = replaced.replace(printed, meant);
    }
    replaced
}

/// The different lines of a part, each without the status 200 that it must begin with.
#[track_caller]
fn names(part: &str) -> Vec<&str> {
    let lines = part.lines().filter(|line| !line.is_empty());
    let mut names: Vec<_> = lines
        .map(|line| line.strip_prefix("200 ").expect(line))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}
