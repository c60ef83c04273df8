//! What a user who has passkeys meets at the API (wire contract, section 4). How a passkey is made
//! and given is for pages.

use std::time::Duration;

use counterfoil_domain::passkey::public_key::PublicKey;
use counterfoil_domain::passkey::{CredentialId, PasskeyName, UserHandle};
use counterfoil_domain::principal::{Attribution, Principal, Proof};
use counterfoil_domain::second_factor::{LastFactor, RequiredOf, SecondFactor, SecondFactorPolicy};
use counterfoil_store::NewPasskey;
use counterfoil_testkit::{Answer, Authenticator, GivenToken, UserActor, World, WorldOptions};

const MESSAGE: &str = "Must specify two-factor authentication OTP code.";

#[track_caller]
fn assert_asks_for_a_code(answer: &Answer) {
    assert_eq!(answer.assert_status(401).message(), MESSAGE);
    assert_eq!(answer.header("x-github-otp"), "required; app");
}

fn operator(world: &World) -> Attribution {
    Attribution {
        principal: Principal {
            proof: Proof::Operator("tester".to_owned()),
            origin: None,
        },
        at: world.authority.now(),
        personal_salt: [0; 16],
    }
}

/// Gives a user a passkey, as a browser would have it made.
pub(super) async fn give(world: &World, user: &UserActor<'_>, name: &str) {
    let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20];
    let key = [head.as_slice(), &[7; 32]].concat();
    let new = NewPasskey {
        account: user.account.id,
        credential: CredentialId::from_bytes(name.as_bytes()).expect("some bytes"),
        user_handle: UserHandle::from_bytes(&[7; 64]).expect("64 bytes"),
        public_key: PublicKey::parse(&key).expect("its form is right"),
        rp_id: "counterfoil.test".to_owned(),
        sign_count: 0,
        is_backup_eligible: false,
        is_backed_up: false,
        transports: Vec::new(),
        name: PasskeyName::parse(name).expect("a name"),
        recovery_digests: Vec::new(),
        link: None,
    };
    let registered = world.store.register_passkey(new, operator(world)).await;
    registered.expect("it is registered");
}

/// A user with a passkey and recovery codes alone, and what is left of an app.
async fn with_passkey_alone(world: &World) -> (UserActor<'_>, Authenticator) {
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    give(world, &mona, "a key in blue").await;
    let (id, last) = (mona.account.id, LastFactor::MustStay);
    let off = world.store.disable_own_totp(id, last, operator(world));
    assert!(off.await.expect("a passkey is left"));
    (mona, pocket)
}

#[tokio::test]
async fn recovery_codes_are_the_only_ones_of_who_has_passkeys_alone() {
    let world = World::new().await;
    let (mona, pocket) = with_passkey_alone(&world).await;
    assert_asks_for_a_code(&mona.get("/user").await);
    assert_asks_for_a_code(&mona.named("mona@example.com").get("/user").await);
    for code in ["", "123456", &pocket.code(&world)] {
        assert_asks_for_a_code(&mona.with_otp(code).get("/user").await);
    }
    let [first, second] = [0, 1].map(|place| pocket.recovery_codes[place].clone());
    let answer = mona.with_otp(&first).get("/user").await;
    let shown = answer.assert_status(200).json();
    assert_eq!(shown["two_factor_authentication"], true);
    assert_asks_for_a_code(&mona.with_otp(&first).get("/user").await);
    mona.with_otp(&second).get("/user").await.assert_status(200);
    // Nobody learns of it without the password.
    let wrong = mona.with_password("wrong").get("/user").await;
    assert_eq!(wrong.assert_status(401).message(), "Bad credentials");
    assert!(!wrong.has("x-github-otp"));
}

#[tokio::test]
async fn a_password_that_is_remembered_opens_nothing_once_there_is_a_passkey() {
    let world = World::new().await;
    let mona = world.user("mona").await;
    mona.get("/user").await.assert_status(200);
    give(&world, &mona, "a key in blue").await;
    assert_asks_for_a_code(&mona.get("/user").await);
}

#[tokio::test]
async fn an_operator_s_help_takes_passkeys_too() {
    let world = World::new().await;
    let (mona, _) = with_passkey_alone(&world).await;
    let login = &mona.account.login;
    let off = world
        .authority
        .disable_two_factor(login, &World::operator())
        .await;
    off.expect("the user is there");
    mona.get("/user").await.assert_status(200);
    let passkeys = world.authority.passkeys_of(&mona.account).await;
    assert!(passkeys.expect("they can be read").is_empty());
}

#[tokio::test]
async fn a_passkey_is_the_second_factor_that_is_required() {
    let mut options = WorldOptions::default();
    options.settings.second_factor = SecondFactorPolicy {
        required_of: RequiredOf::Everyone,
        grace: Duration::from_hours(24),
        ends_tokens: true,
    };
    let world = World::with(options).await;
    let (mona, bert) = (world.user("mona").await, world.user("bert").await);
    give(&world, &mona, "a key in blue").await;
    let mut tokens = Vec::new();
    for user in [&mona, &bert] {
        let issued = world.issue_token(user, GivenToken::default()).await;
        tokens.push(issued.token.expose().to_owned());
    }
    world.advance(Duration::from_hours(48));
    world.authority.clean_up().await.expect("it can clean up");
    for (token, status) in tokens.iter().zip([200, 401]) {
        let answer = world.anonymous().get_with_token(token, "/user").await;
        answer.assert_status(status);
    }
    let found = world.authority.find_account(&mona.account.login).await;
    let now = found.expect("the user is there");
    assert_eq!(world.authority.second_factor_of(&now), SecondFactor::There);
    assert_asks_for_a_code(&mona.get("/user").await);
}
