//! Those who change things: what each of them owns, and how a change is entered in the histories.

use std::sync::{Arc, Mutex};

use counterfoil_testkit::process::{ApiClient, OauthApp, Person, Program, Reply};
use serde_json::{Value, json};

use super::board::{Board, EndOnPanic};
use super::history::{Fact, Moment, Turn, Way};
use super::probe::Probe;
use super::tokens::{Token, TokenFacts};
use super::{CHANGERS, by_api, by_command, by_flow, by_page, unannounced};

/// Checks of a thing before it is changed, so that it is remembered, and after, while it would
/// hurt.
const CHECKS_BEFORE: u64 = 12;
const CHECKS_AFTER: u64 = 16;

/// What all changers share.
pub(super) struct Ground<'g> {
    pub(super) program: &'g Program,
    pub(super) board: &'g Board,
    pub(super) base_url: &'g str,
    /// A token of a site administrator.
    pub(super) administrator: &'g str,
    /// What each acknowledged change was.
    pub(super) changes: &'g Mutex<Vec<&'static str>>,
}

/// Somebody who changes things of their own, one after another.
pub(super) struct Changer<'g> {
    pub(super) ground: &'g Ground<'g>,
    pub(super) number: usize,
    pub(super) user: Person,
    pub(super) app: OauthApp,
    pub(super) organization: String,
    /// The user is not suspended.
    pub(super) active: Arc<Fact>,
    /// The user is in the organization.
    pub(super) member: Arc<Fact>,
    /// The user's present password is right.
    pub(super) password: Arc<Fact>,
    /// Nothing but the password is asked for.
    pub(super) password_suffices: Arc<Fact>,
    /// The app's present secret is right.
    pub(super) secret: Arc<Fact>,
    /// The user with the password.
    pub(super) by_password: ApiClient,
    /// The administrator with the token.
    pub(super) by_administrator: ApiClient,
    names: u64,
    /// How many devices asked to be let in.
    pub(super) devices: u32,
    /// What ends by itself: when for certain, and what is asked of it.
    lingering: Vec<(Moment, Vec<Arc<Probe>>)>,
}

/// By which way a changer changes things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Through {
    Api,
    CommandLine,
    Pages,
    /// As people and apps do in the flows.
    Flows,
    /// Into the database, without telling anybody: what no program may do.
    Database,
}

impl<'g> Changer<'g> {
    pub(super) fn new(ground: &'g Ground<'g>, number: usize) -> Self {
        let program = ground.program;
        let user = program.add_user(&format!("user-{number}"));
        let app = program.add_app(&user, &format!("App {number}"));
        let organization = organization_of(number);
        run(program, &["org", "create", &organization]);
        run(
            program,
            &["org", "member", "add", &organization, &user.login],
        );
        let fact = |name: &str| Arc::new(Fact::new(format!("{name} of changer {number}")));
        let changer = Self {
            ground,
            number,
            by_password: user.connect(ground.base_url).expect("the server accepts"),
            by_administrator: ApiClient::with_token(ground.base_url, ground.administrator)
                .expect("the server accepts"),
            user,
            app,
            organization,
            active: fact("the user is active"),
            member: fact("the user is a member"),
            password: fact("the first password"),
            password_suffices: fact("the password suffices"),
            secret: fact("the first client secret"),
            names: 0,
            devices: 0,
            lingering: Vec::new(),
        };
        for fact in [
            &changer.active,
            &changer.member,
            &changer.password,
            &changer.password_suffices,
            &changer.secret,
        ] {
            fact.hold_from(ground.board.now());
        }
        changer
    }

    /// Changes one thing after another until the run is over.
    pub(super) fn change_until_over(mut self, through: Through) {
        let _end_on_panic = EndOnPanic(self.ground.board);
        let scenarios = match through {
            Through::Api => by_api::SCENARIOS,
            Through::CommandLine => by_command::SCENARIOS,
            Through::Pages => by_page::SCENARIOS,
            Through::Flows => {
                by_flow::prepare(&self);
                by_flow::SCENARIOS
            }
            Through::Database => unannounced::SCENARIOS,
        };
        // Those who change by the same way begin at different places.
        for scenario in scenarios
            .iter()
            .cycle()
            .skip(self.number * scenarios.len() / CHANGERS.len())
        {
            if self.ground.board.is_over() {
                return;
            }
            scenario(&mut self);
            self.look_after_lingering();
        }
    }

