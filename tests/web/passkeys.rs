//! Passkeys, by a browser whose script is played here: added, and given in the place of a password,
//! after one, and as a fresh proof.

mod refused;
mod taken_back;

use std::time::Duration;

use counterfoil_domain::passkey::{CHALLENGES_PER_ADDRESS, OPEN_CHALLENGES};
use counterfoil_server::Origins;
use counterfoil_testkit::{
    Answer, PasskeyDevice, Tampering, UserActor, Visitor, World, WorldOptions,
};
use counterfoil_wire::base::ApiBase;

const SECURITY: &str = "/settings/security";
pub(super) const PASSKEYS: &str = "/settings/security/passkeys";
const ADD: &str = "/settings/security/passkeys/add";
const SIGN_IN: &str = "/login/passkey";
const SIGN_IN_ANSWER: &str = "/login/passkey/answer";
const SECOND: &str = "/login/code/passkey";
const SECOND_ANSWER: &str = "/login/code/passkey/answer";
const CONFIRM: &str = "/login/confirm/passkey";
const CONFIRM_ANSWER: &str = "/login/confirm/passkey/answer";
const REFUSED: &str = "The passkey was not accepted. Try again, or use your password";
/// What is told of a passkey that may have been copied.
const STALLED: &str = "user.passkey_stalled";
/// Longer than a proof is fresh.
const STALE: Duration = Duration::from_mins(16);

/// What is typed into a form, as [`Visitor::submit`] takes it.
fn typed<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    let fields = fields.iter();
    fields
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

/// The page that has the browser of somebody who is signed in make a passkey.
pub(super) async fn asked_to_make(visitor: &Visitor<'_>, name: &str) -> Answer {
    let page = visitor.get(PASSKEYS).await;
    let asked = visitor.submit(&page, PASSKEYS, &[("name", name)]).await;
    asked.assert_status(200);
    asked
}

/// Adds a passkey of this device for somebody who is signed in.
pub(super) async fn add(visitor: &Visitor<'_>, device: &PasskeyDevice, name: &str) -> Answer {
    let asked = asked_to_make(visitor, name).await;
    let made = device.make(&asked);
    visitor.submit(&asked, ADD, &typed(&made)).await
}

/// A device with a passkey of this user.
pub(super) async fn device_of(world: &World, user: &UserActor<'_>) -> PasskeyDevice {
    let (visitor, device) = (world.visitor(), PasskeyDevice::default());
    visitor.sign_in(user).await;
    add(&visitor, &device, "phone").await.assert_status(200);
    device
}

/// The page that has the browser of a stranger ask for a passkey.
pub(super) async fn asked_to_sign_in(visitor: &Visitor<'_>) -> Answer {
    let page = visitor.get("/login").await;
    let asked = visitor.submit(&page, SIGN_IN, &[]).await;
    asked.assert_status(200);
    asked
}

async fn type_password(visitor: &Visitor<'_>, user: &UserActor<'_>) -> Answer {
    let page = visitor.get("/login").await;
    let typed = [
        ("login", user.account.login.as_str()),
        ("password", user.password.as_str()),
    ];
    visitor.submit(&page, "/login", &typed).await
}

/// The page that has the browser ask for a passkey after a right password.
pub(super) async fn asked_after_password(visitor: &Visitor<'_>, user: &UserActor<'_>) -> Answer {
    let step = type_password(visitor, user).await;
    let page = visitor.follow(&step).await;
    let asked = visitor.submit(&page, SECOND, &[]).await;
    asked.assert_status(200);
    asked
}

/// Signs in with the passkey that the device made last.
pub(super) async fn signs_in(visitor: &Visitor<'_>, device: &PasskeyDevice) -> Answer {
    let asked = asked_to_sign_in(visitor).await;
    let given = device.give(&asked);
    visitor.submit(&asked, SIGN_IN_ANSWER, &typed(&given)).await
}

async fn is_signed_in(visitor: &Visitor<'_>) -> bool {
    visitor.get("/settings/sessions").await.status == 200
}

