//! The way through the pages of the administration, which only site administrators see.

use super::Gallery;
use super::walk::{send_password, window_on};
use crate::browser::site::Site;
use crate::browser::window::Window;

/// Goes through them on a site where somebody has done all that there is to be seen.
pub(super) fn through_all(
    gallery: &mut Gallery,
    site: &Site,
    (login, password): (&str, &str),
    user: &str,
) {
    let window = window_on(site, gallery);
    window.go("/admin/users");
    send_password(&window, login, password);
    users(gallery, site, &window, user);
    reading(gallery, &window);
}

/// What is looked at alone.
fn reading(gallery: &mut Gallery, window: &Window) {
    for (name, path) in [
        ("admin-health", "/admin"),
        ("admin-audit", "/admin/audit"),
        ("admin-audit-none", "/admin/audit?until=2001-01-01"),
        ("admin-audit-wrong", "/admin/audit?since=yesterday&user=-"),
        ("admin-settings", "/admin/settings"),
    ] {
        window.go(path);
        gallery.page(name, window);
    }
}

fn users(gallery: &mut Gallery, site: &Site, window: &Window, user: &str) {
    window.go("/admin/users");
    gallery.page("admin-users", window);
    window.go("/admin/users?sought=nobody-at-all");
    gallery.page("admin-users-none", window);
    window.go("/admin/invite");
    window.press_main_button();
    gallery.page("admin-invite-empty", window);
    window.fill_named("user", "newcomer");
    window.press_main_button();
    let link = window.evaluate("() => document.querySelector('main textarea').value");
    site.path_of_link_in(link.as_str().expect("a link"));
    gallery.page("admin-link-made", window);
    window.go(&format!("/admin/users/{user}"));
    gallery.page("admin-user", window);
    window.go(&format!("/admin/users/{user}/confirm/suspend"));
    gallery.page("admin-user-suspend", window);
    window.go(&format!("/admin/users/{user}/confirm/delete"));
    window.press_main_button();
    gallery.page("admin-user-delete", window);
}
