//! Sign-ins that are refused because too many failed before (wire contract, section 10, with its
//! departures).

use std::time::Duration;

use counterfoil_testkit::{World, WorldOptions};
use futures_util::future::join_all;
use serde_json::json;

use super::locks::{assert_locked, fail};

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn ten_failures_lock_the_login_for_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    fail(&mona, 10).await;
    // Right or wrong, wherever a password is taken.
    assert_locked(&mona.get("/user").await);
    assert_locked(&mona.with_password("wrong").get("/user").await);
    assert_locked(&mona.get("/authorizations").await);
    assert_locked(&mona.post("/authorizations", json!({ "note": "x" })).await);
    // The login elsewhere and other logins here are served.
    mona.from_address("198.51.100.7")
        .get("/user")
        .await
        .assert_status(200);
    hubot.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn a_lock_ends_by_itself() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    world.advance(Duration::from_millis(599_001));
    assert_locked(&mona.get("/user").await);
    world.advance(Duration::from_millis(999));
    mona.get("/user").await.assert_status(200);
    // Ten minutes ago is too long ago to count.
    fail(&mona, 9).await;
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn attempts_during_a_lock_do_not_prolong_it() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    for _ in 0..20 {
        world.advance(Duration::from_secs(25));
        assert_eq!(mona.with_password("wrong").get("/user").await.status, 403);
    }
    world.advance(Duration::from_secs(100));
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn failures_count_for_ten_minutes() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for _ in 0..4 {
        fail(&mona, 2).await;
        world.advance(MINUTE * 5 / 2);
    }
    // The first two are ten minutes old and no longer count; the others do.
    fail(&mona, 3).await;
    mona.get("/user").await.assert_status(200);
    fail(&mona, 1).await;
    assert_locked(&mona.get("/user").await);

    // Nine in any ten minutes lock nobody, however long it goes on.
    let patient = world.user("patient").await;
    for _ in 0..30 {
        fail(&patient, 1).await;
        world.advance(MINUTE + Duration::from_secs(7));
        patient.get("/user").await.assert_status(200);
    }
}

#[tokio::test]
async fn no_success_clears_failures() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for _ in 0..9 {
        fail(&mona, 1).await;
        mona.get("/user").await.assert_status(200);
    }
    fail(&mona, 1).await;
    assert_locked(&mona.get("/user").await);
}

/// A lock that held for all names of a user would tell strangers which e-mail address belongs to
/// which login.
#[tokio::test]
async fn a_lock_of_one_name_tells_nothing_of_the_others() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona.named("mona@example.com"), 5).await;
    fail(&mona.named("Mona@Example.COM"), 5).await;
    assert_locked(&mona.named("mona@example.com").get("/user").await);
    for name in ["mona", "hubot@example.com", "hubot"] {
        fail(&mona.named(name), 1).await;
    }
    mona.get("/user").await.assert_status(200);
    let (login, operator) = (&mona.account.login, World::operator());
    let lifted = world.authority.unlock_account(login, &operator);
    assert_eq!(
        lifted.await.unwrap(),
        1,
        "an operator lifts it by the login"
    );
    let by_address = mona.named("mona@example.com");
    by_address.get("/user").await.assert_status(200);
}

