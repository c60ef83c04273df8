//! What was so from when to when, as those who changed it saw it, and what a check may say of it.
//!
//! A fact is something that must be so for a check to succeed: that a token lives, that its owner
//! is not suspended. Between the beginning of a change and its acknowledgement nobody can say which
//! way it is. Outside of that the answer is certain: a success that lies wholly between the
//! acknowledgement of an end and the beginning of its lifting is stale, and a refusal while
//! everything held is wrong as well.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

/// Nanoseconds since the beginning of the run.
pub(super) type Moment = u64;

/// Which way a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is so: a check may succeed.
    Holds,
    /// It is so no more: no check may succeed.
    Ended,
}

/// A change of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) to: Way,
    /// When whoever made the change asked for it.
    pub(super) begun: Moment,
    /// When they had the answer.
    pub(super) acknowledged: Moment,
}

/// Something that must be so for a check to succeed, with its history.
#[derive(Debug)]
pub(super) struct Fact {
    name: String,
    turns: Mutex<Vec<Turn>>,
}

impl Fact {
    /// A fact that has never been so yet.
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            turns: Mutex::default(),
        }
    }

    /// Enters a change that was acknowledged. One and the same thread enters all changes of a fact,
    /// in their order.
    pub(super) fn enter(&self, turn: Turn) {
        let mut turns = self.turns.lock().expect("no thread panics with it");
        if let Some(last) = turns.last() {
            assert!(
                last.acknowledged <= turn.begun,
                "{}: changes of one fact follow one another",
                self.name
            );
        }
        turns.push(turn);
    }

    /// Enters that it has held since this moment at the latest.
    pub(super) fn hold_from(&self, moment: Moment) {
        self.enter(Turn {
            to: Way::Holds,
            begun: moment,
            acknowledged: moment,
        });
    }

    fn turns(&self) -> Vec<Turn> {
        self.turns.lock().expect("no thread panics with it").clone()
    }

    /// For how long it had been ended at this moment; nothing if it was not for certain.
    pub(super) fn ended_for(&self, at: Moment) -> Option<Duration> {
        let turns = self.turns.lock().expect("no thread panics with it");
        let (last, next) = around(&turns, at)?;
        let is_over = last.to == Way::Ended && next.is_none_or(|next| at < next.begun);
        is_over.then(|| Duration::from_nanos(at - last.acknowledged))
    }

    /// Whether it was this way for the whole time, for certain.
    pub(super) fn was(&self, way: Way, from: Moment, to: Moment) -> bool {
        let turns = self.turns.lock().expect("no thread panics with it");
        let Some((last, next)) = around(&turns, from) else {
            return false;
        };
        last.to == way && next.is_none_or(|next| to < next.begun)
    }
}

/// The last change that was acknowledged before a moment, and the one after it.
fn around(turns: &[Turn], at: Moment) -> Option<(Turn, Option<Turn>)> {
    let next = turns.partition_point(|turn| turn.acknowledged < at);
    let last = turns[..next].last()?;
    Some((*last, turns.get(next).copied()))
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.name)?;
        for turn in self.turns() {
            let way = match turn.to {
                Way::Holds => "holds",
                Way::Ended => "ended",
            };
            let seconds = |moment| Duration::from_nanos(moment).as_secs_f64();
            write!(
                f,
                " [{way} {:.6}..{:.6}]",
                seconds(turn.begun),
                seconds(turn.acknowledged)
            )?;
        }
        Ok(())
    }
}

/// What a check was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Success,
    Refusal,
    /// Nobody was told anything: too much was going on.
    Busy,
    /// Nothing that a check may be answered.
    Strange,
}

/// What is wrong with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong<'f> {
    /// It succeeded after this had ended.
    Stale(&'f Fact),
    /// It was refused although everything held.
    Refused,
    /// It was answered something that no check is.
    Strange,
}

