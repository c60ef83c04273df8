//! The pages of passkeys, which are there where the site is reached by a name.

use counterfoil_testkit::process::Person;

use super::Gallery;
use super::walk::send_password;
use crate::browser::passkeys::hold_codes;
use crate::browser::site::Site;
use crate::browser::window::{Look, Window};

const PASSKEYS: &str = "/settings/security/passkeys";

/// See the module.
pub(super) fn through_all(gallery: &mut Gallery, site: &Site) {
    let mina = site.person("mina-key");
    let look = Look {
        language: gallery.language,
        ..Look::default()
    };
    let window = site.window_with_passkeys(look);
    window.go("/login?return_to=/settings/security/passkeys");
    gallery.page("sign-in-with-passkey", &window);
    send_password(&window, &mina.login, &mina.password);
    gallery.page("passkeys-none", &window);
    window.press_main_button();
    gallery.page("passkeys-empty", &window);
    // A window whose keys were tried out is none that a device is asked from: the focus left it.
    let window = site.window_with_passkeys(look);
    window.go("/login?return_to=/settings/security/passkeys");
    send_password(&window, &mina.login, &mina.password);
    window.fill_named("name", "The laptop on the desk by the window");
    window.press_main_button();
    window.wait_for("form[action$='/recovery-codes/saved']");
    hold_codes(site, &window);
    window.go(PASSKEYS);
    gallery.page("passkeys", &window);
    window.follow("main .state a");
    gallery.page("passkey", &window);
    window.follow("main a[href$='/remove']");
    gallery.page("passkey-remove", &window);
    second_step(gallery, &window, &mina);
}

fn second_step(gallery: &mut Gallery, window: &Window, person: &Person) {
    window.go("/logout");
    window.press_main_button();
    window.go("/login");
    send_password(window, &person.login, &person.password);
    gallery.page("code-by-passkey", window);
}