#[track_caller]
fn assert_refused(answer: &Answer) {
    answer.assert_status(422);
    let text = answer.text();
    assert!(text.contains(REFUSED), "{text}");
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_without_a_password() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (visitor, device) = (world.visitor(), PasskeyDevice::default());
    visitor.sign_in(&mona).await;
    let page = visitor.get(PASSKEYS).await;
    assert!(page.text().contains("You have no passkeys."));
    let nameless = visitor.submit(&page, PASSKEYS, &[("name", " ")]).await;
    nameless.assert_status(422);
    assert!(nameless.text().contains("Enter a name for the passkey"));
    // The first second factor comes with recovery codes.
    let shown = add(&visitor, &device, "a <b>phone").await;
    shown.assert_status(200);
    let codes = shown.hidden("recovery_code");
    assert_eq!(codes.split(' ').count(), 16);
    let list = visitor.get(PASSKEYS).await.text();
    assert!(
        list.contains("a &#60;b&#62;phone") || list.contains("a &lt;b&gt;phone"),
        "{list}"
    );
    assert!(list.contains("Never used"), "{list}");
    // One more brings none.
    let second = PasskeyDevice::default();
    let told = add(&visitor, &second, "key").await;
    let page = visitor.follow(&told).await;
    assert!(page.text().contains("The passkey key was added."));

    for device in [&device, &second] {
        let stranger = world.visitor();
        let page = stranger.get("/login?return_to=%2Fsettings%2Ftokens").await;
        let asked = stranger.submit(&page, SIGN_IN, &[]).await;
        let text = asked.text();
        assert!(
            text.contains("data-known=\"\""),
            "it is not said who has one: {text}"
        );
        assert!(text.contains("data-verification=\"required\""), "{text}");
        let given = device.give(&asked);
        let done = stranger
            .submit(&asked, SIGN_IN_ANSWER, &typed(&given))
            .await;
        done.assert_status(303);
        assert_eq!(done.header("location"), "/settings/tokens");
        assert!(is_signed_in(&stranger).await);
    }
    let security = visitor.get(SECURITY).await.text();
    assert!(security.contains("Last used"), "{security}");
    assert!(
        security.contains("16 recovery codes are left"),
        "{security}"
    );
}

#[tokio::test]
async fn the_session_goes_on_and_all_others_end_when_a_passkey_comes_or_goes() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (visitor, other, device) = (world.visitor(), world.visitor(), PasskeyDevice::default());
    visitor.sign_in(&mona).await;
    other.sign_in(&mona).await;
    add(&visitor, &device, "phone").await.assert_status(200);
    assert!(is_signed_in(&visitor).await);
    assert!(!is_signed_in(&other).await);
    signs_in(&other, &device).await.assert_status(303);

    let list = visitor.get(PASSKEYS).await;
    let path = path_of_first(&list);
    let page = visitor.get(&path).await;
    let nameless = visitor.submit(&page, &path, &[("name", "")]).await;
    nameless.assert_status(422);
    let renamed = visitor.submit(&page, &path, &[("name", "old phone")]).await;
    let list = visitor.follow(&renamed).await.text();
    assert!(
        list.contains("The passkey is called old phone now."),
        "{list}"
    );

    let remove = format!("{path}/remove");
    let page = visitor.get(&remove).await;
    let text = page.text();
    assert!(
        text.contains("Last used") && text.contains("your last second factor"),
        "{text}"
    );
    let removed = visitor.submit(&page, &remove, &[]).await;
    let list = visitor.follow(&removed).await.text();
    assert!(
        list.contains("The passkey old phone was removed."),
        "{list}"
    );
    assert!(!is_signed_in(&other).await);
    // It signs nobody in any more, and the password alone does.
    assert_refused(&signs_in(&other, &device).await);
    visitor.get(&path).await.assert_status(404);
    other.sign_in(&mona).await;
    assert!(is_signed_in(&other).await);
}

/// The path of the first passkey in a list.
#[track_caller]
pub(super) fn path_of_first(list: &Answer) -> String {
    let html = list.text();
    let start = format!("href=\"{PASSKEYS}/");
    let (_, rest) = html.split_once(&start).expect("there is a passkey");
    let (id, _) = rest.split_once('"').expect("an attribute has an end");
    format!("{PASSKEYS}/{id}")
}

