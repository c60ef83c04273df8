//! Grants.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::App;
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    AuthorizationChange, NewAuthorization, OwnToken, ScopeChange, TokenLimits,
};
use counterfoil_domain::grant::{AppAccess, Grant, GrantRefused};
use counterfoil_domain::id::GrantId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::{ClientProof, Lapsed};

use counterfoil_store::{RevokeTokens, TokenUse};

use crate::world::{World, lapse, password, refusal, set, words};

async fn grants(world: &World, user: &Account) -> Vec<Grant> {
    let page = Page::new(1, 100);
    world
        .store
        .list_grants(user.id, None, page, world.now())
        .await
        .expect("the call succeeds")
        .items
}

async fn scopes(world: &World, user: &Account) -> String {
    let grants = grants(world, user).await;
    assert_eq!(grants.len(), 1);
    grants[0].scopes.to_string()
}

on_each_engine! {
    a_grant_is_the_union_over_an_apps_live_tokens,
    a_grant_without_tokens_shows_what_was_last_granted,
    an_expired_token_no_longer_adds_to_its_grant,
    a_grants_time_moves_when_a_token_comes_on_or_its_scopes_change,
    personal_tokens_have_no_grant,
    a_deleted_grant_takes_the_users_tokens_of_the_app_along_and_no_others,
    anothers_grant_is_not_found_except_by_the_operator,
    grants_are_listed_by_id_in_pages_and_by_client_id,
    an_apps_access_is_told_with_its_owner_tokens_and_last_use,
    a_token_that_is_over_is_no_access_and_its_last_use_is_still_known,
    no_grant_is_revoked_by_a_password_that_changed_while_its_request_was_under_way,
    no_token_is_made_by_a_client_secret_that_was_rotated_while_its_request_was_under_way,
}

async fn a_grant_is_the_union_over_an_apps_live_tokens(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let first = world
        .make(world.for_app(&user, &app, None, "gist public_repo"))
        .await;
    world
        .make(world.for_app(&user, &app, None, "user repo"))
        .await;
    assert_eq!(scopes(&world, &user).await, "gist user repo");
    let change = AuthorizationChange {
        scopes: ScopeChange::Replace(set("notifications")),
        ..AuthorizationChange::default()
    };
    world
        .store
        .change_authorization(user.id, first.id, change, world.by(&user))
        .await
        .unwrap();
    assert_eq!(scopes(&world, &user).await, "notifications user repo");
}

async fn a_grant_without_tokens_shows_what_was_last_granted(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let tokens = [
        world.make(world.for_app(&user, &app, None, "repo")).await,
        world.make(world.for_app(&user, &app, None, "gist")).await,
    ];
    for (token, after) in tokens.iter().zip(["gist", "gist"]) {
        world
            .store
            .revoke_authorization(
                Some(user.id),
                token.id,
                EndReason::DeletedByOwner,
                world.by(&user),
            )
            .await
            .unwrap();
        assert_eq!(scopes(&world, &user).await, after);
    }
    // The next token comes under the same grant.
    let id = grants(&world, &user).await[0].id;
    world.make(world.for_app(&user, &app, None, "user")).await;
    assert_eq!(grants(&world, &user).await[0].id, id);
    assert_eq!(scopes(&world, &user).await, "user");
}

async fn an_expired_token_no_longer_adds_to_its_grant(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let expiring = NewAuthorization {
        expires_at: Some(world.now().plus(Duration::from_hours(1))),
        ..world.for_app(&user, &app, None, "repo")
    };
    world.make(expiring).await;
    world.make(world.for_app(&user, &app, None, "gist")).await;
    assert_eq!(scopes(&world, &user).await, "repo gist");
    world.pass(Duration::from_hours(1));
    assert_eq!(scopes(&world, &user).await, "gist");
}

async fn a_grants_time_moves_when_a_token_comes_on_or_its_scopes_change(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let first = world.make(world.for_app(&user, &app, None, "repo")).await;
    let made = grants(&world, &user).await.remove(0);
    assert_eq!(
        (made.created_at, made.updated_at),
        (world.now(), world.now())
    );
    world.pass(Duration::from_mins(1));
    world.make(world.for_app(&user, &app, None, "repo")).await;
    let touched = grants(&world, &user).await.remove(0);
    assert_eq!(
        (touched.created_at, touched.updated_at),
        (made.created_at, world.now())
    );
    world.pass(Duration::from_mins(1));
    world
        .store
        .revoke_authorization(None, first.id, EndReason::DeletedByOwner, world.operator())
        .await
        .unwrap();
    assert_eq!(grants(&world, &user).await, [touched]);
}

