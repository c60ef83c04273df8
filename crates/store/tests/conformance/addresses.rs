//! A user's own changes of their e-mail addresses, and how they are taken back.

use std::time::Duration;

use counterfoil_domain::account::{Account, NewAccount, NewEmail, TwoFactor, Verification};
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::link::{LinkLives, LinkSpendRefused};
use counterfoil_domain::mail::{MailBounds, MailKind, MailWords};
use counterfoil_domain::page::Page;
use counterfoil_store::{AddressRefused, MOST_ADDRESSES, MadeMail, MailResult};

use crate::keys::initialised;
use crate::outbox::{due, finish, make_with, with_email};
use crate::passkeys::{again, codes_left, enable_totp, live, register};
use crate::world::{World, email, new_account, refusal, verified, words};

on_each_engine! {
    an_address_counts_from_the_moment_at_which_its_link_is_used,
    the_first_verified_address_is_the_primary_one,
    what_is_done_for_an_address_of_somebody_else_is_the_same_and_that_person_is_told,
    an_address_that_nobody_verified_is_given_to_who_does,
    an_address_that_somebody_else_verified_meanwhile_is_refused,
    another_address_is_chosen_and_one_is_removed_but_not_the_primary_one,
    who_had_an_address_before_takes_the_change_back_and_a_thief_cannot,
    second_factors_that_came_since_end_with_a_change_that_is_taken_back,
    addresses_are_bounded_in_number_and_by_the_hour,
}

const LIVES: fn() -> LinkLives = LinkLives::default;

async fn start(world: World) -> (World, Account) {
    let world = initialised(world).await;
    world.store.send_mail_within(MailBounds::default());
    let mona = with_email(&world, "mona").await;
    (world, mona)
}

/// Addresses of a user, the primary one first; with a question mark where nobody verified them.
async fn addresses(world: &World, user: &Account) -> Vec<String> {
    let listed = world
        .store
        .list_emails(user.id, Page::new(1, 100))
        .await
        .unwrap();
    let said = listed.items.into_iter().map(|held| {
        let mark = match held.verification {
            Verification::Verified => "",
            Verification::Unverified => "?",
        };
        format!("{}{mark}", held.address.as_str())
    });
    said.collect()
}

async fn ask(world: &World, user: &Account, address: &str) {
    let asked = world
        .store
        .ask_address(user.id, email(address), LIVES(), world.by(user));
    asked.await.unwrap();
}

/// Sends all that is due, and gives it with the digest of each one's link.
async fn sent(world: &World) -> Vec<(MadeMail, SecretDigest)> {
    let mut sent = Vec::new();
    for id in due(world).await {
        let link = world.secret().digest;
        let made = make_with(world, id, None, link).await;
        sent.extend(made.map(|made| (made, link)));
        finish(world, id, MailResult::Sent).await;
    }
    sent
}

/// The one mail that is due, with its link.
async fn one(world: &World) -> (MadeMail, SecretDigest) {
    let mut sent = sent(world).await;
    assert_eq!(sent.len(), 1, "{sent:?}");
    sent.remove(0)
}

async fn verify(world: &World, user: &Account, link: SecretDigest) -> Result<(), LinkSpendRefused> {
    let verified = world.store.verify_address(link, LIVES(), world.by(user));
    verified.await.unwrap().map(drop)
}

async fn an_address_counts_from_the_moment_at_which_its_link_is_used(world: World) {
    let (world, mona) = start(world).await;
    let events = world.events().await.len();
    ask(&world, &mona, "New@example.com").await;
    assert_eq!(addresses(&world, &mona).await, ["mona@example.com"]);
    let (made, link) = one(&world).await;
    assert_eq!(made.to.as_str(), "New@example.com");
    assert_eq!(made.words, MailWords::OfKind(MailKind::Address));
    assert_eq!(addresses(&world, &mona).await, ["mona@example.com"]);
    verify(&world, &mona, link).await.unwrap();
    let both = ["mona@example.com", "New@example.com"];
    assert_eq!(addresses(&world, &mona).await, both);
    let found = world
        .store
        .find_credentials("new@example.com")
        .await
        .unwrap();
    assert_eq!(found.expect("it signs in").account.id, mona.id);
    assert_eq!(
        verify(&world, &mona, link).await,
        Err(LinkSpendRefused::Dead)
    );
    // Who was there before is told.
    let (told, _) = one(&world).await;
    assert_eq!(told.to.as_str(), "mona@example.com");
    assert_eq!(told.words, MailWords::OfKind(MailKind::AddressChanged));
    let expected = [
        Action::LinkRequested,
        Action::LinkMade,
        Action::EmailAdded,
        Action::LinkUsed,
        Action::LinkMade,
    ];
    assert_eq!(world.actions_since(events).await, words(&expected));
}