#[tokio::test]
async fn nobody_sees_or_changes_a_passkey_of_somebody_else() {
    let world = World::for_browsers().await;
    let (mona, lisa) = (world.user("mona").await, world.user("lisa").await);
    let (owner, other) = (world.visitor(), world.visitor());
    owner.sign_in(&mona).await;
    add(&owner, &PasskeyDevice::default(), "phone").await;
    let path = path_of_first(&owner.get(PASSKEYS).await);
    other.sign_in(&lisa).await;
    for path in [
        path.clone(),
        format!("{path}/remove"),
        format!("{PASSKEYS}/0"),
    ] {
        other.get(&path).await.assert_status(404);
    }
    let page = owner.get(&path).await;
    let csrf = page.form(&path).hidden[0].1.clone();
    let forged = [("csrf", csrf.as_str()), ("name", "mine now")];
    other.post(&path, &forged).await.assert_status(403);
    assert!(owner.get(PASSKEYS).await.text().contains("phone"));
}

#[tokio::test]
async fn a_passkey_is_the_step_after_a_password() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let visitor = world.visitor();
    let step = type_password(&visitor, &mona).await;
    assert_eq!(step.header("location"), "/login/code");
    assert!(
        !is_signed_in(&visitor).await,
        "the password alone opens nothing"
    );
    let page = visitor.follow(&step).await;
    let text = page.text();
    assert!(text.contains("Confirm with your passkey"), "{text}");
    assert!(!text.contains("name=\"code\""), "{text}");
    let asked = visitor.submit(&page, SECOND, &[]).await;
    let wrong = Tampering {
        is_of_something_else: true,
        ..Tampering::default()
    };
    let given = device.give_with(&asked, wrong);
    assert_refused(&visitor.submit(&asked, SECOND_ANSWER, &typed(&given)).await);
    // After a password the device need not recognise its user.
    let asked = visitor.submit(&page, SECOND, &[]).await;
    let unverified = Tampering {
        is_unverified: true,
        ..Tampering::default()
    };
    let given = device.give_with(&asked, unverified);
    let done = visitor.submit(&asked, SECOND_ANSWER, &typed(&given)).await;
    done.assert_status(303);
    assert!(is_signed_in(&visitor).await);
}

#[tokio::test]
async fn who_has_an_app_too_is_asked_for_either() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let app = world.enable_two_factor(&mona).await;
    let visitor = world.visitor();
    let step = type_password(&visitor, &mona).await;
    let page = visitor.follow(&step).await;
    let asked = visitor.submit(&page, SECOND, &[]).await;
    let given = device.give(&asked);
    let done = visitor.submit(&asked, SECOND_ANSWER, &typed(&given)).await;
    done.assert_status(303);
    let visitor = world.visitor();
    let step = type_password(&visitor, &mona).await;
    let page = visitor.follow(&step).await;
    let code = app.code(&world);
    let done = visitor
        .submit(&page, "/login/code", &[("code", &code)])
        .await;
    done.assert_status(303);
}

#[tokio::test]
async fn a_passkey_is_a_fresh_proof_and_the_form_survives_the_question() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (visitor, device) = (world.visitor(), PasskeyDevice::default());
    visitor.sign_in(&mona).await;
    add(&visitor, &device, "phone").await;
    let page = visitor.get(PASSKEYS).await;
    world.advance(STALE);
    let asked = visitor.submit(&page, PASSKEYS, &[("name", "second")]).await;
    let text = asked.text();
    assert!(text.contains("Confirm that it is you"), "{text}");
    // A code of an app would not fit, and a recovery code is no proof.
    assert!(!text.contains("name=\"password\""), "{text}");
    let asked = visitor.submit(&asked, CONFIRM, &[]).await;
    asked.assert_status(200);
    let unverified = Tampering {
        is_unverified: true,
        ..Tampering::default()
    };
    let given = device.give_with(&asked, unverified);
    let refused = visitor.submit(&asked, CONFIRM_ANSWER, &typed(&given)).await;
    assert_refused(&refused);
    let asked = visitor.submit(&refused, CONFIRM, &[]).await;
    let given = device.give(&asked);
    let goes_on = visitor.submit(&asked, CONFIRM_ANSWER, &typed(&given)).await;
    goes_on.assert_status(200);
    assert!(goes_on.text().contains("Add passkey"), "{}", goes_on.text());
    let second = PasskeyDevice::default();
    let made = second.make(&goes_on);
    let added = visitor.submit(&goes_on, ADD, &typed(&made)).await;
    let list = visitor.follow(&added).await.text();
    assert!(list.contains("The passkey second was added."), "{list}");
}

