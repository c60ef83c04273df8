//! Apps, their secrets and callback URLs.

use counterfoil_domain::app::{
    AppChange, AppCreationRefused, AppSummary, AppSwitch, AppSwitches, ClientId, DeviceFlow,
    ExpiringTokens, NewApp, NoSuchApp, SecretCreationRefused, SecretEndRefused, SwitchChange,
};
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AppId, ClientSecretId};
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{DeletedApp, SecretUse};

use crate::world::{World, refusal, url, words};

const NO_APP: AppId = AppId(4711);

/// The live app that has this client id and this secret, as the program asks for it.
async fn find_client(
    world: &World,
    client_id: &ClientId,
    secret: SecretDigest,
) -> Option<AppSummary> {
    let found = world.store.find_client_secrets(client_id).await;
    let found = found.expect("it can be read");
    found
        .filter(|client| client.secrets.iter().any(|known| known.digest == secret))
        .map(|client| client.app)
}

on_each_engine! {
    an_app_is_found_by_its_client_id_and_shown_as_made,
    each_switch_of_an_app_is_kept_and_turned_by_itself,
    apps_are_listed_in_the_order_they_were_made,
    a_client_needs_its_own_live_secret,
    a_rotated_secret_ends_at_once,
    two_secrets_live_side_by_side_and_each_ends_on_its_own,
    an_app_has_no_third_secret_and_nobody_ends_that_of_another,
    the_later_use_of_a_secret_stays,
    a_client_id_is_never_given_twice,
    a_user_owns_as_many_live_apps_as_the_limit_says,
    a_user_who_is_gone_gets_no_app,
    a_change_of_an_app_leaves_the_rest_as_it_was,
    a_deleted_app_takes_its_tokens_and_grants_along,
    what_concerns_no_app_is_refused_and_leaves_no_event,
}

async fn an_app_is_found_by_its_client_id_and_shown_as_made(world: World) {
    let owner = world.user("owner").await;
    let new = NewApp {
        callback_urls: vec![url("https://b.example.com"), url("https://a.example.com")],
        device_flow: DeviceFlow::Enabled,
        expiring_tokens: ExpiringTokens::Disabled,
        ..world.new_app(&owner, "Travis")
    };
    let made = world
        .store
        .create_app(new.clone(), 100, world.operator())
        .await
        .unwrap();
    assert_eq!(made.summary.name, new.name);
    assert_eq!(made.callback_urls, new.callback_urls);
    assert_eq!(made.device_flow, DeviceFlow::Enabled);
    assert_eq!(made.owner, owner.id);
    assert_eq!(
        world.store.find_app(&new.client_id).await.unwrap(),
        Some(made)
    );
    let unknown = ClientId::parse("ffffffffffffffffffff").unwrap();
    assert_eq!(world.store.find_app(&unknown).await.unwrap(), None);
}

async fn each_switch_of_an_app_is_kept_and_turned_by_itself(world: World) {
    let owner = world.user("owner").await;
    let mut expected = AppSwitches::default().with(AppSwitch::SendIss, true);
    let new = NewApp {
        switches: expected,
        ..world.new_app(&owner, "Travis")
    };
    let made = world.store.create_app(new, 100, world.operator()).await;
    let made = made.unwrap();
    assert_eq!(made.switches, expected);
    for switch in AppSwitch::ALL {
        let is_on = !expected.has(switch);
        expected = expected.with(switch, is_on);
        let change = AppChange {
            switches: SwitchChange::default().turning(switch, is_on),
            ..AppChange::default()
        };
        let id = made.summary.id;
        let changed = world.store.change_app(id, change, world.operator()).await;
        assert_eq!(changed.unwrap().switches, expected, "{switch:?}");
        let client_id = &made.summary.client_id;
        let client = world.store.find_client_secrets(client_id).await.unwrap();
        let client = client.expect("the app is there");
        assert_eq!(client.switches, expected, "{switch:?}");
    }
}

async fn apps_are_listed_in_the_order_they_were_made(world: World) {
    let (one, two) = (world.user("one").await, world.user("two").await);
    let made = [
        world.app(&two, "z").await,
        world.app(&one, "y").await,
        world.app(&two, "x").await,
    ];
    assert_eq!(world.store.list_apps(None).await.unwrap(), made);
    let of_two = world.store.list_apps(Some(two.id)).await.unwrap();
    assert_eq!(of_two, [made[0].clone(), made[2].clone()]);
}

async fn a_client_needs_its_own_live_secret(world: World) {
    let owner = world.user("owner").await;
    let (first, second) = (
        world.new_app(&owner, "first"),
        world.new_app(&owner, "second"),
    );
    for new in [&first, &second] {
        world
            .store
            .create_app(new.clone(), 100, world.operator())
            .await
            .unwrap();
    }
    let find = async |app: &NewApp, secret: &NewApp| {
        find_client(&world, &app.client_id, secret.secret.digest).await
    };
    assert_eq!(
        find(&first, &first).await.unwrap().client_id,
        first.client_id
    );
    assert_eq!(find(&first, &second).await, None);
    assert_eq!(find(&second, &first).await, None);
}

