//! Bounds on what strangers can make a process read: tokens that nobody knows.
//!
//! Whatever is remembered is answered without these bounds, so a flood of well-formed tokens that
//! do not exist leaves those who are known alone. Each of its tokens costs a read; beyond so many
//! unknown ones a second from one address the rest is told to come back (never that the token is
//! wrong, which nobody knows without reading).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use counterfoil_domain::network::ClientAddress;
use parking_lot::Mutex;

/// How much of what is not remembered is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookUpBounds {
    /// Look-ups at a time; further ones are refused.
    pub at_once: usize,
    /// Unknown tokens in a second from one address (IPv6: one /64), spread over the second, few of
    /// them at once. Further look-ups from it are refused. Zero is no bound.
    pub unknown_per_second: u32,
}

impl Default for LookUpBounds {
    fn default() -> Self {
        Self {
            at_once: 1024,
            unknown_per_second: 1000,
        }
    }
}

/// Addresses that are counted each by itself in one second. All others share one count, so that
/// whoever has a great many addresses gains nothing by them.
const MOST_ADDRESSES: usize = 10_000;
/// What stands for the others.
const OTHERS: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// How long all addresses stay noted at least before those that are as good as new are let go of.
const SWEEP_EVERY: Duration = Duration::from_millis(100);

/// What one address may ask for, as GCRA (the leaky bucket as a meter) counts it: each unknown
/// token takes an even share of a second, and few may come at once. A bound on whole seconds would
/// let a flood have all of its reads at the beginning of each, in the way of everybody else.
#[derive(Clone, Copy, Debug)]
struct Gcra {
    /// The time that one takes.
    each: Duration,
    /// How far ahead of the present those that came may reach.
    ahead: Duration,
}

impl Gcra {
    /// Unknown tokens that may come at once however few are allowed in a second; no more than that.
    const AT_ONCE: u32 = 100;
    /// The share of a second's tokens that may come at once where it is more.
    const SHARE_AT_ONCE: u32 = 10;

    fn of(per_second: u32) -> Option<Self> {
        let each = Duration::from_secs(1).checked_div(per_second)?;
        let at_once = per_second
            .min(Self::AT_ONCE)
            .max(per_second / Self::SHARE_AT_ONCE);
        Some(Self {
            each,
            ahead: each * (at_once - 1),
        })
    }
}

pub(super) struct LookupLimiter {
    bounds: LookUpBounds,
    allowance: Option<Gcra>,
    under_way: AtomicUsize,
    unknown: Mutex<Unknown>,
}

#[derive(Default)]
struct Unknown {
    /// Until when the time of each address is taken.
    by_address: HashMap<IpAddr, Duration>,
    swept_at: Duration,
}

impl Unknown {
    fn counted_as(&self, address: IpAddr) -> IpAddr {
        if self.by_address.len() < MOST_ADDRESSES || self.by_address.contains_key(&address) {
            address
        } else {
            OTHERS
        }
    }

    fn make_room(&mut self, now: Duration) {
        if self.by_address.len() >= MOST_ADDRESSES && now >= self.swept_at + SWEEP_EVERY {
            self.by_address.retain(|_, taken| *taken > now);
            self.swept_at = now;
        }
    }
}

/// A place among the look-ups, given back when dropped.
pub(super) struct LookupPermit<'a>(&'a AtomicUsize);

impl Drop for LookupPermit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl LookupLimiter {
    pub(super) fn new(bounds: LookUpBounds) -> Self {
        Self {
            allowance: Gcra::of(bounds.unknown_per_second),
            bounds,
            under_way: AtomicUsize::new(0),
            unknown: Mutex::default(),
        }
    }

    /// A place for a look-up that this address asks for; none when it is one too many.
    pub(super) fn try_acquire(
        &self,
        from: ClientAddress,
        now: Duration,
    ) -> Option<LookupPermit<'_>> {
        if self.is_spent(from, now) {
            return None;
        }
        let before = self.under_way.fetch_add(1, Ordering::AcqRel);
        let place = LookupPermit(&self.under_way);
        (before < self.bounds.at_once).then_some(place)
    }

    fn is_spent(&self, from: ClientAddress, now: Duration) -> bool {
        let Some((allowance, address)) = self.counted(from) else {
            return false;
        };
        let unknown = self.unknown.lock();
        unknown
            .by_address
            .get(&unknown.counted_as(address))
            .is_some_and(|taken| taken.saturating_sub(now) > allowance.ahead)
    }

    /// The look-up found nothing.
    pub(super) fn note_unknown(&self, from: ClientAddress, now: Duration) {
        let Some((allowance, address)) = self.counted(from) else {
            return;
        };
        let mut unknown = self.unknown.lock();
        unknown.make_room(now);
        let address = unknown.counted_as(address);
        let taken = unknown.by_address.entry(address).or_insert(now);
        *taken = now.max(*taken) + allowance.each;
    }

    /// Under which address unknown tokens are counted. Whoever comes over a Unix socket is a
    /// program of this machine.
    fn counted(&self, from: ClientAddress) -> Option<(Gcra, IpAddr)> {
        match from {
            ClientAddress::Ip(address) => Some((self.allowance?, by_customer(address))),
            ClientAddress::Unix => None,
        }
    }
}

