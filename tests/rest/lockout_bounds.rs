//! Bounds over all logins of an address and over all addresses of a login (wire contract, section
//! 10, with its departures).

use std::time::Duration;

use counterfoil_testkit::{UserActor, World, WorldOptions};

use super::locks::{assert_locked, fail};

const MINUTE: Duration = Duration::from_mins(1);

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
    assert_locked(&mona.get("/user").await);
    assert_locked(&hubot.get("/user").await);
    assert_locked(&mona.named("nobody50").get("/user").await);
    mona.from_address("198.51.100.7")
        .get("/user")
        .await
        .assert_status(200);
    world.advance(MINUTE * 10);
    mona.get("/user").await.assert_status(200);
}

/// The n-th of many addresses.
fn elsewhere(number: usize) -> String {
    format!(
        "198.{}.{}.{}",
        18 + number / 40_000,
        number / 200 % 200,
        number % 200
    )
}

/// Fails once from each of these addresses.
async fn fail_everywhere(user: &UserActor<'_>, numbers: std::ops::Range<usize>) {
    for number in numbers {
        fail(&user.from_address(&elsewhere(number)), 1).await;
    }
}

/// Nobody who knows a login may keep its owner out, be it for an hour.
#[tokio::test]
async fn a_login_under_attack_is_served_everywhere_though_slowly_where_it_is_not_known() {
    let mut options = WorldOptions::default();
    options.settings.password_memory = Duration::ZERO;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let (home, lately, long_ago) = (
        mona.from_address("203.0.113.1"),
        mona.from_address("203.0.113.2"),
        mona.from_address("203.0.113.3"),
    );
    long_ago.get("/user").await.assert_status(200);
    world.advance(Duration::from_hours(24 * 20));
    lately.get("/user").await.assert_status(200);
    world.advance(Duration::from_hours(24 * 11));
    home.get("/user").await.assert_status(200);
    fail_everywhere(&mona, 0..100).await;

    // A new address, and one that is not known any more, get one attempt a minute.
    mona.from_address("192.0.2.98")
        .get("/user")
        .await
        .assert_status(200);
    for slowed in [&mona.from_address("192.0.2.97"), &long_ago] {
        fail(slowed, 1).await;
        assert_locked(&slowed.get("/user").await);
        world.advance(Duration::from_millis(59_999));
        // It is one login, by whatever name.
        assert_locked(&slowed.named("mona@example.com").get("/user").await);
        world.advance(Duration::from_millis(1));
        slowed.get("/user").await.assert_status(200);
    }
    for known in [&home, &lately] {
        fail(known, 1).await;
        known.get("/user").await.assert_status(200);
    }
}

#[tokio::test]
async fn a_login_that_fails_too_often_is_refused_where_it_is_not_known() {
    let mut options = WorldOptions::default();
    options.settings.password_memory = Duration::ZERO;
    options.settings.lockout.per_login_slowed = 150;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    let hubot = world.user("hubot").await;
    let home = mona.from_address("203.0.113.1");
    home.get("/user").await.assert_status(200);
    fail_everywhere(&mona, 0..70).await;
    fail_everywhere(&mona.named("mona@example.com"), 70..150).await;
    let new = mona.from_address("192.0.2.98");
    assert_locked(&new.get("/user").await);
    assert_locked(&new.named("mona@example.com").get("/user").await);
    home.get("/user").await.assert_status(200);
    let other = hubot.from_address("192.0.2.98");
    other.get("/user").await.assert_status(200);
    let operator = World::operator();
    let unlocked = world
        .authority
        .unlock_account(&mona.account.login, &operator);
    unlocked.await.unwrap();
    new.get("/user").await.assert_status(200);
}

#[tokio::test]
async fn an_attack_on_a_login_is_told_once_an_hour() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    let told = async || {
        let events = world.events().await.into_iter();
        let attacks = events.filter(|event| event.action == "sign_in.attacked");
        attacks.map(|event| event.account).collect::<Vec<_>>()
    };
    let id = Some(mona.account.id.0);
    fail_everywhere(&mona, 0..99).await;
    assert_eq!(told().await, []);
    fail_everywhere(&mona, 99..130).await;
    assert_eq!(told().await, [id]);
    // Half an hour later half of them still count, and more come: it is the same attack.
    world.advance(MINUTE * 30);
    fail_everywhere(&mona, 130..260).await;
    assert_eq!(told().await, [id]);
    world.advance(MINUTE * 31);
    fail_everywhere(&mona, 260..261).await;
    assert_eq!(told().await, [id, id]);
}

/// What is known of a login must not tell whether there is such a user.
#[tokio::test]
async fn an_unknown_login_is_slowed_down_and_refused_as_a_known_one_is() {
    let mut options = WorldOptions::default();
    options.settings.lockout.per_login_slowed = 150;
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    for attacked in [&mona, &mona.named("nobody")] {
        let here = attacked.from_address("192.0.2.98");
        fail_everywhere(attacked, 0..100).await;
        fail(&here, 1).await;
        assert_locked(&here.get("/user").await);
        fail_everywhere(attacked, 100..149).await;
        let new = attacked.from_address("192.0.2.97");
        assert_locked(&new.get("/user").await);
    }
    // All of them were refused over all addresses: one count for a login, and one for all that
    // nobody has.
    let before = world.audit_actions().await.len();
    world.authority.flush_refusals(true).await.unwrap();
    let events = world.events().await.split_off(before);
    let mut told: Vec<_> = events
        .iter()
        .map(|event| (event.account, event.personal("address")))
        .collect();
    told.sort();
    assert_eq!(told, [(None, None), (Some(mona.account.id.0), None)]);
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
    );
    mona.from_address("2001:db8:0:1::1")
        .get("/user")
        .await
        .assert_status(200);
    // An IPv4 address is the same one however it is written.
    for form in ["192.0.2.7", "::ffff:192.0.2.7"] {
        fail(&mona.from_address(form), 5).await;
    }
    assert_locked(&mona.from_address("192.0.2.7").get("/user").await);
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
    assert_locked(&through("203.0.113.1", "wrong").send().await);
    assert_locked(&through("1.2.3.4, 203.0.113.1", "wrong").send().await);
    through("203.0.113.2", &mona.password)
        .send()
        .await
        .assert_status(200);
    // A stranger's own word counts for nothing.
    let claimed = mona
        .from_address("203.0.113.1")
        .request(http::Method::GET, "/user")
        .header("x-forwarded-for", "203.0.113.9");
    assert_locked(&claimed.send().await);
}
