//! When a certificate is ordered, and when not: pure rules over what is remembered.
//!
//! A certificate is renewed after two thirds of its life. What fails is tried again after a rest
//! that doubles; what the authority says of when to come again counts beside it; and whatever
//! happens, also a program that is restarted again and again, no more than a few orders go out
//! within an hour.

use std::time::Duration;

use counterfoil_domain::timestamp::Timestamp;
use counterfoil_server::listen::CertificateLife;
use serde::{Deserialize, Serialize};

/// Orders within an hour at most. Authorities begin to refuse beyond some five failures.
pub(super) const ORDERS_PER_HOUR: usize = 4;
const HOUR: Duration = Duration::from_hours(1);
/// How long nothing is ordered after a certificate arrived, however short its life is, or however
/// far from the authority's our clock is.
const REST_AFTER_SUCCESS: Duration = Duration::from_mins(15);
/// How long nothing is ordered after a failure: doubled with each, from the first to the longest.
const FIRST_REST: Duration = Duration::from_mins(5);
const LONGEST_REST: Duration = Duration::from_hours(6);
/// How long is waited at most because the authority says so: once a day it can be asked again.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
/// How long is waited where the authority says that it was too much, and not for how long.
const UNSAID_WAIT: Duration = Duration::from_hours(1);
/// How far behind the authority's our clock may be.
const CLOCKS_DIFFER: Duration = Duration::from_hours(1);

/// What is remembered of orders, also over a restart. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// The directory that the certificate in use was ordered from.
    #[serde(default)]
    pub(super) directory: Option<String>,
    /// The directory that rests and waits are of.
    #[serde(default)]
    asked: Option<String>,
    /// When orders went out, those of the last hour.
    #[serde(default)]
    went_out: Vec<i64>,
    /// How often in a row they failed.
    #[serde(default)]
    failures: u32,
    /// Until when we rest by ourselves.
    #[serde(default)]
    rests_until: i64,
    /// Until when the authority wants not to be asked.
    #[serde(default)]
    waits_until: i64,
    /// The last failure, if nothing was issued since.
    #[serde(default)]
    pub(crate) last_failure: Option<Failure>,
}

/// An order that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// When.
    pub(crate) at: i64,
    /// Why, a line.
    pub(crate) cause: String,
}

/// What an authority said of when to come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Throttle {
    /// Nothing.
    No,
    /// That it was too much.
    TooMuch,
    /// For how long not to.
    For(Duration),
}

impl Orders {
    /// Whether an order may go out.
    pub(super) fn may_go_out(&self, now: Timestamp) -> bool {
        let over = |until: i64, longest: Duration| {
            // What lies further ahead than it can have been set to was set by another clock.
            until <= now.seconds() || until > now.plus(longest).seconds()
        };
        over(self.rests_until, LONGEST_REST)
            && over(self.waits_until, LONGEST_WAIT)
            && self.of_the_last_hour(now).count() < ORDERS_PER_HOUR
    }

    fn of_the_last_hour(&self, now: Timestamp) -> impl Iterator<Item = i64> + '_ {
        let (from, to) = (now.minus(HOUR).seconds(), now.plus(HOUR).seconds());
        let orders = self.went_out.iter().copied();
        orders.filter(move |at| *at > from && *at <= to)
    }

    /// An order goes out.
    pub(super) fn go_out(&mut self, now: Timestamp) {
        let recent = self.of_the_last_hour(now).collect();
        self.went_out = recent;
        self.went_out.push(now.seconds());
    }

    /// It failed.
    pub(super) fn fail(&mut self, now: Timestamp, throttle: Throttle, cause: String, random: u8) {
        let rest = FIRST_REST * 2_u32.pow(self.failures.min(8));
        let rest = rest.min(LONGEST_REST);
        // Not all who were refused at one time come back at one time.
        let rest = rest.saturating_sub(rest * u32::from(random) / 1024);
        self.failures = self.failures.saturating_add(1);
        self.rests_until = now.plus(rest).seconds();
        let wait = match throttle {
            Throttle::No => Duration::ZERO,
            Throttle::TooMuch => UNSAID_WAIT,
            Throttle::For(wait) => wait.min(LONGEST_WAIT),
        };
        self.waits_until = now.plus(wait).seconds();
        self.last_failure = Some(Failure {
            at: now.seconds(),
            cause,
        });
    }

    /// There is a certificate from this directory.
    pub(super) fn succeed(&mut self, now: Timestamp, directory: String) {
        *self = Self {
            directory: Some(directory),
            asked: self.asked.take(),
            rests_until: now.plus(REST_AFTER_SUCCESS).seconds(),
            went_out: std::mem::take(&mut self.went_out),
            ..Self::default()
        };
    }

    /// Somebody mended something: rests no longer. What the authority said still counts, and so
    /// does the bound for an hour.
    pub(super) fn hurry(&mut self) {
        self.rests_until = 0;
        self.failures = 0;
    }

    /// Orders go to this directory from now on: rests after what another one did, and what that one
    /// said of when to come again, count no more. The bound for an hour does.
    pub(super) fn turn_to(&mut self, directory: &str) {
        if self.asked.as_deref() != Some(directory) {
            self.hurry();
            self.waits_until = 0;
            self.asked = Some(directory.to_owned());
        }
    }

    /// When the next order may go out.
    pub(super) fn next(&self) -> Timestamp {
        let eldest = self.went_out.iter().rev().nth(ORDERS_PER_HOUR - 1);
        let room = eldest.map_or(0, |at| Timestamp::from_seconds(*at).plus(HOUR).seconds());
        Timestamp::from_seconds(self.rests_until.max(self.waits_until).max(room))
    }
}

