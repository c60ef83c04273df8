//! Apps that people let in by a page or for a device, and whose tokens expire: what each app is
//! known to have, what it does with it, and what must be so after a restart.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use counterfoil_testkit::process::{ApiClient, Browser, OauthApp, Person, Program, Reply};

use super::dice::Dice;
use super::ledger::{Event, TOKEN_ENDED};
use super::reckoning::is_told_more_often;

const SCOPE: &str = "gist";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

const SIGNED_IN: &str = "session.started";
const LET_IN: &str = "consent.given";
const LET_IN_DEVICE: &str = "device.approved";
const MADE: &str = "authorization.created";
const REFRESHED: &str = "authorization.refreshed";
const REVOKED: &str = "authorization.revoked";
const GRANT_REVOKED: &str = "grant.revoked";
const REPEATED: &str = "code.repeated";

/// The records of one person and the app that they let in.
pub(super) struct Flow {
    pub(super) account: i64,
    app: OauthApp,
    browser: Browser,
    dice: Dice,
    holds: Holds,
    /// Access tokens that ended since the last reckoning.
    ended: Vec<String>,
    ended_before: Vec<String>,
    /// The code whose exchange was never answered and happened.
    spent: Option<String>,
    /// An address may ask for so many devices.
    has_asked_for_device: bool,
    pub(super) events: Vec<Event>,
    reckoned: usize,
    /// What was sent and not answered.
    unanswered: Option<Act>,
    pub(super) unanswered_that_happened: usize,
}

/// What an app has of its user.
#[derive(Clone, Debug)]
enum Holds {
    Nothing,
    /// A code that was not exchanged yet.
    Code(String),
    /// The code of a device that was let in.
    Device(String),
    Tokens {
        access: String,
        refresh: String,
    },
    /// Tokens that were made and never came.
    Lost,
}

/// Something that changes what an app has.
#[derive(Clone, Debug)]
enum Act {
    LetIn,
    LetInDevice { code: String, user_code: String },
    Exchange { code: String },
    Poll { code: String },
    Refresh { access: String, refresh: String },
    Revoke { access: String, by: String },
    RevokeGrant,
}

impl Flow {
    pub(super) fn new(program: &Program, person: &Person, base_url: &str, dice: Dice) -> Self {
        let shown = program.json(&["user", "show", &person.login], "");
        let app = program.add_app(person, &format!("Board of {}", person.login));
        let edit = ["app", "edit", &app.client_id];
        let switches = ["--expiring-tokens", "--device-flow"];
        program
            .command(&[&edit[..], &switches].concat(), "")
            .succeeded();
        let mut browser = Browser::at(base_url);
        must(browser.sign_in(person)).assert_status(303);
        let mut flow = Self {
            account: shown["id"].as_i64().expect("a user has an id"),
            app,
            browser,
            dice,
            holds: Holds::Nothing,
            ended: Vec::new(),
            ended_before: Vec::new(),
            spent: None,
            has_asked_for_device: false,
            events: Vec::new(),
            reckoned: 0,
            unanswered: None,
            unanswered_that_happened: 0,
        };
        flow.told(SIGNED_IN);
        flow
    }

    /// Does one thing after another until it is enough, or an answer never comes or says that the
    /// database cannot be reached.
    pub(super) fn work_until_refused(
        &mut self,
        base_url: &str,
        answered: &Sender<()>,
        enough: &AtomicBool,
    ) {
        self.browser = self.browser.moved_to(base_url);
        while !enough.load(Ordering::Relaxed) {
            if !self.act().is_ok_and(|is_done| is_done) {
                return;
            }
            // Nobody may listen any longer.
            let _ = answered.send(());
        }
    }

