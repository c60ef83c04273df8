//! Passkeys: how users get them, and lose them.

use std::time::Duration;

use counterfoil_domain::account::{Account, TwoFactor};
use counterfoil_domain::audit::{Action, Value, reading};
use counterfoil_domain::digest::SecretDigest;
use counterfoil_domain::id::{AccountId, PasskeyId};
use counterfoil_domain::key::{KeyId, Sealed};
use counterfoil_domain::link::LinkKind;
use counterfoil_domain::passkey::public_key::PublicKey;
use counterfoil_domain::passkey::{
    CredentialId, MOST_PASSKEYS, PasskeyGone, PasskeyName, RegistrationRefused, RemovalRefused,
    Transport, UserHandle,
};
use counterfoil_domain::second_factor::{DisableRefused, LastFactor};
use counterfoil_store::{AddedPasskey, NewLink, NewPasskey};

use crate::keys::initialised;
use crate::world::{World, refusal, words};

on_each_engine! {
    a_passkey_is_a_second_factor_and_the_first_one_brings_recovery_codes,
    a_credential_id_is_given_once,
    a_user_has_so_many_passkeys_and_no_more,
    a_passkey_is_refused_while_an_older_program_serves_and_demands_a_newer_one,
    a_link_that_allows_a_passkey_is_used_up_by_it,
    a_passkey_gets_another_name_from_its_user_alone,
    the_last_factor_stays_where_one_is_required,
    recovery_codes_go_with_the_last_second_factor,
    an_operator_takes_passkeys_with_the_codes,
    a_passkey_ends_with_its_user,
    who_has_no_way_in_under_another_host_is_named,
}

const CODES: [[u8; 32]; 2] = [[1; 32], [2; 32]];

/// A key of Ed25519, as a `COSE_Key`.
fn public_key() -> PublicKey {
    let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
    let bytes = [head.as_slice(), &[7; 32]].concat();
    PublicKey::parse(&bytes).expect("its form is right")
}

/// A passkey of a user that goes by this name.
pub(crate) fn new_passkey(account: &Account, credential: &str) -> NewPasskey {
    NewPasskey {
        account: account.id,
        credential: CredentialId::from_bytes(credential.as_bytes()).expect("some bytes"),
        user_handle: UserHandle::from_bytes(&[7; 64]).expect("64 bytes"),
        public_key: public_key(),
        rp_id: "tokens.example.org".to_owned(),
        sign_count: 0,
        is_backup_eligible: true,
        is_backed_up: false,
        transports: vec![Transport::Internal, Transport::Hybrid],
        name: PasskeyName::parse(credential).expect("a name"),
        recovery_digests: CODES.to_vec(),
        link: None,
    }
}

pub(crate) async fn register(world: &World, account: &Account, credential: &str) -> AddedPasskey {
    let new = new_passkey(account, credential);
    let registered = world.store.register_passkey(new, world.operator()).await;
    registered.expect("it is registered")
}

async fn refused(world: &World, account: &Account, credential: &str) -> RegistrationRefused {
    let new = new_passkey(account, credential);
    refusal(world.store.register_passkey(new, world.operator()).await)
}

pub(crate) async fn again(world: &World, account: &Account) -> Account {
    let found = world.store.account_by_id(account.id).await;
    found.expect("it can be read").expect("it is there")
}

pub(crate) async fn live(world: &World, account: &Account) -> Vec<String> {
    let passkeys = world.store.passkeys_of(account.id).await;
    let passkeys = passkeys.expect("they can be read").into_iter();
    passkeys
        .map(|passkey| passkey.name.as_str().to_owned())
        .collect()
}

pub(crate) async fn codes_left(world: &World, account: &Account) -> u64 {
    let left = world.store.recovery_codes_left(account.id).await;
    left.expect("they can be counted")
}

/// What the last event of this action tells.
pub(crate) async fn told(world: &World, action: Action) -> Vec<(String, Value)> {
    let events = world.events().await;
    let word = action.as_str();
    let event = events.iter().rfind(|event| event.action == word);
    let event = event.unwrap_or_else(|| panic!("no {word}"));
    let read = reading::read(event.format, &event.bytes).expect("the form is known");
    read.details
}