async fn the_first_verified_address_is_the_primary_one(world: World) {
    let (world, _) = start(world).await;
    let new = NewAccount {
        email: Some(NewEmail {
            verification: Verification::Unverified,
            ..verified("bert@example.com")
        }),
        ..new_account("bert")
    };
    let bert = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    assert_eq!(addresses(&world, &bert).await, ["bert@example.com?"]);
    // The one that is there already can be shown to be the user's.
    ask(&world, &bert, "bert@example.com").await;
    let (_, link) = one(&world).await;
    verify(&world, &bert, link).await.unwrap();
    assert_eq!(addresses(&world, &bert).await, ["bert@example.com"]);
    let account = world.store.account_by_id(bert.id).await.unwrap().unwrap();
    assert_eq!(account.email, Some(email("bert@example.com")));
    assert!(sent(&world).await.is_empty(), "nobody was there before");
    // Another one takes the place of one that nobody verified.
    let lisa = world.user("lisa").await;
    let insert =
        "INSERT INTO emails (account_id, address, address_key, is_primary, created_at) VALUES";
    world.run(&format!(
        "{insert} ({}, 'l@example.com', 'l@example.com', 1, 1)",
        lisa.id
    ));
    ask(&world, &lisa, "lisa@example.com").await;
    let (_, link) = one(&world).await;
    verify(&world, &lisa, link).await.unwrap();
    assert_eq!(addresses(&world, &lisa).await, ["lisa@example.com"]);
}

async fn what_is_done_for_an_address_of_somebody_else_is_the_same_and_that_person_is_told(
    world: World,
) {
    let (world, mona) = start(world).await;
    let bert = with_email(&world, "bert").await;
    let events = world.events().await.len();
    ask(&world, &mona, "bert@example.com").await;
    let taken = world.actions_since(events).await;
    let (made, link) = one(&world).await;
    assert_eq!(made.words, MailWords::AddressTaken);
    assert_eq!(
        (made.to.as_str(), made.login),
        ("bert@example.com", bert.login.clone())
    );
    assert_eq!(made.expires_at, None);
    assert_eq!(
        verify(&world, &mona, link).await,
        Err(LinkSpendRefused::Dead)
    );
    let events = world.events().await.len();
    ask(&world, &mona, "free@example.com").await;
    assert_eq!(world.actions_since(events).await, taken);
    let rows = "SELECT kind || CAST(is_urgent AS TEXT) FROM outbox ORDER BY id";
    assert_eq!(world.look_up(rows), ["address1", "address1"]);
}

async fn an_address_that_nobody_verified_is_given_to_who_does(world: World) {
    let (world, mona) = start(world).await;
    let new = NewAccount {
        email: Some(NewEmail {
            verification: Verification::Unverified,
            ..verified("shared@example.com")
        }),
        ..new_account("bert")
    };
    let bert = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    ask(&world, &mona, "shared@example.com").await;
    let (made, link) = one(&world).await;
    assert_eq!(made.words, MailWords::OfKind(MailKind::Address));
    verify(&world, &mona, link).await.unwrap();
    let both = ["mona@example.com", "shared@example.com"];
    assert_eq!(addresses(&world, &mona).await, both);
    assert_eq!(addresses(&world, &bert).await, [] as [&str; 0]);
}

async fn an_address_that_somebody_else_verified_meanwhile_is_refused(world: World) {
    let (world, mona) = start(world).await;
    let bert = world.user("bert").await;
    ask(&world, &mona, "both@example.com").await;
    let (_, monas) = one(&world).await;
    ask(&world, &bert, "both@example.com").await;
    let (_, berts) = one(&world).await;
    verify(&world, &mona, monas).await.unwrap();
    let refused = verify(&world, &bert, berts).await;
    assert_eq!(refused, Err(LinkSpendRefused::AddressTaken));
    assert_eq!(addresses(&world, &bert).await, [] as [&str; 0]);
}

