//! `kill -9` while the program starts: keys, schema and lock are made in an order that any cut
//! leaves whole.

use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::postgres::{Cluster, ClusterOptions};
use counterfoil_testkit::process::{FIRST_APPS, Program};

use super::dice::Dice;
use super::installation::program_in;

/// Starts that are cut short, each over nothing but what earlier ones left.
const STARTS: u32 = 40;
/// After how many starts all is begun anew.
const STARTS_OVER_ONE_DATABASE: u32 = 4;

#[test]
fn a_start_that_was_cut_short_is_begun_again() {
    let mut folder = TestFolder::on_disk();
    cut_starts_short(|_| {
        folder = TestFolder::on_disk();
        program_in(&folder)
    });
}

#[test]
fn a_start_over_postgres_that_was_cut_short_is_begun_again() {
    let cluster = Cluster::start(ClusterOptions {
        lasting: true,
        ..ClusterOptions::default()
    });
    let mut folder = TestFolder::on_disk();
    cut_starts_short(|number| {
        let database = format!("start_{number}");
        cluster.run("postgres", &format!("CREATE DATABASE {database}"));
        folder = TestFolder::on_disk();
        program_in(&folder).with_environment("COUNTERFOIL_DATABASE_URL", &cluster.url(&database))
    });
}

/// Kills starts of a program that has nothing yet, and of the same one again, and then lets one
/// come to its end.
fn cut_starts_short(mut new_program: impl FnMut(u32) -> Program) {
    let dice = Dice::announced();
    for number in 0..STARTS / STARTS_OVER_ONE_DATABASE {
        let program = new_program(number);
        for _ in 0..STARTS_OVER_ONE_DATABASE {
            cut_short(&program, Duration::from_micros(dice.below(60_000)));
        }
        let server = program.start_serve(&[]);
        let user = program.add_user("octocat");
        let mut client = user
            .connect(&server.base_url)
            .expect("the server accepts connections");
        client.must("GET", "/user", None).assert_status(200);
        let apps = program.json(&["app", "list"], "");
        let apps = apps.as_array().expect("a list of apps");
        let ids: Vec<_> = apps.iter().map(|app| &app["client_id"]).collect();
        assert_eq!(ids, FIRST_APPS, "all at once, or nothing yet");
    }
}

fn cut_short(program: &Program, moment: Duration) {
    let begun = Instant::now();
    let mut child = program.spawn(&["serve", "--listen", "127.0.0.1:0"]);
    while begun.elapsed() < moment {
        thread::yield_now();
    }
    child.kill().expect("our own child can be killed");
    child.wait().expect("our own child can be waited for");
}
