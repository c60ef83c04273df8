//! Links that work once, from the terminal and from mails.

use std::time::Duration;

use counterfoil_testkit::process::{ApiClient, Person};
use serde_json::json;

use super::site::Site;

#[test]
fn from_the_first_administrator_to_a_token_that_expired() {
    let (site, catcher) = Site::with_mail();
    let root = Person::new("root-admin", "the password of the first one");
    let window = site.window();
    let shown = site.program.command(&["user", "setup-link"], "");
    window.go(&site.path_of_link_in(&shown.succeeded().stdout));
    window.reads("You will be the first administrator.");
    window.fill("Login", &root.login);
    window.fill("E-mail address", "root@example.org");
    window.fill("Password", &root.password);
    window.press("Save");
    window.reads("You are the administrator.");
    window.press("Sign in");
    site.sign_in(&window, &root, None);
    window.is_at("/", 200);

    let ada = Person::new("ada", "the password that ada chose");
    let invite = ["user", "invite", &ada.login, "--email", "ada@example.org"];
    let invited = site.program.json(&invite, "");
    assert_eq!(invited["mailed"], json!(true));
    let window = site.window();
    window.go(&site.path_of_link_in(&catcher.mail().text));
    window.reads("Your login is ada.");
    window.fill("Password", &ada.password);
    window.press("Save");
    window.reads("Your password is set.");
    site.program.hold_secret(&ada.password);

    let pocket = site.enable_two_factor(&ada);
    window.go("/settings/tokens/new");
    site.sign_in(&window, &ada, Some(&pocket));
    window.fill("Name", "nightly backup");
    window.tick("30 days");
    window.press("Create token");
    let token = window.value("Token");
    site.program.hold_secret(&token);
    let mut script = ApiClient::with_token(&site.server.base_url, &token).expect("it serves");
    script.must("GET", "/user", None).assert_status(200);

    // To the end of the day that stands on the page, wherever that is.
    site.advance(Duration::from_hours(32 * 24));
    script.must("GET", "/user", None).assert_status(401);
    // The session has ended meanwhile, too.
    window.go("/settings/tokens");
    site.sign_in(&window, &ada, Some(&pocket));
    window.reads("No tokens yet.");
    window.press("Ended");
    window.reads("nightly backup");
    window.reads("Expired");
}

#[test]
fn a_forgotten_password_is_set_anew_by_a_mailed_link_that_works_once() {
    let (site, catcher) = Site::with_mail();
    let mona = site.person("mona");
    // Before there is an administrator a dead link tells of the first start.
    let promote = ["user", "edit", "mona", "--admin"];
    site.program.command(&promote, "").succeeded();
    let told = catcher.mail();
    assert_eq!(told.subject, "The administrator's rights of mona changed");
    let elsewhere = site.window();
    elsewhere.go("/settings/sessions");
    site.sign_in(&elsewhere, &mona, None);

    let window = site.window();
    window.go("/login");
    window.press("Forgotten password?");
    window.fill("Login or e-mail address", &mona.login);
    window.press("Send link");
    window.reads("If an account has this as a verified address, a link is on its way.");
    let link = site.path_of_link_in(&catcher.mail().text);
    window.go(&link);
    // The code is gone from the address, which a history keeps.
    window.is_at("/link", 200);
    window.reads("All sessions end.");
    let mona = Person::new(&mona.login, "what mona thought of now");
    window.fill("Password", &mona.password);
    window.press("Save");
    window.reads("Your password is set.");
    site.program.hold_secret(&mona.password);

    window.go(&link);
    window.reads("This link was used or has expired.");
    elsewhere.go("/settings/sessions");
    elsewhere.reads("Forgotten password?");
    site.sign_in(&elsewhere, &mona, None);
    elsewhere.is_at("/settings/sessions", 200);
}
