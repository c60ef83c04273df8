//! Random steps on SQLite, on PostgreSQL and on an oracle that knows the rules: all three say the
//! same.
//!
//! `COUNTERFOIL_MODEL_STEPS` is how many steps each seed runs, `COUNTERFOIL_MODEL_SEED` the first
//! of the five seeds.

mod ends;
mod oracle;
mod run;
mod step;
mod words;

use std::collections::BTreeMap;

use counterfoil_domain::lifecycle::EndReason;

use crate::model::oracle::{Grant, Oracle};
use crate::model::run::Runner;
use crate::model::step::{Dice, PER_SCOPE_SET};
use crate::server::Way;
use crate::world::{Kind, World};

/// Five seeds make 10,000.
const STEPS: usize = 2_000;
/// How often everything there is is compared.
const LOOK_EVERY: usize = 50;

macro_rules! seeds {
    ($($name:ident: $number:literal),+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            run(number_of("COUNTERFOIL_MODEL_SEED").unwrap_or(0) + $number).await;
        }
    )+};
}

seeds! {
    both_engines_keep_the_rules_with_seed_one: 1,
    both_engines_keep_the_rules_with_seed_two: 2,
    both_engines_keep_the_rules_with_seed_three: 3,
    both_engines_keep_the_rules_with_seed_four: 4,
    both_engines_keep_the_rules_with_seed_five: 5
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a test runs is told to it by its environment"
)]
fn number_of(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().expect("a number"))
}

#[expect(
    clippy::print_stdout,
    reason = "a model-based test says by which seed it ran"
)]
async fn run(seed: u64) {
    let steps = number_of("COUNTERFOIL_MODEL_STEPS");
    let steps = steps.map_or(STEPS, |steps| usize::try_from(steps).expect("it fits"));
    println!("seed {seed}, {steps} steps");
    let mut dice = Dice::new(seed);
    let mut engines =
        [Kind::Sqlite, Kind::Postgres(Way::Direct)].map(|kind| Runner::new(World::on(kind)));
    let mut oracle = Oracle {
        now: engines[0].world.now().microseconds() / 1_000_000,
        ..Oracle::default()
    };
    let (mut refused, mut lines) = (BTreeMap::new(), 0);
    for number in 0..steps {
        let step = dice.step(&oracle);
        let expected = oracle.apply(&step);
        if let Some(reason) = expected.strip_prefix("refused ") {
            *refused.entry(reason.to_owned()).or_insert(0) += 1;
        }
        for engine in &mut engines {
            let said = engine.apply(&step).await;
            assert_eq!(
                said, expected,
                "seed {seed}, step {number}, {step:?}: {engine:?}"
            );
        }
        if number % LOOK_EVERY == LOOK_EVERY - 1 || number + 1 == steps {
            let expected = listing(&oracle);
            lines += expected.len();
            for engine in &engines {
                let listed = engine.listing().await;
                assert_eq!(listed, expected, "seed {seed}, after step {number}");
            }
        }
    }
    let actions: Vec<_> = oracle
        .actions
        .iter()
        .map(|action| action.as_str().to_owned())
        .collect();
    for engine in &engines {
        let beginning = counterfoil_domain::timestamp::Timestamp::from_seconds(0);
        let limit = u32::try_from(actions.len() + 1).expect("it fits");
        let events = engine.world.store.list_events(beginning, limit).await;
        let events = events.expect("the trail can be read").into_iter();
        let told: Vec<_> = events.map(|event| event.action).collect();
        assert_eq!(told, actions, "seed {seed}");
        let problems = engine.world.store.check_integrity().await;
        assert_eq!(problems.expect("it can be checked"), [] as [String; 0]);
        let untold = engine.world.tokens_whose_end_is_not_told_once();
        assert_eq!(untold, ["0"], "seed {seed}");
    }
    println!(
        "seed {seed}: {} at the bound of {PER_SCOPE_SET}, refused {refused:?}, {} events, {} tokens, {lines} lines listed",
        oracle.count_ended(EndReason::MaxForApp),
        actions.len(),
        oracle.tokens.len()
    );
}

/// Everything that can be listed, as [`Runner::listing`] says it.
fn listing(there: &Oracle) -> Vec<String> {
    let client_id = |app: usize| format!("{:020x}", there.apps[app].client_id);
    let live = there.users.iter().filter(|user| !user.ended);
    let mut lines: Vec<_> = live
        .map(|user| format!("user{} {}", user.login, user.suspended))
        .collect();
    lines.sort();
    let apps = (0..there.apps.len()).filter(|app| !there.apps[*app].ended);
    lines.extend(apps.map(|app| format!("app {}", client_id(app))));
    for user in 0..there.users.len() {
        let own = there.tokens.iter();
        let own = own.filter(|token| token.owner == user && there.is_live(token));
        let mut own: Vec<_> = own.collect();
        own.sort_by_key(|token| (token.app, token.shown.fingerprint, token.shown.number));
        lines.extend(own.iter().map(|token| format!("{user} {:?}", token.shown)));
        for grant in &there.grants {
            if grant.owner == user && !grant.ended {
                let (scopes, updated) = (there.scopes_of(grant), shown_update(there, grant));
                let app = client_id(grant.app);
                lines.push(format!("{user} grant {app} {scopes} {updated}"));
            }
        }
    }
    lines
}

/// When a grant changed last: by somebody, or by the end of a token's life that nobody has written
/// down yet.
fn shown_update(there: &Oracle, grant: &Grant) -> i64 {
    if there.scopes_of(grant) == grant.scopes {
        return grant.updated;
    }
    let over = there.tokens.iter().filter(|token| {
        token.owner == grant.owner
            && token.app == Some(grant.app)
            && !token.ended
            && !there.is_live(token)
    });
    let over = over.filter_map(|token| token.shown.expires).max();
    over.map_or(grant.updated, |over| grant.updated.max(over))
}
