//! Links that work once: made, used, ended.

use std::time::Duration;

use counterfoil_domain::account::{Account, AccountChange, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::link::{LinkKind, LinkLives, LinkRefused, LinkSpendRefused};
use counterfoil_domain::scope::Standing;
use counterfoil_domain::sign_in::{FailureKind, LockoutPolicy, SignInSubject};
use counterfoil_store::{FailedSignIn, LinkPassword, NewLink, RevokeTokens, SetUpAccount};

use crate::keys::initialised;
use crate::world::{World, new_account, password, refusal, verified, words};

on_each_engine! {
    a_link_is_found_while_it_works_and_looking_at_it_changes_nothing,
    a_newer_link_of_its_kind_ends_the_older_one_of_the_same_account,
    a_link_of_another_kind_does_nothing,
    the_first_administrator_is_made_by_the_newest_set_up_link_and_no_other_after_that,
    of_set_up_links_that_are_made_at_the_same_time_one_works,
    of_many_that_use_one_set_up_link_at_the_same_time_one_makes_an_administrator,
    a_set_up_link_is_never_used_after_an_operator_made_an_administrator,
    an_invitation_gives_the_first_password_and_verifies_the_address_that_it_went_to,
    an_invitation_verifies_no_address_that_came_after_it,
    a_reset_gives_another_password_lifts_locks_and_ends_tokens_where_that_is_wanted,
    of_many_that_use_one_reset_at_the_same_time_one_sets_its_password,
    a_password_that_was_set_ends_invitations_and_resets,
    links_of_suspended_and_deleted_users_do_nothing,
    links_that_expired_long_ago_are_removed,
}

const LIVES: LinkLives = LinkLives {
    set_up: Duration::from_hours(1),
    invitation: Duration::from_hours(168),
    reset: Duration::from_hours(1),
    address: Duration::from_hours(24),
    address_undo: Duration::from_hours(168),
    enrolment: Duration::from_hours(1),
};

/// A link of this kind, shown to an operator.
async fn link(world: &World, kind: LinkKind, account: Option<AccountId>) -> SecretDigest {
    let digest = world.secret().digest;
    let new = NewLink {
        kind,
        account,
        digest,
        expires_at: world.now().plus(LIVES.of(kind)),
    };
    world.store.issue_link(new, world.operator()).await.unwrap();
    digest
}

async fn works(world: &World, digest: SecretDigest) -> bool {
    let found = world.store.find_link(digest, world.now()).await;
    found.unwrap().is_some()
}

fn first(link: SecretDigest, name: &str) -> SetUpAccount {
    SetUpAccount {
        link,
        account: NewAccount {
            standing: Standing::SiteAdministrator,
            ..new_account(name)
        },
    }
}

fn chosen(link: SecretDigest, text: &str) -> LinkPassword {
    LinkPassword {
        link,
        password: password(text),
    }
}

async fn reset(
    world: &World,
    user: &Account,
    chosen: LinkPassword,
) -> Result<(), LinkSpendRefused> {
    let by = world.by(user);
    let done = world
        .store
        .reset_password(chosen, RevokeTokens::Keep, Vec::new(), by);
    done.await.unwrap().map(drop)
}

/// What is kept of a user's password.
fn kept(world: &World, user: &Account) -> Vec<String> {
    world.look_up(&format!(
        "SELECT password_phc FROM accounts WHERE id = {}",
        user.id
    ))
}

/// A user whom somebody made who has no password and an address that is not verified.
async fn invited(world: &World, name: &str) -> Account {
    let new = NewAccount {
        password: None,
        ..new_account(name)
    };
    let made = world
        .store
        .create_account(new, world.operator())
        .await
        .unwrap();
    let unverified = AccountChange {
        email: Some(counterfoil_domain::account::NewEmail {
            verification: counterfoil_domain::account::Verification::Unverified,
            ..verified(&format!("{name}@example.com"))
        }),
        ..AccountChange::default()
    };
    let changed = world
        .store
        .change_account(made.id, unverified, world.operator());
    changed.await.unwrap()
}

async fn email_of(world: &World, user: &Account) -> Option<String> {
    let account = world.store.account_by_id(user.id).await.unwrap();
    account
        .expect("the user is there")
        .email
        .map(|email| email.as_str().to_owned())
}

async fn a_link_is_found_while_it_works_and_looking_at_it_changes_nothing(world: World) {
    let user = world.user("mona").await;
    let digest = link(&world, LinkKind::Reset, Some(user.id)).await;
    let before = world.everything();
    let found = world.store.find_link(digest, world.now()).await.unwrap();
    let found = found.expect("it works");
    assert_eq!(found.kind, LinkKind::Reset);
    assert_eq!(found.account.expect("it is somebody's").login, user.login);
    assert_eq!(found.expires_at, world.now().plus(LIVES.reset));
    assert_eq!(world.everything(), before);
    assert!(!works(&world, SecretDigest::of("another")).await);
    world.pass(Duration::from_mins(59));
    assert!(works(&world, digest).await);
    world.pass(Duration::from_mins(1));
    assert!(!works(&world, digest).await);
    let late = reset(&world, &user, chosen(digest, "late")).await;
    assert_eq!(late, Err(LinkSpendRefused::Dead));
}

async fn a_newer_link_of_its_kind_ends_the_older_one_of_the_same_account(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let older = link(&world, LinkKind::Reset, Some(mona.id)).await;
    let berts = link(&world, LinkKind::Reset, Some(bert.id)).await;
    let other = link(&world, LinkKind::Enrolment, Some(mona.id)).await;
    let newer = link(&world, LinkKind::Reset, Some(mona.id)).await;
    assert!(!works(&world, older).await);
    for digest in [berts, other, newer] {
        assert!(works(&world, digest).await);
    }
    let told = words(&[Action::LinkMade; 4]);
    assert_eq!(world.actions_since(2).await, told);
}

async fn a_link_of_another_kind_does_nothing(world: World) {
    let user = world.user("mona").await;
    let digest = link(&world, LinkKind::Enrolment, Some(user.id)).await;
    let before = world.everything();
    let tried = reset(&world, &user, chosen(digest, "other")).await;
    assert_eq!(tried, Err(LinkSpendRefused::Dead));
    let tried = world
        .store
        .accept_invitation(chosen(digest, "other"), world.by(&user));
    assert_eq!(tried.await.unwrap(), Err(LinkSpendRefused::Dead));
    let tried = world.store.set_up(first(digest, "first"), world.by(&user));
    assert_eq!(tried.await.unwrap(), Err(LinkSpendRefused::Dead));
    assert_eq!(world.everything(), before);
    assert!(works(&world, digest).await);
}

async fn the_first_administrator_is_made_by_the_newest_set_up_link_and_no_other_after_that(
    world: World,
) {
    let store = &world.store;
    assert!(!store.is_administered().await.unwrap());
    let older = link(&world, LinkKind::SetUp, None).await;
    let newer = link(&world, LinkKind::SetUp, None).await;
    world.user("taken").await;
    let by = || world.operator();
    let tried = store.set_up(first(older, "mona"), by()).await.unwrap();
    assert_eq!(tried, Err(LinkSpendRefused::Dead));
    // What is refused for its login spends nothing.
    let tried = store.set_up(first(newer, "taken"), by()).await.unwrap();
    assert_eq!(tried, Err(LinkSpendRefused::LoginTaken));
    let made = store
        .set_up(first(newer, "mona"), by())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(made.standing, Standing::SiteAdministrator);
    let told = world.actions_since(3).await;
    assert_eq!(told, words(&[Action::LinkUsed, Action::UserCreated]));
    // Even when nobody administers it any more.
    let demoted = store.set_standing(made.id, Standing::Ordinary, by()).await;
    assert!(demoted.unwrap());
    assert!(store.is_administered().await.unwrap());
    let new = NewLink {
        kind: LinkKind::SetUp,
        account: None,
        digest: world.secret().digest,
        expires_at: world.now().plus(LIVES.set_up),
    };
    let refused = store.issue_link(new, by()).await;
    assert_eq!(refusal(refused), LinkRefused::SetUpDone);
}

async fn of_set_up_links_that_are_made_at_the_same_time_one_works(world: World) {
    let other = world.another_process();
    let makes = (0..6).map(async |number| {
        let store = if number % 2 == 0 {
            &world.store
        } else {
            &other
        };
        let digest = world.secret().digest;
        let new = NewLink {
            kind: LinkKind::SetUp,
            account: None,
            digest,
            expires_at: world.now().plus(LIVES.set_up),
        };
        store.issue_link(new, world.operator()).await.unwrap();
        digest
    });
    let made = futures_util::future::join_all(makes).await;
    let mut working = 0;
    for digest in made {
        working += usize::from(works(&world, digest).await);
    }
    assert_eq!(working, 1);
}

async fn of_many_that_use_one_set_up_link_at_the_same_time_one_makes_an_administrator(
    world: World,
) {
    let digest = link(&world, LinkKind::SetUp, None).await;
    let other = world.another_process();
    let names: Vec<String> = (0..6).map(|number| format!("admin{number}")).collect();
    let tries = names.iter().enumerate().map(|(number, name)| {
        let store = if number % 2 == 0 {
            &world.store
        } else {
            &other
        };
        store.set_up(first(digest, name), world.operator())
    });
    let came = futures_util::future::join_all(tries).await;
    let made = came
        .into_iter()
        .filter(|came| came.as_ref().unwrap().is_ok());
    assert_eq!(made.count(), 1);
    assert_eq!(world.look_up("SELECT count(*) FROM accounts"), ["1"]);
}

async fn a_set_up_link_is_never_used_after_an_operator_made_an_administrator(world: World) {
    let digest = link(&world, LinkKind::SetUp, None).await;
    let other = world.another_process();
    let root = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account("root")
    };
    let (used, root) = futures_util::future::join(
        world.store.set_up(first(digest, "mona"), world.operator()),
        other.create_account(root, world.operator()),
    )
    .await;
    let root = root.expect("an operator may always");
    let made = match used.unwrap() {
        Ok(mona) => {
            assert!(mona.id < root.id, "who used the link was the first");
            2
        }
        Err(refused) => {
            assert_eq!(refused, LinkSpendRefused::Dead);
            1
        }
    };
    let tried = world.store.set_up(first(digest, "lisa"), world.operator());
    assert_eq!(tried.await.unwrap(), Err(LinkSpendRefused::Dead));
    let counted = world.look_up("SELECT count(*) FROM accounts");
    assert_eq!(counted, [made.to_string()]);
}