/// When a certificate with this life is to be renewed: after two thirds of it, and up to a
/// forty-eighth later, so that those that were given together are not renewed together.
pub(super) fn renewal(life: CertificateLife, random: u8) -> Timestamp {
    let seconds = life.not_after.saturating_sub(life.not_before).max(0);
    let later = seconds / 48 * i64::from(random) / 256;
    let from = life.not_before.saturating_add(seconds / 3 * 2);
    Timestamp::from_seconds(from.saturating_add(later))
}

/// What keeps a certificate with this life from taking the place of the one in use; nothing if it
/// may. One that ends sooner is fine if it is newer: authorities shorten the lives that they give.
pub(super) fn unfit(
    given: CertificateLife,
    used: Option<CertificateLife>,
    now: Timestamp,
) -> Option<String> {
    let (begins, ends) = (
        Timestamp::from_seconds(given.not_before),
        Timestamp::from_seconds(given.not_after),
    );
    let is_older = |used: CertificateLife| {
        given.not_after < used.not_after && given.not_before <= used.not_before
    };
    if ends <= now {
        Some(format!("ended at {ends}"))
    } else if begins > now.plus(CLOCKS_DIFFER) {
        Some(format!("is not valid before {begins}"))
    } else if used.is_some_and(is_older) {
        Some(format!(
            "is older than the certificate in use, and ends before it, at {ends}"
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000 + seconds)
    }

    fn failed(orders: &mut Orders, now: Timestamp, throttle: Throttle) {
        orders.go_out(now);
        orders.fail(now, throttle, "no".to_owned(), 0);
    }

    fn life(from: i64, to: i64) -> CertificateLife {
        CertificateLife {
            not_before: at(from).seconds(),
            not_after: at(to).seconds(),
        }
    }

    #[test]
    fn a_certificate_that_is_not_valid_now_or_older_than_the_one_in_use_is_unfit() {
        let used = Some(life(-60 * DAY, 30 * DAY));
        for (given, used, why) in [
            (life(-DAY, 0), None, "ended at "),
            (life(-DAY, -1), used, "ended at "),
            (life(3601, DAY), None, "is not valid before "),
            (life(-60 * DAY, 29 * DAY), used, "is older than "),
            (life(-61 * DAY, 29 * DAY), used, "is older than "),
        ] {
            let said = unfit(given, used, at(0)).expect("it is unfit");
            assert!(said.starts_with(why), "{given:?}: {said}");
        }
        // A life that is shorter from now on, an authority's clock that is ahead, and anything in
        // the place of what is over.
        let over = Some(life(-90 * DAY, -DAY));
        for (given, used) in [
            (life(-1, 6 * DAY), used),
            (life(3600, DAY), None),
            (life(-91 * DAY, 1), over),
        ] {
            assert_eq!(unfit(given, used, at(0)), None, "{given:?}");
        }
    }

    #[test]
    fn another_directory_is_asked_at_once_and_no_more_often_in_an_hour() {
        let mut orders = Orders::default();
        orders.turn_to("https://staging.example.org/directory");
        failed(&mut orders, at(0), Throttle::For(LONGEST_WAIT));
        orders.turn_to("https://staging.example.org/directory");
        assert!(!orders.may_go_out(at(3_600)), "a restart changes nothing");
        orders.turn_to("https://acme.example.org/directory");
        assert!(orders.may_go_out(at(1)));
        orders.go_out(at(1));
        orders.succeed(at(2), "https://acme.example.org/directory".to_owned());
        orders.turn_to("https://acme.example.org/directory");
        assert!(!orders.may_go_out(at(3)), "it rests after what arrived");
        orders.turn_to("https://staging.example.org/directory");
        orders.go_out(at(3));
        orders.go_out(at(4));
        assert!(!orders.may_go_out(at(5)), "four went out");
    }

    #[test]
    fn the_next_order_is_told_for_when_the_hour_has_room_again() {
        let mut orders = Orders::default();
        for second in 0..4 {
            failed(&mut orders, at(second * 600), Throttle::No);
            orders.hurry();
        }
        assert_eq!(orders.next(), at(3_600));
    }

    #[test]
    fn a_certificate_is_renewed_after_two_thirds_of_its_life() {
        let life = CertificateLife {
            not_before: 1000,
            not_after: 1000 + 90 * DAY,
        };
        assert_eq!(renewal(life, 0).seconds(), 1000 + 60 * DAY);
        let latest = renewal(life, 255).seconds();
        assert!(latest > 1000 + 61 * DAY && latest < 1000 + 62 * DAY);
        let strange = CertificateLife {
            not_before: 1000,
            not_after: 0,
        };
        assert_eq!(renewal(strange, 255).seconds(), 1000);
    }

    #[test]
    fn rests_double_up_to_six_hours_and_are_never_longer_than_said() {
        let mut orders = Orders::default();
        let mut now = at(0);
        for minutes in [5, 10, 20, 40, 80, 160, 320, 360, 360] {
            assert!(orders.may_go_out(now), "{minutes}");
            failed(&mut orders, now, Throttle::No);
            let rest = Duration::from_mins(minutes);
            let just_before = rest.saturating_sub(Duration::from_secs(1));
            assert!(!orders.may_go_out(now.plus(just_before)));
            // Beyond the bound for an hour, which is another rule.
            now = now.plus(rest).plus(HOUR);
        }
        let mut early = Orders::default();
        early.fail(at(0), Throttle::No, String::new(), 255);
        let rest = early.next().since(at(0));
        assert!(rest > Duration::from_secs(220) && rest < Duration::from_secs(230));
    }

    #[test]
    fn the_authority_says_when_to_come_again_but_not_for_ever() {
        let wait = |throttle| {
            let mut orders = Orders::default();
            failed(&mut orders, at(0), throttle);
            orders.next().since(at(0))
        };
        assert_eq!(wait(Throttle::For(Duration::from_hours(3))), HOUR * 3);
        assert_eq!(wait(Throttle::For(Duration::from_secs(1))), FIRST_REST);
        assert_eq!(wait(Throttle::For(Duration::from_hours(400))), LONGEST_WAIT);
        assert_eq!(wait(Throttle::TooMuch), UNSAID_WAIT);
        let mut orders = Orders::default();
        failed(&mut orders, at(0), Throttle::For(HOUR * 3));
        orders.hurry();
        assert!(
            !orders.may_go_out(at(3 * 3600 - 1)),
            "a reload is no word of the authority's"
        );
        assert!(orders.may_go_out(at(3 * 3600)));
    }

    #[test]
    fn no_more_orders_than_a_few_go_out_within_an_hour_whatever_happens() {
        let mut orders = Orders::default();
        for second in 0..4 {
            assert!(orders.may_go_out(at(second)));
            failed(&mut orders, at(second), Throttle::No);
            orders.hurry();
            // As over a restart.
            let kept = serde_json::to_string(&orders).unwrap();
            orders = serde_json::from_str(&kept).unwrap();
        }
        assert!(!orders.may_go_out(at(4)) && !orders.may_go_out(at(3599)));
        assert!(orders.may_go_out(at(3601)));
        orders.succeed(at(3), "https://a.example/".to_owned());
        orders.hurry();
        assert!(!orders.may_go_out(at(4)), "success counts too");
        assert_eq!(orders.last_failure, None);
    }

    #[test]
    fn a_clock_that_was_far_ahead_holds_nothing_up() {
        let mut orders = Orders::default();
        for _ in 0..5 {
            failed(&mut orders, at(365 * DAY), Throttle::For(HOUR));
        }
        assert!(orders.may_go_out(at(0)));
    }
}
