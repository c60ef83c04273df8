//! Passkeys, with a device that the browser makes believe.

use std::time::Duration;

use super::site::Site;
use super::window::{Look, Window};

const PASSKEYS: &str = "/settings/security/passkeys";
/// What the script of a page says when the browser has no passkey to give.
const SAID: &str = "[data-said]:not([hidden])";

/// Has the device make a passkey that is called this.
fn add(window: &Window, name: &str) {
    window.go(PASSKEYS);
    window.fill("Name", name);
    window.press_in(&format!("form[action='{PASSKEYS}']"));
}

#[test]
fn a_person_adds_a_passkey_signs_in_with_it_and_confirms_by_it() {
    let site = Site::new();
    let mona = site.person("mona");
    let window = site.window_with_passkeys(Look::default());
    window.go(PASSKEYS);
    site.sign_in(&window, &mona, None);
    window.reads("You have no passkeys.");
    add(&window, "Laptop");
    window.wait_for("form[action$='/recovery-codes/saved']");
    hold_codes(&site, &window);
    window.tick("I have saved these codes");
    window.press("Done");
    window.reads("Laptop");

    // The device has one already, and the browser says so.
    add(&window, "The same laptop");
    window.wait_for(SAID);
    window.reads("This device has a passkey of your account already");

    window.press("Sign out");
    window.go("/login");
    window.press("Sign in with a passkey");
    window.wait_for("form[action='/logout']");
    window.is_at("/", 200);

    site.advance(Duration::from_mins(16));
    window.go("/settings/security/password");
    window.reads("Confirm that it is you");
    window.press("Use a passkey");
    window.wait_for("form[action='/settings/security/password']");
    window.is_at("/settings/security/password", 200);

    // One that was removed signs nobody in.
    window.go(PASSKEYS);
    window.press("Rename or remove");
    window.press("Remove…");
    window.reads("Last used");
    window.press("Remove passkey");
    window.reads("The passkey Laptop was removed.");
    window.press("Sign out");
    window.go("/login");
    window.press("Sign in with a passkey");
    window.wait_for("main [role='alert'][autofocus]");
    window.reads("The passkey was not accepted. Try again, or use your password");
    site.sign_in(&window, &mona, None);
    window.is_at("/", 200);
    assert_eq!(window.complaints(), [] as [&str; 0]);
}

/// The page shows recovery codes this once.
pub(super) fn hold_codes(site: &Site, window: &Window) {
    let codes = window.evaluate("() => document.querySelector('[name=recovery_code]').value");
    for code in codes.as_str().expect("a text").split(' ') {
        site.program.hold_secret(code);
    }
}

#[test]
fn where_scripts_are_off_pages_say_what_passkeys_need() {
    let site = Site::new();
    let by_name = site.server.base_url.replace("127.0.0.1", "localhost");
    let look = Look {
        scripts: false,
        ..Look::default()
    };
    let window = Window::open(&by_name, look);
    window.go("/login");
    window.reads("Passkeys need JavaScript");
    window.does_not_read("Sign in with a passkey");
}
