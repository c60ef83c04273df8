//! Somebody who changes things of their own through the balancer while all nodes are asked about
//! them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{
    ApiClient, Connection, OauthApp, Person, Program, Reply, Running,
};

use super::changes::{Kind, Probe};
use super::figures::Lag;
use crate::nodes::stage::{LIMIT, Stage, Token, issue};

/// What a lane owns, made at the command line.
pub(super) struct Prepared {
    number: usize,
    user: Person,
    app: OauthApp,
    elsewhere: Program,
}

/// See the module.
pub(super) struct Lane<'s> {
    pub(super) stage: &'s Stage,
    pub(super) user: Person,
    pub(super) app: OauthApp,
    /// The program on a machine without a server.
    pub(super) elsewhere: Program,
    pub(super) by_password: ApiClient,
    pub(super) by_app: ApiClient,
    pub(super) by_administrator: ApiClient,
    /// A token that stays.
    pub(super) lasting: Token,
    /// Its scopes now, and those that it gets next.
    pub(super) scopes: [&'static str; 2],
    /// What the last reset gave.
    pub(super) reset: Option<String>,
    administrator: &'s str,
    balancer: &'s str,
    checkers: Option<[Connection; 3]>,
    number: usize,
    names: usize,
}

/// Makes what a lane owns.
pub(super) fn prepare(stage: &Stage, number: usize) -> Prepared {
    let elsewhere = stage.node_of_first_build(&format!("elsewhere-{number}"));
    let user = elsewhere.add_user(&format!("user-{number}"));
    let app = elsewhere.add_app(&user, &format!("App {number}"));
    Prepared {
        number,
        user,
        app,
        elsewhere,
    }
}

impl<'s> Lane<'s> {
    pub(super) fn new(
        stage: &'s Stage,
        prepared: Prepared,
        balancer: &'s str,
        nodes: [&Running; 3],
        administrator: &'s str,
    ) -> Self {
        let Prepared {
            number,
            user,
            app,
            elsewhere,
        } = prepared;
        let mut by_password = user.connect(balancer).expect("HAProxy accepts");
        let lasting = issue(&mut by_password, "lasting");
        Self {
            stage,
            user,
            elsewhere,
            by_password,
            by_app: by_app(&app, balancer),
            by_administrator: by_token(administrator, balancer),
            lasting,
            // Turned round before each change.
            scopes: ["gist", "repo"],
            reset: None,
            app,
            administrator,
            balancer,
            checkers: Some(
                nodes.map(|node| Connection::open(&node.base_url).expect("a node accepts")),
            ),
            number,
            names: 0,
        }
    }

    /// A text that was never given before.
    pub(super) fn new_name(&mut self) -> String {
        self.names += 1;
        format!("name {} of lane {}", self.names, self.number)
    }

    /// Signs in with this from now on.
    pub(super) fn use_password(&mut self, password: String) {
        self.user.password = password;
        self.by_password = self.user.connect(self.balancer).expect("HAProxy accepts");
    }

    /// Makes so many changes of a kind, and says how long each node went on accepting what was
    /// before.
    pub(super) fn measure(&mut self, kind: Kind, count: usize) -> Vec<Lag> {
        self.connect_again();
        let mut lags = Vec::with_capacity(count * 3);
        while lags.len() < count * 3 {
            // What expired before all nodes had seen it says nothing.
            lags.extend(self.measure_one(kind).into_iter().flatten());
        }
        lags
    }

    /// A kind can take minutes, in which `HAProxy` closes the connections that only other kinds
    /// use.
    fn connect_again(&mut self) {
        self.by_password = self.user.connect(self.balancer).expect("HAProxy accepts");
        self.by_app = by_app(&self.app, self.balancer);
        self.by_administrator = by_token(self.administrator, self.balancer);
    }

    fn measure_one(&mut self, kind: Kind) -> Option<[Lag; 3]> {
        let change = self.prepare_change(kind);
        let mut checkers = self.checkers.take().expect("they come back each time");
        let known = is_known_to_all(&mut checkers, &change.probe, kind == Kind::Expiry);
        let (is_checked, is_acknowledged) = (AtomicBool::new(false), AtomicBool::new(false));
        let measured = known.then(|| {
            thread::scope(|scope| {
                let checkers = &mut checkers;
                let (probe, begun, over) = (&change.probe, &is_checked, &is_acknowledged);
                let check = move || check_until_refused(checkers, probe, begun, over);
                let checking = scope.spawn(check);
                while !is_checked.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                let acknowledged = self.end(&change.end);
                // What expires is acknowledged when its time comes.
                thread::sleep(acknowledged.at.saturating_duration_since(Instant::now()));
                is_acknowledged.store(true, Ordering::Release);
                let accepted = checking.join().expect("a checker does not panic");
                (acknowledged, accepted)
            })
        });
        self.checkers = Some(checkers);
        let (acknowledged, accepted) = measured?;
        self.take_back(&change.end);
        Some(std::array::from_fn(|node| Lag {
            is_own: acknowledged.by.is_none_or(|by| by == node),
            lag: accepted[node].map_or(Duration::ZERO, |last| {
                last.saturating_duration_since(acknowledged.at)
            }),
        }))
    }
}

fn by_app(app: &OauthApp, balancer: &str) -> ApiClient {
    let client = Person::new(&app.client_id, &app.client_secret);
    client.connect(balancer).expect("HAProxy accepts")
}

fn by_token(token: &str, balancer: &str) -> ApiClient {
    ApiClient::with_token(balancer, token).expect("HAProxy accepts")
}

/// Whether each node answers by the old state: waits until it does, or until one refuses where that
/// is final.
fn is_known_to_all(checkers: &mut [Connection; 3], probe: &Probe, refusal_is_final: bool) -> bool {
    let begun = Instant::now();
    for checker in checkers {
        while !probe.is_old(&ask(checker, probe)) {
            if refusal_is_final {
                return false;
            }
            assert!(begun.elapsed() < LIMIT, "a node never knew {probe:?}");
        }
    }
    true
}

/// Checks at all nodes in turn until the end was acknowledged and one more round was refused by
/// all. Says for each node when the last check was begun that was answered by the old state.
fn check_until_refused(
    checkers: &mut [Connection; 3],
    probe: &Probe,
    is_checked: &AtomicBool,
    is_acknowledged: &AtomicBool,
) -> [Option<Instant>; 3] {
    let begun = Instant::now();
    let mut accepted = [None; 3];
    loop {
        let is_last = is_acknowledged.load(Ordering::Acquire);
        is_checked.store(true, Ordering::Release);
        let mut refused = 0;
        for (checker, accepted) in checkers.iter_mut().zip(&mut accepted) {
            let asked = Instant::now();
            if probe.is_old(&ask(checker, probe)) {
                *accepted = Some(asked);
            } else {
                refused += 1;
            }
        }
        if is_last && refused == accepted.len() {
            return accepted;
        }
        assert!(begun.elapsed() < LIMIT, "{probe:?} is never refused by all");
    }
}

fn ask(checker: &mut Connection, probe: &Probe) -> Reply {
    let headers = [("authorization", probe.authorization.as_str())];
    let reply = checker.ask("GET", probe.path, &headers, None);
    reply.expect("a node answers")
}
