//! What users say about themselves, what they are shown of what happened to their accounts, and of
//! whom a second factor is required.

use std::time::Duration;

use counterfoil_domain::account::{Account, NewAccount};
use counterfoil_domain::audit::Action;
use counterfoil_domain::id::AccountId;
use counterfoil_domain::language::Language;
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::preferences::{Preferences, Profile};
use counterfoil_domain::principal::{Proof, SessionProof};
use counterfoil_domain::scope::Standing;
use counterfoil_domain::second_factor::{RequiredOf, RequiredSince};
use counterfoil_domain::session::SessionLife;
use counterfoil_domain::sign_in::{FailureKind, LockoutPolicy, SignInSubject};
use counterfoil_domain::text::DisplayName;
use counterfoil_domain::time_zone::Zone;
use counterfoil_store::{FailedSignIn, NewImpersonation, RevokeTokens, Store};

use crate::keys::initialised;
use crate::sessions::start;
use crate::two_factor::{CODES, protected};
use crate::world::{World, account_proof, new_account, password, words};

on_each_engine! {
    a_profile_is_changed_where_it_differs_and_says_in_what,
    a_language_or_zone_that_this_program_does_not_know_is_none,
    a_session_goes_on_under_its_next_secret_and_no_other_does,
    a_requirement_begins_once_for_all_processes,
    a_requirement_that_is_taken_back_begins_anew,
    what_was_required_of_everyone_goes_on_for_administrators,
    a_promotion_is_written_down_with_its_time,
    tokens_of_who_has_no_second_factor_end_together,
    an_account_s_record_shows_what_protects_it_and_who_acts_for_it,
    strangers_attempts_hide_nothing_of_what_a_user_did,
}

async fn account(store: &Store, id: AccountId) -> Account {
    let found = store.account_by_id(id).await.expect("it can be read");
    found.expect("it is there")
}

/// How pages speak to a user, as a session is told.
async fn preferences_of(world: &World, user: &Account) -> Preferences {
    let session = start(world, user).await;
    let life = SessionLife::default();
    let found = world.store.find_session(session.digest, life, world.now());
    let found = found.await.expect("it can be read");
    found.expect("it lives").preferences
}

async fn a_profile_is_changed_where_it_differs_and_says_in_what(world: World) {
    let mona = world.user("mona").await;
    let korean = Profile {
        name: DisplayName::parse("모나").ok(),
        preferences: Preferences {
            language: Some(Language::Korean),
            time_zone: Zone::find("Asia/Seoul").ok(),
        },
    };
    let change = async |profile: &Profile| {
        let changed = world
            .store
            .change_profile(mona.id, profile.clone(), world.by(&mona));
        changed.await.expect("the user is there")
    };
    let events = world.events().await.len();
    assert!(change(&korean).await);
    assert!(!change(&korean).await);
    let now = account(&world.store, mona.id).await;
    assert_eq!(now.name, korean.name);
    // Nothing that was proven lapses.
    assert_eq!(now.credential_version, mona.credential_version);
    let preferences = preferences_of(&world, &mona).await;
    assert_eq!(preferences, korean.preferences);
    let nothing = Profile::default();
    assert!(change(&nothing).await);
    let preferences = preferences_of(&world, &mona).await;
    assert_eq!(preferences, Preferences::default());
    assert_eq!(account(&world.store, mona.id).await.name, None);
    let told = world.actions_since(events).await;
    let changes = told
        .iter()
        .filter(|action| *action == Action::UserChanged.as_str());
    assert_eq!(changes.count(), 2);
}

async fn a_language_or_zone_that_this_program_does_not_know_is_none(world: World) {
    let mona = world.user("mona").await;
    world.run("UPDATE accounts SET language = 'tlh', time_zone = 'Mars/Olympus'");
    let preferences = preferences_of(&world, &mona).await;
    assert_eq!(preferences, Preferences::default());
}

