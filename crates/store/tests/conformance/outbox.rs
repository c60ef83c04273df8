//! Mail that waits, goes, fails and is given up.

use std::time::Duration;

use counterfoil_domain::account::{Account, AccountChange, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::MailId;
use counterfoil_domain::link::{LinkLives, LinkRefused};
use counterfoil_domain::mail::{MailBounds, MailKind, MailWords};
use counterfoil_store::{
    Lease, LeaseName, MadeMail, MailResult, MailToMake, ResetAsked, RevokeTokens,
};

use crate::keys::initialised;
use crate::world::{World, new_account, password, refusal, verified, words};

on_each_engine! {
    a_link_that_is_mailed_gets_its_secret_when_it_goes_and_another_with_each_try,
    mail_about_the_same_waits_once,
    who_forgot_a_password_is_written_to_at_a_verified_address_and_nobody_else_is,
    who_has_lost_the_lease_sends_nothing_and_writes_nothing_down,
    mail_that_failed_is_tried_later_and_given_up_with_an_event,
    users_are_told_by_mail_what_happened_to_their_accounts_where_mail_is_sent,
    a_database_that_was_restored_sends_nothing_until_somebody_says_so,
    mail_that_went_long_ago_is_removed_and_what_was_given_up_later,
    links_are_not_mailed_to_whom_they_cannot_help,
    an_invitation_does_not_go_to_who_chose_a_password_meanwhile,
}

const DAY: Duration = Duration::from_hours(24);

pub(crate) async fn with_email(world: &World, name: &str) -> Account {
    let new = NewAccount {
        email: Some(verified(&format!("{name}@example.com"))),
        ..new_account(name)
    };
    world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap()
}

pub(crate) async fn lease(world: &World) -> Lease {
    let taken = world
        .store
        .take_lease(LeaseName::Mail, 30 * DAY, world.now());
    taken.await.unwrap().expect("nobody else has it")
}

/// What is due, in its order.
pub(crate) async fn due(world: &World) -> Vec<MailId> {
    let due = world.store.due_mails(world.now(), 1_000).await.unwrap();
    due.into_iter().map(|due| due.id).collect()
}

/// Makes a mail for which this was typed.
pub(crate) async fn make(world: &World, id: MailId, typed: Option<&str>) -> Option<MadeMail> {
    make_with(world, id, typed, world.secret().digest).await
}

/// [`make`], with this link.
pub(crate) async fn make_with(
    world: &World,
    id: MailId,
    typed: Option<&str>,
    link: SecretDigest,
) -> Option<MadeMail> {
    let ask = MailToMake {
        id,
        lease: lease(world).await,
        typed: typed.map(str::to_owned),
        link,
        lives: LinkLives::default(),
    };
    world.store.make_mail(ask, world.operator()).await.unwrap()
}

pub(crate) async fn finish(world: &World, id: MailId, result: MailResult) {
    let lease = lease(world).await;
    let finished = world.store.finish_mail(id, result, lease, world.operator());
    finished.await.unwrap();
}

/// Sends everything that is due, and says to whom it went.
pub(crate) async fn send_all(world: &World, typed: Option<&str>) -> Vec<String> {
    let mut sent = Vec::new();
    for id in due(world).await {
        if let Some(made) = make(world, id, typed).await {
            finish(world, id, MailResult::Sent).await;
            sent.push(made.to.as_str().to_owned());
        }
    }
    sent
}

pub(crate) async fn ask(world: &World, subject: u8, cause: &str) {
    let asked = ResetAsked {
        subject: [subject; 32],
        typed: vec![subject],
        cause: cause.to_owned(),
    };
    world
        .store
        .ask_reset(asked, world.operator())
        .await
        .unwrap();
}

pub(crate) fn outcomes(world: &World) -> Vec<String> {
    world.look_up("SELECT kind || ' ' || coalesce(outcome, 'waits') FROM outbox ORDER BY id")
}

async fn a_link_that_is_mailed_gets_its_secret_when_it_goes_and_another_with_each_try(
    world: World,
) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    assert_eq!(world.look_up("SELECT count(*) FROM links"), ["0"]);
    let [id] = due(&world).await[..] else {
        panic!("one mail waits")
    };
    let made = make(&world, id, None).await.expect("it goes to somebody");
    assert_eq!(made.to.as_str(), "mona@example.com");
    assert_eq!(made.words, MailWords::OfKind(MailKind::Reset));
    assert_eq!(made.login, user.login);
    assert_eq!(
        made.expires_at,
        Some(world.now().plus(Duration::from_hours(1)))
    );
    assert_eq!(due(&world).await, [], "it is under way");
    let soon = world.now().plus(Duration::from_secs(5));
    finish(&world, id, MailResult::TryAgain(soon)).await;
    assert_eq!(due(&world).await, []);
    world.pass(Duration::from_secs(5));
    assert_eq!(due(&world).await, [id]);
    let again = make(&world, id, None).await.expect("it goes to somebody");
    assert_eq!(again.delivery, made.delivery);
    finish(&world, id, MailResult::Sent).await;
    let links = "SELECT kind || ' ' || coalesce(end_reason, 'works') FROM links ORDER BY id";
    assert_eq!(world.look_up(links), ["reset replaced", "reset works"]);
    assert_eq!(outcomes(&world), ["reset sent"]);
    let told = world.actions_since(2).await;
    let expected = [Action::LinkRequested, Action::LinkMade, Action::LinkMade];
    assert_eq!(told, words(&expected));
}

