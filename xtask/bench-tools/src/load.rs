//! Load from one thread: as fast as it is answered, or at a fixed rate.
//!
//! At a fixed rate the moment at which each request is due is set beforehand, and its latency
//! counts from there, whether or not a connection was free then: a server that stalls is charged
//! for all who would have come meanwhile, and not only for those few who were let in.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use mio::{Events, Poll, Token};
use serde_json::{Value, json};

use crate::connection::{Connection, scratch};
use crate::requests::Requests;

/// The longest latency that is told from longer ones, in nanoseconds.
const LONGEST: u64 = 120_000_000_000;

/// How long answers are waited for after the end.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Where the server listens.
    pub address: SocketAddr,
    /// How many connections ask.
    pub connections: usize,
    /// When a request is sent.
    pub pace: Pace,
    /// For how long.
    pub duration: Duration,
    /// Requests of a connection before another one from another loopback address takes its place;
    /// without it, connections stay.
    pub requests_per_address: Option<u64>,
}

/// When a request is sent.
#[derive(Clone, Copy, Debug)]
pub enum Pace {
    /// As soon as one is answered, this many under way on each connection.
    Answered {
        /// Requests under way on a connection.
        depth: usize,
    },
    /// So many in a second, evenly.
    Fixed {
        /// Requests in a second.
        per_second: u32,
    },
    /// As soon as one is answered, until each request of the list was asked once.
    Once {
        /// Requests under way on a connection.
        depth: usize,
    },
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    latencies: Histogram<u64>,
    statuses: BTreeMap<u16, u64>,
    failures: u64,
    unanswered: u64,
    elapsed: Duration,
    idle: Duration,
}

impl Outcome {
    /// As the bench reads it: rates in requests a second, latencies in microseconds, the
    /// generator's share of its core.
    pub fn to_json(&self) -> Value {
        let seconds = self.elapsed.as_secs_f64();
        let answered = self.latencies.len();
        let quantile = |q| micros(self.latencies.value_at_quantile(q));
        json!({
            "answered": answered,
            "seconds": seconds,
            "per_second": Duration::from_micros(answered).as_secs_f64() * 1e6 / seconds,
            "statuses": self.statuses.iter().map(|(status, count)| (status.to_string(), json!(count))).collect::<serde_json::Map<_, _>>(),
            "failures": self.failures,
            "unanswered": self.unanswered,
            "p50_micros": quantile(0.5),
            "p90_micros": quantile(0.9),
            "p99_micros": quantile(0.99),
            "p999_micros": quantile(0.999),
            "max_micros": micros(self.latencies.max()),
            "generator_share": 1.0 - self.idle.as_secs_f64() / seconds,
        })
    }
}

fn micros(nanoseconds: u64) -> f64 {
    Duration::from_nanos(nanoseconds).as_secs_f64() * 1e6
}

/// A load, and another one that is there at the same time.
#[derive(Debug)]
pub struct Outcomes {
    /// Of the load that is measured.
    pub measured: Outcome,
    /// Of the one in the background, until the first ended.
    pub background: Option<Outcome>,
}

/// How much earlier the background begins than what is measured.
const LEAD: Duration = Duration::from_millis(300);

/// Carries a plan out, with another one in the background if there is one. Both have one thread:
/// two that wait for the next moment on one core would disturb each other more than the server
/// does.
pub fn run(
    plan: &Plan,
    requests: Requests,
    background: Option<(&Plan, Requests)>,
) -> Result<Outcomes> {
    let mut background = match background {
        Some((plan, requests)) => Some(Run::start(plan, requests)?),
        None => None,
    };
    if let Some(background) = &mut background {
        background.begin();
        while background.began.elapsed() < LEAD {
            background.step(Duration::ZERO)?;
        }
    }
    let mut measured = Run::start(plan, requests)?;
    measured.begin();
    let mut before = measured.began;
    while !measured.is_done() {
        let wait = match (&background, measured.is_over(), plan.pace) {
            // At a fixed rate the next request is due within microseconds, and waiting is by
            // milliseconds.
            (Some(_), _, _) | (None, false, Pace::Fixed { .. }) => Duration::ZERO,
            (None, _, _) => Duration::from_millis(10),
        };
        let mut worked = measured.step(wait)?;
        if let Some(background) = &mut background {
            worked |= background.step(Duration::ZERO)?;
        }
        let after = Instant::now();
        // What was waited for in the poll is counted there.
        if !worked && wait.is_zero() {
            measured.outcome.idle += after - before;
        }
        before = after;
    }
    Ok(Outcomes {
        measured: measured.end()?,
        background: background.map(Run::end).transpose()?,
    })
}

struct Run<'a> {
    plan: &'a Plan,
    requests: Requests,
    poll: Poll,
    connections: Vec<Connection>,
    /// Places of connections that wait for something to ask.
    free: Vec<usize>,
    /// Requests that may still be sent.
    remaining: u64,
    sources: u32,
    outcome: Outcome,
    began: Instant,
    due: Instant,
    events: Events,
    scratch: Vec<u8>,
}

impl<'a> Run<'a> {
    fn start(plan: &'a Plan, requests: Requests) -> Result<Self> {
        let remaining = match plan.pace {
            Pace::Once { .. } => requests.count().context("these requests never end")?,
            Pace::Answered { .. } | Pace::Fixed { .. } => u64::MAX,
        };
        let mut run = Self {
            plan,
            requests,
            poll: Poll::new()?,
            connections: Vec::new(),
            free: Vec::new(),
            remaining,
            sources: 0,
            outcome: Outcome {
                latencies: Histogram::new_with_max(LONGEST, 3)?,
                statuses: BTreeMap::new(),
                failures: 0,
                unanswered: 0,
                elapsed: Duration::ZERO,
                idle: Duration::ZERO,
            },
            began: Instant::now(),
            due: Instant::now(),
            events: Events::with_capacity(plan.connections.max(16)),
            scratch: scratch(),
        };
        for place in 0..plan.connections {
            let connection = run.connect(place)?;
            run.connections.push(connection);
            run.free.push(place);
        }
        Ok(run)
    }

