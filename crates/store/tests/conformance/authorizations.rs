//! Making, finding and listing tokens.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::app::ClientId;
use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    AuthorizationChange, CreationRefused, Kind, NameTaken, NewAuthorization, NoSuchToken,
    Provenance, ScopeChange, TokenLimits,
};
use counterfoil_domain::id::AuthorizationId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::page::Page;
use counterfoil_domain::principal::Lapsed;
use counterfoil_domain::text::Note;
use counterfoil_store::{GotOrCreated, ImportRefused, RevokeTokens};

use crate::world::{World, lapse, password, refusal, set, words};

async fn create(world: &World, new: NewAuthorization) -> CreationRefused {
    let limits = TokenLimits::default();
    refusal(
        world
            .store
            .create_authorization(new, limits, world.operator())
            .await,
    )
}

async fn pages(
    world: &World,
    owner: &Account,
    client_id: Option<&str>,
    size: u32,
) -> Vec<Vec<i64>> {
    let mut pages = Vec::new();
    for number in 1.. {
        let client_id = client_id.map(str::to_owned);
        let page = Page::new(number, size);
        let listed = world
            .store
            .list_authorizations(owner.id, client_id, page, world.now())
            .await
            .expect("the call succeeds");
        let ids: Vec<_> = listed.items.iter().map(|item| item.id.0).collect();
        assert!(u64::from(number) > page.count_for(listed.total) || !ids.is_empty());
        if ids.is_empty() {
            break;
        }
        pages.push(ids);
    }
    pages
}

on_each_engine! {
    a_token_is_found_by_its_digest_with_whose_it_is,
    a_digest_that_shares_its_head_with_another_is_told_apart,
    anothers_token_is_not_found,
    a_list_shows_personal_tokens_first_then_by_app_fingerprint_and_id,
    a_page_beyond_the_end_is_empty_and_still_says_how_many_there_are,
    a_note_is_taken_by_a_live_personal_token_of_the_same_user_only,
    a_fingerprint_is_taken_by_a_live_token_of_the_same_user_and_app_only,
    a_known_token_is_refused_even_after_it_ended,
    an_app_that_was_deleted_gets_no_token,
    get_or_create_gives_the_oldest_that_fits_and_changes_nothing,
    operators_walk_through_all_live_tokens_in_order_of_id,
    the_provenance_of_each_way_is_kept,
    nothing_comes_of_a_password_that_changed_while_its_request_was_under_way,
}

async fn a_token_is_found_by_its_digest_with_whose_it_is(world: World) {
    let user = world.user("mona").await;
    let made = world
        .make(world.personal(&user, "laptop", "repo user gist"))
        .await;
    let found = world
        .store
        .find_by_digest(made.token.digest, world.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.authorization, made);
    assert_eq!(found.account, user);
    assert_eq!(made.scopes.to_string(), "repo user gist");
    assert_eq!(made.kind, Kind::Personal);
    let unknown = world.secret().digest;
    assert!(
        world
            .store
            .find_by_digest(unknown, world.now())
            .await
            .unwrap()
            .is_none()
    );
}

async fn a_digest_that_shares_its_head_with_another_is_told_apart(world: World) {
    let user = world.user("mona").await;
    let mut new = [
        world.personal(&user, "one", "repo"),
        world.personal(&user, "two", "gist"),
    ];
    let mut twin = *new[0].token.digest.as_bytes();
    twin[31] ^= 1;
    new[1].token.digest = counterfoil_domain::digest::SecretDigest::from_stored(&twin).unwrap();
    for new in new {
        let made = world.make(new.clone()).await;
        let found = world
            .store
            .find_by_digest(new.token.digest, world.now())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.authorization, made);
    }
}

async fn anothers_token_is_not_found(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let token = world.make(world.personal(&mona, "one", "repo")).await;
    let find = |owner: &Account| {
        world
            .store
            .find_authorization(owner.id, token.id, world.now())
    };
    assert_eq!(find(&mona).await.unwrap(), Some(token.clone()));
    assert_eq!(find(&lisa).await.unwrap(), None);
    let revoked = world
        .store
        .revoke_authorization(
            Some(lisa.id),
            token.id,
            EndReason::DeletedByOwner,
            world.by(&lisa),
        )
        .await;
    assert_eq!(refusal(revoked), NoSuchToken);
    let changed = world
        .store
        .change_authorization(
            lisa.id,
            token.id,
            AuthorizationChange::default(),
            world.by(&lisa),
        )
        .await;
    assert_eq!(refusal(changed), NoSuchToken.into());
    assert_eq!(world.list(&mona).await, [token]);
}

