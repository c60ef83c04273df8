//! `kill -9` while the program starts: keys, schema and lock are made in an order that any cut leaves whole.

use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::TestFolder;

use super::dice::Dice;
use super::program_in;

/// Starts that are cut short, each in a folder that holds nothing but what earlier ones left.
const STARTS: u32 = 40;
/// After how many starts a new folder is taken.
const STARTS_IN_ONE_FOLDER: u32 = 4;

#[test]
fn a_start_that_was_cut_short_is_begun_again() {
    let dice = Dice::announced();
    let mut folder = TestFolder::on_disk();
    for start in 1..=STARTS {
        let program = program_in(folder.path());
        let begun = Instant::now();
        let mut child = program.spawn(&["serve", "--listen", "127.0.0.1:0"]);
        let moment = Duration::from_micros(dice.below(60_000));
        while begun.elapsed() < moment {
            thread::yield_now();
        }
        child.kill().expect("our own child can be killed");
        child.wait().expect("our own child can be waited for");
        if start % STARTS_IN_ONE_FOLDER == 0 {
            let user = program.add_user("octocat");
            let server = program.start_serve(&[]);
            let mut client = user
                .connect(&server.base_url)
                .expect("the server accepts connections");
            client.must("GET", "/user", None).assert_status(200);
            drop(server);
            folder = TestFolder::on_disk();
        }
    }
}
