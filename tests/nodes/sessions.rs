//! A session is one on all nodes, and a link too: their ends hold on each of them at once.

use counterfoil_testkit::process::{Browser, Person, Program, Running};

use super::stage::Stage;

const LIST: &str = "/settings/sessions";
/// How often each way to end a session is gone: once from each node.
const ROUNDS: usize = 3;

/// Three nodes, and a user.
struct Site {
    // First, so that they end before their database does.
    nodes: [Running; 3],
    elsewhere: Program,
    user: Person,
    _stage: Stage,
}

impl Site {
    fn new() -> Self {
        let stage = Stage::set();
        Self {
            nodes: ["one", "two", "three"].map(|name| stage.node(name).start_serve(&[])),
            elsewhere: stage.node("elsewhere"),
            user: stage.user.clone(),
            _stage: stage,
        }
    }

    /// A browser at each node, all of which have the same session.
    fn signed_in(&self) -> [Browser; 3] {
        let mut here = Browser::at(&self.nodes[0].base_url);
        let done = here.sign_in(&self.user).expect("the node answers");
        done.assert_status(303);
        let browsers = self.nodes.each_ref();
        let mut browsers = browsers.map(|node| here.moved_to(&node.base_url));
        assert_all(&mut browsers, LIST, 200);
        browsers
    }

    /// The code of a new link for another password.
    fn link(&self) -> String {
        let made = self.elsewhere.json(&["user", "reset", "mona"], "");
        let link = made["link"].as_str().expect("it is shown");
        link.rsplit('/').next().expect("a code").to_owned()
    }
}

/// Has every node asked for a page, by the browser that is there.
#[track_caller]
fn assert_all(browsers: &mut [Browser], path: &str, status: u16) {
    for browser in browsers {
        let reply = browser.get(path).expect("the node answers");
        reply.assert_status(status);
    }
}

/// Sends a form of a page, which must be done.
fn submit(browser: &mut Browser, path: &str, action: &str, typed: &[(&str, &str)]) {
    let page = browser.get(path).expect("the node answers");
    let done = browser.submit(page.assert_status(200), action, typed);
    done.expect("the node answers").assert_status(303);
}

#[test]
fn a_session_that_one_node_or_a_command_ends_is_refused_by_all_from_then_on() {
    let site = Site::new();
    for round in 0..ROUNDS {
        let there = round;
        let mut browsers = site.signed_in();
        submit(&mut browsers[there], LIST, "/logout", &[]);
        assert_all(&mut browsers, LIST, 303);
        let mut browsers = site.signed_in();
        let mut others = site.signed_in();
        submit(
            &mut others[there],
            LIST,
            "/settings/sessions/end-others",
            &[],
        );
        assert_all(&mut browsers, LIST, 303);
        assert_all(&mut others, LIST, 200);
        let listed = site.elsewhere.json(&["session", "list", "mona"], "");
        let id = listed[0]["id"].to_string();
        let end = ["session", "end", &id];
        site.elsewhere.command(&end, "").succeeded();
        assert_all(&mut others, LIST, 303);
    }
}

#[test]
fn a_link_that_is_used_at_one_node_is_dead_at_all_and_so_are_the_sessions_that_it_ends() {
    let mut site = Site::new();
    for round in 0..ROUNDS {
        let there = round;
        let mut sessions = site.signed_in();
        let (older, code) = (site.link(), site.link());
        let browsers = site.nodes.each_ref();
        let mut browsers = browsers.map(|node| Browser::at(&node.base_url));
        for browser in &mut browsers {
            let open = |browser: &mut Browser, code| browser.open_link(code).expect("an answer");
            open(browser, &older).assert_status(404);
            open(browser, &code).assert_status(200);
        }
        let password = format!("the password of round {round}");
        let typed = [("password", password.as_str())];
        submit(&mut browsers[there], "/link", "/link", &typed);
        assert_all(&mut sessions, LIST, 303);
        for browser in &mut browsers {
            let reply = browser.open_link(&code).expect("the node answers");
            reply.assert_status(404);
        }
        site.user.password = password;
    }
}
