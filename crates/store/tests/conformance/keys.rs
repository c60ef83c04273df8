//! The installation's record and its keys.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{App, DeviceFlow, NewApp};
use counterfoil_domain::audit::Action;
use counterfoil_domain::built_in::BuiltInApp;
use counterfoil_domain::key::{KeyId, KeyRefused, SealBroken, Sealed, SealedPlace};
use counterfoil_domain::organization::OrganizationRefused;
use counterfoil_store::{
    AuditKeyRecord, BuiltInMade, DIGEST_KEY_PLACE, Initialised, KeyState, NewInstallation,
};

use crate::world::{World, refusal, words};

pub(crate) fn key(id: &str) -> KeyId {
    KeyId::parse(id).expect("eight digits")
}

fn sealed(id: &str) -> Sealed {
    Sealed {
        key: key(id),
        bytes: b"digest key".to_vec(),
    }
}

/// The audit trail's key as it stands in the database, sealed under this key.
fn trail(id: &str) -> AuditKeyRecord {
    AuditKeyRecord {
        id: [1; 4],
        log: [2; 16],
        sealed: sealed(id),
    }
}

/// An installation with this key, and without apps.
fn new(id: &str) -> NewInstallation {
    NewInstallation {
        key_id: key(id),
        check_value: [1; 32],
        digest_key: sealed(id),
        audit_key: trail(id),
        generation: [5; 16],
        apps: &[],
    }
}

/// A world whose database has the key 00000001.
pub(crate) async fn initialised(world: World) -> World {
    let made = world.store.initialise(new("00000001"), world.now()).await;
    made.expect("the database is empty");
    world
}

async fn states(world: &World) -> Vec<(String, KeyState, u64)> {
    let records = world.store.key_records().await.expect("the call succeeds");
    let states = records.into_iter().map(|record| {
        (
            record.id.as_str().to_owned(),
            record.state,
            record.sealed_values,
        )
    });
    states.collect()
}

/// Seals again by writing the place in front, so that a test sees what was handed over.
pub(crate) fn reseal(
    to: &str,
) -> impl Fn(SealedPlace<'_>, &Sealed) -> Result<Sealed, SealBroken> + Clone + use<> {
    let to = key(to);
    move |place, sealed| {
        let text = format!("{}.{}.{}:", place.table, place.column, place.row);
        let bytes = [text.as_bytes(), &sealed.bytes].concat();
        Ok(Sealed {
            key: to.clone(),
            bytes,
        })
    }
}

on_each_engine! {
    an_empty_database_is_initialised_once,
    a_database_that_holds_users_gets_no_new_key_invented,
    a_new_installation_has_its_apps_and_an_organization_that_nothing_finds,
    an_older_installation_is_given_those_apps_whose_client_ids_are_free,
    apps_of_the_installation_that_a_restore_ended_live_again_and_no_others,
    of_two_processes_that_initialise_one_wins_and_the_other_finds_it,
    a_rotation_moves_every_sealed_value_to_its_own_place,
    the_old_key_may_retire_after_a_rotation,
    a_value_that_does_not_open_leaves_everything_under_the_old_key,
    a_key_in_use_does_not_retire_and_an_unknown_or_retired_one_does_nothing,
}

async fn an_empty_database_is_initialised_once(world: World) {
    assert!(world.store.installation().await.unwrap().is_none());
    let initialise = || world.store.initialise(new("00000001"), world.now());
    assert_eq!(initialise().await.unwrap(), Initialised::Now);
    assert_eq!(initialise().await.unwrap(), Initialised::Already);
    let record = world.store.installation().await.unwrap().unwrap();
    assert_eq!(record.generation, [5; 16]);
    assert_eq!(record.digest_key, sealed("00000001"));
    assert_eq!(record.keys.len(), 1);
    assert_eq!(record.keys[0].check_value, [1; 32]);
    assert_eq!(
        states(&world).await,
        [("00000001".to_owned(), KeyState::Primary, 2)]
    );
}