async fn a_passkey_is_a_second_factor_and_the_first_one_brings_recovery_codes(world: World) {
    let mona = world.user("mona").await;
    assert_eq!(world.store.user_handle_of(mona.id).await.unwrap(), None);
    let events = world.events().await.len();
    let added = register(&world, &mona, "one").await;
    assert!(added.is_first_factor);
    let now = again(&world, &mona).await;
    assert_eq!(now.two_factor, TwoFactor::On);
    assert_eq!(now.credential_version, mona.credential_version + 1);
    assert_eq!(codes_left(&world, &mona).await, 2);
    let handle = world.store.user_handle_of(mona.id).await.unwrap();
    assert_eq!(handle, UserHandle::from_bytes(&[7; 64]));

    let second = register(&world, &mona, "two").await;
    assert!(!second.is_first_factor);
    assert_eq!(codes_left(&world, &mona).await, 2);
    assert_eq!(live(&world, &mona).await, ["one", "two"]);
    let listed = world.store.passkeys_of(mona.id).await.unwrap();
    assert_eq!(listed, [added.passkey.clone(), second.passkey]);
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::PasskeyRegistered, Action::PasskeyRegistered])
    );
    let found = world.store.find_passkey(added.passkey.credential).await;
    let found = found.unwrap().expect("it is there");
    assert_eq!((found.id, found.account), (added.passkey.id, mona.id));
    assert_eq!(found.public_key, public_key().as_bytes());
    assert!(found.is_backup_eligible);
    // Others have none.
    let lisa = world.user("lisa").await;
    assert_eq!(lisa.two_factor, TwoFactor::Off);
    assert_eq!(live(&world, &lisa).await, [] as [String; 0]);
}

async fn a_credential_id_is_given_once(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let added = register(&world, &mona, "one").await;
    for user in [&mona, &lisa] {
        assert_eq!(
            refused(&world, user, "one").await,
            RegistrationRefused::Taken
        );
    }
    let (id, last) = (added.passkey.id, LastFactor::MayGo);
    let removed = world
        .store
        .remove_passkey(mona.id, id, last, world.operator());
    removed.await.unwrap();
    for user in [&mona, &lisa] {
        assert_eq!(
            refused(&world, user, "one").await,
            RegistrationRefused::Taken
        );
        assert_eq!(again(&world, user).await.two_factor, TwoFactor::Off);
        assert_eq!(codes_left(&world, user).await, 0);
    }
    let found = world.store.find_passkey(added.passkey.credential).await;
    assert_eq!(found.unwrap(), None);
}

async fn a_user_has_so_many_passkeys_and_no_more(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    for number in 0..MOST_PASSKEYS {
        register(&world, &mona, &format!("{number}")).await;
    }
    assert_eq!(
        refused(&world, &mona, "more").await,
        RegistrationRefused::TooMany
    );
    register(&world, &lisa, "more").await;
}

async fn a_passkey_is_refused_while_an_older_program_serves_and_demands_a_newer_one(world: World) {
    let mona = world.user("mona").await;
    let demanded = "SELECT oldest_program FROM schema_migrations WHERE number = (SELECT max(number) FROM schema_migrations)";
    let seen = world.now().microseconds();
    world.run(&format!(
        "INSERT INTO nodes (id, level, seen_at) VALUES ('older', 1, {seen})"
    ));
    world.store.note_node(world.now()).await.unwrap();
    let before = world.everything();
    for seconds in [0, 59] {
        world.pass(Duration::from_secs(seconds));
        let refused = refused(&world, &mona, "one").await;
        assert_eq!(refused, RegistrationRefused::OlderProgram, "{seconds}");
    }
    assert_eq!(world.everything(), before);
    assert_eq!(world.look_up(demanded), ["0.1.0"]);
    world.pass(Duration::from_secs(1));
    register(&world, &mona, "one").await;
    assert_eq!(world.look_up(demanded), ["0.1.0.2"]);
}

