//! Sessions in browsers, passwords that wait for a code, and forms that count once.

use std::time::Duration;

use counterfoil_domain::account::Account;
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::entropy::Entropy;
use counterfoil_domain::form::OnceValue;
use counterfoil_domain::id::{AccountId, SessionId};
use counterfoil_domain::lifecycle::EndReason;
use counterfoil_domain::principal::{Attribution, Lapsed, Proof, SessionProof};
use counterfoil_domain::session::{
    CODE_AWAITED, CODES_TRIED, Session, SessionLife, SignInRepeated,
};
use counterfoil_domain::sign_in::SignInSubject;
use counterfoil_store::{
    ChangeError, HalfSignIn, NewHalfSignIn, NewSession, RemovedSessions, RevokeTokens, SessionUse,
};

use crate::world::{World, account_proof, password};

on_each_engine! {
    a_session_is_found_by_its_secret_until_it_ends,
    another_version_of_the_credentials_ends_a_session_without_a_word,
    a_session_ends_by_its_times,
    one_session_too_many_ends_the_least_recently_used,
    a_confirmed_session_goes_on_under_its_new_secret_alone,
    all_others_end_and_the_one_stays,
    a_password_that_waits_is_its_visitor_s_for_five_codes_and_five_minutes,
    a_password_that_waits_becomes_one_session,
    a_form_that_counts_once_is_spent_by_its_change_alone,
    a_session_administers_while_its_user_is_an_administrator,
    what_is_over_is_ended_and_removed_later,
    what_somebody_is_told_is_told_once,
    a_later_use_stays,
}

const LIFE: SessionLife = SessionLife {
    idle: Duration::from_hours(7 * 24),
    absolute: Duration::from_hours(30 * 24),
    most_per_user: 3,
};
/// More than the slack with which idleness is judged.
const SLACK: Duration = Duration::from_mins(2);

