//! What people do on the pages to protect their accounts.

use std::time::Duration;

use counterfoil_domain::second_factor::{RequiredOf, SecondFactorPolicy};
use counterfoil_testkit::{
    Answer, Authenticator, GivenToken, UserActor, Visitor, World, WorldOptions,
};
use http::Method;

const SECURITY: &str = "/settings/security";
const PASSWORD: &str = "/settings/security/password";
const TWO_FACTOR: &str = "/settings/security/two-factor";
const CONFIRM: &str = "/settings/security/two-factor/confirm";
const OFF: &str = "/settings/security/two-factor/off";
const CODES: &str = "/settings/security/recovery-codes";
const FILE: &str = "/settings/security/recovery-codes/file";
const SAVED: &str = "/settings/security/recovery-codes/saved";
const STEP: Duration = Duration::from_secs(30);

/// The page after a right password and a code.
async fn sign_in_with(visitor: &Visitor<'_>, user: &UserActor<'_>, code: &str) -> Answer {
    let page = visitor.get("/login").await;
    let typed = [
        ("login", user.account.login.as_str()),
        ("password", user.password.as_str()),
    ];
    let answer = visitor.submit(&page, "/login", &typed).await;
    let page = visitor.follow(&answer).await;
    visitor
        .submit(&page, "/login/code", &[("code", code)])
        .await
}

/// The secret that a page shows, as an authenticator takes it.
pub(crate) fn authenticator(page: &Answer) -> Authenticator {
    let html = page.text();
    let (_, rest) = html
        .split_once("<textarea id=\"secret\"")
        .expect("a secret is shown");
    let (_, rest) = rest.split_once('>').expect("a tag has an end");
    let (secret, _) = rest.split_once("</textarea>").expect("a field has an end");
    Authenticator::of_secret(secret.trim())
}

/// The recovery codes that a page shows.
pub(super) fn codes_of(page: &Answer) -> Vec<String> {
    let all = page.hidden("recovery_code");
    all.split(' ').map(str::to_owned).collect()
}

/// Somebody who is signed in turns codes on, and has the page with the recovery codes.
async fn enrol(world: &World, visitor: &Visitor<'_>) -> (Authenticator, Answer) {
    let page = visitor.get(TWO_FACTOR).await;
    let set_up = visitor.submit(&page, TWO_FACTOR, &[]).await;
    let app = authenticator(set_up.assert_status(200));
    let code = app.code(world);
    let shown = visitor.submit(&set_up, CONFIRM, &[("code", &code)]).await;
    shown.assert_status(200);
    (app, shown)
}