/// Waiting for each other would tell strangers the same as a lock: that two names are one user's.
#[tokio::test]
async fn an_attempt_by_login_and_one_by_e_mail_address_do_not_wait_for_each_other() {
    let mut options = WorldOptions::default();
    options.settings.hashing.threads = 8;
    options.settings.lockout.per_login_and_address = 1;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let attempt = |name: &str| {
        let wrong = mona.named(name).with_password("wrong");
        async move { wrong.get("/user").await.status.as_u16() }
    };
    // In this order, so that the second of a name has come when those behind it are computed.
    let attempts = join_all(
        [
            "mona",
            "MONA",
            "mona@example.com",
            "nobody",
            "NOBODY",
            "nobody@example.com",
        ]
        .map(attempt),
    );
    world.clock.hold_computations();
    let all_compute = async {
        while world.clock.computations_held() < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    let let_go = async {
        let all = tokio::time::timeout(MINUTE, all_compute).await;
        world.clock.let_computations_go();
        all
    };
    let (statuses, all) = tokio::join!(attempts, let_go);
    all.expect("each of the four names is computed while the others are");
    // Two of one name went one after the other: the second one met what the first one had counted.
    for of_one_name in [&statuses[..2], &statuses[3..5]] {
        let mut of_one_name = of_one_name.to_vec();
        of_one_name.sort_unstable();
        assert_eq!(of_one_name, [401, 403]);
    }
    assert_eq!([statuses[2], statuses[5]], [401, 401]);
}

#[tokio::test]
async fn every_spelling_of_a_login_is_counted_as_one_and_no_other_text_is() {
    let world = World::new().await;
    let kate = world.user("kate").await;
    for (known, spellings) in [
        ("kate", ["kate", "KATE", "Kate"]),
        ("kxyz", ["kxyz", "KXYZ", "Kxyz"]),
    ] {
        // Its lower case is an ASCII k, and no login has it.
        let foreign = kate.named(&known.replace('k', "\u{212a}"));
        fail(&foreign, 10).await;
        assert_locked(&foreign.get("/user").await);
        for spelling in spellings {
            fail(&kate.named(spelling), 3).await;
        }
        fail(&kate.named(known), 1).await;
        assert_locked(&kate.named(known).get("/user").await);
    }
}

#[tokio::test]
async fn an_unknown_login_costs_and_locks_the_same() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for name in ["nobody", "nobody@example.com", "not a login"] {
        let nobody = mona
            .named(name)
            .from_address(&format!("198.51.100.{}", name.len()));
        let before = world.authority.passwords_computed();
        fail(&nobody, 10).await;
        assert_eq!(world.authority.passwords_computed() - before, 10);
        assert_locked(&nobody.get("/user").await);
        assert_locked(&nobody.named(&name.to_uppercase()).get("/user").await);
    }
}

#[tokio::test]
async fn a_locked_attempt_costs_no_computation() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    let before = world.authority.passwords_computed();
    for _ in 0..5 {
        assert_locked(&mona.get("/user").await);
        assert_locked(&mona.with_password("wrong").get("/user").await);
    }
    assert_eq!(world.authority.passwords_computed(), before);
}

#[tokio::test]
async fn a_burst_cannot_outrun_the_count() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let wrong = mona.with_password("wrong");
    fail(&mona, 6).await;
    let answers = join_all((0..8).map(|_| wrong.get("/user"))).await;
    let refused = answers.iter().filter(|answer| answer.status == 403).count();
    assert_eq!(refused, 4);
}

#[tokio::test]
async fn tokens_are_served_during_a_lock() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let token = mona.personal_token("laptop", &[]).await.token();
    fail(&mona, 10).await;
    assert_locked(&mona.get("/user").await);
    world
        .anonymous()
        .get_with_token(&token, "/user")
        .await
        .assert_status(200);
    world
        .anonymous()
        .get_with_token(&token, "/authorizations")
        .await
        .assert_status(403);
}

#[tokio::test]
async fn what_is_not_an_attempt_does_not_count() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for _ in 0..60 {
        world.anonymous().get("/user").await.assert_status(401);
        let request = world.anonymous().request(http::Method::GET, "/user");
        request
            .header("authorization", "Basic !!")
            .send()
            .await
            .assert_status(401);
    }
    mona.get("/user").await.assert_status(200);
}

/// Whoever left with a password that is right must not have passwords verified without end.
#[tokio::test]
async fn a_suspended_users_right_password_counts_for_the_address_alone() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let suspended = "Sorry. Your account was suspended.";
    let operator = World::operator();
    let suspend = world
        .authority
        .suspend_account(&mona.account.login, &operator);
    suspend.await.unwrap();
    let before = world.audit_actions().await.len();
    for _ in 0..49 {
        let answer = mona.get("/user").await;
        assert_eq!(answer.assert_status(403).message(), suspended);
    }
    assert_eq!(
        world.audit_actions().await[before..],
        ["sign_in.suspended"; 49]
    );
    // It was no guess: the pair is not locked.
    fail(&mona, 1).await;
    assert_locked(&mona.get("/user").await);
    assert_locked(&hubot.get("/user").await);
    let elsewhere = mona.from_address("198.51.100.7").get("/user").await;
    assert_eq!(elsewhere.assert_status(403).message(), suspended);
}

