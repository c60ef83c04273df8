//! Bounds over all logins of an address and over all addresses of a login (wire contract, section 10, with its departures).

use std::time::Duration;

use counterfoil_testkit::{Answer, UserActor, World, WorldOptions};

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
async fn fifty_failures_over_all_logins_lock_the_address() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    mona.get("/user").await.assert_status(200);
    for number in 0..49 {
        fail(&mona.named(&format!("nobody{number}")), 1).await;
    }
    mona.get("/user").await.assert_status(200);
    hubot.get("/user").await.assert_status(200);
    fail(&mona.named("nobody49"), 1).await;
    // Not even a password that is remembered opens a locked address.
    assert_locked(&mona.get("/user").await, 600);
    assert_locked(&hubot.get("/user").await, 600);
    assert_locked(&mona.named("nobody50").get("/user").await, 600);
    mona.from_address("198.51.100.7")
        .get("/user")
        .await
        .assert_status(200);
    world.advance(MINUTE * 10);
    mona.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn a_hundred_failures_over_all_addresses_leave_known_addresses_only() {
    let mut options = WorldOptions::default();
    options.settings.password_memory = Duration::ZERO;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let (home, lately) = (
        mona.from_address("203.0.113.1"),
        mona.from_address("203.0.113.2"),
    );
    let long_ago = mona.from_address("203.0.113.3");
    long_ago.get("/user").await.assert_status(200);
    world.advance(Duration::from_hours(24 * 20));
    lately.get("/user").await.assert_status(200);
    world.advance(Duration::from_hours(24 * 11));
    home.get("/user").await.assert_status(200);
    for number in 0..99 {
        fail(&mona.from_address(&format!("198.51.100.{number}")), 1).await;
    }
    mona.from_address("192.0.2.99")
        .get("/user")
        .await
        .assert_status(200);
    fail(&mona.from_address("198.51.100.99"), 1).await;

    assert_locked(&mona.from_address("192.0.2.98").get("/user").await, 3600);
    assert_locked(
        &mona
            .named("mona@example.com")
            .from_address("192.0.2.98")
            .get("/user")
            .await,
        3600,
    );
    assert_locked(&long_ago.get("/user").await, 3600);
    home.get("/user").await.assert_status(200);
    lately.get("/user").await.assert_status(200);
    hubot
        .from_address("192.0.2.98")
        .get("/user")
        .await
        .assert_status(200);
    world.advance(Duration::from_hours(1));
    mona.from_address("192.0.2.98")
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn an_unknown_login_is_bounded_over_all_addresses_too() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let nobody = mona.named("nobody");
    for number in 0..100 {
        fail(&nobody.from_address(&format!("198.51.100.{number}")), 1).await;
    }
    assert_locked(&nobody.from_address("203.0.113.1").get("/user").await, 3600);
}

#[tokio::test]
async fn ipv6_clients_are_counted_by_their_network() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    for number in 0..10 {
        fail(&mona.from_address(&format!("2001:db8::{number}:1")), 1).await;
    }
    assert_locked(
        &mona
            .from_address("2001:db8::ffff:ffff:ffff:ffff")
            .get("/user")
            .await,
        600,
    );
    mona.from_address("2001:db8:0:1::1")
        .get("/user")
        .await
        .assert_status(200);
    // An IPv4 address is the same one however it is written.
    for form in ["192.0.2.7", "::ffff:192.0.2.7"] {
        fail(&mona.from_address(form), 5).await;
    }
    assert_locked(&mona.from_address("192.0.2.7").get("/user").await, 600);
}

#[tokio::test]
async fn the_client_behind_a_trusted_proxy_is_who_is_counted() {
    let options = WorldOptions {
        trusted_proxies: vec!["10.0.0.0/8".to_owned()],
        ..WorldOptions::default()
    };
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let through = |client: &'static str, password: &str| {
        let request = mona
            .with_password(password)
            .from_address("10.0.0.1")
            .request(http::Method::GET, "/user");
        request.header("x-forwarded-for", client)
    };
    for _ in 0..10 {
        through("203.0.113.1", "wrong")
            .send()
            .await
            .assert_status(401);
    }
    assert_locked(&through("203.0.113.1", "wrong").send().await, 600);
    assert_locked(&through("1.2.3.4, 203.0.113.1", "wrong").send().await, 600);
    through("203.0.113.2", &mona.password)
        .send()
        .await
        .assert_status(200);
    // A stranger's own word counts for nothing.
    let claimed = mona
        .from_address("203.0.113.1")
        .request(http::Method::GET, "/user")
        .header("x-forwarded-for", "203.0.113.9");
    assert_locked(&claimed.send().await, 600);
}