async fn a_session_goes_on_under_its_next_secret_and_no_other_does(world: World) {
    let (world, mona) = protected(world).await;
    let mona = account(&world.store, mona.id).await;
    let (here, there) = (start(&world, &mona).await, start(&world, &mona).await);
    let next = world.secret().digest;
    let here_on = SessionProof {
        next: Some(next),
        ..here
    };
    let by = world.proven_by(Proof::Session(account_proof(&mona), here_on));
    let set = world
        .store
        .set_password(mona.id, password("new"), RevokeTokens::Keep, by);
    set.await.expect("the session lives");
    let found = async |digest| {
        let life = SessionLife::default();
        let found = world.store.find_session(digest, life, world.now()).await;
        found.expect("it can be read").map(|found| found.session.id)
    };
    assert_eq!(found(next).await, Some(here.id));
    assert_eq!(found(here.digest).await, None);
    assert_eq!(found(there.digest).await, None);
    // A change that is undone moves nothing.
    let now = account(&world.store, mona.id).await;
    let after = SessionProof {
        digest: next,
        next: Some(here.digest),
        ..here
    };
    let by = world.proven_by(Proof::Session(account_proof(&now), after));
    let unchanged = world.store.change_profile(mona.id, Profile::default(), by);
    assert!(!unchanged.await.expect("the session lives"));
    assert_eq!(found(next).await, Some(here.id));
}

async fn require(world: &World, store: &Store, of: RequiredOf) -> RequiredSince {
    let written = store.require_second_factor(of, world.operator()).await;
    written.expect("it can be written")
}

async fn a_requirement_begins_once_for_all_processes(world: World) {
    let began = world.now();
    let nothing = require(&world, &world.store, RequiredOf::Nobody).await;
    assert_eq!(nothing, RequiredSince::default());
    assert!(world.events().await.is_empty());
    let of_all = require(&world, &world.store, RequiredOf::Everyone).await;
    let both = RequiredSince {
        administrators: Some(began),
        everyone: Some(began),
    };
    assert_eq!(of_all, both);
    world.pass(Duration::from_hours(24));
    let other = world.another_process();
    assert_eq!(require(&world, &other, RequiredOf::Everyone).await, both);
    assert_eq!(other.second_factor_required().await.unwrap(), both);
    let told = world.actions_since(0).await;
    assert_eq!(told, words(&[Action::SecondFactorRequired]));
}

async fn a_requirement_that_is_taken_back_begins_anew(world: World) {
    let began = world.now();
    let first = require(&world, &world.store, RequiredOf::Administrators).await;
    assert_eq!(first.administrators, Some(began));
    assert_eq!(first.everyone, None);
    world.pass(Duration::from_hours(24));
    let over = require(&world, &world.store, RequiredOf::Nobody).await;
    // A process whose settings still say so goes on with the grace that there was.
    assert_eq!(over, first);
    let again = require(&world, &world.store, RequiredOf::Administrators).await;
    assert_eq!(again.administrators, Some(world.now()));
    assert_eq!(world.events().await.len(), 3);
}

async fn what_was_required_of_everyone_goes_on_for_administrators(world: World) {
    let began = world.now();
    require(&world, &world.store, RequiredOf::Everyone).await;
    world.pass(Duration::from_hours(24));
    let since = require(&world, &world.store, RequiredOf::Administrators).await;
    assert_eq!(since.administrators, Some(began));
}

async fn a_promotion_is_written_down_with_its_time(world: World) {
    let new = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account("admin")
    };
    let admin = world.store.create_account(new, world.operator()).await;
    let admin = admin.expect("the login is free");
    assert_eq!(admin.administrator_since, Some(world.now()));
    let mona = world.user("mona").await;
    assert_eq!(mona.administrator_since, None);
    world.pass(Duration::from_hours(24));
    let standing = Standing::SiteAdministrator;
    let promoted = world
        .store
        .set_standing(mona.id, standing, world.operator());
    assert!(promoted.await.expect("the user is there"));
    let mona = account(&world.store, mona.id).await;
    assert_eq!(mona.administrator_since, Some(world.now()));
}