#[tokio::test]
async fn a_second_factor_counts_from_its_first_code_on() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(TWO_FACTOR).await;
    let set_up = visitor.submit(&page, TWO_FACTOR, &[]).await;
    let app = authenticator(set_up.assert_status(200));
    assert!(set_up.text().contains("<svg class=\"qr\""));
    // A page that is reloaded shows the same secret, and the password alone still signs in.
    let again = visitor.submit(&page, TWO_FACTOR, &[]).await;
    assert_eq!(authenticator(&again).code(&world), app.code(&world));
    mona.get("/user").await.assert_status(200);
    for (typed, says) in [
        ("", "Enter the six digits"),
        ("12345", "Enter the six digits"),
        (
            &*app.wrong_code(&world),
            "The code is wrong or was used already",
        ),
    ] {
        let refused = visitor.submit(&set_up, CONFIRM, &[("code", typed)]).await;
        refused.assert_status(422);
        assert!(refused.text().contains(says), "{typed}");
        assert_eq!(authenticator(&refused).code(&world), app.code(&world));
    }
    let code = app.code(&world);
    let shown = visitor.submit(&set_up, CONFIRM, &[("code", &code)]).await;
    shown.assert_status(200);
    assert_eq!(codes_of(&shown).len(), 16);
    // The session goes on; the code is spent, here and with Basic.
    visitor.get(SECURITY).await.assert_status(200);
    mona.with_otp(&code).get("/user").await.assert_status(401);
    let other = world.visitor();
    let refused = sign_in_with(&other, &mona, &code).await;
    refused.assert_status(422);
    world.advance(STEP);
    let signed_in = sign_in_with(&other, &mona, &app.code(&world)).await;
    signed_in.assert_status(303);
    // On pages a code is spent for all.
    mona.with_otp(&app.code(&world))
        .get("/user")
        .await
        .assert_status(401);
    world.advance(STEP);
    mona.with_otp(&app.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn a_secret_is_confirmed_in_the_session_that_it_was_shown_in() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let (visitor, thief) = (world.visitor(), world.visitor());
    visitor.sign_in(&mona).await;
    thief.sign_in(&mona).await;
    let page = visitor.get(TWO_FACTOR).await;
    let set_up = visitor.submit(&page, TWO_FACTOR, &[]).await;
    let app = authenticator(&set_up);
    let theirs = thief.get(TWO_FACTOR).await;
    let theirs = thief.submit(&theirs, TWO_FACTOR, &[]).await;
    assert_ne!(authenticator(&theirs).code(&world), app.code(&world));
    // What waited in the first session is gone, and another one is shown there.
    let late = visitor
        .submit(&set_up, CONFIRM, &[("code", &app.code(&world))])
        .await;
    late.assert_status(422);
    assert!(late.text().contains("The secret has expired"));
    let app = authenticator(&late);
    let shown = visitor
        .submit(&late, CONFIRM, &[("code", &app.code(&world))])
        .await;
    shown.assert_status(200);
    // It ends all other sessions.
    thief.get(SECURITY).await.assert_status(303);
}

#[tokio::test]
async fn recovery_codes_are_shown_once_and_saved_as_a_file_that_nothing_keeps() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let (app, shown) = enrol(&world, &visitor).await;
    let codes = codes_of(&shown);
    let file = visitor.submit(&shown, FILE, &[]).await;
    file.assert_status(200);
    assert_eq!(file.header("content-type"), "text/plain; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment"));
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.text().lines().collect::<Vec<_>>(), codes);
    let unticked = visitor.submit(&shown, SAVED, &[]).await;
    unticked.assert_status(422);
    assert!(unticked.text().contains("Tick the box"));
    assert_eq!(codes_of(&unticked), codes);
    let done = visitor.submit(&unticked, SAVED, &[("saved", "on")]).await;
    let page = visitor.follow(&done).await;
    assert!(page.text().contains("16 recovery codes are left"));
    // No code was spent by that; each serves once.
    mona.with_otp(&codes[0])
        .get("/user")
        .await
        .assert_status(200);
    mona.with_otp(&codes[0])
        .get("/user")
        .await
        .assert_status(401);
    // A file is made of codes that are in use alone.
    let made_up = "22222-22222 33333-33333";
    let refused = visitor
        .submit(&shown, FILE, &[("recovery_code", made_up)])
        .await;
    refused.assert_status(422);
    assert!(!refused.text().contains("22222"));
    // The secret that was confirmed is not confirmed again by a form that is sent twice.
    world.advance(STEP);
    let again = visitor.get(TWO_FACTOR).await;
    let again = visitor.submit(&again, TWO_FACTOR, &[]).await;
    assert_ne!(authenticator(&again).code(&world), app.code(&world));
}

#[tokio::test]
async fn new_recovery_codes_end_the_earlier_ones_and_other_sessions() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let (app, shown) = enrol(&world, &visitor).await;
    let old = codes_of(&shown);
    world.advance(STEP);
    let other = world.visitor();
    sign_in_with(&other, &mona, &app.code(&world))
        .await
        .assert_status(303);
    let page = visitor.get(CODES).await;
    assert!(page.text().contains("16 recovery codes are left"));
    let shown = visitor.submit(&page, CODES, &[]).await;
    shown.assert_status(200);
    let new = codes_of(&shown);
    assert!(new.iter().all(|code| !old.contains(code)));
    // Sent again, as by the back button, it makes no others. Its page is one of the session before.
    let again = visitor.submit(&page, CODES, &[]).await;
    assert!(!again.text().contains("name=\"recovery_code\""));
    mona.with_otp(&old[0]).get("/user").await.assert_status(401);
    mona.with_otp(&new[0]).get("/user").await.assert_status(200);
    other.get(SECURITY).await.assert_status(303);
    visitor.get(SECURITY).await.assert_status(200);
}

