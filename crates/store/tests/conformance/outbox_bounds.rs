//! How much mail there may be: for one recipient, by one network address, and in all.

use std::time::Duration;

use counterfoil_domain::account::{Account, AccountChange, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::link::LinkRefused;
use counterfoil_domain::mail::{MailBounds, MailKind};
use counterfoil_store::{InvitationBy, InvitationRefused, InvitedUser, RevokeTokens};

use crate::keys::initialised;
use crate::outbox::{ask, outcomes, send_all, with_email};
use crate::world::{World, new_account, password, refusal, verified};

on_each_engine! {
    what_is_asked_for_by_one_address_and_for_one_account_is_bounded,
    one_recipient_gets_so_many_mails_within_an_hour,
    where_too_much_waits_notices_give_way_and_it_is_told_once,
    an_invitation_that_finds_no_room_makes_and_changes_nobody,
}

async fn what_is_asked_for_by_one_address_and_for_one_account_is_bounded(world: World) {
    let world = initialised(world).await;
    with_email(&world, "mona").await;
    for number in 0..12 {
        ask(&world, number, "192.0.2.1").await;
    }
    assert_eq!(outcomes(&world).len(), 10);
    // Others are not kept from it.
    ask(&world, 200, "192.0.2.2").await;
    assert_eq!(outcomes(&world).len(), 11);
    // All of them mean one account.
    assert_eq!(send_all(&world, Some("mona")).await.len(), 3);
    world.pass(Duration::from_hours(1));
    ask(&world, 100, "192.0.2.1").await;
    assert_eq!(send_all(&world, Some("mona")).await.len(), 1);
}

async fn one_recipient_gets_so_many_mails_within_an_hour(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let mut went = 0;
    for _ in 0..25 {
        let requested = world
            .store
            .request_link(MailKind::Reset, user.id, world.operator());
        requested.await.unwrap();
        went += send_all(&world, None).await.len();
    }
    assert_eq!(went, 20);
    assert_eq!(outcomes(&world)[20..], ["reset too_many"; 5]);
}

async fn where_too_much_waits_notices_give_way_and_it_is_told_once(world: World) {
    let users = [
        with_email(&world, "mona").await,
        with_email(&world, "bert").await,
    ];
    world.store.send_mail_within(MailBounds {
        waiting: 2,
        ..MailBounds::default()
    });
    let set = async |user: &Account| {
        let (keep, by) = (RevokeTokens::Keep, world.operator());
        let set = world.store.set_password(user.id, password("new"), keep, by);
        set.await.unwrap();
    };
    for user in &users {
        set(user).await;
    }
    let events = world.events().await.len();
    for user in &users {
        let requested = world
            .store
            .request_link(MailKind::Reset, user.id, world.operator());
        requested.await.unwrap();
        // A notice finds no room, and what it tells of happens all the same.
        set(user).await;
    }
    let ends = [
        "password_changed dropped",
        "password_changed dropped",
        "reset waits",
        "reset waits",
    ];
    assert_eq!(outcomes(&world), ends);
    let third = with_email(&world, "third").await;
    let refused = world
        .store
        .request_link(MailKind::Reset, third.id, world.operator());
    assert_eq!(refusal(refused.await), LinkRefused::OutboxFull);
    ask(&world, 1, "192.0.2.1").await;
    assert_eq!(outcomes(&world), ends);
    let told = world.actions_since(events).await;
    let full = Action::OutboxFull.as_str();
    assert_eq!(told.iter().filter(|action| *action == full).count(), 1);
}

async fn an_invitation_that_finds_no_room_makes_and_changes_nobody(world: World) {
    let mona = with_email(&world, "mona").await;
    let without_password = |name: &str| NewAccount {
        password: None,
        ..new_account(name)
    };
    let bert = without_password("bert");
    let bert = world.store.create_account(bert, world.operator()).await;
    let bert = bert.unwrap();
    world.store.send_mail_within(MailBounds {
        waiting: 1,
        ..MailBounds::default()
    });
    let requested = world
        .store
        .request_link(MailKind::Reset, mona.id, world.operator());
    requested.await.unwrap();
    let invite = |user, to| world.store.invite(user, to, world.operator());
    let other = || AccountChange {
        email: Some(verified("other@example.com")),
        ..AccountChange::default()
    };
    let before = world.everything();
    let new = NewAccount {
        email: Some(verified("new@example.com")),
        ..without_password("new")
    };
    for user in [InvitedUser::New(new), InvitedUser::Known(bert.id, other())] {
        let refused = invite(user, InvitationBy::Mail).await;
        let full = InvitationRefused::Link(LinkRefused::OutboxFull);
        assert_eq!(refusal(refused), full);
    }
    // Nor does one that has a password already.
    let shown = InvitationBy::Shown {
        digest: world.secret().digest,
        expires_at: world.now().plus(Duration::from_hours(1)),
    };
    let refused = invite(InvitedUser::Known(mona.id, other()), shown).await;
    let has_password = InvitationRefused::Link(LinkRefused::HasPassword);
    assert_eq!(refusal(refused), has_password);
    assert_eq!(world.everything(), before);
    let invited = invite(InvitedUser::Known(bert.id, other()), shown).await;
    let address = invited.unwrap().email.expect("he has one now");
    assert_eq!(address.as_str(), "other@example.com");
}
