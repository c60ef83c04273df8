//! The way through what apps and devices lead people to: the questions whether they get access, and
//! what is said when an app asks wrongly or a question was answered before.

use counterfoil_testkit::process::{Browser, Connection, OauthApp, Person, Reply};
use serde_json::json;

use super::Gallery;
use super::walk::{send_password, window_on};
use crate::browser::site::Site;
use crate::browser::window::Window;

const AUTHORIZE: &str = "/login/oauth/authorize";

/// See the module.
pub(super) fn through_all(gallery: &mut Gallery) {
    // Devices say through it from which address they ask.
    let site =
        Site::with(|program| program.with_environment("COUNTERFOIL_TRUSTED_PROXIES", "127.0.0.1"));
    let (team, mina) = (site.person("platform-team"), site.person("mina-park"));
    let window = window_on(&site, gallery);
    apps(gallery, &site, &window, &team, &mina);
    devices(gallery, &site, &window, &team);
}

/// An app that is registered with this callback.
fn registered(site: &Site, owner: &Person, name: &str, callback: &str) -> OauthApp {
    let create = ["app", "create", name, "--owner", &owner.login];
    let rest = ["--url", "https://board.example.org", "--device-flow"];
    let rest = [&rest[..], &["--callback-url", callback]].concat();
    let made = site.program.json(&[&create[..], &rest[..]].concat(), "");
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    OauthApp {
        client_id: text("client_id"),
        client_secret: text("client_secret"),
    }
}

fn apps(gallery: &mut Gallery, site: &Site, window: &Window, team: &Person, mina: &Person) {
    let callback = "https://board.example.org/callback";
    let board = registered(site, team, "Board of the platform team", callback);
    let tool = registered(site, team, "A tool", "http://127.0.0.1/callback");
    window.go(&format!("{AUTHORIZE}?client_id=0123456789abcdef0123"));
    gallery.page("app-unknown", window);
    let asks_of = |app: &OauthApp| format!("{AUTHORIZE}?client_id={}", app.client_id);
    let asks = format!("{}&scope=repo,read:org,user:email", asks_of(&board));
    window.go(&asks);
    gallery.page("sign-in-for-app", window);
    send_password(window, &mina.login, &mina.password);
    gallery.page("consent", window);
    let elsewhere = "https://elsewhere.example.org/";
    window.go(&format!("{}&redirect_uri={elsewhere}", asks_of(&board)));
    gallery.page("app-return-address", window);
    window.go(&asks_of(&tool));
    gallery.page("consent-on-this-computer", window);

    let asks_less = format!("{}&scope=read:org", asks_of(&board));
    let answered = lets_in(site, mina, &board, &asks_less);
    window.go(&asks);
    gallery.page("consent-for-more", window);
    send_answer_to(window, &answered);
    gallery.page("consent-answered", window);
    window.go(&asks);
    let (_, of_another) = question_to(site, team, &asks_less);
    send_answer_to(window, &handle_of(&of_another));
    gallery.page("consent-other-account", window);
}

/// The question that somebody is asked in a browser of their own.
fn question_to(site: &Site, person: &Person, asks: &str) -> (Browser, Reply) {
    let mut browser = Browser::at(&site.server.base_url);
    let signed_in = browser.sign_in(person).expect("it serves");
    signed_in.assert_status(303);
    let page = browser.get(asks).expect("it serves");
    page.assert_status(200);
    (browser, page)
}

/// What the form of a question is known by.
fn handle_of(question: &Reply) -> String {
    let forms = question.forms();
    let mut hidden = forms.iter().flat_map(|form| &form.hidden);
    let handle = hidden.find(|(name, _)| name == "request");
    handle.expect("the form has a handle").1.clone()
}

/// Somebody lets an app in, which gets its token. Gives the handle of the question.
fn lets_in(site: &Site, person: &Person, app: &OauthApp, asks: &str) -> String {
    let (mut browser, question) = question_to(site, person, asks);
    let answer = [("answer", "allow")];
    let answered = browser.submit(&question, AUTHORIZE, &answer);
    let answered = answered.expect("it serves");
    answered.assert_status(303);
    let address = answered.header("location").expect("it leads to the app");
    let (_, code) = address.split_once("code=").expect("it brings a code");
    let code = code.split('&').next().unwrap_or_default();
    site.program.hold_secret(code);
    let mut connection = Connection::open(&site.server.base_url).expect("it serves");
    let body = json!({
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code": code,
    });
    let headers = [("accept", "application/json")];
    let exchange = connection.ask("POST", "/login/oauth/access_token", &headers, Some(&body));
    let token = exchange.expect("it serves").json();
    assert!(token["access_token"].is_string(), "it gets no token");
    handle_of(&question)
}

/// Sends the form of a question with the handle of another one.
fn send_answer_to(window: &Window, handle: &str) {
    window.set_hidden("request", handle);
    press_when_seen(window, Window::press_main_button);
}

/// Presses a button that takes no click before somebody is there.
fn press_when_seen(window: &Window, press: impl Fn(&Window)) {
    window.key("Shift");
    press(window);
}

fn devices(gallery: &mut Gallery, site: &Site, window: &Window, team: &Person) {
    let tool = registered(site, team, "Another tool", "http://127.0.0.1/callback");
    let type_code = |code: &str| {
        window.go("/login/device");
        window.fill_named("code", code);
        window.press_main_button();
    };
    window.go("/login/device");
    gallery.page("device", window);
    window.press_main_button();
    gallery.page("device-empty", window);
    let far = ("x-forwarded-for", "198.51.100.27");
    type_code(&code_of_device(
        site,
        &tool.client_id,
        "repo read:org",
        &[far],
    ));
    gallery.page("device-confirm", window);
    press_when_seen(window, Window::press_main_button);
    gallery.page("device-confirm-not-ticked", window);
    // The first of its buttons refuses.
    let form = "main form[action='/login/device/confirm']";
    press_when_seen(window, |window| window.press_in(form));
    gallery.page("device-refused", window);
    type_code(&code_of_device(site, &tool.client_id, "", &[]));
    gallery.page("device-confirm-near", window);
    press_when_seen(window, Window::press_main_button);
    gallery.page("device-connected", window);
}

/// The code that a device shows which asks for these scopes.
fn code_of_device(site: &Site, app: &str, scope: &str, headers: &[(&str, &str)]) -> String {
    let mut device = Connection::open(&site.server.base_url).expect("it serves");
    let body = json!({ "client_id": app, "scope": scope });
    let own = [
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("user-agent", "a-tool/2.23"),
    ];
    let headers = [&own[..], headers].concat();
    let asked = device.ask("POST", "/login/device/code", &headers, Some(&body));
    let asked = asked.expect("it serves").assert_status(200).json();
    let text = |name: &str| asked[name].as_str().expect("a text").to_owned();
    site.program.hold_secret(&text("device_code"));
    text("user_code")
}