async fn a_database_that_holds_users_gets_no_new_key_invented(world: World) {
    world.user("mona").await;
    let made = world.store.initialise(new("00000001"), world.now()).await;
    assert_eq!(made.unwrap(), Initialised::Already);
}

async fn a_new_installation_has_its_apps_and_an_organization_that_nothing_finds(world: World) {
    let with_apps = NewInstallation {
        apps: BuiltInApp::ALL,
        ..new("00000001")
    };
    for expected in [Initialised::Now, Initialised::Already] {
        let made = world.store.initialise(with_apps.clone(), world.now()).await;
        assert_eq!(made.unwrap(), expected);
        let apps = world.store.list_apps(None).await.unwrap();
        let names: Vec<_> = apps.iter().map(|app| app.summary.name.as_str()).collect();
        assert_eq!(names, ["GitHub CLI", "Git Credential Manager"]);
        for app in &apps {
            assert_eq!(app.device_flow, DeviceFlow::Enabled);
            let secrets = world.store.list_app_secrets(app.summary.id).await.unwrap();
            assert_eq!(secrets.len(), 1);
            assert!(secrets[0].published_at.is_some());
        }
    }
    assert_eq!(
        words(&[
            Action::KeyAdded,
            Action::OrganizationCreated,
            Action::AppCreated,
            Action::AppSecretPublished,
            Action::AppCreated,
            Action::AppSecretPublished,
        ]),
        world.actions_since(0).await
    );
    let owners = world.store.list_app_owners().await.unwrap();
    let [(owner, login)] = &owners[..] else {
        panic!("{owners:?}");
    };
    assert_eq!(*login, BuiltInApp::owner_login());
    let found = world.store.list_organizations().await.unwrap();
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(world.store.organization_by_id(*owner).await.unwrap(), None);
    assert_eq!(world.store.find_organization(login).await.unwrap(), None);
    assert_eq!(world.store.account_by_id(*owner).await.unwrap(), None);
    let deleted = world.store.delete_organization(*owner, world.operator());
    assert_eq!(refusal(deleted.await), OrganizationRefused::NotFound);
}

async fn an_older_installation_is_given_those_apps_whose_client_ids_are_free(world: World) {
    let world = initialised(world).await;
    let mona = world.user("mona").await;
    let gh = NewApp {
        client_id: BuiltInApp::ALL[0].client_id(),
        ..world.new_app(&mona, "an earlier gh")
    };
    let gh = world.store.create_app(gh, 100, world.operator()).await;
    let gh = gh.unwrap();
    let make = || world.store.make_built_in_apps(world.operator());
    let made = make().await.unwrap().created;
    let ids: Vec<_> = made.iter().map(|app| &app.summary.client_id).collect();
    assert_eq!(ids, [&BuiltInApp::ALL[1].client_id()]);
    let found = world.store.find_app(&gh.summary.client_id).await.unwrap();
    assert_eq!(found, Some(gh));
    // Neither those that are there nor one that was deleted.
    let deleted = world.store.delete_app(made[0].summary.id, world.operator());
    deleted.await.unwrap();
    let events = world.events().await.len();
    assert_eq!(make().await.unwrap(), BuiltInMade::default());
    assert_eq!(world.events().await.len(), events);
}

