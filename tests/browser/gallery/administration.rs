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
    organizations(gallery, &window, user);
    apps(gallery, &window);
    tokens(gallery, &window, user);
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

fn organizations(gallery: &mut Gallery, window: &Window, user: &str) {
    window.go("/admin/organizations");
    window.press_main_button();
    gallery.page("admin-organizations-wrong", window);
    window.fill_named("organization", "acme");
    window.fill_named("name", "Acme Corporation");
    window.press_main_button();
    gallery.page("admin-organization-made", window);
    window.go("/admin/organizations/acme/members");
    window.press_main_button();
    gallery.page("admin-member-wrong", window);
    window.fill_named("user", user);
    window.tick_named("role", "admin");
    window.press_main_button();
    gallery.page("admin-organization", window);
    let member = format!("/admin/organizations/acme/members/{user}");
    window.go(&member);
    gallery.page("admin-member", window);
    window.go(&format!("{member}/remove"));
    window.press_main_button();
    gallery.page("admin-member-last-owner", window);
    window.go("/admin/organizations/acme/teams");
    window.press_main_button();
    gallery.page("admin-teams-wrong", window);
    window.fill_named("name", "Site Reliability");
    window.press_main_button();
    let team = "/admin/organizations/acme/teams/site-reliability";
    window.go(&format!("{team}/members"));
    window.press_main_button();
    gallery.page("admin-team-member-wrong", window);
    window.fill_named("user", user);
    window.press_main_button();
    gallery.page("admin-team", window);
    window.go(&format!("{team}/members/{user}/remove"));
    gallery.page("admin-team-member-remove", window);
    window.go(&format!("{team}/delete"));
    gallery.page("admin-team-delete", window);
    window.go("/admin/organizations/acme/delete");
    window.press_main_button();
    gallery.page("admin-organization-delete", window);
}

fn apps(gallery: &mut Gallery, window: &Window) {
    let path = |code: &str| {
        let path = window.evaluate(code);
        path.as_str().expect("a path").to_owned()
    };
    window.go("/admin/apps");
    gallery.page("admin-apps", window);
    let app = path("() => [...document.querySelectorAll('main tbody th a')].at(-1).pathname");
    window.go("/admin/apps/built-in");
    gallery.page("admin-apps-built-in", window);
    window.go(&app);
    gallery.page("admin-app", window);
    let publish = path("() => document.querySelector('main a[href$=\"/publish\"]').pathname");
    window.go(&publish);
    gallery.page("admin-app-secret-publish", window);
    for act in ["suspend", "unsuspend", "resource-server"] {
        window.go(&format!("{app}/{act}"));
        gallery.page(&format!("admin-app-{act}"), window);
    }
    window.go(&format!("{app}/transfer"));
    window.press_main_button();
    gallery.page("admin-app-transfer", window);
}

fn tokens(gallery: &mut Gallery, window: &Window, user: &str) {
    window.go("/admin/tokens");
    window.fill_named("sought", "ghp_0123456789abcdef");
    window.press_main_button();
    gallery.page("admin-tokens-a-token", window);
    window.fill_named("sought", user);
    window.press_main_button();
    gallery.page("admin-tokens", window);
    let first = "() => document.querySelector('main a[href$=\"/revoke\"]').pathname";
    let revoke = window.evaluate(first);
    window.go(revoke.as_str().expect("a path"));
    gallery.page("admin-token-revoke", window);
}