async fn a_rotated_secret_ends_at_once(world: World) {
    let owner = world.user("owner").await;
    let new = world.new_app(&owner, "app");
    let app = world
        .store
        .create_app(new.clone(), 100, world.operator())
        .await
        .unwrap();
    let fresh = world.secret();
    world
        .store
        .rotate_app_secret(app.summary.id, fresh.clone(), world.operator())
        .await
        .unwrap();
    let find = |digest| find_client(&world, &new.client_id, digest);
    assert_eq!(find(new.secret.digest).await, None);
    assert_eq!(find(fresh.digest).await, Some(app.summary.clone()));
    assert_eq!(
        world.look_up("SELECT end_reason FROM client_secrets ORDER BY id"),
        ["replaced", "null"]
    );
}

async fn two_secrets_live_side_by_side_and_each_ends_on_its_own(world: World) {
    let owner = world.user("owner").await;
    let new = world.new_app(&owner, "app");
    let app = world
        .store
        .create_app(new.clone(), 100, world.operator())
        .await
        .unwrap();
    let (id, second) = (app.summary.id, world.secret());
    let find = |digest| find_client(&world, &new.client_id, digest);
    let before = world.events().await.len();
    let made = world
        .store
        .create_app_secret(id, second.clone(), world.operator())
        .await
        .unwrap();
    assert_eq!(made.last_eight, second.last_eight);
    for digest in [new.secret.digest, second.digest] {
        assert!(find(digest).await.is_some());
    }
    let held = world.store.list_app_secrets(id).await.unwrap();
    assert_eq!(held.len(), 2);
    assert_eq!(held[1], made);
    let ended = world
        .store
        .end_app_secret(id, held[0].id, world.operator())
        .await
        .unwrap();
    assert_eq!(ended, held[0]);
    assert_eq!(find(new.secret.digest).await, None);
    assert!(find(second.digest).await.is_some());
    // The last one may end as well.
    world
        .store
        .end_app_secret(id, made.id, world.operator())
        .await
        .unwrap();
    assert_eq!(find(second.digest).await, None);
    assert_eq!(world.store.list_app_secrets(id).await.unwrap(), []);
    let actions = [
        Action::AppSecretCreated,
        Action::AppSecretEnded,
        Action::AppSecretEnded,
    ];
    assert_eq!(world.actions_since(before).await, words(&actions));
    assert_eq!(
        world.look_up("SELECT end_reason FROM client_secrets ORDER BY id"),
        ["revoked_by_operator", "revoked_by_operator"]
    );
}

async fn an_app_has_no_third_secret_and_nobody_ends_that_of_another(world: World) {
    let owner = world.user("owner").await;
    let (app, other) = (
        world.app(&owner, "app").await,
        world.app(&owner, "other").await,
    );
    let id = app.summary.id;
    let create = async || {
        let (store, secret) = (&world.store, world.secret());
        store.create_app_secret(id, secret, world.operator()).await
    };
    let second = create().await.unwrap();
    let before = world.events().await.len();
    assert_eq!(
        refusal(create().await),
        SecretCreationRefused::TooManySecrets
    );
    let end = |app, secret| world.store.end_app_secret(app, secret, world.operator());
    for (app, secret) in [(other.summary.id, second.id), (id, ClientSecretId(4711))] {
        let refused = refusal(end(app, secret).await);
        assert_eq!(refused, SecretEndRefused::NoSuchSecret);
    }
    let refused = refusal(end(NO_APP, second.id).await);
    assert_eq!(refused, SecretEndRefused::NoSuchApp(NoSuchApp));
    let none = world
        .store
        .create_app_secret(NO_APP, world.secret(), world.operator());
    let refused = refusal(none.await);
    assert_eq!(refused, SecretCreationRefused::NoSuchApp(NoSuchApp));
    assert_eq!(world.actions_since(before).await, words(&[]));
    // One that ended makes room, and ends once.
    end(id, second.id).await.unwrap();
    let refused = refusal(end(id, second.id).await);
    assert_eq!(refused, SecretEndRefused::NoSuchSecret);
    create().await.unwrap();
}

async fn the_later_use_of_a_secret_stays(world: World) {
    let owner = world.user("owner").await;
    let app = world.app(&owner, "app").await;
    let last = async || {
        let held = world.store.list_app_secrets(app.summary.id).await;
        held.unwrap().remove(0)
    };
    let secret = last().await;
    assert_eq!(secret.last_used_at, None);
    let (early, late) = (world.now(), {
        world.pass(std::time::Duration::from_mins(1));
        world.now()
    });
    for at in [late, early] {
        let used = SecretUse { id: secret.id, at };
        world.store.note_secret_uses(vec![used]).await.unwrap();
        assert_eq!(last().await.last_used_at, Some(late));
    }
}

