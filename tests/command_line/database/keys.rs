//! The key that all nodes of an installation share, while each has a data folder of its own.

use std::fs;
use std::thread;

use counterfoil_testkit::postgres::Database;
use counterfoil_testkit::process::{FIRST_APPS, FIRST_EVENTS, Person};
use serde_json::Value;

use super::{Node, PASSWORD};

impl Node {
    /// Gives the node a data folder with this key file in it, as an operator copies one.
    pub(super) fn add_key_file(&self, keys: &str) {
        self.make_data_folder();
        self.private_file("counterfoil-data/keys", keys);
    }

    fn keys(&self) -> String {
        fs::read_to_string(self.key_file()).expect("there is a key file")
    }
}

#[test]
fn a_node_without_the_key_does_not_start_and_says_where_to_get_it() {
    let database = Database::empty();
    let first = Node::on(&database.url());
    first.add_user();
    let keys = first.keys();
    let (id, _) = keys.split_once(':').unwrap();
    let second = Node::on(&database.url());
    let sentence = format!(
        "cannot open {}: the database is sealed under key {id}, which was not given; copy the file `keys` from the data \
         folder of a node that has it, or put the key into COUNTERFOIL_KEY",
        database.url()
    );
    for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["user", "list"]] {
        assert_eq!(second.refused(command), sentence);
    }
    assert!(!second.key_file().exists());
    fs::copy(first.key_file(), second.key_file()).unwrap();
    let serve = second.program.start_serve(&[]);
    second.run(&["user", "show", "mona"]).succeeded();
    assert!(serve.terminate().success());
    // The environment does as well as the file.
    let third = Node::on(&database.url()).with("COUNTERFOIL_KEY", keys.trim());
    assert!(third.program.start_serve(&[]).terminate().success());
    assert!(!third.key_file().exists());
}

#[test]
fn of_two_nodes_that_start_on_an_empty_database_one_invents_the_key() {
    for round in 0..10 {
        let database = Database::empty();
        let nodes = [Node::on(&database.url()), Node::on(&database.url())];
        let outputs = thread::scope(|scope| {
            let running = nodes
                .each_ref()
                .map(|node| scope.spawn(|| node.program.command(&["init"], "")));
            running.map(|running| running.join().expect("a command does not panic"))
        });
        let [won, lost] = if outputs[0].status.success() {
            [0, 1]
        } else {
            [1, 0]
        };
        assert!(outputs[won].status.success(), "{}", outputs[won].stderr);
        let keys = nodes[won].keys();
        let (id, _) = keys.split_once(':').unwrap();
        assert_eq!(outputs[lost].status.code(), Some(1), "round {round}");
        let url = database.url();
        // It came too late to begin, or to end.
        let said = outputs[lost].stderr.as_str();
        let sentences = [
            format!("error: there is an installation in {url} already; nothing was changed\n"),
            format!(
                "error: cannot open {url}: the database is sealed under key {id}, which was not given; copy the file `keys` from \
                 the data folder of a node that has it, or put the key into COUNTERFOIL_KEY\n"
            ),
        ];
        assert!(sentences.iter().any(|sentence| sentence == said), "{said}");
        // What it invented is gone, so that nobody takes it for a key of the installation.
        assert!(!nodes[lost].key_file().exists(), "round {round}");
        let made = |sql: &str| database.look_up(sql).unwrap();
        assert_eq!(made("SELECT count(*)::text FROM installation_keys"), "1");
        assert_eq!(made("SELECT count(*)::text FROM installation"), "1");
        assert_eq!(made("SELECT count(*)::text FROM apps"), "2");
        assert_eq!(made("SELECT count(*)::text FROM accounts"), "1");
        assert_eq!(
            made("SELECT count(*)::text FROM audit_events WHERE action = 'key.added'"),
            "1"
        );
        fs::copy(nodes[won].key_file(), nodes[lost].key_file()).unwrap();
        nodes[lost].run(&["user", "list"]).succeeded();
    }
}

#[test]
fn of_three_nodes_that_start_with_one_key_on_an_empty_database_one_makes_the_apps() {
    let elsewhere = Database::empty();
    let maker = Node::on(&elsewhere.url());
    maker.program.init();
    let keys = maker.keys();
    let database = Database::empty();
    let node = || Node::on(&database.url()).with("COUNTERFOIL_KEY", keys.trim());
    let nodes = [node(), node(), node()];
    let servers = thread::scope(|scope| {
        let starting = nodes
            .each_ref()
            .map(|node| scope.spawn(|| node.program.start_serve(&[])));
        starting.map(|starting| starting.join().expect("the node starts"))
    });
    for (node, server) in nodes.iter().zip(servers) {
        let apps = node.program.json(&["app", "list"], "");
        let apps = apps.as_array().expect("a list of apps");
        let ids: Vec<_> = apps.iter().map(|app| &app["client_id"]).collect();
        assert_eq!(ids, FIRST_APPS);
        assert!(server.terminate().success());
    }
    // Each offers a link for the first administrator besides.
    let events =
        "SELECT string_agg(action, ' ' ORDER BY id) FROM audit_events WHERE action <> 'link.made'";
    assert_eq!(database.look_up(events), Some(FIRST_EVENTS.join(" ")));
}

#[test]
fn two_that_share_a_data_folder_share_the_key_that_one_of_them_invents() {
    for _ in 0..10 {
        let database = Database::empty();
        let node = Node::on(&database.url());
        let outputs = thread::scope(|scope| {
            let running = [(); 2].map(|()| scope.spawn(|| node.program.command(&["init"], "")));
            running.map(|running| running.join().expect("a command does not panic"))
        });
        // The later one finds an installation, or makes what the earlier one makes.
        let made = outputs.iter().filter(|output| output.status.success());
        assert!(made.count() >= 1, "{outputs:?}");
        for output in outputs.iter().filter(|output| !output.status.success()) {
            assert!(
                output.stderr.contains("there is an installation in "),
                "{}",
                output.stderr
            );
        }
        assert_eq!(node.keys().lines().count(), 1);
        node.run(&["user", "list"]).succeeded();
    }
}

#[test]
fn with_a_key_file_elsewhere_no_data_folder_is_needed() {
    let database = Database::empty();
    let node = Node::on(&database.url());
    let keys = node.folder.path().join("installation.keys");
    let node = node.with("COUNTERFOIL_KEYS__FILE", keys.to_str().unwrap());
    let made = node.program.json(&["init"], "");
    assert_eq!(made["data_dir"], Value::Null);
    assert_eq!(made["key_file"], keys.to_str().unwrap());
    let mona = node
        .program
        .command(&["user", "create", "mona", "--password-stdin"], PASSWORD);
    mona.succeeded();
    let server = node.program.start_serve(&[]);
    let person = Person::new("mona", PASSWORD);
    let mut client = person.connect(&server.base_url).unwrap();
    client.must("GET", "/user", None).assert_status(200);
    // The command's exit is an acknowledgement without a folder too.
    node.run(&["user", "suspend", "mona"]).succeeded();
    client.must("GET", "/user", None).assert_status(403);
    node.run(&["doctor"]).succeeded();
    assert!(server.terminate().success());
    assert!(!node.folder.path().join("counterfoil-data").exists());
}
