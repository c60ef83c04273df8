//! Who may compute a password next.
//!
//! So many may at a time; others wait, in one of two lanes of equal size: addresses that signed in
//! lately, and strangers. The lanes take turns while somebody waits in both, so strangers, however
//! many networks they have, take no more than half of the turns and half of the places. In each
//! lane networks are served fairly (see [`FairQueue`]).

use std::sync::Arc;

use counterfoil_domain::network::ClientAddress;
use parking_lot::Mutex;
use tokio::sync::oneshot;

use crate::passwords::fair_queue::{FairQueue, Path, WaiterId};

/// Too many computations wait already: try again in a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being verified")]
pub struct Busy;

/// Who wants a password computed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requester {
    path: Path,
    lane: Lane,
}

/// Where a requester waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// Somebody signed in from the address lately.
    Known,
    /// Nobody did.
    Strangers,
}

impl Requester {
    /// A client.
    pub(crate) fn at(address: ClientAddress, lane: Lane) -> Self {
        Self {
            path: address.networks(),
            lane,
        }
    }

    /// An operator, or the program itself.
    pub(crate) fn here() -> Self {
        Self::at(ClientAddress::Unix, Lane::Known)
    }
}

/// Admits computations. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct PasswordQueue(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// How many may still be admitted at once; none while somebody waits.
    free: usize,
    known: FairQueue<Waiter>,
    strangers: FairQueue<Waiter>,
    /// Whose turn it is when somebody waits in both lanes.
    next: Lane,
    arrivals: WaiterId,
}

/// The way to who waits; dropped without a word, it says that the place is lost.
type Waiter = oneshot::Sender<Permit>;

/// The right to compute one password, given on when dropped.
#[derive(Debug)]
pub struct Permit(Option<PasswordQueue>);

/// A place in the queue, given up when dropped.
struct Place {
    queue: PasswordQueue,
    requester: Requester,
    id: WaiterId,
    granted: oneshot::Receiver<Permit>,
}

impl PasswordQueue {
    /// A queue for `at_once` computations at a time, in which `waiting` more may wait.
    pub(crate) fn new(at_once: usize, waiting: usize) -> Self {
        let places = waiting.div_ceil(2);
        Self(Arc::new(Mutex::new(State {
            free: at_once.max(1),
            known: FairQueue::new(places),
            strangers: FairQueue::new(places),
            next: Lane::Known,
            arrivals: 0,
        })))
    }

    /// How many wait at present.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.0.lock();
        state.known.len() + state.strangers.len()
    }

    /// Waits until the requester may compute. Whoever stops waiting leaves nothing behind.
    pub(crate) async fn admit(&self, requester: Requester) -> Result<Permit, Busy> {
        let mut place = {
            let mut state = self.0.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(self.permit());
            }
            self.enter(&mut state, requester)?
        };
        (&mut place.granted).await.map_err(|_| Busy)
    }

    fn enter(&self, state: &mut State, requester: Requester) -> Result<Place, Busy> {
        state.arrivals += 1;
        let id = state.arrivals;
        let (waiter, granted) = oneshot::channel();
        let entered = state
            .lane(requester.lane)
            .enter(&requester.path, id, waiter);
        // Who was pushed out hears of it as its way back is dropped.
        entered.map(drop).map_err(|_| Busy)?;
        Ok(Place {
            queue: self.clone(),
            requester,
            id,
            granted,
        })
    }

    fn permit(&self) -> Permit {
        Permit(Some(self.clone()))
    }

    /// Admits the next one, or keeps the right for who comes.
    fn give_on(&self) {
        loop {
            let waiter = {
                let mut state = self.0.lock();
                let Some(waiter) = state.next_waiter() else {
                    state.free += 1;
                    return;
                };
                waiter
            };
            match waiter.send(self.permit()) {
                Ok(()) => return,
                // Gone in this moment. The right is kept for the next one, in this loop rather than
                // by dropping it.
                Err(mut refused) => drop(refused.0.take()),
            }
        }
    }
}

impl State {
    fn lane(&mut self, lane: Lane) -> &mut FairQueue<Waiter> {
        match lane {
            Lane::Known => &mut self.known,
            Lane::Strangers => &mut self.strangers,
        }
    }

    fn next_waiter(&mut self) -> Option<Waiter> {
        let first = self.next;
        let other = first.other();
        // Whoever is served, it is the other lane's turn next; a lane that had nobody keeps no
        // claim.
        for (lane, then) in [(first, other), (other, first)] {
            if let Some(waiter) = self.lane(lane).next() {
                self.next = then;
                return Some(waiter);
            }
        }
        None
    }
}

