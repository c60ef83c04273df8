//! What users see of their own tokens on pages, and what they do with them there.

use std::time::Duration;

use counterfoil_domain::account::{Account, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    Authorization, CreationRefused, DeletionRefused, EndedToken, NewAuthorization, NoSuchToken,
    OwnToken, OwnTokenCounts, Provenance, RegenerationRefused, TokenLimits, TooManyOnPages,
};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page;
use counterfoil_domain::scope::Standing;
use counterfoil_domain::timestamp::Timestamp;
use counterfoil_domain::token_life::TokenLife;
use counterfoil_store::{GotOrCreated, NewImpersonation, Regeneration, TokenUse};

use crate::world::{World, new_account, refusal, words};

on_each_engine! {
    a_user_sees_own_tokens_the_newest_first_a_page_at_a_time,
    a_token_of_an_administrator_is_shown_with_its_maker,
    a_token_is_shown_to_its_owner_alone_and_while_it_lives,
    an_ended_token_says_why_it_ended_and_which_administrator_did_it,
    a_token_of_an_app_is_listed_only_when_there_were_too_many,
    a_token_that_is_over_is_listed_as_ended_before_anybody_wrote_that_down,
    an_ended_token_is_listed_for_ninety_days,
    what_expires_within_a_week_is_counted_and_the_first_is_named,
    a_regenerated_token_keeps_its_record_and_the_old_one_ends,
    only_a_live_personal_token_of_the_user_is_regenerated,
    all_personal_tokens_end_together_if_they_are_as_many_as_the_user_was_told,
    a_user_makes_and_regenerates_so_many_tokens_on_pages_in_an_hour,
}

async fn live(world: &World, owner: &Account, page: Page) -> (OwnTokenCounts, Vec<OwnToken>) {
    let read = world.store.own_tokens(owner.id, page, world.now()).await;
    read.expect("they can be read")
}

async fn ended(world: &World, owner: &Account) -> (OwnTokenCounts, Vec<EndedToken>) {
    let page = Page::new(1, 100);
    let read = world.store.own_ended_tokens(owner.id, page, world.now());
    read.await.expect("they can be read")
}

fn ids(tokens: &[OwnToken]) -> Vec<AuthorizationId> {
    let ids = tokens.iter().map(|token| token.authorization.id);
    ids.collect()
}

/// What is said of each ended token: its last eight characters and its reason.
fn reasons(tokens: &[EndedToken]) -> Vec<(String, EndReason)> {
    let said = tokens.iter().map(|ended| {
        let last_eight = &ended.token.authorization.token.last_eight;
        (last_eight.clone(), ended.reason)
    });
    said.collect()
}

fn last_eight(token: &Authorization) -> String {
    token.token.last_eight.clone()
}

fn on_a_page(new: NewAuthorization) -> NewAuthorization {
    NewAuthorization {
        provenance: Provenance::Page,
        ..new
    }
}

async fn administrator(world: &World) -> Account {
    let new = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account("boss")
    };
    let made = world.store.create_account(new, world.operator()).await;
    made.expect("the login is free")
}

async fn impersonate(world: &World, owner: &Account, maker: &Account) -> Authorization {
    let new = NewImpersonation {
        owner: owner.id,
        maker: maker.id,
        scopes: None,
        expires_at: world.now().plus(Duration::from_hours(8)),
        token: world.secret(),
    };
    match world.store.impersonate(new, world.by(maker)).await {
        Ok(GotOrCreated::Created(made)) => made,
        other => panic!("{other:?}"),
    }
}

async fn delete(world: &World, owner: &Account, token: &Authorization) {
    let reason = EndReason::DeletedByOwner;
    let by = world.by(owner);
    let done = world
        .store
        .revoke_authorization(Some(owner.id), token.id, reason, by);
    done.await.expect("it is there");
}

async fn regenerate(
    world: &World,
    owner: &Account,
    id: AuthorizationId,
    expires_at: Option<Timestamp>,
) -> Result<Authorization, counterfoil_store::ChangeError<RegenerationRefused>> {
    let new = Regeneration {
        token: world.secret(),
        expires_at,
    };
    let limits = TokenLimits::default();
    let (whose, by) = ((owner.id, id), world.by(owner));
    world.store.regenerate_token(whose, new, limits, by).await
}

