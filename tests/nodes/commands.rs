//! A command's exit is an acknowledgement wherever it was given.

use super::stage::{Checker, Stage};

#[test]
fn what_a_command_on_another_machine_ended_no_node_accepts_after_its_exit() {
    let stage = Stage::set();
    let nodes = ["one", "other"].map(|name| stage.node(name).start_serve(&[]));
    let mut checkers = nodes.each_ref().map(|node| Checker::of(&node.base_url));
    // A folder that no server runs on, as on another machine.
    let elsewhere = stage.node("elsewhere");
    for number in 0..5 {
        let token = stage.token(&nodes[0], &format!("token {number}"));
        for checker in &mut checkers {
            assert_eq!(checker.status(&token.text), 200);
        }
        let revoke = ["token", "revoke", "--token-stdin"];
        elsewhere.command(&revoke, &token.text).succeeded();
        for checker in &mut checkers {
            assert_eq!(checker.status(&token.text), 401);
        }
    }
}
