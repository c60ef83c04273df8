//! People in browsers, who sign in and out and use links: what each of them is known to have, what
//! they do, and what must be so after a restart.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use counterfoil_testkit::process::{Browser, Person, Program, Reply};

use super::dice::Dice;
use super::ledger::Event;
use super::load::UNAVAILABLE;
use super::reckoning::is_told_more_often;

const LIST: &str = "/settings/sessions";
const END_ONE: &str = "/settings/sessions/end";
const END_OTHERS: &str = "/settings/sessions/end-others";
/// Sessions at a time: fewer than somebody may have.
const ENOUGH: usize = 8;

/// The status of a page that nobody knows the outcome of. One that says that the database cannot be
/// reached says that nothing was changed, too.
const FAILED: u16 = 500;

const STARTED: &str = "session.started";
const ENDED: &str = "session.ended";
const LINK_USED: &str = "link.used";
const PASSWORD_CHANGED: &str = "user.password_changed";

/// The records of one person.
pub(super) struct Visits {
    pub(super) person: Person,
    account: i64,
    dice: Dice,
    /// Browsers with a session that is live.
    live: Vec<Browser>,
    /// Sessions that began and whose cookie never came.
    lost: usize,
    /// Browsers whose session ended since the last reckoning.
    ended: Vec<Browser>,
    ended_before: Vec<Browser>,
    /// The code of the link for another password.
    link: Option<String>,
    /// Codes that were used.
    used: Vec<String>,
    pub(super) events: Vec<Event>,
    reckoned: usize,
    /// What was sent and not answered.
    unanswered: Option<Act>,
    pub(super) unanswered_that_happened: usize,
    acts: usize,
}

/// Something that changes what somebody has. A browser is named by its place.
#[derive(Clone, Debug)]
enum Act {
    SignIn,
    SignOut(usize),
    EndOthers(usize),
    UseLink { password: String },
}

/// How far an act came.
enum Came {
    Done,
    /// The database cannot be reached, or was lost meanwhile.
    Refused,
}

impl Visits {
    pub(super) fn new(program: &Program, person: Person, dice: Dice) -> Self {
        let shown = program.json(&["user", "show", &person.login], "");
        let account = shown["id"].as_i64().expect("a user has an id");
        let mut visits = Self {
            person,
            account,
            dice,
            live: Vec::new(),
            lost: 0,
            ended: Vec::new(),
            ended_before: Vec::new(),
            link: None,
            used: Vec::new(),
            events: Vec::new(),
            reckoned: 0,
            unanswered: None,
            unanswered_that_happened: 0,
            acts: 0,
        };
        visits.get_link(program);
        visits
    }

    /// Has a link made, by which this person can choose another password.
    fn get_link(&mut self, program: &Program) {
        let made = program.json(&["user", "reset", &self.person.login], "");
        let link = made["link"].as_str().expect("it is shown");
        self.link = link.rsplit('/').next().map(str::to_owned);
    }

    /// Does one thing after another until it is enough, or an answer never comes or says that the
    /// database cannot be reached.
    pub(super) fn work_until_refused(
        &mut self,
        base_url: &str,
        answered: &Sender<()>,
        enough: &AtomicBool,
    ) {
        self.move_to(base_url);
        while !enough.load(Ordering::Relaxed) {
            let act = self.next_act();
            match self.act(act, base_url) {
                Ok(Came::Done) => {
                    // Nobody may listen any longer.
                    let _ = answered.send(());
                }
                Ok(Came::Refused) | Err(_) => return,
            }
        }
    }

    /// A server that is started again has another port.
    fn move_to(&mut self, base_url: &str) {
        for browser in self.live.iter_mut().chain(&mut self.ended) {
            *browser = browser.moved_to(base_url);
        }
    }

    fn next_act(&mut self) -> Act {
        self.acts += 1;
        let some = usize::try_from(self.dice.below(ENOUGH as u64)).expect("it is small");
        let some = some % self.live.len().max(1);
        match self.dice.below(100) {
            0..6 if self.link.is_some() => Act::UseLink {
                password: format!("the choice after {} acts", self.acts),
            },
            6..15 if self.live.len() > 1 => Act::EndOthers(some),
            15..50 if !self.live.is_empty() => Act::SignOut(some),
            _ if self.live.len() >= ENOUGH => Act::SignOut(some),
            _ => Act::SignIn,
        }
    }