async fn personal_tokens_have_no_grant(world: World) {
    let user = world.user("mona").await;
    world.make(world.personal(&user, "one", "repo")).await;
    assert_eq!(grants(&world, &user).await, []);
}

async fn a_deleted_grant_takes_the_users_tokens_of_the_app_along_and_no_others(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let (app, other) = (
        world.app(&mona, "app").await,
        world.app(&mona, "other").await,
    );
    for _ in 0..3 {
        world.make(world.for_app(&mona, &app, None, "repo")).await;
    }
    let kept = [
        world.make(world.personal(&mona, "one", "repo")).await,
        world.make(world.for_app(&mona, &other, None, "repo")).await,
    ];
    let of_lisa = world.make(world.for_app(&lisa, &app, None, "repo")).await;
    let grant = grants(&world, &mona).await.remove(0);
    let events = world.events().await.len();

    let revoked = world
        .store
        .revoke_grant(Some(mona.id), grant.id, world.by(&mona))
        .await
        .unwrap();

    assert_eq!(revoked, 3);
    assert_eq!(world.list(&mona).await, kept);
    assert_eq!(world.list(&lisa).await, [of_lisa]);
    assert_eq!(grants(&world, &mona).await.len(), 1);
    assert_eq!(
        world.actions_since(events).await,
        words(&[
            Action::GrantRevoked,
            Action::TokenEnded,
            Action::TokenEnded,
            Action::TokenEnded,
        ])
    );
    let again = world
        .store
        .revoke_grant(Some(mona.id), grant.id, world.by(&mona))
        .await;
    assert_eq!(refusal(again), GrantRefused::NotFound);
    world.make(world.for_app(&mona, &app, None, "repo")).await;
    let renewed = grants(&world, &mona).await;
    assert!(
        renewed
            .iter()
            .any(|new| new.app == grant.app && new.id > grant.id)
    );
}

async fn anothers_grant_is_not_found_except_by_the_operator(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let app = world.app(&mona, "app").await;
    world.make(world.for_app(&mona, &app, None, "repo")).await;
    let grant = grants(&world, &mona).await.remove(0);
    let find = |owner: &Account, id| world.store.find_grant(Some(owner.id), id, world.now());
    assert_eq!(find(&mona, grant.id).await.unwrap(), Some(grant.clone()));
    assert_eq!(find(&lisa, grant.id).await.unwrap(), None);
    assert_eq!(find(&mona, GrantId(4711)).await.unwrap(), None);
    let revoked = world
        .store
        .revoke_grant(Some(lisa.id), grant.id, world.by(&lisa))
        .await;
    assert_eq!(refusal(revoked), GrantRefused::NotFound);
    assert_eq!(
        world
            .store
            .revoke_grant(None, grant.id, world.operator())
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        world.look_up("SELECT end_reason FROM grants"),
        ["revoked_by_operator"]
    );
}

async fn grants_are_listed_by_id_in_pages_and_by_client_id(world: World) {
    let user = world.user("mona").await;
    let mut apps = Vec::new();
    for number in 0..5 {
        let app = world.app(&user, &number.to_string()).await;
        world.make(world.for_app(&user, &app, None, "repo")).await;
        apps.push(app);
    }
    let list = |client_id: Option<String>, page| {
        world
            .store
            .list_grants(user.id, client_id, page, world.now())
    };
    let mut seen = Vec::new();
    for number in 1..=3 {
        let paged = list(None, Page::new(number, 2)).await.unwrap();
        assert_eq!(paged.total, 5);
        seen.extend(paged.items.into_iter().map(|grant| grant.app));
    }
    assert!(seen.iter().eq(apps.iter().map(|app| &app.summary)));
    let one = list(
        Some(apps[3].summary.client_id.as_str().to_owned()),
        Page::new(1, 30),
    )
    .await
    .unwrap();
    assert_eq!((one.total, &one.items[0].app), (1, &apps[3].summary));
    let none = list(Some("unknown".to_owned()), Page::new(1, 30))
        .await
        .unwrap();
    assert_eq!((none.total, none.items), (0, Vec::new()));
}

async fn no_grant_is_revoked_by_a_password_that_changed_while_its_request_was_under_way(
    world: World,
) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    world.make(world.for_app(&user, &app, None, "repo")).await;
    let grant = grants(&world, &user).await.remove(0);
    let proven = world.by(&user);
    let changed = world.store.set_password(
        user.id,
        password("another good password"),
        RevokeTokens::Keep,
        world.operator(),
    );
    changed.await.expect("the password changes");
    let revoked = world
        .store
        .revoke_grant(Some(user.id), grant.id, proven)
        .await;
    assert_eq!(lapse(revoked), Lapsed::Account);
    assert_eq!(grants(&world, &user).await.len(), 1);
}

