//! Accounts.

use counterfoil_domain::account::{
    AccountChange, EmailTaken, LoginTaken, NewAccount, NoSuchUser, ReleaseRefused, TwoFactor,
};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{CreationRefused, TokenLimits};
use counterfoil_domain::id::AccountId;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::text::DisplayName;
use counterfoil_store::{DeletedAccount, PasswordSet, RevokeTokens};

use crate::world::{World, email, login, new_account, password, refusal, set, verified, words};

const NOBODY: AccountId = AccountId(4711);

on_each_engine! {
    an_account_is_found_by_its_login_whatever_the_capitals_and_shown_as_made,
    a_login_that_differs_in_capitals_only_is_taken,
    an_email_address_that_differs_in_capitals_only_is_taken_and_nothing_is_made,
    accounts_are_listed_by_login,
    credentials_are_found_by_login_and_by_verified_email_address,
    a_change_of_name_keeps_the_credential_version_and_others_raise_it,
    a_new_primary_email_address_replaces_the_old_one_which_is_free_again,
    a_password_change_keeps_tokens_unless_asked_to_revoke_them,
    a_suspension_is_told_once_and_lifted_once,
    a_deleted_user_takes_tokens_grants_and_apps_along,
    a_deleted_user_is_found_no_more_and_the_login_stays_taken,
    a_released_login_may_be_given_again_under_a_new_id,
    what_concerns_nobody_is_refused_and_leaves_no_event,
    stored_time_does_not_run_backwards_with_the_clock,
}

async fn an_account_is_found_by_its_login_whatever_the_capitals_and_shown_as_made(world: World) {
    let made = world.user("Mona-Lisa").await;
    let found = world.store.find_account(&login("mona-LISA")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&made));
    assert_eq!(made.login.as_str(), "Mona-Lisa");
    assert_eq!(made.two_factor, TwoFactor::Off);
    assert_eq!(
        world.store.account_by_id(made.id).await.unwrap(),
        Some(made.clone())
    );
    assert_eq!(
        world.store.account_by_id(made.id).await.unwrap(),
        Some(made)
    );
    assert_eq!(world.events().await.len(), 1);
}

async fn a_login_that_differs_in_capitals_only_is_taken(world: World) {
    world.user("mona").await;
    let second = world
        .store
        .create_account(new_account("MONA"), world.operator())
        .await;
    assert_eq!(refusal(second), LoginTaken.into());
    assert_eq!(world.events().await.len(), 1);
}

async fn an_email_address_that_differs_in_capitals_only_is_taken_and_nothing_is_made(world: World) {
    let with_email = |name: &str, address: &str| NewAccount {
        email: Some(verified(address)),
        ..new_account(name)
    };
    let first = world
        .store
        .create_account(with_email("mona", "mona@example.com"), world.operator())
        .await;
    assert_eq!(first.unwrap().email, Some(email("mona@example.com")));
    let second = world
        .store
        .create_account(with_email("lisa", "MONA@example.com"), world.operator())
        .await;
    assert_eq!(refusal(second), EmailTaken.into());
    assert_eq!(
        world.store.find_account(&login("lisa")).await.unwrap(),
        None
    );
    assert_eq!(world.store.list_accounts().await.unwrap().len(), 1);
}

async fn accounts_are_listed_by_login(world: World) {
    for name in ["zoe", "Anna", "mona"] {
        world.user(name).await;
    }
    let listed = world.store.list_accounts().await.unwrap();
    let logins: Vec<_> = listed
        .iter()
        .map(|account| account.login.as_str())
        .collect();
    assert_eq!(logins, ["Anna", "mona", "zoe"]);
}

async fn credentials_are_found_by_login_and_by_verified_email_address(world: World) {
    let new = NewAccount {
        email: Some(verified("Mona@Example.com")),
        ..new_account("mona")
    };
    let made = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    for identifier in ["mona", "MONA", "mona@example.com", "MONA@EXAMPLE.COM"] {
        let found = world
            .store
            .find_credentials(identifier)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.account, made, "{identifier}");
        assert_eq!(found.password, Some(password("mona")));
    }
    for identifier in [
        "",
        "lisa",
        "mona ",
        "lisa@example.com",
        "not a login",
        "a\0b",
        "@",
    ] {
        assert!(
            world
                .store
                .find_credentials(identifier)
                .await
                .unwrap()
                .is_none(),
            "{identifier:?}"
        );
    }
}

