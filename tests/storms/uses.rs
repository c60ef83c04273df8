//! When and from where tokens were last used: gathered in memory, written in batches and when the
//! server stops.

use std::time::Duration;

use counterfoil_authority::{Authority, Clock as _, Issued};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_testkit::process::{Connection as HttpConnection, Program};
use counterfoil_testkit::{TestFolder, World};

use super::{another_process, issue, verify, world_with};

/// What is written down of the last use of a token.
fn written(world: &World, issued: &Issued) -> (Option<i64>, Option<String>) {
    let id = issued.authorization.id.0;
    let question =
        format!("SELECT last_used_at, last_used_address FROM authorizations WHERE id = {id}");
    let mut found = world.database().rows(&question);
    let [at, address] = found[0].as_mut_slice() else {
        panic!("two columns were asked for");
    };
    let at = at.take().map(|at| at.parse().expect("a time is a number"));
    (at, address.take())
}

fn used(at: Timestamp, from: &str) -> (Option<i64>, Option<String>) {
    (Some(at.microseconds()), Some(from.to_owned()))
}

#[tokio::test]
async fn a_check_writes_nothing_and_its_time_and_address_follow_in_a_batch() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let issued = issue(&world.authority, &mona, 1).await;
    let commits = world.store.stats().commits;
    world.advance(Duration::from_secs(5));
    verify(&world, &issued.token, "192.0.2.1")
        .await
        .assert_status(200);
    world.advance(Duration::from_secs(5));
    for _ in 0..100 {
        verify(&world, &issued.token, "198.51.100.7")
            .await
            .assert_status(200);
    }
    assert_eq!(world.store.stats().commits, commits);
    assert_eq!(written(&world, &issued), (None, None));
    assert_eq!(world.authority.flush_last_used().await.unwrap(), 1);
    assert_eq!(
        written(&world, &issued),
        used(world.clock.now(), "198.51.100.7")
    );
    assert_eq!(world.authority.flush_last_used().await.unwrap(), 0);
}

#[tokio::test]
async fn of_the_uses_in_two_processes_the_later_stays_whoever_writes_first() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let other = another_process(&world).await;
    let from = |address: &str| address.parse().unwrap();
    let check = async |by: &Authority, issued: &Issued, address| {
        world.advance(Duration::from_secs(5));
        by.authenticate_token(&issued.token, from(address))
            .await
            .map(drop)
            .unwrap();
        world.clock.now()
    };
    for (number, later_first) in [true, false].into_iter().enumerate() {
        let issued = issue(&world.authority, &mona, number).await;
        check(&world.authority, &issued, "192.0.2.1").await;
        let later = check(&other, &issued, "198.51.100.7").await;
        let order = if later_first {
            [&other, &world.authority]
        } else {
            [&world.authority, &other]
        };
        for process in order {
            assert_eq!(process.flush_last_used().await.unwrap(), 1);
        }
        assert_eq!(written(&world, &issued), used(later, "198.51.100.7"));
    }
}

#[tokio::test]
async fn a_refused_token_was_not_used() {
    let world = world_with(|_| {}).await;
    let mona = world.user("mona").await;
    let issued = issue(&world.authority, &mona, 1).await;
    let login = &mona.account.login;
    let operator = World::operator();
    assert!(
        world
            .authority
            .suspend_account(login, &operator)
            .await
            .unwrap()
    );
    verify(&world, &issued.token, "192.0.2.1")
        .await
        .assert_status(403);
    assert_eq!(world.authority.flush_last_used().await.unwrap(), 0);
    assert_eq!(written(&world, &issued), (None, None));
}

#[test]
fn a_server_that_stops_in_order_writes_the_last_uses_down() {
    let folder = TestFolder::in_memory();
    let program = Program::build_in(folder.path()).with_cheap_passwords();
    program.add_user("mona");
    let create = [
        "token", "create", "mona", "--note", "laptop", "--scopes", "",
    ];
    let made = program.json(&create, "");
    let bearer = format!("Bearer {}", made["token"].as_str().unwrap());
    let listed = || program.json(&["token", "list", "mona"], "");
    assert!(listed()[0]["last_used_at"].is_null());
    let server = program.start_serve(&[]);
    let mut connection = HttpConnection::open(&server.base_url).unwrap();
    let headers = [("authorization", bearer.as_str())];
    let answer = connection.ask("GET", "/gateway/verify", &headers, None);
    answer.unwrap().assert_status(200);
    assert!(server.terminate().success());
    assert!(listed()[0]["last_used_at"].is_string());
}