async fn another_address_is_chosen_and_one_is_removed_but_not_the_primary_one(world: World) {
    let (world, mona) = start(world).await;
    ask(&world, &mona, "second@example.com").await;
    let (_, link) = one(&world).await;
    verify(&world, &mona, link).await.unwrap();
    sent(&world).await;
    let choose = async |address: &str| {
        let by = world.by(&mona);
        world
            .store
            .choose_address(mona.id, email(address), LIVES(), by)
            .await
    };
    let remove = async |address: &str| {
        let by = world.operator();
        world
            .store
            .remove_address(mona.id, email(address), LIVES(), by)
            .await
    };
    assert_eq!(
        refusal(choose("no@example.com").await),
        AddressRefused::Unknown
    );
    assert_eq!(
        refusal(remove("no@example.com").await),
        AddressRefused::Unknown
    );
    assert_eq!(
        refusal(remove("mona@example.com").await),
        AddressRefused::Primary
    );
    let before = world.everything();
    choose("mona@example.com").await.unwrap();
    assert_eq!(world.everything(), before);
    choose("Second@Example.com").await.unwrap();
    let both = ["second@example.com", "mona@example.com"];
    assert_eq!(addresses(&world, &mona).await, both);
    let (told, _) = one(&world).await;
    assert_eq!(told.to.as_str(), "mona@example.com");
    remove("mona@example.com").await.unwrap();
    assert_eq!(addresses(&world, &mona).await, ["second@example.com"]);
    assert!(
        world
            .store
            .find_credentials("mona@example.com")
            .await
            .unwrap()
            .is_none()
    );
    let (told, _) = one(&world).await;
    assert_eq!(told.to.as_str(), "mona@example.com");
}

/// What a thief does who has the account: adds two addresses, chooses one, and takes the owner's
/// away. Gives the mails that tell of it, with their links.
async fn stolen(world: &World, mona: &Account) -> Vec<(MadeMail, SecretDigest)> {
    let day = Duration::from_hours(24);
    let mut undos = Vec::new();
    for address in ["thief@example.com", "other@example.com"] {
        ask(world, mona, address).await;
        let (_, link) = one(world).await;
        verify(world, mona, link).await.unwrap();
        undos.push(one(world).await);
        world.pass(day);
    }
    let operator = || world.operator();
    let choose = async |address: &str| {
        let chosen = world
            .store
            .choose_address(mona.id, email(address), LIVES(), operator());
        chosen.await.unwrap();
        one(world).await
    };
    undos.push(choose("thief@example.com").await);
    let owners = email("mona@example.com");
    let removed = world
        .store
        .remove_address(mona.id, owners, LIVES(), operator());
    removed.await.unwrap();
    undos.push(one(world).await);
    undos.push(choose("other@example.com").await);
    undos
}

async fn who_had_an_address_before_takes_the_change_back_and_a_thief_cannot(world: World) {
    let (world, mona) = start(world).await;
    world.pass(Duration::from_hours(24));
    let undos = stolen(&world, &mona).await;
    let by = || world.by(&mona);
    let works = async |link| {
        let found = world.store.find_link(link, world.now()).await.unwrap();
        found.is_some()
    };
    let to: Vec<_> = undos
        .iter()
        .map(|(made, _)| made.to.as_str().to_owned())
        .collect();
    let mut expected = vec!["mona@example.com"; 4];
    expected.push("thief@example.com");
    assert_eq!(to, expected);
    // All of them work still.
    for (_, link) in &undos {
        assert!(works(*link).await);
    }
    let before = world.store.account_by_id(mona.id).await.unwrap().unwrap();
    let reset = world.secret().digest;
    let undone = world
        .store
        .undo_addresses(undos[0].1, reset, LIVES(), by())
        .await
        .unwrap();
    let undone = undone.unwrap();
    assert_eq!(
        (undone.address, undone.ended),
        (email("mona@example.com"), 2)
    );
    assert_eq!(addresses(&world, &mona).await, ["mona@example.com"]);
    let after = world.store.account_by_id(mona.id).await.unwrap().unwrap();
    assert!(after.credential_version > before.credential_version);
    assert_eq!(after.email, Some(email("mona@example.com")));
    // Another password can be chosen, and the thief takes nothing back.
    assert!(works(reset).await);
    for (_, link) in &undos {
        let undone = world
            .store
            .undo_addresses(*link, world.secret().digest, LIVES(), by());
        assert_eq!(undone.await.unwrap().unwrap_err(), LinkSpendRefused::Dead);
    }
}