async fn a_user_sees_own_tokens_the_newest_first_a_page_at_a_time(world: World) {
    let mona = world.user("mona").await;
    let bert = world.user("bert").await;
    let app = world.app(&bert, "app").await;
    assert_eq!(
        live(&world, &mona, Page::new(1, 2)).await,
        (OwnTokenCounts::default(), Vec::new())
    );
    let mut made = Vec::new();
    for name in ["one", "two", "three"] {
        let new = on_a_page(world.personal(&mona, name, "repo"));
        made.push(world.make(new).await.id);
    }
    // Neither somebody else's nor an app's.
    world.make(world.personal(&bert, "one", "repo")).await;
    world.make(world.for_app(&mona, &app, None, "repo")).await;
    let used = TokenUse {
        id: made[2],
        at: world.now(),
        address: "192.0.2.7".parse().expect("an address"),
    };
    world.store.note_uses(vec![used]).await.unwrap();
    let (counts, first) = live(&world, &mona, Page::new(1, 2)).await;
    assert_eq!((counts.live, counts.personal, counts.ended), (3, 3, 0));
    assert_eq!(counts.last_used_at, Some(used.at));
    assert_eq!(ids(&first), [made[2], made[1]]);
    assert_eq!(first[0].provenance, Provenance::Page);
    assert_eq!(first[0].last_used_from, Some(used.address));
    assert_eq!(first[0].authorization.last_used_at, Some(used.at));
    assert_eq!(first[1].last_used_from, None);
    let (_, second) = live(&world, &mona, Page::new(2, 2)).await;
    assert_eq!(ids(&second), [made[0]]);
}

async fn a_token_of_an_administrator_is_shown_with_its_maker(world: World) {
    let (mona, boss) = (world.user("mona").await, administrator(&world).await);
    let made = impersonate(&world, &mona, &boss).await;
    let (counts, shown) = live(&world, &mona, Page::new(1, 30)).await;
    assert_eq!((counts.live, counts.personal), (1, 0));
    assert_eq!(ids(&shown), [made.id]);
    assert_eq!(shown[0].maker, Some(boss.login.clone()));
    assert!(!shown[0].is_the_owners());
    // It is on nobody's list of the maker.
    assert_eq!(live(&world, &boss, Page::new(1, 30)).await.1, []);
}

async fn a_token_is_shown_to_its_owner_alone_and_while_it_lives(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let made = world.make(world.personal(&mona, "one", "repo")).await;
    let (store, now) = (&world.store, world.now());
    let own = store.own_token(mona.id, made.id, now).await.unwrap();
    assert_eq!(own.expect("it is the user's").authorization, made);
    assert_eq!(store.own_token(bert.id, made.id, now).await.unwrap(), None);
    delete(&world, &mona, &made).await;
    assert_eq!(store.own_token(mona.id, made.id, now).await.unwrap(), None);
}

async fn an_ended_token_says_why_it_ended_and_which_administrator_did_it(world: World) {
    let (mona, boss) = (world.user("mona").await, administrator(&world).await);
    let mut made = Vec::new();
    for name in ["deleted", "by an administrator", "by an operator"] {
        made.push(world.make(world.personal(&mona, name, "repo")).await);
    }
    delete(&world, &mona, &made[0]).await;
    world.pass(Duration::from_secs(1));
    let by_boss = world
        .store
        .revoke_personal_token(made[1].id, world.by(&boss));
    by_boss.await.unwrap();
    world.pass(Duration::from_secs(1));
    let reason = EndReason::RevokedByOperator;
    let by_operator = world
        .store
        .revoke_authorization(None, made[2].id, reason, world.operator());
    by_operator.await.unwrap();
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.live, counts.ended), (0, 3));
    let expected = [
        (last_eight(&made[2]), EndReason::RevokedByOperator),
        (last_eight(&made[1]), EndReason::RevokedByAdministrator),
        (last_eight(&made[0]), EndReason::DeletedByOwner),
    ];
    assert_eq!(reasons(&over), expected);
    let by: Vec<_> = over.iter().map(|ended| ended.by.clone()).collect();
    assert_eq!(by, [None, Some(boss.login.clone()), None]);
    assert_eq!(over[0].ended_at, world.now());
    assert_eq!(over[1].token.authorization.note, made[1].note);
    // What is no longer in the trail is not told.
    world.run("DELETE FROM audit_events");
    assert_eq!(ended(&world, &mona).await.1[1].by, None);
}

