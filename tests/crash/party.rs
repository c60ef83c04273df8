//! Users and apps at work, each with a ledger, and what is held against the ledgers when something
//! happened to them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use counterfoil_testkit::process::{Program, Running};

use super::PATIENCE;
use super::dice::Dice;
use super::flows::Flow;
use super::ledger::Ledger;
use super::load::work_until_refused;
use super::reckoning::{Everybody, reckon};
use super::trail::{Trail, assert_same};
use super::visits::Visits;

/// How many users there are, and how many apps; each pair has a connection of its own.
const USERS: usize = 3;
const APPS: usize = 2;
/// How many people have browsers.
const VISITORS: usize = 2;
/// How many let an app in.
const FLOWS: usize = 2;
/// Answers before something happens at most.
const ANSWERS_MAX: u64 = 250;

/// See the module.
pub(crate) struct Party {
    ledgers: Vec<Ledger>,
    visits: Vec<Visits>,
    flows: Vec<Flow>,
    trail: Trail,
    pub(crate) dice: Dice,
}

/// Work that goes on. When it is dropped everybody stops after the request that they are at.
pub(crate) struct Work<'a> {
    answers: Receiver<()>,
    enough: &'a AtomicBool,
}

impl Party {
    /// Makes the users and apps.
    pub(crate) fn new(program: &Program, dice: Dice) -> Self {
        let users: Vec<_> = (0..USERS)
            .map(|number| program.add_user(&format!("user-{number}")))
            .collect();
        let apps: Vec<_> = (0..APPS)
            .map(|number| program.add_app(&users[0], &format!("App {number}")))
            .collect();
        let pairs = users
            .iter()
            .flat_map(|user| apps.iter().map(move |app| (user, app)));
        let numbered = pairs.enumerate();
        let ledgers = numbered.map(|(number, (user, app))| {
            Ledger::new(number, user.clone(), app.clone(), dice.another())
        });
        Self {
            ledgers: ledgers.collect(),
            visits: Vec::new(),
            flows: Vec::new(),
            trail: Trail::default(),
            dice,
        }
    }

    /// The same with people in browsers.
    pub(crate) fn with_visitors(mut self, program: &Program) -> Self {
        let visitors = (0..VISITORS).map(|number| {
            let person = program.add_user(&format!("visitor-{number}"));
            Visits::new(program, person, self.dice.another())
        });
        self.visits = visitors.collect();
        self
    }

    /// The same with people who let apps in.
    pub(crate) fn with_flows(mut self, program: &Program, base_url: &str) -> Self {
        let flows = (0..FLOWS).map(|number| {
            let person = program.add_user(&format!("guest-{number}"));
            Flow::new(program, &person, base_url, self.dice.another())
        });
        self.flows = flows.collect();
        self.trail = self.new_trail();
        self
    }

    fn new_trail(&self) -> Trail {
        Trail::by_account(self.flows.iter().map(|flow| flow.account))
    }