async fn mail_about_the_same_waits_once(world: World) {
    let user = with_email(&world, "mona").await;
    for _ in 0..3 {
        ask(&world, 1, "192.0.2.1").await;
        let requested = world
            .store
            .request_link(MailKind::Reset, user.id, world.operator());
        requested.await.unwrap();
    }
    ask(&world, 2, "192.0.2.1").await;
    let waiting = ["reset_asked waits", "reset waits", "reset_asked waits"];
    assert_eq!(outcomes(&world), waiting);
    assert_eq!(
        world.look_up("SELECT asked FROM outbox ORDER BY id"),
        ["3", "3", "1"]
    );
}

async fn who_forgot_a_password_is_written_to_at_a_verified_address_and_nobody_else_is(
    world: World,
) {
    let world = initialised(world).await;
    let mona = with_email(&world, "mona").await;
    world.user("bert").await;
    let insert = "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at) VALUES";
    world.run(&format!(
        "{insert} ({0}, 'Second@example.com', 'second@example.com', 0, 1, 1), ({0}, 'third@example.com', 'third@example.com', 0, NULL, 1)",
        mona.id
    ));
    let asleep = with_email(&world, "asleep").await;
    world
        .store
        .suspend_account(asleep.id, world.operator())
        .await
        .unwrap();
    let events = world.events().await.len();
    for (number, typed, to) in [
        (1, "MONA", Some("mona@example.com")),
        (2, "mona@Example.com", Some("mona@example.com")),
        (3, "second@example.com", Some("Second@example.com")),
        (4, "third@example.com", None),
        (5, "bert", None),
        (6, "nobody", None),
        (7, "asleep", None),
        (8, "no login at all!", None),
    ] {
        ask(&world, number, "192.0.2.1").await;
        let [id] = due(&world).await[..] else {
            panic!("one mail waits")
        };
        let made = make(&world, id, Some(typed)).await;
        let went = made.as_ref().map(|made| made.to.as_str());
        assert_eq!(went, to, "{typed}");
        if to.is_some() {
            // A second try knows by itself whom it is for.
            let later = world.now().plus(Duration::from_secs(5));
            finish(&world, id, MailResult::TryAgain(later)).await;
            world.pass(Duration::from_secs(5));
            let again = make(&world, id, None).await;
            assert_eq!(again.as_ref().map(|made| made.to.as_str()), to);
            finish(&world, id, MailResult::Sent).await;
        }
        assert_eq!(due(&world).await, []);
    }
    let ends = outcomes(&world);
    assert_eq!(
        ends[..3],
        ["reset_asked sent", "reset_asked sent", "reset_asked sent"]
    );
    assert!(ends[3..].iter().all(|end| end == "reset_asked nobody"));
    let typed = "SELECT count(*) FROM outbox WHERE typed IS NOT NULL";
    assert_eq!(world.look_up(typed), ["0"], "what was typed is forgotten");
    // Only links that were made are told.
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::LinkMade; 6])
    );
}

async fn who_has_lost_the_lease_sends_nothing_and_writes_nothing_down(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    let [id] = due(&world).await[..] else {
        panic!("one mail waits")
    };
    let half = Duration::from_secs(30);
    let (store, other) = (&world.store, world.another_process());
    let lost = store
        .take_lease(LeaseName::Mail, half, world.now())
        .await
        .unwrap();
    let lost = lost.expect("nobody else has it");
    world.pass(half);
    let taken = other
        .take_lease(LeaseName::Mail, half, world.now())
        .await
        .unwrap();
    assert!(taken.is_some());
    let before = world.everything();
    let ask = MailToMake {
        id,
        lease: lost,
        typed: None,
        link: world.secret().digest,
        lives: LinkLives::default(),
    };
    assert!(
        store
            .make_mail(ask, world.operator())
            .await
            .unwrap()
            .is_none()
    );
    let finished = store.finish_mail(id, MailResult::Sent, lost, world.operator());
    finished.await.unwrap();
    assert_eq!(world.everything(), before);
}

async fn mail_that_failed_is_tried_later_and_given_up_with_an_event(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    let [id] = due(&world).await[..] else {
        panic!("one mail waits")
    };
    assert!(make(&world, id, None).await.is_some());
    let events = world.events().await.len();
    finish(&world, id, MailResult::GivenUp).await;
    assert_eq!(outcomes(&world), ["reset given_up"]);
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::MailGivenUp])
    );
    // Once is enough.
    finish(&world, id, MailResult::Sent).await;
    assert_eq!(outcomes(&world), ["reset given_up"]);
    // Who was killed while a mail was under way leaves it to the next.
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    let [id] = due(&world).await[..] else {
        panic!("one mail waits")
    };
    assert!(make(&world, id, None).await.is_some());
    world.pass(Duration::from_mins(1));
    assert_eq!(due(&world).await, [id]);
}

