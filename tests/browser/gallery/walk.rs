//! The way through all pages. It speaks no language: fields are found by their names, and what
//! leads on is the button that a page is about.

use std::time::Duration;

use counterfoil_testkit::process::{ApiClient, Person};
use serde_json::json;

use super::{Gallery, administration};
use crate::browser::site::{Pocket, Site};
use crate::browser::window::{Look, Window};

/// What another browser of the same person says that it is.
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                     Version/18.5 Mobile/15E148 Safari/604.1";
const OTHER_DESK: &str =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0";

/// The first administrator: login and password.
const ROOT: (&str, &str) = ("root-admin", "the password of the first one");

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Goes through the pages of a site where somebody has done all that there is to be seen.
pub(super) fn through_all(gallery: &mut Gallery) {
    let site = Site::new();
    links(gallery, &site);
    let mina = site.person("mina-park");
    make_tokens(&site, &mina);
    allow_apps(&site, &mina);
    let pocket = site.enable_two_factor(&mina);
    // What a server remembers of last uses is written down when it stops.
    let site = site.restarted();
    let window = window_on(&site, gallery);
    sign_in(gallery, &window, &mina, &pocket);
    tokens(gallery, &site, &window, &mina, &pocket);
    apps_with_access(gallery, &window);
    own_apps(gallery, &site, &window, &mina, &pocket);
    account(gallery, &site, &window, &mina, &pocket);
    sessions(gallery, &site, &window, &mina, &pocket);
    errors(gallery, &window);
    sign_out(gallery, &window);
    administration::through_all(gallery, &site, ROOT, &mina.login);
    super::passkeys::through_all(gallery, &site);
    locked(gallery, &site);
}

/// Tokens of several kinds, ages and states.
fn make_tokens(site: &Site, person: &Person) {
    let create = |note: &str, scopes: &str, lives: &[&str]| {
        let create = ["token", "create", &person.login, "--note", note];
        let rest = ["--scopes", scopes];
        let made = [create.as_slice(), &rest, lives].concat();
        let made = site.program.command(&made, "").succeeded();
        made.stdout.trim().to_owned()
    };
    let use_it = |token: &str| {
        let client = ApiClient::with_token(&site.server.base_url, token);
        let mut client = client.expect("it serves");
        client.must("GET", "/user", None).assert_status(200);
    };
    let wide = "repo,read:packages,admin:org,gist,user";
    let wiki = "nightly backup of the wiki and of the package registry";
    use_it(&create(wiki, wide, &[]));
    site.advance(DAY * 60);
    create("a job of the summer", "repo", &["--expires-in", "30d"]);
    site.advance(DAY * 65);
    let laptop = json!({ "note": "laptop, gh", "scopes": ["repo", "read:org", "gist"] });
    let mut mina = person.connect(&site.server.base_url).expect("it serves");
    let laptop = mina.must("POST", "/authorizations", Some(&laptop)).token();
    let bot = create(
        "deploy-bot on ci-3",
        "repo,read:packages",
        &["--expires-in", "30d"],
    );
    site.advance(DAY * 24);
    create("metrics exporter", "read:org", &["--expires-in", "30d"]);
    let probe = create("read-only probe", "", &["--expires-in", "14d"]);
    use_it(&laptop);
    site.advance(HOUR * 22);
    use_it(&bot);
    site.advance(HOUR * 2);
    use_it(&probe);
    site.advance(Duration::from_mins(4));
}

/// Apps that have access, with what each can do.
fn allow_apps(site: &Site, person: &Person) {
    let allowed: [(&str, &[&str]); 3] = [
        ("Wiki of the platform team", &["read:user", "user:email"]),
        ("Nightly statistics", &[]),
        ("Deployer", &["repo", "read:org"]),
    ];
    for (name, scopes) in allowed {
        let url = ["--url", "https://app.example.org"];
        let callback = ["--callback-url", "https://app.example.org/callback"];
        let create = ["app", "create", name, "--owner", "root-admin", "--json"];
        let create = [create.as_slice(), &url, &callback].concat();
        let made = site.program.command(&create, "").succeeded().stdout;
        let mut app: serde_json::Value = serde_json::from_str(&made).expect("it is JSON");
        let mut mina = person.connect(&site.server.base_url).expect("it serves");
        let wanted = json!({
            "client_id": app["client_id"].take(),
            "client_secret": app["client_secret"].take(),
            "scopes": scopes,
        });
        let token = mina.must("POST", "/authorizations", Some(&wanted)).token();
        if !scopes.is_empty() {
            let client = ApiClient::with_token(&site.server.base_url, &token);
            let mut client = client.expect("it serves");
            client.must("GET", "/user", None).assert_status(200);
        }
    }
}

pub(super) fn window_on(site: &Site, gallery: &Gallery) -> Window {
    window_as(site, gallery, None)
}

fn window_as(site: &Site, gallery: &Gallery, agent: Option<&'static str>) -> Window {
    site.window_with(Look {
        language: gallery.language,
        agent,
        ..Look::default()
    })
}

/// Sends the form of signing in.
pub(super) fn send_password(window: &Window, login: &str, password: &str) {
    window.fill_named("login", login);
    window.fill_named("password", password);
    window.press_main_button();
}