#[tokio::test]
async fn a_second_factor_is_turned_off_where_none_is_required() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    enrol(&world, &visitor).await;
    let page = visitor.get(OFF).await;
    let done = visitor.submit(&page, OFF, &[]).await;
    let page = visitor.follow(&done).await;
    assert!(page.text().contains("Two-factor authentication is off."));
    mona.get("/user").await.assert_status(200);
    // There is nothing to turn off any more.
    visitor.get(OFF).await.assert_status(303);
}

pub(super) fn requiring() -> WorldOptions {
    let mut options = WorldOptions::for_browsers();
    options.settings.second_factor = SecondFactorPolicy {
        required_of: RequiredOf::Everyone,
        grace: Duration::from_hours(24),
        ends_tokens: false,
    };
    options
}

#[tokio::test]
async fn a_required_last_factor_cannot_go() {
    let world = World::with(requiring()).await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    // Whoever has to turn one on is sent there.
    let signed_in = visitor.sign_in(&mona).await;
    assert_eq!(signed_in.header("location"), TWO_FACTOR);
    let due = visitor.get(SECURITY).await;
    assert!(
        due.text()
            .contains("Two-factor authentication is required from")
    );
    let (app, shown) = enrol(&world, &visitor).await;
    visitor.submit(&shown, SAVED, &[("saved", "on")]).await;
    let page = visitor.get(TWO_FACTOR).await;
    assert!(page.text().contains("A second factor is required of you"));
    visitor.get(OFF).await.assert_status(303);
    let token = page.form("/logout").hidden;
    let fields: Vec<_> = token
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    // Nor by a form that no page gave.
    let forged = visitor.post(OFF, &fields).await;
    assert_ne!(forged.status.as_u16(), 303);
    world.advance(STEP);
    mona.with_otp(&app.code(&world))
        .get("/user")
        .await
        .assert_status(200);
    // Another authenticator takes the place of the first.
    let set_up = visitor.submit(&page, TWO_FACTOR, &[]).await;
    let other = authenticator(&set_up);
    let code = other.code(&world);
    visitor
        .submit(&set_up, CONFIRM, &[("code", &code)])
        .await
        .assert_status(200);
    world.advance(STEP);
    mona.with_otp(&app.code(&world))
        .get("/user")
        .await
        .assert_status(401);
    mona.with_otp(&other.code(&world))
        .get("/user")
        .await
        .assert_status(200);
}

#[tokio::test]
async fn whoever_is_too_late_sees_one_page_and_may_sign_out() {
    let world = World::with(requiring()).await;
    let mona = world.user("mona").await;
    let token = world.issue_token(&mona, GivenToken::default()).await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(TWO_FACTOR).await;
    world.advance(Duration::from_hours(24));
    for path in [
        "/",
        SECURITY,
        TWO_FACTOR,
        "/settings/profile",
        "/settings/sessions",
    ] {
        let refused = visitor.get(path).await;
        refused.assert_status(403);
        assert!(refused.text().contains("Ask an administrator"), "{path}");
    }
    // The password alone enrols no thief.
    let refused = visitor.submit(&page, TWO_FACTOR, &[]).await;
    refused.assert_status(403);
    assert!(!refused.text().contains("id=\"secret\""));
    let token = token.token.expose().to_owned();
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    answer.assert_status(200);
    let page = visitor.get("/").await;
    visitor
        .submit(&page, "/logout", &[])
        .await
        .assert_status(303);
    // An operator helps.
    let app = world.enable_two_factor(&mona).await;
    sign_in_with(&visitor, &mona, &app.code(&world))
        .await
        .assert_status(303);
    visitor.get(SECURITY).await.assert_status(200);
}