    /// A name that was never given before.
    pub(super) fn new_name(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what} {} of changer {}", self.names, self.number)
    }

    pub(super) fn new_fact(&mut self, what: &str) -> Arc<Fact> {
        Arc::new(Fact::new(self.new_name(what)))
    }

    /// Has this checked, until it was checked often enough to be remembered.
    pub(super) fn watch(&self, probes: &[Arc<Probe>]) {
        self.ground.board.show(self.number, probes);
        self.ground
            .board
            .wait_for_checks(self.number, CHECKS_BEFORE);
    }

    /// Ends facts by doing something. Its return is the acknowledgement.
    pub(super) fn end<T>(
        &mut self,
        change: &'static str,
        facts: &[&Arc<Fact>],
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let done = self.turn(change, Way::Ended, facts, act);
        self.ground.board.wait_for_checks(self.number, CHECKS_AFTER);
        done
    }

    /// Makes facts hold (again) by doing something.
    pub(super) fn lift<T>(
        &mut self,
        change: &'static str,
        facts: &[&Arc<Fact>],
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.turn(change, Way::Holds, facts, act)
    }

    fn turn<T>(
        &mut self,
        change: &'static str,
        to: Way,
        facts: &[&Arc<Fact>],
        act: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let board = self.ground.board;
        let begun = board.now();
        let done = act(self);
        let acknowledged = board.now();
        for fact in facts {
            fact.enter(Turn {
                to,
                begun,
                acknowledged,
            });
        }
        self.note(change);
        done
    }

    /// Counts a change that was acknowledged.
    pub(super) fn note(&self, change: &'static str) {
        let mut changes = self
            .ground
            .changes
            .lock()
            .expect("no thread panics with it");
        changes.push(change);
    }

    /// Has asked what ends by itself at this moment.
    pub(super) fn linger(&mut self, ends: Moment, probes: Vec<Arc<Probe>>) {
        self.ground.board.linger(&probes);
        self.lingering.push((ends, probes));
    }

    fn look_after_lingering(&mut self) {
        /// For how long something is still asked often, in nanoseconds.
        const WHILE_IT_HURTS: Moment = 100_000_000;
        let now = self.ground.board.now();
        let over = |(ends, _): &mut (Moment, _)| *ends + WHILE_IT_HURTS < now;
        for (_, probes) in self.lingering.extract_if(.., over) {
            self.ground.board.stop_lingering(&probes);
        }
    }

    /// Runs a command that must succeed, and reads what it prints.
    pub(super) fn command(&self, arguments: &[&str]) -> Value {
        self.ground.program.json(arguments, "")
    }

    /// Runs a command that must succeed.
    pub(super) fn run(&self, arguments: &[&str]) {
        run(self.ground.program, arguments);
    }

    /// The user asks something with the password.
    pub(super) fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Reply {
        self.by_password.must(method, path, body)
    }

    /// The app asks something with its secret.
    pub(super) fn ask_as_app(&self, method: &str, what: &str, body: &Value) -> Reply {
        let client = Person::new(&self.app.client_id, &self.app.client_secret);
        let mut client = client.connect(self.ground.base_url).expect("it accepts");
        let path = format!("/applications/{}/{what}", self.app.client_id);
        client.must(method, &path, Some(body))
    }

    /// Makes a personal token through the API.
    pub(super) fn personal_token(&mut self, scopes: &[&str]) -> Token {
        let body = json!({ "note": self.new_name("note"), "scopes": scopes });
        self.made("POST /authorizations", &body)
    }

    /// Makes a token of the app through the API.
    pub(super) fn app_token(&mut self, scopes: &[&str]) -> Token {
        let body = json!({
            "client_id": self.app.client_id,
            "client_secret": self.app.client_secret,
            "fingerprint": self.new_name("fingerprint"),
            "scopes": scopes,
        });
        let mut token = self.made("POST /authorizations for the app", &body);
        token.is_of_app = true;
        token
    }

    fn made(&mut self, change: &'static str, body: &Value) -> Token {
        let facts = TokenFacts::new(self);
        let reply = self.lift(change, &facts.all(), |me| {
            me.ask("POST", "/authorizations", Some(body))
        });
        reply.assert_status(201);
        Token::new(reply.token(), reply.id(), facts)
    }
}

/// The login of a changer's organization, and the name of the gateway's rule for its members.
pub(super) fn organization_of(changer: usize) -> String {
    format!("crew-{changer}")
}

fn run(program: &Program, arguments: &[&str]) {
    program.command(arguments, "").succeeded();
}