async fn an_invitation_gives_the_first_password_and_verifies_the_address_that_it_went_to(
    world: World,
) {
    let user = invited(&world, "mona").await;
    assert_eq!(email_of(&world, &user).await, None);
    let digest = link(&world, LinkKind::Invitation, Some(user.id)).await;
    let events = world.events().await.len();
    let accepted = world
        .store
        .accept_invitation(chosen(digest, "mine"), world.by(&user));
    assert_eq!(accepted.await.unwrap(), Ok(user.id));
    assert_eq!(kept(&world, &user), [password("mine").as_str()]);
    assert_eq!(
        email_of(&world, &user).await.as_deref(),
        Some("mona@example.com")
    );
    let told = [
        Action::LinkUsed,
        Action::UserPasswordChanged,
        Action::EmailAdded,
    ];
    assert_eq!(world.actions_since(events).await, words(&told));
    let again = world
        .store
        .accept_invitation(chosen(digest, "again"), world.by(&user));
    assert_eq!(again.await.unwrap(), Err(LinkSpendRefused::Dead));
    // Who has a password is not invited.
    let new = NewLink {
        kind: LinkKind::Invitation,
        account: Some(user.id),
        digest: world.secret().digest,
        expires_at: world.now().plus(LIVES.invitation),
    };
    let refused = world.store.issue_link(new, world.operator()).await;
    assert_eq!(refusal(refused), LinkRefused::HasPassword);
}

