//! Two nodes behind PgBouncer in transaction mode, which passes no notifications on: each listens
//! at the server itself, and hears of what the other ended within a second.

use std::time::{Duration, Instant};

use counterfoil_testkit::postgres::{self, Pooler};
use counterfoil_testkit::process::Running;
use counterfoil_testkit::process::operators::{WITH_OPS, metric, ops_url};

use super::stage::{Checker, LIMIT, Stage, Token, issue};
use crate::crash::say;

/// What each node ends in each way.
const TOKENS: usize = 40;
/// What no lag may reach.
const MOST: Duration = Duration::from_secs(1);

#[test]
fn nodes_behind_pgbouncer_hear_of_each_other_within_a_second() {
    let stage = Stage::set();
    let pooler = Pooler::before(postgres::shared());
    let nodes = ["one", "other"].map(|name| {
        stage
            .node_at(name, &pooler.url(stage.database.name()))
            .with_environment("COUNTERFOIL_DATABASE__UNNAMED_STATEMENTS", "true")
            .with_environment("COUNTERFOIL_DATABASE__LISTEN_URL", &stage.database.url())
            .start_serve(&WITH_OPS)
    });
    let operators = nodes.each_ref().map(ops_url);
    let told = |number: usize, name: &str| metric(&operators[number], name);
    for number in [0, 1] {
        let begun = Instant::now();
        while told(number, "counterfoil_feed_listening") < 1.0 {
            assert!(begun.elapsed() < LIMIT, "a node never listens");
        }
    }
    let mut lags = Vec::new();
    for (number, [ends, hears]) in [[&nodes[0], &nodes[1]], [&nodes[1], &nodes[0]]]
        .into_iter()
        .enumerate()
    {
        let heard_before = told(1 - number, "counterfoil_feed_notifications_total");
        lags.extend((0..TOKENS).map(|token| lag(&stage, ends, hears, token)));
        let heard = told(1 - number, "counterfoil_feed_notifications_total") - heard_before;
        assert!(heard >= 1.0, "the notifications went past the pooler");
    }
    lags.sort_unstable();
    let most = lags[lags.len() - 1];
    assert!(most < MOST, "heard after {most:?}");
    say(&format!(
        "behind PgBouncer: {} revocations, heard of at the other node after {:?} at the median and {most:?} at most",
        lags.len(),
        lags[lags.len() / 2]
    ));
}

/// How long after one node acknowledged the end of a token the other still accepts it, having
/// accepted it before.
fn lag(stage: &Stage, ends: &Running, hears: &Running, number: usize) -> Duration {
    let mut mona = stage
        .user
        .connect(&ends.base_url)
        .expect("the node accepts");
    let Token { id, text } = issue(&mut mona, &format!("token {number} of {}", ends.base_url));
    let mut checker = Checker::of(&hears.base_url);
    assert_eq!(checker.status(&text), 200);
    let path = format!("/authorizations/{id}");
    mona.must("DELETE", &path, None).assert_status(204);
    let ended = Instant::now();
    checker.until(&text, 401);
    ended.elapsed()
}