    fn act(&mut self, act: Act, base_url: &str) -> io::Result<Came> {
        let mut browser = match act {
            Act::SignIn | Act::UseLink { .. } => Browser::at(base_url),
            Act::SignOut(place) | Act::EndOthers(place) => self.live[place].moved_to(base_url),
        };
        let (login, password) = (self.person.login.clone(), self.person.password.clone());
        let link = self.link.clone().unwrap_or_default();
        let (page, action, typed) = match &act {
            Act::SignIn => {
                let typed = vec![("login", &*login), ("password", &*password)];
                (browser.get("/login")?, "/login", typed)
            }
            Act::SignOut(_) => (browser.get(LIST)?, "/logout", vec![]),
            Act::EndOthers(_) => (browser.get(LIST)?, END_OTHERS, vec![]),
            Act::UseLink { password } => {
                let typed = vec![("password", &**password)];
                (browser.open_link(&link)?, "/link", typed)
            }
        };
        if [UNAVAILABLE, FAILED].contains(&page.status) {
            return Ok(Came::Refused);
        }
        page.assert_status(200);
        self.unanswered = Some(act.clone());
        let reply = browser.submit(&page, action, &typed)?;
        if reply.status == FAILED {
            return Ok(Came::Refused);
        }
        self.unanswered = None;
        if reply.status == UNAVAILABLE {
            return Ok(Came::Refused);
        }
        reply.assert_status(303);
        self.enter(act, Some(browser));
        Ok(Came::Done)
    }

    /// Enters what happened; the browser of a sign-in, unless its answer never came.
    fn enter(&mut self, act: Act, browser: Option<Browser>) {
        let mut told = |action| {
            let id = self.account;
            self.events.push(Event { action, id });
        };
        match act {
            Act::SignIn => {
                told(STARTED);
                self.lost += usize::from(browser.is_none());
                self.live.extend(browser);
            }
            Act::SignOut(place) => {
                told(ENDED);
                self.ended.push(self.live.swap_remove(place));
            }
            Act::EndOthers(place) => {
                told(ENDED);
                let stays = self.live.swap_remove(place);
                self.ended.append(&mut self.live);
                self.live.push(stays);
                self.lost = 0;
            }
            Act::UseLink { password } => {
                told(LINK_USED);
                told(PASSWORD_CHANGED);
                self.ended.append(&mut self.live);
                self.lost = 0;
                self.person.password = password;
                self.used.extend(self.link.take());
            }
        }
    }

    /// Enters what was sent and never answered, if the trail says that it happened.
    pub(super) fn find_out(&mut self, told: &[Event]) {
        let Some(act) = self.unanswered.take() else {
            return;
        };
        let action = match act {
            Act::SignIn => STARTED,
            Act::SignOut(_) | Act::EndOthers(_) => ENDED,
            Act::UseLink { .. } => LINK_USED,
        };
        if is_told_more_often(told, self.new_events(), action, self.account) {
            self.enter(act, None);
            self.unanswered_that_happened += 1;
        }
    }

    /// What was entered since the last reckoning.
    fn new_events(&self) -> &[Event] {
        &self.events[self.reckoned..]
    }

    /// [`Visits::new_events`], for the last time.
    pub(super) fn take_new_events(&mut self) -> Vec<Event> {
        let new = self.new_events().to_vec();
        self.reckoned = self.events.len();
        new
    }

    /// How many acts were answered.
    pub(super) fn answered(&self) -> usize {
        let is_act = |event: &&Event| event.action != PASSWORD_CHANGED;
        self.events.iter().filter(is_act).count() - self.unanswered_that_happened
    }

    /// What is live is accepted, as many sessions are listed as there are, and what ended is
    /// refused. Who has no link any more gets another one.
    pub(super) fn reckon(&mut self, program: &Program, base_url: &str, when: &str) {
        self.move_to(base_url);
        let there_are = self.live.len() + self.lost;
        for browser in &mut self.live {
            let page = must(browser.get(LIST));
            assert_eq!(page.status, 200, "{when}: a session is lost");
            // The one in use is not ended there.
            let ends = page.forms();
            let others = ends.iter().filter(|form| form.action == END_ONE).count();
            assert_eq!(others + 1, there_are, "{when}: sessions");
        }
        self.assert_ended_are_refused(when);
        self.ended_before.append(&mut self.ended);
        if let Some(code) = &self.link {
            let asks = must(Browser::at(base_url).open_link(code));
            assert_eq!(asks.status, 200, "{when}: a link is lost");
        } else {
            let last = self.used.last().expect("a link that is gone was used");
            assert_is_used(base_url, last, when);
            self.get_link(program);
        }
    }

    /// Tries everything that ever ended.
    pub(super) fn assert_all_ended_are_refused(&mut self, base_url: &str) {
        self.ended.append(&mut self.ended_before);
        self.move_to(base_url);
        self.assert_ended_are_refused("at the end");
        for code in &self.used {
            assert_is_used(base_url, code, "at the end");
        }
    }

    fn assert_ended_are_refused(&mut self, when: &str) {
        for browser in &mut self.ended {
            let page = must(browser.get(LIST));
            assert_eq!(page.status, 303, "{when}: a session that ended is live");
        }
    }
}

fn assert_is_used(base_url: &str, code: &str, when: &str) {
    let page = must(Browser::at(base_url).open_link(code));
    assert_eq!(page.status, 404, "{when}: a link works again");
}

#[track_caller]
fn must(reply: io::Result<Reply>) -> Reply {
    reply.expect("the server answers")
}
