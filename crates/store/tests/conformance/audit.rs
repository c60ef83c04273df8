//! The audit trail.

use std::collections::BTreeSet;

use counterfoil_domain::audit::{Action, reading, unpack};
use counterfoil_domain::authorization::TokenLimits;
use counterfoil_domain::login::Login;
use counterfoil_domain::principal::{Origin, RequestId};
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::{ChangeError, StoreError, StoredEvent};

use crate::organizations::organization;
use crate::world::{World, audit_key, new_account, refusal};

on_each_engine! {
    an_event_names_who_did_what_to_whom_and_from_where,
    a_long_agent_is_cut_before_the_bytes_commit_to_it,
    each_process_numbers_its_own_events_without_gaps_though_calls_are_refused,
    a_process_that_comes_back_under_its_id_goes_on_counting,
    events_are_listed_from_a_point_in_time_on,
    a_key_vouches_for_each_event_and_for_no_other_bytes,
    columns_by_which_events_are_found_repeat_what_their_bytes_say,
    a_personal_field_matches_what_the_bytes_commit_to,
    a_store_that_can_vouch_for_nothing_changes_nothing,
}

fn named((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

async fn an_event_names_who_did_what_to_whom_and_from_where(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits::default();
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
        event.personal,
        [("address", "192.0.2.1"), ("agent", "hub 2.14")].map(named)
    );
    assert_eq!(event.at, world.now());
    let bytes = String::from_utf8(event.bytes).unwrap();
    assert!(bytes.contains("list.scopes 4 repo"), "{bytes}");
    assert!(
        !bytes.contains("192.0.2.1") && !bytes.contains("hub"),
        "{bytes}"
    );
}

async fn a_long_agent_is_cut_before_the_bytes_commit_to_it(world: World) {
    let agent = |length: usize| {
        let address = "192.0.2.1".parse().expect("an address");
        world.operator_from(Origin::new(address, Some(&"ü".repeat(length))))
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
    let cut = "ü".repeat(255);
    assert_eq!(one.personal("agent"), Some(cut.as_str()));
    assert_eq!(two.personal("agent"), Some(cut.as_str()));
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

async fn a_key_vouches_for_each_event_and_for_no_other_bytes(world: World) {
    let user = world.user("mona").await;
    world.make(world.personal(&user, "one", "repo")).await;
    let events = world.events().await;
    assert_eq!(events.len(), 2);
    for event in events {
        let mac = event.mac.expect("form 2 has one");
        assert!(audit_key().vouches_for(&event.bytes, &mac));
        let mut other = event.bytes;
        other[8] ^= 1;
        assert!(!audit_key().vouches_for(&other, &mac));
    }
}

async fn columns_by_which_events_are_found_repeat_what_their_bytes_say(world: World) {
    let user = world.user("mona").await;
    let origin = Origin::new("192.0.2.1".parse().expect("an address"), None);
    let by = world.operator_from(origin.of_request(RequestId([0xab; 16])));
    let new = world.personal(&user, "one", "repo");
    let made = world
        .store
        .create_authorization(new, TokenLimits::default(), by);
    let token = made.await.unwrap().token.digest;
    let hub = organization(&world, "hub").await;
    let [_, made, founded] = world.events().await.try_into().unwrap();
    let read = |event: &StoredEvent| reading::read(event.format, &event.bytes).expect("form 2");
    let told = read(&made);
    assert_eq!(told.token, Some(token.to_hex()));
    let id = "abababab-abab-abab-abab-abababababab";
    assert_eq!(told.request.as_deref(), Some(id));
    assert_eq!(read(&founded).organization, Some(hub.id.0));
    let count = async |condition: &str| {
        let found = format!("SELECT action FROM audit_events WHERE {condition}");
        world.look_up(&found)
    };
    let created = [Action::AuthorizationCreated.as_str()];
    let head = format!("token_head = {}", token.head());
    assert_eq!(count(&head).await, created);
    assert_eq!(count("request_id IS NOT NULL").await, created);
    let of_hub = format!("organization_id = {}", hub.id);
    assert_eq!(count(&of_hub).await, [Action::OrganizationCreated.as_str()]);
}

async fn a_personal_field_matches_what_the_bytes_commit_to(world: World) {
    let user = world.user("mona").await;
    let login = Login::parse("lisa").expect("a login");
    let renamed = world.store.rename_account(user.id, login, world.operator());
    renamed.await.unwrap();
    let event = world.events().await.pop().expect("there is one");
    let names: Vec<_> = event.personal.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["os_user", "login_before", "login"]);
    assert_eq!(event.actor, "os_user");
    let bytes = String::from_utf8_lossy(&event.bytes).into_owned();
    for (_, value) in &event.personal {
        assert!(!bytes.contains(value.as_str()), "{value}: {bytes}");
    }
    let told = reading::read(event.format, &event.bytes).expect("form 2");
    let committed: Vec<_> = told.commitments.keys().map(|name| &**name).collect();
    assert_eq!(committed, ["login", "login_before", "os_user"]);
    let hex = if world.is_on_a_server() {
        "encode(personal, 'hex')"
    } else {
        "hex(personal)"
    };
    let kept = format!("SELECT {hex} FROM audit_events WHERE id = {}", event.id);
    let [kept] = world.look_up(&kept).try_into().expect("one row");
    let kept = data_encoding::HEXLOWER_PERMISSIVE.decode(kept.as_bytes());
    let fields = unpack(&kept.expect("digits")).expect("fields of form 2");
    assert_eq!(fields.len(), 3);
    for field in fields {
        let commitment = data_encoding::HEXLOWER.encode(&field.commitment());
        assert_eq!(told.commitments[&field.name], commitment, "{field:?}");
    }
}

async fn a_store_that_can_vouch_for_nothing_changes_nothing(world: World) {
    let mute = world.mute_process();
    let made = mute.create_account(new_account("mona"), world.operator());
    assert!(matches!(
        made.await,
        Err(ChangeError::Store(StoreError::NoAuditKey))
    ));
    assert_eq!(world.look_up("SELECT count(*) FROM accounts"), ["0"]);
    assert_eq!(world.events().await, []);
}
