//! Sign-ins that are refused because too many failed before (wire contract, section 10, with its departures).

use std::time::Duration;

use counterfoil_testkit::{Answer, UserActor, World, WorldOptions};
use futures_util::future::join_all;
use serde_json::json;

const MESSAGE: &str = "Maximum number of login attempts exceeded. Please try again later.";
const MINUTE: Duration = Duration::from_mins(1);

/// Fails to sign in `times` times.
async fn fail(user: &UserActor<'_>, times: usize) {
    let wrong = user.with_password("wrong");
    for _ in 0..times {
        assert_eq!(
            wrong.get("/user").await.assert_status(401).message(),
            "Bad credentials"
        );
    }
}

#[track_caller]
fn assert_locked(answer: &Answer, retry_after_seconds: u32) {
    assert_eq!(answer.assert_status(403).message(), MESSAGE);
    assert_eq!(
        answer.header("retry-after"),
        retry_after_seconds.to_string()
    );
    assert!(!answer.has("x-github-otp") && !answer.has("x-ratelimit-limit"));
}

#[tokio::test]
async fn ten_failures_lock_the_login_for_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    fail(&mona, 10).await;
    // Right or wrong, by login or by e-mail address, wherever a password is taken.
    assert_locked(&mona.get("/user").await, 600);
    assert_locked(&mona.with_password("wrong").get("/user").await, 600);
    assert_locked(
        &mona.named("mona@example.com").get("/authorizations").await,
        600,
    );
    assert_locked(
        &mona.post("/authorizations", json!({ "note": "x" })).await,
        600,
    );
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
    assert_locked(&mona.get("/user").await, 1);
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
    assert_locked(&mona.get("/user").await, 600);

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
    assert_locked(&mona.get("/user").await, 600);
}

#[tokio::test]
async fn login_and_e_mail_address_are_counted_together() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 4).await;
    fail(&mona.named("MONA"), 3).await;
    fail(&mona.named("Mona@Example.com"), 3).await;
    for name in ["mona", "Mona", "mona@example.com"] {
        assert_locked(&mona.named(name).get("/user").await, 600);
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
        assert_locked(&nobody.get("/user").await, 600);
        assert_locked(&nobody.named(&name.to_uppercase()).get("/user").await, 600);
    }
}

#[tokio::test]
async fn a_locked_attempt_costs_no_computation() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    let before = world.authority.passwords_computed();
    for _ in 0..5 {
        assert_locked(&mona.get("/user").await, 600);
        assert_locked(&mona.with_password("wrong").get("/user").await, 600);
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
    assert_locked(&mona.get("/user").await, 600);
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
    let operator = World::operator();
    for _ in 0..60 {
        world.anonymous().get("/user").await.assert_status(401);
        let request = world.anonymous().request(http::Method::GET, "/user");
        request
            .header("authorization", "Basic !!")
            .send()
            .await
            .assert_status(401);
    }
    world
        .authority
        .suspend_account(&mona.account.login, &operator)
        .await
        .unwrap();
    for _ in 0..20 {
        assert_eq!(
            mona.get("/user").await.assert_status(403).message(),
            "Sorry. Your account was suspended."
        );
    }
    world
        .authority
        .unsuspend_account(&mona.account.login, &operator)
        .await
        .unwrap();
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn an_operator_lifts_a_lock_and_forgets_the_failures() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    fail(&mona, 10).await;
    assert_locked(&mona.get("/user").await, 600);
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
        assert_locked(&mona.get("/user").await, 600);
    }
    for _ in 0..3 {
        assert_locked(&hubot.get("/user").await, 600);
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
            .all(|event| event.address.as_deref() == Some("192.0.2.1"))
    );
    world.advance(MINUTE);
    world.authority.flush_refusals(false).await.unwrap();
    assert_eq!(world.audit_actions().await.len(), before + 2);
}

/// A detail of an event, from its canonical bytes.
fn detail(bytes: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(bytes);
    let line = text
        .lines()
        .find(|line| line.starts_with(&format!("detail.{name} ")))
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
    assert_locked(&mona.get("/user").await, 30);
}
