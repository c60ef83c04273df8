//! When scopes for administrators were given, and what an older database says of that.

use counterfoil_domain::account::{Account, AccountChange, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{NewAuthorization, Provenance};
use counterfoil_domain::scope::{AdministratorEpoch, Standing};

use crate::keys::initialised;
use crate::older_programs::BACK_TO_SCHEMA_4;
use crate::world::{World, new_account};

on_each_engine!(
    each_promotion_begins_an_epoch_and_a_write_of_scopes_is_stamped_with_it,
    tokens_of_present_administrators_keep_their_scopes_when_the_schema_is_migrated,
);

async fn administrator(world: &World, login: &str) -> Account {
    let new = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account(login)
    };
    let made = world.store.create_account(new, world.operator()).await;
    made.expect("the login is free")
}

async fn with_standing(world: &World, user: &Account, standing: Standing) -> Account {
    let change = AccountChange {
        standing: Some(standing),
        ..AccountChange::default()
    };
    let changed = world
        .store
        .change_account(user.id, change, world.operator())
        .await;
    changed.expect("the user lives")
}

async fn each_promotion_begins_an_epoch_and_a_write_of_scopes_is_stamped_with_it(world: World) {
    let user = world.user("kate").await;
    let stamped = async |note: &str| {
        let made = world.make(world.personal(&user, note, "site_admin")).await;
        let found = world.store.find_token(made.token.digest, world.now());
        let found = found.await.unwrap().expect("it lives");
        assert_eq!(found, made);
        made.administrator_epoch
    };
    assert_eq!(stamped("as nobody").await, None);
    for epoch in [1, 2] {
        let epoch = AdministratorEpoch(epoch);
        let promoted = with_standing(&world, &user, Standing::SiteAdministrator).await;
        assert_eq!(promoted.administrator_epoch, epoch);
        assert_eq!(stamped(&format!("in {epoch:?}")).await, Some(epoch));
        let demoted = with_standing(&world, &user, Standing::Ordinary).await;
        assert_eq!(demoted.administrator_epoch, epoch);
        assert_eq!(stamped(&format!("after {epoch:?}")).await, None);
    }
    with_standing(&world, &user, Standing::SiteAdministrator).await;
    let asleep = world.store.tokens_asleep(user.id, world.now()).await;
    assert_eq!(asleep.unwrap().len(), 5);
    // An app's token that a password made has none, whoever its owner is.
    let app = world.app(&user, "An app").await;
    let by_password = NewAuthorization {
        provenance: Provenance::PasswordApi,
        ..world.for_app(&user, &app, None, "site_admin")
    };
    assert_eq!(world.make(by_password).await.administrator_epoch, None);
}

async fn tokens_of_present_administrators_keep_their_scopes_when_the_schema_is_migrated(
    world: World,
) {
    let world = initialised(world).await;
    let (root, mona) = (
        administrator(&world, "root").await,
        world.user("mona").await,
    );
    let kept = world
        .make(world.personal(&root, "kept", "site_admin repo"))
        .await;
    let harmless = world.make(world.personal(&root, "harmless", "repo")).await;
    let asleep = world
        .make(world.personal(&mona, "asleep", "site_admin"))
        .await;
    let events = world.events().await.len();
    world.run(BACK_TO_SCHEMA_4);
    let next = world.migrated();
    for (token, stamp) in [
        (&kept, Some(AdministratorEpoch(0))),
        (&harmless, Some(AdministratorEpoch(0))),
        (&asleep, None),
    ] {
        let found = next.find_token(token.token.digest, world.now()).await;
        let found = found.unwrap().expect("it lives");
        assert_eq!(found.administrator_epoch, stamp);
    }
    assert!(
        next.tokens_asleep(root.id, world.now())
            .await
            .unwrap()
            .is_empty()
    );
    for _ in 0..2 {
        let told = next.tell_kept_administrator_scopes(world.operator());
        told.await.unwrap();
    }
    let told = world.events().await.split_off(events);
    let told: Vec<_> = told.into_iter().collect();
    assert_eq!(told.len(), 1, "once, whoever asks");
    assert_eq!(told[0].action, Action::AdministratorScopesKept.as_str());
    let text = String::from_utf8_lossy(&told[0].bytes).into_owned();
    let id = kept.id.to_string();
    assert!(text.contains("number.count 1 1\n"), "{text}");
    assert!(
        text.contains(&format!("list.token_ids {} {id}\n", id.len())),
        "{text}"
    );
}
