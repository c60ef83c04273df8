//! An app on an origin of its own leads a browser here and takes it back, with every redirect
//! followed by Chromium itself.

use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use counterfoil_testkit::process::{ApiClient, Connection, Person, Reply};
use serde_json::{Value, json};

use super::site::Site;
use super::window::Look;

/// A web server of somebody else.
struct Elsewhere {
    origin: String,
    asked: Receiver<String>,
}

impl Elsewhere {
    /// One that answers each `GET` by its path and query.
    fn that(answers: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (tell, asked) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &answers, &tell);
            }
        });
        Self {
            origin: format!("http://{address}"),
            asked,
        }
    }

    /// What was asked for next that begins like this.
    #[track_caller]
    fn asked_for(&self, begins: &str) -> String {
        loop {
            let asked = self.asked.recv().expect("it is asked");
            if asked.starts_with(begins) {
                return asked;
            }
        }
    }
}

fn answer(mut stream: TcpStream, answers: &impl Fn(&str) -> String, tell: &Sender<String>) {
    let head = BufReader::new(&stream).lines().map_while(Result::ok);
    let head: Vec<_> = head.take_while(|line| !line.is_empty()).collect();
    let target = head.first().and_then(|line| line.split(' ').nth(1));
    let Some(target) = target else {
        return;
    };
    // A browser that has gone away needs no answer.
    drop(stream.write_all(answers(target).as_bytes()));
    drop(tell.send(target.to_owned()));
}

fn redirect(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

fn page(text: &str) -> String {
    let html = format!("<!DOCTYPE html><title>{text}</title><h1>{text}</h1>");
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{html}",
        html.len()
    )
}

fn parameter(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value.to_owned())
}

/// An app of this person whose website and callback are elsewhere: what the command prints of it.
fn registered(site: &Site, owner: &Person, app: &Elsewhere) -> Value {
    let callback = format!("{}/callback", app.origin);
    let create = ["app", "create", "Board", "--owner", &owner.login];
    let addresses = ["--url", &app.origin, "--callback-url", &callback];
    site.program
        .json(&[create.as_slice(), &addresses].concat(), "")
}

#[test]
fn an_app_of_another_origin_whose_callback_redirects_once_more_signs_somebody_in() {
    let site = Site::new();
    let mona = site.person("mona");
    let third = Elsewhere::that(|_| page("Welcome to the board"));
    let on = third.origin.clone();
    let app = Elsewhere::that(move |_| redirect(&format!("{on}/board")));
    let made = registered(&site, &mona, &app);
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let authorize = format!("/login/oauth/authorize?client_id={id}&scope=repo,gist&state=s%2Fs");

    let window = site.window();
    window.go(&authorize);
    window.reads("to continue to Board");
    site.sign_in(&window, &mona, None);
    window.reads("Allow Board to use your account?");
    window.reads("This app runs on your computer.");
    // The buttons take no click before somebody is there.
    window.key("Shift");
    window.press("Cancel");
    window.reads("Welcome to the board");
    let refused = app.asked_for("/callback");
    assert_eq!(
        parameter(&refused, "error").as_deref(),
        Some("access_denied")
    );

    window.go(&authorize);
    window.key("Shift");
    window.press("Allow Board");
    window.reads("Welcome to the board");
    let brought = app.asked_for("/callback");
    assert_eq!(parameter(&brought, "state").as_deref(), Some("s%2Fs"));
    let code = parameter(&brought, "code").expect("a code");
    let mut connection = Connection::open(&site.server.base_url).expect("it serves");
    let mut exchange = || -> Reply {
        let body = json!({"client_id": id, "client_secret": secret, "code": code});
        let headers = [("accept", "application/json")];
        let reply = connection.ask("POST", "/login/oauth/access_token", &headers, Some(&body));
        reply.expect("an answer")
    };
    let token = exchange().json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned();
    site.program.hold_secret(&token);
    assert_eq!(exchange().json()["error"], "bad_verification_code");
    let mut board = ApiClient::with_token(&site.server.base_url, &token).expect("it serves");
    let user = board.must("GET", "/user", None);
    user.assert_status(200);
    assert_eq!(user.header("x-oauth-scopes"), Some("gist, repo"));

    // The grant goes, and the token with it.
    let mut mona = mona.connect(&site.server.base_url).expect("it serves");
    let grants = mona.must("GET", "/applications/grants", None).json();
    let grant = grants[0]["id"].as_i64().expect("an id");
    let path = format!("/applications/grants/{grant}");
    mona.must("DELETE", &path, None).assert_status(204);
    board.must("GET", "/user", None).assert_status(401);
}

#[test]
fn without_scripts_the_buttons_work_at_once() {
    let site = Site::new();
    let mona = site.person("mona");
    let app = Elsewhere::that(|_| page("Welcome back"));
    let made = registered(&site, &mona, &app);
    let id = made["client_id"].as_str().expect("a text");
    let window = site.window_with(Look {
        scripts: false,
        ..Look::default()
    });
    window.go(&format!("/login/oauth/authorize?client_id={id}"));
    site.sign_in(&window, &mona, None);
    window.reads("See your public profile: login, name, picture. Nothing else");
    window.press("Allow Board");
    window.reads("Welcome back");
    assert!(parameter(&app.asked_for("/callback"), "code").is_some());
}