async fn an_invitation_verifies_no_address_that_came_after_it(world: World) {
    let user = invited(&world, "mona").await;
    let digest = link(&world, LinkKind::Invitation, Some(user.id)).await;
    let another = AccountChange {
        email: Some(counterfoil_domain::account::NewEmail {
            verification: counterfoil_domain::account::Verification::Unverified,
            ..verified("other@example.com")
        }),
        ..AccountChange::default()
    };
    let changed = world
        .store
        .change_account(user.id, another, world.operator());
    changed.await.unwrap();
    let accepted = world
        .store
        .accept_invitation(chosen(digest, "mine"), world.by(&user));
    assert_eq!(accepted.await.unwrap(), Ok(user.id));
    assert_eq!(email_of(&world, &user).await, None);
}

async fn a_reset_gives_another_password_lifts_locks_and_ends_tokens_where_that_is_wanted(
    world: World,
) {
    let user = world.user("mona").await;
    world.make(world.personal(&user, "laptop", "repo")).await;
    let subject = SignInSubject([7; 32]);
    for _ in 0..12 {
        let failed = FailedSignIn {
            subject,
            account: Some(user.id),
            address_key: "192.0.2.1".to_owned(),
            kind: FailureKind::Password,
        };
        let policy = LockoutPolicy::default();
        let counted = world.store.record_failure(failed, policy, world.operator());
        counted.await.unwrap();
    }
    let locks = async || world.store.locks_of(user.id, world.now()).await.unwrap();
    assert_eq!(locks().await.len(), 1);
    let before = world.store.account_by_id(user.id).await.unwrap().unwrap();
    let digest = link(&world, LinkKind::Reset, Some(user.id)).await;
    let events = world.events().await.len();
    let done = world.store.reset_password(
        chosen(digest, "another"),
        RevokeTokens::Revoke,
        vec![subject],
        world.by(&user),
    );
    let (id, set) = done.await.unwrap().unwrap();
    assert_eq!((id, set.tokens_revoked), (user.id, 1));
    assert_eq!(locks().await, []);
    assert_eq!(world.list(&user).await, []);
    assert_eq!(kept(&world, &user), [password("another").as_str()]);
    let after = world.store.account_by_id(user.id).await.unwrap().unwrap();
    // What was proved before, a session too, holds no more.
    assert!(after.credential_version > before.credential_version);
    let mut told = world.actions_since(events).await;
    told.retain(|action| action != Action::TokenEnded.as_str());
    let expected = [
        Action::LinkUsed,
        Action::UserPasswordChanged,
        Action::UserUnlocked,
    ];
    assert_eq!(told, words(&expected));
}

