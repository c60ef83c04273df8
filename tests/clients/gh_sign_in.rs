//! Debian's `gh` 2.23, which signs a person in by the device flow, as the page connects it, and by
//! the redirect that it falls back to.

use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use counterfoil_testkit::process::{Output, Person, finish};

use super::browsing::{Asked, Browsing};
use super::driver::lines_of;
use super::gh::Stage;
use super::hub::HOST;
use super::installation::{LOGIN, PASSWORD};
use crate::pages::Page;

/// How long gh may take to say something. It polls every five seconds.
const LIMIT: Duration = Duration::from_mins(1);

/// What gh says before the code that it shows, and before the address that is to be opened.
pub(super) const CODE: &str = "one-time code: ";
const ADDRESS: &str = "in your web browser: ";

/// By which gh names itself. An installation knows it from the start.
const CLIENT_ID: &str = "178c6fc778ccc68e1d6a";

/// A gh, or a shell with one, that waits for a person.
pub(super) struct Waiting {
    child: Child,
    lines: Receiver<String>,
}

impl Waiting {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("gh can be started");
        let stderr = child.stderr.take().expect("standard error was piped");
        Self {
            child,
            lines: lines_of(stderr),
        }
    }

    /// What follows these words in what it says next.
    #[track_caller]
    pub(super) fn says(&self, words: &str) -> String {
        let mut said = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            if let Some((_, rest)) = line.split_once(words) {
                return rest.trim().to_owned();
            }
            said.push(line);
        }
        panic!("gh did not say {words:?}, but {said:?}");
    }

    /// Waits for its end, and shows what it said if it failed.
    pub(super) fn end(self) -> Output {
        let mut output = finish(self.child, "gh", LIMIT);
        output.stderr = self.lines.iter().collect::<Vec<_>>().join("\n");
        output.succeeded()
    }
}

fn browser<'s>(stage: &'s Stage, person: &Person) -> Browsing<'s> {
    let server = format!("https://{HOST}");
    let program = &stage.installation.program;
    Browsing::new(program, &server, &stage.namespace, person).trusting(&stage.certificate)
}

#[test]
fn gh_is_connected_by_following_the_page() {
    let stage = Stage::set();
    let mona = stage.installation.program.add_user("mona");
    let section = Page::read("apps.md").section("### gh");
    let [by_code, with_token] = &section.blocks("sh")[..] else {
        panic!("the page has other commands");
    };
    let waiting = Waiting::start(&mut stage.shell(by_code));
    let code = waiting.says(CODE);
    assert_eq!(
        waiting.says(ADDRESS),
        format!("https://{HOST}/login/device")
    );
    let arrival = browser(&stage, &mona).types(&code);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Code, Asked::Whether]);
    let said = waiting.end().stdout;
    assert_eq!(said.lines().last(), Some("mona"), "{said}");

    let said = Waiting::start(&mut stage.shell(with_token)).end().stdout;
    assert_eq!(said.lines().last(), Some("mona"), "{said}");
}

#[test]
fn gh_falls_back_to_a_redirect_where_it_may_not_use_the_device_flow() {
    let stage = Stage::set();
    let program = &stage.installation.program;
    let edit = ["app", "edit", CLIENT_ID, "--no-device-flow"];
    program.command(&edit, "").succeeded();
    let log_in = ["auth", "login", "--hostname", HOST, "--web"];
    let waiting = Waiting::start(&mut stage.command(&log_in));
    let address = waiting.says(ADDRESS);
    let octocat = Person::new(LOGIN, PASSWORD);
    let arrival = browser(&stage, &octocat).opens(&address);
    assert_eq!(arrival.asked, [Asked::Who, Asked::Whether]);
    assert!(
        arrival.url.starts_with("http://localhost:"),
        "{}",
        arrival.url
    );
    arrival.reply.assert_status(200);
    waiting.end();
    let user = stage.gh(&["api", "user"], "").succeeded();
    assert_eq!(user.json()["login"], LOGIN);
}