#[tokio::test]
async fn a_new_password_ends_other_sessions_and_the_old_one_at_once() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let token = world.issue_token(&mona, GivenToken::default()).await;
    let token = token.token.expose().to_owned();
    let (visitor, other) = (world.visitor(), world.visitor());
    visitor.sign_in(&mona).await;
    other.sign_in(&mona).await;
    // It is remembered from here on.
    mona.get("/user").await.assert_status(200);
    let before = visitor.cookie("session").expect("somebody is signed in");
    let page = visitor.get(PASSWORD).await;
    for (typed, says) in [
        ("", "Enter a new password"),
        ("short", "Enter at least 8 characters"),
        ("password1", "one of the commonest"),
        ("mona mona", "not made of your login"),
    ] {
        let typed = [("password", typed), ("revoke_tokens", "on")];
        let refused = visitor.submit(&page, PASSWORD, &typed).await;
        refused.assert_status(422);
        assert!(refused.text().contains(says), "{says}: {}", refused.text());
        assert!(refused.text().contains(" checked"));
    }
    let typed = [("password", "three words together")];
    let done = visitor.submit(&page, PASSWORD, &typed).await;
    let page = visitor.follow(&done).await;
    assert!(page.text().contains("Your password was changed."));
    assert_ne!(visitor.cookie("session"), Some(before));
    other.get(SECURITY).await.assert_status(303);
    mona.get("/user").await.assert_status(401);
    mona.with_password("three words together")
        .get("/user")
        .await
        .assert_status(200);
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    answer.assert_status(200);
    // Tokens end where that is asked for.
    let page = visitor.get(PASSWORD).await;
    let typed = [("password", "four words in a row"), ("revoke_tokens", "on")];
    let done = visitor.submit(&page, PASSWORD, &typed).await;
    let page = visitor.follow(&done).await;
    assert!(page.text().contains("1 token was revoked."));
    let answer = world.anonymous().get_with_token(&token, "/user").await;
    answer.assert_status(401);
}

#[tokio::test]
async fn what_protects_an_account_is_changed_after_a_fresh_proof_alone() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let page = visitor.get(TWO_FACTOR).await;
    world.advance(Duration::from_mins(15));
    visitor.get(PASSWORD).await.assert_status(303);
    let asked = visitor.submit(&page, TWO_FACTOR, &[]).await;
    assert!(!asked.text().contains("id=\"secret\""));
    // The proof leads on to what was asked for.
    let typed = [("password", mona.password.as_str())];
    let set_up = visitor.submit(&asked, "/login/confirm", &typed).await;
    authenticator(set_up.assert_status(200));
}

#[tokio::test]
async fn the_page_tells_what_happened_and_strangers_hide_nothing_of_it() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    for number in 0..25 {
        let stranger = mona
            .with_password("wrong")
            .from_address(&format!("198.51.100.{number}"));
        stranger.get("/user").await.assert_status(401);
    }
    let page = visitor.get(SECURITY).await;
    let html = page.text();
    assert!(html.contains("Signed in with a browser"), "{html}");
    assert_eq!(html.matches("Wrong password, code or passkey").count(), 20);
    assert!(html.contains("From 198.51.100.24") && !html.contains("From 198.51.100.1<"));
}

#[tokio::test]
async fn forms_that_no_page_gave_change_nothing() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let before = world.audit_actions().await;
    for path in [
        PASSWORD,
        TWO_FACTOR,
        CONFIRM,
        OFF,
        CODES,
        FILE,
        SAVED,
        "/settings/profile",
    ] {
        let fields = [
            ("password", "three words together"),
            ("code", "123456"),
            ("name", "x"),
        ];
        let bare = visitor.post(path, &fields).await;
        assert_ne!(bare.status.as_u16(), 303, "{path}");
        let foreign = visitor.request(Method::POST, path);
        let foreign = foreign
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "cross-site");
        foreign
            .bytes(b"csrf=x")
            .send_unchecked()
            .await
            .assert_status(403);
    }
    assert_eq!(world.audit_actions().await, before);
}