async fn a_change_of_name_keeps_the_credential_version_and_others_raise_it(world: World) {
    let made = world.user("mona").await;
    let change = |change: AccountChange| {
        world
            .store
            .change_account(made.id, change, world.operator())
    };
    let named = AccountChange {
        name: DisplayName::parse("Mona Lisa").ok(),
        ..AccountChange::default()
    };
    let named = change(named).await.unwrap();
    assert_eq!(named.name.unwrap().as_str(), "Mona Lisa");
    assert_eq!(named.credential_version, made.credential_version);
    let administrator = AccountChange {
        standing: Some(Standing::SiteAdministrator),
        ..AccountChange::default()
    };
    let raised = change(administrator.clone()).await.unwrap();
    assert_eq!(raised.standing, Standing::SiteAdministrator);
    assert_eq!(raised.credential_version, made.credential_version + 1);
    let mailed = AccountChange {
        email: Some(verified("mona@example.com")),
        ..AccountChange::default()
    };
    let mailed = change(mailed).await.unwrap();
    assert_eq!(mailed.credential_version, made.credential_version + 2);
    // What is so already changes nothing and leaves no event.
    let events = world.events().await.len();
    assert_eq!(change(administrator).await.unwrap(), mailed);
    assert_eq!(world.events().await.len(), events);
}