#[tokio::test]
async fn a_count_that_does_not_grow_signs_in_and_is_told() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let visitor = world.visitor();
    signs_in(&visitor, &device).await.assert_status(303);
    let before = world.audit_actions().await.len();
    let other = world.visitor();
    let asked = asked_to_sign_in(&other).await;
    let copied = Tampering {
        count: Some(1),
        ..Tampering::default()
    };
    let given = device.give_with(&asked, copied);
    let done = other.submit(&asked, SIGN_IN_ANSWER, &typed(&given)).await;
    done.assert_status(303);
    let told = world.audit_actions().await.split_off(before);
    assert!(told.iter().any(|action| action == STALLED), "{told:?}");
}

#[tokio::test]
async fn a_locked_password_does_not_stop_a_passkey() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let visitor = world.visitor();
    for _ in 0..super::sign_in::LOCKING {
        let page = visitor.get("/login").await;
        let wrong = [("login", "mona"), ("password", "not it, no")];
        visitor.submit(&page, "/login", &wrong).await;
    }
    let locked = type_password(&visitor, &mona).await;
    locked.assert_status(403);
    signs_in(&visitor, &device).await.assert_status(303);
}

#[tokio::test]
async fn under_an_ip_address_none_are_offered_and_the_page_says_why() {
    let base = ApiBase::parse("https://192.0.2.7").expect("it is an origin");
    let world = World::with(WorldOptions {
        origins: Origins::public(base),
        ..WorldOptions::default()
    })
    .await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let page = visitor.get("/login").await;
    assert!(!page.text().contains(SIGN_IN), "{}", page.text());
    visitor.sign_in(&mona).await;
    let page = visitor.get(PASSKEYS).await;
    let text = page.text();
    assert!(
        text.contains("this server was reached by an IP address"),
        "{text}"
    );
    assert!(page.forms().iter().all(|form| form.action != PASSKEYS));
}

#[tokio::test]
async fn who_asks_without_end_is_refused_and_a_bystander_goes_on() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let device = device_of(&world, &mona).await;
    let lisa = world.user("lisa").await;
    let colleague = world.visitor().from_address("198.51.100.1");
    let of_colleague = PasskeyDevice::default();
    colleague.sign_in(&lisa).await;
    let added = add(&colleague, &of_colleague, "phone").await;
    added.assert_status(200);
    let flood = world.visitor().from_address("198.51.100.1");
    let page = flood.get("/login").await;
    for _ in 0..CHALLENGES_PER_ADDRESS {
        flood.submit(&page, SIGN_IN, &[]).await.assert_status(200);
    }
    let refused = flood.submit(&page, SIGN_IN, &[]).await;
    refused.assert_status(429);
    let text = refused.text();
    assert!(
        text.contains("Too many passkeys are being asked for"),
        "{text}"
    );
    // One browser keeps a handful of them, whatever it asks for, and however fast.
    let open = "SELECT count(*) FROM passkey_challenges WHERE ended_at IS NULL";
    let open = world.database().look_up(open).expect("a count");
    assert_eq!(open, OPEN_CHALLENGES.to_string());
    let bystander = world.visitor();
    signs_in(&bystander, &device).await.assert_status(303);
    // Nor does somebody at the same address pay for it who is signed in, or typed a password.
    world.advance(STALE);
    let page = colleague.get("/login/confirm").await;
    let asked = colleague.submit(&page, CONFIRM, &[]).await;
    let given = of_colleague.give(&asked);
    let done = colleague
        .submit(&asked, CONFIRM_ANSWER, &typed(&given))
        .await;
    done.assert_status(303);
    asked_to_make(&colleague, "second").await;
    let elsewhere = world.visitor().from_address("198.51.100.1");
    asked_after_password(&elsewhere, &lisa).await;
    let page = flood.get("/login").await;
    let refused = flood.submit(&page, SIGN_IN, &[]).await;
    refused.assert_status(429);
    world.advance(Duration::from_mins(61));
    flood.submit(&page, SIGN_IN, &[]).await.assert_status(200);
}