/// Judges one check by the facts that it leans on.
pub(super) fn judge<'f>(
    outcome: Outcome,
    (from, to): (Moment, Moment),
    facts: impl IntoIterator<Item = &'f Fact>,
) -> Option<Wrong<'f>> {
    let mut facts = facts.into_iter();
    match outcome {
        Outcome::Success => facts
            .find(|fact| fact.was(Way::Ended, from, to))
            .map(Wrong::Stale),
        Outcome::Refusal => facts
            .all(|fact| fact.was(Way::Holds, from, to))
            .then_some(Wrong::Refused),
        Outcome::Busy => None,
        Outcome::Strange => Some(Wrong::Strange),
    }
}

impl PartialEq for Fact {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for Fact {}

#[cfg(test)]
mod tests {
    use super::Outcome::{Busy, Refusal, Strange, Success};
    use super::*;

    /// A fact that begins to hold, and turns at each of these pairs of begun and acknowledged.
    fn fact(turns: &[(Moment, Moment)]) -> Fact {
        let fact = Fact::new("the token lives".to_owned());
        let mut to = Way::Holds;
        for &(begun, acknowledged) in turns {
            fact.enter(Turn {
                to,
                begun,
                acknowledged,
            });
            to = match to {
                Way::Holds => Way::Ended,
                Way::Ended => Way::Holds,
            };
        }
        fact
    }

    #[test]
    fn a_success_after_the_acknowledged_end_is_stale() {
        let token = fact(&[(0, 10), (100, 120)]);
        let stale = Some(Wrong::Stale(&token));
        for (from, to) in [(121, 130), (121, 121), (5000, 6000)] {
            assert_eq!(judge(Success, (from, to), [&token]), stale, "{from}..{to}");
        }
        for (from, to) in [(20, 90), (20, 130), (101, 119), (119, 5000), (120, 130)] {
            assert_eq!(judge(Success, (from, to), [&token]), None, "{from}..{to}");
        }
    }

    #[test]
    fn a_success_is_stale_only_until_the_lifting_begins() {
        let owner = fact(&[(0, 10), (100, 120), (200, 220), (300, 320)]);
        for (from, to, is_stale) in [
            (130, 199, true),
            (130, 201, false),
            (210, 230, false),
            (230, 290, false),
            (319, 400, false),
            (321, 400, true),
        ] {
            let wrong = judge(Success, (from, to), [&owner]);
            assert_eq!(wrong.is_some(), is_stale, "{from}..{to}");
        }
    }

    #[test]
    fn one_fact_that_ended_is_enough() {
        let (owner, token) = (fact(&[(0, 10)]), fact(&[(0, 10), (100, 120)]));
        let wrong = judge(Success, (130, 140), [&owner, &token]);
        assert_eq!(wrong, Some(Wrong::Stale(&token)));
    }

    #[test]
    fn a_refusal_is_wrong_only_while_everything_holds() {
        let (owner, token) = (fact(&[(0, 10)]), fact(&[(0, 10), (100, 120)]));
        for (from, to, wrong) in [
            (20, 90, Some(Wrong::Refused)),
            (20, 101, None),
            (110, 115, None),
            (130, 140, None),
            (5, 8, None),
        ] {
            assert_eq!(judge(Refusal, (from, to), [&owner, &token]), wrong);
        }
    }

    #[test]
    fn busy_says_nothing_and_what_is_strange_is_wrong() {
        let token = fact(&[(0, 10)]);
        assert_eq!(judge(Busy, (20, 30), [&token]), None);
        assert_eq!(judge(Strange, (20, 30), [&token]), Some(Wrong::Strange));
    }

    #[test]
    fn how_long_ago_it_ended_is_known_until_the_lifting_begins() {
        let owner = fact(&[(0, 10), (100, 120), (200, 220)]);
        assert_eq!(owner.ended_for(119), None);
        assert_eq!(owner.ended_for(125), Some(Duration::from_nanos(5)));
        assert_eq!(owner.ended_for(201), None);
        assert_eq!(owner.ended_for(230), None);
    }
}
