//! Who is next to make room.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::connection_state::ConnectionState;
use super::seat::{Asked, Seat, Slot};

/// How many are found at a time. To find them costs a look at every connection, so in a flood it is
/// done once for many.
const AT_A_TIME: usize = 64;

/// How long answers must have been unread before their connection makes room for somebody: clients
/// that read are quicker.
const UNREAD_TIME: Duration = Duration::from_secs(5);

/// Connections that can make room, the first of them at the end.
///
/// Who has become idle since they were found has been so for less time than any of them, so the
/// order stays right as long as those who did something meanwhile are passed over.
#[derive(Default)]
pub(super) struct Candidates(Vec<Candidate>);

struct Candidate {
    number: usize,
    seat: Arc<Seat>,
    standing: ConnectionState,
}

impl Candidates {
    /// The next to make room, as its place in the slots, and how it is to do so.
    pub(super) fn next(&mut self, slots: &[Option<Slot>]) -> Option<(usize, Asked)> {
        self.next_found(slots).or_else(|| {
            self.find(slots);
            self.next_found(slots)
        })
    }

    fn next_found(&mut self, slots: &[Option<Slot>]) -> Option<(usize, Asked)> {
        while let Some(candidate) = self.0.pop() {
            let slot = slots.get(candidate.number).and_then(Option::as_ref);
            let is_there =
                slot.is_some_and(|slot| !slot.leaving && Arc::ptr_eq(&slot.seat, &candidate.seat));
            if is_there && candidate.seat.standing() == candidate.standing {
                return Some((candidate.number, candidate.how()));
            }
        }
        None
    }

    fn find(&mut self, slots: &[Option<Slot>]) {
        let unread_until = Instant::now() - UNREAD_TIME;
        let (mut idle, mut unread) = (Vec::new(), Vec::new());
        for (number, slot) in staying(slots) {
            let standing = slot.seat.standing();
            let (list, since) = match standing {
                ConnectionState::Idle(since) => (&mut idle, since),
                ConnectionState::Unread(since) if since <= unread_until => (&mut unread, since),
                ConnectionState::Unread(_) | ConnectionState::Busy => continue,
            };
            list.push((since, number, standing));
        }
        let mut found = if idle.is_empty() { unread } else { idle };
        if found.len() > AT_A_TIME {
            found.select_nth_unstable_by_key(AT_A_TIME, |(since, ..)| *since);
            found.truncate(AT_A_TIME);
        }
        found.sort_unstable_by_key(|(since, ..)| std::cmp::Reverse(*since));
        let candidate = |(_, number, standing): (Instant, usize, ConnectionState)| {
            let seat = Arc::clone(&slots.get(number)?.as_ref()?.seat);
            Some(Candidate {
                number,
                seat,
                standing,
            })
        };
        self.0 = found.into_iter().filter_map(candidate).collect();
    }
}

impl Candidate {
    fn how(&self) -> Asked {
        match self.standing {
            ConnectionState::Unread(_) => Asked::Close,
            ConnectionState::Idle(_) | ConnectionState::Busy => Asked::Leave,
        }
    }
}

fn staying(slots: &[Option<Slot>]) -> impl Iterator<Item = (usize, &Slot)> {
    let taken = slots.iter().enumerate();
    taken
        .filter_map(|(number, slot)| Some((number, slot.as_ref()?)))
        .filter(|(_, slot)| !slot.leaving)
}

/// Those whose answers have been unread longest, so many that what the others leave unread takes
/// less than seven eighths of the bound. None as long as the bound is kept: those that close
/// already no longer count.
pub(super) fn longest_unread(slots: &[Option<Slot>], bound: u64) -> Vec<Arc<Seat>> {
    let mut unread: Vec<(Instant, u64, &Arc<Seat>)> = slots
        .iter()
        .flatten()
        .map(|slot| &slot.seat)
        .filter(|seat| seat.asked() < Asked::Close && seat.unread_bytes() > 0)
        .filter_map(|seat| Some((seat.unread_since()?, seat.unread_bytes(), seat)))
        .collect();
    let mut total: u64 = unread.iter().map(|(_, bytes, _)| bytes).sum();
    if total <= bound {
        return Vec::new();
    }
    unread.sort_unstable_by_key(|(since, ..)| *since);
    // Some room at once, so that not every further answer needs a look at all connections.
    let wanted = bound - bound / 8;
    let mut leavers = Vec::new();
    for (_, bytes, seat) in unread {
        if total <= wanted {
            break;
        }
        total -= bytes;
        leavers.push(Arc::clone(seat));
    }
    leavers
}
