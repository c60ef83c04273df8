//! Protecting an account, and forgetting how to get into it.

use super::site::{Pocket, Site};
use super::window::Medium;

#[test]
fn a_person_turns_two_factor_on_and_signs_in_with_it() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window();
    window.go("/settings/security");
    site.sign_in(&window, &mona, None);
    window.press("Turn on two-factor");
    window.press("Turn on two-factor");
    let secret = window.value("Secret");
    site.program.hold_secret(&secret);
    let pocket = Pocket::with_secret(&secret);
    window.fill("Code from your authenticator app", &site.code(&pocket));
    window.press("Turn on two-factor");
    window.reads("Save your recovery codes");
    // On paper they say whose they are, and nothing can be pressed.
    window.through(Medium::Paper);
    window.reads("Recovery codes of mona at 127.0.0.1:");
    window.does_not_read("Download");
    window.does_not_read("Sign out");
    assert_eq!(window.sheets_of_paper(), 1);
    window.through(Medium::Screen);
    window.press("Done");
    window.reads("Tick the box when you have saved the codes");
    window.tick("I have saved these codes");
    window.press("Done");
    window.reads("Two-factor authentication is on.");

    window.press("Sign out");
    window.go("/login");
    site.sign_in(&window, &mona, Some(&pocket));
    window.is_at("/", 200);
}

#[test]
fn a_person_changes_the_password_and_other_sessions_end() {
    let site = Site::new();
    let mona = site.person("mona");
    let (window, other) = (site.window(), site.window());
    for window in [&window, &other] {
        window.go("/settings/sessions");
        site.sign_in(window, &mona, None);
        window.reads("This session");
    }
    window.go("/settings/security/password");
    window.fill("New password", "another password of mona");
    site.program.hold_secret("another password of mona");
    window.press("Change password");
    window.reads("Your password was changed.");
    other.go("/settings/sessions");
    other.reads("Forgotten password?");
}
