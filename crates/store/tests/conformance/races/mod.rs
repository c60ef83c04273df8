//! Two nodes on one database that do the same, or the opposite, at the same time: one wins, nobody
//! fails, and what is over is over. Each test says how many rounds it ran and what they came to.

mod changing;
mod cleaning;
mod ending;
mod making;
mod proving;

use std::fmt::Debug;

use counterfoil_store::{ChangeError, Store};
use futures_util::future::join_all;

use crate::world::World;

/// Rounds of each race. Behind a pooler it is the same server that was asked the same before, and
/// what a pooler adds it adds in each of them.
const ROUNDS: usize = 100;
/// Callers of each round, half of them on each node.
const CALLERS: usize = 8;

/// Two nodes.
struct Nodes {
    world: World,
    other: Store,
}

impl Nodes {
    fn on(world: World) -> Self {
        let other = world.another_process();
        Self { world, other }
    }

    /// How often each race is run here: a quarter as often behind a pooler.
    fn rounds(&self) -> usize {
        if self.world.is_behind_a_pooler() {
            ROUNDS.div_ceil(4)
        } else {
            ROUNDS
        }
    }

    /// The node of a caller.
    fn node(&self, caller: usize) -> Store {
        if caller.is_multiple_of(2) {
            self.world.store.clone()
        } else {
            self.other.clone()
        }
    }

    /// Lets all callers call at the same time. A rule may say no to them; the database must not.
    async fn race<T, R, F, C>(&self, callers: usize, call: F) -> Vec<Result<T, R>>
    where
        T: Send + 'static,
        R: Send + 'static,
        F: Fn(Store, usize) -> C,
        C: Future<Output = Result<T, ChangeError<R>>> + Send + 'static,
    {
        let started = (0..callers).map(|caller| tokio::spawn(call(self.node(caller), caller)));
        let started: Vec<_> = started.collect();
        let ended = join_all(started).await.into_iter();
        ended
            .map(|outcome| settled(outcome.expect("no call panics")))
            .collect()
    }

    /// Lets one call on each node at the same time.
    async fn meet<T, R, U, S>(
        &self,
        one: impl Future<Output = Result<T, ChangeError<R>>> + Send + 'static,
        other: impl Future<Output = Result<U, ChangeError<S>>> + Send + 'static,
    ) -> (Result<T, R>, Result<U, S>)
    where
        T: Send + 'static,
        R: Send + 'static,
        U: Send + 'static,
        S: Send + 'static,
    {
        let (one, other) = tokio::join!(tokio::spawn(one), tokio::spawn(other));
        (
            settled(one.expect("no call panics")),
            settled(other.expect("no call panics")),
        )
    }

    /// Tells the count, after the trail was found to be whole.
    #[expect(clippy::print_stdout, reason = "a race prints its counts")]
    async fn tell(&self, what: &str, counted: &[(&str, usize)]) {
        let problems = self.world.store.check_integrity().await;
        assert_eq!(problems.expect("it can be checked"), [] as [String; 0]);
        let untold = self.world.tokens_whose_end_is_not_told_once();
        assert_eq!(untold, ["0"]);
        let counts: Vec<_> = counted
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        let deadlocks = self.world.deadlocks();
        let rounds = self.rounds();
        println!(
            "{what}: {rounds} rounds, {}, {deadlocks} deadlocks",
            counts.join(", ")
        );
    }
}

fn settled<T, R>(outcome: Result<T, ChangeError<R>>) -> Result<T, R> {
    match outcome {
        Ok(done) => Ok(done),
        Err(ChangeError::Refused(reason)) => Err(reason),
        Err(ChangeError::Lapsed(lapsed)) => panic!("the proof lapsed: {lapsed:?}"),
        Err(ChangeError::Store(error)) => panic!("the store failed: {error}: {error:?}"),
    }
}

/// Demands that one caller succeeded and all others were told the same reason.
fn one_wins<T: Debug, R: Debug + PartialEq>(outcomes: Vec<Result<T, R>>, reason: &R) -> T {
    let mut winner = None;
    for outcome in outcomes {
        match outcome {
            Ok(done) => assert!(winner.replace(done).is_none(), "two succeeded"),
            Err(told) => assert_eq!(&told, reason),
        }
    }
    winner.expect("one succeeds")
}
