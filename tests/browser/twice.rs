//! A form that is sent twice, as by a double click, acts once. Where scripts run, it is sent once.

use super::site::{Pocket, Site};

#[test]
fn a_double_click_makes_and_deletes_one_token() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/settings/tokens/new");
    site.sign_in(&window, &mona, None);
    window.fill("Name", "deploy-bot on ci-3");
    window.press_twice("Create token");
    window.reads("This was shown before and cannot be shown again.");
    window.reads("Lost it later? Regenerate it");
    window.press("Personal access tokens");
    window.press("deploy-bot on ci-3");
    window.press("Regenerate…");
    window.press_twice("Regenerate");
    window.reads("This was shown before and cannot be shown again.");
    window.go("/settings/tokens?tab=ended");
    window.reads("Active\n1");
    window.reads("Ended\n1");

    window.go("/settings/tokens");
    window.press("deploy-bot on ci-3");
    window.press("Delete…");
    window.press_twice("Delete");
    window.go("/settings/tokens");
    window.reads("Active\n0");
    window.reads("Ended\n2");
}

#[test]
fn a_double_click_signs_in_and_turns_two_factor_on_once() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/settings/security/two-factor");
    window.fill("Login or e-mail address", &mona.login);
    window.fill("Password", &mona.password);
    window.press_twice("Sign in");
    window.is_at("/settings/security/two-factor", 200);
    window.press_twice("Turn on two-factor");
    let secret = window.value("Secret");
    site.program.hold_secret(&secret);
    let pocket = Pocket::with_secret(&secret);
    window.fill("Code from your authenticator app", &site.code(&pocket));
    window.press_twice("Turn on two-factor");
    // The first time ended all sessions and gave this browser another one. It did not hear of it.
    window.reads("Forgotten password?");
    site.sign_in(&window, &mona, Some(&pocket));
    window.go("/settings/security");
    window.reads("On since");
    window.reads("16 recovery codes are left.");
    window.press("New recovery codes");
    window.press_twice("Make new codes");
    // Another session again, and the codes of the first time are those that count.
    window.reads("Forgotten password?");
    site.sign_in(&window, &mona, Some(&pocket));
    window.go("/settings/security");
    window.reads("16 recovery codes are left.");
}

#[test]
fn a_button_that_is_pressed_again_while_its_answer_is_on_the_way_sends_nothing_more() {
    let site = Site::new();
    let mona = site.person("mona");
    let pocket = site.enable_two_factor(&mona);
    let window = site.window();
    window.go("/settings/security/recovery-codes");
    site.sign_in(&window, &mona, Some(&pocket));
    // Both end this session and go on in another one, which only the first answer knows of.
    assert_eq!(window.press_again("Make new codes"), 1);
    window.reads("Save your recovery codes");
    window.go("/settings/security/password");
    window.fill("New password", "what mona thought of next");
    site.program.hold_secret("what mona thought of next");
    assert_eq!(window.press_again("Change password"), 1);
    window.reads("Your password was changed.");
    window.go("/settings/security");
    window.reads("16 recovery codes are left.");
}
