//! A bounded queue that is fair to networks, whoever fills it.
//!
//! Waiters stand in a tree: a network of a site, in it networks of its customers, in those single
//! clients (see [`ClientAddress::networks`]). The next one is taken in turns (round robin) at each
//! level, so that a network gets one share however many addresses it has and however many of them
//! ask. When the queue is full, a newcomer takes the place of whoever came last in the network that
//! holds the most, if that holds at least two more than the newcomer's own; so a full queue is
//! shared out as evenly as it is served. Without that difference of two, networks of one waiter
//! each would push out each other for ever.
//!
//! [`ClientAddress::networks`]: counterfoil_domain::network::ClientAddress::networks

use std::collections::VecDeque;

use counterfoil_domain::network::Network;

/// Where a waiter stands: its networks, widest first.
pub(crate) type Path = [Option<Network>; 3];

/// Which of the waiters of a path.
pub(crate) type WaiterId = u64;

/// Waiters in fair order. All work is linear in the networks beside each other, and those are as
/// few as the places.
#[derive(Debug)]
pub(crate) struct FairQueue<T> {
    places: usize,
    root: Node<T>,
}

/// There is no place, and nobody holds so much that one may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

#[derive(Debug)]
struct Node<T> {
    network: Option<Network>,
    /// How many wait here and below.
    waiting: usize,
    /// The networks in this one in which somebody waits; whose turn is next stands first.
    networks: VecDeque<Node<T>>,
    /// Who waits right here: at the last level only.
    waiters: VecDeque<(WaiterId, T)>,
}

impl<T> FairQueue<T> {
    pub(crate) fn new(places: usize) -> Self {
        Self {
            places,
            root: Node::new(None),
        }
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.root.waiting
    }

    /// Lets somebody wait. Says who lost a place for it, if the queue was full.
    pub(crate) fn enter(
        &mut self,
        path: &Path,
        id: WaiterId,
        waiter: T,
    ) -> Result<Option<T>, Full> {
        let pushed_out = if self.root.waiting < self.places {
            None
        } else {
            Some(self.root.make_room(path).ok_or(Full)?)
        };
        self.root.enter(path, id, waiter);
        Ok(pushed_out)
    }

    /// Takes the one whose turn it is.
    pub(crate) fn next(&mut self) -> Option<T> {
        (self.root.waiting > 0).then(|| self.root.next()).flatten()
    }

    /// Takes somebody who waits no longer, if nobody has taken it before.
    pub(crate) fn leave(&mut self, path: &Path, id: WaiterId) -> Option<T> {
        self.root.leave(path, id)
    }
}

impl<T> Node<T> {
    fn new(network: Option<Network>) -> Self {
        Self {
            network,
            waiting: 0,
            networks: VecDeque::new(),
            waiters: VecDeque::new(),
        }
    }

    fn position(&self, network: Option<Network>) -> Option<usize> {
        self.networks
            .iter()
            .position(|inner| inner.network == network)
    }

    /// The network in this one in which the most wait.
    fn heaviest(&self) -> Option<usize> {
        (0..self.networks.len()).max_by_key(|index| self.networks[*index].waiting)
    }

    fn enter(&mut self, path: &[Option<Network>], id: WaiterId, waiter: T) {
        self.waiting += 1;
        let Some((network, path)) = path.split_first() else {
            self.waiters.push_back((id, waiter));
            return;
        };
        // Who comes back is last in turn, so that coming and going gains nothing.
        let index = self.position(*network).unwrap_or_else(|| {
            self.networks.push_back(Self::new(*network));
            self.networks.len() - 1
        });
        self.networks[index].enter(path, id, waiter);
    }

    fn next(&mut self) -> Option<T> {
        let taken = match self.networks.pop_front() {
            Some(mut network) => {
                let taken = network.next();
                if network.waiting > 0 {
                    self.networks.push_back(network);
                }
                taken
            }
            None => self.waiters.pop_front().map(|(_, waiter)| waiter),
        };
        self.count_taken(taken)
    }

    fn leave(&mut self, path: &[Option<Network>], id: WaiterId) -> Option<T> {
        let taken = if let Some((network, path)) = path.split_first() {
            let index = self.position(*network)?;
            let taken = self.networks[index].leave(path, id);
            self.forget_if_empty(index);
            taken
        } else {
            let index = self.waiters.iter().position(|(waiter, _)| *waiter == id)?;
            self.waiters.remove(index).map(|(_, waiter)| waiter)
        };
        self.count_taken(taken)
    }

    /// Takes a waiter out of the network that holds too much, seen from a newcomer on this path.
    fn make_room(&mut self, path: &[Option<Network>]) -> Option<T> {
        let (network, path) = path.split_first()?;
        let own = self.position(*network);
        let own_waiting = own.map_or(0, |index| self.networks[index].waiting);
        let heaviest = self.heaviest()?;
        let taken = if self.networks[heaviest].waiting >= own_waiting + 2 {
            let taken = self.networks[heaviest].push_out();
            self.forget_if_empty(heaviest);
            taken
        } else {
            self.networks[own?].make_room(path)
        };
        self.count_taken(taken)
    }

    /// Takes whoever came last to the heaviest client of the heaviest network.
    fn push_out(&mut self) -> Option<T> {
        let taken = match self.heaviest() {
            Some(index) => {
                let taken = self.networks[index].push_out();
                self.forget_if_empty(index);
                taken
            }
            None => self.waiters.pop_back().map(|(_, waiter)| waiter),
        };
        self.count_taken(taken)
    }

    fn count_taken(&mut self, taken: Option<T>) -> Option<T> {
        self.waiting -= usize::from(taken.is_some());
        taken
    }