    fn connect(&mut self, place: usize) -> Result<Connection> {
        let from = self.plan.requests_per_address.map(|_| {
            self.sources += 1;
            loopback_address(self.sources)
        });
        let registry = self.poll.registry();
        Connection::open(self.plan.address, from, (registry, Token(place)))
    }

    fn begin(&mut self) {
        self.began = Instant::now();
        self.due = self.began;
    }

    /// Whether nothing more is to be sent.
    fn is_over(&self) -> bool {
        self.remaining == 0 || self.began.elapsed() >= self.plan.duration
    }

    /// Whether nothing more is waited for either.
    fn is_done(&self) -> bool {
        self.is_over()
            && (self.under_way() == 0 || self.began.elapsed() >= self.plan.duration + PATIENCE)
    }

    /// Sends what is due and takes what has come, and says whether there was anything.
    fn step(&mut self, wait: Duration) -> Result<bool> {
        let over = self.is_over();
        let mut worked = !over && self.ask_what_is_due(Instant::now())?;
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        let before = Instant::now();
        self.poll.poll(&mut events, Some(wait))?;
        if !wait.is_zero() {
            self.outcome.idle += before.elapsed();
        }
        worked |= !events.is_empty();
        let mut scratch = std::mem::take(&mut self.scratch);
        for event in &events {
            self.serve(event.token().0, &mut scratch, over)?;
        }
        self.scratch = scratch;
        self.events = events;
        Ok(worked)
    }

    fn end(mut self) -> Result<Outcome> {
        self.outcome.elapsed = self.began.elapsed().min(self.plan.duration);
        self.outcome.unanswered = u64::try_from(self.under_way())?;
        Ok(self.outcome)
    }

    fn under_way(&self) -> usize {
        self.connections.iter().map(Connection::under_way).sum()
    }

    /// Sends what is due, and says whether anything was.
    fn ask_what_is_due(&mut self, now: Instant) -> Result<bool> {
        let mut asked = false;
        match self.plan.pace {
            Pace::Fixed { per_second } => {
                let interval = Duration::from_secs(1) / per_second;
                while self.due <= now {
                    let Some(place) = self.free.pop() else { break };
                    self.ask(place, self.due)?;
                    self.due += interval;
                    asked = true;
                }
            }
            Pace::Answered { depth } | Pace::Once { depth } => {
                while let Some(place) = self.free.pop() {
                    while self.remaining > 0 && self.connections[place].under_way() < depth {
                        self.ask(place, now)?;
                        asked = true;
                    }
                }
            }
        }
        Ok(asked)
    }

    fn ask(&mut self, place: usize, scheduled: Instant) -> Result<()> {
        if self.plan.requests_per_address == Some(self.connections[place].asked()) {
            self.renew(place)?;
        }
        self.remaining -= 1;
        if self.connections[place]
            .ask(&mut self.requests, scheduled)
            .is_err()
        {
            self.fail(place)?;
        }
        Ok(())
    }

    /// Deals with one connection that something happened to.
    fn serve(&mut self, place: usize, scratch: &mut [u8], over: bool) -> Result<()> {
        let mut closes = false;
        let outcome = &mut self.outcome;
        let connection = &mut self.connections[place];
        let now = Instant::now();
        let done = connection.flush().and_then(|()| {
            connection.read(scratch, |answered| {
                let latency = now.saturating_duration_since(answered.scheduled);
                let latency = u64::try_from(latency.as_nanos()).unwrap_or(LONGEST);
                outcome.latencies.saturating_record(latency.max(1));
                *outcome.statuses.entry(answered.answer.status).or_default() += 1;
                closes |= answered.answer.closes;
            })
        });
        if done.is_err() {
            return self.fail(place);
        }
        if closes {
            self.renew(place)?;
        }
        if !over && !self.free.contains(&place) && self.has_room(place) {
            self.free.push(place);
        }
        Ok(())
    }

    fn has_room(&self, place: usize) -> bool {
        let under_way = self.connections[place].under_way();
        match self.plan.pace {
            Pace::Fixed { .. } => under_way == 0,
            // Refilled when half is answered, so that several requests share a system call.
            Pace::Answered { depth } | Pace::Once { depth } => under_way <= depth / 2,
        }
    }

    /// Counts what is lost with a connection, and opens another one.
    fn fail(&mut self, place: usize) -> Result<()> {
        let lost = u64::try_from(self.connections[place].under_way())?;
        self.outcome.failures += lost;
        ensure!(
            self.outcome.failures < 1_000_000,
            "the server answers nothing"
        );
        self.renew(place)?;
        if !self.free.contains(&place) {
            self.free.push(place);
        }
        Ok(())
    }

    fn renew(&mut self, place: usize) -> Result<()> {
        let fresh = self.connect(place)?;
        let old = std::mem::replace(&mut self.connections[place], fresh);
        old.leave(self.poll.registry());
        Ok(())
    }
}

/// One of the many addresses of the loopback network, never 127.0.0.1 itself.
fn loopback_address(number: u32) -> Ipv4Addr {
    let [_, b, c, d] = (number + 0x0001_0000).to_be_bytes();
    Ipv4Addr::new(127, b, c, d.max(1))
}
