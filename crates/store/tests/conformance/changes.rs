//! Changing and revoking tokens.

use std::time::Duration;

use counterfoil_domain::audit::Action;
use counterfoil_domain::authorization::{
    AuthorizationChange, AuthorizationChangeRefused, NameTaken, NoSuchToken, ScopeChange,
};
use counterfoil_domain::id::AppId;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::text::{Fingerprint, Note, NoteUrl};
use counterfoil_store::Whose;

use crate::world::{World, refusal, set, words};

fn change(change: ScopeChange) -> AuthorizationChange {
    AuthorizationChange {
        scopes: change,
        ..AuthorizationChange::default()
    }
}

on_each_engine! {
    a_change_replaces_or_amends_scopes_and_moves_the_time,
    a_change_of_note_url_and_fingerprint_is_kept_and_taken_ones_are_refused,
    a_personal_token_keeps_a_note_that_no_other_has_and_gets_no_fingerprint,
    a_revoked_token_is_gone_and_cannot_be_revoked_again,
    all_tokens_of_a_user_or_an_app_end_together,
}

async fn a_change_replaces_or_amends_scopes_and_moves_the_time(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    world.pass(Duration::from_mins(1));
    let amend = ScopeChange::Amend {
        add: set("user gist"),
        remove: set("gist repo").iter().collect(),
    };
    for (scopes, expected) in [
        (ScopeChange::Keep, "repo"),
        (amend, "user"),
        (
            ScopeChange::Replace(set("gist notifications")),
            "gist notifications",
        ),
    ] {
        let changed = world
            .store
            .change_authorization(user.id, token.id, change(scopes), world.by(&user))
            .await
            .unwrap();
        assert_eq!(changed.scopes.to_string(), expected);
        assert_eq!(changed.updated_at, world.now());
        assert_eq!(world.list(&user).await, [changed]);
    }
}

async fn a_change_of_note_url_and_fingerprint_is_kept_and_taken_ones_are_refused(world: World) {
    let user = world.user("mona").await;
    let app = world.app(&user, "app").await;
    let token = world.make(world.for_app(&user, &app, None, "repo")).await;
    world
        .make(world.for_app(&user, &app, Some("taken"), "repo"))
        .await;
    let with = |fingerprint: &str| AuthorizationChange {
        note: Some(Note::parse("note").ok()),
        note_url: Some(NoteUrl::parse("").ok()),
        fingerprint: Some(Fingerprint::parse(fingerprint).ok()),
        ..AuthorizationChange::default()
    };
    let apply = |change| {
        world
            .store
            .change_authorization(user.id, token.id, change, world.by(&user))
    };
    assert_eq!(
        refusal(apply(with("taken")).await),
        NameTaken::Fingerprint.into()
    );
    let changed = apply(with("own")).await.unwrap();
    assert_eq!(changed.note_url, NoteUrl::parse("").ok());
    assert_eq!(changed.fingerprint, Fingerprint::parse("own").ok());
    // Its own fingerprint is in nobody's way.
    assert_eq!(apply(with("own")).await.unwrap(), changed);
    let without = AuthorizationChange {
        note: Some(None),
        note_url: Some(None),
        fingerprint: Some(None),
        ..AuthorizationChange::default()
    };
    let bare = apply(without).await.unwrap();
    assert_eq!(
        (bare.note, bare.note_url, bare.fingerprint),
        (None, None, None)
    );
}

async fn a_personal_token_keeps_a_note_that_no_other_has_and_gets_no_fingerprint(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    world.make(world.personal(&user, "two", "repo")).await;
    let apply = |change| {
        world
            .store
            .change_authorization(user.id, token.id, change, world.by(&user))
    };
    let note = |note: Option<&str>| AuthorizationChange {
        note: Some(note.and_then(|text| Note::parse(text).ok())),
        fingerprint: Some(Fingerprint::parse("x").ok()),
        ..AuthorizationChange::default()
    };
    assert_eq!(
        refusal(apply(note(None)).await),
        AuthorizationChangeRefused::NoteMissing
    );
    assert_eq!(
        refusal(apply(note(Some("two"))).await),
        NameTaken::Note.into()
    );
    let renamed = apply(note(Some("three"))).await.unwrap();
    assert_eq!(renamed.note, Note::parse("three").ok());
    assert_eq!(renamed.fingerprint, None);
}

async fn a_revoked_token_is_gone_and_cannot_be_revoked_again(world: World) {
    let user = world.user("mona").await;
    let token = world.make(world.personal(&user, "one", "repo")).await;
    let revoke = || {
        world.store.revoke_authorization(
            Some(user.id),
            token.id,
            EndReason::DeletedByOwner,
            world.by(&user),
        )
    };
    assert_eq!(revoke().await.unwrap(), token);
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
    assert_eq!(refusal(revoke().await), NoSuchToken);
    let reasons = world.look_up(
        "SELECT end_reason FROM authorizations UNION ALL SELECT end_reason FROM token_digests",
    );
    assert_eq!(reasons, ["deleted_by_owner", "deleted_by_owner"]);
    let told = [
        Action::UserCreated,
        Action::AuthorizationCreated,
        Action::AuthorizationRevoked,
        Action::TokenEnded,
    ];
    assert_eq!(world.actions_since(0).await, words(&told));
}

async fn all_tokens_of_a_user_or_an_app_end_together(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let app = world.app(&mona, "app").await;
    for user in [&mona, &lisa] {
        world.make(world.personal(user, "one", "repo")).await;
        world.make(world.for_app(user, &app, None, "repo")).await;
    }
    let revoke = |whose| world.store.revoke_all(whose, world.operator());
    assert_eq!(revoke(Whose::Account(mona.id)).await.unwrap(), 2);
    assert_eq!(revoke(Whose::Account(mona.id)).await.unwrap(), 0);
    assert_eq!(revoke(Whose::App(app.summary.id)).await.unwrap(), 1);
    assert_eq!(revoke(Whose::App(AppId(4711))).await.unwrap(), 0);
    assert_eq!(world.list(&mona).await, []);
    assert_eq!(world.list(&lisa).await.len(), 1);
}
