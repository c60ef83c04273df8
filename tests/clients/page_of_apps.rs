//! What `docs/run/apps.md` prints for who connects a program: every command as printed, one after
//! another, in one shell, and every application as printed.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::process::Stdio;
use std::time::Duration;

use counterfoil_testkit::TestFolder;
use counterfoil_testkit::installed;
use counterfoil_testkit::process::{NetworkNamespace, Person, Program, finish};
use serde_json::json;

use super::browsing::{Asked, Browsing};
use super::driver::lines_of;
use super::web_flow::{APP, MEMBER, Serving, WebFlow};
use crate::pages::Page;

const PAGE: &str = "apps.md";

/// How long a newcomer may take on a busy machine.
const LIMIT: Duration = Duration::from_mins(2);

/// What the shell says where a newcomer opens a browser.
const OPEN: &str = "open a browser";

/// Where the server and the site are on the page.
const SERVER: &str = "http://127.0.0.1:8080";
const SITE: &str = "http://127.0.0.1:8090";

/// The version of oauth2-proxy that the tests run.
fn version_of_oauth2_proxy() -> String {
    let module = include_str!("oauth2_proxy/go.mod");
    let mut lines = module.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with("github.com/oauth2-proxy/oauth2-proxy/v7 "));
    let version = line.and_then(|line| line.split(' ').nth(1));
    version.expect("it is named").to_owned()
}

#[test]
fn a_newcomer_puts_oauth2_proxy_before_a_site_by_following_the_page() {
    let section = Page::read(PAGE).section("### oauth2-proxy behind nginx");
    let blocks = section.blocks("sh");
    let [install, follow @ .., stop] = &blocks[..] else {
        panic!("the page has few commands");
    };
    // What it installs is what the set-up of the tests has installed.
    let package = "github.com/oauth2-proxy/oauth2-proxy/v7";
    let version = version_of_oauth2_proxy();
    let expected =
        format!("sudo apt-get install --yes nginx curl\ngo install {package}@{version}\n");
    assert_eq!(*install, expected);

    let namespace = NetworkNamespace::with_hosts(&[]);
    let folder = TestFolder::on_disk();
    // Servers that a failure leaves behind end with the shell.
    let script = format!(
        "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{}echo '{OPEN}'\nread -r line\n{stop}",
        follow.concat()
    );
    let (program, proxy) = (installed::program(), installed::oauth2_proxy());
    let folders = [&program, &proxy].map(|program| {
        let folder = program.parent().expect("a program lies in a folder");
        folder.display().to_string()
    });
    let mut child = namespace
        .command("/bin/bash", folder.path())
        .args(["-c", &script])
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", format!("{}:/usr/bin:/bin", folders.join(":")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("bash can be started");
    let mut stdin = child.stdin.take().expect("standard input was piped");
    let lines = lines_of(child.stdout.take().expect("standard output was piped"));
    let mut said = Vec::new();
    while said.last().is_none_or(|line| line != OPEN) {
        let Ok(line) = lines.recv_timeout(LIMIT) else {
            let output = finish(child, "the walk-through", LIMIT);
            panic!("{said:?}\n{}", output.stderr);
        };
        said.push(line);
    }
    for expected in ["ready", "OK", "302"] {
        assert!(said.iter().any(|line| line == expected), "{said:?}");
    }

    members_come_in(
        &Program::build_in(folder.path().join("sign-in")),
        &namespace,
    );
    stdin.write_all(b"\n").expect("the shell reads a line");
    finish(child, "the walk-through", LIMIT).succeeded();
}

/// What the page says of its two users.
fn members_come_in(program: &Program, namespace: &NetworkNamespace) {
    let browser = |login, password| {
        let person = Person::new(login, password);
        Browsing::new(program, SERVER, namespace, &person)
    };
    let mona = browser("mona", "correct horse battery staple");
    let site = format!("{SITE}/?a=b&c=d");
    let arrival = mona.opens(&site);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    assert_eq!(arrival.url, site);
    let page = arrival.reply.assert_status(200).text();
    assert!(page.contains("For the members of acme"), "{page}");
    let known = mona.opens(&format!("{SITE}/oauth2/userinfo"));
    let known = known.reply.assert_status(200).json();
    let expected = json!({ "user": "mona", "email": "mona@example.org", "groups": ["acme"] });
    assert_eq!(known, expected);

    let lisa = browser("lisa", "another long password");
    let arrival = lisa.opens(&site);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    assert!(arrival.url.starts_with(&format!("{SITE}/oauth2/callback")));
    arrival.reply.assert_status(500);
    let folder = program.folder();
    let log = fs::read_to_string(folder.join("oauth2-proxy.log")).expect("it has a log");
    assert!(
        log.contains("user is missing required organization"),
        "{log}"
    );
    lisa.ask("GET", SITE, "Accept: */*").assert_status(302);
}

/// An application as the page prints it, which answers first at this path.
fn serve(scene: &WebFlow, heading: &str, file: &str, path: &str) -> Serving {
    let folder = scene.folder.path();
    let text = Page::read(PAGE).section(heading).block("js");
    fs::write(folder.join(file), text).expect("a file of ours");
    // Where node finds modules of the newer kind.
    symlink(installed::node_modules(), folder.join("node_modules")).expect("a link of ours");
    let mut node = scene.inside(&installed::tool("node"));
    node.arg(folder.join(file))
        .env("SERVER", &scene.server.base_url)
        .env("CLIENT_ID", &scene.app.client_id)
        .env("CLIENT_SECRET", &scene.app.client_secret)
        .env("APP", APP)
        .env("SESSION_SECRET", "of a test");
    let serving = Serving::start(&mut node);
    scene.member().wait_for(&format!("{APP}{path}"));
    serving
}

#[test]
fn the_page_prints_an_application_of_octokit_that_signs_people_in() {
    let scene = WebFlow::new("/api/github/oauth/callback");
    let login = "/api/github/oauth/login";
    let app = serve(&scene, "### Octokit", "app.mjs", login);
    let arrival = scene.member().opens(&format!("{APP}{login}"));
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    let page = arrival.reply.assert_status(200).text();
    assert!(page.contains("Token created successfully"), "{page}");
    drop(app);
}

#[test]
fn the_page_prints_an_application_of_passport_that_signs_people_in() {
    let scene = WebFlow::new("/callback");
    let app = serve(&scene, "### Passport", "app.js", "/");
    let arrival = scene.member().opens(&format!("{APP}/auth"));
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    let user = arrival.reply.assert_status(200).json();
    assert_eq!(user["login"], MEMBER);
    let address = format!("{MEMBER}@example.org");
    assert_eq!(user["emails"], json!([{ "value": address }]));
    drop(app);
}