async fn apps_of_the_installation_that_a_restore_ended_live_again_and_no_others(world: World) {
    let world = initialised(world).await;
    let mona = world.user("mona").await;
    let make = || world.store.make_built_in_apps(world.operator());
    let made = make().await.unwrap().created;
    let [gh, manager] = &made[..] else {
        panic!("{made:?}");
    };
    let suspended = world.store.suspend_app(gh.summary.id, world.operator());
    assert!(suspended.await.unwrap());
    let others = world.app(&mona, "of a user").await;
    let deleted = world.store.delete_app(manager.summary.id, world.operator());
    deleted.await.unwrap();
    // As a restore ends what the backup did not know.
    for table in ["client_secrets", "callback_urls", "apps", "accounts"] {
        world.run(&format!(
            "UPDATE {table} SET ended_at = created_at, end_reason = 'restored' WHERE ended_at IS NULL"
        ));
    }
    world.pass(std::time::Duration::from_mins(1));
    let events = world.events().await.len();
    let again = make().await.unwrap();
    assert_eq!(again.created, []);
    let [revived] = &again.revived[..] else {
        panic!("{again:?}");
    };
    // An operator had switched it off, and it stays so.
    assert!(revived.suspended_at.is_some());
    let mut as_before = App {
        suspended_at: revived.suspended_at,
        updated_at: revived.updated_at,
        ..gh.clone()
    };
    as_before.summary.updated_at = revived.updated_at;
    assert_eq!(*revived, as_before);
    let secrets = world.store.list_app_secrets(gh.summary.id).await.unwrap();
    assert_eq!(secrets.len(), 1);
    assert_eq!(secrets[0].published_at, Some(world.now()));
    let told = words(&[Action::AppRevived, Action::AppSecretPublished]);
    assert_eq!(world.actions_since(events).await, told);
    for other in [manager, &others] {
        let found = world.store.find_app(&other.summary.client_id).await;
        assert_eq!(found.unwrap(), None);
    }
    assert_eq!(make().await.unwrap(), BuiltInMade::default());
}

async fn of_two_processes_that_initialise_one_wins_and_the_other_finds_it(world: World) {
    let other = world.another_process();
    let initialise = |store: &counterfoil_store::Store, id: &str| {
        let (store, id, now) = (store.clone(), id.to_owned(), world.now());
        tokio::spawn(async move { store.initialise(new(&id), now).await })
    };
    let (one, two) = (
        initialise(&world.store, "00000001"),
        initialise(&other, "00000002"),
    );
    let outcomes = [one.await.unwrap().unwrap(), two.await.unwrap().unwrap()];
    let winners = outcomes.iter().filter(|made| **made == Initialised::Now);
    assert_eq!(winners.count(), 1);
    let winner = if outcomes[0] == Initialised::Now {
        "00000001"
    } else {
        "00000002"
    };
    for store in [&world.store, &other] {
        assert_eq!(
            store.installation().await.unwrap().unwrap().digest_key,
            sealed(winner)
        );
    }
}

/// A world with two keys and a user whose seed is sealed under the first.
pub(crate) async fn with_two_keys(world: World) -> (World, Account) {
    let world = initialised(world).await;
    let user = world.user("mona").await;
    let seed = Sealed {
        key: key("00000001"),
        bytes: b"seed".to_vec(),
    };
    let enabled = world
        .store
        .enable_totp(user.id, seed, Vec::new(), world.operator())
        .await;
    enabled.expect("the key is known");
    let added = world
        .store
        .add_key(key("00000002"), [2; 32], world.operator())
        .await;
    added.expect("the key is new");
    (world, user)
}

async fn a_rotation_moves_every_sealed_value_to_its_own_place(world: World) {
    let (world, user) = with_two_keys(world).await;
    let store = &world.store;
    let moved = store
        .rotate_keys(key("00000002"), reseal("00000002"), world.operator())
        .await;
    assert_eq!(moved.unwrap(), 3);
    let digest_key = store.installation().await.unwrap().unwrap().digest_key;
    assert_eq!(digest_key.key, key("00000002"));
    assert_eq!(
        digest_key.bytes,
        b"installation.digest_key_sealed.1:digest key"
    );
    assert_eq!(DIGEST_KEY_PLACE.table, "installation");
    let seed = store.find_totp(user.id).await.unwrap().unwrap().sealed;
    let place = format!("totp_seeds.sealed_seed.{}:seed", user.id);
    assert_eq!(
        (seed.key, seed.bytes),
        (key("00000002"), place.into_bytes())
    );
    let trail_key = store.installation().await.unwrap().unwrap().audit_key;
    let trail_key = trail_key.unwrap().sealed;
    assert_eq!(
        (trail_key.key, trail_key.bytes),
        (
            key("00000002"),
            b"audit_keys.sealed.01010101:digest key".to_vec()
        )
    );
    let again = store
        .rotate_keys(key("00000002"), reseal("00000002"), world.operator())
        .await;
    assert_eq!(again.unwrap(), 0);
}