async fn a_link_that_allows_a_passkey_is_used_up_by_it(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let link = async |owner: &Account| {
        let digest = world.secret().digest;
        let new = NewLink {
            kind: LinkKind::Enrolment,
            account: Some(owner.id),
            digest,
            expires_at: world.now().plus(Duration::from_hours(1)),
        };
        let made = world.store.issue_link(new, world.operator()).await;
        made.expect("the link can be made");
        digest
    };
    let with = async |link: SecretDigest, credential: &str| {
        let new = NewPasskey {
            link: Some(link),
            ..new_passkey(&mona, credential)
        };
        world.store.register_passkey(new, world.operator()).await
    };
    let of_lisa = link(&lisa).await;
    let dead = refusal(with(of_lisa, "one").await);
    assert_eq!(dead, RegistrationRefused::DeadLink);
    let of_mona = link(&mona).await;
    let events = world.events().await.len();
    with(of_mona, "one").await.expect("the link is hers");
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::PasskeyRegistered, Action::LinkUsed])
    );
    let dead = refusal(with(of_mona, "two").await);
    assert_eq!(dead, RegistrationRefused::DeadLink);
    assert_eq!(live(&world, &mona).await, ["one"]);
}

async fn a_passkey_gets_another_name_from_its_user_alone(world: World) {
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let id = register(&world, &mona, "one").await.passkey.id;
    let version = again(&world, &mona).await.credential_version;
    let rename = async |owner: &Account, id: PasskeyId| {
        let name = PasskeyName::parse("a key in blue").expect("a name");
        let by = world.operator();
        world.store.rename_passkey(owner.id, id, name, by).await
    };
    assert_eq!(refusal(rename(&lisa, id).await), PasskeyGone);
    assert_eq!(refusal(rename(&mona, PasskeyId(4_711)).await), PasskeyGone);
    let events = world.events().await.len();
    assert!(rename(&mona, id).await.unwrap());
    assert!(!rename(&mona, id).await.unwrap(), "it has that name");
    assert_eq!(
        world.actions_since(events).await,
        words(&[Action::PasskeyRenamed])
    );
    assert_eq!(live(&world, &mona).await, ["a key in blue"]);
    // What proves who she is did not change.
    assert_eq!(again(&world, &mona).await.credential_version, version);
}

async fn the_last_factor_stays_where_one_is_required(world: World) {
    let world = initialised(world).await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let store = &world.store;
    let one = register(&world, &mona, "one").await.passkey.id;
    let two = register(&world, &mona, "two").await.passkey.id;
    let remove = async |owner: AccountId, id| {
        let last = LastFactor::MustStay;
        store
            .remove_passkey(owner, id, last, world.operator())
            .await
    };
    let gone = RemovalRefused::Gone(PasskeyGone);
    assert_eq!(refusal(remove(lisa.id, one).await), gone);
    remove(mona.id, one).await.expect("another one is left");
    assert_eq!(refusal(remove(mona.id, one).await), gone);
    let before = world.everything();
    assert_eq!(
        refusal(remove(mona.id, two).await),
        RemovalRefused::Required
    );
    assert_eq!(world.everything(), before);
    // With one-time codes beside it the passkey may go, and then the codes must stay.
    enable_totp(&world, &mona).await;
    remove(mona.id, two).await.expect("codes are left");
    let disable = async |last| {
        store
            .disable_own_totp(mona.id, last, world.operator())
            .await
    };
    assert_eq!(
        refusal(disable(LastFactor::MustStay).await),
        DisableRefused::Required
    );
    register(&world, &mona, "three").await;
    assert!(disable(LastFactor::MustStay).await.unwrap());
    assert!(
        !disable(LastFactor::MustStay).await.unwrap(),
        "they are off"
    );
    assert_eq!(again(&world, &mona).await.two_factor, TwoFactor::On);
}

pub(crate) async fn enable_totp(world: &World, account: &Account) {
    let seed = Sealed {
        key: KeyId::parse("00000001").expect("eight digits"),
        bytes: b"seed".to_vec(),
    };
    let by = world.operator();
    let enabled = world
        .store
        .enable_totp(account.id, seed, CODES.to_vec(), by);
    enabled.await.expect("the user is there");
}