async fn tokens_of_who_has_no_second_factor_end_together(world: World) {
    let (world, bert) = protected(world).await;
    let anna = world.user("anna").await;
    let idle = world.user("idle").await;
    for owner in [&anna, &bert] {
        for note in ["one", "two"] {
            world.make(world.personal(owner, note, "repo")).await;
        }
    }
    let (without, next) = world
        .store
        .without_second_factor(AccountId(0))
        .await
        .unwrap();
    let without: Vec<_> = without.into_iter().map(|account| account.id).collect();
    assert_eq!((without, next), (vec![anna.id], None));
    let events = world.events().await.len();
    let end = async |id| {
        let ended = world
            .store
            .end_tokens_of_overdue(id, world.operator())
            .await;
        ended.expect("it can be written")
    };
    assert_eq!(end(anna.id).await, 2);
    assert_eq!(end(anna.id).await, 0);
    assert_eq!(end(idle.id).await, 0);
    // Whoever got a second factor meanwhile is left alone.
    assert_eq!(end(bert.id).await, 0);
    assert_eq!(world.list(&bert).await.len(), 2);
    let told = world.actions_since(events).await;
    let ended = Action::TokenEnded;
    assert_eq!(told, words(&[Action::AuthorizationRevoked, ended, ended]));
    let reasons = "SELECT DISTINCT end_reason FROM authorizations WHERE ended_at IS NOT NULL";
    let reason = EndReason::SecondFactorOverdue.as_str();
    assert_eq!(world.look_up(reasons), [reason]);
}

async fn an_account_s_record_shows_what_protects_it_and_who_acts_for_it(world: World) {
    let (world, mona) = protected(world).await;
    let new = NewAccount {
        standing: Standing::SiteAdministrator,
        ..new_account("admin")
    };
    let admin = world.store.create_account(new, world.operator()).await;
    let admin = admin.expect("the login is free");
    let until = world.now().plus(Duration::from_hours(8));
    let new = NewImpersonation {
        owner: mona.id,
        maker: admin.id,
        scopes: None,
        expires_at: until,
        token: world.secret(),
    };
    let made = world.store.impersonate(new, world.by(&admin)).await;
    made.expect("the administrator is one");
    let record = async || {
        let record = world.store.security_of(mona.id, 20, world.now()).await;
        record.expect("it can be read")
    };
    let shown = record().await;
    let codes = shown.codes.expect("they are on");
    assert_eq!(codes.recovery_codes, CODES.len() as u64);
    assert_eq!((codes.since, codes.last_used_at), (world.now(), None));
    let [acts] = shown.impersonations.as_slice() else {
        panic!("{:?}", shown.impersonations)
    };
    assert_eq!((&acts.maker, acts.since), (&admin.login, world.now()));
    assert_eq!(acts.until, Some(until));
    let told: Vec<_> = shown
        .events
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(told, ["user.otp_enabled", "user.created"]);
    world.pass(Duration::from_hours(8));
    assert!(record().await.impersonations.is_empty());
    let nobody = world.user("nobody").await;
    let record = world.store.security_of(nobody.id, 20, world.now()).await;
    assert!(record.expect("it can be read").codes.is_none());
}

async fn strangers_attempts_hide_nothing_of_what_a_user_did(world: World) {
    let world = initialised(world).await;
    let mona = world.user("mona").await;
    world.make(world.personal(&mona, "laptop", "repo")).await;
    for number in 0..30_u8 {
        let failed = FailedSignIn {
            subject: SignInSubject([number; 32]),
            account: Some(mona.id),
            address_key: format!("198.51.100.{number}"),
            kind: FailureKind::Password,
        };
        let policy = LockoutPolicy::default();
        let counted = world.store.record_failure(failed, policy, world.operator());
        counted.await.expect("it can be written");
        world.pass(Duration::from_secs(1));
    }
    let record = world.store.security_of(mona.id, 20, world.now()).await;
    let record = record.expect("it can be read");
    let told: Vec<_> = record
        .events
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(told, ["user.created"]);
    assert_eq!(record.refusals.len(), 20);
    let times: Vec<_> = record.refusals.iter().map(|event| event.at).collect();
    assert!(times.is_sorted_by(|one, other| one > other), "{times:?}");
}