    fn forget_if_empty(&mut self, index: usize) {
        if self.networks[index].waiting == 0 {
            self.networks.remove(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use counterfoil_domain::network::ClientAddress;

    use super::*;

    fn path(address: &str) -> Path {
        address.parse::<ClientAddress>().unwrap().networks()
    }

    /// A queue in which waiters are known by their addresses.
    struct Simulation {
        queue: FairQueue<String>,
        arrivals: WaiterId,
    }

    impl Simulation {
        fn new(places: usize) -> Self {
            Self {
                queue: FairQueue::new(places),
                arrivals: 0,
            }
        }

        fn arrive(&mut self, address: &str) -> Result<Option<String>, Full> {
            self.arrivals += 1;
            self.queue
                .enter(&path(address), self.arrivals, address.to_owned())
        }

        fn serve(&mut self, turns: usize) -> Vec<String> {
            (0..turns).filter_map(|_| self.queue.next()).collect()
        }
    }

    /// 90 networks of one customer's /56, each with an attempt at a time, that ask again as soon as
    /// they are answered.
    fn flood(simulation: &mut Simulation) {
        for number in 0..90 {
            let _ = simulation.arrive(&format!("2001:db8:0:{number:x}::1"));
        }
    }

    #[test]
    fn a_bystander_of_a_flood_from_one_network_is_served_within_two_turns() {
        let mut simulation = Simulation::new(32);
        for _ in 0..100 {
            flood(&mut simulation);
            simulation.arrive("198.51.100.7").unwrap();
            let served = simulation.serve(2);
            assert!(served.contains(&"198.51.100.7".to_owned()), "{served:?}");
        }
    }

    #[test]
    fn a_network_gets_one_share_however_many_addresses_it_has() {
        let mut simulation = Simulation::new(64);
        flood(&mut simulation);
        for number in 0..8 {
            simulation
                .arrive(&format!("2001:db8:1:100::{number}"))
                .unwrap();
            simulation.arrive(&format!("203.0.{number}.1")).unwrap();
        }
        let served = simulation.serve(12);
        let of = |head: &str| served.iter().filter(|who| who.starts_with(head)).count();
        assert_eq!(
            [of("2001:db8:0:"), of("2001:db8:1:"), of("203.0.")],
            [4, 4, 4]
        );
    }

    #[test]
    fn inside_a_network_its_parts_and_clients_take_turns_too() {
        let mut simulation = Simulation::new(64);
        for _ in 0..5 {
            simulation.arrive("192.0.2.1").unwrap();
        }
        for other in ["192.0.2.2", "192.0.3.1"] {
            simulation.arrive(other).unwrap();
        }
        let served = simulation.serve(7);
        let order = [
            "192.0.2.1",
            "192.0.3.1",
            "192.0.2.2",
            "192.0.2.1",
            "192.0.2.1",
            "192.0.2.1",
            "192.0.2.1",
        ];
        assert_eq!(served, order);
    }

    #[test]
    fn in_a_full_queue_a_newcomer_takes_the_newest_place_of_the_heaviest_network() {
        let mut simulation = Simulation::new(3);
        for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
            assert_eq!(simulation.arrive(address), Ok(None));
        }
        assert_eq!(simulation.arrive("192.0.2.4"), Err(Full));
        let pushed_out = simulation.arrive("198.51.100.7");
        assert_eq!(pushed_out, Ok(Some("192.0.2.3".to_owned())));
        // Two of one network and one of another: nobody holds so much that another may have some of
        // it.
        assert_eq!(simulation.arrive("198.51.100.7"), Err(Full));
        assert_eq!(
            simulation.arrive("203.0.113.1"),
            Ok(Some("192.0.2.2".to_owned()))
        );
        assert_eq!(simulation.arrive("10.0.0.1"), Err(Full));
        assert_eq!(simulation.queue.len(), 3);
    }

    #[test]
    fn in_a_full_queue_a_client_makes_room_for_another_one_of_its_network() {
        let mut simulation = Simulation::new(4);
        for _ in 0..3 {
            simulation.arrive("192.0.2.1").unwrap();
        }
        simulation.arrive("192.0.2.2").unwrap();
        assert_eq!(simulation.arrive("192.0.2.1"), Err(Full));
        assert_eq!(
            simulation.arrive("192.0.2.3"),
            Ok(Some("192.0.2.1".to_owned()))
        );
        assert_eq!(simulation.arrive("192.0.2.2"), Err(Full));
    }

    #[test]
    fn many_networks_of_one_waiter_each_leave_each_other_alone() {
        let mut simulation = Simulation::new(8);
        for number in 0..8 {
            simulation.arrive(&format!("10.{number}.0.1")).unwrap();
        }
        assert_eq!(simulation.arrive("172.16.0.1"), Err(Full));
        let served = simulation.serve(9);
        assert_eq!((served.len(), served[0].as_str()), (8, "10.0.0.1"));
    }

    #[test]
    fn whoever_leaves_makes_a_place() {
        let mut simulation = Simulation::new(1);
        simulation.arrive("192.0.2.1").unwrap();
        assert_eq!(simulation.arrive("198.51.100.7"), Err(Full));
        let left = simulation.queue.leave(&path("192.0.2.1"), 1);
        assert_eq!(left.as_deref(), Some("192.0.2.1"));
        assert_eq!(simulation.queue.leave(&path("192.0.2.1"), 1), None);
        assert_eq!(simulation.arrive("198.51.100.7"), Ok(None));
        assert_eq!(simulation.serve(2), ["198.51.100.7"]);
        assert_eq!(simulation.queue.len(), 0);
    }

    #[test]
    fn without_places_nobody_waits() {
        assert_eq!(Simulation::new(0).arrive("192.0.2.1"), Err(Full));
    }
}