async fn users_are_told_by_mail_what_happened_to_their_accounts_where_mail_is_sent(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let without = world.user("bert").await;
    let set = async |user: &Account| {
        let (keep, by) = (RevokeTokens::Keep, world.operator());
        let set = world.store.set_password(user.id, password("new"), keep, by);
        set.await.unwrap();
    };
    set(&user).await;
    assert_eq!(outcomes(&world), [] as [&str; 0]);
    world.store.send_mail_within(MailBounds::default());
    set(&user).await;
    set(&user).await;
    set(&without).await;
    assert_eq!(outcomes(&world), ["password_changed waits"; 2]);
    let sent = send_all(&world, None).await;
    assert_eq!(sent, ["mona@example.com"]);
    let ends = ["password_changed sent", "password_changed nobody"];
    assert_eq!(outcomes(&world), ends);
}

async fn a_database_that_was_restored_sends_nothing_until_somebody_says_so(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    world
        .store
        .end_unproven([9; 16], world.operator())
        .await
        .unwrap();
    assert_eq!(outcomes(&world), ["reset restored"]);
    let requested = world
        .store
        .request_link(MailKind::Reset, user.id, world.operator());
    requested.await.unwrap();
    let state = world.store.outbox_state().await.unwrap();
    assert!(state.is_paused);
    assert_eq!((state.waiting, state.oldest), (1, Some(world.now())));
    assert_eq!(due(&world).await, []);
    let resumed = world.store.resume_sending(world.operator()).await.unwrap();
    assert_eq!(resumed, Some(1));
    assert_eq!(due(&world).await.len(), 1);
    let events = world.events().await.len();
    let again = world.store.resume_sending(world.operator()).await.unwrap();
    assert_eq!(again, None);
    assert_eq!(world.actions_since(events).await, words(&[]));
}

async fn mail_that_went_long_ago_is_removed_and_what_was_given_up_later(world: World) {
    let world = initialised(world).await;
    let user = with_email(&world, "mona").await;
    for result in [MailResult::Sent, MailResult::GivenUp] {
        let requested = world
            .store
            .request_link(MailKind::Reset, user.id, world.operator());
        requested.await.unwrap();
        let [id] = due(&world).await[..] else {
            panic!("one mail waits")
        };
        assert!(make(&world, id, None).await.is_some());
        finish(&world, id, result).await;
    }
    let remove = async || {
        let removed = world
            .store
            .remove_old_mail(world.now().minus(90 * DAY), 100, world.now());
        removed.await.unwrap()
    };
    assert_eq!(remove().await, 0);
    world.pass(7 * DAY);
    assert_eq!(remove().await, 1);
    assert_eq!(outcomes(&world), ["reset given_up"]);
    world.pass(23 * DAY);
    assert_eq!(remove().await, 1);
    assert_eq!(outcomes(&world), [] as [&str; 0]);
}

async fn links_are_not_mailed_to_whom_they_cannot_help(world: World) {
    let world = initialised(world).await;
    let request = async |kind, user: &Account| {
        let requested = world.store.request_link(kind, user.id, world.operator());
        refusal(requested.await)
    };
    let (mona, without) = (with_email(&world, "mona").await, world.user("bert").await);
    assert_eq!(
        request(MailKind::Reset, &without).await,
        LinkRefused::NoAddress
    );
    assert_eq!(
        request(MailKind::Invitation, &mona).await,
        LinkRefused::HasPassword
    );
    world
        .store
        .suspend_account(mona.id, world.operator())
        .await
        .unwrap();
    assert_eq!(
        request(MailKind::Reset, &mona).await,
        LinkRefused::Suspended
    );
    world
        .store
        .delete_account(mona.id, world.operator())
        .await
        .unwrap();
    assert_eq!(
        request(MailKind::Reset, &mona).await,
        LinkRefused::NoSuchUser
    );
}

async fn an_invitation_does_not_go_to_who_chose_a_password_meanwhile(world: World) {
    let world = initialised(world).await;
    let new = NewAccount {
        password: None,
        ..new_account("lisa")
    };
    let lisa = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    let email = AccountChange {
        email: Some(verified("lisa@example.com")),
        ..AccountChange::default()
    };
    world
        .store
        .change_account(lisa.id, email, world.operator())
        .await
        .unwrap();
    let requested = world
        .store
        .request_link(MailKind::Invitation, lisa.id, world.operator());
    requested.await.unwrap();
    let (keep, by) = (RevokeTokens::Keep, world.operator());
    world
        .store
        .set_password(lisa.id, password("mine"), keep, by)
        .await
        .unwrap();
    assert_eq!(send_all(&world, None).await, [] as [&str; 0]);
    assert_eq!(outcomes(&world), ["invitation nobody"]);
}
