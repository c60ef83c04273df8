//! A session is one on all nodes, and its end holds on each of them at once.

use counterfoil_testkit::process::{Person, Running};

use super::window::{Look, Window};
use crate::nodes::stage::Stage;

const LIST: &str = "/settings/sessions";

#[track_caller]
fn sign_in(window: &Window, person: &Person) {
    window.go(LIST);
    window.fill("Login or e-mail address", &person.login);
    window.fill("Password", &person.password);
    window.press("Sign in");
    window.is_at(LIST, 200);
}

/// Demands that none of these nodes knows the session of the window any more.
#[track_caller]
fn is_signed_out(window: &mut Window, nodes: &[Running]) {
    for node in nodes {
        window.go_to_node(&node.base_url, LIST);
        window.reads("Forgotten password?");
    }
}

#[test]
fn a_session_of_one_node_is_one_of_all_until_any_of_them_or_a_command_ends_it() {
    let stage = Stage::set();
    let nodes = ["one", "two", "three"].map(|name| stage.node(name).start_serve(&[]));
    let [one, two, three] = &nodes;
    let mut window = Window::open(&one.base_url, Look::default());
    sign_in(&window, &stage.user);
    window.go_to_node(&two.base_url, LIST);
    window.is_at(LIST, 200);
    window.reads("This session");
    // What one node signs out, the others have never heard of.
    window.go_to_node(&three.base_url, LIST);
    window.press("Sign out");
    is_signed_out(&mut window, &nodes);

    window.go_to_node(&one.base_url, "/");
    sign_in(&window, &stage.user);
    let elsewhere = stage.node("elsewhere");
    let listed = elsewhere.json(&["session", "list", "mona"], "");
    let id = listed[0]["id"].to_string();
    elsewhere.command(&["session", "end", &id], "").succeeded();
    is_signed_out(&mut window, &nodes);
}

#[test]
fn a_session_that_another_browser_ends_at_one_node_is_over_at_all() {
    let stage = Stage::set();
    let nodes = ["one", "two", "three"].map(|name| stage.node(name).start_serve(&[]));
    let [one, two, three] = &nodes;
    let mut window = Window::open(&one.base_url, Look::default());
    sign_in(&window, &stage.user);
    window.go_to_node(&two.base_url, LIST);
    window.reads("This session");
    let other = Window::open(&three.base_url, Look::default());
    sign_in(&other, &stage.user);
    other.press("End session");
    other.reads("The session was ended.");
    is_signed_out(&mut window, &nodes);
}
