//! What a site administrator does with a browser.

use counterfoil_domain::digest::SecretDigest;
use counterfoil_testkit::process::Person;

use super::site::Site;
use super::window::{Look, Window};

#[test]
fn an_administrator_invites_somebody_and_suspends_them_later() {
    let site = Site::new();
    let root = site.person("root-admin");
    let promote = ["user", "edit", &root.login, "--admin"];
    site.program.command(&promote, "").succeeded();
    let window = site.window();
    window.go("/admin/users");
    site.sign_in(&window, &root, None);
    window.is_at("/admin/users", 200);
    window.press("Invite user");
    window.fill("Login", "ada");
    window.press("Invite and show link");
    window.reads("A link for ada");
    let link = site.path_of_link_in(&window.value("Link"));

    let ada = Person::new("ada", "the password that ada chose");
    let elsewhere = site.window();
    elsewhere.go(&link);
    elsewhere.fill("Password", &ada.password);
    elsewhere.press("Save");
    elsewhere.reads("Your password is set.");
    site.program.hold_secret(&ada.password);
    elsewhere.go("/settings/tokens");
    site.sign_in(&elsewhere, &ada, None);
    elsewhere.is_at("/settings/tokens", 200);

    window.press("I have copied it");
    window.is_at("/admin/users/ada", 200);
    window.press("Suspend");
    window.reads("One token or session is refused at once.");
    window.press("Suspend");
    window.reads("ada was suspended.");

    elsewhere.go("/settings/tokens");
    site.sign_in(&elsewhere, &ada, None);
    elsewhere.reads("This account is suspended. Ask an administrator");
    the_menu_leads_on_where_it_is_narrow(&site, &root);
}

#[test]
fn an_administrator_reads_how_the_server_is_what_it_goes_by_and_what_happened_to_a_token() {
    let site =
        Site::with(|program| program.with_environment("COUNTERFOIL_PAGES__BRAND", "Acme tokens"));
    let root = site.person("root-admin");
    let promote = ["user", "edit", &root.login, "--admin"];
    site.program.command(&promote, "").succeeded();
    let create = [
        "token",
        "create",
        &root.login,
        "--note",
        "nightly",
        "--scopes",
        "gist",
    ];
    let created = site.program.command(&create, "").succeeded();
    let token = created.stdout.trim();

    let window = site.window();
    window.go("/admin");
    site.sign_in(&window, &root, None);
    window.is_at("/admin", 200);
    window.reads("Everything is good");
    window.press("Settings in force");
    window.is_at("/admin/settings", 200);
    window.reads("\"Acme tokens\"");
    window.reads("COUNTERFOIL_PAGES__BRAND");
    window.press("Audit trail");
    window.reads("A user signed in with a browser.");

    window.go("/admin/audit?actor=os_user");
    window.fill("SHA-256 of a token", token);
    window.press("Show events of this token");
    window.is_at("/admin/audit", 422);
    window.reads("That is a token. Search by its SHA-256.");
    assert!(!window.html().contains(token));
    let digest = SecretDigest::of(token).to_hex();
    window.fill("SHA-256 of a token", &digest);
    window.press("Show events of this token");
    window.is_at(
        &format!("/admin/audit?actor=os_user&token_digest={digest}"),
        200,
    );
    window.reads("A token was issued.");
}

fn the_menu_leads_on_where_it_is_narrow(site: &Site, root: &Person) {
    let narrow: Window = site.window_with(Look {
        width: 390,
        ..Look::default()
    });
    narrow.go("/admin/users");
    site.sign_in(&narrow, root, None);
    narrow.click("Menu");
    narrow.reads("Audit trail");
    narrow.press("Users");
    narrow.is_at("/admin/users", 200);
    narrow.click("Menu");
    narrow.press("Settings");
    narrow.click("Menu");
    narrow.reads("Administration");
}
