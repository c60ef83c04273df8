//! The places for connections: how many there are, how many an address may have, and who makes room
//! when all are taken.
//!
//! An address, which for IPv6 is its /64, has a share of the places. Addresses that stand for many
//! clients (trusted proxies, this machine) have none, but no address may have more than nine
//! tenths. When all places are taken, the connection that has been idle longest makes room; one
//! whose request is worked on never does.
//!
//! Everything here happens when a connection begins or ends, and when a client leaves answers
//! unread, never for a request.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::network::{ClientAddress, TrustedProxies};
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::candidates::Candidates;
use super::counts::ConnectionCounts;
use super::seat::{Asked, Seat, Slot};
use super::troubles::{Trouble, Troubles};

/// What every address may have, however few places there are.
const LEAST_SHARE: usize = 64;

/// An address has one place in so many.
const SHARE: usize = 20;

/// How long somebody waits before looking again whether there is room. Nobody says when a
/// connection becomes idle, since that would cost every request something.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// The places of a server.
pub(super) struct Places {
    most: usize,
    /// How many connections may be on their way out without a place, beside those that have one.
    most_leaving: usize,
    trusted: Arc<TrustedProxies>,
    state: Mutex<State>,
    freed: Notify,
    pub(super) counts: ConnectionCounts,
    pub(super) troubles: Troubles,
}

#[derive(Default)]
struct State {
    /// Those with a place.
    open: usize,
    /// Those that were asked to leave and have not gone yet. Their places are others' already.
    leaving: usize,
    held: HashMap<ClientAddress, usize>,
    slots: Vec<Option<Slot>>,
    free: Vec<usize>,
    candidates: Candidates,
}

/// Why somebody gets no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// All are taken, and nobody can make room.
    Full,
    /// The address has as many as one may have.
    Share,
}

/// The files that connections may have open at a time: those with a place, and those on their way
/// out.
pub(super) fn files(most: usize) -> usize {
    most + most_leaving(most)
}

fn most_leaving(most: usize) -> usize {
    most / SHARE + 8
}

impl Places {
    pub(super) fn new(most: usize, trusted: Arc<TrustedProxies>, counts: ConnectionCounts) -> Self {
        Self {
            most,
            most_leaving: most_leaving(most),
            trusted,
            state: Mutex::default(),
            freed: Notify::new(),
            counts,
            troubles: Troubles::default(),
        }
    }

    /// Whether this address may have more than the share of one client.
    fn stands_for_many(&self, address: ClientAddress) -> bool {
        let here = match address {
            ClientAddress::Ip(address) => address.is_loopback(),
            ClientAddress::Unix => true,
        };
        here || self.trusted.trusts(address)
    }

    fn share(&self, stands_for_many: bool) -> usize {
        // Of fewer than ten places a tenth is none: who has all of them makes room for its own next
        // connection.
        let nine_tenths = match self.most / 10 {
            0 => usize::MAX,
            tenth => self.most - tenth,
        };
        if stands_for_many {
            nine_tenths
        } else {
            LEAST_SHARE.max(self.most / SHARE).min(nine_tenths)
        }
    }

    /// A place for a connection from this address. If all are taken, the connection that has been
    /// idle longest loses its own.
    pub(super) fn take(self: &Arc<Self>, address: ClientAddress) -> Result<Place, NoPlace> {
        let share = self.share(self.stands_for_many(address));
        let address = address.counted_as();
        let mut state = self.state.lock();
        if state.held.get(&address).is_some_and(|held| *held >= share) {
            self.counts.count_refused();
            return Err(NoPlace::Share);
        }
        let leaver = if state.open < self.most {
            None
        } else if state.leaving < self.most_leaving {
            Some(state.choose_leaver().ok_or(NoPlace::Full)?)
        } else {
            return Err(NoPlace::Full);
        };
        let place = self.seat(&mut state, address);
        drop(state);
        if let Some((seat, asked)) = leaver {
            match asked {
                Asked::Close => self.counts.count_unread_closed(),
                Asked::Leave | Asked::Nothing => self.counts.count_idle_closed(),
            }
            seat.ask(asked);
        }
        Ok(place)
    }

