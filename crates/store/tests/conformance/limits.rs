//! Bounds on how many tokens there may be, and what expires.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    Authorization, CreationRefused, NewAuthorization, TokenLimits,
};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::page::Page;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_store::GotOrCreated;

use crate::world::{World, refusal, words};

fn expiring(new: NewAuthorization, at: Timestamp) -> NewAuthorization {
    NewAuthorization {
        expires_at: Some(at),
        ..new
    }
}

fn in_an_hour(world: &World) -> Timestamp {
    world.now().plus(Duration::from_hours(1))
}

async fn live_ids(world: &World, user: &Account) -> Vec<AuthorizationId> {
    let mut ids: Vec<_> = world
        .list(user)
        .await
        .iter()
        .map(|token| token.id)
        .collect();
    ids.sort_unstable();
    ids
}

on_each_engine! {
    an_eleventh_token_of_one_user_app_and_scope_set_ends_the_oldest,
    personal_tokens_with_one_scope_set_may_be_more_than_ten,
    one_token_more_than_a_user_may_have_is_refused_until_one_ends,
    the_hourly_bound_counts_tokens_that_ended_too,
    an_expired_token_is_neither_found_nor_listed_from_its_very_moment,
    an_expired_token_in_the_way_ends_in_the_same_transaction,
    what_had_expired_ends_as_expired_and_is_not_counted_as_revoked,
    a_token_that_expired_before_it_was_made_is_made_and_never_lives,
}

async fn an_eleventh_token_of_one_user_app_and_scope_set_ends_the_oldest(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let mut made: Vec<Authorization> = Vec::new();
    for number in 0..10 {
        // The order of scopes and the fingerprint make no other set.
        let scopes = if number % 2 == 0 {
            "repo gist"
        } else {
            "gist repo"
        };
        let fingerprint = (number % 3 == 0).then(|| number.to_string());
        made.push(
            world
                .make(world.for_app(&user, &app, fingerprint.as_deref(), scopes))
                .await,
        );
    }
    let others = [
        world.make(world.for_app(&user, &app, None, "repo")).await,
        world.make(world.personal(&user, "one", "repo gist")).await,
    ];
    let eleventh = world
        .make(world.for_app(&user, &app, None, "repo gist"))
        .await;
    let mut expected: Vec<_> = made[1..]
        .iter()
        .chain(&others)
        .map(|token| token.id)
        .collect();
    expected.push(eleventh.id);
    assert_eq!(live_ids(&world, &user).await, expected);
    let oldest = format!(
        "SELECT end_reason FROM authorizations WHERE id = {}",
        made[0].id
    );
    assert_eq!(world.look_up(&oldest), ["max_for_app"]);
    assert!(
        world
            .store
            .find_by_digest(made[0].token.digest, world.now())
            .await
            .unwrap()
            .is_none()
    );
}

async fn personal_tokens_with_one_scope_set_may_be_more_than_ten(world: World) {
    let user = world.user("mona").await;
    for number in 0..12 {
        world
            .make(world.personal(&user, &number.to_string(), "repo"))
            .await;
    }
    assert_eq!(world.list(&user).await.len(), 12);
}

async fn one_token_more_than_a_user_may_have_is_refused_until_one_ends(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits {
        live_per_user: 3,
        ..TokenLimits::default()
    };
    let create = |new| {
        world
            .store
            .create_authorization(new, limits, world.operator())
    };
    create(world.personal(&user, "one", "repo")).await.unwrap();
    create(expiring(
        world.personal(&user, "two", "repo"),
        in_an_hour(&world),
    ))
    .await
    .unwrap();
    create(world.for_app(&user, &app, None, "repo"))
        .await
        .unwrap();
    let full = CreationRefused::TooManyTokens { limit: 3 };
    assert_eq!(
        refusal(create(world.personal(&user, "three", "repo")).await),
        full
    );
    assert_eq!(
        refusal(create(world.for_app(&user, &app, None, "gist")).await),
        full
    );
    world.pass(Duration::from_hours(2));
    create(world.personal(&user, "three", "repo"))
        .await
        .unwrap();
}