async fn a_new_primary_email_address_replaces_the_old_one_which_is_free_again(world: World) {
    let made = world.user("mona").await;
    let mail = |address: &str| AccountChange {
        email: Some(verified(address)),
        ..AccountChange::default()
    };
    for address in ["old@example.com", "new@example.com", "NEW@example.com"] {
        let changed = world
            .store
            .change_account(made.id, mail(address), world.operator())
            .await
            .unwrap();
        assert_eq!(changed.email, Some(email(address)));
    }
    assert!(
        world
            .store
            .find_credentials("old@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let other = world.user("lisa").await;
    let taken = world
        .store
        .change_account(other.id, mail("new@example.com"), world.operator())
        .await;
    assert_eq!(refusal(taken), EmailTaken.into());
    world
        .store
        .change_account(other.id, mail("old@example.com"), world.operator())
        .await
        .unwrap();
    let ended = world.look_up("SELECT end_reason FROM emails WHERE ended_at IS NOT NULL");
    assert_eq!(ended, ["replaced", "replaced"]);
}

async fn a_password_change_keeps_tokens_unless_asked_to_revoke_them(world: World) {
    let user = world.user("mona").await;
    world.make(world.personal(&user, "one", "repo")).await;
    world.make(world.personal(&user, "two", "gist")).await;
    let kept = world
        .store
        .set_password(
            user.id,
            password("new"),
            RevokeTokens::Keep,
            world.operator(),
        )
        .await;
    assert_eq!(kept.unwrap(), PasswordSet { tokens_revoked: 0 });
    assert_eq!(world.list(&user).await.len(), 2);
    let revoked = world
        .store
        .set_password(
            user.id,
            password("newer"),
            RevokeTokens::Revoke,
            world.operator(),
        )
        .await;
    assert_eq!(revoked.unwrap(), PasswordSet { tokens_revoked: 2 });
    assert_eq!(world.list(&user).await, []);
    let found = world.store.find_credentials("mona").await.unwrap().unwrap();
    assert_eq!(found.password, Some(password("newer")));
    assert_eq!(
        found.account.credential_version,
        user.credential_version + 2
    );
    let reasons = world.look_up("SELECT DISTINCT end_reason FROM token_digests");
    assert_eq!(reasons, ["password_changed"]);
}

async fn a_suspension_is_told_once_and_lifted_once(world: World) {
    let user = world.user("mona").await;
    assert!(
        world
            .store
            .suspend_account(user.id, world.operator())
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .suspend_account(user.id, world.operator())
            .await
            .unwrap()
    );
    let suspended = world.store.account_by_id(user.id).await.unwrap().unwrap();
    assert!(suspended.is_suspended());
    assert!(suspended.credential_version > user.credential_version);
    let new = world.personal(&user, "one", "repo");
    let refused = world
        .store
        .create_authorization(new, TokenLimits::default(), world.operator())
        .await;
    assert_eq!(refusal(refused), CreationRefused::OwnerGone);
    assert!(
        world
            .store
            .unsuspend_account(user.id, world.operator())
            .await
            .unwrap()
    );
    assert!(
        !world
            .store
            .unsuspend_account(user.id, world.operator())
            .await
            .unwrap()
    );
    let lifted = world.store.account_by_id(user.id).await.unwrap().unwrap();
    assert!(!lifted.is_suspended());
    assert!(lifted.credential_version > suspended.credential_version);
    let told = [
        Action::UserCreated,
        Action::UserSuspended,
        Action::UserUnsuspended,
    ];
    assert_eq!(world.actions_since(0).await, words(&told));
}

async fn a_deleted_user_takes_tokens_grants_and_apps_along(world: World) {
    let (owner, other) = (world.user("owner").await, world.user("other").await);
    let own_app = world.app(&owner, "own").await;
    let other_app = world.app(&other, "other").await;
    world.make(world.personal(&owner, "personal", "repo")).await;
    world
        .make(world.for_app(&owner, &other_app, None, "repo"))
        .await;
    let of_own_app = world
        .make(world.for_app(&other, &own_app, None, "gist"))
        .await;
    let kept = world.make(world.personal(&other, "kept", "repo")).await;

    let deleted = world.store.delete_account(owner.id, world.operator()).await;

    let expected = DeletedAccount {
        tokens: 3,
        grants: 2,
        apps: 1,
    };
    assert_eq!(deleted.unwrap(), expected);
    assert_eq!(world.list(&other).await, [kept]);
    let digest = of_own_app.token.digest;
    assert!(
        world
            .store
            .find_by_digest(digest, world.now())
            .await
            .unwrap()
            .is_none()
    );
    let client_id = &own_app.summary.client_id;
    assert_eq!(world.store.find_app(client_id).await.unwrap(), None);
    assert_eq!(world.store.list_apps(None).await.unwrap(), [other_app]);
}

async fn a_deleted_user_is_found_no_more_and_the_login_stays_taken(world: World) {
    let new = NewAccount {
        email: Some(verified("mona@example.com")),
        ..new_account("mona")
    };
    let user = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    world
        .store
        .delete_account(user.id, world.operator())
        .await
        .unwrap();
    assert_eq!(world.store.account_by_id(user.id).await.unwrap(), None);
    assert_eq!(world.store.account_by_id(user.id).await.unwrap(), None);
    assert_eq!(world.store.find_account(&user.login).await.unwrap(), None);
    assert_eq!(world.store.list_accounts().await.unwrap(), []);
    for identifier in ["mona", "mona@example.com"] {
        let found = world.store.find_credentials(identifier).await.unwrap();
        assert!(found.is_none(), "{identifier}");
    }
    assert_eq!(world.look_up("SELECT password_phc FROM accounts"), ["null"]);
    let again = world
        .store
        .create_account(new_account("Mona"), world.operator())
        .await;
    assert_eq!(refusal(again), LoginTaken.into());
}

async fn a_released_login_may_be_given_again_under_a_new_id(world: World) {
    let first = world.user("mona").await;
    let release = || world.store.release_login(&first.login, world.operator());
    assert_eq!(refusal(release().await), ReleaseRefused::Live);
    world
        .store
        .delete_account(first.id, world.operator())
        .await
        .unwrap();
    release().await.unwrap();
    assert_eq!(refusal(release().await), ReleaseRefused::NotTaken);
    let second = world.user("mona").await;
    assert!(second.id > first.id);
    assert_eq!(refusal(release().await), ReleaseRefused::Live);
}

async fn what_concerns_nobody_is_refused_and_leaves_no_event(world: World) {
    let store = &world.store;
    let by = || world.operator();
    assert_eq!(store.account_by_id(NOBODY).await.unwrap(), None);
    assert_eq!(
        refusal(
            store
                .change_account(NOBODY, AccountChange::default(), by())
                .await
        ),
        NoSuchUser.into()
    );
    let set_password = store
        .set_password(NOBODY, password("new"), RevokeTokens::Keep, by())
        .await;
    assert_eq!(refusal(set_password), NoSuchUser);
    assert_eq!(
        refusal(store.suspend_account(NOBODY, by()).await),
        NoSuchUser
    );
    assert_eq!(
        refusal(store.unsuspend_account(NOBODY, by()).await),
        NoSuchUser
    );
    assert_eq!(
        refusal(store.delete_account(NOBODY, by()).await),
        NoSuchUser
    );
    assert_eq!(
        refusal(store.release_login(&login("nobody"), by()).await),
        ReleaseRefused::NotTaken
    );
    assert_eq!(world.events().await, []);
}

async fn stored_time_does_not_run_backwards_with_the_clock(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    let mut earlier = world.operator();
    earlier.at = earlier.at.minus(std::time::Duration::from_hours(1));
    world
        .store
        .suspend_account(user.id, earlier.clone())
        .await
        .unwrap();
    let after = world.store.account_by_id(user.id).await.unwrap().unwrap();
    assert_eq!(after.updated_at, user.updated_at);
    let changed = world
        .store
        .change_authorization(
            user.id,
            token.id,
            counterfoil_domain::authorization::AuthorizationChange {
                scopes: counterfoil_domain::authorization::ScopeChange::Replace(set("gist")),
                ..Default::default()
            },
            earlier,
        )
        .await
        .unwrap();
    assert_eq!(changed.updated_at, token.updated_at);
}