/// Signs in without looking at the pages on the way.
fn pass(site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    send_password(window, &person.login, &person.password);
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
    send_password(window, &person.login, "not the password");
    gallery.page("sign-in-wrong", window);
    send_password(window, &person.login, &person.password);
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

fn tokens(gallery: &mut Gallery, site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    window.go("/settings/tokens");
    gallery.page("tokens", window);
    window.go("/settings/tokens?tab=ended");
    gallery.page("tokens-ended", window);
    window.go("/settings/tokens/new?scopes=repo,read:org&description=metrics");
    gallery.page("new-token", window);
    window.fill_named("name", "deploy-bot on ci-3");
    window.tick_named("expires", "date");
    window.press_main_button();
    gallery.page("new-token-wrong", window);
    window.fill_named("name", "a job of this winter");
    window.tick_named("expires", "7");
    window.press_main_button();
    prove(site, window, person, pocket);
    gallery.page("token-made", window);
    window.go("/settings/tokens");
    window.follow("main .entry a");
    gallery.page("token", window);
    window.follow("main a[href$='/regenerate']");
    gallery.page("token-regenerate", window);
    window.back();
    window.follow("main a[href$='/delete']");
    gallery.page("token-delete", window);
    window.press_main_button();
    gallery.page("token-deleted", window);
    window.go("/settings/tokens/delete-all");
    window.press_main_button();
    gallery.page("tokens-delete-all", window);
}

fn apps_with_access(gallery: &mut Gallery, window: &Window) {
    window.go("/settings/applications");
    gallery.page("apps-with-access", window);
    let last = window.evaluate("() => document.querySelector('main .entry a').pathname");
    let app = last.as_str().expect("a path").to_owned();
    window.go(&app);
    gallery.page("app-with-access", window);
    let revoke = "() => document.querySelector('main .state a').pathname";
    let token = window.evaluate(revoke);
    window.go(token.as_str().expect("a path"));
    gallery.page("app-token-revoke", window);
    window.go(&format!("{app}/revoke"));
    gallery.page("app-with-access-revoke", window);
    window.press_main_button();
    gallery.page("app-access-revoked", window);
}

fn own_apps(gallery: &mut Gallery, site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    window.go("/settings/developers");
    gallery.page("my-apps-none", window);
    window.go("/settings/developers/new");
    gallery.page("register-app", window);
    window.press_main_button();
    prove(site, window, person, pocket);
    gallery.page("register-app-empty", window);
    window.fill_named("name", "Dashboard of the platform team");
    window.fill_named("website", "https://dash.example.org");
    window.fill_named("callbacks", "https://dash.example.org/login/callback");
    window.press_main_button();
    gallery.page("app-secret-made", window);
    window.go("/settings/developers");
    gallery.page("my-apps", window);
    let first = window.evaluate("() => document.querySelector('main .entry a').pathname");
    let app = first.as_str().expect("a path").to_owned();
    window.go(&app);
    gallery.page("edit-app", window);
    window.go(&format!("{app}/secrets"));
    gallery.page("app-secrets", window);
    let last = window.evaluate("() => document.querySelector('main .state a').pathname");
    window.go(last.as_str().expect("a path"));
    gallery.page("app-secret-end", window);
    window.go(&format!("{app}/revoke-all"));
    gallery.page("app-revoke-all", window);
    window.go(&format!("{app}/transfer"));
    gallery.page("app-transfer-none", window);
    window.go(&format!("{app}/delete"));
    window.press_main_button();
    gallery.page("app-delete", window);
}

fn account(gallery: &mut Gallery, site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    window.go("/settings/security");
    gallery.page("security", window);
    window.go("/settings/security/password");
    prove(site, window, person, pocket);
    gallery.page("password", window);
    window.press_main_button();
    gallery.page("password-empty", window);
    window.go("/settings/security/two-factor");
    gallery.page("two-factor", window);
    window.go("/settings/security/two-factor/off");
    gallery.page("two-factor-turn-off", window);
    window.go("/settings/security/recovery-codes");
    gallery.page("recovery-codes", window);
    window.press_main_button();
    gallery.page("recovery-codes-made", window);
    window.press_in("form[action$='/saved']");
    gallery.page("recovery-codes-not-saved", window);
    window.go("/settings/profile");
    gallery.page("profile", window);
    window.press_main_button();
    gallery.page("profile-saved", window);
}

/// Confirms who it is, where the proof has become too old.
fn prove(site: &Site, window: &Window, person: &Person, pocket: &Pocket) {
    if window.has_field("code") {
        window.fill_named("password", &person.password);
        window.fill_named("code", &site.code(pocket));
        window.press_main_button();
    }
}

/// Before there is anybody.
fn links(gallery: &mut Gallery, site: &Site) {
    let window = window_on(site, gallery);
    window.go("/");
    gallery.page("welcome-not-set-up", &window);
    let shown = site.program.command(&["user", "setup-link"], "");
    window.go(&site.path_of_link_in(&shown.succeeded().stdout));
    gallery.page("set-up", &window);
    window.press_main_button();
    gallery.page("set-up-empty", &window);
    let (login, password) = ROOT;
    window.fill_named("login", login);
    window.fill_named("email", "root@example.org");
    window.fill_named("password", password);
    window.press_main_button();
    gallery.page("set-up-done", &window);
    let invite = [
        "user",
        "invite",
        "ada",
        "--email",
        "ada@example.org",
        "--json",
    ];
    let invited = site.program.command(&invite, "").succeeded().stdout;
    window.go(&site.path_of_link_in(&invited));
    gallery.page("invitation", &window);
    window.go("/link/0123456789012345678901");
    gallery.page("link-dead", &window);
    window.go("/login/forgotten");
    gallery.page("forgotten-without-mail", &window);
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
    for _ in 0..11 {
        send_password(&window, "somebody-else", "not the password");
    }
    gallery.page("locked", &window);
}
