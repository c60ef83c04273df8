//! What browsers keep is of one installation: another one knows nothing of it, also under the names
//! that it uses itself.

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{Browser, Program, Running};

const LIST: &str = "/settings/sessions";

/// An installation of its own, with somebody who is signed in.
fn installation(folder: &TestFolder) -> (Running, Browser) {
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    let mona = program.add_user("mona");
    let server = program.start_serve(&[]);
    let mut browser = Browser::at(&server.base_url);
    let done = browser.sign_in(&mona).expect("the server answers");
    done.assert_status(303);
    (server, browser)
}

#[test]
fn a_session_and_a_form_of_another_installation_are_worth_nothing() {
    let (folder, other_folder) = (TestFolder::in_memory(), TestFolder::in_memory());
    let (_server, mut here) = installation(&folder);
    let (_other_server, mut there) = installation(&other_folder);
    let own = here.get(LIST).expect("the server answers");
    let foreign = there.get(LIST).expect("the server answers");
    // A form of theirs does nothing here.
    let sent = here.submit(foreign.assert_status(200), "/logout", &[]);
    sent.expect("the server answers").assert_status(403);
    own.assert_status(200);
    let page = here.get(LIST).expect("the server answers");
    page.assert_status(200);
    // Nor does their session, under whatever name.
    let mut stolen = there.moved_to(here.base_url());
    let page = stolen.get(LIST).expect("the server answers");
    page.assert_status(303);
    here.take_over(&there);
    let page = here.get(LIST).expect("the server answers");
    page.assert_status(303);
    let sent = here.submit(&foreign, "/logout", &[]);
    sent.expect("the server answers").assert_status(403);
    let page = there.get(LIST).expect("the server answers");
    page.assert_status(200);
}