async fn of_many_that_use_one_reset_at_the_same_time_one_sets_its_password(world: World) {
    let user = world.user("mona").await;
    let digest = link(&world, LinkKind::Reset, Some(user.id)).await;
    let other = world.another_process();
    let tries = (0..6).map(|number| {
        let store = if number % 2 == 0 {
            &world.store
        } else {
            &other
        };
        let chosen = chosen(digest, &format!("number {number}"));
        store.reset_password(chosen, RevokeTokens::Keep, Vec::new(), world.by(&user))
    });
    let came = futures_util::future::join_all(tries).await;
    let places = came.iter().enumerate();
    let set: Vec<_> = places
        .filter(|(_, came)| came.as_ref().unwrap().is_ok())
        .map(|(number, _)| password(&format!("number {number}")).as_str().to_owned())
        .collect();
    assert_eq!(set.len(), 1);
    assert_eq!(kept(&world, &user), set);
}

async fn a_password_that_was_set_ends_invitations_and_resets(world: World) {
    let user = invited(&world, "mona").await;
    let mut ended = Vec::new();
    for kind in [LinkKind::Invitation, LinkKind::Reset] {
        ended.push(link(&world, kind, Some(user.id)).await);
    }
    let enrolment = link(&world, LinkKind::Enrolment, Some(user.id)).await;
    let set = world.store.set_password(
        user.id,
        password("by an operator"),
        RevokeTokens::Keep,
        world.operator(),
    );
    set.await.unwrap();
    for digest in ended {
        assert!(!works(&world, digest).await);
    }
    assert!(works(&world, enrolment).await);
}

async fn links_of_suspended_and_deleted_users_do_nothing(world: World) {
    let world = initialised(world).await;
    let user = world.user("mona").await;
    let digest = link(&world, LinkKind::Reset, Some(user.id)).await;
    world
        .store
        .suspend_account(user.id, world.operator())
        .await
        .unwrap();
    let tried = reset(&world, &user, chosen(digest, "asleep")).await;
    assert_eq!(tried, Err(LinkSpendRefused::Suspended));
    let new = NewLink {
        kind: LinkKind::Reset,
        account: Some(user.id),
        digest: world.secret().digest,
        expires_at: world.now().plus(LIVES.reset),
    };
    let refused = world.store.issue_link(new.clone(), world.operator()).await;
    assert_eq!(refusal(refused), LinkRefused::Suspended);
    world
        .store
        .unsuspend_account(user.id, world.operator())
        .await
        .unwrap();
    assert!(works(&world, digest).await);
    world
        .store
        .delete_account(user.id, world.operator())
        .await
        .unwrap();
    assert!(!works(&world, digest).await);
    let refused = world.store.issue_link(new, world.operator()).await;
    assert_eq!(refusal(refused), LinkRefused::NoSuchUser);
}

async fn links_that_expired_long_ago_are_removed(world: World) {
    let user = world.user("mona").await;
    link(&world, LinkKind::Reset, Some(user.id)).await;
    link(&world, LinkKind::Reset, Some(user.id)).await;
    let day = Duration::from_hours(24);
    let remove = async || {
        let before = world.now().minus(90 * day);
        world
            .store
            .remove_old_mail(before, 100, world.now())
            .await
            .unwrap()
    };
    world.pass(90 * day);
    assert_eq!(remove().await, 0);
    world.pass(LIVES.reset);
    assert_eq!(remove().await, 2);
    assert_eq!(world.look_up("SELECT count(*) FROM links"), ["0"]);
}