async fn a_list_shows_personal_tokens_first_then_by_app_fingerprint_and_id(world: World) {
    let user = world.user("mona").await;
    let (first, second) = (
        world.app(&user, "first").await,
        world.app(&user, "second").await,
    );
    let made = [
        world
            .make(world.for_app(&user, &second, None, "repo"))
            .await,
        world
            .make(world.for_app(&user, &first, Some("b"), "repo"))
            .await,
        world
            .make(world.for_app(&user, &first, Some("a"), "repo"))
            .await,
        world.make(world.personal(&user, "p", "repo")).await,
        world.make(world.for_app(&user, &first, None, "repo")).await,
        world.make(world.for_app(&user, &first, None, "gist")).await,
        world.make(world.personal(&user, "a", "repo")).await,
    ];
    let ids = |places: &[usize]| {
        places
            .iter()
            .map(|place| made[*place].id.0)
            .collect::<Vec<_>>()
    };
    let order = ids(&[3, 6, 4, 5, 2, 1, 0]);
    assert_eq!(pages(&world, &user, None, 100).await.concat(), order);
    assert_eq!(pages(&world, &user, None, 3).await.concat(), order);
    let of_first = pages(&world, &user, Some(first.summary.client_id.as_str()), 2)
        .await
        .concat();
    assert_eq!(of_first, ids(&[4, 5, 2, 1]));
    assert_eq!(
        pages(&world, &user, Some(ClientId::PERSONAL), 100)
            .await
            .concat(),
        ids(&[3, 6])
    );
    assert_eq!(
        pages(&world, &user, Some("unknown"), 100).await.concat(),
        [] as [i64; 0]
    );
}

async fn a_page_beyond_the_end_is_empty_and_still_says_how_many_there_are(world: World) {
    let user = world.user("mona").await;
    world.make(world.personal(&user, "one", "repo")).await;
    let page = Page::new(u32::MAX, 100);
    let listed = world
        .store
        .list_authorizations(user.id, None, page, world.now())
        .await
        .unwrap();
    assert_eq!((listed.items, listed.total), (Vec::new(), 1));
}

async fn a_note_is_taken_by_a_live_personal_token_of_the_same_user_only(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let app = world.app(&mona, "app").await;
    let first = world.make(world.personal(&mona, "laptop", "repo")).await;
    assert_eq!(
        create(&world, world.personal(&mona, "laptop", "gist")).await,
        NameTaken::Note.into()
    );
    // Notes compare byte by byte.
    world.make(world.personal(&mona, "Laptop", "repo")).await;
    world.make(world.personal(&lisa, "laptop", "repo")).await;
    let mut of_app = world.surely_for_app(&mona, &app, None, "repo");
    of_app.purpose.note = Note::parse("laptop").ok();
    world.make(of_app.into()).await;
    world
        .store
        .revoke_authorization(None, first.id, EndReason::DeletedByOwner, world.operator())
        .await
        .unwrap();
    let again = world.make(world.personal(&mona, "laptop", "repo")).await;
    assert!(again.id > first.id);
}

async fn a_fingerprint_is_taken_by_a_live_token_of_the_same_user_and_app_only(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let (app, other) = (
        world.app(&mona, "app").await,
        world.app(&mona, "other").await,
    );
    world
        .make(world.for_app(&mona, &app, Some("x"), "repo"))
        .await;
    let second = create(&world, world.for_app(&mona, &app, Some("x"), "gist")).await;
    assert_eq!(second, NameTaken::Fingerprint.into());
    world
        .make(world.for_app(&mona, &app, Some("X"), "repo"))
        .await;
    world.make(world.for_app(&mona, &app, None, "repo")).await;
    world.make(world.for_app(&mona, &app, None, "repo")).await;
    world
        .make(world.for_app(&lisa, &app, Some("x"), "repo"))
        .await;
    world
        .make(world.for_app(&mona, &other, Some("x"), "repo"))
        .await;
}

async fn a_known_token_is_refused_even_after_it_ended(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    let problem = (7, CreationRefused::TokenKnown.to_string());
    let refused = ImportRefused::Problems(vec![problem]);
    assert_eq!(world.import_again(&user, &token, 7).await, refused);
    world
        .store
        .revoke_authorization(None, token.id, EndReason::DeletedByOwner, world.operator())
        .await
        .unwrap();
    assert_eq!(world.import_again(&user, &token, 7).await, refused);
    let seeded = NewAuthorization {
        provenance: Provenance::Import,
        token: token.token,
        ..world.personal(&user, "one", "repo")
    };
    assert_eq!(create(&world, seeded).await, CreationRefused::TokenKnown);
    assert_eq!(world.list(&user).await, []);
}