/// Random bytes that count up.
struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill_with(|| self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

pub(crate) fn new(world: &World, account: AccountId) -> NewSession {
    NewSession {
        account,
        digest: world.secret().digest,
        address: "192.0.2.7".parse().expect("an address"),
        agent: Some("Firefox".to_owned()),
        half: None,
    }
}

/// A session of a user who lives, as a proof.
pub(crate) async fn start(world: &World, account: &Account) -> SessionProof {
    let new = new(world, account.id);
    let digest = new.digest;
    let id = world
        .store
        .start_session(new, SessionLife::default(), world.operator());
    SessionProof {
        id: id.await.expect("the user is there"),
        digest,
        ends_at: world.now().plus(LIFE.absolute),
        once: None,
        next: None,
        administers: false,
    }
}

/// A session that has ended, as a proof.
pub(crate) async fn ended(world: &World, account: &Account) -> SessionProof {
    let session = start(world, account).await;
    let (id, reason) = (session.id, EndReason::SignedOut);
    let ended = world
        .store
        .end_session(account.id, id, reason, world.operator());
    assert!(ended.await.expect("the user is there"));
    session
}

/// A session with a form that was sent already.
pub(crate) async fn repeated(
    world: &World,
    account: &Account,
    session: SessionProof,
) -> SessionProof {
    let once = OnceValue::generate(&Counting(0.into()), world.now());
    let session = SessionProof {
        once: Some(once),
        ..session
    };
    let account = world.store.account_by_id(account.id).await;
    let account = account.expect("it can be read").expect("it is there");
    let by = world.proven_by(Proof::Session(account_proof(&account), session));
    let started = world.store.start_session(new(world, account.id), LIFE, by);
    started.await.expect("nobody has sent the form before");
    session
}

async fn found(world: &World, digest: SecretDigest) -> Option<Session> {
    let found = world.store.find_session(digest, LIFE, world.now()).await;
    found.expect("it can be read").map(|found| found.session)
}

async fn live(world: &World, account: &Account) -> Vec<SessionId> {
    let listed = world
        .store
        .list_sessions(account.id, LIFE, world.now())
        .await;
    let listed = listed.expect("it can be read").into_iter();
    listed.map(|session| session.id).collect()
}

async fn a_session_is_found_by_its_secret_until_it_ends(world: World) {
    let mona = world.user("mona").await;
    let session = start(&world, &mona).await;
    let read = found(&world, session.digest).await.expect("it lives");
    assert_eq!((read.id, read.account), (session.id, mona.id));
    assert_eq!(
        (read.created_at, read.confirmed_at),
        (world.now(), world.now())
    );
    assert_eq!(read.address.to_string(), "192.0.2.7");
    assert_eq!(read.agent.as_deref(), Some("Firefox"));
    assert_eq!(read.ends_at, session.ends_at);
    assert_eq!(found(&world, world.secret().digest).await, None);
    let bert = world.user("bert").await;
    let end = async |account: &Account| {
        let (id, reason) = (session.id, EndReason::SignedOut);
        let ended = world
            .store
            .end_session(account.id, id, reason, world.operator());
        ended.await.expect("the user is there")
    };
    assert!(!end(&bert).await, "it is somebody else's");
    assert!(end(&mona).await);
    assert!(!end(&mona).await, "it ended before");
    assert_eq!(found(&world, session.digest).await, None);
    assert_eq!(live(&world, &mona).await, []);
}

async fn another_version_of_the_credentials_ends_a_session_without_a_word(world: World) {
    let mona = world.user("mona").await;
    let session = start(&world, &mona).await;
    let set = world.store.set_password(
        mona.id,
        password("another good password"),
        RevokeTokens::Keep,
        world.operator(),
    );
    set.await.expect("the user is there");
    assert_eq!(found(&world, session.digest).await, None);
    assert_eq!(live(&world, &mona).await, []);
    let suspended = start(&world, &mona).await;
    assert!(found(&world, suspended.digest).await.is_some());
    let operator = world.operator();
    world
        .store
        .suspend_account(mona.id, operator)
        .await
        .expect("the user is there");
    assert_eq!(found(&world, suspended.digest).await, None);
}

async fn a_session_ends_by_its_times(world: World) {
    let mona = world.user("mona").await;
    let idle = start(&world, &mona).await;
    world.pass(LIFE.idle);
    assert!(
        found(&world, idle.digest).await.is_some(),
        "a use may not be written down yet"
    );
    world.pass(SLACK);
    assert_eq!(found(&world, idle.digest).await, None);
    let used = start(&world, &mona).await;
    for _ in 0..5 {
        world.pass(LIFE.absolute / 6);
        note(&world, used.id, "192.0.2.8").await;
        assert!(found(&world, used.digest).await.is_some());
    }
    world.pass(LIFE.absolute / 6);
    assert_eq!(found(&world, used.digest).await, None);
}

async fn note(world: &World, id: SessionId, address: &str) {
    let used = SessionUse {
        id,
        at: world.now(),
        address: address.parse().expect("an address"),
        agent: None,
    };
    let noted = world.store.note_session_uses(vec![used]).await;
    noted.expect("it can be written");
}

async fn one_session_too_many_ends_the_least_recently_used(world: World) {
    let mona = world.user("mona").await;
    let mut sessions = Vec::new();
    for _ in 0..4 {
        world.pass(Duration::from_secs(1));
        let new = new(&world, mona.id);
        let started = world.store.start_session(new, LIFE, world.operator());
        sessions.push(started.await.expect("the user is there"));
        if sessions.len() == 3 {
            world.pass(Duration::from_secs(1));
            note(&world, sessions[0], "192.0.2.8").await;
        }
    }
    let expected = [sessions[3], sessions[0], sessions[2]];
    assert_eq!(live(&world, &mona).await, expected);
}

async fn a_confirmed_session_goes_on_under_its_new_secret_alone(world: World) {
    let mona = world.user("mona").await;
    let session = start(&world, &mona).await;
    world.pass(Duration::from_hours(1));
    let digest = world.secret().digest;
    let by = world.proven_by(Proof::Session(account_proof(&mona), session));
    let confirmed = world.store.confirm_session(mona.id, session.id, digest, by);
    assert!(confirmed.await.expect("it lives"));
    assert_eq!(found(&world, session.digest).await, None);
    let again = found(&world, digest).await.expect("it lives");
    assert_eq!((again.id, again.confirmed_at), (session.id, world.now()));
    assert_eq!(again.ends_at, session.ends_at);
}

async fn all_others_end_and_the_one_stays(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let of_bert = start(&world, &bert).await;
    let (kept, other) = (start(&world, &mona).await, start(&world, &mona).await);
    let end = async || {
        let ended = world
            .store
            .end_other_sessions(mona.id, kept.id, world.operator());
        ended.await.expect("the user is there")
    };
    assert_eq!((end().await, end().await), (1, 0));
    assert_eq!(found(&world, other.digest).await, None);
    assert!(found(&world, kept.digest).await.is_some());
    assert!(found(&world, of_bert.digest).await.is_some());
}

async fn half(world: &World, account: &Account) -> (SecretDigest, SecretDigest) {
    let (digest, visitor) = (world.secret().digest, world.secret().digest);
    let new = NewHalfSignIn {
        digest,
        visitor,
        half: HalfSignIn {
            account: account.id,
            credential_version: account.credential_version,
            subject: SignInSubject([3; 32]),
        },
    };
    let made = world.store.make_half_sign_in(new, world.now()).await;
    made.expect("it can be written");
    (digest, visitor)
}

async fn a_password_that_waits_is_its_visitor_s_for_five_codes_and_five_minutes(world: World) {
    let mona = world.user("mona").await;
    let (digest, visitor) = half(&world, &mona).await;
    let attempt = async |digest, visitor| {
        let tried = world
            .store
            .try_half_sign_in(digest, visitor, world.now())
            .await;
        tried.expect("it can be written")
    };
    assert_eq!(attempt(digest, world.secret().digest).await, None);
    assert_eq!(attempt(visitor, digest).await, None);
    for _ in 0..CODES_TRIED {
        let waiting = attempt(digest, visitor).await.expect("it waits");
        assert_eq!(
            (waiting.account, waiting.subject),
            (mona.id, SignInSubject([3; 32]))
        );
    }
    assert_eq!(attempt(digest, visitor).await, None);
    let (digest, visitor) = half(&world, &mona).await;
    world.pass(CODE_AWAITED);
    assert_eq!(attempt(digest, visitor).await, None);
    let found = world
        .store
        .find_half_sign_in(digest, visitor, world.now())
        .await;
    assert_eq!(found.expect("it can be read"), None);
}

async fn a_password_that_waits_becomes_one_session(world: World) {
    let mona = world.user("mona").await;
    let (digest, _) = half(&world, &mona).await;
    let start = async || {
        let new = NewSession {
            half: Some(digest),
            ..new(&world, mona.id)
        };
        world.store.start_session(new, LIFE, world.operator()).await
    };
    start().await.expect("the first is right");
    let again = start().await;
    assert!(
        matches!(again, Err(ChangeError::Refused(SignInRepeated))),
        "{again:?}"
    );
    assert_eq!(live(&world, &mona).await.len(), 1);
}

async fn a_form_that_counts_once_is_spent_by_its_change_alone(world: World) {
    let mona = world.user("mona").await;
    let session = SessionProof {
        once: Some(OnceValue::generate(&Counting(0.into()), world.now())),
        ..start(&world, &mona).await
    };
    let by = || world.proven_by(Proof::Session(account_proof(&mona), session));
    // What changes nothing spends nothing.
    let nobody = SessionId(i64::MAX);
    let ended = world
        .store
        .end_session(mona.id, nobody, EndReason::SignedOut, by());
    assert!(!ended.await.expect("there is none"));
    let make = async |by: Attribution| {
        let made = world.store.start_session(new(&world, mona.id), LIFE, by);
        made.await
    };
    make(by()).await.expect("the form is new");
    let again = make(by()).await;
    assert!(
        matches!(again, Err(ChangeError::Lapsed(Lapsed::Repeated))),
        "{again:?}"
    );
}

async fn a_session_administers_while_its_user_is_an_administrator(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    let administered = async || {
        let found = world.store.account_by_id(mona.id).await;
        let mona = found.expect("it can be read").expect("it is there");
        let session = SessionProof {
            administers: true,
            ..start(&world, &mona).await
        };
        let by = world.proven_by(Proof::Session(account_proof(&mona), session));
        world
            .store
            .start_session(new(&world, bert.id), LIFE, by)
            .await
    };
    let is_refused = async || {
        let refused = administered().await;
        matches!(refused, Err(ChangeError::Lapsed(Lapsed::Account)))
    };
    assert!(is_refused().await);
    // Whoever changes it by hand raises no version of the credentials.
    let set = |standing: u8| {
        let id = mona.id;
        world.run(&format!(
            "UPDATE accounts SET site_administrator = {standing} WHERE id = {id}"
        ));
    };
    set(1);
    administered().await.expect("she is an administrator now");
    set(0);
    assert!(is_refused().await);
}

async fn what_is_over_is_ended_and_removed_later(world: World) {
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    for account in [&mona, &bert] {
        start(&world, account).await;
    }
    half(&world, &mona).await;
    let session = start(&world, &mona).await;
    repeated(&world, &mona, session).await;
    let suspended = world.store.suspend_account(bert.id, world.operator()).await;
    suspended.expect("the user is there");
    let end = async || {
        let ended = world
            .store
            .end_lapsed_sessions(LIFE, 100, world.operator())
            .await;
        ended.expect("it can be written")
    };
    world.pass(LIFE.idle + SLACK);
    assert_eq!(end().await, 0, "a use may not be written down yet");
    world.pass(SLACK);
    assert_eq!((end().await, end().await), (4, 0));
    let remove = async |ended: Duration| {
        let (ended, remains) = (world.now().minus(ended), world.now().minus(LIFE.idle));
        let removed = world.store.remove_old_sessions(ended, remains, 100).await;
        removed.expect("it can be written")
    };
    let removed = |sessions, remains| RemovedSessions { sessions, remains };
    assert_eq!(remove(LIFE.absolute).await, removed(0, 2));
    world.pass(LIFE.absolute);
    assert_eq!(remove(LIFE.absolute).await, removed(4, 0));
}

async fn what_somebody_is_told_is_told_once(world: World) {
    let mona = world.user("mona").await;
    let session = start(&world, &mona).await;
    let status = async || {
        let found = world
            .store
            .find_session(session.digest, LIFE, world.now())
            .await;
        found.expect("it can be read").expect("it lives").status
    };
    assert_eq!(status().await, None);
    let tell = |text: &str| world.store.tell_at_next_page(session.id, text.to_owned());
    tell("Saved.").await.expect("it can be written");
    assert_eq!(status().await.as_deref(), Some("Saved."));
    tell("Deleted.").await.expect("it can be written");
    let told = |text: &str| world.store.was_told(session.id, text.to_owned());
    told("Saved.").await.expect("it can be written");
    assert_eq!(
        status().await.as_deref(),
        Some("Deleted."),
        "that is another one"
    );
    told("Deleted.").await.expect("it can be written");
    assert_eq!(status().await, None);
}

async fn a_later_use_stays(world: World) {
    let mona = world.user("mona").await;
    let session = start(&world, &mona).await;
    let earlier = SessionUse {
        id: session.id,
        at: world.now().plus(Duration::from_secs(1)),
        address: "192.0.2.9".parse().expect("an address"),
        agent: Some("curl".to_owned()),
    };
    world.pass(Duration::from_secs(5));
    note(&world, session.id, "2001:db8::1").await;
    let noted = world.store.note_session_uses(vec![earlier]).await;
    noted.expect("it can be written");
    let read = found(&world, session.digest).await.expect("it lives");
    assert_eq!(read.last_used_at, world.now());
    assert_eq!(read.address.to_string(), "2001:db8::1");
    assert_eq!(
        read.agent.as_deref(),
        Some("Firefox"),
        "what is not said stays"
    );
}