    fn next_act(&mut self) -> io::Result<Option<Act>> {
        let chance = self.dice.below(100);
        Ok(Some(match self.holds.clone() {
            Holds::Nothing if chance < 50 && !self.has_asked_for_device => {
                self.has_asked_for_device = true;
                let asked = self.ask("/login/device/code", &[("scope", SCOPE)])?;
                if asked.status != 200 {
                    return Ok(None);
                }
                let answer = asked.json();
                let text = |name: &str| answer[name].as_str().expect("a text").to_owned();
                Act::LetInDevice {
                    code: text("device_code"),
                    user_code: text("user_code"),
                }
            }
            Holds::Nothing => Act::LetIn,
            Holds::Code(code) => Act::Exchange { code },
            Holds::Device(code) => Act::Poll { code },
            Holds::Tokens { access, refresh } => match chance {
                0..70 => Act::Refresh { access, refresh },
                70..80 => Act::Revoke {
                    by: access.clone(),
                    access,
                },
                80..90 => Act::Revoke {
                    access,
                    by: refresh,
                },
                _ => Act::RevokeGrant,
            },
            Holds::Lost => Act::RevokeGrant,
        }))
    }

    /// Says whether something was done.
    fn act(&mut self) -> io::Result<bool> {
        let Some(act) = self.next_act()? else {
            return Ok(false);
        };
        self.unanswered = Some(act.clone());
        let (reply, wanted) = self.send(&act)?;
        if reply.status >= 500 {
            return Ok(false);
        }
        reply.assert_status(wanted);
        self.unanswered = None;
        self.enter(act, Some(&reply));
        Ok(true)
    }