async fn a_client_id_is_never_given_twice(world: World) {
    let owner = world.user("owner").await;
    let new = world.new_app(&owner, "app");
    let app = world
        .store
        .create_app(new.clone(), 100, world.operator())
        .await
        .unwrap();
    let again = || world.store.create_app(new.clone(), 100, world.operator());
    assert_eq!(refusal(again().await), AppCreationRefused::ClientIdTaken);
    world
        .store
        .delete_app(app.summary.id, world.operator())
        .await
        .unwrap();
    assert_eq!(refusal(again().await), AppCreationRefused::ClientIdTaken);
}

async fn a_user_owns_as_many_live_apps_as_the_limit_says(world: World) {
    let owner = world.user("owner").await;
    let make = |name| {
        world
            .store
            .create_app(world.new_app(&owner, name), 2, world.operator())
    };
    let first = make("one").await.unwrap();
    make("two").await.unwrap();
    assert_eq!(
        refusal(make("three").await),
        AppCreationRefused::TooManyApps
    );
    world
        .store
        .delete_app(first.summary.id, world.operator())
        .await
        .unwrap();
    make("three").await.unwrap();
}

async fn a_user_who_is_gone_gets_no_app(world: World) {
    let owner = world.user("owner").await;
    world
        .store
        .suspend_account(owner.id, world.operator())
        .await
        .unwrap();
    let make = || {
        world
            .store
            .create_app(world.new_app(&owner, "app"), 100, world.operator())
    };
    assert_eq!(refusal(make().await), AppCreationRefused::OwnerGone);
    world
        .store
        .delete_account(owner.id, world.operator())
        .await
        .unwrap();
    assert_eq!(refusal(make().await), AppCreationRefused::OwnerGone);
}

async fn a_change_of_an_app_leaves_the_rest_as_it_was(world: World) {
    let owner = world.user("owner").await;
    let made = world.app(&owner, "before").await;
    world.pass(std::time::Duration::from_mins(1));
    let change = AppChange {
        name: DisplayName::parse("after").ok(),
        callback_urls: Some(vec![url("https://new.example.com")]),
        ..AppChange::default()
    };
    let changed = world
        .store
        .change_app(made.summary.id, change, world.operator())
        .await
        .unwrap();
    assert_eq!(changed.summary.name.as_str(), "after");
    assert_eq!(changed.callback_urls, [url("https://new.example.com")]);
    assert_eq!(changed.summary.url, made.summary.url);
    assert_eq!(changed.device_flow, made.device_flow);
    assert_eq!(changed.updated_at, world.now());
    let urls = world.look_up("SELECT end_reason FROM callback_urls ORDER BY id");
    assert_eq!(urls, ["replaced", "null"]);
    let opened = AppChange {
        device_flow: Some(DeviceFlow::Enabled),
        ..AppChange::default()
    };
    let opened = world
        .store
        .change_app(made.summary.id, opened, world.operator())
        .await
        .unwrap();
    assert_eq!(opened.device_flow, DeviceFlow::Enabled);
    assert_eq!(opened.callback_urls, changed.callback_urls);
}

async fn a_deleted_app_takes_its_tokens_and_grants_along(world: World) {
    let (owner, user) = (world.user("owner").await, world.user("user").await);
    let new = world.new_app(&owner, "app");
    let app = world
        .store
        .create_app(new.clone(), 100, world.operator())
        .await
        .unwrap();
    let other = world.app(&owner, "other").await;
    for account in [&owner, &user] {
        world.make(world.for_app(account, &app, None, "repo")).await;
        world
            .make(world.for_app(account, &app, Some("laptop"), "repo"))
            .await;
    }
    let kept = world.make(world.for_app(&user, &other, None, "repo")).await;
    let events = world.events().await.len();

    let deleted = world
        .store
        .delete_app(app.summary.id, world.operator())
        .await
        .unwrap();

    assert_eq!(
        deleted,
        DeletedApp {
            tokens: 4,
            grants: 2
        }
    );
    assert_eq!(world.list(&user).await, [kept]);
    assert_eq!(world.list(&owner).await, []);
    let client = find_client(&world, &new.client_id, new.secret.digest).await;
    assert_eq!(client, None);
    assert_eq!(world.store.list_apps(None).await.unwrap(), [other]);
    assert_eq!(
        world.actions_since(events).await,
        words(&[
            Action::AppDeleted,
            Action::TokenEnded,
            Action::TokenEnded,
            Action::TokenEnded,
            Action::TokenEnded,
        ])
    );
}

async fn what_concerns_no_app_is_refused_and_leaves_no_event(world: World) {
    let by = || world.operator();
    let store = &world.store;
    assert_eq!(
        refusal(store.change_app(NO_APP, AppChange::default(), by()).await),
        NoSuchApp
    );
    assert_eq!(
        refusal(store.rotate_app_secret(NO_APP, world.secret(), by()).await),
        NoSuchApp
    );
    assert_eq!(refusal(store.delete_app(NO_APP, by()).await), NoSuchApp);
    assert_eq!(world.events().await, []);
}
