//! Commands that pages under `docs/run` print for who uses a token or writes a program for devices:
//! run as printed, but for the address and what this server gave out.

use std::process::Command;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::process::{ApiClient, Browser, Person, Program};

use super::{Desk, PASSWORD, text};
use crate::pages::Page;

/// How far apart polls of a device are.
const INTERVAL: Duration = Duration::from_secs(5);

/// What a shell prints that these commands are pasted into.
fn pasted(commands: &str) -> String {
    let output = Command::new("sh")
        .args(["-ec", commands])
        .output()
        .expect("sh can be started");
    assert!(output.status.success(), "{commands}: {output:?}");
    String::from_utf8(output.stdout).expect("text comes back")
}

/// The text with something of this installation in the place of what a page has there.
#[track_caller]
fn with(commands: &str, printed: &str, own: &str) -> String {
    assert!(
        commands.contains(printed),
        "no {printed} stands in {commands}"
    );
    commands.replace(printed, own)
}

/// A field of an answer in the encoding of forms.
#[track_caller]
fn field(answer: &str, name: &str) -> String {
    let mut pairs = answer.split('&').filter_map(|pair| pair.split_once('='));
    let found = pairs.find(|(found, _)| *found == name);
    let (_, value) = found.unwrap_or_else(|| panic!("no {name} in {answer}"));
    value.to_owned()
}

#[test]
fn a_token_is_tried_by_the_commands_of_the_page_about_tokens() {
    let desk = Desk::with_user();
    let server = desk.program.start_serve(&[]);
    let create = ["token", "create", "mona", "--note", "n", "--scopes", "repo"];
    let token = text(&desk.json(&create, "")["token"]);
    let block = Page::read("tokens-page.md").block("console");
    let typed = block.lines().map(|line| line.strip_prefix("$ "));
    let typed: Vec<_> = typed.map(|line| line.expect("a command")).collect();
    let commands = typed.join("\n");
    let printed = typed[0].strip_prefix("TOKEN=").expect("a token");
    let commands = with(&commands, printed, &token);
    let commands = with(&commands, "http://localhost:8080", &server.base_url);
    let user = pasted(&commands);
    assert!(user.contains("\"login\": \"mona\""), "{user}");
}

#[test]
fn a_device_gets_its_token_by_the_commands_of_the_page_about_the_flow() {
    let folder = TestFolder::in_memory();
    let program = Program::with_movable_clock(folder.path()).with_cheap_passwords();
    let desk = Desk { program, folder }.and_user();
    let app = desk.json(&["app", "create", "Board", "--owner", "mona"], "");
    let id = text(&app["client_id"]);
    desk.run(&["app", "edit", &id, "--device-flow"], "")
        .succeeded();
    let server = desk.program.start_serve(&[]);
    let commands = Page::read("web-flow.md").section("## Devices").blocks("sh");
    let [ask, poll] = &commands[..] else {
        panic!("the page has other commands: {commands:?}");
    };
    let here = |command: &str| {
        let command = with(command, "https://HOST", &server.base_url);
        with(&command, "CLIENT_ID", &id)
    };
    let shown = pasted(&here(ask));
    let (device, user) = (field(&shown, "device_code"), field(&shown, "user_code"));
    desk.program.hold_secret(&device);
    let poll = with(&here(poll), "DEVICE_CODE", &device);
    assert_eq!(field(&pasted(&poll), "error"), "authorization_pending");

    let mut browser = Browser::at(&server.base_url);
    let signed_in = browser.sign_in(&Person::new("mona", PASSWORD));
    signed_in.expect("it serves").assert_status(303);
    let entry = browser.get("/login/device").expect("it serves");
    let question = browser.submit(&entry, "/login/device", &[("code", &user)]);
    let question = question.expect("it serves");
    question.assert_status(200);
    let answer = [("answer", "allow")];
    let answered = browser.submit(&question, "/login/device/confirm", &answer);
    answered.expect("it serves").assert_status(303);

    desk.program.advance(INTERVAL);
    let token = field(&pasted(&poll), "access_token");
    desk.program.hold_secret(&token);
    let mut device = ApiClient::with_token(&server.base_url, &token).expect("it serves");
    let user = device.must("GET", "/user", None);
    user.assert_status(200);
    assert_eq!(user.header("x-oauth-scopes"), Some("gist, repo"));
}
