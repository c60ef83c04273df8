//! The way through all pages. It speaks no language: fields are found by their names, and what
//! leads on is the button that a page is about.

use std::time::Duration;

use counterfoil_testkit::process::Person;

use super::Gallery;
use crate::browser::site::{Pocket, Site};
use crate::browser::window::{Look, Window};

/// What another browser of the same person says that it is.
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/18.5 Mobile/15E148 Safari/604.1";
const OTHER_DESK: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Goes through the pages of a site where somebody has done all that there is to be seen.
pub(super) fn through_all(gallery: &mut Gallery) {
    let site = Site::new();
    let mina = site.person("mina-park");
    let pocket = site.enable_two_factor(&mina);
    let window = window_on(&site, gallery);
    sign_in(gallery, &window, &mina, &pocket);
    sessions(gallery, &site, &window, &mina, &pocket);
    errors(gallery, &window);
    sign_out(gallery, &window);
    locked(gallery, &site);
}

fn window_on(site: &Site, gallery: &Gallery) -> Window {
    window_as(site, gallery, None)
}

fn window_as(site: &Site, gallery: &Gallery, agent: Option<&'static str>) -> Window {
    site.window_with(Look {
        language: gallery.language,
        agent,
        ..Look::default()
    })
}

/// Signs in without looking at the pages on the way.
fn pass(site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    window.fill_named("login", &person.login);
    window.fill_named("password", &person.password);
    window.press_main_button();
    window.fill_named("code", &site.code(pocket));
    window.press_main_button();
}

fn sign_in(gallery: &mut Gallery, window: &Window, person: &Person, pocket: &Pocket) {
    window.go("/");
    gallery.page("welcome", window);
    window.go("/login");
    gallery.page("sign-in", window);
    window.press_main_button();
    gallery.page("sign-in-empty", window);
    window.fill_named("login", &person.login);
    window.fill_named("password", "not the password");
    window.press_main_button();
    gallery.page("sign-in-wrong", window);
    window.fill_named("password", &person.password);
    window.press_main_button();
    gallery.page("code", window);
    window.fill_named("code", "12345");
    window.press_main_button();
    gallery.page("code-wrong", window);
    window.go("/login/recovery");
    gallery.page("recovery", window);
    window.press_main_button();
    gallery.page("recovery-empty", window);
    window.fill_named("code", &pocket.recovery_codes[0]);
    window.press_main_button();
    gallery.page("home-after-recovery", window);
}

fn sessions(gallery: &mut Gallery, site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    window.go("/settings/sessions");
    gallery.page("sessions-one", window);
    for (agent, later) in [(PHONE, DAY * 2), (OTHER_DESK, HOUR * 5)] {
        let other = window_as(site, gallery, Some(agent));
        other.go("/login");
        pass(site, &other, person, pocket);
        site.advance(later);
    }
    window.go("/settings/sessions");
    gallery.page("sessions", window);
    // The proof is older than a quarter of an hour by now.
    window.press_in("form[action='/settings/sessions/end-others']");
    gallery.page("confirm", window);
    window.press_main_button();
    gallery.page("confirm-empty", window);
    window.fill_named("password", &person.password);
    window.fill_named("code", &site.code(pocket));
    window.press_main_button();
    gallery.page("sessions-ended", window);
}

fn errors(gallery: &mut Gallery, window: &Window) {
    window.go("/settings/nothing-here");
    gallery.page("not-found", window);
    // A form of a session that has ended otherwise.
    window.go("/logout");
    window.set_hidden("csrf", "forged");
    window.press_main_button();
    gallery.page("form-too-old", window);
}

fn sign_out(gallery: &mut Gallery, window: &Window) {
    window.go("/logout");
    gallery.page("sign-out", window);
    window.press_main_button();
    gallery.page("signed-out", window);
}

fn locked(gallery: &mut Gallery, site: &Site) {
    let window = window_on(site, gallery);
    window.go("/login");
    for _ in 0..10 {
        window.fill_named("login", "somebody-else");
        window.fill_named("password", "not the password");
        window.press_main_button();
    }
    window.fill_named("login", "somebody-else");
    window.fill_named("password", "not the password");
    window.press_main_button();
    gallery.page("locked", &window);
}