async fn an_app_that_was_deleted_gets_no_token(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let new = world.surely_for_app(&user, &app, None, "repo");
    world
        .store
        .delete_app(app.summary.id, world.operator())
        .await
        .unwrap();
    assert_eq!(
        create(&world, new.clone().into()).await,
        CreationRefused::AppGone
    );
    let got = world
        .store
        .get_or_create_authorization(new, TokenLimits::default(), world.operator())
        .await;
    assert_eq!(refusal(got), CreationRefused::AppGone);
}

async fn get_or_create_gives_the_oldest_that_fits_and_changes_nothing(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let get = |fingerprint: Option<&str>, scopes: &str| {
        let new = world.surely_for_app(&user, &app, fingerprint, scopes);
        world
            .store
            .get_or_create_authorization(new, TokenLimits::default(), world.by(&user))
    };
    let Ok(GotOrCreated::Created(first)) = get(None, "repo").await else {
        panic!("there was none")
    };
    world.pass(Duration::from_mins(1));
    world.make(world.for_app(&user, &app, None, "gist")).await;
    let events = world.events().await.len();
    assert_eq!(
        get(None, "user").await.unwrap(),
        GotOrCreated::Existing(first)
    );
    assert_eq!(world.events().await.len(), events);
    let Ok(GotOrCreated::Created(second)) = get(Some("x"), "repo").await else {
        panic!("another fingerprint")
    };
    assert_eq!(
        get(Some("x"), "repo").await.unwrap(),
        GotOrCreated::Existing(second)
    );
}

async fn operators_walk_through_all_live_tokens_in_order_of_id(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let mut ids = Vec::new();
    for number in 0..7 {
        let owner = if number % 2 == 0 { &mona } else { &lisa };
        ids.push(
            world
                .make(world.personal(owner, &number.to_string(), "repo"))
                .await
                .id,
        );
    }
    let mut walked = Vec::new();
    let mut after = AuthorizationId(0);
    loop {
        let some = world
            .store
            .tokens_after(None, after, 3, world.now())
            .await
            .unwrap();
        let Some(last) = some.last() else { break };
        after = last.authorization.id;
        assert!(
            some.iter()
                .all(|token| token.provenance == Provenance::PasswordApi)
        );
        walked.extend(some.iter().map(|token| token.authorization.id));
    }
    assert_eq!(walked, ids);
    let of_lisa = world
        .store
        .tokens_after(Some(lisa.id), ids[1], 100, world.now())
        .await
        .unwrap();
    let of_lisa: Vec<_> = of_lisa.iter().map(|token| token.authorization.id).collect();
    assert_eq!(of_lisa, [ids[3], ids[5]]);
}

async fn the_provenance_of_each_way_is_kept(world: World) {
    let user = world.user("mona").await;
    let ways = [
        Provenance::PasswordApi,
        Provenance::CommandLine,
        Provenance::Page,
        Provenance::Import,
    ];
    for provenance in ways {
        let new = world.personal(&user, provenance.as_str(), "repo");
        world.make(NewAuthorization { provenance, ..new }).await;
    }
    let tokens = world
        .store
        .tokens_after(Some(user.id), AuthorizationId(0), 100, world.now())
        .await
        .unwrap();
    assert!(tokens.iter().map(|token| token.provenance).eq(ways));
}

async fn nothing_comes_of_a_password_that_changed_while_its_request_was_under_way(world: World) {
    let user = world.user("mona").await;
    let held = world.make(world.personal(&user, "held", "repo")).await;
    let by = world.by(&user);
    let limits = TokenLimits::default();
    let before = world.personal(&user, "before", "repo");
    let made = world.store.create_authorization(before, limits, by.clone());
    assert!(made.await.is_ok());
    let changed = world.store.set_password(
        user.id,
        password("another good password"),
        RevokeTokens::Keep,
        world.operator(),
    );
    changed.await.expect("the password changes");
    let events = world.events().await.len();

    let app = world.app(&user, "An app").await;
    let store = &world.store;
    let personal = world.personal(&user, "after", "repo");
    let of_app = world.surely_for_app(&user, &app, None, "repo");
    let more = AuthorizationChange {
        scopes: ScopeChange::Replace(set("repo user")),
        ..AuthorizationChange::default()
    };
    let lapsed = [
        lapse(
            store
                .create_authorization(personal, limits, by.clone())
                .await,
        ),
        lapse(
            store
                .get_or_create_authorization(of_app, limits, by.clone())
                .await,
        ),
        lapse(
            store
                .change_authorization(user.id, held.id, more, by.clone())
                .await,
        ),
        lapse(
            store
                .revoke_authorization(Some(user.id), held.id, EndReason::DeletedByOwner, by)
                .await,
        ),
    ];
    assert_eq!(lapsed, [Lapsed::Account; 4]);
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::AppCreated])
    );
}
