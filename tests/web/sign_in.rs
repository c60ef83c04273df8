//! Signing in by steps, and out.

use std::time::Duration;

use counterfoil_authority::Settings;
use counterfoil_testkit::{Answer, Visitor, World, WorldOptions};
use http::Method;
use http::header::LOCATION;

const SESSION: &str = "__Host-counterfoil-session";
/// The metric that counts computations of passwords.
const VERIFIED: &str = "counterfoil_passwords_computed_total ";
/// Failures that lock a login for an address.
pub(super) const LOCKING: u32 = 10;

fn location(answer: &Answer) -> &str {
    answer.headers[LOCATION].to_str().expect("a path")
}

async fn type_password(visitor: &Visitor<'_>, login: &str, password: &str) -> Answer {
    let page = visitor.get("/login").await;
    let typed = [("login", login), ("password", password)];
    visitor.submit(&page, "/login", &typed).await
}

/// How many passwords were verified since the start.
async fn verified(world: &World) -> u64 {
    let told = world.anonymous().get_ops("/metrics").await.text();
    let line = told.lines().find_map(|line| line.strip_prefix(VERIFIED));
    line.expect("it is counted")
        .trim()
        .parse()
        .expect("a number")
}

/// Whether the settings show somebody who is signed in.
async fn is_signed_in(visitor: &Visitor<'_>) -> bool {
    visitor.get("/settings/sessions").await.status == 200
}

#[tokio::test]
async fn a_login_and_a_password_lead_to_a_session_and_signing_out_ends_it() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let asked = visitor.get("/settings/sessions").await;
    asked.assert_status(303);
    assert_eq!(location(&asked), "/login?return_to=%2Fsettings%2Fsessions");
    let page = visitor.follow(&asked).await;
    let typed = [("login", "MONA"), ("password", mona.password.as_str())];
    let signed_in = visitor.submit(&page, "/login", &typed).await;
    signed_in.assert_status(303);
    assert_eq!(location(&signed_in), "/settings/sessions");
    let page = visitor.follow(&signed_in).await;
    page.assert_status(200);
    assert!(page.text().contains("This session"), "{}", page.text());
    let out = visitor.submit(&page, "/logout", &[]).await;
    assert_eq!(location(out.assert_status(303)), "/");
    assert_eq!(visitor.cookie("session"), None);
    assert!(!is_signed_in(&visitor).await);
    let actions = world.audit_actions().await;
    for action in ["sign_in.succeeded", "session.started", "session.ended"] {
        assert!(actions.iter().any(|told| told == action), "{action}");
    }
}

#[tokio::test]
async fn a_verified_address_signs_in_and_what_is_wrong_is_said_in_the_same_words() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    world.unverified_user("bert").await;
    let visitor = world.visitor();
    let wrong = "The login or the password is wrong";
    let mut pages = Vec::new();
    for (login, password) in [
        ("mona", "not it, no"),
        ("nobody", "not it, no"),
        ("bert@example.com", "bert's password"),
        ("not even a login!", "not it, no"),
    ] {
        let page = type_password(&visitor, login, password).await;
        page.assert_status(422);
        assert!(page.text().contains(wrong), "{}", page.text());
        assert!(!page.text().contains(password), "no password comes back");
        let csrf = page.hidden("csrf");
        pages.push(page.text().replace(&csrf, "").replace(login, ""));
    }
    assert!(pages.windows(2).all(|two| two[0].len() == two[1].len()));
    let page = type_password(&visitor, "", "").await;
    page.assert_status(422);
    for text in ["Enter your login or e-mail address", "Enter your password"] {
        assert!(page.text().contains(text), "{}", page.text());
    }
    type_password(&visitor, "mona@example.com", &mona.password)
        .await
        .assert_status(303);
    assert!(is_signed_in(&visitor).await);
}

#[tokio::test]
async fn a_code_comes_after_the_password_and_counts_once() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    let visitor = world.visitor();
    let step = type_password(&visitor, "mona", &mona.password).await;
    assert_eq!(location(step.assert_status(303)), "/login/code");
    assert!(
        !is_signed_in(&visitor).await,
        "the password alone opens nothing"
    );
    let page = visitor.get("/login/code").await;
    let wrong = pocket.wrong_code(&world);
    let page = visitor
        .submit(&page, "/login/code", &[("code", &wrong)])
        .await;
    page.assert_status(422);
    assert!(
        page.text()
            .contains("The code is wrong or was used already")
    );
    let code = pocket.code(&world);
    let spaced = format!("{} {}", &code[..3], &code[3..]);
    let done = visitor
        .submit(&page, "/login/code", &[("code", &spaced)])
        .await;
    done.assert_status(303);
    assert!(is_signed_in(&visitor).await);
    // Somebody who looked over the shoulder has the password and the same code.
    let thief = world.visitor();
    type_password(&thief, "mona", &mona.password).await;
    let page = thief.get("/login/code").await;
    let refused = thief.submit(&page, "/login/code", &[("code", &code)]).await;
    refused.assert_status(422);
    let basic = mona.with_otp(&code).get("/user").await;
    basic.assert_status(401);
}