#[tokio::test]
async fn an_operator_lifts_a_lock_and_forgets_the_failures() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    assert_locked(&mona.get("/user").await);
    let locks = world
        .authority
        .unlock_account(&mona.account.login, &World::operator())
        .await
        .unwrap();
    assert_eq!(locks, 1);
    mona.get("/user").await.assert_status(200);
    fail(&mona, 9).await;
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn the_trail_tells_of_failures_the_lock_and_refusals_once_a_minute() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let before = world.audit_actions().await.len();
    fail(&mona, 10).await;
    let mut expected = vec!["sign_in.failed"; 9];
    expected.push("sign_in.locked");
    assert_eq!(world.audit_actions().await[before..], expected);

    let hubot = mona.named("hubot");
    fail(&hubot, 10).await;
    let before = world.audit_actions().await.len();
    for _ in 0..7 {
        assert_locked(&mona.get("/user").await);
    }
    for _ in 0..3 {
        assert_locked(&hubot.get("/user").await);
    }
    world.authority.flush_refusals(false).await.unwrap();
    assert_eq!(
        world.audit_actions().await.len(),
        before,
        "a minute has not passed"
    );
    world.advance(MINUTE);
    world.authority.flush_refusals(false).await.unwrap();
    let events = world.events().await.split_off(before);
    let mut told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.action.as_str(),
                event.account,
                detail(&event.bytes, "count"),
            )
        })
        .collect();
    told.sort_by_key(|(_, account, _)| *account);
    let id = mona.account.id.0;
    assert_eq!(
        told,
        [
            ("sign_in.refused", None, "3".to_owned()),
            ("sign_in.refused", Some(id), "7".to_owned())
        ]
    );
    assert!(
        events
            .iter()
            .all(|event| event.personal("address") == Some("192.0.2.1"))
    );
    world.advance(MINUTE);
    world.authority.flush_refusals(false).await.unwrap();
    assert_eq!(world.audit_actions().await.len(), before + 2);
}

/// Logins cost nothing to invent: an address that is refused must not fill the trail with them.
#[tokio::test]
async fn a_locked_address_leaves_one_event_a_minute_whatever_logins_are_invented() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 0..50 {
        fail(&mona.named(&format!("invented{number}")), 1).await;
    }
    let before = world.audit_actions().await.len();
    for number in 0..200 {
        assert_locked(&mona.named(&format!("another{number}")).get("/user").await);
    }
    assert_locked(&mona.get("/user").await);
    world.advance(MINUTE);
    world.authority.flush_refusals(false).await.unwrap();
    let events = world.events().await.split_off(before);
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            (
                event.account,
                event.personal("address"),
                detail(&event.bytes, "count"),
            )
        })
        .collect();
    assert_eq!(told, [(None, Some("192.0.2.1"), "201".to_owned())]);
}

/// No other write waits for more than a portion.
#[tokio::test]
async fn many_refusals_are_written_in_portions() {
    let mut options = WorldOptions::default();
    options.settings.lockout.per_login_and_address = 1;
    options.settings.lockout.per_login = 1_000;
    options.settings.lockout.per_login_slowed = 1_000;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    for number in 0..600 {
        let address = format!("10.0.{}.{}", number / 200, number % 200);
        let from = mona.from_address(&address);
        fail(&from, 1).await;
        assert_locked(&from.get("/user").await);
    }
    let (events, writes) = (
        world.audit_actions().await.len(),
        world.store.stats().writes,
    );
    world.authority.flush_refusals(true).await.unwrap();
    assert_eq!(world.store.stats().writes, writes + 2);
    assert_eq!(world.audit_actions().await.len(), events + 600);
}

/// A detail of an event, from its canonical bytes.
fn detail(bytes: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("number.{name} ")))
        .expect("a detail");
    line.splitn(3, ' ').nth(2).expect("a detail").to_owned()
}

#[tokio::test]
async fn the_numbers_are_settings() {
    let mut options = WorldOptions::default();
    options.settings.lockout.per_login_and_address = 2;
    options.settings.lockout.lock = Duration::from_secs(30);
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    fail(&mona, 2).await;
    world.advance(Duration::from_millis(29_999));
    assert_locked(&mona.get("/user").await);
    world.advance(Duration::from_millis(1));
    mona.get("/user").await.assert_status(200);
}