async fn a_token_of_an_app_is_listed_only_when_there_were_too_many(world: World) {
    let mona = world.user("mona").await;
    let app = world.app(&mona, "app").await;
    let mut made = Vec::new();
    for _ in 0..11 {
        made.push(world.make(world.for_app(&mona, &app, None, "repo")).await);
    }
    delete(&world, &mona, &made[5]).await;
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!(counts.ended, 1);
    let expected = [(last_eight(&made[0]), EndReason::MaxForApp)];
    assert_eq!(reasons(&over), expected);
    let shown = over[0].token.authorization.kind.app();
    assert_eq!(shown.map(|shown| shown.id), Some(app.summary.id));
}

async fn a_token_that_is_over_is_listed_as_ended_before_anybody_wrote_that_down(world: World) {
    let life = TokenLife {
        idle: Some(Duration::from_hours(24)),
        ..TokenLife::default()
    };
    let fixed = world.now();
    world
        .store
        .judge_by(life, std::sync::Arc::new(move || fixed));
    let mona = world.user("mona").await;
    let in_an_hour = world.now().plus(Duration::from_hours(1));
    let expires = NewAuthorization {
        expires_at: Some(in_an_hour),
        ..world.personal(&mona, "expires", "repo")
    };
    let expires = world.make(expires).await;
    let idle = world.make(world.personal(&mona, "idle", "repo")).await;
    world.pass(Duration::from_hours(1));
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.live, counts.ended), (1, 1));
    assert_eq!(reasons(&over), [(last_eight(&expires), EndReason::Expired)]);
    assert_eq!(over[0].ended_at, in_an_hour);
    world.pass(Duration::from_hours(24));
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.live, counts.ended), (0, 2));
    let expected = [
        (last_eight(&idle), EndReason::Idle),
        (last_eight(&expires), EndReason::Expired),
    ];
    assert_eq!(reasons(&over), expected);
    assert_eq!(Some(over[0].ended_at), life.refused_from(idle.times()));
    // When it is written down, long after, it is still over since it expired.
    world.pass(Duration::from_hours(24));
    let done = world.store.end_expired(10, world.operator()).await;
    assert_eq!(done.unwrap(), 1);
    let (_, over) = ended(&world, &mona).await;
    let written = over.iter().find(|ended| ended.reason == EndReason::Expired);
    assert_eq!(written.map(|ended| ended.ended_at), Some(in_an_hour));
}

async fn an_ended_token_is_listed_for_ninety_days(world: World) {
    let mona = world.user("mona").await;
    let made = world.make(world.personal(&mona, "one", "repo")).await;
    let replaced = regenerate(&world, &mona, made.id, None).await.unwrap();
    delete(&world, &mona, &replaced).await;
    world.pass(Duration::from_hours(24 * 90 - 1));
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.ended, over.len()), (2, 2));
    world.pass(Duration::from_hours(1));
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.ended, over.len()), (0, 0));
}

async fn what_expires_within_a_week_is_counted_and_the_first_is_named(world: World) {
    let mona = world.user("mona").await;
    let day = |days: u64| Some(world.now().plus(Duration::from_hours(24 * days)));
    let mut made = Vec::new();
    for (name, expires_at) in [
        ("later", day(6)),
        ("first", day(2)),
        ("not yet", day(8)),
        ("never", None),
    ] {
        let new = NewAuthorization {
            expires_at,
            ..world.personal(&mona, name, "repo")
        };
        made.push(world.make(new).await);
    }
    let counts = world.store.count_own_tokens(mona.id, world.now()).await;
    let counts = counts.unwrap();
    assert_eq!((counts.live, counts.expiring), (4, 2));
    let first = counts.expires_first.expect("one expires soon");
    assert_eq!((first.id, Some(first.expires_at)), (made[1].id, day(2)));
    assert_eq!(Some(&first.note), made[1].note.as_ref());
}

async fn a_regenerated_token_keeps_its_record_and_the_old_one_ends(world: World) {
    let mona = world.user("mona").await;
    let made = world.make(world.personal(&mona, "one", "repo gist")).await;
    world.pass(Duration::from_mins(1));
    let events = world.events().await.len();
    let in_an_hour = Some(world.now().plus(Duration::from_hours(1)));
    let again = regenerate(&world, &mona, made.id, in_an_hour)
        .await
        .unwrap();
    let expected = Authorization {
        token: again.token.clone(),
        updated_at: world.now(),
        expires_at: in_an_hour,
        ..made.clone()
    };
    assert_eq!(again, expected);
    let found = async |token: &Authorization| {
        let found = world.store.find_token(token.token.digest, world.now());
        found.await.unwrap()
    };
    assert_eq!(found(&made).await, None);
    assert_eq!(found(&again).await, Some(again.clone()));
    let told = [Action::AuthorizationReset, Action::TokenEnded];
    assert_eq!(world.actions_since(events).await, words(&told));
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.live, counts.ended), (1, 1));
    assert_eq!(reasons(&over), [(last_eight(&made), EndReason::Reset)]);
    assert_eq!(over[0].ended_at, world.now());
}