async fn the_hourly_bound_counts_tokens_that_ended_too(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let limits = TokenLimits {
        live_per_scope_set: 1,
        per_hour: 2,
        ..TokenLimits::default()
    };
    let create = |scopes| {
        let new = world.for_app(&user, &app, None, scopes);
        world
            .store
            .create_authorization(new, limits, world.operator())
    };
    create("repo").await.unwrap();
    create("repo").await.unwrap();
    assert_eq!(world.list(&user).await.len(), 1);
    let full = CreationRefused::TooManyThisHour { limit: 2 };
    assert_eq!(refusal(create("repo").await), full);
    assert_eq!(world.list(&user).await.len(), 1);
    create("gist").await.unwrap();
    world.pass(Duration::from_hours(1));
    create("repo").await.unwrap();
}

async fn an_expired_token_is_neither_found_nor_listed_from_its_very_moment(world: World) {
    let user = world.user("mona").await;
    let token = world
        .make(expiring(
            world.personal(&user, "one", "repo"),
            in_an_hour(&world),
        ))
        .await;
    world.pass(Duration::from_mins(59));
    assert_eq!(world.list(&user).await, std::slice::from_ref(&token));
    world.pass(Duration::from_mins(1));
    assert_eq!(world.list(&user).await, []);
    assert!(
        world
            .store
            .find_by_digest(token.token.digest, world.now())
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(
        world
            .store
            .find_authorization(user.id, token.id, world.now())
            .await
            .unwrap(),
        None
    );
    assert!(
        world
            .store
            .tokens_after(None, AuthorizationId(0), 10, world.now())
            .await
            .unwrap()
            .is_empty()
    );
    let page = world
        .store
        .list_authorizations(user.id, None, Page::new(1, 10), world.now())
        .await
        .unwrap();
    assert_eq!(page.total, 0);
}

async fn an_expired_token_in_the_way_ends_in_the_same_transaction(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let old = [
        world
            .make(expiring(
                world.personal(&user, "note", "repo"),
                in_an_hour(&world),
            ))
            .await,
        world
            .make(expiring(
                world.for_app(&user, &app, Some("x"), "repo"),
                in_an_hour(&world),
            ))
            .await,
    ];
    world.pass(Duration::from_hours(2));
    let events = world.events().await.len();
    let personal = world.make(world.personal(&user, "note", "repo")).await;
    let put = world.surely_for_app(&user, &app, Some("x"), "repo");
    let put = world
        .store
        .get_or_create_authorization(put, TokenLimits::default(), world.operator())
        .await;
    let Ok(GotOrCreated::Created(put)) = put else {
        panic!("the expired one must not fit")
    };
    assert_eq!(live_ids(&world, &user).await, [personal.id, put.id]);
    for token in old {
        let asked = format!(
            "SELECT end_reason FROM authorizations WHERE id = {}",
            token.id
        );
        assert_eq!(world.look_up(&asked), ["expired"]);
    }
    let told = [
        Action::AuthorizationCreated,
        Action::TokenEnded,
        Action::TokenEnded,
        Action::AuthorizationCreated,
    ];
    assert_eq!(world.actions_since(events).await, words(&told));
}

async fn what_had_expired_ends_as_expired_and_is_not_counted_as_revoked(world: World) {
    let user = world.user("mona").await;
    let expired = world
        .make(expiring(
            world.personal(&user, "one", "repo"),
            in_an_hour(&world),
        ))
        .await;
    world.make(world.personal(&user, "two", "repo")).await;
    world.pass(Duration::from_hours(2));
    let deleted = world
        .store
        .delete_account(user.id, world.operator())
        .await
        .unwrap();
    assert_eq!(deleted.tokens, 1);
    let asked = format!(
        "SELECT end_reason FROM authorizations WHERE id = {}",
        expired.id
    );
    assert_eq!(world.look_up(&asked), ["expired"]);
}

async fn a_token_that_expired_before_it_was_made_is_made_and_never_lives(world: World) {
    let user = world.user("mona").await;
    let past = world.now().minus(Duration::from_hours(1));
    let token = world
        .make(expiring(world.personal(&user, "one", "repo"), past))
        .await;
    assert_eq!(token.expires_at, Some(past));
    assert_eq!(world.list(&user).await, []);
}