/// An IPv6 customer has a whole /64.
fn by_customer(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(text: &str) -> ClientAddress {
        text.parse().unwrap()
    }

    #[test]
    fn unknown_tokens_are_bounded_for_each_address_and_second() {
        let limiter = LookupLimiter::new(LookUpBounds {
            at_once: 10,
            unknown_per_second: 2,
        });
        let now = Duration::from_secs(7);
        for _ in 0..2 {
            assert!(limiter.try_acquire(from("192.0.2.1"), now).is_some());
            limiter.note_unknown(from("192.0.2.1"), now);
        }
        assert!(limiter.try_acquire(from("192.0.2.1"), now).is_none());
        assert!(limiter.try_acquire(from("192.0.2.2"), now).is_some());
        assert!(limiter.try_acquire(from("unix"), now).is_some());
        let next = now + Duration::from_secs(1);
        assert!(limiter.try_acquire(from("192.0.2.1"), next).is_some());
    }

    #[test]
    fn a_flood_is_spread_over_the_second() {
        let limiter = LookupLimiter::new(LookUpBounds {
            at_once: 10,
            unknown_per_second: 1000,
        });
        let mut by_tenth = [0; 10];
        for asked in 0..20_000_u32 {
            let now = Duration::from_secs(7) + Duration::from_micros(50) * asked;
            if limiter.try_acquire(from("192.0.2.1"), now).is_some() {
                limiter.note_unknown(from("192.0.2.1"), now);
                by_tenth[usize::try_from(asked / 2000).unwrap()] += 1;
            }
        }
        assert_eq!(by_tenth[0], 100 + 100 - 1);
        assert_eq!(by_tenth[1..], [100; 9]);
    }

    #[test]
    fn addresses_of_one_network_are_counted_together() {
        let limiter = LookupLimiter::new(LookUpBounds {
            at_once: 10,
            unknown_per_second: 1,
        });
        limiter.note_unknown(from("2001:db8::1"), Duration::ZERO);
        assert!(
            limiter
                .try_acquire(from("2001:db8::2"), Duration::ZERO)
                .is_none()
        );
        assert!(
            limiter
                .try_acquire(from("2001:db8:0:1::2"), Duration::ZERO)
                .is_some()
        );
    }

    #[test]
    fn a_great_many_addresses_share_what_one_has() {
        let limiter = LookupLimiter::new(LookUpBounds {
            at_once: 10,
            unknown_per_second: 3,
        });
        let now = Duration::from_secs(7);
        let address = |number: u32| ClientAddress::from(IpAddr::from(number.to_be_bytes()));
        for number in 0..20_000 {
            limiter.note_unknown(address(number), now);
        }
        assert!(limiter.try_acquire(address(5), now).is_some());
        assert!(limiter.try_acquire(address(50_000), now).is_none());
        // A look-up that took long gives nothing back.
        limiter.note_unknown(address(1), Duration::from_secs(6));
        assert!(limiter.try_acquire(address(50_000), now).is_none());
        // Later nobody stands for others any more.
        let later = now + Duration::from_secs(1);
        limiter.note_unknown(address(50_000), later);
        assert!(limiter.try_acquire(address(50_000), later).is_some());
        assert!(limiter.unknown.lock().by_address.len() < 10);
    }

    #[test]
    fn only_so_many_look_up_at_a_time() {
        let limiter = LookupLimiter::new(LookUpBounds {
            at_once: 1,
            unknown_per_second: 0,
        });
        let first = limiter.try_acquire(from("192.0.2.1"), Duration::ZERO);
        assert!(first.is_some());
        assert!(
            limiter
                .try_acquire(from("192.0.2.2"), Duration::ZERO)
                .is_none()
        );
        drop(first);
        assert!(
            limiter
                .try_acquire(from("192.0.2.2"), Duration::ZERO)
                .is_some()
        );
    }
}
