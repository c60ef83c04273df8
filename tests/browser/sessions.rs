//! Signing in and out, and what is left of it in a browser.

use std::time::Duration;

use serde_json::json;

use super::site::Site;
use super::window::Look;

#[test]
fn after_five_wrong_passwords_the_right_one_waits() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/login");
    for _ in 0..10 {
        window.fill("Login or e-mail address", &mona.login);
        window.fill("Password", "not the password");
        window.press("Sign in");
        if window.text().contains("Too many tries") {
            break;
        }
        window.is_at("/login", 422);
        window.reads("The login or the password is wrong");
    }
    window.go("/login");
    window.fill("Login or e-mail address", &mona.login);
    window.fill("Password", &mona.password);
    window.press("Sign in");
    window.is_at("/login", 403);
    window.reads("Too many tries from your address.");

    site.advance(Duration::from_mins(11));
    window.go("/login");
    site.sign_in(&window, &mona, None);
    window.is_at("/", 200);
}

#[test]
fn the_back_button_shows_nothing_after_signing_out() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/settings/sessions");
    site.sign_in(&window, &mona, None);
    window.reads("This session");
    window.press("Sign out");
    window.back();
    window.does_not_read("This session");
    window.reads("Password");
}

#[test]
fn a_person_signs_in_with_the_keyboard_alone() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/login?return_to=/settings/sessions");
    window.tab_to("Login or e-mail address");
    window.write(&mona.login);
    window.key("Tab");
    window.write(&mona.password);
    window.key_that_leads_on("Enter");
    window.is_at("/settings/sessions", 200);
    window.tab_to("Sign out");
    window.key_that_leads_on("Enter");
    window.go("/settings/sessions");
    window.reads("Password");
}

#[test]
fn a_person_makes_and_deletes_a_token_with_the_keyboard_alone() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/settings/tokens");
    site.sign_in(&window, &mona, None);
    let press = |words: &str| {
        window.tab_to(words);
        window.key_that_leads_on("Enter");
    };
    press("New token");
    window.tab_to("Name");
    window.write("typed by hand");
    // The radios are one stop, and arrows go from one to the next.
    window.tab_to("30 days");
    window.key("ArrowUp");
    window.tab_to("Packages");
    window.key("Enter");
    window.key("Tab");
    window.key("Space");
    press("Create token");
    site.program.hold_secret(&window.value("Token"));
    window.reads("write:packages");
    press("I have copied it");
    window.reads("Expires in 7 days");
    press("typed by hand");
    press("Delete…");
    press("Delete");
    window.reads("“typed by hand” was deleted.");
}

#[test]
fn everything_works_without_scripts() {
    let site = Site::new();
    let mona = site.person("mona");
    let pocket = site.enable_two_factor(&mona);
    let look = Look {
        scripts: false,
        ..Look::default()
    };
    let window = site.window_with(look);
    window.go("/settings/tokens/new");
    site.sign_in(&window, &mona, Some(&pocket));
    window.fill("Name", "made without scripts");
    window.press("Create token");
    let token = window.value("Token");
    site.program.hold_secret(&token);
    assert!(token.starts_with("ghp_"));
    // What would do nothing is not offered.
    window.does_not_read("Copy\n");
    window.press("I have copied it");
    window.press("Sign out");
    window.go("/settings/tokens");
    window.reads("Forgotten password?");
}

#[test]
fn a_password_can_be_pasted() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/login");
    window.fill("Login or e-mail address", &mona.password);
    window.cut("Login or e-mail address");
    window.paste("Password");
    assert_eq!(window.value("Password"), mona.password);
}

#[test]
fn a_person_who_reads_korean_signs_in_and_out_in_korean() {
    let site = Site::new();
    let mona = site.person("mona");
    let look = Look {
        language: "ko",
        width: 390,
        ..Look::default()
    };
    let window = site.window_with(look);
    window.go("/settings/sessions");
    window.fill("아이디 또는 이메일 주소", &mona.login);
    window.fill("비밀번호", &mona.password);
    window.press("로그인");
    window.is_at("/settings/sessions", 200);
    window.reads("현재 세션");
    // What the footer chooses lasts, though the browser asks for Korean.
    window.press("English");
    window.reads("This session");
    // In a narrow window the menu is folded away, and needs no script to come.
    window.click("Menu");
    window.press("Sign out mona");
    window.go("/login");
    window.reads("Password");
}

#[test]
fn cookies_are_for_this_host_and_no_script() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/login?return_to=/settings/sessions");
    site.sign_in(&window, &mona, None);
    let cookies = window.cookies();
    let session = cookies
        .iter()
        .find(|cookie| cookie.name.contains("session"))
        .expect("there is a cookie of the session");
    site.program.hold_secret(&session.value);
    assert_eq!(session.same_site, "Lax");
    for cookie in &cookies {
        assert!(cookie.http_only, "{cookie:?}");
    }
    assert_eq!(window.header("cache-control").as_deref(), Some("no-store"));
    let sees = window.evaluate("() => document.cookie");
    assert_eq!(sees, json!(""));
}

#[test]
fn a_form_sent_after_the_session_ended_keeps_what_was_typed() {
    let site = Site::new();
    let mona = site.person("mona");
    let (window, other) = (site.window(), site.window());
    window.go("/settings/tokens/new");
    site.sign_in(&window, &mona, None);
    window.fill("Name", "the name of a long morning");
    other.go("/settings/sessions");
    site.sign_in(&other, &mona, None);
    other.press("Sign out all others");
    other.reads("1 other session was ended.");

    window.press("Create token");
    window.reads("Forgotten password?");
    site.sign_in(&window, &mona, None);
    window.reads("Your entries are still here; send it again.");
    window.press("Send again");
    window.reads("Copy your new token now");
    window.reads("the name of a long morning");
}