async fn no_token_is_made_by_a_client_secret_that_was_rotated_while_its_request_was_under_way(
    world: World,
) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let old = world.secret();
    let rotate = |secret| {
        world
            .store
            .rotate_app_secret(app.summary.id, secret, world.operator())
    };
    rotate(old.clone()).await.expect("the secret changes");
    let client = ClientProof {
        app: app.summary.id,
        secret: old.digest,
    };
    let spoken_for = || {
        let new = world.for_app(&user, &app, None, "repo");
        let by = world.by_user_and_app(&user, client);
        world
            .store
            .create_authorization(new, TokenLimits::default(), by)
    };
    spoken_for().await.expect("the secret is the app's");
    rotate(world.secret()).await.expect("the secret changes");
    assert_eq!(lapse(spoken_for().await), Lapsed::Client);
}

async fn access(world: &World, user: &Account, app: &App) -> (AppAccess, Vec<OwnToken>) {
    let (page, client_id) = (Page::new(1, 100), &app.summary.client_id);
    let read = world
        .store
        .app_access(user.id, client_id, page, world.now());
    read.await
        .expect("it can be read")
        .expect("there is access")
}

async fn an_apps_access_is_told_with_its_owner_tokens_and_last_use(world: World) {
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let app = world.app(&hubot, "app").await;
    let other = world.app(&hubot, "other").await;
    let first = world.make(world.for_app(&mona, &app, None, "gist")).await;
    let second = world.make(world.for_app(&mona, &app, None, "repo")).await;
    world.make(world.for_app(&mona, &other, None, "")).await;
    world.make(world.for_app(&hubot, &app, None, "user")).await;
    let (before, tokens) = access(&world, &mona, &app).await;
    assert_eq!(before.app_owner, hubot.login);
    assert_eq!((before.tokens, before.last_used_at), (2, None));
    let ids = tokens.iter().map(|token| token.authorization.id);
    assert_eq!(ids.collect::<Vec<_>>(), [second.id, first.id]);
    // What was used last comes first, and the last use of any token counts.
    for (id, address) in [(second.id, "192.0.2.1"), (first.id, "192.0.2.2")] {
        world.pass(Duration::from_mins(1));
        let address = address.parse().expect("an address");
        let used = TokenUse {
            id,
            at: world.now(),
            address,
        };
        world
            .store
            .note_uses(vec![used])
            .await
            .expect("it is noted");
    }
    let page = Page::new(1, 100);
    let read = world.store.apps_with_access(mona.id, page, world.now());
    let listed = read.await.expect("they can be read");
    let names = listed
        .items
        .iter()
        .map(|access| access.grant.app.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["app", "other"]);
    assert_eq!(listed.total, 2);
    let used = (listed.items[0].last_used_at, listed.items[0].last_used_from);
    let expected = "192.0.2.2".parse().expect("an address");
    assert_eq!(used, (Some(world.now()), Some(expected)));
}

async fn a_token_that_is_over_is_no_access_and_its_last_use_is_still_known(world: World) {
    let (mona, hubot) = (world.user("mona").await, world.user("hubot").await);
    let app = world.app(&hubot, "app").await;
    let other = world.app(&hubot, "other").await;
    let first = world.make(world.for_app(&mona, &app, None, "gist")).await;
    let second = world.make(world.for_app(&mona, &app, None, "repo")).await;
    world.make(world.for_app(&mona, &other, None, "")).await;
    let address = "192.0.2.2".parse().expect("an address");
    let (id, at) = (first.id, world.now());
    let used = TokenUse { id, at, address };
    let noted = world.store.note_uses(vec![used]).await;
    noted.expect("it is noted");
    let reason = EndReason::DeletedByOwner;
    let ended = world
        .store
        .revoke_authorization(Some(mona.id), id, reason, world.by(&mona));
    ended.await.expect("it ends");
    let client_id = &app.summary.client_id;
    let (after, tokens) = access(&world, &mona, &app).await;
    assert_eq!((after.tokens, tokens.len()), (1, 1));
    let told = (after.last_used_at, after.last_used_from);
    assert_eq!(told, (Some(at), None));
    let find = async |owner: &Account, client_id, id| {
        let found = world
            .store
            .token_given(owner.id, client_id, id, world.now());
        found.await.expect("it can be read").is_some()
    };
    assert!(find(&mona, client_id, second.id).await);
    assert!(!find(&mona, client_id, first.id).await);
    assert!(!find(&hubot, client_id, second.id).await);
    assert!(!find(&mona, &other.summary.client_id, second.id).await);
}