async fn recovery_codes_go_with_the_last_second_factor(world: World) {
    let world = initialised(world).await;
    let mona = world.user("mona").await;
    let (store, may_go) = (&world.store, LastFactor::MayGo);
    let one = register(&world, &mona, "one").await.passkey.id;
    enable_totp(&world, &mona).await;
    assert_eq!(live(&world, &mona).await, ["one"], "codes end no passkey");
    let off = store.disable_own_totp(mona.id, may_go, world.operator());
    assert!(off.await.unwrap());
    assert_eq!(codes_left(&world, &mona).await, 2);
    let used = store.use_recovery_code(mona.id, CODES[0], world.operator());
    assert!(
        used.await.unwrap().is_some(),
        "they count for a passkey too"
    );
    let removed = store.remove_passkey(mona.id, one, may_go, world.operator());
    removed.await.unwrap();
    assert_eq!(codes_left(&world, &mona).await, 0);
    assert_eq!(again(&world, &mona).await.two_factor, TwoFactor::Off);
}

async fn an_operator_takes_passkeys_with_the_codes(world: World) {
    let world = initialised(world).await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    for user in [&mona, &lisa] {
        for credential in ["one", "two"] {
            let credential = format!("{credential} of {}", user.login.as_str());
            register(&world, user, &credential).await;
        }
    }
    enable_totp(&world, &lisa).await;
    let disable = async |user: &Account| {
        let disabled = world.store.disable_totp(user.id, world.operator()).await;
        disabled.expect("the user is there")
    };
    let events = world.events().await.len();
    assert!(disable(&mona).await);
    assert_eq!(
        told(&world, Action::PasskeyRemoved).await,
        [("count".to_owned(), Value::Number(2))]
    );
    assert!(disable(&lisa).await);
    assert!(!disable(&lisa).await, "there is nothing left");
    assert_eq!(
        world.actions_since(events).await,
        words(&[
            Action::PasskeyRemoved,
            Action::OtpDisabled,
            Action::PasskeyRemoved
        ])
    );
    for user in [&mona, &lisa] {
        assert_eq!(live(&world, user).await, [] as [String; 0]);
        assert_eq!(codes_left(&world, user).await, 0);
        assert_eq!(again(&world, user).await.two_factor, TwoFactor::Off);
    }
}

async fn a_passkey_ends_with_its_user(world: World) {
    let mona = world.user("mona").await;
    let added = register(&world, &mona, "one").await;
    let deleted = world.store.delete_account(mona.id, world.operator());
    deleted.await.unwrap();
    let found = world.store.find_passkey(added.passkey.credential).await;
    assert_eq!(found.unwrap(), None);
    assert_eq!(
        world.look_up("SELECT end_reason FROM passkeys"),
        ["account_deleted"]
    );
}

async fn who_has_no_way_in_under_another_host_is_named(world: World) {
    let world = initialised(world).await;
    let stranded = async |rp_id: Option<&str>| {
        let named = world.store.stranded_by_passkeys(rp_id, 10).await.unwrap();
        let named = named.iter().map(|login| login.as_str().to_owned());
        named.collect::<Vec<_>>()
    };
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let (bert, otto) = (world.user("bert").await, world.user("otto").await);
    // Without recovery codes; with them; with one-time codes; without a password.
    for user in [&mona, &lisa, &bert, &otto] {
        let codes = if user.id == lisa.id || user.id == otto.id {
            CODES.to_vec()
        } else {
            Vec::new()
        };
        let new = NewPasskey {
            recovery_digests: codes,
            ..new_passkey(user, user.login.as_str())
        };
        let registered = world.store.register_passkey(new, world.operator());
        registered.await.unwrap();
    }
    enable_totp(&world, &bert).await;
    world.run("UPDATE accounts SET password_phc = NULL WHERE login = 'otto'");
    world.user("nobody").await;
    assert_eq!(
        stranded(Some("tokens.example.org")).await,
        [] as [String; 0]
    );
    for rp_id in [None, Some("example.org"), Some("other.example")] {
        assert_eq!(stranded(rp_id).await, ["mona", "otto"], "{rp_id:?}");
    }
    let new = NewPasskey {
        rp_id: "other.example".to_owned(),
        ..new_passkey(&mona, "another")
    };
    let registered = world.store.register_passkey(new, world.operator());
    registered.await.unwrap();
    assert_eq!(stranded(Some("other.example")).await, ["otto"]);
    assert_eq!(stranded(Some("third.example")).await, ["mona", "otto"]);
    let suspended = world.store.suspend_account(otto.id, world.operator());
    assert!(suspended.await.unwrap());
    assert_eq!(stranded(Some("third.example")).await, ["mona"]);
}
