//! A wrong password takes as long to refuse whatever it was compared with, and a right one has its
//! hash brought up to date.

use std::time::Duration;

use counterfoil_domain::password::{HashingCost, Password, PasswordHash};
use counterfoil_testkit::{UserActor, World, WorldOptions};

/// Zeros in the places of salt and hash: no password is the one.
const NOBODYS: &str = "$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
/// `bcrypt` of `a password of long ago`, at cost 4, as the C library makes it.
const BCRYPT: &str = "$2b$04$abcdefghijklmnopqrstuugvQgB9FDO2ba.LQR3pEqrKqiBhYHtt6";

const OWN: HashingCost = HashingCost {
    memory_kib: 32,
    iterations: 2,
    parallelism: 1,
};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

async fn world() -> World {
    world_hashing_at(OWN).await
}

async fn world_hashing_at(cost: HashingCost) -> World {
    let mut options = WorldOptions::default();
    options.settings.hashing.cost = cost;
    World::with(options).await
}

/// A user whose password is kept as this.
async fn kept_as<'w>(world: &'w World, login: &str, hash: &str) -> UserActor<'w> {
    let user = world.user(login).await;
    world.database().run(&format!(
        "UPDATE accounts SET password_phc = '{hash}' WHERE login = '{login}'"
    ));
    user
}

fn hash_of(world: &World, login: &str) -> String {
    let question = format!("SELECT password_phc FROM accounts WHERE login = '{login}'");
    world.database().look_up(&question).expect("there is one")
}

/// Sends a wrong password whose verification takes so long, and says how many verifications it cost
/// and which pauses.
async fn refuse(world: &World, user: &UserActor<'_>, takes: Duration) -> (u64, Vec<Duration>) {
    let before = world.authority.passwords_computed();
    world.clock.let_computations_take(takes);
    let refused = user.with_password("wrong").get("/user").await;
    assert_eq!(refused.assert_status(401).message(), "Bad credentials");
    let computed = world.authority.passwords_computed() - before;
    (computed, world.clock.take_pauses())
}

#[tokio::test]
async fn every_refusal_waits_for_the_slowest_class_of_hash_in_use() {
    let world = world().await;
    let own = world.user("own").await;
    let cheaper = kept_as(
        &world,
        "cheaper",
        &format!("$argon2id$v=19$m=8,t=1,p=1{NOBODYS}"),
    )
    .await;
    let dearer = kept_as(
        &world,
        "dearer",
        &format!("$argon2id$v=19$m=128,t=3,p=4{NOBODYS}"),
    )
    .await;
    let moved = kept_as(&world, "moved", BCRYPT).await;
    let nobody = own.named("nobody");
    // The first refusal of all measures the slowest class of each algorithm, whoever it is about.
    let (computed, _) = refuse(&world, &nobody, ms(400)).await;
    assert_eq!(computed, 3);
    assert_eq!(world.authority.refusal_time(), ms(500));
    for (user, takes) in [
        (&nobody, 40),
        (&own, 40),
        (&cheaper, 10),
        (&dearer, 200),
        (&moved, 400),
        (&own.named("nobody@example.org"), 40),
    ] {
        let refused = refuse(&world, user, ms(takes)).await;
        assert_eq!(refused, (1, vec![ms(500 - takes)]), "{takes}");
    }
    // Whoever is let in waits for nothing, and neither does who is refused without a verification.
    world.clock.let_computations_take(ms(40));
    own.get("/user").await.assert_status(200);
    for _ in 0..9 {
        refuse(&world, &own, ms(40)).await;
    }
    own.get("/user").await.assert_status(403);
    assert_eq!(world.clock.take_pauses(), [] as [Duration; 0]);
}

#[tokio::test]
async fn a_class_that_comes_while_serving_is_waited_for_too() {
    let world = world().await;
    let own = world.user("own").await;
    let nobody = own.named("nobody");
    let quarter = |takes: Duration| takes / 4;
    // All there is takes as long as this does: what is waited for is only what hides that times
    // differ.
    assert_eq!(
        refuse(&world, &nobody, ms(40)).await,
        (1, vec![quarter(ms(40))])
    );
    kept_as(&world, "moved", BCRYPT).await;
    world.advance(Duration::from_secs(10));
    let (computed, _) = refuse(&world, &own, ms(400)).await;
    assert_eq!(computed, 2);
    let refused = refuse(&world, &nobody, ms(40)).await;
    assert_eq!(refused, (1, vec![ms(460)]));
}

#[tokio::test]
async fn a_refusal_that_waits_holds_no_place_and_no_turn_and_ends_with_its_client() {
    let mut options = WorldOptions::default();
    options.settings.hashing.threads = 1;
    options.settings.hashing.queue = 0;
    let world = World::with(options).await;
    let own = world.user("own").await;
    world.clock.let_computations_take(ms(40));
    world.clock.hold_pauses();
    let wrong = own.with_password("wrong");
    let mut refused = Box::pin(wrong.get("/user"));
    let waits = async {
        while world.clock.pausing() == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = &mut refused => panic!("it was answered without the wait"),
        () = waits => {}
    }
    // The failure is counted already, and the same login is served from the same address.
    let failed = world.audit_actions().await;
    assert_eq!(failed.last().map(String::as_str), Some("sign_in.failed"));
    own.get("/user").await.assert_status(200);
    assert_eq!(world.clock.pausing(), 1);
    drop(refused);
    assert_eq!(world.clock.pausing(), 0);
}

#[tokio::test]
async fn a_hash_is_made_anew_at_the_next_right_sign_in_and_no_parameter_ever_falls() {
    let cost = |memory_kib, iterations, parallelism| HashingCost {
        memory_kib,
        iterations,
        parallelism,
    };
    // Two lanes, so that fewer can be told from as many.
    let world = world_hashing_at(cost(32, 2, 2)).await;
    for (login, was, becomes) in [
        ("own", cost(32, 2, 2), "m=32,t=2,p=2"),
        ("less-memory", cost(16, 2, 2), "m=32,t=2,p=2"),
        ("less-passes", cost(32, 1, 2), "m=32,t=2,p=2"),
        ("less-lanes", cost(32, 2, 1), "m=32,t=2,p=2"),
        ("dearer", cost(64, 3, 4), "m=64,t=3,p=4"),
        ("both", cost(64, 1, 4), "m=64,t=2,p=4"),
    ] {
        let password = Password::typed(&format!("{login}'s password"));
        let before = PasswordHash::make(&password, was, world.entropy.as_ref());
        let user = kept_as(&world, login, before.as_str()).await;
        let events = world.events().await.len();
        user.with_password("wrong")
            .get("/user")
            .await
            .assert_status(401);
        assert_eq!(hash_of(&world, login), before.as_str());
        user.get("/user").await.assert_status(200);
        let after = hash_of(&world, login);
        assert!(after.contains(&format!("${becomes}$")), "{login}: {after}");
        let changed = after != before.as_str();
        assert_eq!(changed, login != "own" && login != "dearer", "{login}");
        let actions = world.audit_actions().await.split_off(events);
        let anew = actions
            .iter()
            .filter(|action| *action == "user.password_rehashed");
        assert_eq!(anew.count(), usize::from(changed), "{login}");
        // It is the same password.
        user.from_address("198.51.100.7")
            .get("/user")
            .await
            .assert_status(200);
        assert_eq!(hash_of(&world, login), after);
    }
}
