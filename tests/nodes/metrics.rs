//! What nodes tell of how they follow each other.

use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url, until_metric};

use super::stage::{Checker, Stage};

#[test]
fn nodes_tell_how_they_follow_their_database() {
    let stage = Stage::set();
    let one = stage.node("one").start_serve(&[]);
    let other = stage.node("other").start_serve(&WITH_OPS);
    let operators = ops_url(&other);
    let told = |name: &str| metric(&operators, &format!("counterfoil_{name}"));
    // Of what is revoked before that, there is no notification.
    until_metric(&operators, "counterfoil_feed_listening", 1.0);
    let token = stage.token(&one, "token");
    let mut checker = Checker::of(&other.base_url);
    assert_eq!(checker.status(&token.text), 200);
    let mut mona = stage.user.connect(&one.base_url).expect("the node accepts");
    let path = format!("/authorizations/{}", token.id);
    mona.must("DELETE", &path, None).assert_status(204);
    checker.until(&token.text, 401);
    assert!(told("feed_readings_total") >= 1.0);
    assert!(told("lease_remaining_seconds") > 0.0);
    assert!(told("lease_remaining_seconds") <= 1.0);
    assert!(told("feed_lag_seconds_count") >= 1.0);
    assert!(told("feed_lag_seconds_sum") < 1.0);
    assert!(told("database_connections") >= 1.0);
    assert!(told("stale_refusals_total") < 1.0);
    assert!(told("commits_of_unknown_outcome_total") < 1.0);
    until_metric(&operators, "counterfoil_feed_notifications_total", 1.0);
}
