//! A connection that is lost at the commit: nobody knows what became of it, so the node says that
//! it cannot tell and leaves it at that. It never sends the same change again by itself.

use counterfoil_testkit::process::Loss;
use serde_json::{Value, json};

use super::{Site, wait_until_ready};

const COMMIT: &[u8] = b"statement_timeout=0;COMMIT";

/// What is asked for while a commit is lost.
struct Change {
    method: &'static str,
    path: String,
    body: Option<Value>,
    /// The event that says it happened.
    action: &'static str,
}

#[test]
fn a_commit_whose_answer_is_lost_is_answered_503_and_happens_once() {
    changes_with_a_lost_commit(&Loss::Answer(COMMIT.to_vec()), 1);
}

#[test]
fn a_commit_that_is_lost_itself_is_answered_503_and_does_not_happen() {
    changes_with_a_lost_commit(&Loss::Request(COMMIT.to_vec()), 0);
}

fn changes_with_a_lost_commit(loss: &Loss, happens: usize) {
    let site = Site::new();
    let user = site.operator.add_user("mona");
    let server = site.node.start_serve(&[]);
    let mut client = user
        .connect(&server.base_url)
        .expect("the server accepts connections");
    let ids: Vec<i64> = ["one", "two"]
        .map(|note| json!({ "note": note, "scopes": ["gist"] }))
        .map(|body| client.must("POST", "/authorizations", Some(&body)).id())
        .to_vec();
    for change in changes(&ids) {
        let before = events(&site, change.action);
        // Nobody asks whether the node is ready: it would try a write of its own, whose commit
        // would be lost instead.
        site.proxy.lose(loss.clone());
        let reply = client.must(change.method, &change.path, change.body.as_ref());
        assert_eq!(reply.status, 503, "{}: {}", change.action, reply.text());
        assert!(reply.header("retry-after").is_some(), "{}", change.action);
        site.wait_until_nothing_is_open();
        let after = events(&site, change.action);
        assert_eq!(after - before, happens, "{}", change.action);
    }
    assert_eq!(site.proxy.lost(), 3);
    wait_until_ready(&server);
    let listed = client
        .must("GET", "/authorizations", None)
        .assert_status(200)
        .json();
    let left = listed.as_array().expect("a list").len();
    // Two, one more that was made, one less that was deleted.
    assert_eq!(left, 2, "{listed}");
    assert!(!server.stderr().contains("panicked"), "{}", server.stderr());
}

fn changes(ids: &[i64]) -> [Change; 3] {
    [
        Change {
            method: "POST",
            path: "/authorizations".to_owned(),
            body: Some(json!({ "note": "three", "scopes": ["gist"] })),
            action: "authorization.created",
        },
        Change {
            method: "PATCH",
            path: format!("/authorizations/{}", ids[0]),
            body: Some(json!({ "scopes": ["repo"] })),
            action: "authorization.changed",
        },
        Change {
            method: "DELETE",
            path: format!("/authorizations/{}", ids[1]),
            body: None,
            action: "authorization.revoked",
        },
    ]
}

fn events(site: &Site, action: &str) -> usize {
    let trail = site.operator.audit_trail();
    trail
        .iter()
        .filter(|event| event["action"] == action)
        .count()
}