async fn the_old_key_may_retire_after_a_rotation(world: World) {
    let (world, _) = with_two_keys(world).await;
    let state = |id: &str, state, values| (id.to_owned(), state, values);
    let added = [
        state("00000001", KeyState::Primary, 3),
        state("00000002", KeyState::Secondary, 0),
    ];
    assert_eq!(states(&world).await, added);
    let events = world.events().await.len();
    let moved = world
        .store
        .rotate_keys(key("00000002"), reseal("00000002"), world.operator())
        .await;
    assert_eq!(moved.unwrap(), 3);
    let rotated = [
        state("00000001", KeyState::Secondary, 0),
        state("00000002", KeyState::Primary, 3),
    ];
    assert_eq!(states(&world).await, rotated);
    world
        .store
        .retire_key(key("00000001"), world.operator())
        .await
        .unwrap();
    assert_eq!(states(&world).await[0].1, KeyState::Retired);
    let told = [Action::KeyRotated, Action::KeyRetired];
    assert_eq!(world.actions_since(events).await, words(&told));
}

async fn a_value_that_does_not_open_leaves_everything_under_the_old_key(world: World) {
    let (world, _) = with_two_keys(world).await;
    let before = states(&world).await;
    let broken = |place: SealedPlace<'_>, _: &Sealed| match place.table {
        "totp_seeds" => Err(SealBroken),
        _ => Ok(sealed("00000002")),
    };
    let refused = world
        .store
        .rotate_keys(key("00000002"), broken, world.operator())
        .await;
    assert_eq!(refusal(refused), KeyRefused::Broken(SealBroken));
    let wrong_key = world
        .store
        .rotate_keys(key("00000002"), reseal("00000003"), world.operator())
        .await;
    assert_eq!(refusal(wrong_key), KeyRefused::Broken(SealBroken));
    assert_eq!(states(&world).await, before);
}

async fn a_key_in_use_does_not_retire_and_an_unknown_or_retired_one_does_nothing(world: World) {
    let world = initialised(world).await;
    let by = || world.operator();
    let store = &world.store;
    assert_eq!(
        refusal(store.add_key(key("00000001"), [1; 32], by()).await),
        KeyRefused::Known
    );
    assert_eq!(
        refusal(store.retire_key(key("00000001"), by()).await),
        KeyRefused::Primary
    );
    assert_eq!(
        refusal(store.retire_key(key("0000000f"), by()).await),
        KeyRefused::Unknown
    );
    assert_eq!(
        refusal(
            store
                .rotate_keys(key("0000000f"), reseal("0000000f"), by())
                .await
        ),
        KeyRefused::Unknown
    );
    let user = world.user("mona").await;
    store.add_key(key("00000002"), [2; 32], by()).await.unwrap();
    let seed = Sealed {
        key: key("00000002"),
        bytes: b"seed".to_vec(),
    };
    store
        .enable_totp(user.id, seed, Vec::new(), by())
        .await
        .unwrap();
    assert_eq!(
        refusal(store.retire_key(key("00000002"), by()).await),
        KeyRefused::InUse
    );
    store.disable_totp(user.id, by()).await.unwrap();
    store.retire_key(key("00000002"), by()).await.unwrap();
    assert_eq!(
        refusal(store.retire_key(key("00000002"), by()).await),
        KeyRefused::Retired
    );
    assert_eq!(
        refusal(
            store
                .rotate_keys(key("00000002"), reseal("00000002"), by())
                .await
        ),
        KeyRefused::Retired
    );
    assert_eq!(
        refusal(store.add_key(key("00000002"), [2; 32], by()).await),
        KeyRefused::Known
    );
}
