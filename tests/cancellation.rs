//! A client that goes away, at every point where its request can be dropped: for each route that
//! writes, the change and its event are both there or both not, what was revoked is refused, and
//! the next request finds nothing in its way.

mod prepared;
mod scene;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use counterfoil_domain::key::SealBroken;
use counterfoil_domain::password::HashingCost;
use counterfoil_domain::principal::{Attribution, Principal};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_testkit::engine::{Engine, Held};
use counterfoil_testkit::{REST_ROUTES, RestRoute, TestDatabase, World, WorldOptions, engine};
use http::Method;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::yield_now;
use tokio::time::timeout;

use self::scene::Scene;

/// More points than any request has: to come here means that a request never ends.
const POLLS_MAX: usize = 100;
/// How long a request may take before it counts as stuck.
const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_at_any_point_happens_as_a_whole_or_not_at_all() {
    let stride = stride();
    for (number, route) in writing_routes().enumerate() {
        // Each route begins at another one of them.
        let mut points = number % stride;
        // Nobody has signed in: the request signs in and changes something.
        while drop_after(route, points).await == Ended::Dropped {
            points += stride;
            assert!(
                points < POLLS_MAX,
                "{} {} never ends",
                route.method,
                route.path
            );
        }
    }
}

/// From one point at which a request is dropped to the next: every point, but behind PgBouncer
/// every fourth, where the same requests were dropped at every point of the same server before.
fn stride() -> usize {
    match engine::chosen() {
        Engine::Sqlite | Engine::Postgres => 1,
        Engine::PgBouncer => 4,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_dropped_while_it_waits_for_the_commit_happens_as_a_whole() {
    for route in writing_routes() {
        let world = scene::world().await;
        let scene = Scene::set(&world).await;
        // The password is remembered, so that the commit is all that the request waits for.
        scene.user.get("/user").await.assert_status(200);
        let prepared = scene.prepare(route).await;
        let before = scene.look().await;
        let held = HeldWriter::hold(&world).await;
        held.drop_when_queued(&world, scene.send(&prepared)).await;
        held.release().await;
        settle(&world).await;
        assert_eq!(
            scene.assert_whole(&before, &prepared).await,
            1,
            "{} {}",
            route.method,
            route.path
        );
        scene.assert_next_request_works(&prepared, 1).await;
    }
}

/// Two requests of one user from one address take turns; whichever leaves, at whatever point, gives
/// its turn on.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_while_taking_turns_is_in_nobodys_way() {
    for leaving in [Leaving::HoldsTheTurn, Leaving::Waits] {
        let mut points = 1;
        while take_turns(points, leaving).await == Ended::Dropped {
            points += 1;
            assert!(points < POLLS_MAX, "the request never ends");
        }
    }
}

/// Which of two requests is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leaving {
    HoldsTheTurn,
    Waits,
}

/// Polls one request so many times and then another one once; drops one of them, and the other must
/// be answered. Says whether the first was still under way.
async fn take_turns(polls: usize, leaving: Leaving) -> Ended {
    let world = World::new().await;
    let user = world.user("mona").await;
    let request = user.request(Method::GET, "/user");
    let mut first = Box::pin(request.send_unchecked());
    let mut second = Box::pin(request.send_unchecked());
    if poll_at_most(polls, first.as_mut()).await.is_some() {
        return Ended::Answered;
    }
    let stays = match poll_at_most(1, second.as_mut()).await {
        // It did not have to wait, for the first was done with the password.
        Some(_) => first,
        None if leaving == Leaving::HoldsTheTurn => {
            drop(first);
            second
        }
        None => {
            drop(second);
            first
        }
    };
    let answer = timeout(PATIENCE, stays).await;
    answer
        .expect("the one that stays is answered")
        .assert_status(200);
    let next = timeout(PATIENCE, user.get("/user")).await;
    next.expect("the next one is answered").assert_status(200);
    settle(&world).await;
    Ended::Dropped
}

/// A lock that was written is a lock that is kept, whoever was there to hear of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_holds_for_remembered_passwords_though_its_cause_left() {
    let world = World::new().await;
    let user = world.user("mona").await;
    user.get("/user").await.assert_status(200);
    let wrong = user.with_password("not the password");
    for _ in 1..world.authority.settings().lockout.per_login_and_address {
        wrong.get("/user").await.assert_status(401);
    }
    let held = HeldWriter::hold(&world).await;
    held.drop_when_queued(&world, wrong.get("/user")).await;
    held.release().await;
    settle(&world).await;
    assert!(
        world
            .audit_actions()
            .await
            .contains(&"sign_in.locked".to_owned())
    );
    user.get("/user").await.assert_status(403);
}

/// Whoever signs in meanwhile waits until the lock is there, though the request that caused it is
/// gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_holds_for_who_signs_in_while_it_is_written() {
    let world = World::new().await;
    let user = world.user("mona").await;
    let wrong = user.with_password("not the password");
    for _ in 1..world.authority.settings().lockout.per_login_and_address {
        wrong.get("/user").await.assert_status(401);
    }
    let held = HeldWriter::hold(&world).await;
    held.drop_when_queued(&world, wrong.get("/user")).await;
    let (answer, ()) = tokio::join!(user.get("/user"), held.release());
    answer.assert_status(403);
    settle(&world).await;
}

