//! Whose apps are: another owner, and those of organizations.

use counterfoil_domain::account::Account;
use counterfoil_domain::app::{
    AppChange, AppCreationRefused, AppLimits, NewApp, NoSuchApp, RegistrationRefused,
    SecretCreationRefused, SecretEndRefused, TransferRefused,
};
use counterfoil_domain::audit::Action;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::organization::Role;
use counterfoil_store::{ActingFor, ReachedApp, Transfer};

use crate::organizations::{join, organization};
use crate::world::{World, refusal, words};

on_each_engine! {
    an_app_goes_to_another_owner_who_may_have_one_more,
    an_app_of_an_organization_is_changed_by_who_owns_that_at_that_moment,
    apps_of_an_hour_are_counted_by_who_registered_them_whoever_has_them_by_then,
}

async fn an_app_goes_to_another_owner_who_may_have_one_more(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let app = world.app(&mona, "app").await;
    world.app(&bert, "own").await;
    let store = &world.store;
    let give = |from: AccountId, to: AccountId, per_user_limit: u32| {
        let transfer = Transfer {
            from,
            to,
            per_user_limit,
        };
        store.transfer_app(app.summary.id, transfer, world.operator())
    };
    let events = world.events().await.len();
    for (from, to, limit, reason) in [
        (
            mona.id,
            AccountId(4711),
            100,
            TransferRefused::RecipientGone,
        ),
        (bert.id, mona.id, 100, TransferRefused::OwnerChanged),
        (mona.id, bert.id, 1, TransferRefused::TooManyApps),
    ] {
        assert_eq!(refusal(give(from, to, limit).await), reason);
    }
    assert_eq!(give(mona.id, mona.id, 100).await.unwrap(), app);
    assert_eq!(world.events().await.len(), events);

    let given = give(mona.id, bert.id, 2).await.unwrap();
    assert_eq!(given.owner, bert.id);
    assert_eq!(given.callback_urls, app.callback_urls);
    assert_eq!(store.list_apps(Some(mona.id)).await.unwrap(), []);
    let told = words(&[Action::AppTransferred]);
    assert_eq!(world.actions_since(events).await, told);
    let suspended = store.suspend_account(mona.id, world.operator()).await;
    assert!(suspended.unwrap());
    let refused = refusal(give(bert.id, mona.id, 100).await);
    assert_eq!(refused, TransferRefused::RecipientGone);
}

async fn an_app_of_an_organization_is_changed_by_who_owns_that_at_that_moment(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let acme = organization(&world, "acme").await;
    join(&world, &acme, &mona, Role::Admin).await;
    join(&world, &acme, &bert, Role::Member).await;
    let (store, by) = (&world.store, || world.operator());
    let new = NewApp {
        owner: acme.id,
        ..world.new_app(&mona, "app")
    };
    let register =
        |user: &Account| store.register_app(new.clone(), user.id, AppLimits::default(), by());
    let refused = refusal(register(&bert).await);
    let gone = RegistrationRefused::from(AppCreationRefused::OwnerGone);
    assert_eq!(refused, gone);
    let app = register(&mona).await.unwrap();
    assert_eq!(app.owner, acme.id);
    let as_reached_by = |user: &Account| ReachedApp {
        id: app.summary.id,
        acting: Some(ActingFor {
            owner: acme.id,
            user: user.id,
        }),
    };
    let change = |user: &Account| store.change_app(as_reached_by(user), AppChange::default(), by());
    change(&mona).await.unwrap();
    let listed = store.own_apps(mona.id).await.unwrap();
    assert_eq!(listed[0].organization.as_ref(), Some(&acme.login));
    // Who was an owner when the page was shown, and is none any more.
    join(&world, &acme, &mona, Role::Member).await;
    let secret = store.list_app_secrets(app.summary.id).await.unwrap()[0].id;
    let transfer = Transfer {
        from: acme.id,
        to: bert.id,
        per_user_limit: 100,
    };
    let events = world.events().await.len();
    for user in [&mona, &bert] {
        let reached = as_reached_by(user);
        assert_eq!(refusal(change(user).await), NoSuchApp);
        let made = store.create_app_secret(reached, world.secret(), by());
        assert_eq!(refusal(made.await), SecretCreationRefused::from(NoSuchApp));
        let ended = store.end_app_secret(reached, secret, by());
        assert_eq!(refusal(ended.await), SecretEndRefused::from(NoSuchApp));
        let revoked = store.revoke_all_of_app(reached, by());
        assert_eq!(refusal(revoked.await), NoSuchApp);
        let given = store.transfer_app(reached, transfer, by());
        assert_eq!(refusal(given.await), TransferRefused::from(NoSuchApp));
        assert_eq!(refusal(store.delete_app(reached, by()).await), NoSuchApp);
    }
    assert_eq!(world.events().await.len(), events);
    assert_eq!(store.own_apps(mona.id).await.unwrap(), []);
    // An organization that ends takes its apps along.
    let deleted = store.delete_organization(acme.id, by()).await.unwrap();
    assert_eq!(deleted.apps, 1);
    assert_eq!(store.list_apps(None).await.unwrap(), []);
}

async fn apps_of_an_hour_are_counted_by_who_registered_them_whoever_has_them_by_then(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let acme = organization(&world, "acme").await;
    for owner in [&mona, &bert] {
        join(&world, &acme, owner, Role::Admin).await;
    }
    let limits = AppLimits {
        on_pages_per_hour: 2,
        ..AppLimits::default()
    };
    let register = async |user: &Account, owner: AccountId| {
        let new = NewApp {
            owner,
            ..world.new_app(user, "app")
        };
        let by = world.operator();
        world.store.register_app(new, user.id, limits, by).await
    };
    let given = register(&mona, mona.id).await.unwrap();
    let transfer = Transfer {
        from: mona.id,
        to: acme.id,
        per_user_limit: 100,
    };
    let given = world
        .store
        .transfer_app(given.summary.id, transfer, world.operator());
    given.await.unwrap();
    let gone = register(&mona, acme.id).await.unwrap();
    let deleted = world.store.delete_app(gone.summary.id, world.operator());
    deleted.await.unwrap();
    let too_many = RegistrationRefused::TooManyOnPages { limit: 2 };
    for owner in [mona.id, acme.id] {
        assert_eq!(refusal(register(&mona, owner).await), too_many);
    }
    // What an operator made counts for nobody, and another owner has an hour of their own.
    world.app(&bert, "made otherwise").await;
    for owner in [acme.id, bert.id] {
        register(&bert, owner).await.unwrap();
    }
    assert_eq!(refusal(register(&bert, acme.id).await), too_many);
    world.pass(std::time::Duration::from_hours(1));
    register(&mona, mona.id).await.unwrap();
}