#[tokio::test]
async fn a_recovery_code_is_forgiven_its_form_and_says_how_many_are_left() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    let visitor = world.visitor();
    type_password(&visitor, "mona", &mona.password).await;
    let page = visitor.get("/login/recovery").await;
    let typed = pocket.recovery_codes[0].to_uppercase().replace('-', " ");
    let done = visitor
        .submit(&page, "/login/recovery", &[("code", &typed)])
        .await;
    let page = visitor.follow(&done).await;
    let left = format!(
        "{} recovery codes are left",
        pocket.recovery_codes.len() - 1
    );
    assert!(page.text().contains(&left), "{}", page.text());
    let again = visitor.get("/settings/sessions").await;
    assert!(!again.text().contains(&left), "it is told once");
}

#[tokio::test]
async fn a_password_that_waits_is_of_its_browser_for_five_codes_and_five_minutes() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let pocket = world.enable_two_factor(&mona).await;
    let visitor = world.visitor();
    type_password(&visitor, "mona", &mona.password).await;
    let page = visitor.get("/login/code").await;
    let thief = world.visitor();
    let stolen = thief.get("/login").await;
    stolen.assert_status(200);
    type_password(&thief, "mona", &mona.password).await;
    thief.set_cookie("code", &visitor.cookie("code").expect("it waits"));
    let code = pocket.code(&world);
    let theirs = thief.get("/login/code").await;
    assert_eq!(location(theirs.assert_status(303)), "/login");
    let wrong = pocket.wrong_code(&world);
    for _ in 0..5 {
        let page = visitor
            .submit(&page, "/login/code", &[("code", &wrong)])
            .await;
        page.assert_status(422);
    }
    let sixth = visitor
        .submit(&page, "/login/code", &[("code", &code)])
        .await;
    assert_eq!(location(sixth.assert_status(303)), "/login");
    assert!(!is_signed_in(&visitor).await);
    type_password(&visitor, "mona", &mona.password).await;
    let page = visitor.get("/login/code").await;
    world.advance(Duration::from_mins(5));
    let code = pocket.code(&world);
    let late = visitor
        .submit(&page, "/login/code", &[("code", &code)])
        .await;
    assert_eq!(location(late.assert_status(303)), "/login");
}

#[tokio::test]
async fn failures_here_and_with_basic_lock_together() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    let wrong = mona.with_password("not it, no");
    for _ in 0..LOCKING / 2 {
        wrong.get("/user").await.assert_status(401);
        let page = type_password(&visitor, "mona", "not it, no").await;
        page.assert_status(422);
    }
    let locked = type_password(&visitor, "mona", &mona.password).await;
    locked.assert_status(403);
    let text = "Too many tries from your address. Try again in 10 minutes";
    assert!(locked.text().contains(text), "{}", locked.text());
    mona.get("/user").await.assert_status(403);
    let elsewhere = world.visitor().from_address("198.51.100.7");
    type_password(&elsewhere, "mona", &mona.password)
        .await
        .assert_status(303);
    world.advance(Duration::from_mins(11));
    type_password(&visitor, "mona", &mona.password)
        .await
        .assert_status(303);
}

#[tokio::test]
async fn a_page_neither_fills_nor_believes_the_memory_of_passwords() {
    let mut options = WorldOptions::for_browsers();
    options.settings.password_memory = Duration::from_mins(2);
    let world = World::with(options).await;
    let mona = world.user("mona").await;
    mona.get("/user").await.assert_status(200);
    let before = verified(&world).await;
    type_password(&world.visitor(), "mona", &mona.password)
        .await
        .assert_status(303);
    assert_eq!(verified(&world).await, before + 1);
}

#[tokio::test]
async fn who_is_suspended_hears_it_with_the_right_password_alone() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    world
        .authority
        .suspend_account(&mona.account.login, &World::operator())
        .await
        .expect("the user is there");
    assert!(!is_signed_in(&visitor).await);
    let told = type_password(&visitor, "mona", &mona.password).await;
    told.assert_status(403);
    assert!(
        told.text()
            .contains("This account is suspended. Ask an administrator")
    );
    let wrong = type_password(&visitor, "mona", "not it, no").await;
    wrong.assert_status(422);
    assert!(!wrong.text().contains("suspended"));
}