/// Guesses that nothing counts would be free: whoever resets requests as soon as their verification
/// begins must get none.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_verified_is_counted_though_its_client_left() {
    let mut options = WorldOptions::default();
    // Long enough that each client is gone before the answer.
    options.settings.hashing.cost = HashingCost::default();
    let world = World::with(options).await;
    let user = world.user("mona").await;
    let from = world.authority.passwords_computed();
    let verified = || world.authority.passwords_computed() - from;
    for attempt in 0..6 {
        let wrong = user.named(&format!("nobody{attempt}"));
        let before = verified();
        let begun = async {
            while verified() == before {
                yield_now().await;
            }
        };
        let left = async {
            tokio::select! {
                biased;
                () = begun => {}
                _ = wrong.get("/user") => {}
            }
        };
        timeout(PATIENCE, left)
            .await
            .expect("a verification begins");
    }
    settle(&world).await;
    let events = world.audit_actions().await;
    let failed = events.iter().filter(|action| *action == "sign_in.failed");
    assert_eq!((verified(), failed.count()), (6, 6));
}

fn writing_routes() -> impl Iterator<Item = &'static RestRoute> {
    REST_ROUTES.iter().filter(|route| route.audit.is_some())
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Dropped,
    Answered,
}

/// Drops the route's request after it was polled so many times, and looks at what is left.
async fn drop_after(route: &RestRoute, polls: usize) -> Ended {
    let world = scene::world().await;
    let scene = Scene::set(&world).await;
    let prepared = scene.prepare(route).await;
    let before = scene.look().await;
    let answer = poll_at_most(polls, scene.send(&prepared)).await;
    settle(&world).await;
    let happened = scene.assert_whole(&before, &prepared).await;
    let ended = match answer {
        Some(answer) => {
            assert!(answer.status.is_success(), "{}", answer.text());
            assert_eq!(happened, 1, "what is acknowledged has happened");
            Ended::Answered
        }
        None => Ended::Dropped,
    };
    scene.assert_next_request_works(&prepared, happened).await;
    ended
}

/// Polls a future as it wants to be polled, but so many times at most; then drops it.
async fn poll_at_most<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Waits until everything that was begun has ended: tasks that outlive their request, passwords,
/// and what is being written.
async fn settle(world: &World) {
    let tasks = tokio::runtime::Handle::current().metrics();
    let is_quiet = || {
        tasks.num_alive_tasks() == 0
            && world.authority.passwords_waiting() == 0
            && world.store.stats().queued == 0
    };
    let quiet = async {
        while !is_quiet() {
            yield_now().await;
        }
        // The one writer of a file takes one piece of work after another, so what it had taken is
        // done when this is.
        let written = world.authority.heartbeat().await;
        written.expect("the writer works on");
        while !is_quiet() {
            yield_now().await;
        }
    };
    timeout(PATIENCE, quiet)
        .await
        .expect("what a request began comes to an end");
}

/// Something that keeps every write waiting.
enum HeldWriter {
    /// For a file: a piece of work that its one writer cannot finish.
    Work {
        release: std::sync::mpsc::Sender<()>,
        work: tokio::task::JoinHandle<()>,
    },
    /// For a server, where each write has a connection: the tables, held by somebody else.
    Tables(Held),
}

impl HeldWriter {
    async fn hold(world: &World) -> Self {
        match world.database() {
            TestDatabase::Sqlite(_) => Self::hold_by_work(world).await,
            server @ TestDatabase::Postgres(..) => Self::Tables(server.hold()),
        }
    }

    async fn hold_by_work(world: &World) -> Self {
        let key = world
            .authority
            .add_key(None, &World::operator())
            .await
            .expect("a key can be added");
        let (release, released) = std::sync::mpsc::channel();
        let (tell, mut told) = unbounded_channel();
        let by = Attribution {
            principal: Principal::PROGRAM,
            at: Timestamp::from_seconds(0),
            personal_salt: [0; 16],
        };
        let store = world.store.clone();
        let released = std::sync::Arc::new(std::sync::Mutex::new(released));
        // Re-sealing asks for each value inside the transaction; this one never hands it back.
        let reseal = move |_: counterfoil_domain::key::SealedPlace<'_>,
                           _: &counterfoil_domain::key::Sealed| {
            let _ = tell.send(());
            let _ = released.lock().expect("nobody panics with it").recv();
            Err(SealBroken)
        };
        let work = tokio::spawn(async move {
            assert!(store.rotate_keys(key, reseal, by).await.is_err());
        });
        told.recv().await.expect("the writer comes to the work");
        Self::Work { release, work }
    }

    /// Runs a request until its write waits for the writer, and drops it there.
    async fn drop_when_queued<F: Future>(&self, world: &World, request: F) {
        let queued = async {
            while world.store.stats().queued == 0 {
                yield_now().await;
            }
        };
        let reached = async {
            tokio::select! {
                _ = request => panic!("the request was answered before its commit"),
                () = queued => {}
            }
        };
        timeout(PATIENCE, reached)
            .await
            .expect("the request comes to its commit");
    }

    async fn release(self) {
        match self {
            Self::Work { release, work } => {
                release.send(()).expect("the writer waits");
                work.await.expect("the work fails without a panic");
            }
            Self::Tables(held) => drop(held),
        }
    }
}