    /// Lets every pair work until some requests were answered, and a moment longer. Then something
    /// happens, while each works on until a request is not answered, or says that the database
    /// cannot be reached.
    pub(crate) fn work_until<T>(
        &mut self,
        base_url: &str,
        happens: impl FnOnce(Work<'_>) -> T,
    ) -> T {
        let wanted = 1 + self.dice.below(ANSWERS_MAX);
        let moment = Duration::from_micros(self.dice.below(3000));
        let (answered, answers) = channel();
        let enough = AtomicBool::new(false);
        let work = Work {
            answers,
            enough: &enough,
        };
        thread::scope(|scope| {
            for ledger in &mut self.ledgers {
                let (answered, enough) = (answered.clone(), &enough);
                scope.spawn(move || work_until_refused(ledger, base_url, &answered, enough));
            }
            for person in &mut self.visits {
                let (answered, enough) = (answered.clone(), &enough);
                scope.spawn(move || person.work_until_refused(base_url, &answered, enough));
            }
            for flow in &mut self.flows {
                let (answered, enough) = (answered.clone(), &enough);
                scope.spawn(move || flow.work_until_refused(base_url, &answered, enough));
            }
            drop(answered);
            assert!(work.wait_for(wanted), "nobody was to be refused yet");
            let reached = Instant::now();
            while reached.elapsed() < moment {
                std::hint::spin_loop();
            }
            happens(work)
        })
    }

    /// Holds everything against the ledgers.
    pub(crate) fn reckon(&mut self, program: &Program, server: &Running, when: &str) {
        let everybody = Everybody {
            ledgers: &mut self.ledgers,
            visits: &mut self.visits,
            flows: &mut self.flows,
        };
        reckon(program, server, &mut self.trail, everybody, when);
    }

    /// Reads the trail once more from its beginning, of which nothing may have changed, and sends
    /// everything that ever ended.
    pub(crate) fn reckon_all(&mut self, program: &Program, server: &Running) {
        let told = self.new_trail().read_on(program, "at the end");
        let entered = self.ledgers.iter().flat_map(|ledger| ledger.events.clone());
        let by_visits = self.visits.iter().flat_map(|person| person.events.clone());
        let by_flows = self.flows.iter().flat_map(|flow| flow.events.clone());
        let entered = entered.chain(by_visits).chain(by_flows);
        assert_same(&told, &entered.collect::<Vec<_>>(), "at the end");
        for ledger in &mut self.ledgers {
            ledger.assert_all_ended_are_refused(&server.base_url);
        }
        for person in &mut self.visits {
            person.assert_all_ended_are_refused(&server.base_url);
        }
        for flow in &mut self.flows {
            flow.assert_all_ended_are_refused(&server.base_url);
        }
    }

    /// The longest time that an answer took since this was last asked.
    pub(crate) fn take_slowest_answer(&mut self) -> Duration {
        let ledgers = self.ledgers.iter_mut();
        let times = ledgers.map(|ledger| std::mem::take(&mut ledger.slowest));
        times.max().unwrap_or_default()
    }

    /// How many changes were acknowledged, and how many happened that were not.
    pub(crate) fn figures(&self) -> String {
        let answered: usize = self.ledgers.iter().map(Ledger::answered).sum();
        let by_visits: usize = self.visits.iter().map(Visits::answered).sum();
        let unanswered = self.ledgers.iter();
        let unanswered: usize = unanswered
            .map(|ledger| ledger.unanswered_that_happened)
            .sum();
        let of_visits = self.visits.iter();
        let of_visits: usize = of_visits
            .map(|person| person.unanswered_that_happened)
            .sum();
        let by_flows: usize = self.flows.iter().map(Flow::answered).sum();
        let of_flows = self.flows.iter();
        let of_flows: usize = of_flows.map(|flow| flow.unanswered_that_happened).sum();
        format!(
            "{answered} acknowledged changes, {unanswered} more that happened and were not acknowledged; \
             in browsers {by_visits} and {of_visits}; of apps that were let in {by_flows} and {of_flows}"
        )
    }
}

impl Work<'_> {
    /// Waits until so many more requests were answered. Says no if everybody has stopped before.
    pub(crate) fn wait_for(&self, answers: u64) -> bool {
        let begun = Instant::now();
        (0..answers).all(|_| {
            let left = PATIENCE.saturating_sub(begun.elapsed());
            match self.answers.recv_timeout(left) {
                Ok(()) => true,
                Err(RecvTimeoutError::Disconnected) => false,
                Err(RecvTimeoutError::Timeout) => panic!("the server is too slow"),
            }
        })
    }

    /// Lets everybody stop after the request that they are at.
    pub(crate) fn end(self) {
        drop(self);
    }
}

impl Drop for Work<'_> {
    fn drop(&mut self) {
        self.enough.store(true, Ordering::Relaxed);
    }
}
