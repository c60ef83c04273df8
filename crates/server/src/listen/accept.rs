//! Accepts connections at one address, and gives each its place.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use counterfoil_domain::network::ClientAddress;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::connection::{Accepted, Shared};
use super::places::{LOOK_AGAIN, NoPlace, Place};
use super::service::Answerer;
use super::shutdown::Shutdown;
use super::stream::Stream;
use super::tls::TlsReloader;
use super::troubles::Trouble;

/// How long accepting pauses when the system has no room for another connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// To which place the next connection goes.
pub(super) struct Turns {
    /// Where it is accepted.
    own: usize,
    next: usize,
    /// None if it stays there.
    of: Option<usize>,
}

impl Turns {
    pub(super) fn new(own: usize, of: Option<usize>) -> Self {
        Self {
            own,
            next: own,
            of: of.filter(|of| *of > 1),
        }
    }

    /// The place of a connection; none if it stays.
    fn turn(&mut self) -> Option<usize> {
        let place = self.next;
        self.next = (place + 1) % self.of?;
        Some(place).filter(|place| *place != self.own)
    }
}

/// Accepts connections at one address.
pub(super) struct Acceptor<A> {
    pub(super) shared: Arc<Shared<A>>,
    pub(super) shutdown: Shutdown,
    pub(super) tls: Option<Arc<TlsReloader>>,
    pub(super) places: Arc<[Handle]>,
}

impl<A> Clone for Acceptor<A> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            shutdown: self.shutdown.clone(),
            tls: self.tls.clone(),
            places: Arc::clone(&self.places),
        }
    }
}

impl<A: Answerer> Acceptor<A> {
    /// Accepts until nothing new is to be begun, and then what was there already.
    pub(super) async fn accept_all<S: Stream>(self, listener: S::Free, mut turns: Turns) {
        let mut draining = self.shutdown.clone();
        let listener = match S::listen(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!(cause = %error, "cannot accept connections"),
        };
        tokio::select! {
            () = draining.draining() => {}
            () = self.accept_for_ever::<S>(&listener, &mut turns) => {}
        }
        let last = S::accept_last(listener).unwrap_or_else(|error| {
            tracing::error!(cause = %error, "connections were lost that waited to be accepted");
            Vec::new()
        });
        for (stream, address) in last {
            // Beyond the most connections nobody is waited for any more.
            if let Ok(place) = self.shared.connections.take(address) {
                self.place(stream, address, place, &mut turns);
            }
        }
    }

    async fn accept_for_ever<S: Stream>(&self, listener: &S::Listener, turns: &mut Turns) {
        loop {
            let (stream, address) = match S::accept(listener).await {
                Ok(accepted) => accepted,
                Err(error) if is_about_one_connection(&error) => continue,
                Err(error) => {
                    let troubles = &self.shared.connections.troubles;
                    troubles.tell(Trouble::Accept, ClientAddress::Unix, &error);
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            if let Some(place) = self.place_for(address).await {
                self.place(stream, address, place, turns);
            }
        }
    }

    /// A place for a connection from this address, once there is one; none if the address has as
    /// many as it may have, and then the connection is closed. Who waits here holds up nobody who
    /// could be served: there is room for no address.
    async fn place_for(&self, address: ClientAddress) -> Option<Place> {
        let places = &self.shared.connections;
        let mut told = false;
        loop {
            let freed = places.freed();
            match places.take(address) {
                Ok(place) => return Some(place),
                Err(NoPlace::Share) => {
                    let cause = "closed";
                    places.troubles.tell(Trouble::Share, address, &cause);
                    return None;
                }
                Err(NoPlace::Full) => {
                    if !std::mem::replace(&mut told, true) {
                        let cause = "waiting";
                        places.troubles.tell(Trouble::NoRoom, address, &cause);
                    }
                    // Whether it was freed or became idle: both are seen by looking.
                    let _ = timeout(LOOK_AGAIN, freed).await;
                }
            }
        }
    }

    /// Gives a connection its place.
    fn place<S: Stream>(&self, stream: S, address: ClientAddress, place: Place, turns: &mut Turns) {
        let connection = self.connection(place);
        let Some(place) = turns.turn() else {
            tokio::spawn(connection.run(stream, address));
            return;
        };
        let moving = match stream.leave() {
            Ok(moving) => moving,
            Err(error) => return tracing::error!(cause = %error, "a connection was lost"),
        };
        self.places[place].spawn(async move {
            match S::arrive(moving) {
                Ok(stream) => connection.run(stream, address).await,
                Err(error) => tracing::error!(cause = %error, "a connection was lost"),
            }
        });
    }

    fn connection(&self, place: Place) -> Connection<A> {
        Connection {
            shared: Arc::clone(&self.shared),
            shutdown: self.shutdown.clone(),
            tls: self.tls.clone(),
            place,
        }
    }
}

/// What a connection needs, wherever it runs.
struct Connection<A> {
    shared: Arc<Shared<A>>,
    shutdown: Shutdown,
    tls: Option<Arc<TlsReloader>>,
    place: Place,
}

impl<A: Answerer> Connection<A> {
    async fn run<S: Stream>(self, stream: S, address: ClientAddress) {
        let accepted = Accepted {
            stream,
            address,
            tls: self.tls,
            place: &self.place,
        };
        accepted.run(&self.shared, self.shutdown).await;
    }
}

/// Whether the client is to blame, so that the next connection may well succeed.
fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotConnected
            | io::ErrorKind::InvalidInput
    )
}
