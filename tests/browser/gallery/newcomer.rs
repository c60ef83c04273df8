//! The way through what somebody sees who has nothing yet, on a site that sends mail, and through
//! what they make: with texts as long as they get.

use std::time::Duration;

use counterfoil_testkit::process::Person;

use super::Gallery;
use super::walk::{send_password, window_on};
use crate::browser::site::Site;
use crate::browser::window::Window;
use crate::mail::catcher::Catcher;

/// A login as long as logins get.
const LONG_LOGIN: &str = "somebody-whose-login-is-39-letters-long";

/// A name without a place to break it.
const LONG_NAME: &str =
    "build-and-publish-the-documentation-of-every-repository-of-the-platform-team-nightly";

/// Longer than somebody may do without a second factor that is required (`two_factor.grace`).
const GRACE: Duration = Duration::from_hours(15 * 24);

/// See the module.
pub(super) fn through_all(gallery: &mut Gallery) {
    let (site, catcher) = Site::with_mail();
    let person = site.person(LONG_LOGIN);
    let window = window_on(&site, gallery);
    window.go("/login/forgotten");
    gallery.page("forgotten", &window);
    window.press_main_button();
    gallery.page("forgotten-empty", &window);
    window.fill_named("login", &person.login);
    window.press_main_button();
    gallery.page("forgotten-sent", &window);
    window.go(&site.path_of_link_in(&catcher.mail().text));
    gallery.page("new-password", &window);
    window.press_main_button();
    gallery.page("new-password-empty", &window);

    window.go("/login");
    send_password(&window, &person.login, &person.password);
    gallery.page("home", &window);
    window.go("/settings/tokens");
    gallery.page("tokens-none", &window);
    window.go("/settings/security");
    gallery.page("security-without-second-factor", &window);
    window.go("/settings/security/two-factor");
    gallery.page("two-factor-off", &window);
    window.press_main_button();
    gallery.page("two-factor-set-up", &window);
    window.press_main_button();
    gallery.page("two-factor-set-up-empty", &window);

    window.go("/settings/profile/addresses");
    gallery.page("addresses", &window);
    window.fill_named("address", "no address");
    window.press_main_button();
    gallery.page("addresses-wrong", &window);
    window.fill_named("address", "the-other-one@mail.example.org");
    window.press_main_button();
    gallery.page("addresses-asked", &window);
    window.go(&site.path_of_link_in(&catcher.mail().text));
    gallery.page("verify-address", &window);

    window.go("/settings/tokens/new");
    window.fill_named("name", LONG_NAME);
    window.press_main_button();
    gallery.page("token-made-long-name", &window);
    window.go("/settings/tokens");
    gallery.page("tokens-long-name", &window);
    window.follow("main .entry a");
    gallery.page("token-long-name", &window);

    let site = site.restarted_with(|program| {
        program.with_environment("COUNTERFOIL_TWO_FACTOR__REQUIRED", "everyone")
    });
    too_late(gallery, &site, &catcher, &person);
}

/// What somebody sees who should have a second factor by now, and gets one by a link.
fn too_late(gallery: &mut Gallery, site: &Site, catcher: &Catcher, person: &Person) {
    let window = signed_in(gallery, site, person);
    window.go("/settings/security");
    gallery.page("security-due", &window);
    site.advance(GRACE);
    let window = signed_in(gallery, site, person);
    gallery.page("two-factor-overdue", &window);
    window.press_in("form[action='/login/enrolment']");
    gallery.page("two-factor-overdue-asked", &window);
    let link = site.path_of_link_in(&catcher.mail().text);
    window.go(&link);
    gallery.page("two-factor-by-link", &window);
    window.press_main_button();
    gallery.page("two-factor-by-link-set-up", &window);

    let other = signed_in(gallery, site, &site.person("somebody-else"));
    other.go(&link);
    gallery.page("two-factor-by-link-of-another", &other);
}

fn signed_in(gallery: &Gallery, site: &Site, person: &Person) -> Window {
    let window = window_on(site, gallery);
    window.go("/login");
    send_password(&window, &person.login, &person.password);
    window
}