    fn seat(self: &Arc<Self>, state: &mut State, address: ClientAddress) -> Place {
        let seat = Arc::new(Seat::new());
        let slot = Some(Slot {
            seat: Arc::clone(&seat),
            address,
            leaving: false,
        });
        let number = state.free.pop().unwrap_or(state.slots.len());
        if number == state.slots.len() {
            state.slots.push(slot);
        } else {
            state.slots[number] = slot;
        }
        *state.held.entry(address).or_default() += 1;
        state.open += 1;
        self.counts.opened();
        Place {
            places: Arc::clone(self),
            number,
            seat,
        }
    }

    /// Waits until a place may have become free.
    pub(super) fn freed(&self) -> Notified<'_> {
        self.freed.notified()
    }

    /// Waits until every connection has ended.
    pub(super) async fn all_ended(&self) {
        while self.taken() > 0 {
            self.freed().await;
        }
    }

    /// Connections that have not ended.
    pub(super) fn taken(&self) -> usize {
        let state = self.state.lock();
        state.open + state.leaving
    }

    /// Asks the connections whose answers have been unread longest to close, until the others' take
    /// less than this.
    fn relieve(&self, bound: u64) {
        let leavers = {
            let state = self.state.lock();
            super::candidates::longest_unread(&state.slots, bound)
        };
        for seat in leavers {
            self.counts.count_unread_closed();
            seat.ask(Asked::Close);
        }
    }
}

impl State {
    /// Takes its place from the connection that has been idle longest.
    fn choose_leaver(&mut self) -> Option<(Arc<Seat>, Asked)> {
        let (number, asked) = self.candidates.next(&self.slots)?;
        let slot = self.slots[number].as_mut()?;
        slot.leaving = true;
        let seat = Arc::clone(&slot.seat);
        self.open -= 1;
        self.leaving += 1;
        Some((seat, asked))
    }

    fn release(&mut self, address: ClientAddress) {
        if let Entry::Occupied(mut held) = self.held.entry(address) {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }
}

/// A connection's place, until it is dropped.
pub(super) struct Place {
    places: Arc<Places>,
    number: usize,
    pub(super) seat: Arc<Seat>,
}

impl Place {
    /// The connection turns out to be this client's, whom a proxy relays: it counts for the client
    /// from now on.
    pub(super) fn count_for(&self, client: ClientAddress) -> Result<(), NoPlace> {
        // Whoever comes through a proxy stands for one client, whatever the address.
        let share = self.places.share(false);
        let client = client.counted_as();
        let mut state = self.places.state.lock();
        if state.held.get(&client).is_some_and(|held| *held >= share) {
            self.places.counts.count_refused();
            return Err(NoPlace::Share);
        }
        *state.held.entry(client).or_default() += 1;
        let slot = state.slots[self.number].as_mut();
        let before = slot.map(|slot| std::mem::replace(&mut slot.address, client));
        if let Some(before) = before {
            state.release(before);
        }
        Ok(())
    }

    /// Says what the connection's unread answers take. Beyond the bound the connections whose
    /// answers have been unread longest are closed.
    pub(super) fn note_unread(&self, address: ClientAddress, bytes: u64, bound: u64) {
        if bytes == self.seat.unread_bytes() {
            return;
        }
        let before = self.seat.note_unread(bytes);
        let total = self.places.counts.change_unread(before, bytes);
        if bytes > before && total > bound {
            self.places
                .troubles
                .tell(Trouble::Unread, address, &format_args!("{total} bytes"));
            self.places.relieve(bound);
        }
    }

    pub(super) fn counts(&self) -> &ConnectionCounts {
        &self.places.counts
    }

    pub(super) fn troubles(&self) -> &Troubles {
        &self.places.troubles
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let places = &self.places;
        places.counts.change_unread(self.seat.note_unread(0), 0);
        places.counts.closed();
        let mut state = places.state.lock();
        if let Some(slot) = state.slots[self.number].take() {
            if slot.leaving {
                state.leaving -= 1;
            } else {
                state.open -= 1;
            }
            state.release(slot.address);
            state.free.push(self.number);
        }
        drop(state);
        places.freed.notify_one();
    }
}