async fn second_factors_that_came_since_end_with_a_change_that_is_taken_back(world: World) {
    let (world, mona) = start(world).await;
    let bert = with_email(&world, "bert").await;
    let day = Duration::from_hours(24);
    register(&world, &bert, "bert's own").await;
    let bert = again(&world, &bert).await;
    sent(&world).await;
    let mut undos = Vec::new();
    for user in [&mona, &bert] {
        world.pass(day);
        let login = user.login.as_str();
        ask(&world, user, &format!("thief-of-{login}@example.com")).await;
        let (_, link) = one(&world).await;
        verify(&world, user, link).await.unwrap();
        undos.push((user, one(&world).await.1));
        world.pass(Duration::from_hours(1));
        register(&world, user, &format!("thief of {login}")).await;
        // With other recovery codes, which the thief knows.
        enable_totp(&world, user).await;
        sent(&world).await;
    }
    world.pass(day);
    for (user, undo) in undos {
        let events = world.events().await.len();
        let (reset, by) = (world.secret().digest, world.by(user));
        let undone = world.store.undo_addresses(undo, reset, LIVES(), by).await;
        undone.unwrap().unwrap();
        let expected = [
            Action::EmailRestored,
            Action::OtpDisabled,
            Action::PasskeyRemoved,
            Action::LinkUsed,
            Action::LinkMade,
        ];
        assert_eq!(world.actions_since(events).await, words(&expected));
        assert!(world.store.find_totp(user.id).await.unwrap().is_none());
        assert_eq!(codes_left(&world, user).await, 0);
        // Its owner is told, at the address that is the primary one again.
        let told = sent(&world).await;
        assert_eq!(told.len(), 2, "{told:?}");
        for kind in [MailKind::TwoFactorOff, MailKind::PasskeyRemoved] {
            let words = MailWords::OfKind(kind);
            let mail = told.iter().find(|(made, _)| made.words == words);
            let (made, _) = mail.expect("it is told");
            let address = format!("{}@example.com", user.login.as_str());
            assert_eq!(made.to.as_str(), address);
        }
    }
    assert_eq!(live(&world, &mona).await, [] as [String; 0]);
    assert_eq!(again(&world, &mona).await.two_factor, TwoFactor::Off);
    // What was there before stays.
    assert_eq!(live(&world, &bert).await, ["bert's own"]);
    assert_eq!(again(&world, &bert).await.two_factor, TwoFactor::On);
}

async fn addresses_are_bounded_in_number_and_by_the_hour(world: World) {
    let (world, mona) = start(world).await;
    let asked = async |address: &str| {
        let by = world.by(&mona);
        world
            .store
            .ask_address(mona.id, email(address), LIVES(), by)
            .await
    };
    assert_eq!(
        refusal(asked("Mona@example.com").await),
        AddressRefused::Known
    );
    for number in 0..20 {
        asked(&format!("a{number}@example.com")).await.unwrap();
    }
    assert_eq!(
        refusal(asked("b@example.com").await),
        AddressRefused::TooOften
    );
    // Only the newest one's link works, so only it is written to.
    let (made, link) = one(&world).await;
    assert_eq!(made.to.as_str(), "a19@example.com");
    verify(&world, &mona, link).await.unwrap();
    world.pass(Duration::from_hours(1));
    let insert = "INSERT INTO emails (account_id, address, address_key, is_primary, verified_at, created_at) VALUES";
    for number in 2..MOST_ADDRESSES {
        let row = format!(
            "({}, 'c{number}@example.com', 'c{number}@example.com', 0, 1, 1)",
            mona.id
        );
        world.run(&format!("{insert} {row}"));
    }
    assert_eq!(
        refusal(asked("d@example.com").await),
        AddressRefused::TooMany
    );
}
