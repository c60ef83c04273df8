//! When and from where tokens were last used.

use std::time::Duration;

use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::TokenUse;

use crate::world::World;

fn used(id: AuthorizationId, at: Timestamp, from: &str) -> TokenUse {
    TokenUse {
        id,
        at,
        address: from.parse().expect("an address"),
    }
}

on_each_engine! {
    the_later_of_two_uses_stays_whoever_writes_it_first,
    a_use_of_a_token_of_an_app_is_a_use_of_its_grant,
    a_use_that_is_written_after_the_end_changes_nothing,
    many_uses_are_written_at_once_each_with_its_own_time_and_address,
}

async fn the_later_of_two_uses_stays_whoever_writes_it_first(world: World) {
    let mona = world.user("mona").await;
    let made = world.make(world.personal(&mona, "one", "repo")).await;
    let early = world.now();
    let late = early.plus(Duration::from_mins(1));
    let uses = [
        used(made.id, late, "192.0.2.2"),
        used(made.id, early, "192.0.2.1"),
    ];
    for one in uses {
        world.store.note_uses(vec![one]).await.unwrap();
    }
    let held = world
        .store
        .find_authorization(mona.id, made.id, world.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(held.last_used_at, Some(late));
    assert_eq!(held.updated_at, made.updated_at);
    let question = "SELECT a.last_used_address || '|' || CASE WHEN d.last_used_at = a.last_used_at THEN 1 ELSE 0 END FROM authorizations a
        JOIN token_digests d ON d.authorization_id = a.id";
    assert_eq!(world.look_up(question), ["192.0.2.2|1"]);
}

async fn a_use_of_a_token_of_an_app_is_a_use_of_its_grant(world: World) {
    let mona = world.user("mona").await;
    let app = world.app(&mona, "app").await;
    let made = world.make(world.for_app(&mona, &app, None, "repo")).await;
    let uses = vec![used(made.id, world.now(), "192.0.2.1")];
    world.store.note_uses(uses).await.unwrap();
    let question = "SELECT count(last_used_at) FROM grants";
    assert_eq!(world.look_up(question), ["1"]);
}

async fn a_use_that_is_written_after_the_end_changes_nothing(world: World) {
    let mona = world.user("mona").await;
    let made = world.make(world.personal(&mona, "one", "repo")).await;
    let by = world.by(&mona);
    world
        .store
        .revoke_authorization(Some(mona.id), made.id, EndReason::DeletedByOwner, by)
        .await
        .unwrap();
    let uses = vec![used(made.id, world.now(), "192.0.2.1")];
    world.store.note_uses(uses).await.unwrap();
    let question = "SELECT count(*) FROM authorizations WHERE last_used_at IS NOT NULL";
    assert_eq!(world.look_up(question), ["0"]);
}

async fn many_uses_are_written_at_once_each_with_its_own_time_and_address(world: World) {
    let mona = world.user("mona").await;
    let app = world.app(&mona, "app").await;
    let mut uses = Vec::new();
    let mut expected = Vec::new();
    // More than one statement takes, and no whole number of statements.
    for number in 0..35_u8 {
        let name = format!("number {number}");
        let fingerprint = (number % 5 == 0).then_some(name.as_str());
        let creation = match fingerprint {
            Some(fingerprint) => world.for_app(&mona, &app, Some(fingerprint), "repo"),
            None => world.personal(&mona, &name, "repo"),
        };
        let made = world.make(creation).await;
        let at = world
            .now()
            .plus(Duration::from_secs(u64::from(100 - number)));
        let address = format!("192.0.2.{number}");
        expected.push(format!("{}|{}|{address}", made.id.0, at.microseconds()));
        uses.push(used(made.id, at, &address));
    }
    world.store.note_uses(uses).await.unwrap();
    let question = "SELECT a.id || '|' || d.last_used_at || '|' || a.last_used_address FROM authorizations a
        JOIN token_digests d ON d.authorization_id = a.id AND d.last_used_at = a.last_used_at ORDER BY a.id";
    assert_eq!(world.look_up(question), expected);
    let question = "SELECT count(*) FROM grants g
        WHERE g.last_used_at = (SELECT max(a.last_used_at) FROM authorizations a WHERE a.grant_id = g.id)";
    assert_eq!(world.look_up(question), ["1"]);
}