impl Lane {
    fn other(self) -> Self {
        match self {
            Self::Known => Self::Strangers,
            Self::Strangers => Self::Known,
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.give_on();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let left = {
            let mut state = self.queue.0.lock();
            let requester = self.requester;
            state.lane(requester.lane).leave(&requester.path, self.id)
        };
        drop(left);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;

    use super::*;

    type Waiting<'q> = BoxFuture<'q, Result<Permit, Busy>>;

    fn admit(queue: &PasswordQueue, requester: Requester) -> Waiting<'_> {
        Box::pin(queue.admit(requester))
    }

    /// Takes those that are answered, and leaves those that still wait.
    fn answered(all: &mut Vec<Waiting<'_>>) -> Vec<Result<Permit, Busy>> {
        let mut answers = Vec::new();
        all.retain_mut(|waiting| match waiting.now_or_never() {
            Some(answer) => {
                answers.push(answer);
                false
            }
            None => true,
        });
        answers
    }

    fn at(address: &str, lane: Lane) -> Requester {
        Requester::at(address.parse().unwrap(), lane)
    }

    fn stranger(number: usize) -> Requester {
        at(&format!("10.{number}.0.1"), Lane::Strangers)
    }

    #[tokio::test]
    async fn so_many_are_admitted_at_once_and_no_more() {
        let queue = PasswordQueue::new(2, 4);
        let first = queue.admit(stranger(1)).await.unwrap();
        let _second = queue.admit(stranger(2)).await.unwrap();
        let mut third = admit(&queue, stranger(3));
        assert!((&mut third).now_or_never().is_none());
        assert_eq!(queue.waiting(), 1);
        drop(first);
        let _third = third.now_or_never().expect("it is its turn").unwrap();
        assert_eq!(queue.waiting(), 0);
    }

    #[tokio::test]
    async fn strangers_however_many_leave_known_addresses_half_of_the_places_and_turns() {
        let queue = PasswordQueue::new(1, 8);
        let mut permit = queue.admit(stranger(0)).await.unwrap();
        let mut strangers: Vec<_> = (1..=20)
            .map(|number| admit(&queue, stranger(number)))
            .collect();
        let turned_away = answered(&mut strangers);
        assert!(turned_away.iter().all(Result::is_err));
        assert_eq!((turned_away.len(), queue.waiting()), (16, 4));
        let mut known: Vec<_> = (1..=4)
            .map(|number| admit(&queue, at(&format!("192.0.2.{number}"), Lane::Known)))
            .collect();
        assert!(answered(&mut known).is_empty(), "each finds a place");
        for turn in 0..8 {
            drop(permit);
            let (of_known, of_strangers) = (answered(&mut known), answered(&mut strangers));
            let expected = if turn % 2 == 0 { (1, 0) } else { (0, 1) };
            assert_eq!(
                (of_known.len(), of_strangers.len()),
                expected,
                "turn {turn}"
            );
            permit = of_known
                .into_iter()
                .chain(of_strangers)
                .next()
                .unwrap()
                .unwrap();
        }
    }

    #[tokio::test]
    async fn a_known_address_finds_a_place_however_many_strangers_came_before() {
        let queue = PasswordQueue::new(1, 2);
        let permit = queue.admit(stranger(0)).await.unwrap();
        let mut waiting = admit(&queue, stranger(1));
        assert!((&mut waiting).now_or_never().is_none());
        assert_eq!(queue.admit(stranger(2)).await.unwrap_err(), Busy);
        let mut known = admit(&queue, at("192.0.2.1", Lane::Known));
        assert!((&mut known).now_or_never().is_none());
        drop(permit);
        assert!(
            known
                .now_or_never()
                .is_some_and(|admitted| admitted.is_ok())
        );
    }

    #[tokio::test]
    async fn whoever_stops_waiting_gives_the_place_back() {
        let queue = PasswordQueue::new(1, 2);
        let permit = queue.admit(stranger(0)).await.unwrap();
        for number in 1..100 {
            let mut waiting = admit(&queue, stranger(number));
            assert!((&mut waiting).now_or_never().is_none(), "{number}");
        }
        assert_eq!(queue.waiting(), 0);
        drop(permit);
        assert!(queue.admit(stranger(1)).await.is_ok());
    }

    #[tokio::test]
    async fn a_right_that_was_given_to_somebody_who_left_is_given_on() {
        let queue = PasswordQueue::new(1, 4);
        let permit = queue.admit(stranger(0)).await.unwrap();
        let mut leaves = admit(&queue, stranger(1));
        let mut stays = admit(&queue, stranger(2));
        assert!((&mut leaves).now_or_never().is_none());
        assert!((&mut stays).now_or_never().is_none());
        drop(permit);
        // It was granted, and is gone before it looked.
        drop(leaves);
        assert!(
            stays
                .now_or_never()
                .is_some_and(|admitted| admitted.is_ok())
        );
    }

    #[tokio::test]
    async fn whoever_is_pushed_out_hears_that_it_is_busy() {
        let queue = PasswordQueue::new(1, 4);
        let _permit = queue.admit(stranger(0)).await.unwrap();
        let mut first = admit(&queue, at("192.0.2.1", Lane::Strangers));
        let mut second = admit(&queue, at("192.0.2.1", Lane::Strangers));
        assert!((&mut first).now_or_never().is_none());
        assert!((&mut second).now_or_never().is_none());
        let mut other = admit(&queue, stranger(1));
        assert!((&mut other).now_or_never().is_none());
        assert_eq!(second.now_or_never().map(Result::err), Some(Some(Busy)));
        assert!(first.now_or_never().is_none());
    }
}