#[tokio::test]
async fn nobody_signs_in_in_the_clear_over_a_network() {
    let world = World::new().await;
    world.user("mona").await;
    let page = world.visitor().get("/login").await;
    page.assert_status(403);
    assert!(page.forms().is_empty(), "{}", page.text());
    assert!(page.text().contains("plain HTTP"), "{}", page.text());
}

#[tokio::test]
async fn who_goes_on_goes_on_to_a_page_of_ours() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    for (asked, led) in [
        ("%2Fsettings%2Fsessions%3Fx%3D1", "/settings/sessions?x=1"),
        ("https%3A%2F%2Fevil.example%2F", "/"),
        ("%2F%2Fevil.example", "/"),
        ("%2F%5Cevil.example", "/"),
        ("%2F%09%2Fevil.example", "/"),
        ("javascript%3Aalert(1)", "/"),
        ("%2Flogout", "/"),
        ("%2Fsettings%2F..%2Flogout", "/"),
        ("%2Fsettings%2F%252e%252E%2Flogout", "/"),
    ] {
        let visitor = world.visitor();
        let page = visitor.get(&format!("/login?return_to={asked}")).await;
        let typed = [("login", "mona"), ("password", mona.password.as_str())];
        let done = visitor.submit(&page, "/login", &typed).await;
        assert_eq!(location(done.assert_status(303)), led, "{asked}");
        // Also for who is signed in already.
        let done = visitor.get(&format!("/login?return_to={asked}")).await;
        assert_eq!(location(done.assert_status(303)), led, "{asked}");
    }
}

#[tokio::test]
async fn a_session_that_is_cut_or_forged_is_worth_nothing() {
    let world = World::for_browsers().await;
    let mona = world.user("mona").await;
    let visitor = world.visitor();
    visitor.sign_in(&mona).await;
    let session = visitor.cookie("session").expect("a session");
    visitor.get("/login").await;
    for forged in [
        "",
        &session[1..],
        &format!("{session}A"),
        &"A".repeat(43),
        &session.to_lowercase(),
    ] {
        let other = world.visitor();
        let cookie = format!("{SESSION}={forged}");
        let answer = other
            .request(Method::GET, "/settings/sessions")
            .header("cookie", &cookie)
            .send_unchecked()
            .await;
        answer.assert_status(303);
    }
}

/// Whoever prepared the browser of somebody else knows all of its cookies, and the token of the
/// form that they are to send.
#[tokio::test]
async fn who_prepared_a_browser_has_nothing_once_somebody_signs_in_with_it() {
    let world = World::for_browsers().await;
    let (mona, thief) = (world.user("mona").await, world.user("thief").await);
    let pocket = world.enable_two_factor(&mona).await;
    let prepared = world.visitor();
    // A session of the thief's own, which has ended, and a form.
    prepared.sign_in(&thief).await;
    let page = prepared.get("/settings/sessions").await;
    let known = prepared.cookie("session").expect("a session");
    prepared.submit(&page, "/logout", &[]).await;
    let form = prepared.get("/login").await;
    prepared.plant(SESSION, &known);
    let copied = prepared.copied();
    let typed = [("login", "mona"), ("password", mona.password.as_str())];
    let step = prepared.submit(&form, "/login", &typed).await;
    assert_eq!(location(step.assert_status(303)), "/login/code");
    // The password that waits for a code is not the thief's to use, nor is the session after it.
    let theirs = copied.get("/login/code").await;
    assert_eq!(location(theirs.assert_status(303)), "/login");
    let page = prepared.get("/login/code").await;
    let code = pocket.code(&world);
    let done = prepared
        .submit(&page, "/login/code", &[("code", &code)])
        .await;
    done.assert_status(303);
    assert!(is_signed_in(&prepared).await);
    assert_ne!(prepared.cookie("session").expect("a session"), known);
    assert!(!is_signed_in(&copied).await);
}

#[tokio::test]
async fn words_come_in_the_language_of_the_browser_or_the_one_that_was_chosen() {
    let world = World::for_browsers().await;
    let visitor = world.visitor().speaking("ko-KR,ko;q=0.9,en;q=0.7");
    let page = visitor.get("/login").await;
    assert!(page.text().contains("<html lang=\"ko\""), "{}", page.text());
    let page = visitor.get("/login?lang=en").await;
    assert!(page.text().contains("<html lang=\"en\""), "{}", page.text());
    let page = visitor.get("/login").await;
    assert!(
        page.text().contains("<html lang=\"en\""),
        "it is remembered"
    );
}

#[test]
fn the_bounds_are_those_of_the_settings() {
    let lockout = Settings::default().lockout;
    assert_eq!(lockout.per_login_and_address, LOCKING);
}