    /// The answer, and the status that it has where the act is done.
    fn send(&mut self, act: &Act) -> io::Result<(Reply, u16)> {
        let exchange = |members: &[(&str, &str)]| {
            let reply = self.app.ask_for_token(self.browser.base_url(), members);
            Ok((reply?, 200))
        };
        match act {
            Act::LetIn => Ok((self.browser.allow(&self.app, SCOPE)?, 303)),
            Act::LetInDevice { user_code, .. } => Ok((self.browser.allow_device(user_code)?, 303)),
            Act::Exchange { code } => exchange(&[("code", code)]),
            Act::Poll { code } => exchange(&[("grant_type", DEVICE_GRANT), ("device_code", code)]),
            Act::Refresh { refresh, .. } => {
                exchange(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
            }
            Act::Revoke { by, .. } => Ok((self.ask("/login/oauth/revoke", &[("token", by)])?, 200)),
            Act::RevokeGrant => {
                let id = &self.app.client_id;
                let path = format!("/settings/connections/applications/{id}/revoke");
                let page = self.browser.get(&path)?;
                if page.status == 200 {
                    Ok((self.browser.submit(&page, &path, &[])?, 303))
                } else {
                    Ok((page, 303))
                }
            }
        }
    }

    fn ask(&self, path: &str, members: &[(&str, &str)]) -> io::Result<Reply> {
        self.app.ask(self.browser.base_url(), path, members)
    }

    /// Enters what happened, with the answer unless it never came.
    fn enter(&mut self, act: Act, reply: Option<&Reply>) {
        self.holds = match act {
            Act::LetIn => {
                self.told(LET_IN);
                reply.map_or(Holds::Nothing, |reply| Holds::Code(reply.code()))
            }
            Act::LetInDevice { code, .. } => {
                self.told(LET_IN_DEVICE);
                Holds::Device(code)
            }
            Act::Exchange { code } => {
                self.told(MADE);
                if reply.is_none() {
                    self.spent = Some(code);
                }
                tokens_in(reply)
            }
            Act::Poll { .. } => {
                self.told(MADE);
                tokens_in(reply)
            }
            Act::Refresh { access, .. } => {
                self.told(REFRESHED);
                self.told(TOKEN_ENDED);
                self.ended.push(access);
                tokens_in(reply)
            }
            Act::Revoke { access, .. } => {
                self.told(REVOKED);
                self.told(TOKEN_ENDED);
                self.ended.push(access);
                Holds::Nothing
            }
            Act::RevokeGrant => {
                self.told(GRANT_REVOKED);
                // Tokens that never came end, too.
                self.told(TOKEN_ENDED);
                if let Holds::Tokens { access, .. } = &self.holds {
                    self.ended.push(access.clone());
                }
                Holds::Nothing
            }
        };
    }

    /// What its events are about.
    fn subject(&self) -> i64 {
        -self.account
    }

    fn told(&mut self, action: &'static str) {
        let id = self.subject();
        self.events.push(Event { action, id });
    }

    /// Enters what was sent and never answered, if the trail says that it happened.
    pub(super) fn find_out(&mut self, told: &[Event]) {
        let Some(act) = self.unanswered.take() else {
            return;
        };
        let action = match &act {
            Act::LetIn => LET_IN,
            Act::LetInDevice { .. } => LET_IN_DEVICE,
            Act::Exchange { .. } | Act::Poll { .. } => MADE,
            Act::Refresh { .. } => REFRESHED,
            Act::Revoke { .. } => REVOKED,
            Act::RevokeGrant => GRANT_REVOKED,
        };
        if is_told_more_often(told, &self.events[self.reckoned..], action, self.subject()) {
            self.enter(act, None);
            self.unanswered_that_happened += 1;
        } else if matches!(act, Act::Poll { .. }) {
            // It may have been kept that it asked, and so it would have to wait.
            self.holds = Holds::Nothing;
        }
    }

    /// What was entered since the last reckoning, for the last time.
    pub(super) fn take_new_events(&mut self) -> Vec<Event> {
        let new = self.events[self.reckoned..].to_vec();
        self.reckoned = self.events.len();
        new
    }

    /// How many acts were answered.
    pub(super) fn answered(&self) -> usize {
        let others = [REPEATED, SIGNED_IN, TOKEN_ENDED];
        let is_act = |event: &&Event| !others.contains(&event.action);
        self.events.iter().filter(is_act).count() - self.unanswered_that_happened
    }

    /// Tokens that are live are accepted, what ended is refused, and no code counts twice.
    pub(super) fn reckon(&mut self, base_url: &str, when: &str) {
        self.browser = self.browser.moved_to(base_url);
        self.has_asked_for_device = false;
        if let Holds::Tokens { access, .. } = &self.holds {
            assert_eq!(status_of(base_url, access), 200, "{when}: a token is lost");
        }
        if let Some(code) = self.spent.take() {
            let again = self.app.ask_for_token(base_url, &[("code", &code)]);
            let answer = must(again).json();
            assert_eq!(answer["error"], "bad_verification_code", "{when}");
            self.told(REPEATED);
        }
        self.assert_ended_are_refused(base_url, when);
        self.ended_before.append(&mut self.ended);
    }

    /// Tries everything that ever ended.
    pub(super) fn assert_all_ended_are_refused(&mut self, base_url: &str) {
        self.ended.append(&mut self.ended_before);
        self.assert_ended_are_refused(base_url, "at the end");
    }

    fn assert_ended_are_refused(&self, base_url: &str, when: &str) {
        for token in &self.ended {
            let status = status_of(base_url, token);
            assert_eq!(status, 401, "{when}: a token that ended is live");
        }
    }
}

/// What an app was given, if the answer came.
fn tokens_in(reply: Option<&Reply>) -> Holds {
    let Some(answer) = reply.map(Reply::json) else {
        return Holds::Lost;
    };
    let text = |name: &str| {
        let text = answer[name].as_str();
        text.unwrap_or_else(|| panic!("a right request was refused: {answer}"))
            .to_owned()
    };
    Holds::Tokens {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

fn status_of(base_url: &str, token: &str) -> u16 {
    let client = ApiClient::with_token(base_url, token);
    let mut client = client.expect("the server accepts connections");
    client.must("GET", "/user", None).status
}

#[track_caller]
fn must(reply: io::Result<Reply>) -> Reply {
    reply.expect("the server answers")
}
