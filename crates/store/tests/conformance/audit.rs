//! The audit trail.

use std::collections::BTreeSet;

use counterfoil_domain::audit::Action;
use counterfoil_domain::principal::{Origin, Principal};
use counterfoil_domain::timestamp::Timestamp;

use crate::world::{World, new_account, refusal};

on_each_engine! {
    an_event_names_who_did_what_to_whom_and_from_where,
    a_long_agent_is_cut_before_the_bytes_commit_to_it,
    each_process_numbers_its_own_events_without_gaps_though_calls_are_refused,
    a_process_that_comes_back_under_its_id_goes_on_counting,
    events_are_listed_from_a_point_in_time_on,
}

async fn an_event_names_who_did_what_to_whom_and_from_where(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = counterfoil_domain::authorization::TokenLimits::default();
    let new = world.for_app(&user, &app, None, "repo");
    let token = world
        .store
        .create_authorization(new, limits, world.by(&user))
        .await
        .unwrap();
    let event = world.events().await.pop().unwrap();
    assert_eq!(event.action, Action::AuthorizationCreated.as_str());
    assert_eq!(event.actor, format!("account:{}", user.id));
    assert_eq!(
        (event.account, event.app),
        (Some(user.id.0), Some(app.summary.id.0))
    );
    assert_eq!(
        (event.authorization, event.grant),
        (Some(token.id.0), Some(1))
    );
    assert_eq!(
        (event.address.as_deref(), event.agent.as_deref()),
        (Some("192.0.2.1"), Some("hub 2.14"))
    );
    assert_eq!(event.at, world.now());
    let bytes = String::from_utf8(event.bytes).unwrap();
    assert!(bytes.contains("detail.scopes 4 repo"), "{bytes}");
    assert!(
        !bytes.contains("192.0.2.1") && !bytes.contains("hub"),
        "{bytes}"
    );
}

async fn a_long_agent_is_cut_before_the_bytes_commit_to_it(world: World) {
    let agent = |length: usize| Principal {
        origin: Some(Origin::new(
            "192.0.2.1".parse().expect("an address"),
            Some(&"ü".repeat(length)),
        )),
        ..world.operator()
    };
    world
        .store
        .create_account(new_account("one"), agent(255))
        .await
        .unwrap();
    world
        .store
        .create_account(new_account("two"), agent(9000))
        .await
        .unwrap();
    let [one, two] = world.events().await.try_into().unwrap();
    assert_eq!(one.agent, two.agent);
    let personal = |bytes: &[u8]| {
        String::from_utf8_lossy(bytes)
            .lines()
            .last()
            .map(str::to_owned)
    };
    assert_eq!(personal(&one.bytes), personal(&two.bytes));
}

async fn each_process_numbers_its_own_events_without_gaps_though_calls_are_refused(world: World) {
    let other = world.another_process();
    let mut made = Vec::new();
    for number in 0..40 {
        let store = if number % 2 == 0 {
            world.store.clone()
        } else {
            other.clone()
        };
        let by = world.operator();
        made.push(tokio::spawn(async move {
            // Every fifth login is taken, so that some calls in the groups undo what they did.
            let login = format!("user{}", if number % 5 == 0 { 1 } else { number });
            store.create_account(new_account(&login), by).await.is_ok()
        }));
    }
    let mut succeeded = 0;
    for one in made {
        succeeded += usize::from(one.await.unwrap());
    }
    let events = world.events().await;
    assert_eq!(events.len(), succeeded);
    let writers: BTreeSet<_> = events.iter().map(|event| event.writer.clone()).collect();
    for process in ["first", "second"] {
        let some = writers
            .iter()
            .any(|writer| World::is_of_process(writer, process));
        assert!(some, "{writers:?}");
    }
    for writer in writers {
        let numbers: BTreeSet<_> = events
            .iter()
            .filter(|event| event.writer == writer)
            .map(|event| event.writer_number)
            .collect();
        let count = i64::try_from(numbers.len()).unwrap();
        assert!(numbers.iter().copied().eq(1..=count), "{numbers:?}");
    }
    assert_eq!(
        world.store.check_integrity().await.unwrap(),
        [] as [String; 0]
    );
}

async fn a_process_that_comes_back_under_its_id_goes_on_counting(world: World) {
    world
        .another_process()
        .create_account(new_account("one"), world.operator())
        .await
        .unwrap();
    world
        .another_process()
        .create_account(new_account("two"), world.operator())
        .await
        .unwrap();
    let numbers: Vec<_> = world
        .events()
        .await
        .iter()
        .map(|event| event.writer_number)
        .collect();
    assert_eq!(numbers, [1, 2]);
}

async fn events_are_listed_from_a_point_in_time_on(world: World) {
    world.user("one").await;
    world.pass(std::time::Duration::from_mins(1));
    let since = world.now();
    world.user("two").await;
    world.user("three").await;
    let listed = |since, limit| world.store.list_events(since, limit);
    assert_eq!(listed(since, 10).await.unwrap().len(), 2);
    assert_eq!(
        listed(Timestamp::from_seconds(0), 2).await.unwrap().len(),
        2
    );
    let taken = world
        .store
        .create_account(new_account("one"), world.operator())
        .await;
    refusal(taken);
    assert_eq!(
        listed(Timestamp::from_seconds(0), 10).await.unwrap().len(),
        3
    );
}