async fn only_a_live_personal_token_of_the_user_is_regenerated(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let boss = administrator(&world).await;
    let app = world.app(&mona, "app").await;
    let personal = world.make(world.personal(&mona, "one", "repo")).await;
    let of_app = world.make(world.for_app(&mona, &app, None, "repo")).await;
    let made_for = impersonate(&world, &mona, &boss).await;
    let missing = RegenerationRefused::NotFound(NoSuchToken);
    for (owner, token) in [(&bert, &personal), (&mona, &of_app), (&mona, &made_for)] {
        let refused = regenerate(&world, owner, token.id, None).await;
        assert_eq!(refusal(refused), missing);
    }
    delete(&world, &mona, &personal).await;
    let refused = regenerate(&world, &mona, personal.id, None).await;
    assert_eq!(refusal(refused), missing);
}

async fn all_personal_tokens_end_together_if_they_are_as_many_as_the_user_was_told(world: World) {
    let (mona, boss) = (world.user("mona").await, administrator(&world).await);
    let bert = world.user("bert").await;
    let app = world.app(&mona, "app").await;
    for name in ["one", "two"] {
        world.make(world.personal(&mona, name, "repo")).await;
    }
    let expired = NewAuthorization {
        expires_at: Some(world.now().plus(Duration::from_hours(1))),
        ..world.personal(&mona, "expired", "repo")
    };
    world.make(expired).await;
    world.pass(Duration::from_hours(1));
    let others = [
        world.make(world.for_app(&mona, &app, None, "repo")).await,
        impersonate(&world, &mona, &boss).await,
        world.make(world.personal(&bert, "one", "repo")).await,
    ];
    let delete_all = |expected| {
        let by = world.by(&mona);
        world.store.delete_personal_tokens(mona.id, expected, by)
    };
    let before = world.events().await.len();
    let other = DeletionRefused::OtherNumber { live: 2 };
    assert_eq!(refusal(delete_all(3).await), other);
    assert_eq!(world.events().await.len(), before);
    assert_eq!(delete_all(2).await.unwrap(), 2);
    assert_eq!(delete_all(0).await.unwrap(), 0);
    for token in others {
        let found = world.store.find_token(token.token.digest, world.now());
        assert!(found.await.unwrap().is_some(), "{token:?}");
    }
    let (counts, over) = ended(&world, &mona).await;
    assert_eq!((counts.personal, counts.ended), (0, 3));
    let deleted = over
        .iter()
        .filter(|ended| ended.reason == EndReason::DeletedByOwner);
    assert_eq!(deleted.count(), 2);
}

async fn a_user_makes_and_regenerates_so_many_tokens_on_pages_in_an_hour(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let limits = TokenLimits {
        on_pages_per_hour: 3,
        ..TokenLimits::default()
    };
    let create = |new| {
        let by = world.operator();
        world.store.create_authorization(new, limits, by)
    };
    let page = |owner: &Account, name: &str| on_a_page(world.personal(owner, name, "repo"));
    let regenerate = |token: &Authorization| {
        let new = Regeneration {
            token: world.secret(),
            expires_at: None,
        };
        let whose = (mona.id, token.id);
        world
            .store
            .regenerate_token(whose, new, limits, world.by(&mona))
    };
    // What came by another way does not count, and one that ended does.
    let api = create(world.personal(&mona, "api", "repo")).await.unwrap();
    let one = create(page(&mona, "one")).await.unwrap();
    delete(&world, &mona, &one).await;
    let two = create(page(&mona, "two")).await.unwrap();
    regenerate(&api).await.unwrap();
    let full = TooManyOnPages { limit: 3 };
    assert_eq!(
        refusal(create(page(&mona, "three")).await),
        CreationRefused::TooManyOnPages(full)
    );
    assert_eq!(
        refusal(regenerate(&two).await),
        RegenerationRefused::TooManyOnPages(full)
    );
    // Nobody else is kept from anything, nor the user from other ways.
    create(page(&bert, "one")).await.unwrap();
    create(world.personal(&mona, "another", "repo"))
        .await
        .unwrap();
    world.pass(Duration::from_hours(1));
    create(page(&mona, "three")).await.unwrap();
}
